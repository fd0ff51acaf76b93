import { join } from "node:path";
import { vendorsServed } from "../channels/channel.ts";
import { configuredChannels } from "../channels/sources.ts";
import type { Config } from "../config.ts";
import { createLogger, type Logger } from "../observe/log.ts";
import { type Connection, type Db, migrate, openDatabase, ping } from "../store/database.ts";
import { startEmbeddedPostgres } from "../store/embedded/index.ts";
import { allChannels } from "../store/queries/channels.ts";
import { removeProcess, settleBatch } from "../store/queries/money.ts";
import { VENDORS } from "../vendors/registry.ts";
import { recoverJournals } from "../wallet/recovery.ts";
import { SetAside } from "../wallet/set-aside.ts";
import { firstStart } from "./first-start.ts";
import { lockFolder } from "./folder-lock.ts";
import { runGateway } from "./gateway.ts";
import { credentialsText, readyText } from "./greeting.ts";
import { livingOwners } from "./journal-owners.ts";
import { openSecretBox } from "./master-key.ts";
import { watchPostgres } from "./postgres-watch.ts";
import { startSandboxProcess } from "./sandbox-process.ts";
import { readSettings } from "./settings.ts";
import { reason, StartError } from "./start-error.ts";
import { superviseWorkers } from "./supervisor.ts";

/** How often a worker that outlived its killed supervisor is looked at; it ends within YESCALE_SHUTDOWN_SECONDS. */
const STRAY_LOOK_MS = 1_000;

export interface StartedGateway {
  log: Logger;
  /** Ends everything in the reverse order of its start. */
  stop(): Promise<void>;
}

/**
 * Brings everything up: settings, folder lock, database and simulators, schema, journals of the dead, credentials, then the serving processes. What was started is ended again when a later step fails.
 * `write` shows text to the operator. Throws ConfigError, EmbeddedPostgresError or StartError with a message for the operator.
 */
export async function startAll({ startedAt, write }: { startedAt: number; write: (text: string) => void }): Promise<StartedGateway> {
  const config = readSettings();
  const log = createLogger(config.logLevel);
  const ends: (() => unknown)[] = [];
  // Each end is tried, whatever another throws: a database left behind is worse than an error told late.
  const stop = async (): Promise<void> => {
    const faults: unknown[] = [];
    for (const end of ends.splice(0).toReversed()) await Promise.try(end).catch((fault: unknown) => faults.push(fault));
    if (faults.length > 0) throw faults[0];
  };
  try {
    await bringUp(config, log, ends, { startedAt, write });
  } catch (error) {
    await stop().catch((second: unknown) => log.error({ error: reason(second) }, "stopping after a failed start"));
    throw error;
  }
  return { log, stop };
}

async function bringUp(config: Config, log: Logger, ends: (() => unknown)[], { startedAt, write }: { startedAt: number; write: (text: string) => void }): Promise<void> {
  ends.push(lockFolder(config.dataDir));
  const [postgres, simulators] = await bothOrNone(
    config.databaseUrl === undefined
      ? startEmbeddedPostgres({ dataDir: config.dataDir, log: ({ level, message, detail }) => log[level](detail ?? {}, message) }).then((started) => {
          ends.push(started.stop);
          ends.push(watchPostgres(started, log));
          return started;
        })
      : undefined,
    config.sandbox === "off"
      ? undefined
      : startSandboxProcess(log).then((started) => {
          ends.push(started.stop);
          return started;
        }),
  );
  const connection: Connection = postgres?.connection ?? { connectionString: config.databaseUrl ?? "" };

  const strays = livingOwners(join(config.dataDir, "journal"));
  const recover = (): Promise<void> => withConnection(connection, (db) => recoverDead(config, db, log));
  let storedVendors: string[] = [];
  const credentials = await withConnection(connection, async (db) => {
    await ping(db).catch((error: unknown) => {
      throw new StartError(`The database cannot be used${config.databaseUrl === undefined ? "" : ` (DATABASE_URL, ${addressOf(config.databaseUrl)})`}: ${reason(error)}.`);
    });
    const migrated = await migrate(db);
    if (migrated.length > 0) log.info({ migrations: migrated }, "schema brought up to date");
    await openSecretBox(db, config);
    await recoverDead(config, db, log);
    storedVendors = (await allChannels(db)).map((channel) => channel.vendor);
    const made = await firstStart(db, config);
    // Shown at once: whatever fails from here on, nobody can make them again.
    if (made) write(credentialsText(made));
    return made;
  });

  const boot = { config, connection, sandboxUrl: simulators?.url, sharePort: config.workers > 1 };
  const running =
    config.workers > 1
      ? await superviseWorkers({ count: config.workers, boot, recover, log })
      : await runGateway({ ...boot, processId: Bun.randomUUIDv7(), worker: 0 });
  ends.push(recoverStrays(strays, config, recover, log));
  if (config.workers > 1) ends.push(recover);
  ends.push(() => running.stop());
  write(readyText({ url: running.url, credentials, simulated: simulators ? simulatedVendors(config, storedVendors) : [], readyMs: performance.now() - startedAt }));
}

/** Waits for both, also when one fails, so that what the other started is known and can be ended. */
async function bothOrNone<A, B>(a: Promise<A> | undefined, b: Promise<B> | undefined): Promise<[A | undefined, B | undefined]> {
  await Promise.allSettled([a, b]);
  return [await a, await b];
}

async function withConnection<T>(connection: Connection, work: (db: Db) => Promise<T>): Promise<T> {
  const db = openDatabase(connection, () => undefined);
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

/** Applies the journals of processes that are no more. */
async function recoverDead(config: Config, db: Db, log: Logger): Promise<void> {
  const folder = join(config.dataDir, "journal");
  const recovery = await recoverJournals(
    folder,
    livingOwners(folder),
    {
      settleBatch: (processId, records) => settleBatch(db, processId, records),
      removeProcess: (processId) => removeProcess(db, processId),
    },
    new SetAside(folder),
  );
  if (recovery.setAside > 0) log.error(recovery, "the database refuses records of ended processes; they were set aside in the journal folder");
  if (recovery.files > 0) log.info(recovery, "journals of ended processes applied");
}

/** Workers of a killed supervisor still finish their streams: the journal of each is applied when it has ended. Gives the function that ends the wait. */
function recoverStrays(strays: ReadonlySet<string>, config: Config, recover: () => Promise<void>, log: Logger): () => void {
  if (strays.size === 0) return () => undefined;
  log.warn({ processes: [...strays] }, "workers of a killed gateway still run; their journals are applied when they end");
  let before = strays.size;
  const timer = setInterval(() => {
    const living = [...livingOwners(join(config.dataDir, "journal"))].filter((id) => strays.has(id)).length;
    if (living === before) return;
    before = living;
    recover().then(
      () => living === 0 && clearInterval(timer),
      (error: unknown) => {
        log.error({ error: reason(error) }, "the journal of an ended worker could not be applied yet");
        before = -1;
      },
    );
  }, STRAY_LOOK_MS);
  return () => clearInterval(timer);
}

/** Host and database of an address, without the password. */
function addressOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

/** Vendors whose live traffic a simulator answers. */
function simulatedVendors(config: Config, storedVendors: readonly string[]): string[] {
  const real = new Set([...configuredChannels(config).map((channel) => channel.vendor), ...storedVendors].flatMap((vendor) => vendorsServed(vendor)));
  // Servers of one's own have no models until the settings name them.
  return [...VENDORS.values()].filter((vendor) => !vendor.keyless && vendor.modelsOf === undefined && !real.has(vendor.id)).map((vendor) => vendor.id);
}
