import type { Effort, ReasoningWish } from "./request.ts";

/**
 * Thinking tokens per effort, for dialects that count in the other measure. low, medium and high are the numbers that Google's OpenAI-compatible
 * endpoint documents for `reasoning_effort`; the others continue the row.
 */
export const EFFORT_BUDGET_TOKENS: Record<Effort, number> = {
  none: 0,
  minimal: 512,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  xhigh: 32_768,
  max: 65_536,
};

const BY_BUDGET: Effort[] = ["none", "minimal", "low", "medium"];

/** The least effort that has this budget (tokens); "high" for all beyond, since few models know more; undefined for -1, where the model decides. */
export function effortOfBudget(tokens: number): Effort | undefined {
  if (tokens < 0) return undefined;
  return BY_BUDGET.find((effort) => tokens <= EFFORT_BUDGET_TOKENS[effort]) ?? "high";
}

/** A wish in the measure of efforts: "none" for thinking off, undefined where the model decides. */
export function effortOfWish(wish: ReasoningWish): Effort | undefined {
  if (wish.off) return "none";
  return wish.effort ?? (wish.budgetTokens === undefined ? undefined : effortOfBudget(wish.budgetTokens));
}

const RANKS: Effort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/** The effort out of those known that lies nearest to the one wanted; of two as near, the lower. `known` must not be empty. */
export function nearestEffort(wanted: Effort, known: readonly Effort[]): Effort {
  const distance = (effort: Effort): number => Math.abs(RANKS.indexOf(effort) - RANKS.indexOf(wanted));
  return [...known].sort((a, b) => distance(a) - distance(b) || RANKS.indexOf(a) - RANKS.indexOf(b))[0] ?? wanted;
}
