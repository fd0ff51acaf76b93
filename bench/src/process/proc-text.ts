/** One process from /proc/<pid>/stat; times in clock ticks. */
export interface ProcessStat {
  pid: number;
  parent: number;
  /** user and system time of the process, all its threads, also ended ones */
  ticks: number;
  /** user and system time of its ended and awaited children */
  childTicks: number;
}

/** Parses /proc/<pid>/stat. The name stands in brackets and may itself hold brackets and blanks. */
export function parseStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  // fields[0] is field 3 of proc(5).
  const field = (number: number): number => Number(fields[number - 3] ?? Number.NaN);
  return {
    pid: Number.parseInt(text, 10),
    parent: field(4),
    ticks: field(14) + field(15),
    childTicks: field(16) + field(17),
  };
}

/** Nanoseconds on a core, from /proc/<pid>/task/<tid>/schedstat. */
export const parseSchedstat = (text: string): number => Number(text.split(" ")[0]);

/** One size from /proc/<pid>/status, in bytes; undefined if the line is not there. */
export function parseStatusBytes(text: string, name: "VmRSS" | "VmHWM"): number | undefined {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}
