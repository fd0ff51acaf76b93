const DAY_MS = 86_400_000;
/** Periods that are remembered: a wall clock that is put back finds what was used. */
const REMEMBERED = 3;

export type PeriodKind = "day" | "month";

/** Number of the UTC day or month of a time. */
export function periodOf(kind: PeriodKind, unixMs: number): number {
  if (kind === "day") return Math.floor(unixMs / DAY_MS);
  const date = new Date(unixMs);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** Unix milliseconds at which a period begins. */
export function periodStart(kind: PeriodKind, period: number): number {
  return kind === "day" ? period * DAY_MS : Date.UTC(Math.floor(period / 12), period % 12, 1);
}

/** What was used in the periods of late. */
export class PeriodCount {
  private readonly used = new Map<number, number>();

  /** Whether anything is known of a period. */
  knows(period: number): boolean {
    return this.used.has(period);
  }

  total(period: number): number {
    return this.used.get(period) ?? 0;
  }

  /** Adds units, or takes them back. */
  add(units: number, period: number): void {
    this.used.set(period, Math.max(0, this.total(period) + units));
    if (this.used.size <= REMEMBERED) return;
    this.used.delete(Math.min(...this.used.keys()));
  }
}
