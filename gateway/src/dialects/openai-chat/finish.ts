import type { FinishReason } from "../canonical/response.ts";
import type { Part } from "../canonical/parts.ts";
import { table } from "../../table.ts";

/**
 * Words of `finish_reason`: OpenAI's five, then what vendors of the family say: Mistral `model_length`, DeepSeek `insufficient_system_resource`,
 * Zhipu `sensitive` and `network_error`, OpenRouter `error`, vLLM `abort`, Together `eos`.
 */
const READ: Record<string, FinishReason> = table({
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  content_filter: "content-filter",
  eos: "stop",
  end_turn: "stop",
  tool_use: "tool-calls",
  max_tokens: "length",
  model_length: "context-length",
  sensitive: "content-filter",
  insufficient_system_resource: "error",
  network_error: "error",
  error: "error",
  abort: "error",
});
const OPENAI_WORDS = new Set(["stop", "length", "tool_calls", "function_call", "content_filter"]);

/** What the answer held, as far as it changes what its end means. */
export interface Held {
  calls: boolean;
  refusal: boolean;
}

/** What the parts of an answer hold. */
export const heldBy = (parts: Part[]): Held => ({
  calls: parts.some((part) => part.type === "tool-call"),
  refusal: parts.some((part) => part.type === "refusal"),
});

/**
 * A vendor's `finish_reason`. "stop" beside tool calls means tool calls: OpenAI says so itself when the tool was forced by name, others always.
 * `detail`: the vendor's own word where it is none of OpenAI's.
 */
export function readFinish(word: string, held: Held): { finish: FinishReason; detail?: string } {
  const plain = READ[word] ?? "stop";
  const finish = plain !== "stop" ? plain : held.calls ? "tool-calls" : held.refusal ? "refusal" : "stop";
  return OPENAI_WORDS.has(word) ? { finish } : { finish, detail: word };
}

const WRITTEN: Record<FinishReason, string> = {
  stop: "stop",
  length: "length",
  "tool-calls": "tool_calls",
  "stop-sequence": "stop",
  "content-filter": "content_filter",
  refusal: "content_filter",
  pause: "stop",
  "context-length": "length",
  // A model that broke off by a fault of its own: the SDKs' types know no word for it, and strict clients refuse one that is none of OpenAI's.
  error: "stop",
};

/** The word for a caller. A refusal given in words ends with "stop" (OpenAI structured outputs), one without words as filtered content. */
export function writeFinish(finish: FinishReason, held: Held, legacy: boolean): string {
  if (finish === "refusal" && held.refusal) return "stop";
  if (finish === "tool-calls" && legacy) return "function_call";
  return WRITTEN[finish];
}
