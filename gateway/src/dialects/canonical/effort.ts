import type { Effort } from "./request.ts";

/**
 * Reasoning effort as a word and as a budget of tokens: OpenAI speaks of effort, Anthropic's older models and Gemini 2.5 of tokens. No vendor
 * publishes a conversion; this is the table gateways commonly use (OpenAI's words against Gemini 2.5's range of 512..32768 and Anthropic's minimum of 1024).
 */
const BUDGETS: readonly (readonly [Effort, number])[] = [
  ["none", 0],
  ["minimal", 512],
  ["low", 2_048],
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

/** The word out of `allowed` that stands nearest to the wished one, the smaller at equal distance. `allowed` must not be empty. */
export function nearestEffort(effort: Effort, allowed: readonly Effort[]): Effort {
  const wished = EFFORTS.indexOf(effort);
  let nearest = allowed[0] ?? effort;
  for (const candidate of allowed)
    if (Math.abs(EFFORTS.indexOf(candidate) - wished) < Math.abs(EFFORTS.indexOf(nearest) - wished)) nearest = candidate;
  return nearest;
}
