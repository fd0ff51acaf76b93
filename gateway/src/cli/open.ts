import { type Config, readConfig } from "../config.ts";
import { type Db, migrate, openDatabase } from "../store/database.ts";
import { startEmbeddedPostgres } from "../store/embedded/index.ts";
import { VENDORS } from "../vendors/registry.ts";

/** The settings as the gateway itself reads them. */
export const settings = (): Config => readConfig([...VENDORS.values()].map((vendor) => ({ id: vendor.id, ...vendor.environment })));

/** Runs `work` on the gateway's database: the running one is shared, a stopped one is started for as long as it takes. */
export async function withDatabase<T>(work: (db: Db, config: Config) => Promise<T>): Promise<T> {
  const config = settings();
  const postgres = config.databaseUrl === undefined ? await startEmbeddedPostgres({ dataDir: config.dataDir, log: () => undefined }) : undefined;
  const db = openDatabase(postgres?.connection ?? { connectionString: config.databaseUrl ?? "" }, () => undefined);
  try {
    await migrate(db);
    return await work(db, config);
  } finally {
    await db.destroy();
    await postgres?.stop();
  }
}

/** Prints facts as one JSON line (`--json`), or as a small table. */
export function print(rows: Record<string, unknown> | Record<string, unknown>[], json: boolean | undefined): void {
  if (json) console.log(JSON.stringify(rows));
  else if (Array.isArray(rows)) console.table(rows);
  else for (const [name, value] of Object.entries(rows)) console.log(`${name.padEnd(14)} ${String(value)}`);
}

/** Ends with a message for the operator. */
export function refuse(message: string): never {
  console.error(message);
  process.exit(1);
}
