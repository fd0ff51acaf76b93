import { EFFORTS, nearestEffort } from "../canonical/effort.ts";
import type { RequestTarget } from "../canonical/codec.ts";
import type { Effort } from "../canonical/request.ts";

/**
 * What a vendor of the OpenAI-compatible family does differently from OpenAI, as plain data of its channel or model. Without any, the target is
 * OpenAI's own endpoint.
 */
export const CHAT_TRAITS = [
  /** takes `max_tokens`, not `max_completion_tokens` */
  "max-tokens",
  /** knows no `strict` in tools and schemas */
  "no-strict",
  /** knows no role `developer`: sent as `system` */
  "no-developer-role",
  /** no `response_format` of type json_schema: json_object, and the schema in a system text */
  "no-json-schema",
  /** no JSON mode at all: a system text asks for it */
  "no-json-object",
  "no-parallel-tool-calls",
  /** refuses `name` in messages (Groq) */
  "no-names",
  /** refuses members of messages that are not OpenAI's first ones: `reasoning_content` and what else answers of other vendors bring (Groq, Mistral) */
  "plain-messages",
  /** ids of tool calls have nine letters and digits (Mistral) */
  "nine-letter-ids",
  /** no user's message right after a tool's (Mistral) */
  "no-user-after-tool",
  /** goes on with an answer that it is given the beginning of only where that message says `prefix` (Mistral) */
  "prefix",
  /** does not know `functions`, the form before tools */
  "no-functions",
  "no-stream-options",
  /** no tools of the caller's at all (Perplexity) */
  "no-tools",
  /** `tool_choice` may be auto or none only */
  "no-forced-tools",
  /** `tool_choice` of type allowed_tools unknown: the other tools are left out of `tools` */
  "no-allowed-tools",
  /** does not know OpenAI's `user`, `store`, `metadata`, `prompt_cache_key`, `service_tier`, `verbosity` */
  "no-openai-extras",
  /** refuses temperature, top_p, penalties, logit_bias and logprobs (OpenAI's reasoning models) */
  "no-sampling",
  /** refuses `stop` (o3, o4-mini) */
  "no-stop",
  /** more than OpenAI's four stop sequences */
  "many-stops",
  "no-n",
  "no-logprobs",
  "no-logit-bias",
  "no-seed",
  /** takes `top_k`, `min_p` */
  "top-k",
  "min-p",
  /** no `web_search_options` (all of OpenAI's models but the search ones) */
  "no-web-search",
  /** a function tool named googleSearch, codeExecution or urlContext switches the hosted tool on (gateways of the One API family) */
  "hosted-tool-names",
  /** a message's `content` must be one text (where nothing but text is in it) */
  "string-content",
  "no-images",
  "no-files",
  /** takes `file.file_data` with an address (OpenRouter) */
  "file-url",
  /** takes parts of type video_url */
  "video-url",
  /** `modalities` may hold "image" (OpenRouter, with `image_config`) */
  "image-output",
  /** takes Anthropic's `cache_control` on parts (OpenRouter, Qwen) */
  "cache-control",
  /** takes OpenAI's `prompt_cache_breakpoint` on parts */
  "cache-breakpoint",
  /** assistant messages with tool calls must bring `reasoning_content` back (DeepSeek, Moonshot) */
  "reasoning-content",
  /** takes and gives `reasoning_details` (OpenRouter) */
  "reasoning-details",
  /** `reasoning: {effort | max_tokens, enabled, exclude}` (OpenRouter) in place of `reasoning_effort` */
  "reasoning-object",
  /** `enable_thinking` and `thinking_budget` (Qwen) */
  "enable-thinking",
  /** `thinking: {type}` (DeepSeek, Moonshot, Zhipu, Doubao) */
  "thinking-toggle",
  /** no `reasoning_effort` */
  "no-reasoning-effort",
  /** Gemini's signatures go in `tool_calls[].extra_content.google.thought_signature` (Google's OpenAI-compatible endpoint) */
  "google-signatures",
] as const;

export type ChatTrait = (typeof CHAT_TRAITS)[number];

export const has = (target: RequestTarget, trait: ChatTrait): boolean => target.traits.has(trait);

/**
 * The effort to send: the nearest of those that the model knows, told by traits `effort:<word>` (one per word); as wanted where none is told. A little thinking is not none;
 * undefined where the model can only be told not to think.
 */
export function effortFor(target: RequestTarget, wanted: Effort): Effort | undefined {
  const known = EFFORTS.filter((effort) => target.traits.has(`effort:${effort}`));
  if (known.length === 0) return wanted;
  const able = wanted === "none" ? known : known.filter((effort) => effort !== "none");
  return able.length === 0 ? undefined : nearestEffort(wanted, able);
}
