import { expect, test } from "bun:test";
import { metricOf } from "./metrics.ts";

test("a metric is summed over its labels; longer names and comments are others", () => {
  const text = '# TYPE a counter\na 2\na{x="1 } y"} 3.5\na_total 9\na_bucket{le="1"} 4\n';
  expect(metricOf(text, "a")).toBe(5.5);
  expect(metricOf(text, "a_total")).toBe(9);
  expect(metricOf(text, "b")).toBeUndefined();
});
