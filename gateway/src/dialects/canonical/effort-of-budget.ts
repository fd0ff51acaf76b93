import type { Effort } from "./request.ts";

/** Largest budget (tokens of thinking) that still counts as this effort. No vendor publishes such a table; the steps are those of the common converters. */
const STEPS: readonly (readonly [Effort, number])[] = [
  ["none", 0],
  ["minimal", 1_023],
  ["low", 4_096],
  ["medium", 16_384],
  ["high", 32_768],
  ["xhigh", 65_536],
];

/** The effort nearest to a budget in tokens; undefined for -1, where the model decides itself. */
export function effortOfBudget(tokens: number): Effort | undefined {
  if (tokens < 0) return undefined;
  return STEPS.find(([, most]) => tokens <= most)?.[0] ?? "max";
}
