import { expect, test } from "bun:test";
import { BARE, DIRECT, GATEWAY } from "../targets/target.ts";
import { addedOver, atMost, atMostBare, Row } from "./row.ts";
import { markdownTable, short } from "./table.ts";

test("numbers keep three digits", () => {
  expect([0, 0.0123, 0.5, 1.234, 12.34, 123.4, 70_887.3, -1.234].map(short)).toEqual([
    "0",
    "0.0123",
    "0.500",
    "1.23",
    "12.3",
    "123",
    "70887",
    "-1.23",
  ]);
});

test("ratios are taken round by round, failed rounds left out", () => {
  const row = new Row("1", "CPU", { goal: atMostBare(1.5) });
  for (const value of [10, 20, Number.NaN]) row.record(BARE, value);
  expect(row.goal?.met(row)).toBeUndefined();
  for (const value of [12, 30, 5]) row.record(GATEWAY, value);
  expect(row.ratios(GATEWAY)).toEqual([1.2, 1.5]);
  expect(row.goal?.met(row)).toBe(true);
  row.record(BARE, 1);
  row.record(GATEWAY, 9);
  expect(row.median(BARE)).toBe(10);
});

test("added over another target", () => {
  const row = new Row("1", "p99 ms");
  for (const value of [1, 2]) row.record(DIRECT, value);
  for (const value of [1.5, 4]) row.record(GATEWAY, value);
  const added = addedOver(row, DIRECT, atMost(1, "ms"));
  expect(added.rounds(GATEWAY)).toEqual([0.5, 2]);
  expect(added.rounds(DIRECT)).toEqual([]);
  expect(added.goal?.met(added)).toBe(false);
});

test("the table", () => {
  const row = new Row("1", "CPU µs", { goal: atMostBare(1.5, 1.2) });
  row.record(BARE, 10);
  row.record(GATEWAY, 14);
  row.record("other", 20);
  const lines = markdownTable([row], ["other"]).split("\n");
  expect(lines[0]).toBe(
    "| scenario | direct | nginx | bare proxy | gateway | other | gateway/bare | target | met? |",
  );
  expect(lines[2]).toBe(
    "| 1: CPU µs | – | – | 10.0 | 14.0 (1.40×) | 20.0 (2.00×) | 1.40 | ≤ 1.5 × bare (wish 1.2) | yes |",
  );
});
