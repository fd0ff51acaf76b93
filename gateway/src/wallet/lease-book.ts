import type { Clock } from "../clock/clock.ts";

/**
 * What this process may spend of each budget without asking the database.
 *
 * A budget's lease is money set aside in Postgres for this process alone; holds reserve from it in memory; charges use it up.
 * All amounts are nano-dollars in safe integers (a lease never nears 2^53 nano = $9 million).
 *
 * Overspend is bounded. A hold reserves what a request is expected to cost; its worst case may be more. A request is let in only if
 * the worst cases of all open holds of its wallet, together with its own, stay within what the wallet is known to hold plus
 * OVERSPEND_NANO_MAX - or if it is the only one. So a wallet ends at worst, per process, OVERSPEND_NANO_MAX or the excess of one single
 * request below zero.
 */
export const OVERSPEND_NANO_MAX = 2_000_000_000;
/** A lease is asked for at least this many times the need, so that the next requests need not ask. */
const LEASE_NEEDS_AHEAD = 64;
/** A lease that lasted less than this is asked for larger next time, so that a busy wallet asks a few times a second and not every few requests. */
const LEASE_LASTS_MS = 1_000;
/** By how much, and up to how many times the need. */
const LEASE_GROWTH = 4;
const LEASE_NEEDS_AHEAD_MAX = 262_144;
/** A lease below this share of the last want is renewed in the background. */
const REFILL_BELOW_SHARE = 0.5;
/** How long an answer "not enough" is believed without asking again: spares the database a flood of penniless requests. */
export const REFUSAL_BELIEVED_MS = 250;
/** How long other processes get to return what they do not need. */
export const RECALL_WAIT_MS = 400;
/** A budget untouched for this long gives its lease back. */
const IDLE_RETURN_MS = 3_000;
/** A database that has not answered a question for a lease by then is taken for away; its answer still counts when it comes. */
const ANSWER_MS_MAX = 3_000;
/** Leases are spent only while the database has confirmed this process within this time; it drops the silent after twice that. */
export const CONFIRMED_WITHIN_MS = 15_000;

/** What the book needs of the database. Errors mean: not reachable. */
export interface LeaseSource {
  take(asks: { budgetId: number; needNano: number; wantNano: number }[]): Promise<
    { budgetId: number; grantedNano: number; freeNano: number; elsewhereNano: number; balanceNano: number }[]
  >;
  giveBack(returns: { budgetId: number; amountNano: number }[]): Promise<void>;
  recall(budgetId: number): Promise<void>;
}

interface Entry {
  id: number;
  /** set aside for us and not yet charged; may be negative after a charge above its hold */
  leasedNano: number;
  /** reserved by open holds */
  heldNano: number;
  /** worst cases of open holds */
  worstNano: number;
  openHolds: number;
  /** free in the database when last asked */
  freeNano: number;
  wantNano: number;
  /** how many times the need is asked for next, and when it was last asked */
  needsAhead: number;
  askedAt: number;
  refusedUntil: number;
  refusedNeedNano: number;
  touchedAt: number;
  /** a question to the database under way: others wait for it instead of asking beside it */
  asking: Promise<unknown> | undefined;
}

export interface Hold {
  readonly budgets: readonly number[];
  readonly expectedNano: number;
  readonly worstNano: number;
  open: boolean;
}

/** Why no hold was given: which budget is too low, or too much in flight for it, or the database is away. */
export type Refusal =
  | { refused: "insufficient"; budgetId: number; balanceNano: number }
  | { refused: "busy"; budgetId: number }
  | { refused: "unavailable"; cause: unknown };

export class LeaseBook {
  private readonly entries = new Map<number, Entry>();
  private confirmedAt: number;
  private readonly returnWaiters = new Map<number, Set<() => void>>();
  /** live processes sharing the wallets: the worst-case room is divided among them */
  processes = 1;

  constructor(
    private readonly source: LeaseSource,
    private readonly clock: Clock,
    private readonly answerMsMax = ANSWER_MS_MAX,
  ) {
    this.confirmedAt = clock.monotonic();
  }

  /** A hold at once from what is leased, or undefined when the database must be asked (or refuses). */
  tryHold(budgets: readonly number[], expectedNano: number, worstNano: number): Hold | undefined {
    const now = this.clock.monotonic();
    if (now - this.confirmedAt > CONFIRMED_WITHIN_MS) return undefined;
    for (const id of budgets) {
      const entry = this.entries.get(id);
      if (!entry || entry.leasedNano - entry.heldNano < expectedNano || this.overexposed(entry, worstNano)) return undefined;
    }
    for (const id of budgets) {
      const entry = this.entry(id);
      entry.heldNano += expectedNano;
      entry.worstNano += worstNano;
      entry.openHolds += 1;
      entry.touchedAt = now;
      this.refillSoon(entry, expectedNano);
    }
    return { budgets, expectedNano, worstNano, open: true };
  }

