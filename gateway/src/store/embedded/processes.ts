import { readdirSync, readFileSync, statSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { basename } from "node:path";
import { codeOf } from "./errors.ts";

/**
 * What a process id from a note stands for: a server on our files, another program, nothing, or a Postgres of which the
 * system does not tell on which files it runs.
 */
export type ServerProcess = "ours" | "other" | "gone" | "unknown";

/** Whether a process runs. One that is dead but not yet waited for by its parent does not. */
export function isRunning(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
  }
  try {
    // The state stands behind the name's closing bracket; the name may hold brackets itself (proc(5)).
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.[0] !== "Z";
  } catch {
    // Not Linux, or gone since.
    return process.platform !== "linux";
  }
}

/** Finds out what the process is, relative to the data directory `cluster`. */
export function identifyServer(pid: number, cluster: string): ServerProcess {
  if (!isRunning(pid)) return "gone";
  const command = commandLine(pid);
  if (command === undefined) return "unknown";
  if (basename(command[0] ?? "") !== "postgres") return "other";
  // A server's working folder is its data directory; this also holds after the directory was renamed.
  const folder = workingFolder(pid);
  const own = statSync(cluster, { throwIfNoEntry: false });
  if (folder !== undefined && own !== undefined)
    return folder.dev === own.dev && folder.ino === own.ino ? "ours" : "other";
  return command.includes(cluster) ? "ours" : "unknown";
}

/** The Postgres processes that work in a data directory, with or without their server. Empty where the system does not tell. */
export function processesOf(cluster: string): number[] {
  const own = statSync(cluster, { throwIfNoEntry: false });
  if (own === undefined) return [];
  return allProcesses().filter((pid) => {
    const folder = workingFolder(pid);
    return (
      folder !== undefined &&
      folder.ino === own.ino &&
      folder.dev === own.dev &&
      isRunning(pid) &&
      isPostgres(pid)
    );
  });
}

/** The processes that have this text among their arguments. Empty where the system does not tell. */
export const processesWithArgument = (argument: string): number[] =>
  allProcesses().filter((pid) => commandLine(pid)?.includes(argument) === true && isRunning(pid));

const allProcesses = (): number[] =>
  process.platform === "linux"
    ? readdirSync("/proc")
        .map(Number)
        .filter((pid) => pid > 0)
    : [];

/** Sends a signal; a process that is already gone is no fault. */
export function signal(pid: number, name: "SIGINT" | "SIGQUIT" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error;
  }
}

/** A child of the server writes `postgres: role` over its arguments. */
const isPostgres = (pid: number): boolean => /^postgres(:|$)/.test(basename(commandLine(pid)?.[0] ?? ""));

function commandLine(pid: number): string[] | undefined {
  if (process.platform !== "linux") {
    const { stdout } = spawnSync("ps", ["-p", String(pid), "-o", "command="], { encoding: "utf8" });
    return typeof stdout === "string" && stdout.trim() !== "" ? stdout.trim().split(" ") : undefined;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return undefined;
  }
}

function workingFolder(pid: number): { dev: number; ino: number } | undefined {
  try {
    return statSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** A name that no later process shares: the id with its start time, where the system tells it (Linux: ticks since boot). */
export function processName(pid: number): string {
  try {
    // Field 22; counted from the bracket that ends the second, which may hold spaces (proc(5)).
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return `${pid}-${fields[19] ?? "0"}`;
  } catch {
    return String(pid);
  }
}

/** Whether the process of a `processName` still runs. */
export function isAlive(name: string): boolean {
  const pid = Number(name.split("-")[0]);
  return Number.isInteger(pid) && isRunning(pid) && (!name.includes("-") || processName(pid) === name);
}
