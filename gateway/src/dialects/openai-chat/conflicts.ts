import type { JsonScan } from "../canonical/json-scan.ts";
import type { ChatTrait } from "./traits.ts";

/** Members of a request that a vendor with the trait refuses, or reads as something else. */
const MEMBERS: Partial<Record<ChatTrait, readonly string[]>> = {
  "max-tokens": ["max_completion_tokens"],
  "no-stream-options": ["stream_options"],
  "no-parallel-tool-calls": ["parallel_tool_calls"],
  "no-openai-extras": ["user", "store", "metadata", "prompt_cache_key", "service_tier", "verbosity", "safety_identifier"],
  "no-sampling": ["temperature", "top_p", "presence_penalty", "frequency_penalty", "logit_bias"],
  "no-stop": ["stop"],
  "no-n": ["n"],
  "no-logprobs": ["logprobs", "top_logprobs"],
  "no-seed": ["seed"],
  "no-reasoning-effort": ["reasoning_effort"],
  "no-web-search": ["web_search_options"],
};
/** Values deeper within it, as JSON writes them. Found in a text they cost a translation, and change nothing. */
const WORDS: Partial<Record<ChatTrait, Buffer>> = {
  "no-developer-role": Buffer.from('"developer"'),
  "no-json-schema": Buffer.from('"json_schema"'),
  "no-json-object": Buffer.from('"json_object"'),
  "no-strict": Buffer.from('"strict"'),
  "no-allowed-tools": Buffer.from('"allowed_tools"'),
};

/**
 * Whether a request in OpenAI's words says something that a vendor of the compatible family does not take. Such a request is put into the vendor's words, as one of another dialect is,
 * and what cannot be is named; every other passes through as it is.
 */
export function conflictsWith(scan: JsonScan, traits: ReadonlySet<string>): boolean {
  for (const trait of traits) {
    const members = MEMBERS[trait as ChatTrait];
    if (members?.some((name) => scan.member(name) !== undefined && scan.type(name) !== "null")) return true;
    const word = WORDS[trait as ChatTrait];
    if (word && scan.bytes.includes(word)) return true;
  }
  return false;
}
