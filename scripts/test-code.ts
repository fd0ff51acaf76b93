/**
 * Runs the tests of the code: `npm run test:code [-- files and flags of bun test]`. Test files run in several processes at a time, since most of their time they wait; all share one database server.
 */
import { SERVER_VARIABLE, startTestServer, stopTestServer } from "../gateway/src/testing/postgres.ts";

const PROCESSES = 3;

const server = await startTestServer();
const tests = Bun.spawn([process.execPath, "test", "--timeout", "30000", `--parallel=${PROCESSES}`, "--no-isolate", ...process.argv.slice(2)], {
  env: { ...process.env, [SERVER_VARIABLE]: JSON.stringify(server), BUN_CONFIG_MAX_HTTP_REQUESTS: "65336" },
  stdio: ["inherit", "inherit", "inherit"],
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => tests.kill(signal));
const code = await tests.exited;
await stopTestServer();
process.exit(code);
