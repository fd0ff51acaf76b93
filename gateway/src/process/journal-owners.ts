import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, processName } from "../store/embedded/processes.ts";

const SUFFIX = ".owner";

/**
 * Says in the journal folder which operating-system process writes a journal. A worker can outlive its killed supervisor: the next start must not take its journal
 * for a dead one's. Called before the journal is made. Gives the function that takes the note away.
 */
export function ownJournal(folder: string, processId: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${processId}${SUFFIX}`);
  // A half-written note would read as a dead process.
  writeFileSync(`${path}.new`, processName(process.pid), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return () => rmSync(path, { force: true });
}

/** Ids of the processes that live and write a journal in the folder. Notes of dead ones are removed. */
export function livingOwners(folder: string): Set<string> {
  const living = new Set<string>();
  if (!existsSync(folder)) return living;
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(SUFFIX)) continue;
    const path = join(folder, name);
    if (isAlive(read(path))) living.add(name.slice(0, -SUFFIX.length));
    else rmSync(path, { force: true });
  }
  return living;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Its owner has just ended, and taken it away.
    return "";
  }
}
