import { parseStatusBytes } from "./proc-text.ts";
import { readProc } from "./process-tree.ts";

const sumOf = (pids: readonly number[], name: "VmRSS" | "VmHWM"): number =>
  pids.reduce(
    (sum, pid) => sum + (parseStatusBytes(readProc(`${pid}/status`) ?? "", name) ?? 0),
    0,
  );

/** Resident bytes of some processes now. */
export const residentBytes = (pids: readonly number[]): number => sumOf(pids, "VmRSS");

/** Highest resident bytes since each process began, as the kernel kept it. */
export const peakResidentBytes = (pids: readonly number[]): number => sumOf(pids, "VmHWM");

/** One sample: seconds since the watch began, resident bytes. */
export type MemorySample = [seconds: number, bytes: number];

/** Samples the resident memory of `pids` every `everyMs` milliseconds until the returned function is called. */
export function watchMemory(pids: readonly number[], everyMs: number): () => MemorySample[] {
  const began = performance.now();
  const samples: MemorySample[] = [];
  const sample = (): void => {
    samples.push([(performance.now() - began) / 1000, residentBytes(pids)]);
  };
  sample();
  const timer = setInterval(sample, everyMs);
  return () => {
    clearInterval(timer);
    sample();
    return samples;
  };
}
