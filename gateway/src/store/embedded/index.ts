import { accessSync, constants, mkdirSync, realpathSync } from "node:fs";
import { findBinaries } from "./binaries.ts";
import { Cluster, PORT, USER } from "./cluster.ts";
import { EmbeddedPostgresError, HINT_EXTERNAL } from "./error.ts";
import { unprivileged } from "./unprivileged.ts";
import { ServerUsers, withLock } from "./users.ts";

export { EmbeddedPostgresError } from "./error.ts";

const DATABASE = "yescale";

export interface EmbeddedPostgres {
  /** how `pg` connects: the host is the folder of the Unix socket */
  connection: { host: string; port: number; user: string; database: string };
  /** what had to be done: a new database, a start, a server of a killed gateway taken over, or one restarted after a crash */
  how: "initialised" | "started" | "reattached" | "recovered";
  /** Stops the server, unless another living process uses it. */
  stop(): Promise<void>;
}

/** Postgres in `dataDir`, ready to be used. Throws EmbeddedPostgresError with what an operator can do about it. */
export async function startEmbeddedPostgres(options: { dataDir: string }): Promise<EmbeddedPostgres> {
  try {
    mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
    accessSync(options.dataDir, constants.W_OK);
  } catch (error) {
    throw new EmbeddedPostgresError("folder", `${options.dataDir} cannot be written: ${error instanceof Error ? error.message : String(error)}`, [
      "set YESCALE_DATA_DIR to a folder that can", HINT_EXTERNAL]);
  }
  // One folder, one name: a second start through a link must find the same server.
  const dataDir = realpathSync(options.dataDir);
  const binaries = await findBinaries();
  const cluster = new Cluster(dataDir, binaries, unprivileged(dataDir, binaries.postgres));
  const users = new ServerUsers(dataDir);
  const how = await withLock(dataDir, async () => {
    users.enter();
    if (!cluster.initialised) {
      cluster.initialise();
      await cluster.start();
      await cluster.ensureDatabase(DATABASE);
      return "initialised" as const;
    }
    cluster.checkVersion();
    const running = cluster.serverPid() !== undefined;
    if (running && (await cluster.answers())) {
      await cluster.ensureDatabase(DATABASE);
      return "reattached" as const;
    }
    cluster.clearStaleNotes();
    const crashed = cluster.leftNote();
    await cluster.start();
    await cluster.ensureDatabase(DATABASE);
    return crashed ? ("recovered" as const) : ("started" as const);
  });
  return {
    connection: { host: cluster.socketFolder, port: PORT, user: USER, database: DATABASE },
    how,
    stop: () =>
      withLock(dataDir, async () => {
        if (users.leave()) await cluster.stop();
      }),
  };
}
