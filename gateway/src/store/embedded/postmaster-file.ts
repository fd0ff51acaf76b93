import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "./errors.ts";

/** What a server notes of itself in `postmaster.pid` (src/include/utils/pidfile.h of Postgres). */
export interface PostmasterFile {
  /** 0 when the file tells none: its writer was killed, or its disk full, while it was made */
  pid: number;
  /** empty while the server has not come so far */
  socketFolder: string;
  /** starting, ready, stopping, or empty */
  status: string;
  text: string;
}

const nameIn = (cluster: string): string => join(cluster, "postmaster.pid");

/** Lines of the file, counted from 0: LOCK_FILE_LINE_PID, _SOCKET_DIR and _PM_STATUS there, which count from 1. */
const LINE = { pid: 0, socketFolder: 4, status: 7 } as const;
/** pid, data folder and start time: no two servers share them. */
const IDENTIFYING_LINES = 3;

/** The note in this data directory; undefined when there is none. */
export function readPostmasterFile(cluster: string): PostmasterFile | undefined {
  try {
    return parsePostmasterFile(readFileSync(nameIn(cluster), "utf8"));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Reads the file's text. */
export function parsePostmasterFile(text: string): PostmasterFile {
  const lines = text.split("\n").map((line) => line.trim());
  const pid = Number(lines[LINE.pid]);
  return {
    // A single-user server writes its id negated.
    pid: Number.isSafeInteger(pid) ? Math.abs(pid) : 0,
    socketFolder: lines[LINE.socketFolder] ?? "",
    status: lines[LINE.status] ?? "",
    text,
  };
}

/** Whether two notes are the same server's. */
export function sameServer(one: string, other: string): boolean {
  const identity = (text: string): string => text.split("\n").slice(0, IDENTIFYING_LINES).join("\n");
  return identity(one) === identity(other);
}

/**
 * Makes a dead server's note harmless whose process id now belongs to another program. The note must not be deleted: it
 * also names the shared memory by which Postgres sees whether processes of the dead server still write to the files. A
 * starting Postgres takes a note with its parent's id, which is ours, for a stale one and goes on to look at that memory
 * (CreateLockFile in src/backend/utils/init/miscinit.c).
 */
export function disownPostmasterFile(cluster: string, note: PostmasterFile): void {
  const [, ...rest] = note.text.split("\n");
  const text = [String(process.pid), ...rest].join("\n");
  // In place, in one write: a new file might have another owner, and a kill in between must not leave it empty.
  const file = openSync(nameIn(cluster), "r+");
  try {
    ftruncateSync(file, writeSync(file, text, 0, "utf8"));
  } finally {
    closeSync(file);
  }
}
