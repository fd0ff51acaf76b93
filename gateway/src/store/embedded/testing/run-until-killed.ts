/**
 * A gateway for the tests to kill: starts the database of the folder in its first argument, tells one line of JSON, and then
 * waits. SIGTERM stops it properly; a start that fails tells the error's code and text.
 */
import { EmbeddedPostgresError, startEmbeddedPostgres } from "../index.ts";

const tell = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

try {
  const postgres = await startEmbeddedPostgres({ dataDir: process.argv[2] ?? "", log: () => undefined });
  tell({ how: postgres.how, connection: postgres.connection });
  const keepAlive = setInterval(() => undefined, 1_000);
  process.on("SIGTERM", () => void postgres.stop().then(() => clearInterval(keepAlive)));
} catch (error) {
  if (!(error instanceof EmbeddedPostgresError)) throw error;
  tell({ code: error.code, message: error.message });
}
