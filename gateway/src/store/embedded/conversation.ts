import pg from "pg";
import { codeOf } from "./errors.ts";
import { sameServer } from "./postmaster-file.ts";
import { DATABASE, PORT, USER } from "./settings.ts";

/** What a socket answers: the server we look for, another one, one that does not let us in yet, or nothing. */
export type Answer = "ours" | "another" | "busy" | "silent";

/** A local server that is alive answers in a few milliseconds; this is for a machine under great load. */
const CONNECT_LIMIT_MS = 2_000;
/** SQLSTATEs of a server that is there: 57P03 starting or stopping, 53300 all connections taken. */
const BUSY = new Set(["57P03", "53300"]);
/** SQLSTATEs: there is no such database; another made it first. */
const NO_DATABASE = "3D000";
const DATABASE_EXISTS = "42P04";

/** Asks the server in a socket folder whether it is the one that wrote `note` (the text of a postmaster.pid). Never throws. */
export async function ask(socketFolder: string, note: string): Promise<Answer> {
  try {
    // Its own file, read by itself, tells which files it serves, by whatever path it knows them.
    return await withClient(socketFolder, "postgres", async (client) => {
      const { rows } = await client.query<{ note: string }>("select pg_read_file('postmaster.pid') as note");
      return sameServer(rows[0]?.note ?? "", note) ? "ours" : "another";
    });
  } catch (error) {
    return BUSY.has(codeOf(error) ?? "") ? "busy" : "silent";
  }
}

/** Makes the gateway's database when it is not there. Throws what `pg` throws. */
export async function ensureDatabase(socketFolder: string): Promise<void> {
  try {
    return await withClient(socketFolder, DATABASE, () => Promise.resolve());
  } catch (error) {
    if (codeOf(error) !== NO_DATABASE) throw error;
  }
  await withClient(socketFolder, "postgres", async (client) => {
    try {
      await client.query(`create database ${client.escapeIdentifier(DATABASE)}`);
    } catch (error) {
      if (codeOf(error) !== DATABASE_EXISTS) throw error;
    }
  });
}

async function withClient<T>(
  socketFolder: string,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: socketFolder,
    port: PORT,
    user: USER,
    database,
    // Else PGSSLMODE of the user's environment would count, and a socket has no TLS.
    ssl: false,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    query_timeout: CONNECT_LIMIT_MS * 5,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
