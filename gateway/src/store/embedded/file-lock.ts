import { Database } from "bun:sqlite";
import { codeOf, failure, textOf } from "./errors.ts";

/**
 * A lock on a file that the kernel drops when its holder dies, however it dies: no process ids to go stale, and no guess
 * whether a holder lives. SQLite is what Bun brings that takes such locks on every system (fcntl, LockFileEx); the file
 * stays an empty database. A shared lock is an open read transaction, an exclusive one is BEGIN EXCLUSIVE
 * (sqlite.org/lockingv3.html).
 */
export interface FileLock {
  release(): void;
}

/** Takes the lock that any number may hold together; undefined when someone holds it alone. Throws `data_folder`, `disk_full`. */
export function lockShared(path: string): FileLock | undefined {
  return take(path, (file) => {
    file.run("begin");
    file.query("select count(*) from sqlite_schema").get();
  });
}

/** Takes the lock that one may hold alone; undefined when anyone else holds it in any way. Throws `data_folder`, `disk_full`. */
export function lockAlone(path: string): FileLock | undefined {
  return take(path, (file) => void file.run("begin exclusive"));
}

function take(path: string, begin: (file: Database) => void): FileLock | undefined {
  let file: Database | undefined;
  try {
    file = new Database(path, { create: true, readwrite: true });
    // Nothing is ever written; without this an exclusive lock makes a journal file, which a full disk refuses.
    file.run("pragma journal_mode = memory");
    begin(file);
    const held = file;
    return { release: () => held.close() };
  } catch (error) {
    file?.close();
    if (codeOf(error)?.startsWith("SQLITE_BUSY")) return undefined;
    throw failure("data_folder", `The file ${path} cannot be locked`, textOf(error), [
      "check that the data folder can be written and lies on a disk that allows file locks",
    ]);
  }
}
