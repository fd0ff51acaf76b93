import { budgetOfEffort, effortOfBudget, nearestEffort } from "../canonical/effort.ts";
import type { DroppedFeatures } from "../canonical/dropped-features.ts";
import type { Effort, ReasoningWish } from "../canonical/request.ts";
import { invalid, type Members } from "./members.ts";
import type { TargetModel } from "./target-model.ts";
import { table } from "../../table.ts";

const LEVELS: Record<string, Effort> = table({ MINIMAL: "minimal", LOW: "low", MEDIUM: "medium", HIGH: "high" });

/** `thinkingConfig` (SDK type ThinkingConfig; budget 0 is off, -1 leaves it to the model) as a wish. Throws invalidRequest for unknown levels. */
export function readThinking(config: Members): ReasoningWish {
  const wish: ReasoningWish = {};
  const shown = config.flag("includeThoughts");
  if (shown !== undefined) wish.show = shown ? "auto" : "none";
  const budget = config.whole("thinkingBudget", -1);
  // A budget shows nothing here by itself, as it does with Anthropic.
  if (shown === undefined && budget !== undefined && budget > 0) wish.show = "none";
  if (budget === 0) wish.off = true;
  else if (budget !== undefined) wish.budgetTokens = budget;
  const level = config.text("thinkingLevel")?.toUpperCase();
  if (level !== undefined && level !== "THINKING_LEVEL_UNSPECIFIED") {
    const effort = LEVELS[level];
    if (!effort) throw invalid(config.at("thinkingLevel"), `must be one of ${Object.keys(LEVELS).join(", ")}.`);
    if (budget !== undefined) throw invalid(config.at("thinkingLevel"), "and thinkingBudget exclude each other.");
    wish.effort = effort;
  }
  return wish;
}

/** A wish as `thinkingConfig`; undefined where nothing need be said. */
export function writeThinking(wish: ReasoningWish | undefined, model: TargetModel, dropped: DroppedFeatures): Record<string, unknown> | undefined {
  if (!wish) return undefined;
  const off = wish.off === true || wish.effort === "none" || wish.budgetTokens === 0;
  const asked = !off && (wish.effort !== undefined || wish.budgetTokens !== undefined || wish.adaptive === true);
  if (model.thinking === "none") {
    if (asked) dropped.add("reasoning");
    return undefined;
  }
  const config: Record<string, unknown> = {};
  // Callers of other dialects get thoughts by asking for thinking; Gemini keeps them back unless told (SDK: ThinkingConfig.includeThoughts).
  if (wish.show !== undefined || asked) config["includeThoughts"] = wish.show !== "none";
  if (off) {
    // What cannot be turned off is turned down, and said.
    if (model.thinkingAlways) dropped.add("reasoning");
    if (model.thinking === "level") config["thinkingLevel"] = levelWord(model.levels[0] ?? "low");
    else config["thinkingBudget"] = model.thinkingAlways ? model.budgetRange[0] : 0;
  } else if (asked && model.thinking === "level") {
    const effort = wish.effort ?? (wish.budgetTokens === undefined ? undefined : effortOfBudget(wish.budgetTokens));
    if (effort !== undefined) config["thinkingLevel"] = levelWord(nearestEffort(effort, model.levels));
  } else if (asked) {
    const budget = wish.budgetTokens ?? (wish.effort === undefined ? -1 : budgetOfEffort(wish.effort));
    const [least, most] = model.budgetRange;
    config["thinkingBudget"] = budget < 0 ? -1 : Math.min(Math.max(budget, least), most);
  }
  return Object.keys(config).length > 0 ? config : undefined;
}

const levelWord = (effort: Effort): string => effort.toUpperCase();
