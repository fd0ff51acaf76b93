import { createHash } from "node:crypto";
import { accessSync, chmodSync, chownSync, constants, lstatSync, mkdirSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codeOf, EmbeddedPostgresError, failure, HINT_OWN_SERVER, textOf } from "./errors.ts";
import { PORT } from "./settings.ts";

/** Where things lie. All paths are absolute and without links, so that a second start by another name finds the same. */
export interface Layout {
  dataDir: string;
  /** `<dataDir>/postgres`, which holds all the rest */
  home: string;
  /** Postgres' own data directory */
  cluster: string;
  log: string;
  usersLock: string;
  turnLock: string;
  /** in the home where its path is short enough, else under the system's temp folder */
  socketFolder: string;
}

/** sun_path has 108 bytes, one for its end mark (unix(7)); macOS has 104, so 103 there (its unix(4)). */
const SOCKET_PATH_BYTES_MAX = process.platform === "darwin" ? 103 : 107;
/** 64 bits: two data folders of one machine do not meet. */
const HASH_CHARACTERS = 16;

/** The file that `pg` connects to in a socket folder. */
export const socketFile = (folder: string): string => join(folder, `.s.PGSQL.${PORT}`);

/** Makes the folders and finds the places in them. Throws `data_folder`, `disk_full` and `socket_folder`. */
export function prepareLayout(dataDir: string): Layout {
  try {
    mkdirSync(join(dataDir, "postgres"), { recursive: true, mode: 0o700 });
    const real = realpathSync(dataDir);
    const home = join(real, "postgres");
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
    return {
      dataDir: real,
      home,
      cluster: join(home, "cluster"),
      log: join(home, "server.log"),
      usersLock: join(home, "users.lock"),
      turnLock: join(home, "turn.lock"),
      socketFolder: socketFolderFor(home, tmpdir()),
    };
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error;
    throw failure("data_folder", `The data folder ${dataDir} cannot be used`, textOf(error), [
      "set YESCALE_DATA_DIR to a folder that this user can write",
    ]);
  }
}

/**
 * Where the socket goes. The folder under `temporary` is named after the data folder, so every start finds the same; a
 * running server tells its own in postmaster.pid besides. Throws `socket_folder` when even that path is too long.
 */
export function socketFolderFor(home: string, temporary: string): string {
  const fits = (folder: string): boolean => Buffer.byteLength(socketFile(folder)) <= SOCKET_PATH_BYTES_MAX;
  const inside = join(home, "socket");
  if (fits(inside)) return inside;
  const hash = createHash("sha256").update(home).digest("hex").slice(0, HASH_CHARACTERS);
  const outside = join(temporary, `yescale-${hash}`);
  if (fits(outside)) return outside;
  throw new EmbeddedPostgresError(
    "socket_folder",
    `A socket's path may have ${SOCKET_PATH_BYTES_MAX} bytes; in ${home} and in ${temporary} it would be longer.`,
    ["use a data folder or a TMPDIR with a shorter path", HINT_OWN_SERVER],
  );
}

/**
 * Makes a folder that only the server's user can enter, or takes an existing one if it is ours. Anyone may have made a
 * folder of that name under the temp folder before us: then `socket_folder` is thrown. `owner` is the server's user.
 */
export function ensurePrivateFolder(folder: string, owner: { uid: number; gid: number } | undefined): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    // A file or a dangling link is there.
    if (codeOf(error) !== "EEXIST" && codeOf(error) !== "ENOENT") throw error;
  }
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (!found?.isDirectory() || (found.uid !== process.getuid?.() && found.uid !== owner?.uid)) {
    throw new EmbeddedPostgresError(
      "socket_folder",
      `${folder} is needed for the database's socket, but it is not ours.`,
      ["remove it, or use a data folder with a shorter path", HINT_OWN_SERVER],
    );
  }
  if (owner !== undefined && owner.uid !== found.uid) chownSync(folder, owner.uid, owner.gid);
  chmodSync(folder, 0o700);
}
