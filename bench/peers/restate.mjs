// Restate's server by its HTTP ingress, one request a run, over connections that are kept open. `task-1` is the same as
// `start` there: every handler is work for a service that is called.
import { Agent, request } from "node:http";
import { inFlight, measure, options, tell, workload } from "./load.mjs";

const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
const handler = { start: "start", "chain-10": "chain", "task-1": "task" }[workload];
const address = new URL(`/bench/${handler}`, options.restate);

function call(n) {
  const body = JSON.stringify({ n });
  return new Promise((resolve, reject) => {
    const sent = request(
      address,
      { agent, method: "POST", headers: { "content-type": "application/json", "content-length": body.length } },
      (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("end", () => {
          const text = Buffer.concat(parts).toString();
          answer.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(`${answer.statusCode} ${text}`));
        });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

tell(await measure(call));
process.exit(0);
