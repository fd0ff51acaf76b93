/**
 * Takes synchronous work; gives what it gave and the CPU time in milliseconds that this process spent on it (collector and compiler included). Time on the clock grows with whatever else the machine does,
 * so a bound on it either fails on a loaded machine or shows nothing.
 */
export function cpuOf<T>(work: () => T): { value: T; ms: number } {
  const before = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(before);
  return { value, ms: (user + system) / 1_000 };
}
