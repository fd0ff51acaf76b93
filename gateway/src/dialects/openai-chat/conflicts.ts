import { objectOf, parseJson } from "../canonical/fields.ts";
import type { JsonScan } from "../canonical/json-scan.ts";
import { listIn, textIn } from "../canonical/wire-fields.ts";
import { isNineLetters } from "./call-ids.ts";
import type { ChatTrait } from "./traits.ts";

type Json = Record<string, unknown>;

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
  "no-logit-bias": ["logit_bias"],
  "no-seed": ["seed"],
  "no-reasoning-effort": ["reasoning_effort"],
  "no-web-search": ["web_search_options"],
  "no-tools": ["tools", "tool_choice", "functions", "function_call"],
  "no-functions": ["functions", "function_call"],
};
const words = (...names: string[]): Buffer[] => names.map((name) => Buffer.from(`"${name}"`));
/** Values deeper within it, as JSON writes them. Found in a text they cost a translation, and change nothing. */
const WORDS: Partial<Record<ChatTrait, readonly Buffer[]>> = {
  "no-developer-role": words("developer"),
  "no-json-schema": words("json_schema"),
  "no-json-object": words("json_object"),
  "no-strict": words("strict"),
  "no-allowed-tools": words("allowed_tools"),
  "no-functions": words("function_call"),
  "no-images": words("image_url"),
  "no-files": words("file_data", "file_id"),
  "plain-messages": words("reasoning_content", "reasoning_details", "extra_content", "refusal", "annotations", "images", "audio"),
};
/** What only a look into the messages shows. They are parsed where the word stands in the request, without which it cannot be. */
const MESSAGES: Partial<Record<ChatTrait, { word: Buffer; breaks(message: Json, before: Json | undefined, last: boolean): boolean }>> = {
  "no-names": { word: Buffer.from('"name"'), breaks: (message) => textIn(message["name"]) !== undefined },
  "nine-letter-ids": {
    word: Buffer.from('"tool_call'),
    breaks: (message) => [message["tool_call_id"], ...listIn(message["tool_calls"]).map((call) => objectOf(call)["id"])].some((id) => typeof id === "string" && !isNineLetters(id)),
  },
  "no-user-after-tool": { word: Buffer.from('"tool"'), breaks: (message, before) => message["role"] === "user" && before?.["role"] === "tool" },
  prefix: { word: Buffer.from('"assistant"'), breaks: (message, _before, last) => last && isPrefix(message) && message["prefix"] !== true },
  "reasoning-content": { word: Buffer.from('"tool_calls"'), breaks: (message) => message["role"] === "assistant" && listIn(message["tool_calls"]).length > 0 && !textIn(message["reasoning_content"]) },
};
const EFFORT = "effort:";

/** Whether a message is the beginning of the answer, where it is the last one: words of the model's without calls. */
export const isPrefix = (message: Json): boolean => message["role"] === "assistant" && listIn(message["tool_calls"]).length === 0;

/**
 * Whether a request in OpenAI's words says something that a vendor of the compatible family does not take. Such a request is put into the vendor's words, as one of another dialect is,
 * and what cannot be is named; every other passes through as it is.
 */
export function conflictsWith(scan: JsonScan, traits: ReadonlySet<string>): boolean {
  let messages: Json[] | undefined;
  let efforts = 0;
  for (const name of traits) {
    if (name.startsWith(EFFORT)) efforts += 1;
    const trait = name as ChatTrait;
    if (MEMBERS[trait]?.some((member) => scan.member(member) !== undefined && scan.type(member) !== "null")) return true;
    if (WORDS[trait]?.some((word) => scan.bytes.includes(word))) return true;
    const look = MESSAGES[trait];
    if (!look || !scan.bytes.includes(look.word)) continue;
    messages ??= messagesOf(scan);
    if (messages.some((message, at) => look.breaks(message, messages?.[at - 1], at + 1 === messages?.length))) return true;
  }
  if (traits.has("no-forced-tools") && scan.value("tool_choice") === "required") return true;
  const effort = efforts === 0 ? undefined : scan.value("reasoning_effort");
  return typeof effort === "string" && !traits.has(EFFORT + effort);
}

function messagesOf(scan: JsonScan): Json[] {
  const { start, end } = scan.member("messages") ?? { start: 0, end: 0 };
  return listIn(parseJson(scan.bytes.toString("utf8", start, end))).map(objectOf);
}
