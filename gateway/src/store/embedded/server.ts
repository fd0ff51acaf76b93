import { spawn } from "node:child_process";
import { closeSync, openSync, readSync, renameSync, rmSync, statSync } from "node:fs";
import { runCommand } from "./commands.ts";
import { EmbeddedPostgresError, failure, textOf } from "./errors.ts";
import type { Installation } from "./installation.ts";
import { ensurePrivateFolder, socketFile } from "./layout.ts";
import { disownPostmasterFile, readPostmasterFile } from "./postmaster-file.ts";
import { isRunning, processesOf, signal } from "./processes.ts";
import { settingsArguments } from "./settings.ts";

/** Replaying `max_wal_size` of journal on a slow disk; after that something else is wrong. */
export const START_LIMIT_MS = 180_000;
/** From then on the operator is told why it takes so long. */
const START_TOLD_AFTER_MS = 3_000;
const POLL_MS = 4;
/**
 * Children of a killed server end as soon as they see it; one in the middle of a long computation may not look. Their
 * server is dead, so what they hold in memory is lost anyway; the journal has all that was committed.
 */
const LEFTOVER_ENDINGS = [
  { afterMs: 2_000, by: "SIGQUIT" },
  { afterMs: 4_000, by: "SIGKILL" },
] as const;
const LEFTOVER_LIMIT_MS = 20_000;
const LEFTOVER_POLL_MS = 50;
/** A fast shutdown writes a checkpoint: at most `shared_buffers` to the disk. */
const FAST_STOP_LIMIT_MS = 20_000;
const IMMEDIATE_STOP_LIMIT_MS = 5_000;
/** One file before and one now. */
const LOG_BYTES_MAX = 4 * 1024 * 1024;
/** The end of the log tells why a start failed. */
const LOG_TOLD_BYTES = 8_192;

/** CreateLockFile's words (miscinit.c) for processes of a dead server (English by our lc_messages). */
const LEFTOVERS = /pre-existing shared memory block/;

/**
 * Starts the server on files that no living server has, and waits until it is ready. It lives in a session of its own: it
 * outlives this process and does not hear its terminal. Throws `start_failed`, `disk_full`, `socket_folder`.
 */
