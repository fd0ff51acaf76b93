import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FakeClock } from "../clock/fake-clock.ts";
import { type Hold, LeaseBook, type LeaseSource, OVERSPEND_NANO_MAX } from "./lease-book.ts";

/** A bank as the database is one: balance, leases by process, all or none. */
class Bank {
  leased = new Map<LeaseBook | string, number>();
  constructor(public balance: number) {}

  source(owner: string): LeaseSource {
    return {
      take: (asks) => {
        // Its own negative lease is paid by the balance already (migration 0011).
        const free = this.free() - Math.min(0, this.leased.get(owner) ?? 0);
        const short = asks.some((ask) => free < ask.needNano);
        const grant = (ask: { needNano: number; wantNano: number }): number => (short ? 0 : Math.min(free, Math.max(ask.needNano, Math.min(ask.wantNano, Math.floor(free / 4)))));
        return Promise.resolve(
          asks.map((ask) => {
            const granted = grant(ask);
            this.leased.set(owner, (this.leased.get(owner) ?? 0) + granted);
            return { budgetId: ask.budgetId, grantedNano: granted, freeNano: free - granted, elsewhereNano: 0, balanceNano: this.balance };
          }),
        );
      },
      giveBack: (returns) => {
        for (const { amountNano } of returns) this.leased.set(owner, (this.leased.get(owner) ?? 0) - amountNano);
        return Promise.resolve();
      },
      recall: () => Promise.resolve(),
    };
  }

  free(): number {
    return this.balance - [...this.leased.values()].reduce((sum, amount) => sum + Math.max(amount, 0), 0);
  }

  settle(owner: string, charge: number): void {
    this.balance -= charge;
    this.leased.set(owner, (this.leased.get(owner) ?? 0) - charge);
  }
}

describe("LeaseBook", () => {
  test("M15: 500 holds at once on a balance for 100: exactly 100 are given", async () => {
    const bank = new Bank(100 * 1_000);
    const book = new LeaseBook(bank.source("p"), new FakeClock());
    const answers = await Promise.all(Array.from({ length: 500 }, () => book.hold([1], 1_000, 1_000)));
    expect(answers.filter((answer) => !("refused" in answer)).length).toBe(100);
    expect(bank.free()).toBe(0);
  });

  test("M15: a charge far above its hold locks nobody out of what is left", async () => {
    const bank = new Bank(100_000);
    const book = new LeaseBook(bank.source("p"), new FakeClock());
    const hold = (await book.hold([1], 1_000, 70_000)) as Hold;
    book.end(hold, 60_000);
    bank.settle("p", 60_000);
    expect(bank.balance).toBe(40_000);
    expect("refused" in (await book.hold([1], 1_000, 1_000))).toBe(false);
    // And no more than what is left is given.
    expect("refused" in (await book.hold([1], 40_000, 40_000))).toBe(true);
  });

  test("F08: a database that gives no answer refuses within seconds, and its late answer is not lost", async () => {
    const bank = new Bank(100_000);
    const late = Promise.withResolvers<void>();
    const source = bank.source("p");
    const book = new LeaseBook({ ...source, take: async (asks) => (await late.promise, source.take(asks)) }, new FakeClock(), 20);
    expect(await book.hold([1], 1_000, 1_000)).toMatchObject({ refused: "unavailable" });
    late.resolve();
    await Bun.sleep(5);
    expect(book.tryHold([1], 1_000, 1_000)).toBeDefined();
  });

  test("I3: a hold ends once", async () => {
    const book = new LeaseBook(new Bank(10_000).source("p"), new FakeClock());
    const hold = (await book.hold([1], 10, 10)) as Hold;
    book.end(hold, 5);
    expect(() => book.end(hold, 5)).toThrow("ends once");
  });

  test("M15: whatever the requests cost, a wallet ends no deeper than the documented bound", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 20_000_000_000 }),
        fc.array(fc.record({ expected: fc.integer({ min: 1, max: 100_000_000 }), factor: fc.integer({ min: 1, max: 30 }), end: fc.integer({ min: 0, max: 100 }) }), { maxLength: 300 }),
        fc.integer({ min: 1, max: 60 }),
        async (balance, requests, width) => {
          const bank = new Bank(balance);
          const book = new LeaseBook(bank.source("p"), new FakeClock());
          const open: { hold: Hold; charge: number }[] = [];
          let largestExcess = 0;
          for (const request of requests) {
            const worst = request.expected * request.factor;
            const answer = await book.hold([1], request.expected, worst);
            if (!("refused" in answer)) {
              // Any cost up to the worst case.
              open.push({ hold: answer, charge: Math.floor((worst * request.end) / 100) });
              largestExcess = Math.max(largestExcess, worst - request.expected);
            }
            while (open.length > width) settleFirst();
          }
          while (open.length > 0) settleFirst();
          expect(bank.balance).toBeGreaterThanOrEqual(-Math.max(OVERSPEND_NANO_MAX, largestExcess));
          expect(book.totals().heldNano).toBe(0);

          function settleFirst(): void {
            const next = open.shift();
            if (!next) return;
            book.end(next.hold, next.charge);
            bank.settle("p", next.charge);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test("F08: without word from the database nothing is admitted", async () => {
    const clock = new FakeClock();
    const book = new LeaseBook(new Bank(1e12).source("p"), clock);
    expect("refused" in (await book.hold([1], 10, 10))).toBe(false);
    clock.advance(60_000);
    expect(await book.hold([1], 10, 10)).toMatchObject({ refused: "unavailable" });
    book.confirm(clock.monotonic());
    expect("refused" in (await book.hold([1], 10, 10))).toBe(false);
  });
});
