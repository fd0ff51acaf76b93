import { Kysely, Migrator, PostgresDialect, sql } from "kysely";
import pg from "pg";
import * as spine from "./migrations/0001-spine.ts";
import * as channelWeight from "./migrations/0002-channel-weight.ts";
import * as settleJson from "./migrations/0003-settle-json.ts";
import * as storedResponses from "./migrations/0010-stored-responses.ts";
import * as ownDebt from "./migrations/0011-own-debt.ts";
import * as settleBudgets from "./migrations/0012-settle-budgets.ts";
import * as taskHolds from "./migrations/0020-task-holds.ts";
import * as tasks from "./migrations/0021-tasks.ts";
import * as taskMoves from "./migrations/0022-task-moves.ts";
import * as taskNotices from "./migrations/0023-task-notices.ts";
import * as openTasks from "./migrations/0024-open-tasks.ts";
import * as turnsWithinDeadline from "./migrations/0028-turns-within-deadline.ts";
import * as turnsWithoutNews from "./migrations/0029-turns-without-news.ts";
import * as audit from "./migrations/0030-audit.ts";
import * as organisations from "./migrations/0031-organisations.ts";
import * as logs from "./migrations/0032-logs.ts";
import * as identity from "./migrations/0033-identity.ts";
import * as operators from "./migrations/0034-operators.ts";
import * as taskLists from "./migrations/0035-task-lists.ts";
import * as limits from "./migrations/0040-limits.ts";
import * as usage from "./migrations/0041-usage.ts";
import * as catalog from "./migrations/0042-catalog.ts";
import * as usageErrors from "./migrations/0043-usage-errors.ts";
import * as capture from "./migrations/0044-capture.ts";
import * as ownLimits from "./migrations/0045-own-limits.ts";
import * as codes from "./migrations/0060-codes.ts";
import * as imports from "./migrations/0080-imports.ts";
import * as orders from "./migrations/0061-orders.ts";
import * as toldRefunds from "./migrations/0062-told-refunds.ts";
import * as balanceNotices from "./migrations/0063-balance-notices.ts";
import * as organisationNotices from "./migrations/0090-organisation-notices.ts";
import * as tasksByBatch from "./migrations/0130-tasks-by-batch.ts";
import * as turnsBegun from "./migrations/0131-turns-begun.ts";
import * as genericPlans from "./migrations/0132-generic-plans.ts";
import * as noFirstByte from "./migrations/0140-no-first-byte.ts";
import * as priceChanges from "./migrations/0141-price-changes.ts";
import * as cancelWishes from "./migrations/0160-cancel-wishes.ts";
import * as externalIds from "./migrations/0170-external-ids.ts";
import type { Database } from "./schema.ts";

export type Db = Kysely<Database>;

/** How to reach Postgres: the embedded server's socket, or the operator's DATABASE_URL. */
export type Connection =
  | { host: string; port: number; user: string; database: string }
  | { connectionString: string };

