// DBOS Transact. Workflows run in the process that starts them, which its documentation calls the fast way; `task-1` goes
// through a queue, whose polling is set as often as it allows. Pools of 5 to 50 connections were tried: with 10 to 20 it does most.
import { DBOS } from "@dbos-inc/dbos-sdk";
import pg from "pg";
import { connection, inFlight, measure, tell, workload } from "./load.mjs";

const pool = new pg.Pool({ ...connection, max: 20 });
DBOS.setConfig({ name: "pawl-bench", systemDatabasePool: pool, logLevel: "error" });

const start = DBOS.registerWorkflow(
  async () => DBOS.runStep(async () => ({ ok: true }), { name: "only" }),
  { name: "start" },
);
const chain = DBOS.registerWorkflow(
  async (n) => {
    for (let i = 0; i < 10; ++i) {
      const from = n;
      n = await DBOS.runStep(async () => from + 1, { name: `add${i}` });
    }
    return { n };
  },
  { name: "chain-10" },
);
const task = DBOS.registerWorkflow(
  async (n) => DBOS.runStep(async () => ({ n: n + 1 }), { name: "work" }),
  { name: "task-1" },
);

await DBOS.launch();
const queueName = "bench";
let pollingIntervalMs;
if (workload === "task-1") {
  await DBOS.registerQueue(queueName, { workerConcurrency: Math.max(inFlight, 10), minPollingIntervalMs: 10 });
  pollingIntervalMs = 10;
}
const ways = {
  start: async (n) => (await DBOS.startWorkflow(start)(n)).getResult(),
  "chain-10": async (n) => (await DBOS.startWorkflow(chain)(n)).getResult(),
  "task-1": async (n) => (await DBOS.startWorkflow(task, { queueName })(n)).getResult({ pollingIntervalMs }),
};
tell(await measure(ways[workload]));
await DBOS.shutdown();
await pool.end();
process.exit(0);
