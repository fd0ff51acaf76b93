/** What went wrong, for programs: stable names. */
export type EmbeddedPostgresErrorCode =
  /** no binaries for this system, or a system whose sockets `pg` cannot use */
  | "unsupported_platform"
  /** the gateway is root and Postgres can be run as nobody else */
  | "cannot_run_as_root"
  /** the data folder cannot be made, written or locked, or holds something else */
  | "data_folder"
  | "disk_full"
  /** the files are of another major version of Postgres */
  | "wrong_version"
  /** every place for the socket has too long a path, or is somebody else's */
  | "socket_folder"
  | "initialise_failed"
  | "start_failed"
  /** a server runs on these files but cannot be spoken to */
  | "no_answer"
  /** another gateway has been starting or stopping it for too long */
  | "locked"
  | "stop_failed";

/** The way out that always works. */
export const HINT_OWN_SERVER = "set DATABASE_URL to a Postgres server of your own";

/**
 * Why the embedded database could not be had. `summary` is one sentence for the operator, `hints` are ways out;
 * `message` is both, ready to be printed.
 */
export class EmbeddedPostgresError extends Error {
  override readonly name = "EmbeddedPostgresError";

  constructor(
    readonly code: EmbeddedPostgresErrorCode,
    readonly summary: string,
    readonly hints: readonly string[],
    options?: { cause?: unknown },
  ) {
    super([summary, ...hints.map((hint) => `  - ${hint}`)].join("\n"), options);
  }
}

/** errno texts of ENOSPC and EDQUOT, as Postgres and Node write them, and SQLite's. */
const DISK_FULL = /No space left on device|Disk quota exceeded|ENOSPC|EDQUOT|disk is full/;

/** Lines of a log that tell why a program failed; more than these bury it. */
const LINES_TOLD = 4;

/**
 * The error for what a program said when it failed. `details` is all it said; the error tells its last lines. A full disk
 * has its own code, whatever failed because of it.
 */
export function failure(
  code: EmbeddedPostgresErrorCode,
  summary: string,
  details: string,
  hints: readonly string[],
): EmbeddedPostgresError {
  const lines = details
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const full = lines.find((line) => DISK_FULL.test(line));
  if (full !== undefined) {
    return new EmbeddedPostgresError("disk_full", `The disk is full. ${summary}: ${full}`, [
      "free some space on the disk that holds the data folder, then start again",
      HINT_OWN_SERVER,
    ]);
  }
  const told = lines.length === 0 ? `${summary}.` : `${summary}: ${lines.slice(-LINES_TOLD).join(" | ")}`;
  return new EmbeddedPostgresError(code, told, [...hints, HINT_OWN_SERVER]);
}

/** The text of anything thrown. */
export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The `code` of a system error (`EEXIST`), SQLite's, or Postgres' SQLSTATE; undefined when there is none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
