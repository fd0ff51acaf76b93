/**
 * The composition root: settings -> store -> services -> doors -> listen.
 * `bun gateway/src/main.ts start` runs the gateway; `--worker` is how the supervisor starts its own processes.
 */
import { join } from "node:path";
import { CatalogError, loadCatalog } from "./catalog/index.ts";
import { configuredChannels } from "./channels/sources.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { createLogger } from "./observe/log.ts";
import { greeting } from "./process/greeting.ts";
import { firstStart } from "./process/first-start.ts";
import { lockFolder } from "./process/folder-lock.ts";
import { runGateway, type RunningGateway } from "./process/gateway.ts";
import { startSandboxProcess } from "./process/sandbox-process.ts";
import { superviseWorkers, type WorkerMessage } from "./process/supervisor.ts";
import { type Connection, migrate, openDatabase } from "./store/database.ts";
import { EmbeddedPostgresError, startEmbeddedPostgres } from "./store/embedded/index.ts";
import { removeProcess, settleBatch } from "./store/queries/money.ts";
import { VENDORS } from "./vendors/registry.ts";
import { recoverJournals } from "./wallet/recovery.ts";
import { SetAside } from "./wallet/set-aside.ts";

const vendorEnvironment = [...VENDORS.values()].map((vendor) => ({ id: vendor.id, ...vendor.environment }));

if (process.argv.includes("--worker")) worker();
else await start().catch(fail);

async function start(): Promise<void> {
  const startedAt = performance.now();
  const config = readConfig(vendorEnvironment);
  loadCatalog({ models: config.models, groups: config.groups });
  const log = createLogger(config.logLevel);
  const unlock = lockFolder(config.dataDir);
  const embedded = config.databaseUrl === undefined ? startEmbeddedPostgres({ dataDir: config.dataDir, log: ({ level, message, detail }) => log[level](detail ?? {}, message) }) : undefined;
  const sandbox = config.sandbox === "off" ? undefined : startSandboxProcess();
  const [postgres, simulators] = await Promise.all([embedded, sandbox]);
  if (postgres) log.info({ how: postgres.how }, "embedded Postgres");
  const connection: Connection = postgres?.connection ?? { connectionString: config.databaseUrl ?? "" };

  const db = openDatabase(connection, () => undefined);
  const migrated = await migrate(db);
  if (migrated.length > 0) log.info({ migrations: migrated }, "schema brought up to date");
  const aside = new SetAside(join(config.dataDir, "journal"));
  const recover = async (alive: ReadonlySet<string>): Promise<void> => {
    const recovery = await recoverJournals(join(config.dataDir, "journal"), alive, {
      settleBatch: (processId, records) => settleBatch(db, processId, records),
      removeProcess: (processId) => removeProcess(db, processId),
    }, aside);
    if (recovery.setAside > 0) log.error(recovery, "the database refuses records of ended processes; they were set aside in the journal folder");
    if (recovery.files > 0) log.info(recovery, "journals of ended processes applied");
  };
  await recover(new Set());
  const credentials = await firstStart(db, config);

  const boot = { config, connection, sandboxUrl: simulators?.url, sharePort: config.workers > 1 };
  let running: Pick<RunningGateway, "stop">;
  if (config.workers > 1) running = await superviseWorkers(config.workers, boot, recover);
  else {
    await db.destroy();
    running = await runGateway({ ...boot, processId: Bun.randomUUIDv7() });
  }
  const simulated = simulators ? simulatedVendors(config) : [];
  process.stdout.write(greeting({ config, credentials, simulated, sandboxUrl: simulators?.url, readyMs: performance.now() - startedAt }));

  let ending = false;
  const end = (signal: string): void => {
    if (ending) return;
    ending = true;
    log.info({ signal }, "stopping");
    void (async () => {
      await running.stop();
      if (config.workers > 1) {
        await recover(new Set());
        await db.destroy();
      }
      simulators?.stop();
      await postgres?.stop();
      unlock();
      process.exit(0);
    })().catch(fail);
  };
  process.on("SIGTERM", () => end("SIGTERM"));
  process.on("SIGINT", () => end("SIGINT"));
}

/** Vendors whose live traffic a simulator answers. */
function simulatedVendors(config: Config): string[] {
  const real = new Set(configuredChannels(config).map((channel) => channel.vendor));
  return [...VENDORS.keys()].filter((vendor) => !real.has(vendor));
}

/** A process of the supervisor's: told by message what to do; ends with it. */
function worker(): void {
  let running: RunningGateway | undefined;
  const stop = (): void => void (running?.stop() ?? Promise.resolve()).then(() => process.exit(0), () => process.exit(1));
  process.on("message", (message: WorkerMessage) => {
    if ("stop" in message) stop();
    else
      runGateway(message.boot).then(
        (gateway) => {
          running = gateway;
          process.send?.("ready");
        },
        (error: unknown) => fail(error),
      );
  });
  process.on("disconnect", stop);
  // The supervisor hears the terminal's signals and tells us in order.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", stop);
}

function fail(error: unknown): never {
  const expected = error instanceof ConfigError || error instanceof EmbeddedPostgresError || error instanceof CatalogError;
  process.stderr.write(`${expected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
