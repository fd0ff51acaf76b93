import { expect, test } from "bun:test";
import fc from "fast-check";
import { SlidingMinute } from "./sliding-minute.ts";

const use = fc.record({ stepMs: fc.integer({ min: 0, max: 20_000 }), units: fc.integer({ min: 1, max: 8 }) });

test("V37: no 60 seconds hold more than the limit, wherever they begin, and what is refused would not have fitted 61 seconds", () => {
  fc.assert(
    fc.property(fc.array(use, { maxLength: 80 }), fc.integer({ min: 1, max: 20 }), (uses, max) => {
      const minute = new SlidingMinute();
      const log: { at: number; units: number }[] = [];
      let now = 0;
      for (const { stepMs, units } of uses) {
        now += stepMs;
        const since = (ms: number): number => log.filter(({ at }) => at > now - ms).reduce((sum, entry) => sum + entry.units, 0);
        const waitMs = minute.waitMs(units, max, now);
        if (waitMs === 0) {
          minute.add(units, now);
          log.push({ at: now, units });
          expect(since(60_000)).toBeLessThanOrEqual(max);
        } else {
          expect(since(61_000) + units).toBeGreaterThan(max);
          if (units > max) expect(waitMs).toBe(Number.POSITIVE_INFINITY);
          else expect(waitMs).toBeLessThanOrEqual(61_000);
        }
      }
    }),
  );
});

test("after the wait that is told a request fits, and a moment before it does not", () => {
  fc.assert(
    fc.property(fc.array(use, { minLength: 1, maxLength: 40 }), fc.integer({ min: 8, max: 20 }), (uses, max) => {
      const minute = new SlidingMinute();
      let now = 0;
      for (const { stepMs, units } of uses) {
        now += stepMs;
        if (minute.waitMs(units, max, now) === 0) minute.add(units, now);
      }
      const waitMs = minute.waitMs(max, max, now);
      expect(minute.waitMs(max, max, now + waitMs)).toBe(0);
      if (waitMs > 0) {
        const before = new SlidingMinute();
        let then = 0;
        for (const { stepMs, units } of uses) {
          then += stepMs;
          if (before.waitMs(units, max, then) === 0) before.add(units, then);
        }
        expect(before.waitMs(max, max, now + waitMs - 1)).toBeGreaterThan(0);
      }
    }),
  );
});

test("what is taken back leaves the second it was used in, and never more than was there", () => {
  const minute = new SlidingMinute();
  minute.add(5, 1_000);
  minute.add(3, 30_000);
  minute.add(-2, 40_000, 1_000);
  expect(minute.total(40_000)).toBe(6);
  minute.add(-100, 41_000, 30_000);
  expect(minute.total(41_000)).toBe(3);
  expect(minute.total(61_999)).toBe(3);
  expect(minute.total(62_000)).toBe(0);
  // Long past: nothing is left to correct.
  minute.add(-5, 200_000, 1_000);
  expect(minute.total(200_000)).toBe(0);
});