/** Connections per process: settlement, leases, system API; the request path itself needs none. */
const POOL_CONNECTIONS_MAX = 8;
/** A statement that runs longer than this is a fault, not patience. */
const STATEMENT_TIMEOUT_MS = 15_000;
/** The server stops a statement by itself; one that has stopped altogether (frozen, cut off) never does, so the client gives up a little later. */
const QUERY_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 1_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** Opens a pool. `onIdleError` hears of connections that die while idle (a restarted server); the pool replaces them. */
export function openDatabase(connection: Connection, onIdleError: (error: Error) => void): Db {
  const pool = new pg.Pool({
    ...connection,
    // A Unix socket has no TLS, whatever PGSSLMODE says.
    ...("host" in connection ? { ssl: false } : {}),
    max: POOL_CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    application_name: "yescale",
  });
  pool.on("error", onIdleError);
  // A connection that dies in use rejects its query; the event beside it must find a hearer.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}

/** Asks the database anything. Rejects when it cannot be reached or does not let us in. */
export async function ping(db: Db): Promise<void> {
  await sql`select 1`.execute(db);
}

/** Branches that grow beside each other have number ranges of their own: one that lands later may have the smaller number. */
const ORDER = { allowUnorderedMigrations: true };

const migrations = {
  "0001-spine": { up: spine.up },
  "0002-channel-weight": { up: channelWeight.up },
  "0003-settle-json": { up: settleJson.up },
  "0010-stored-responses": { up: storedResponses.up },
  "0011-own-debt": { up: ownDebt.up },
  "0012-settle-budgets": { up: settleBudgets.up },
  "0020-task-holds": { up: taskHolds.up },
  "0021-tasks": { up: tasks.up },
  "0022-task-moves": { up: taskMoves.up },
  "0023-task-notices": { up: taskNotices.up },
  "0024-open-tasks": { up: openTasks.up },
  "0028-turns-within-deadline": { up: turnsWithinDeadline.up },
  "0029-turns-without-news": { up: turnsWithoutNews.up },
  "0030-audit": { up: audit.up },
  "0031-organisations": { up: organisations.up },
  "0032-logs": { up: logs.up },
  "0033-identity": { up: identity.up },
  "0034-operators": { up: operators.up },
  "0035-task-lists": { up: taskLists.up },
  "0040-limits": { up: limits.up },
  "0041-usage": { up: usage.up },
  "0042-catalog": { up: catalog.up },
  "0043-usage-errors": { up: usageErrors.up },
  "0044-capture": { up: capture.up },
  "0045-own-limits": { up: ownLimits.up },
  "0060-codes": { up: codes.up },
  "0080-imports": { up: imports.up },
  "0061-orders": { up: orders.up },
  "0062-told-refunds": { up: toldRefunds.up },
  "0063-balance-notices": { up: balanceNotices.up },
  "0090-organisation-notices": { up: organisationNotices.up },
  "0130-tasks-by-batch": { up: tasksByBatch.up },
  "0131-turns-begun": { up: turnsBegun.up },
  "0132-generic-plans": { up: genericPlans.up },
  "0140-no-first-byte": { up: noFirstByte.up },
  "0141-price-changes": { up: priceChanges.up },
  "0160-cancel-wishes": { up: cancelWishes.up },
  "0170-external-ids": { up: externalIds.up },
};


/**
 * Brings the schema to this version. Safe with several processes starting together: Kysely's migrator holds an advisory lock
 * and runs in one transaction, so a kill leaves the old version or the new, never half. Throws with the failing migration's name.
 */
export async function migrate(db: Db): Promise<string[]> {
  const migrator = new Migrator({ db, ...ORDER, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error) {
    const failed = results?.find((result) => result.status === "Error")?.migrationName ?? "?";
    throw new Error(`migration ${failed} failed: ${error instanceof Error ? error.message : JSON.stringify(error)}`, { cause: error });
  }
  return (results ?? []).map((result) => result.migrationName);
}

/** Names of migrations that this version knows and the database lacks. Empty when up to date. */
export async function pendingMigrations(db: Db): Promise<string[]> {
  const migrator = new Migrator({ db, ...ORDER, provider: { getMigrations: () => Promise.resolve(migrations) } });
  return (await migrator.getMigrations()).filter((m) => m.executedAt === undefined).map((m) => m.name);
}

/** Runs `work` in the caller's transaction, or in one of its own. */
export function inTransaction<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}

/**
 * SQLSTATE classes that blame the data of a statement (PostgreSQL, appendix A): data exception, integrity constraint violation, program limit exceeded. Trying again changes
 * nothing; everything else (a lost connection, a deadlock, a full disk) may pass.
 */
const DATA_REFUSALS = new Set(["22", "23", "54"]);

/** Whether Postgres refused a statement for the values in it, for ever. */
export function isDataRefusal(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code.length === 5 && DATA_REFUSALS.has(error.code.slice(0, 2));
}

/** SQLSTATE classes of a server that goes, comes or has no room (PostgreSQL, appendix A), and the codes of sockets that reach none. */
const UNREACHABLE = /^(?:08|53|57P)|^E(?:CONNREFUSED|CONNRESET|PIPE|NOENT|TIMEDOUT|NOTFOUND)/;

/** Whether the database was not there, or not for us: another try may go well. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string") return UNREACHABLE.test(error.code);
  return /connection terminated|timeout exceeded when trying to connect|query read timeout/i.test(error.message);
}

/** Whether Postgres refused a row because another has its name. */
export const isDuplicate = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "23505";

/** Whether a number would not have fitted into its column: what was asked for is more than can be kept (PostgreSQL, appendix A: numeric_value_out_of_range). */
export const isOutOfRange = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "22003";

/** Runs `work` in a transaction whose statements may take this long; undefined when one took longer and was stopped. */
export async function withinTime<T>(db: Db, ms: number, work: (tx: Db) => Promise<T>): Promise<T | undefined> {
  try {
    return await db.transaction().execute(async (tx) => {
      await sql`select set_config('statement_timeout', ${String(ms)}, true)`.execute(tx);
      return work(tx);
    });
  } catch (error) {
    // query_canceled
    if (error instanceof Error && "code" in error && error.code === "57014") return undefined;
    throw error;
  }
}
