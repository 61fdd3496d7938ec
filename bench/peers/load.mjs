// What all drivers share: options, a closed loop of N in flight that checks every result, and the report, which has the
// form of `pawl bench --output json`.
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "in-flight": { type: "string", default: "64" },
    seconds: { type: "string", default: "5" },
    count: { type: "string" },
    host: { type: "string" }, // the folder of PostgreSQL's socket
    port: { type: "string", default: "5432" },
    user: { type: "string", default: "postgres" },
    database: { type: "string" },
    schema: { type: "string" }, // a file of SQL that the peer needs first
    restate: { type: "string" }, // the address of Restate's ingress
  },
});

export const workload = positionals[0];
export const inFlight = Number(values["in-flight"]);
export const options = values;
export const connection = {
  host: values.host,
  port: Number(values.port),
  user: values.user,
  database: values.database,
};

const tasksOf = { start: 1, "chain-10": 10, "task-1": 1 };
const expectedOf = {
  start: () => ({ ok: true }),
  "chain-10": (n) => ({ n: n + 10 }),
  "task-1": (n) => ({ n: n + 1 }),
};

// The smallest value that at least that share of all do not exceed, in whole microseconds.
function percentile(sorted, share) {
  if (sorted.length === 0) return 0;
  const rank = Math.min(Math.max(Math.ceil(share * sorted.length), 1), sorted.length);
  return Math.round(sorted[rank - 1] * 1000);
}

// Work that lies ready: `drain` does all of it and calls settled(n, result) for each. There is no latency to tell.
export const prepared = options.count === undefined ? (workload === "task-1-ready" ? 5_000 : 20_000) : Number(options.count);
export async function measureDrain(drain) {
  const seen = new Set();
  let began;
  await new Promise((resolve) => {
    const settled = (n, result) => {
      if (seen.has(n) || n < 0 || n >= prepared || result.n !== n + 1) throw new Error(`${workload}: ${n} gave ${JSON.stringify(result)}`);
      seen.add(n);
      if (seen.size === prepared) resolve();
    };
    began = performance.now();
    drain(settled);
  });
  const seconds = (performance.now() - began) / 1000;
  const perSecond = Math.round(prepared / seconds);
  return { workload, unit: "runs", inFlight: prepared, done: prepared, failed: 0, seconds, perSecond, tasksPerSecond: perSecond };
}

// `one(n)` starts number n and gives its result once that is durable.
export async function measure(one) {
  const expected = expectedOf[workload];
  if (!expected) throw new Error(`there is no workload '${workload}'`);
  const count = values.count === undefined ? Infinity : Number(values.count);
  const measured = Number(values.seconds) * 1000;
  const warmUp = count === Infinity ? Math.min(2000, measured / 5) : 0;
  const from = performance.now() + warmUp;
  const until = count === Infinity ? from + measured : Infinity;
  const latencies = [];
  let sent = 0;
  let last = from;

  const loop = async () => {
    while (sent < count && performance.now() < until) {
      const n = sent++;
      const began = performance.now();
      const result = await one(n);
      const now = performance.now();
      if (JSON.stringify(result) !== JSON.stringify(expected(n))) {
        throw new Error(`${workload}: run ${n} gave ${JSON.stringify(result)}, not ${JSON.stringify(expected(n))}`);
      }
      if (now < from || now >= until) continue;
      latencies.push(now - began);
      last = now;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, loop));

  latencies.sort((a, b) => a - b);
  const seconds = ((count === Infinity ? until : last) - from) / 1000;
  const perSecond = latencies.length / seconds;
  return {
    workload,
    unit: "runs",
    inFlight,
    done: latencies.length,
    failed: 0,
    seconds: Math.round(seconds * 1000) / 1000,
    perSecond: Math.round(perSecond),
    tasksPerSecond: Math.round(perSecond * tasksOf[workload]),
    latencyMicroseconds: {
      p50: percentile(latencies, 0.5),
      p95: percentile(latencies, 0.95),
      p99: percentile(latencies, 0.99),
      p999: percentile(latencies, 0.999),
    },
  };
}

export function tell(report) {
  process.stdout.write(JSON.stringify(report) + "\n");
}

// Promises of work that is done elsewhere in this process, by its id. Either side may come first.
export class Results {
  #known = new Map();
  #waiting = new Map();

  settle(id, result) {
    const waiter = this.#waiting.get(id);
    if (waiter === undefined) return void this.#known.set(id, result);
    this.#waiting.delete(id);
    waiter(result);
  }

  of(id) {
    if (this.#known.has(id)) {
      const result = this.#known.get(id);
      this.#known.delete(id);
      return Promise.resolve(result);
    }
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  get waiting() {
    return [...this.#waiting.keys()];
  }
}
