import { existsSync, readFileSync } from "node:fs";

/** Whether a process with this id runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A name that no later process with the same id shares: the id with its start time, where the system tells it (Linux). */
export function processName(pid: number): string {
  const stat = `/proc/${pid}/stat`;
  if (!existsSync(stat)) return String(pid);
  // Field 22 is the start time; the second field may hold spaces, so count from its closing bracket (proc(5)).
  const fields = readFileSync(stat, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return `${pid}-${fields[19] ?? "0"}`;
}

/** Whether the process of that name still runs. */
export function isAlive(name: string): boolean {
  const pid = Number(name.split("-")[0]);
  if (!Number.isInteger(pid) || !isRunning(pid)) return false;
  return !name.includes("-") || processName(pid) === name;
}

/** Whether a running process is a Postgres server; true when the system does not say what it is. */
export function looksLikePostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("postgres");
  } catch {
    return !existsSync("/proc/self/cmdline");
  }
}
