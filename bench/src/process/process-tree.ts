import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { parseStat, type ProcessStat } from "./proc-text.ts";

/** Reads a file of /proc; undefined if the process has ended meanwhile. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return undefined;
  }
}

/** All processes now running. */
function allProcesses(): ProcessStat[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProc(`${name}/stat`))
    .filter((text) => text !== undefined)
    .map(parseStat);
}

/** The processes that descend from any of `roots`, without the roots. */
export function descendants(roots: readonly number[]): number[] {
  const all = allProcesses();
  const found = new Set(roots);
  let size = -1;
  while (size !== found.size) {
    size = found.size;
    for (const entry of all) if (found.has(entry.parent)) found.add(entry.pid);
  }
  for (const root of roots) found.delete(root);
  return [...found];
}

/** Processes whose command line names `folder`: finds a detached Postgres by its data folder. */
export function processesNaming(folder: string): number[] {
  return allProcesses()
    .map((entry) => entry.pid)
    .filter((pid) => pid !== process.pid && (readProc(`${pid}/cmdline`) ?? "").includes(folder));
}

/** The program file a process runs; undefined if it has ended. */
export function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}
