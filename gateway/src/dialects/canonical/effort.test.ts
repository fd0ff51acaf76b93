import { expect, test } from "bun:test";
import { budgetOfEffort, effortOfBudget, EFFORTS, nearestEffort } from "./effort.ts";

test("every effort has a budget, more for more, and comes back from it", () => {
  const budgets = EFFORTS.map(budgetOfEffort);
  expect(budgets).toEqual([...budgets].sort((a, b) => a - b));
  expect(EFFORTS.map((effort) => effortOfBudget(budgetOfEffort(effort)))).toEqual([...EFFORTS]);
});

test.each([[-1, undefined], [0, "none"], [1, "minimal"], [700, "minimal"], [1_024, "low"], [2_048, "low"], [4_000, "medium"], [10_000, "medium"], [20_000, "high"], [1_000_000, "max"]] as const)("budget %i", (tokens, effort) => {
  expect(effortOfBudget(tokens)).toBe(effort as never);
});

test("the nearest word that a model knows", () => {
  expect(nearestEffort("minimal", ["low", "medium", "high"])).toBe("low");
  expect(nearestEffort("max", ["low", "medium", "high"])).toBe("high");
  expect(nearestEffort("medium", ["low", "high"])).toBe("low");
});
