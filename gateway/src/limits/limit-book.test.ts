import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FakeClock } from "../clock/fake-clock.ts";
import { LimitBook, Pass, type Refused } from "./limit-book.ts";
import { Meter } from "./meter.ts";
import type { Demand, LimitKind } from "./rule.ts";
import { SharedMeters } from "./shared-meters.ts";

const NOBODY = { take: () => Promise.reject(new Error("not asked")), adjust: () => Promise.reject(new Error("not asked")) };

/** A clock whose wall can be set without moving the monotonic one. */
class JumpyClock extends FakeClock {
  private jump = 0;
  override now(): number {
    return super.now() + this.jump;
  }
  setBack(ms: number): void {
    this.jump -= ms;
  }
}

function bookOf(clock: FakeClock, base = 0): LimitBook {
  return new LimitBook(clock, () => Promise.resolve(base), new SharedMeters(NOBODY, clock, () => undefined));
}

const demand = (more: Partial<Demand> = {}): Demand => ({ requests: 1, tokens: 100, spendNano: 10, concurrent: 1, ...more });
const meter = (kind: LimitKind, max: number): Meter => new Meter("key", "1", kind, max);

describe("V37: limits against a simple model", () => {
  const kinds: LimitKind[] = ["requestsPerMinute", "tokensPerMinute", "requestsPerDay", "concurrency", "spendPerDay"];
  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: 30_000 }),
    tokens: fc.integer({ min: 0, max: 60 }),
    used: fc.integer({ min: 0, max: 120 }),
    spend: fc.integer({ min: 0, max: 60 }),
    charge: fc.integer({ min: 0, max: 120 }),
    ends: fc.nat(),
    cancels: fc.boolean(),
  });

  test("all meters or none, estimates become use, whatever the order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 5, maxLength: 5 }), async (steps, maxima) => {
        const clock = new FakeClock();
        const book = bookOf(clock);
        const meters = kinds.map((kind, index) => meter(kind, maxima[index] ?? 1));
        /** what each request has taken, and when: the model adds it up anew each time */
        const log: { at: number; tokens: { at: number; units: number }[]; spend: number; open: boolean; counted: boolean; pass: Pass }[] = [];
        const within = (at: number): boolean => at > clock.monotonic() - 60_000;
        for (const { waitMs, tokens, used, spend, charge, ends, cancels } of steps) {
          clock.advance(waitMs);
          const open = log.filter((entry) => entry.open);
          const ending = open[ends % Math.max(1, open.length)];
          if (ending) {
            if (cancels) ending.pass.cancel();
            else ending.pass.end({ tokens: used, spendNano: charge });
            const estimate = ending.tokens[0]?.units ?? 0;
            if (cancels) Object.assign(ending, { counted: false, tokens: [], spend: 0 });
            else {
              ending.spend = charge;
              ending.tokens = used <= estimate ? [{ at: ending.at, units: used }] : [{ at: ending.at, units: estimate }, { at: clock.monotonic(), units: used - estimate }];
            }
            ending.open = false;
          }
          const answer = await book.take(meters, { requests: 1, tokens, spendNano: spend, concurrent: 1 });
          const counted = log.filter((entry) => entry.counted);
          const least = {
            requests: counted.filter(({ at }) => within(at)).length,
            tokens: counted.flatMap((entry) => entry.tokens).filter(({ at }) => within(at)).reduce((sum, { units }) => sum + units, 0),
            day: counted.length,
            open: log.filter((entry) => entry.open).length,
            spend: counted.reduce((sum, entry) => sum + entry.spend, 0),
          };
          const [rpm, tpm, rpd, concurrency, spendDay] = maxima as [number, number, number, number, number];
          if (answer instanceof Pass) {
            expect(least.requests + 1).toBeLessThanOrEqual(rpm);
            expect(least.tokens + tokens).toBeLessThanOrEqual(tpm);
            expect(least.day + 1).toBeLessThanOrEqual(rpd);
            expect(least.open + 1).toBeLessThanOrEqual(concurrency);
            expect(least.spend + spend).toBeLessThanOrEqual(spendDay);
            log.push({ at: clock.monotonic(), tokens: [{ at: clock.monotonic(), units: tokens }], spend, open: true, counted: true, pass: answer });
          } else {
            const over: Partial<Record<LimitKind, boolean>> = {
              requestsPerDay: least.day + 1 > rpd, concurrency: least.open + 1 > concurrency, spendPerDay: least.spend + spend > spendDay,
            };
            // A window of seconds may keep what was used up to a second longer than the minute.
            expect(over[answer.refused.kind] ?? true).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

test("exactly ten of fifty at once have room, and each end makes room for one", async () => {
  const clock = new FakeClock();
  const book = bookOf(clock);
  const meters = [meter("concurrency", 10)];
  const answers = await Promise.all(Array.from({ length: 50 }, () => book.take(meters, demand())));
  const passes = answers.filter((answer): answer is Pass => answer instanceof Pass);
  expect(passes).toHaveLength(10);
  passes[0]?.end({ tokens: 0, spendNano: 0 });
  // Ends once: a second word makes no second place.
  passes[0]?.end({ tokens: 0, spendNano: 0 });
  passes[0]?.cancel();
  expect(book.take(meters, demand())).toBeInstanceOf(Pass);
  expect(book.take(meters, demand())).not.toBeInstanceOf(Pass);
});

test("a request larger than the limit itself is told so, and a refused one takes nothing", () => {
  const book = bookOf(new FakeClock());
  const [tokens, requests] = [meter("tokensPerMinute", 1_000), meter("requestsPerMinute", 2)];
  expect((book.take([requests, tokens], demand({ tokens: 1_001 })) as Refused).waitMs).toBe(Number.POSITIVE_INFINITY);
  expect(requests.used(book.moment())).toBe(0);
  expect(book.take([requests, tokens], demand())).toBeInstanceOf(Pass);
});

test("F23: a minute is measured by the monotonic clock, and a wall clock set back finds the day as it was", async () => {
  const clock = new JumpyClock(Date.UTC(2026, 5, 15, 0, 30));
  const book = bookOf(clock);
  const meters = [meter("requestsPerMinute", 2), meter("requestsPerDay", 3)];
  expect(await book.take(meters, demand())).toBeInstanceOf(Pass);
  expect(await book.take(meters, demand())).toBeInstanceOf(Pass);
  // An hour back is yesterday: it has a count of its own, and the minute is still full.
  clock.setBack(3_600_000);
  expect(((await book.take(meters, demand())) as Refused).refused.kind).toBe("requestsPerMinute");
  clock.advance(61_000);
  expect(await book.take(meters, demand())).toBeInstanceOf(Pass);
  clock.setBack(-3_600_000);
  expect(await book.take(meters, demand())).toBeInstanceOf(Pass);
  const refused = (await book.take(meters, demand())) as Refused;
  expect(refused.refused.kind).toBe("requestsPerDay");
  // Until the midnight of UTC.
  expect(refused.waitMs).toBe(Date.UTC(2026, 5, 16) - clock.now());
});

test("what a day had used before this process began counts, and is asked for once", async () => {
  const clock = new FakeClock();
  let asked = 0;
  const book = new LimitBook(clock, () => Promise.resolve(((asked += 1), 8)), new SharedMeters(NOBODY, clock, () => undefined));
  const meters = [meter("requestsPerDay", 10)];
  const answers = await Promise.all(Array.from({ length: 5 }, () => book.take(meters, demand())));
  expect(answers.filter((answer) => answer instanceof Pass)).toHaveLength(2);
  const again = await book.take(meters, demand());
  expect(again).not.toBeInstanceOf(Pass);
  expect(asked).toBeLessThanOrEqual(5);
});

test("a month begins on its first day, whatever its length", async () => {
  const clock = new FakeClock(Date.UTC(2028, 1, 29, 23, 59));
  const book = bookOf(clock);
  const meters = [meter("spendPerMonth", 100)];
  expect(await book.take(meters, demand({ spendNano: 100 }))).toBeInstanceOf(Pass);
  expect(((await book.take(meters, demand({ spendNano: 1 }))) as Refused).waitMs).toBe(60_000);
  clock.advance(60_000);
  expect(await book.take(meters, demand({ spendNano: 100 }))).toBeInstanceOf(Pass);
});
