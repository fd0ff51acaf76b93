import type { Effort, ReasoningWish } from "./request.ts";

/**
 * Reasoning effort as a word and as a budget of tokens: OpenAI speaks of effort, Anthropic's older models and Gemini 2.5 of tokens. low, medium and high are the
 * numbers that Google documents for `reasoning_effort` at its OpenAI-compatible endpoint; the others continue the row.
 */
const BUDGETS: readonly (readonly [Effort, number])[] = [
  ["none", 0],
  ["minimal", 512],
  ["low", 1_024],
  ["medium", 8_192],
  ["high", 24_576],
  ["xhigh", 32_768],
  ["max", 65_536],
];

/** All words, from least to most. */
export const EFFORTS: readonly Effort[] = BUDGETS.map(([effort]) => effort);

/** Thinking tokens for an effort; 0 for "none". The caller fits them into the model's own range. */
export function budgetOfEffort(effort: Effort): number {
  return BUDGETS.find(([name]) => name === effort)?.[1] ?? 0;
}

/** The word whose budget is nearest in proportion. 0 gives "none"; a negative budget (the model decides) gives undefined. */
export function effortOfBudget(tokens: number): Effort | undefined {
  if (tokens < 0) return undefined;
  if (tokens === 0) return "none";
  let nearest: Effort = "minimal";
  let distance = Number.POSITIVE_INFINITY;
  for (const [effort, budget] of BUDGETS) {
    if (budget === 0) continue;
    const apart = Math.abs(Math.log(tokens / budget));
    if (apart < distance) [nearest, distance] = [effort, apart];
  }
  return nearest;
}

/** Few models know a word beyond this: a budget, however large, means no more. */
const WORD_OF_BUDGETS_MAX: Effort = "high";

/** A wish as a word: "none" for thinking off, what was said, or what a budget comes to; undefined where the model decides. */
export function effortOfWish(wish: ReasoningWish): Effort | undefined {
  if (wish.off) return "none";
  if (wish.effort !== undefined || wish.budgetTokens === undefined) return wish.effort;
  const effort = effortOfBudget(wish.budgetTokens);
  return effort !== undefined && EFFORTS.indexOf(effort) > EFFORTS.indexOf(WORD_OF_BUDGETS_MAX) ? WORD_OF_BUDGETS_MAX : effort;
}

/** The word out of `allowed` that stands nearest to the wished one, the smaller at equal distance. `allowed` must not be empty. */
export function nearestEffort(effort: Effort, allowed: readonly Effort[]): Effort {
  const wished = EFFORTS.indexOf(effort);
  let nearest = allowed[0] ?? effort;
  for (const candidate of allowed)
    if (Math.abs(EFFORTS.indexOf(candidate) - wished) < Math.abs(EFFORTS.indexOf(nearest) - wished)) nearest = candidate;
  return nearest;
}
