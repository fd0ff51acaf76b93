import type { Clock } from "../clock/clock.ts";
import { type Refused, type Taken, takeHere } from "./limit-book.ts";
import { Lease, type Meter, type Moment, SLOT_WAIT_MS } from "./meter.ts";
import { type Demand, unitsOf } from "./rule.ts";

/** A grant is used within this time or given back: so what counts in a minute was used within a minute and this. */
const GRANT_MS = 1_000;
/** How often what was not used is given back, and what was used beyond a grant is told. */
export const TELL_MS = 100;
/** Places of requests that ended are kept this long for the next one here. */
const SLOT_KEPT_MS = 100;
/** A refusal is believed this long without asking again. */
const REFUSAL_BELIEVED_MS = 250;
/** A store that has not answered by then is taken for away. */
const ANSWER_MS_MAX = 1_000;
/** While it is away it is asked again after this. */
const AWAY_MS = 1_000;

/** `minute`: the last 60 seconds; `period`: one day or month, named in the meter; `slots`: places held until given back. */
export type StoreKind = "minute" | "period" | "slots";

export interface MeterAsk {
  meter: string;
  kind: StoreKind;
  max: number;
  /** granted whole, for all meters of the question or for none */
  need: number;
  /** up to this much more is welcome */
  want: number;
  /** used already, counted in any case */
  add: number;
  /** what is known to have been used of a period: the store never counts less */
  base: number;
}

export interface MeterAnswer {
  /** 0 for all when one falls short */
  granted: number;
  /** used by all, the grant included */
  used: number;
  /** the store's clock, Unix seconds */
  second: number;
  /** of a minute: when the need may fit */
  waitMs: number;
}

export interface MeterChange {
  meter: string;
  kind: StoreKind;
  second: number;
  /** negative: given back */
  units: number;
}

/** What counts for several processes. Errors mean: not reachable. */
export interface MeterStore {
  take(asks: readonly MeterAsk[]): Promise<MeterAnswer[]>;
  adjust(changes: readonly MeterChange[]): Promise<void>;
}

export const storeKind = (meter: Meter): StoreKind => (meter.periodKind ? "period" : meter.kind === "concurrency" ? "slots" : "minute");

/**
 * Limits over several processes. The store counts; a process asks it for as much as it needs next and uses that from memory. What is granted counts as used
 * until it is given back, so that all processes together never let through more than the limit; they may let through less, by what others were granted and
 * have not yet used (GRANT_MS at most). While the store is away each process lets through its share by its own counts.
 */
export class SharedMeters {
  /** processes that share the limits */
  processes = 1;
  private shared = false;
  private awayUntil = Number.NEGATIVE_INFINITY;
  private readonly leased = new Set<Meter>();
  private readonly changes: MeterChange[] = [];
  private timer: ReturnType<typeof setInterval> | undefined;
  private telling: Promise<void> | undefined;

  constructor(
    private readonly store: MeterStore,
    private readonly clock: Clock,
    private readonly onAway: (error: unknown) => void,
  ) {}

  /** Once there were others, the store has the count for good. */
  get active(): boolean {
    this.shared ||= this.processes > 1;
    return this.shared;
  }

  start(): void {
    this.timer = setInterval(() => void this.tell(), TELL_MS);
  }

  /** Gives everything back. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.tell(true);
  }

  take(meters: readonly Meter[], demand: Demand, at: Moment): Taken[] | Refused | Promise<Taken[] | Refused> {
    if (at.mono < this.awayUntil) return takeHere(meters, demand, at, 1 / this.processes);
    return this.fromLeases(meters, demand, at) ?? this.ask(meters, demand);
  }

  /** A request ended with another use than was taken. */
  correct({ meter, second, at }: Taken, difference: number, now: Moment): void {
    const { lease } = meter;
    // What the store did not grant it need not get back.
    if (!lease || second === 0) return;
    const kind = storeKind(meter);
    if (kind === "slots") {
      lease.free -= difference;
      lease.grantedAt = now.mono;
    } else if (difference > 0) lease.owed += difference;
    else this.changes.push({ meter: storeName(meter, meter.periodAt(at)), kind, second, units: difference });
    this.leased.add(meter);
  }

  /** From what is granted already; undefined where the store must be asked. */
  private fromLeases(meters: readonly Meter[], demand: Demand, at: Moment): Taken[] | Refused | undefined {
    for (const meter of meters) {
      const units = unitsOf(demand, meter);
      const { lease } = meter;
      if (!lease) return undefined;
      if (lease.refusedUntil > at.mono && units >= lease.refusedNeed) return { refused: meter, units, waitMs: lease.refusedWaitMs };
      if (units > 0 && (!isFresh(meter, lease, at) || lease.free < units)) return undefined;
    }
    return meters.map((meter) => {
      const units = unitsOf(demand, meter);
      const lease = meter.lease as Lease;
      lease.free -= units;
      lease.lately += units;
      meter.add(units, at);
      return { meter, units, at, second: lease.second };
    });
  }

