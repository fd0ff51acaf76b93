import type { FinishReason } from "../canonical/response.ts";
import type { StreamPart } from "../canonical/stream.ts";
import { table } from "../../table.ts";

/** SDK enum FinishReason. STOP also ends answers with tool calls; the reader tells them apart by their parts. */
const REASONS: Record<string, FinishReason> = table({
  STOP: "stop",
  FINISH_REASON_UNSPECIFIED: "stop",
  MAX_TOKENS: "length",
  SAFETY: "content-filter",
  RECITATION: "content-filter",
  BLOCKLIST: "content-filter",
  PROHIBITED_CONTENT: "content-filter",
  SPII: "content-filter",
  IMAGE_SAFETY: "content-filter",
  IMAGE_PROHIBITED_CONTENT: "content-filter",
  IMAGE_RECITATION: "content-filter",
  LANGUAGE: "error",
  OTHER: "error",
  MALFORMED_FUNCTION_CALL: "error",
  UNEXPECTED_TOOL_CALL: "error",
  TOO_MANY_TOOL_CALLS: "error",
  NO_IMAGE: "error",
  IMAGE_OTHER: "error",
  CONTINUATION: "pause",
});

const WORDS: Record<FinishReason, string> = {
  stop: "STOP",
  "stop-sequence": "STOP",
  "tool-calls": "STOP",
  length: "MAX_TOKENS",
  "context-length": "MAX_TOKENS",
  "content-filter": "SAFETY",
  refusal: "SAFETY",
  // Gemini's only word for a turn that may go on needs a token that no other vendor gives; a client would wait for it.
  pause: "STOP",
  error: "OTHER",
};

/** SDK enum BlockedReason. */
const BLOCKED: ReadonlySet<string> = new Set(["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY", "MODEL_ARMOR", "JAILBREAK"]);

/** A candidate that says nothing: what keeps a line alive. */
export const NO_TEXT = { content: { parts: [{ text: "" }], role: "model" }, index: 0 };

export interface Finish {
  reason: FinishReason;
  /** the vendor's word where it says more than the reason */
  detail?: string;
}

/** A finish reason of Gemini's; words that are new end as "stop" and keep their name. */
export function readFinish(word: unknown, calledTools: boolean): Finish {
  if (typeof word !== "string" || word === "") return { reason: calledTools ? "tool-calls" : "stop" };
  const reason = REASONS[word] ?? "stop";
  if (reason === "stop" && calledTools) return { reason: "tool-calls" };
  return word === WORDS[reason] || word === "FINISH_REASON_UNSPECIFIED" ? { reason } : { reason, detail: word };
}

/** Gemini's word for a finish; its own word again where the answer came from Gemini. */
export function writeFinish(reason: FinishReason, detail: string | undefined): string {
  return detail !== undefined && REASONS[detail] === reason ? detail : WORDS[reason];
}

/** A prompt that was blocked: no answer at all. */
export function readBlock(word: string): Finish {
  return word === "SAFETY" ? { reason: "content-filter" } : { reason: "content-filter", detail: word };
}

export function writeBlock(detail: string | undefined): string {
  return detail !== undefined && BLOCKED.has(detail) ? detail : "SAFETY";
}

/** A finish as a stream tells it. */
export function finishPart(choice: number, { reason, detail }: Finish): StreamPart {
  return detail === undefined ? { type: "finish", choice, reason } : { type: "finish", choice, reason, detail };
}
