// pg-boss: a queue, so `task-1` alone, and without a history. Its worker polls at most twice a second; here fetch() and
// complete(), which it offers too, are called without a pause. Each job sent, fetched and completed by itself; jobs
// that lie ready; and such jobs fetched and completed in batches of 500.
import { PgBoss } from "pg-boss";
import { Results, connection, inFlight, measure, measureDrain, prepared, tell, workload } from "./load.mjs";

const queue = "bench";
const boss = new PgBoss({ ...connection, max: 20, supervise: false, schedule: false });
boss.on("error", (error) => {
  throw error;
});
await boss.start();
await boss.createQueue(queue);

let over = false;
async function loop(batchSize, settle) {
  while (!over) {
    const jobs = await boss.fetch(queue, { batchSize });
    if (jobs.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      continue;
    }
    await boss.complete(queue, jobs.map((job) => job.id));
    for (const job of jobs) settle(job, { n: job.data.n + 1 });
  }
}

const loops = [];
let report;
if (workload === "task-1") {
  const results = new Results();
  for (let i = 0; i < Math.min(inFlight, 4); ++i) loops.push(loop(1, (job, result) => results.settle(job.id, result)));
  report = await measure(async (n) => results.of(await boss.send(queue, { n })));
} else {
  const chunk = 1000;
  for (let from = 0; from < prepared; from += chunk) {
    const size = Math.min(chunk, prepared - from);
    await boss.insert(queue, Array.from({ length: size }, (_, i) => ({ data: { n: from + i } })));
  }
  const [count, batchSize] = workload === "task-1-ready" ? [4, 1] : [1, 500];
  report = await measureDrain((settled) => {
    for (let i = 0; i < count; ++i) loops.push(loop(batchSize, (job, result) => settled(job.data.n, result)));
  });
}
over = true;
await Promise.all(loops);
await boss.stop({ graceful: false });
tell(report);
process.exit(0);
