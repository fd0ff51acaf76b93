import type { FinishReason } from "../canonical/response.ts";
import { table } from "../../table.ts";

/** Anthropic `stop_reason` (SDK: StopReason, BetaStopReason) and what it means here. */
const DECODED: Record<string, FinishReason> = table({
  end_turn: "stop",
  max_tokens: "length",
  stop_sequence: "stop-sequence",
  tool_use: "tool-calls",
  pause_turn: "pause",
  refusal: "refusal",
  model_context_window_exceeded: "context-length",
  compaction: "pause",
});

/** There is no stop_reason for a filter; "refusal" is the one that clients do not take for a proper end. A model that broke off (a call of tools that is no JSON) refused nothing. */
const ENCODED: Record<FinishReason, string> = {
  stop: "end_turn",
  length: "max_tokens",
  "tool-calls": "tool_use",
  "stop-sequence": "stop_sequence",
  "content-filter": "refusal",
  refusal: "refusal",
  pause: "pause_turn",
  "context-length": "model_context_window_exceeded",
  error: "end_turn",
};

/** A `stop_reason`; one that is unknown or missing counts as a proper end, with the vendor's word as detail. */
export function readStopReason(value: unknown): { finish: FinishReason; detail?: string } {
  if (typeof value !== "string") return { finish: "stop" };
  const finish = DECODED[value];
  if (finish === undefined) return { finish: "stop", detail: value };
  return value === "compaction" ? { finish, detail: value } : { finish };
}

/** The `stop_reason` for an answer. `calls`: it holds calls of the caller's tools, which agents act upon only with "tool_use". */
export function stopReasonOf(finish: FinishReason, calls: boolean): string {
  return finish === "stop" && calls ? "tool_use" : ENCODED[finish];
}

/** `stop_details` (SDK: RefusalStopDetails): only a refusal has them. */
export function stopDetailsOf(finish: FinishReason, detail: string | undefined): Record<string, unknown> | null {
  if (ENCODED[finish] !== "refusal") return null;
  return { type: "refusal", category: null, explanation: finish === "refusal" ? null : (detail ?? finish) };
}
