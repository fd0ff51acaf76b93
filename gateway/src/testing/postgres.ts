import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "bun:test";
import pg from "pg";
import { type Connection, type Db, migrate, openDatabase } from "../store/database.ts";
import { startEmbeddedPostgres } from "../store/embedded/index.ts";

/** One real server for the whole test run; each test file gets a database of its own, copied from a migrated one. */
const TEMPLATE = "yescale_template";
/** Where `scripts/test-code.ts` tells its test processes the server that they share. */
export const SERVER_VARIABLE = "YESCALE_TEST_POSTGRES";
type Server = { host: string; port: number; user: string };
let server: Promise<Server> | undefined;
let stopServer: (() => Promise<void>) | undefined;
let databases = 0;

/** Starts the server of a run, with the migrated database that others are copied from. */
export async function startTestServer(): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), "yescale-test-"));
  const started = await startEmbeddedPostgres({ dataDir, log: () => undefined, settings: { fsync: "off", max_connections: "400" } });
  stopServer = async () => {
    await started.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  const { host, port, user } = started.connection;
  await query({ host, port, user, database: "postgres" }, `create database ${TEMPLATE}`);
  const db = openDatabase({ host, port, user, database: TEMPLATE }, () => undefined);
  await migrate(db);
  await db.destroy();
  return { host, port, user };
}

async function query(connection: { host: string; port: number; user: string; database: string }, text: string): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  await client.query(text);
  await client.end();
}

/** An empty, migrated database; it is closed after the file's tests. */
export async function testDatabase(): Promise<{ db: Db; connection: Exclude<Connection, { connectionString: string }> }> {
  const shared = process.env[SERVER_VARIABLE];
  server ??= shared === undefined ? startTestServer() : Promise.resolve(JSON.parse(shared) as Server);
  const { host, port, user } = await server;
  databases += 1;
  const database = `test_${process.pid}_${databases}`;
  await query({ host, port, user, database: "postgres" }, `create database ${database} template ${TEMPLATE}`);
  const connection = { host, port, user, database };
  const db = openDatabase(connection, () => undefined);
  afterAll(() => db.destroy());
  return { db, connection };
}

/** Stops the server of this run, if one was started. */
export async function stopTestServer(): Promise<void> {
  await stopServer?.();
  stopServer = undefined;
}