  private async ask(meters: readonly Meter[], demand: Demand): Promise<Taken[] | Refused> {
    const wanted = meters.map((meter) => unitsOf(demand, meter));
    // Nothing is impossible but what is larger than the limit itself.
    const beyond = meters.findIndex((meter, index) => (wanted[index] ?? 0) > meter.max);
    if (beyond >= 0) return { refused: meters[beyond] as Meter, units: wanted[beyond] ?? 0, waitMs: Number.POSITIVE_INFINITY };
    meters.forEach((meter, index) => (this.leaseOf(meter).waiting += wanted[index] ?? 0));
    try {
      for (;;) {
        const at = { mono: this.clock.monotonic(), unix: this.clock.now() };
        const given = this.fromLeases(meters, demand, at);
        if (given) return given;
        const asking = meters.map((meter) => meter.lease?.asking).find((question) => question !== undefined);
        if (asking) {
          await asking;
          continue;
        }
        const question = this.question(meters, demand, at);
        for (const meter of meters) this.leaseOf(meter).asking = question;
        const refused = await question.finally(() => meters.forEach((meter) => (this.leaseOf(meter).asking = undefined)));
        if (refused === "away") return takeHere(meters, demand, { mono: this.clock.monotonic(), unix: this.clock.now() }, 1 / this.processes);
        if (refused) return refused;
      }
    } finally {
      meters.forEach((meter, index) => (this.leaseOf(meter).waiting -= wanted[index] ?? 0));
    }
  }

  /** One question for all meters. Gives nothing when all was granted. */
  private async question(meters: readonly Meter[], demand: Demand, at: Moment): Promise<Refused | "away" | undefined> {
    const asks = meters.map((meter): MeterAsk => {
      const lease = this.leaseOf(meter);
      this.giveBackStale(meter, lease, at);
      const need = Math.max(0, unitsOf(demand, meter) - lease.free);
      const want = Math.max(need, lease.waiting - lease.free, storeKind(meter) === "slots" ? 0 : lease.lately - lease.free);
      const add = lease.owed;
      lease.owed = 0;
      lease.lately = 0;
      return { meter: storeName(meter, meter.periodAt(at)), kind: storeKind(meter), max: meter.max, need, want, add, base: storeKind(meter) === "period" ? meter.used(at) : 0 };
    });
    let answers: MeterAnswer[];
    try {
      answers = await this.inTime(this.store.take(asks));
    } catch (error) {
      asks.forEach((ask, index) => (this.leaseOf(meters[index] as Meter).owed += ask.add));
      this.awayUntil = this.clock.monotonic() + AWAY_MS;
      this.onAway(error);
      return "away";
    }
    const now = this.clock.monotonic();
    let refused: Refused | undefined;
    meters.forEach((meter, index) => {
      const { need } = asks[index] as MeterAsk;
      const answer = answers[index] as MeterAnswer;
      const lease = this.leaseOf(meter);
      lease.usedByAll = answer.used;
      if (answer.granted > 0) {
        lease.free += answer.granted;
        lease.grantedAt = now;
        lease.second = answer.second;
        lease.period = meter.periodAt(at);
        this.leased.add(meter);
      } else if (answer.used + need > meter.max) {
        lease.refusedWaitMs = Math.max(1, storeKind(meter) === "minute" ? answer.waitMs : meter.periodEndMs(at) || SLOT_WAIT_MS);
        lease.refusedUntil = now + Math.min(lease.refusedWaitMs, storeKind(meter) === "slots" ? SLOT_KEPT_MS : REFUSAL_BELIEVED_MS);
        lease.refusedNeed = need;
        if (lease.refusedWaitMs > (refused?.waitMs ?? 0)) refused = { refused: meter, units: unitsOf(demand, meter), waitMs: lease.refusedWaitMs };
      }
    });
    return refused;
  }

  /** Tells the store what was used beyond grants and what is not needed. `all`: this process ends. */
  private tell(all = false): Promise<void> {
    this.telling ??= this.tellOnce(all).finally(() => (this.telling = undefined));
    return this.telling;
  }

  private async tellOnce(all: boolean): Promise<void> {
    const at = { mono: this.clock.monotonic(), unix: this.clock.now() };
    for (const meter of this.leased) {
      const lease = meter.lease as Lease;
      if (lease.asking) continue;
      const kept = storeKind(meter) === "slots" ? SLOT_KEPT_MS : GRANT_MS;
      if (all || at.mono - lease.grantedAt >= kept) this.giveBack(meter, lease);
      if (lease.owed > 0) this.changes.push({ meter: storeName(meter, meter.periodAt(at)), kind: storeKind(meter), second: 0, units: lease.owed });
      lease.owed = 0;
      if (lease.isIdle) this.leased.delete(meter);
    }
    if (this.changes.length === 0) return;
    const told = this.changes.splice(0);
    try {
      await this.inTime(this.store.adjust(told));
    } catch (error) {
      // It may or may not have been done. What was not given back leaves the window by itself; places are told again.
      this.changes.push(...told.filter(({ kind }) => kind === "slots"));
      this.onAway(error);
    }
  }

  private giveBackStale(meter: Meter, lease: Lease, at: Moment): void {
    if (!isFresh(meter, lease, at)) this.giveBack(meter, lease);
  }

  private giveBack(meter: Meter, lease: Lease): void {
    if (lease.free <= 0) return;
    this.changes.push({ meter: storeName(meter, lease.period), kind: storeKind(meter), second: lease.second, units: -lease.free });
    lease.free = 0;
  }

  private leaseOf(meter: Meter): Lease {
    if (!meter.lease) {
      meter.lease = new Lease();
      // What was used here before others came is told first; of a period it goes along as the base. Places held since before end unknown to the store.
      if (storeKind(meter) === "minute") meter.lease.owed = meter.used({ mono: this.clock.monotonic(), unix: this.clock.now() });
    }
    return meter.lease;
  }

  private async inTime<T>(answer: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error("the store of limits gives no answer")), ANSWER_MS_MAX)));
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

const storeName = (meter: Meter, period: number): string => (meter.periodKind ? `${meter.name}:${period}` : meter.name);

function isFresh(meter: Meter, lease: Lease, at: Moment): boolean {
  const kind = storeKind(meter);
  if (kind === "slots") return true;
  return at.mono - lease.grantedAt < GRANT_MS && (kind !== "period" || lease.period === meter.periodAt(at));
}
