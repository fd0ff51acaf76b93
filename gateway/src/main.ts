/**
 * The entry: `bun gateway/src/main.ts start` runs the gateway; `--worker` is how the supervisor starts its own processes. What is started, and in which order, stands in process/start.ts.
 */
import { ConfigError } from "./config.ts";
import { startAll } from "./process/start.ts";
import { StartError } from "./process/start-error.ts";
import { runWorker } from "./process/worker.ts";
import { EmbeddedPostgresError } from "./store/embedded/index.ts";

if (process.argv.includes("--worker")) runWorker();
else await run().catch(fail);

/** Starts, then stops in order at the first signal, also when that comes during the start. */
async function run(): Promise<void> {
  const told = Promise.withResolvers<string>();
  process.on("SIGTERM", () => told.resolve("SIGTERM"));
  process.on("SIGINT", () => told.resolve("SIGINT"));
  const gateway = await startAll({ startedAt: performance.now(), write: (text) => void process.stdout.write(text) });
  gateway.log.info({ signal: await told.promise }, "stopping");
  await gateway.stop();
  process.exit(0);
}

function fail(error: unknown): never {
  const expected = error instanceof ConfigError || error instanceof EmbeddedPostgresError || error instanceof StartError;
  process.stderr.write(`${expected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
