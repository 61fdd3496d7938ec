// The handlers that Restate calls: one ctx.run each task. Prints its port when it listens.
import * as restate from "@restatedev/restate-sdk";
import { createServer } from "node:http2";

const bench = restate.service({
  name: "bench",
  handlers: {
    start: async (context) => context.run("only", () => ({ ok: true })),
    chain: async (context, { n }) => {
      for (let i = 0; i < 10; ++i) {
        const from = n;
        n = await context.run(`add${i}`, () => from + 1);
      }
      return { n };
    },
    task: async (context, { n }) => context.run("work", () => ({ n: n + 1 })),
  },
});

const server = createServer(restate.createEndpointHandler({ services: [bench] }));
server.listen(0, "127.0.0.1", () => process.stdout.write(JSON.stringify({ port: server.address().port }) + "\n"));
