import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { parseSchedstat, parseStat } from "./proc-text.ts";
import { readProc } from "./process-tree.ts";

const TICKS_PER_SECOND = ((): number => {
  try {
    return Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" })) || 100;
  } catch {
    return 100;
  }
})();
const MICROSECONDS_PER_TICK = 1e6 / TICKS_PER_SECOND;

/** The CPU time of some processes at one moment. */
export interface CpuReading {
  /** by process: microseconds since its start, in whole ticks, ended threads included */
  processes: Map<number, number>;
  /** by live thread: microseconds since its start, exact */
  threads: Map<number, number>;
}

function threadIds(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Reads the CPU time of `pids`; with `withEndedChildren` also that of their awaited children. */
export function readCpu(pids: readonly number[], withEndedChildren = false): CpuReading {
  const reading: CpuReading = { processes: new Map(), threads: new Map() };
  for (const pid of pids) {
    for (const tid of threadIds(pid)) {
      const text = readProc(`${pid}/task/${tid}/schedstat`);
      if (text !== undefined) reading.threads.set(Number(tid), parseSchedstat(text) / 1000);
    }
    const text = readProc(`${pid}/stat`);
    if (text === undefined) continue;
    const stat = parseStat(text);
    const ticks = stat.ticks + (withEndedChildren ? stat.childTicks : 0);
    reading.processes.set(pid, ticks * MICROSECONDS_PER_TICK);
  }
  return reading;
}

const rise = (before: Map<number, number>, after: Map<number, number>): number =>
  [...after].reduce((sum, [id, value]) => sum + value - (before.get(id) ?? 0), 0);

/**
 * CPU microseconds spent between two readings. Thread times are exact but forget threads that end; process times
 * remember them but step by ticks. So: the exact sum if both agree within the steps, else the process times.
 */
export function cpuBetween(before: CpuReading, after: CpuReading): number {
  const byProcess = rise(before.processes, after.processes);
  const byThread = rise(before.threads, after.threads);
  const tolerance = MICROSECONDS_PER_TICK * (2 + after.processes.size);
  const complete =
    after.threads.size > 0 && [...before.threads.keys()].every((tid) => after.threads.has(tid));
  return complete && Math.abs(byProcess - byThread) <= tolerance ? byThread : byProcess;
}