  /** A hold on all budgets or on none, asking the database where the leases do not reach. */
  async hold(budgets: readonly number[], expectedNano: number, worstNano: number): Promise<Hold | Refusal> {
    let recalled = false;
    const deadline = this.clock.monotonic() + RECALL_WAIT_MS;
    for (;;) {
      const hold = this.tryHold(budgets, expectedNano, worstNano);
      if (hold) return hold;
      if (this.clock.monotonic() - this.confirmedAt > CONFIRMED_WITHIN_MS)
        return { refused: "unavailable", cause: new Error("the database has not confirmed this process lately") };
      const short = budgets.filter((id) => {
        const entry = this.entries.get(id);
        return !entry || entry.leasedNano - entry.heldNano < expectedNano;
      });
      if (short.length === 0) {
        const over = budgets.find((id) => this.overexposed(this.entry(id), worstNano));
        if (over !== undefined) return { refused: "busy", budgetId: over };
        continue;
      }
      const asking = short.map((id) => this.entry(id).asking).find((question) => question !== undefined);
      if (asking) {
        await asking;
        continue;
      }
      const believed = short.map((id) => this.entry(id)).find((e) => e.refusedUntil > this.clock.monotonic() && expectedNano >= e.refusedNeedNano);
      if (believed) return { refused: "insufficient", budgetId: believed.id, balanceNano: believed.freeNano };
      let refused: { budgetId: number; elsewhereNano: number; balanceNano: number } | undefined;
      try {
        refused = await this.ask(short, expectedNano);
      } catch (cause) {
        return { refused: "unavailable", cause };
      }
      if (!refused) continue;
      if (refused.elsewhereNano > 0 && this.clock.monotonic() < deadline) {
        // Another process holds a lease on it: what it does not need comes back.
        if (!recalled) await this.source.recall(refused.budgetId).catch(() => undefined);
        recalled = true;
        await this.returned(refused.budgetId, deadline - this.clock.monotonic());
        continue;
      }
      const entry = this.entry(refused.budgetId);
      entry.refusedUntil = this.clock.monotonic() + REFUSAL_BELIEVED_MS;
      entry.refusedNeedNano = expectedNano;
      return { refused: "insufficient", budgetId: refused.budgetId, balanceNano: refused.balanceNano };
    }
  }

  /** A hold that reserves nothing and is always given: what was used is owed, whatever is left. */
  emptyHold(budgets: readonly number[]): Hold {
    for (const id of budgets) this.entry(id).openHolds += 1;
    return { budgets, expectedNano: 0, worstNano: 0, open: true };
  }

  /** Ends a hold with a charge (0 releases it). Ends once: a second call is an error of ours. */
  end(hold: Hold, chargeNano: number): void {
    if (!hold.open) throw new Error("a hold ends once");
    hold.open = false;
    const now = this.clock.monotonic();
    for (const id of hold.budgets) {
      const entry = this.entry(id);
      entry.heldNano -= hold.expectedNano;
      entry.worstNano -= hold.worstNano;
      entry.openHolds -= 1;
      entry.leasedNano -= chargeNano;
      entry.touchedAt = now;
    }
  }

  /** The database has confirmed that this process lives, as of `at` (monotonic, when the question was sent). */
  confirm(at: number): void {
    this.confirmedAt = at;
  }

  /** The database had given this process up: its leases are gone. Open holds stay and count against the next lease. */
  forgetLeases(): void {
    for (const entry of this.entries.values()) entry.leasedNano = 0;
  }

  /** A budget was credited or edited: what was known about it is old. */
  changed(budgetId: number): void {
    const entry = this.entries.get(budgetId);
    if (entry) entry.refusedUntil = 0;
    this.wake(budgetId);
  }

  /** Some process gave part of a lease back. */
  wake(budgetId: number): void {
    for (const waiter of this.returnWaiters.get(budgetId) ?? []) waiter();
  }

  /** Gives back what no open hold needs: of one budget (another process asks), or of all idle ones. */
  async giveBack(budgetId?: number): Promise<void> {
    const now = this.clock.monotonic();
    const returns: { budgetId: number; amountNano: number }[] = [];
    for (const entry of this.entries.values()) {
      const wanted = budgetId === undefined ? now - entry.touchedAt > IDLE_RETURN_MS : entry.id === budgetId;
      const spare = entry.leasedNano - entry.heldNano;
      if (!wanted || spare <= 0) continue;
      entry.leasedNano -= spare;
      entry.wantNano = 0;
      returns.push({ budgetId: entry.id, amountNano: spare });
      if (entry.openHolds === 0 && entry.leasedNano === 0) this.entries.delete(entry.id);
    }
    try {
      await this.source.giveBack(returns);
    } catch {
      // Not reachable, and it may or may not have been done: count it as given back, the sweep frees it at the latest.
    }
  }

