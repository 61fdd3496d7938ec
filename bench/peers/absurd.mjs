// absurd. A worker in this process claims in batches. Its awaitTaskResult asks for each task by itself, with pauses that
// grow; here one statement asks for all that are in flight, every 2 ms, which is kinder to it.
import { Absurd } from "absurd-sdk";
import { readFileSync } from "node:fs";
import pg from "pg";
import { Results, connection, inFlight, measure, options, tell, workload } from "./load.mjs";

const queue = "bench";
const pool = new pg.Pool({ ...connection, max: 20 });
const installed = await pool.query("SELECT to_regnamespace('absurd') IS NOT NULL AS here");
if (!installed.rows[0].here) await pool.query(readFileSync(options.schema, "utf8"));
const app = new Absurd({ db: pool, queueName: queue });
await app.createQueue(queue);

app.registerTask({ name: "start" }, async (_, context) => context.step("only", async () => ({ ok: true })));
app.registerTask({ name: "chain-10" }, async ({ n }, context) => {
  for (let i = 0; i < 10; ++i) {
    const from = n;
    n = await context.step(`add${i}`, async () => from + 1);
  }
  return { n };
});
app.registerTask({ name: "task-1" }, async ({ n }, context) => context.step("work", async () => ({ n: n + 1 })));

const worker = await app.startWorker({ concurrency: Math.max(inFlight, 1), pollInterval: 0.002 });
const results = new Results();
let over = false;
const watching = (async () => {
  while (!over) {
    const waiting = results.waiting;
    if (waiting.length > 0) {
      const { rows } = await pool.query({
        name: "ended",
        text: `SELECT task_id, state, completed_payload FROM absurd.t_${queue}
               WHERE task_id = ANY($1) AND state IN ('completed', 'failed', 'cancelled')`,
        values: [waiting],
      });
      for (const row of rows) results.settle(row.task_id, row.state === "completed" ? row.completed_payload : row.state);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
})();

const report = await measure(async (n) => results.of((await app.spawn(workload, { n })).taskID));
over = true;
await watching;
await worker.close();
await pool.end();
tell(report);
process.exit(0);
