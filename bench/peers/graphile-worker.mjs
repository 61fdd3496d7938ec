// graphile-worker: a queue, so `task-1` alone, and without a history. Each job added by itself; jobs that lie ready; and such jobs
// with its local queue and batched completion, which its documentation recommends for speed.
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { EventEmitter } from "node:events";
import pg from "pg";
import { Results, connection, inFlight, measure, measureDrain, prepared, tell, workload } from "./load.mjs";

const pgPool = new pg.Pool({ ...connection, max: 20 });
// It warns unless somebody listens for lost connections; one would end the measurement anyway.
pgPool.on("error", (error) => {
  throw error;
});
pgPool.on("connect", (client) => client.on("error", () => {}));
const logger = new Logger(() => () => {});
const utils = await makeWorkerUtils({ pgPool, logger });
await utils.migrate();

// `settle(job, result)` is called after the result has been written back, so that it is as durable as ours.
function work(settle, worker) {
  const events = new EventEmitter();
  const given = new Map();
  events.on("job:complete", ({ job, error }) => {
    settle(job, error ? String(error) : given.get(job.id));
    given.delete(job.id);
  });
  const taskList = { work: async ({ n }, helpers) => void given.set(helpers.job.id, { n: n + 1 }) };
  return run({ pgPool, events, logger, taskList, noHandleSignals: true, pollInterval: 100, preset: { worker } });
}

let runner;
if (workload === "task-1") {
  const results = new Results();
  runner = await work((job, result) => results.settle(String(job.id), result), { concurrentJobs: Math.min(inFlight, 12) });
  tell(await measure(async (n) => results.of(String((await utils.addJob("work", { n })).id))));
} else {
  const chunk = 1000;
  for (let from = 0; from < prepared; from += chunk) {
    const size = Math.min(chunk, prepared - from);
    await utils.addJobs(Array.from({ length: size }, (_, i) => ({ identifier: "work", payload: { n: from + i } })));
  }
  const ways = {
    "task-1-ready": { concurrentJobs: 12 },
    "task-1-batched": { concurrentJobs: 24, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
  };
  const drain = async (settled) => {
    runner = await work((job, result) => settled(job.payload.n, result), ways[workload]);
  };
  tell(await measureDrain(drain));
}
await runner.stop();
await utils.release();
await pgPool.end();
process.exit(0);
