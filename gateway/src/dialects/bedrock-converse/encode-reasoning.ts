import type { DroppedFeatures } from "../canonical/dropped-features.ts";
import { budgetOfEffort, effortOfBudget, nearestEffort } from "../canonical/effort.ts";
import type { Effort, ReasoningWish } from "../canonical/request.ts";
import type { ConverseModel } from "./model.ts";

type Words = Record<string, unknown>;

/** Least budget that Claude takes, and what is left for the answer (extended thinking guide). */
const BUDGET_TOKENS_MIN = 1_024;

export interface ReasoningWords {
  /** members for `additionalModelRequestFields` */
  fields: Words;
  /** `outputConfig.effort` */
  effort?: Effort;
  /** the model thinks: sampling is not free then */
  on: boolean;
}

/** How thinking is asked for: there is no word of Converse's own beside `effort`, each family has its own members (user guide, model parameters). */
export function encodeReasoning(wish: ReasoningWish | undefined, around: { model: ConverseModel; reasons: boolean; maxTokens: number; forced: boolean }, dropped: DroppedFeatures): ReasoningWords {
  const none: ReasoningWords = { fields: {}, on: false };
  if (!wish) return none;
  const { model, maxTokens } = around;
  const off = wish.off === true || wish.effort === "none" || wish.budgetTokens === 0;
  const asked = wish.effort !== undefined || wish.budgetTokens !== undefined || wish.adaptive === true;
  if (off) return model.thinking === "claude-adaptive" && around.reasons ? { fields: { thinking: { type: "disabled" } }, on: false } : none;
  if (!asked) return none;
  if (!around.reasons || model.thinking === undefined || (around.forced && model.claude)) {
    dropped.add("reasoning");
    return none;
  }
  const word = wish.effort ?? (wish.budgetTokens === undefined ? undefined : effortOfBudget(wish.budgetTokens));
  const effort = word === undefined || word === "none" ? undefined : nearestEffort(word, model.efforts);
  switch (model.thinking) {
    case "claude-adaptive":
      return { fields: { thinking: { type: "adaptive", ...(wish.show === "none" ? { display: "omitted" } : wish.show === undefined ? {} : { display: "summarized" }) } }, ...(effort ? { effort } : {}), on: true };
    case "nova":
      return { fields: { reasoningConfig: { type: "enabled", maxReasoningEffort: effort ?? "medium" } }, on: true };
    case "effort":
      return { fields: { reasoning_effort: effort ?? "medium" }, on: true };
    case "claude-budget": {
      const wanted = Math.max(BUDGET_TOKENS_MIN, (wish.budgetTokens ?? -1) > 0 ? (wish.budgetTokens ?? 0) : budgetOfEffort(wish.effort ?? "medium"));
      const room = maxTokens - BUDGET_TOKENS_MIN;
      if (room < BUDGET_TOKENS_MIN) {
        dropped.add("reasoning");
        return none;
      }
      return { fields: { thinking: { type: "enabled", budget_tokens: Math.min(wanted, room) } }, on: true };
    }
  }
}
