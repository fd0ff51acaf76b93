import { expect, test } from "bun:test";
import fc from "fast-check";
import { percentiles } from "./latency.ts";

/** As `latency_bucket` in the database. */
const bucketOf = (ms: number): number => (ms <= 1 ? 0 : Math.min(95, Math.ceil(4 * Math.log2(ms))));

test("percentiles are within 10 % of the exact ones, however the counts are put together", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1, max: 1_000_000, noNaN: true }), { minLength: 1, maxLength: 200 }), (times) => {
      const found = percentiles(times.map((ms) => ({ bucket: bucketOf(ms), count: 1 })));
      const sorted = times.toSorted((a, b) => a - b);
      for (const [name, share] of [["p50", 0.5], ["p90", 0.9], ["p99", 0.99]] as const) {
        const exact = sorted[Math.ceil(sorted.length * share) - 1] as number;
        expect(Math.abs((found?.[name] ?? 0) / exact - 1)).toBeLessThan(0.1);
      }
    }),
  );
  expect(percentiles([])).toBeNull();
  expect(percentiles([{ bucket: 3, count: 0 }])).toBeNull();
});
