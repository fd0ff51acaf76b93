import { PeriodCount, type PeriodKind, periodOf, periodStart } from "./periods.ts";
import type { LimitKind, LimitScope } from "./rule.ts";
import { SlidingMinute } from "./sliding-minute.ts";

/** When a slot may be free again, nobody knows. */
export const SLOT_WAIT_MS = 1_000;

/** The moment of a request on both clocks: monotonic for windows, Unix for days. */
export interface Moment {
  mono: number;
  unix: number;
}

/** What one subject has used of one kind, as this process saw it. */
export class Meter {
  private readonly minute: SlidingMinute | undefined;
  private readonly periods: PeriodCount | undefined;
  readonly periodKind: PeriodKind | undefined;
  /** places taken, of concurrency */
  private inUse = 0;
  /** requests under way that will correct what they took */
  holders = 0;
  /** what the shared store has told (lease.ts); undefined: never asked */
  lease: Lease | undefined;

  constructor(
    readonly scope: LimitScope,
    readonly subject: string,
    readonly kind: LimitKind,
    public max: number,
  ) {
    this.periodKind = kind === "requestsPerDay" || kind === "spendPerDay" ? "day" : kind === "spendPerMonth" ? "month" : undefined;
    this.minute = kind === "requestsPerMinute" || kind === "tokensPerMinute" ? new SlidingMinute() : undefined;
    this.periods = this.periodKind ? new PeriodCount() : undefined;
  }

  get name(): string {
    return `${this.scope}:${this.subject}:${this.kind}`;
  }

  /** The day or month of a moment; 0 for kinds that have none. */
  periodAt({ unix }: Moment): number {
    return this.periodKind ? periodOf(this.periodKind, unix) : 0;
  }

  /** Whether what was used before this process began must be asked for. */
  needsBase(at: Moment): boolean {
    return this.periods !== undefined && !this.periods.knows(this.periodAt(at));
  }

  /** What had been used of the current period when this process first looked. */
  setBase(units: number, at: Moment): void {
    if (this.needsBase(at)) this.periods?.add(units, this.periodAt(at));
  }

  used(at: Moment): number {
    if (this.minute) return this.minute.total(at.mono);
    return this.periods ? this.periods.total(this.periodAt(at)) : this.inUse;
  }

  /** Milliseconds until `units` fit, 0 for now; infinite when they never do. `share`: the part of the limit that is this process's, where nobody can be asked. */
  waitMs(units: number, at: Moment, share = 1): number {
    const max = share === 1 ? this.max : Math.ceil(this.max * share);
    if (this.minute) return this.minute.waitMs(units, max, at.mono);
    if (units > max) return Number.POSITIVE_INFINITY;
    if (this.used(at) + units <= max) return 0;
    return this.periodKind ? this.periodEndMs(at) : SLOT_WAIT_MS;
  }

  /** Milliseconds until the current period is over. */
  periodEndMs(at: Moment): number {
    return this.periodKind ? Math.max(1, periodStart(this.periodKind, this.periodAt(at) + 1) - at.unix) : 0;
  }

  /** Milliseconds until nothing is used, if nothing more is. */
  resetMs(at: Moment): number {
    if (this.minute) return this.minute.total(at.mono) === 0 ? 0 : this.minute.waitMs(this.max, this.max, at.mono);
    return this.periodEndMs(at);
  }

  /** Adds what was used, or takes it back from when it was. */
  add(units: number, at: Moment, usedAt: Moment = at): void {
    if (this.minute) this.minute.add(units, at.mono, usedAt.mono);
    else if (this.periods) this.periods.add(units, this.periodAt(usedAt));
    else this.inUse += units;
  }

  /** Whether nothing is lost with it. */
  isIdle(at: Moment): boolean {
    return this.used(at) === 0 && this.holders === 0 && (this.lease === undefined || this.lease.isIdle);
  }
}

/** What this process may use of a meter without asking, and what it has yet to tell. */
export class Lease {
  /** granted and not used */
  free = 0;
  /** when it was granted, monotonic milliseconds */
  grantedAt = Number.NEGATIVE_INFINITY;
  /** the store's second of the grant: what is given back leaves that second */
  second = 0;
  /** the period that the grant is of */
  period = 0;
  /** used beyond what was granted, to be told with the next question */
  owed = 0;
  /** what others are waiting for, so that one question serves them all */
  waiting = 0;
  /** used since the last question */
  lately = 0;
  /** a question under way */
  asking: Promise<unknown> | undefined;
  refusedUntil = Number.NEGATIVE_INFINITY;
  refusedNeed = 0;
  refusedWaitMs = 0;
  /** used by all processes when last asked, the grant included */
  usedByAll = 0;

  get isIdle(): boolean {
    return this.free === 0 && this.owed === 0 && this.asking === undefined;
  }
}
