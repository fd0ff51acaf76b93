import { attach } from "./attach.ts";
import { findBinaries } from "./binaries.ts";
import { ensureDatabase } from "./conversation.ts";
import { EmbeddedPostgresError, failure, textOf } from "./errors.ts";
import { chooseIdentity } from "./identity.ts";
import { initialise, isInitialised } from "./initialise.ts";
import type { Installation, LogLine } from "./installation.ts";
import { prepareLayout } from "./layout.ts";
import { readPostmasterFile } from "./postmaster-file.ts";
import { identifyServer } from "./processes.ts";
import { startServer, stopServer } from "./server.ts";
import { DATABASE, PORT, USER } from "./settings.ts";
import { ServerUsers } from "./users.ts";

/** The gateway's own database server, ready to be used. */
export interface EmbeddedPostgres {
  /** how `pg` connects: `host` is the folder of the server's Unix socket */
  connection: { host: string; port: number; user: string; database: string };
  /**
   * what had to be done: files made (`initialised`), a server started after a proper stop (`started`), a running one taken
   * over (`reattached`), or one started whose last run had not been stopped (`recovered`)
   */
  how: "initialised" | "started" | "reattached" | "recovered";
  /**
   * Brings the server up again should it be gone (killed, crashed); its journal is replayed. Gives whether that had to be done. Cheap while it runs; does nothing after `stop`.
   * Throws EmbeddedPostgresError.
   */
  ensureUp: () => Promise<boolean>;
  /**
   * Ends our use. The server is shut down, and gone when this resolves, unless another living gateway uses it (the rule is
   * told at ServerUsers). A second call gives the first one's promise. Throws EmbeddedPostgresError `stop_failed`, `locked`.
   */
  stop: () => Promise<void>;
}

/** What `startEmbeddedPostgres` takes. */
export interface EmbeddedPostgresOptions {
  /** the gateway's data folder; made if it is not there. The database lies in `postgres` in it. */
  dataDir: string;
  /** hears what is worth a line of the gateway's log */
  log: (line: LogLine) => void;
  /** Postgres settings that replace ours by name; what keeps the server private cannot be replaced */
  settings?: Record<string, string>;
}

/**
 * Brings up Postgres on the files in `dataDir`: makes them the first time, takes over a server that a killed gateway left,
 * recovers from a crash. Throws EmbeddedPostgresError, whose text tells the operator what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const begun = performance.now();
  const binaries = await findBinaries();
  const layout = prepareLayout(options.dataDir);
  const users = new ServerUsers(layout.usersLock, layout.turnLock);
  const log = options.log;
  return users.inTurn(async () => {
    const identity = await chooseIdentity(layout, binaries.postgres);
    const installation: Installation = { layout, binaries, identity, settings: options.settings ?? {}, log };
    users.enter();
    let cameUp = false;
    try {
      const { how, socketFolder } = await bringUp(installation, users);
      cameUp = true;
      await ensureDatabase(socketFolder);
      const ms = Math.round(performance.now() - begun);
      log({
        level: "info",
        message: `database ${how}`,
        detail: { how, ms, runsAs: identity.description, socketFolder },
      });
      let left = false;
      const leave = once(() => {
        left = true;
        return users.inTurn(() => leaveServer(installation, users));
      });
      const up = (): boolean => left || isUp(installation);
      return {
        connection: { host: socketFolder, port: PORT, user: USER, database: DATABASE },
        how,
        ensureUp: async () =>
          !up() && users.inTurn(async () => (up() ? false : bringUp(installation, users).then(() => true))),
        stop: leave,
      };
    } catch (error) {
      // One that came up is of no use to anyone now; one that did not may still replay its journal, for the next start.
      if (cameUp)
        await leaveServer(installation, users).catch((left: unknown) =>
          log({ level: "error", message: textOf(left) }),
        );
      else users.leave();
      if (error instanceof EmbeddedPostgresError) throw error;
      throw failure("start_failed", "The database did not start", textOf(error), [`see ${layout.log}`]);
    }
  });
}

/** Whether the process that holds the files lives; told without asking the server. */
function isUp({ layout }: Installation): boolean {
  const server = identifyServer(readPostmasterFile(layout.cluster)?.pid ?? 0, layout.cluster);
  return server === "ours" || server === "unknown";
}

async function bringUp(
  installation: Installation,
  users: ServerUsers,
): Promise<{ how: EmbeddedPostgres["how"]; socketFolder: string }> {
  const { layout, log } = installation;
  if (!isInitialised(installation)) {
    await initialise(installation);
    await startServer(installation);
    return { how: "initialised", socketFolder: layout.socketFolder };
  }
  const note = readPostmasterFile(layout.cluster);
  const attached = await attach(installation, users);
  if (attached !== undefined) return { how: "reattached", socketFolder: attached };
  // A server that is stopped takes its note away.
  if (note !== undefined)
    log({
      level: "warn",
      message: "the database was not stopped properly; recovering it",
      detail: { pid: note.pid },
    });
  await startServer(installation);
  return { how: note === undefined ? "started" : "recovered", socketFolder: layout.socketFolder };
}

async function leaveServer({ layout, log }: Installation, users: ServerUsers): Promise<void> {
  if (!users.leave()) {
    log({ level: "info", message: "the database stays up: another gateway uses it" });
    return;
  }
  const pid = readPostmasterFile(layout.cluster)?.pid ?? 0;
  if (identifyServer(pid, layout.cluster) !== "ours") return;
  await stopServer(pid, log);
  log({ level: "info", message: "database stopped" });
}

function once(work: () => Promise<void>): () => Promise<void> {
  let begun: Promise<void> | undefined;
  return () => (begun ??= work());
}
