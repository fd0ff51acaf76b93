/** Starts the sandbox from the command line. */
import { parseArgs } from "node:util";
import { startSandbox } from "./server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "4010" },
    host: { type: "string", default: "127.0.0.1" },
    record: { type: "string", default: "all" },
    pace: { type: "string", default: "fast" },
    "exit-with-parent": { type: "boolean", default: false },
  },
});
const port = Number(values.port);
if (
  !Number.isInteger(port) ||
  port < 0 ||
  port > 65_535 ||
  (values.record !== "all" && values.record !== "totals") ||
  (values.pace !== "fast" && values.pace !== "real")
) {
  console.error(
    "usage: bun simulators/src/main.ts [--port 4010] [--host 127.0.0.1] [--record all|totals] [--pace fast|real] [--exit-with-parent]",
  );
  process.exit(2);
}
const sandbox = await startSandbox({ port, hostname: values.host, record: values.record, pace: values.pace });
console.log(JSON.stringify({ ready: true, url: sandbox.url }));

const leave = (): void => void sandbox.stop().finally(() => process.exit(0));
process.on("SIGTERM", leave);
process.on("SIGINT", leave);
if (values["exit-with-parent"]) {
  process.stdin.on("end", leave).on("close", leave);
  process.stdin.resume();
}