  /** Frees what nobody needs of a budget, here and in the other processes; resolves when some of it may have come back, or the time they get is over. */
  async reclaim(budgetId: number): Promise<void> {
    const others = this.returned(budgetId, RECALL_WAIT_MS);
    await Promise.all([this.giveBack(budgetId), this.source.recall(budgetId).catch(() => undefined)]);
    await others;
  }

  /** Leased and held sums over all budgets, nano-dollars: for metrics and tests. */
  totals(): { leasedNano: number; heldNano: number; openHolds: number } {
    const totals = { leasedNano: 0, heldNano: 0, openHolds: 0 };
    for (const entry of this.entries.values()) {
      totals.leasedNano += entry.leasedNano;
      totals.heldNano += entry.heldNano;
      totals.openHolds += entry.openHolds;
    }
    return totals;
  }

  private overexposed(entry: Entry, worstNano: number): boolean {
    if (entry.openHolds === 0) return false;
    const room = Math.max(entry.leasedNano, 0) + Math.max(entry.freeNano, 0) / this.processes + OVERSPEND_NANO_MAX;
    return entry.worstNano + worstNano > room;
  }

  private refillSoon(entry: Entry, expectedNano: number): void {
    const spare = entry.leasedNano - entry.heldNano;
    if (entry.asking || entry.freeNano <= 0 || spare > entry.wantNano * REFILL_BELOW_SHARE) return;
    this.ask([entry.id], expectedNano).catch(() => undefined);
  }

  /** Asks for leases, one question per budget at a time. */
  private ask(budgets: readonly number[], expectedNano: number): Promise<{ budgetId: number; elsewhereNano: number; balanceNano: number } | undefined> {
    const answer = this.question(budgets, expectedNano);
    const settled = answer.then(
      () => undefined,
      () => undefined,
    );
    for (const id of budgets) this.entry(id).asking = settled;
    return answer.finally(() => {
      for (const id of budgets) this.entry(id).asking = undefined;
    });
  }

  /** Asks for leases on the budgets; gives the one that is too low, or undefined when all were granted. */
  private async question(
    budgets: readonly number[],
    expectedNano: number,
  ): Promise<{ budgetId: number; elsewhereNano: number; balanceNano: number } | undefined> {
    const asks = budgets.map((budgetId) => {
      const entry = this.entry(budgetId);
      const needNano = Math.max(0, expectedNano - (entry.leasedNano - entry.heldNano));
      const now = this.clock.monotonic();
      entry.needsAhead = now - entry.askedAt < LEASE_LASTS_MS ? Math.min(entry.needsAhead * LEASE_GROWTH, LEASE_NEEDS_AHEAD_MAX) : Math.max(entry.needsAhead / LEASE_GROWTH, LEASE_NEEDS_AHEAD);
      entry.askedAt = now;
      return { budgetId, needNano, wantNano: Math.max(expectedNano, entry.heldNano) * entry.needsAhead };
    });
    const answers = await this.inTime(
      this.source.take(asks).then((granted) => {
        for (const answer of granted) {
          const entry = this.entry(answer.budgetId);
          entry.leasedNano += answer.grantedNano;
          entry.freeNano = answer.freeNano;
          entry.touchedAt = this.clock.monotonic();
          if (answer.grantedNano > 0) entry.wantNano = answer.grantedNano;
        }
        return granted;
      }),
    );
    for (const ask of asks) {
      const answer = answers.find((a) => a.budgetId === ask.budgetId);
      if (!answer) return { budgetId: ask.budgetId, elsewhereNano: 0, balanceNano: 0 };
      if (answer.grantedNano === 0 && answer.freeNano < ask.needNano)
        return { budgetId: ask.budgetId, elsewhereNano: answer.elsewhereNano, balanceNano: answer.balanceNano };
    }
    return undefined;
  }

  private async inTime<T>(answer: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error("the database gives no answer")), this.answerMsMax)));
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private returned(budgetId: number, waitMs: number): Promise<void> {
    const waiters = this.returnWaiters.get(budgetId) ?? new Set();
    this.returnWaiters.set(budgetId, waiters);
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        waiters.delete(done);
        if (waiters.size === 0) this.returnWaiters.delete(budgetId);
        resolve();
      };
      const timer = setTimeout(done, Math.max(1, waitMs));
      waiters.add(done);
    });
  }

  private entry(id: number): Entry {
    const known = this.entries.get(id);
    if (known) return known;
    const made: Entry = {
      id, leasedNano: 0, heldNano: 0, worstNano: 0, openHolds: 0, freeNano: 0, wantNano: 0,
      needsAhead: LEASE_NEEDS_AHEAD, askedAt: Number.NEGATIVE_INFINITY, refusedUntil: 0, refusedNeedNano: 0, touchedAt: this.clock.monotonic(), asking: undefined,
    };
    this.entries.set(id, made);
    return made;
  }
}
