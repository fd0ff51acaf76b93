import { expect, test } from "bun:test";
import { Histogram } from "./histogram.ts";
import { median, slope } from "./statistics.ts";

test("percentiles of small values are exact", () => {
  const histogram = new Histogram();
  for (let value = 1; value <= 100; value++) histogram.record(value);
  expect(histogram.percentile(0.5)).toBe(50);
  expect(histogram.percentile(0.99)).toBe(99);
  expect(histogram.percentile(1)).toBe(100);
  expect(histogram.percentile(0)).toBe(1);
});

test("every size is kept within 0.8 percent, also at the borders of buckets", () => {
  for (const value of [
    255,
    256,
    257,
    511,
    512,
    513,
    1023,
    1024,
    40_000,
    1_000_000,
    2 ** 30,
    2 ** 31 - 1,
  ]) {
    const histogram = new Histogram();
    histogram.record(value);
    expect(Math.abs(histogram.percentile(0.5) - value) / value).toBeLessThan(0.008);
  }
});

test("buckets rise with values", () => {
  let last = -1;
  for (let value = 1; value < 2 ** 31; value = Math.ceil(value * 1.003)) {
    const histogram = new Histogram();
    histogram.record(value);
    const index = histogram.toData()[0]?.[0] ?? Number.NaN;
    expect(index).toBeGreaterThanOrEqual(last);
    last = index;
  }
});

test("survives transport and merges", () => {
  const one = new Histogram();
  one.record(10, 3);
  one.record(40_000);
  const two = Histogram.from(JSON.parse(JSON.stringify(one.toData())));
  two.add(one.toData());
  expect(two.total).toBe(8);
  expect(two.percentile(0.75)).toBe(10);
  expect(two.share(35_000, 50_000)).toBe(0.25);
  expect(two.share(0, 10)).toBe(0);
});

test("empty and out-of-range values", () => {
  const histogram = new Histogram();
  expect(histogram.percentile(0.5)).toBeNaN();
  histogram.record(-5);
  histogram.record(1e15);
  expect(histogram.percentile(0)).toBe(0);
  expect(histogram.percentile(1)).toBeGreaterThan(2 ** 30);
});

test("median", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test("slope", () => {
  expect(
    slope([
      [0, 1],
      [1, 3],
      [2, 5],
    ]),
  ).toBe(2);
  expect(slope([[1, 1]])).toBeNaN();
});