export async function startServer(installation: Installation): Promise<void> {
  const { layout, identity, log } = installation;
  ensurePrivateFolder(layout.socketFolder, identity.owner);
  await takeOwnership(installation);
  clearNotes(installation);
  if ((statSync(layout.log, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX)
    renameSync(layout.log, `${layout.log}.old`);
  const begun = performance.now();
  const endings = [...LEFTOVER_ENDINGS];
  for (;;) {
    const failed = await launch(installation);
    if (failed === undefined) return;
    const waited = performance.now() - begun;
    if (!LEFTOVERS.test(failed) || waited > LEFTOVER_LIMIT_MS) {
      throw failure("start_failed", "The database did not start", failed, [`see ${layout.log}`]);
    }
    const ending = endings[0];
    if (ending !== undefined && waited > ending.afterMs) {
      endings.shift();
      const left = processesOf(layout.cluster);
      log({
        level: "warn",
        message: "ending processes of a killed database server",
        detail: { pids: left, signal: ending.by },
      });
      for (const pid of left) signal(pid, ending.by);
    }
    await Bun.sleep(LEFTOVER_POLL_MS);
  }
}

/** Gives why it failed, or undefined when the server is ready. */
async function launch(installation: Installation): Promise<string | undefined> {
  const { layout, identity, binaries, settings, log } = installation;
  const [program = "", ...rest] = [
    ...identity.prefix,
    binaries.postgres,
    "-D",
    layout.cluster,
    ...settingsArguments(layout.socketFolder, settings),
  ];
  const output = openSync(layout.log, "a", 0o600);
  const logStart = statSync(layout.log).size;
  let ended: string | undefined;
  const server = spawn(program, rest, { detached: true, stdio: ["ignore", output, output], cwd: "/" });
  closeSync(output);
  server.on("exit", (code, by) => (ended = `it ended with ${by ?? `status ${code}`}`));
  server.on("error", (error) => (ended = error.message));
  server.unref();
  const begun = performance.now();
  let told = false;
  while (ended === undefined) {
    const note = readPostmasterFile(layout.cluster);
    if (note?.pid === server.pid && note?.status === "ready") return undefined;
    const waited = performance.now() - begun;
    if (waited > START_TOLD_AFTER_MS && !told) {
      told = true;
      log({
        level: "info",
        message: "the database is replaying its journal after a crash",
        detail: { log: layout.log },
      });
    }
    if (waited > START_LIMIT_MS)
      return `it was not ready within ${START_LIMIT_MS / 1000} s; it is still running as process ${server.pid}`;
    await Bun.sleep(POLL_MS);
  }
  return `${readEnd(layout.log, logStart)}\n${ended}`;
}

/**
 * Ends a server: fast (SIGINT: open transactions are undone, all is written), and if that hangs, at once (SIGQUIT: the next
 * start replays the journal). Resolves when the process is gone; throws `stop_failed`.
 */
export async function stopServer(pid: number, log: Installation["log"]): Promise<void> {
  signal(pid, "SIGINT");
  if (await gone(pid, FAST_STOP_LIMIT_MS)) return;
  log({ level: "warn", message: "the database does not stop; stopping it at once", detail: { pid } });
  signal(pid, "SIGQUIT");
  if (await gone(pid, IMMEDIATE_STOP_LIMIT_MS)) return;
  throw new EmbeddedPostgresError("stop_failed", `The database server (process ${pid}) does not stop.`, [
    "see its log in the data folder; as a last way, end the process: what was committed is kept",
  ]);
}

async function gone(pid: number, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (isRunning(pid)) {
    if (performance.now() > deadline) return false;
    await Bun.sleep(POLL_MS);
  }
  return true;
}

/** Makes harmless what a dead server left: its note, when its process id is another's now, and its socket's files. */
function clearNotes({ layout }: Installation): void {
  const note = readPostmasterFile(layout.cluster);
  if (note !== undefined && note.pid === 0 && processesOf(layout.cluster).length === 0) {
    rmSync(`${layout.cluster}/postmaster.pid`, { force: true });
  } else if (note !== undefined && note.pid !== 0) {
    disownPostmasterFile(layout.cluster, note);
  }
  // The folder is this server's alone, and it is dead.
  for (const path of [socketFile(layout.socketFolder), `${socketFile(layout.socketFolder)}.lock`])
    rmSync(path, { force: true });
}

/** Postgres starts only on its user's own files; they may be root's from a time when namespaces were allowed. */
async function takeOwnership({ layout, identity, log }: Installation): Promise<void> {
  const found = statSync(layout.cluster);
  if (identity.owner === undefined || found.uid === identity.owner.uid) return;
  if (process.getuid?.() !== 0) {
    throw failure("data_folder", `${layout.cluster} belongs to another user (id ${found.uid})`, "", [
      "run the gateway as that user",
    ]);
  }
  log({
    level: "warn",
    message: "giving the database files to another user",
    detail: { from: found.uid, to: identity.owner.uid },
  });
  const { status, output } = await runCommand([
    "chown",
    "-R",
    `${identity.owner.uid}:${identity.owner.gid}`,
    layout.cluster,
  ]);
  if (status !== 0)
    throw failure(
      "data_folder",
      `${layout.cluster} could not be given to ${identity.description}`,
      output,
      [],
    );
}

function readEnd(path: string, from: number): string {
  try {
    const start = Math.max(from, statSync(path).size - LOG_TOLD_BYTES);
    const file = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(LOG_TOLD_BYTES);
      return bytes.toString("utf8", 0, readSync(file, bytes, 0, LOG_TOLD_BYTES, start));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return textOf(error);
  }
}
