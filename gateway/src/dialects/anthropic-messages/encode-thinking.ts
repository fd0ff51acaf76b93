import { budgetOfEffort, effortOfBudget, nearestEffort } from "../canonical/effort.ts";
import type { CanonicalRequest, Effort, ReasoningWish } from "../canonical/request.ts";
import type { DroppedFeatures } from "../canonical/dropped-features.ts";
import type { ModelTraits } from "./model-traits.ts";

type Words = Record<string, unknown>;

/** "Must be >= 1024 and less than max_tokens" (SDK: ThinkingConfigEnabled). */
const BUDGET_TOKENS_MIN = 1_024;
/** Tokens of the answer that thinking leaves for its visible part where the limit allows. */
const ANSWER_TOKENS_MIN = 1_024;
/** Sampling beside thinking (extended thinking guide): temperature 1, top_p from 0.95, no top_k. */
const THINKING_TOP_P_MIN = 0.95;
/** What models without sampling still accept (SDK: top_p). */
const NO_SAMPLING_TOP_P_MIN = 0.99;

export interface ThinkingSurroundings {
  traits: ModelTraits;
  /** the model thinks at all */
  reasons: boolean;
  maxTokens: number;
  /** tool_choice forces a call */
  forced: boolean;
  /** the turn that is going on called tools without a thinking block: a budget would be refused */
  unthought: boolean;
}

/** `thinking` and `output_config.effort`. What the surroundings do not allow gives way and is reported. */
export function encodeThinking(wish: ReasoningWish | undefined, around: ThinkingSurroundings, dropped: DroppedFeatures): { thinking?: Words; effort?: Effort; on: boolean } {
  if (!wish) return { on: false };
  const { traits } = around;
  const off = wish.off === true || wish.effort === "none" || wish.budgetTokens === 0;
  const wished = wish.effort !== undefined && wish.effort !== "none" ? wish.effort : undefined;
  if (off) {
    const effort = wished && around.reasons && traits.adaptive ? { effort: nearestEffort(wished, traits.efforts) } : {};
    return around.reasons ? { thinking: { type: "disabled" }, ...effort, on: false } : { on: false };
  }
  const asked = wished !== undefined || wish.budgetTokens !== undefined || wish.adaptive === true;
  if (!asked) return { on: false };
  if (!around.reasons || (!traits.adaptive && !traits.budget)) {
    dropped.add("reasoning");
    return { on: false };
  }
  const byBudget = traits.budget && (!traits.adaptive || (wish.budgetTokens !== undefined && wish.budgetTokens > 0));
  const display = wish.show === undefined ? {} : { display: wish.show === "none" ? "omitted" : "summarized" };
  if (byBudget) return budgetThinking(wish, around, display, dropped);
  const word = wished ?? (wish.budgetTokens === undefined ? undefined : effortOfBudget(wish.budgetTokens));
  const effort = word === undefined || word === "none" ? {} : { effort: nearestEffort(word, traits.efforts) };
  if (around.forced) {
    // A forced call is what the caller's code waits for; thinking is the softer wish.
    dropped.add("reasoning");
    return { ...effort, on: false };
  }
  // A budget is answered with visible thinking; "adaptive" is not on current models, unless told (SDK: ThinkingConfigAdaptive.display).
  const visible = wish.show === undefined && wish.budgetTokens !== undefined ? { display: "summarized" } : display;
  return { thinking: { type: "adaptive", ...visible }, ...effort, on: true };
}

function budgetThinking(wish: ReasoningWish, around: ThinkingSurroundings, display: Words, dropped: DroppedFeatures): { thinking?: Words; effort?: Effort; on: boolean } {
  const { maxTokens, traits } = around;
  const effort = wish.effort !== undefined && traits.adaptive ? { effort: nearestEffort(wish.effort, traits.efforts) } : {};
  if (around.forced || around.unthought || maxTokens <= BUDGET_TOKENS_MIN) {
    dropped.add("reasoning");
    return { ...effort, on: false };
  }
  const told = wish.budgetTokens !== undefined && wish.budgetTokens > 0;
  const wished = Math.max(BUDGET_TOKENS_MIN, told ? (wish.budgetTokens ?? 0) : budgetOfEffort(wish.effort ?? "medium"));
  const room = Math.max(BUDGET_TOKENS_MIN, told ? maxTokens - 1 : maxTokens - ANSWER_TOKENS_MIN);
  if (told && wished > room) dropped.add("reasoning");
  return { thinking: { type: "enabled", budget_tokens: Math.min(wished, room), ...display }, ...effort, on: true };
}

/** `temperature`, `top_p`, `top_k`: within Anthropic's ranges, and only what the model and thinking allow. */
export function encodeSampling(request: CanonicalRequest, traits: ModelTraits, thinking: boolean, dropped: DroppedFeatures): Words {
  const sampling: Words = {};
  const free = traits.sampling && !thinking;
  const { temperature, topP, topK } = request;
  // 1 is the vendor's own default for both: leaving it out changes nothing.
  if (temperature !== undefined && (free || temperature !== 1)) {
    if (temperature > 1 || !free) dropped.add("temperature");
    if (free) sampling["temperature"] = Math.min(temperature, 1);
  }
  if (topP !== undefined && (free || topP !== 1)) {
    const least = traits.sampling ? (thinking ? THINKING_TOP_P_MIN : 0) : NO_SAMPLING_TOP_P_MIN;
    const clash = sampling["temperature"] !== undefined && !traits.bothSampling;
    if (topP < least || (clash && topP !== 1)) dropped.add("topP");
    else if (!clash) sampling["top_p"] = topP;
  }
  if (topK !== undefined) {
    if (free) sampling["top_k"] = topK;
    else dropped.add("topK");
  }
  return sampling;
}
