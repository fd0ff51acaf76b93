import { CatalogError } from "../catalog/index.ts";
import { type Config, ConfigError } from "../config.ts";
import { readSettings } from "../process/settings.ts";
import { reason, StartError } from "../process/start-error.ts";
import { type Db, migrate, openDatabase, ping } from "../store/database.ts";
import { type AuditChange, changeAudited } from "../store/queries/audit.ts";
import { EmbeddedPostgresError, startEmbeddedPostgres } from "../store/embedded/index.ts";

/** Why a command does nothing, as a message for the operator. */
class Refusal extends Error {}

/** Ends the command with a message for the operator; what was opened is closed first. */
export function refuse(message: string): never {
  throw new Refusal(message);
}

/** Runs a command; what the operator can mend is told as a message, with exit status 1. */
async function told(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    const expected = error instanceof Refusal || error instanceof StartError || error instanceof ConfigError || error instanceof CatalogError || error instanceof EmbeddedPostgresError;
    if (!expected) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** Runs `work` on the gateway's database: the running one is shared, a stopped one is started for as long as it takes. */
export function withDatabase(work: (db: Db, config: Config) => Promise<void>): Promise<void> {
  return told(async () => {
    const config = readSettings();
    const postgres = config.databaseUrl === undefined ? await startEmbeddedPostgres({ dataDir: config.dataDir, log: () => undefined }) : undefined;
    const db = openDatabase(postgres?.connection ?? { connectionString: config.databaseUrl ?? "" }, () => undefined);
    try {
      await ping(db).catch((error: unknown) => refuse(`The database cannot be used: ${reason(error)}.`));
      await migrate(db);
      await work(db, config);
    } finally {
      await db.destroy();
      await postgres?.stop();
    }
  });
}

/** Changes the database in one transaction, which keeps what `note` was told in the audit log, as it does of a change by the API; who sits at the command line is not known. */
export const changed = <Result>(db: Db, work: (tx: Db, note: (change: AuditChange) => void) => Promise<Result>): Promise<Result> => changeAudited(db, { actorId: undefined, requestId: `cli-${Bun.randomUUIDv7()}` }, [], work);

/** Prints facts as one JSON line (`--json`), or as a small table. */
export function print(rows: Record<string, unknown> | Record<string, unknown>[], json: boolean | undefined): void {
  if (json) console.log(JSON.stringify(rows));
  else if (Array.isArray(rows)) console.table(rows);
  else for (const [name, value] of Object.entries(rows)) console.log(`${name.padEnd(14)} ${String(value)}`);
}
