import type { FinishReason } from "../canonical/response.ts";
import { table } from "../../table.ts";

/** Bedrock's StopReason (SDK) and what it means here. */
const REASONS: Readonly<Record<string, FinishReason>> = table({
  end_turn: "stop",
  tool_use: "tool-calls",
  max_tokens: "length",
  stop_sequence: "stop-sequence",
  content_filtered: "content-filter",
  guardrail_intervened: "content-filter",
  model_context_window_exceeded: "context-length",
  malformed_model_output: "error",
  malformed_tool_use: "error",
});
/** Words that say more than what they become. */
const TELLING = new Set(["guardrail_intervened", "malformed_model_output", "malformed_tool_use"]);

/** A `stopReason`; one that is unknown or missing counts as a proper end, with the vendor's word as detail. */
export function readStopReason(value: unknown): { finish: FinishReason; detail?: string } {
  if (typeof value !== "string") return { finish: "stop" };
  const finish = REASONS[value];
  if (!finish) return { finish: "stop", detail: value };
  return TELLING.has(value) ? { finish, detail: value } : { finish };
}
