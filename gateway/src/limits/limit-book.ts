import type { Clock } from "../clock/clock.ts";
import type { Meter, Moment } from "./meter.ts";
import type { PeriodKind } from "./periods.ts";
import { type Demand, type LimitKind, unitsOf } from "./rule.ts";
import type { SharedMeters } from "./shared-meters.ts";

/** Which limit a request met, and when another try may succeed; infinite when it never will. */
export interface Refused {
  refused: Meter;
  units: number;
  waitMs: number;
}

/** What one request holds of one meter. */
export interface Taken {
  meter: Meter;
  units: number;
  at: Moment;
  /** the shared store's second; 0 where it was not asked */
  second: number;
}

/** How much of the current day or month a subject had used before this process looked, from the request log. */
export type ReadBase = (meter: Pick<Meter, "scope" | "subject" | "kind">, kind: PeriodKind, period: number) => Promise<number>;

/**
 * Takes from all meters of a request or from none. Exact within this process; with others, what each may use is granted by the shared store
 * (shared-meters.ts).
 */
export class LimitBook {
  constructor(
    private readonly clock: Clock,
    private readonly readBase: ReadBase,
    readonly shared: SharedMeters,
  ) {}

  /** At once where nobody need be asked. Rejects never: a database that is away knows no base, and the count begins at 0. */
  take(meters: readonly Meter[], demand: Demand): Pass | Refused | Promise<Pass | Refused> {
    const at = this.moment();
    for (const meter of meters) if (meter.needsBase(at)) return this.withBases(meters, demand, at);
    if (this.shared.active) {
      const answer = this.shared.take(meters, demand, at);
      return answer instanceof Promise ? answer.then((given) => this.passOf(given)) : this.passOf(answer);
    }
    return this.passOf(takeHere(meters, demand, at));
  }

  moment(): Moment {
    return { mono: this.clock.monotonic(), unix: this.clock.now() };
  }

  private passOf(answer: Taken[] | Refused): Pass | Refused {
    return Array.isArray(answer) ? new Pass(answer, this) : answer;
  }

  private async withBases(meters: readonly Meter[], demand: Demand, at: Moment): Promise<Pass | Refused> {
    const missing = meters.filter((meter) => meter.needsBase(at));
    const bases = await Promise.all(missing.map((meter) => this.readBase(meter, meter.periodKind ?? "day", meter.periodAt(at)).catch(() => 0)));
    missing.forEach((meter, index) => meter.setBase(bases[index] ?? 0, at));
    return this.take(meters, demand);
  }
}

/** All or nothing from this process's own counts. `share`: its part of each limit, where the store cannot be asked. */
export function takeHere(meters: readonly Meter[], demand: Demand, at: Moment, share?: number): Taken[] | Refused {
  let worst: Refused | undefined;
  for (const meter of meters) {
    const units = unitsOf(demand, meter);
    const waitMs = meter.waitMs(units, at, share);
    if (waitMs > (worst?.waitMs ?? 0)) worst = { refused: meter, units, waitMs };
  }
  if (worst) return worst;
  return meters.map((meter) => {
    const units = unitsOf(demand, meter);
    meter.add(units, at);
    return { meter, units, at, second: 0 };
  });
}

/** What a request has taken. Ends once. */
export class Pass {
  private open = true;

  constructor(
    private readonly taken: readonly Taken[],
    private readonly book: LimitBook,
  ) {
    for (const { meter } of taken) meter.holders += 1;
  }

  get meters(): readonly Meter[] {
    return this.taken.map(({ meter }) => meter);
  }

  /** The request is over: its estimates become what it used, its place is free. */
  end(used: { tokens: number; spendNano: number }): void {
    this.close((kind, units) => (kind === "tokensPerMinute" ? used.tokens : kind === "spendPerDay" || kind === "spendPerMonth" ? used.spendNano : kind === "concurrency" ? 0 : units));
  }

  /** The request was refused for another reason, before anything was done for it: it counts nowhere. */
  cancel(): void {
    this.close(() => 0);
  }

  private close(actual: (kind: LimitKind, units: number) => number): void {
    if (!this.open) return;
    this.open = false;
    const now = this.book.moment();
    for (const taken of this.taken) {
      taken.meter.holders -= 1;
      const difference = actual(taken.meter.kind, taken.units) - taken.units;
      if (difference === 0) continue;
      // What was used beyond the estimate was used just now.
      taken.meter.add(difference, now, difference < 0 || taken.meter.periodKind ? taken.at : now);
      this.book.shared.correct(taken, difference, now);
    }
  }
}
