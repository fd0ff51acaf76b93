import { countOf } from "../canonical/fields.ts";
import type { CanonicalRequest, ReasoningWish } from "../canonical/request.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { decodeInput } from "./decode-input.ts";
import { decodeFormat, decodeToolChoice, decodeTools, toolValues } from "./decode-tools.ts";
import { FIELD_NAMES } from "./field-names.ts";
import { fault, list, object, oneOf, optional, text } from "./fault.ts";

/** Longest list of alternatives per token that any vendor gives. */
const TOP_LOGPROBS_MAX = 20;
const INCLUDES_MAX = 100;
/** OpenAI's own limit: 16 pairs; generous here, since other vendors' callers share the field. */
const METADATA_MAX = 64;

/** Members that are read below, or say nothing about the answer (`client_metadata`, caching hints, obfuscation of streams). */
const KNOWN: ReadonlySet<string> = new Set([
  "model", "input", "instructions", "stream", "tools", "tool_choice", "parallel_tool_calls", "text", "reasoning", "include", "max_output_tokens", "temperature", "top_p",
  "top_logprobs", "metadata", "user", "safety_identifier", "service_tier", "prompt_cache_key", "store", "stream_options", "client_metadata", "prompt_cache_retention",
  "prompt_cache_options",
]);

/** A Responses request (SDK type `ResponseCreateParams`) in canonical form. `own` keeps what only OpenAI does: stored conversations, background, prompts, ... */
export function decodeRequest(body: Record<string, unknown>): CanonicalRequest {
  const model = optional(body["model"], "string", "model");
  if (model === undefined || model === "") throw new GatewayError("missingModel", { param: "model" });
  const own = ownValues(body);
  const request: CanonicalRequest = { model, stream: optional(body["stream"], "boolean", "stream") ?? false, messages: [], fields: FIELD_NAMES };
  const elsewhere = ["previous_response_id", "conversation", "prompt"].some((name) => own[name] !== undefined);
  const missing = body["input"] === undefined || body["input"] === null;
  if (missing && !elsewhere) throw fault('"input" is missing.', "input");
  const input = missing ? { messages: [], tools: [] } : decodeInput(body["input"], !elsewhere);
  const instructions = optional(body["instructions"], "string", "instructions");
  if (instructions) request.messages.push({ role: "system", parts: [{ type: "text", text: instructions }] });
  for (const message of input.messages) request.messages.push(message);
  readTools(body, request, own, input.tools);
  readAnswerShape(body, request);
  readSampling(body, request);
  readAccounting(body, request, own);
  if (Object.keys(own).length > 0) request.own = { dialect: "openai-responses", values: own };
  return request;
}

function ownValues(body: Record<string, unknown>): Record<string, unknown> {
  const own: Record<string, unknown> = Object.fromEntries(Object.entries(body).filter(([name, value]) => !KNOWN.has(name) && value !== null && value !== undefined));
  optional(own["previous_response_id"], "string", "previous_response_id");
  // What they are without being said is no wish.
  if (optional(own["background"], "boolean", "background") === false) delete own["background"];
  if (oneOf(own["truncation"], ["auto", "disabled"], "truncation") === "disabled") delete own["truncation"];
  return own;
}

function readTools(body: Record<string, unknown>, request: CanonicalRequest, own: Record<string, unknown>, more: { value: unknown; param: string }[]): void {
  const tools = decodeTools([...toolValues(body["tools"]), ...more]);
  if (tools.length > 0) request.tools = tools;
  const choice = body["tool_choice"];
  if (choice !== undefined && choice !== null) {
    const read = decodeToolChoice(choice, tools);
    if (read) request.toolChoice = read;
    else own["tool_choice"] = choice;
  }
  const parallel = optional(body["parallel_tool_calls"], "boolean", "parallel_tool_calls");
  if (parallel !== undefined) request.parallelToolCalls = parallel;
}

function readAnswerShape(body: Record<string, unknown>, request: CanonicalRequest): void {
  const config = body["text"] === undefined || body["text"] === null ? {} : object(body["text"], "text");
  const format = decodeFormat(config["format"]);
  if (format) request.format = format;
  const verbosity = oneOf(config["verbosity"], ["low", "medium", "high"], "text.verbosity");
  if (verbosity) request.verbosity = verbosity;
  const include = body["include"] === undefined || body["include"] === null ? [] : list(body["include"], "include", INCLUDES_MAX).map((one, index) => text(one, `include[${index}]`));
  const top = optional(body["top_logprobs"], "number", "top_logprobs");
  if (top !== undefined && (!Number.isInteger(top) || top < 0 || top > TOP_LOGPROBS_MAX)) throw fault(`"top_logprobs" must be a whole number from 0 to ${TOP_LOGPROBS_MAX}.`, "top_logprobs");
  // `top_logprobs` of 0 is what its absence means; logprobs themselves come by `include`.
  if (top || include.includes("message.output_text.logprobs")) request.logprobs = { top: top ?? 0 };
  const reasoning = readReasoning(body["reasoning"], include.includes("reasoning.encrypted_content"));
  if (reasoning) request.reasoning = reasoning;
}

function readReasoning(value: unknown, sealed: boolean): ReasoningWish | undefined {
  const wire = value === undefined || value === null ? {} : object(value, "reasoning");
  const wish: ReasoningWish = {};
  const effort = oneOf(wire["effort"], ["none", "minimal", "low", "medium", "high", "xhigh", "max"], "reasoning.effort");
  // `generate_summary` is the old name.
  const show = oneOf(wire["summary"] ?? wire["generate_summary"], ["auto", "concise", "detailed"], "reasoning.summary");
  if (effort) wish.effort = effort;
  if (show) wish.show = show;
  if (sealed) wish.sealed = true;
  return Object.keys(wish).length > 0 ? wish : undefined;
}

function readSampling(body: Record<string, unknown>, request: CanonicalRequest): void {
  const limit = countOf(body["max_output_tokens"], "max_output_tokens");
  if (limit !== undefined) request.maxOutputTokens = limit;
  // Nothing but hosted tools is counted, and only by OpenAI; a number it must be all the same.
  countOf(body["max_tool_calls"], "max_tool_calls");
  const temperature = between(body["temperature"], 2, "temperature");
  if (temperature !== undefined) request.temperature = temperature;
  const topP = between(body["top_p"], 1, "top_p");
  if (topP !== undefined) request.topP = topP;
}

function between(value: unknown, most: number, name: string): number | undefined {
  const found = optional(value, "number", name);
  if (found !== undefined && (found < 0 || found > most)) throw fault(`"${name}" must be from 0 to ${most}.`, name);
  return found;
}

function readAccounting(body: Record<string, unknown>, request: CanonicalRequest, own: Record<string, unknown>): void {
  const user = optional(body["user"], "string", "user");
  const safety = optional(body["safety_identifier"], "string", "safety_identifier");
  // The newer name of `user`; a request with both keeps both.
  if (user !== undefined) request.user = user;
  else if (safety !== undefined) {
    request.user = safety;
    request.fields = { ...FIELD_NAMES, user: "safety_identifier" };
  }
  if (user !== undefined && safety !== undefined) own["safety_identifier"] = safety;
  const tier = optional(body["service_tier"], "string", "service_tier");
  if (tier !== undefined) request.serviceTier = tier;
  const key = optional(body["prompt_cache_key"], "string", "prompt_cache_key");
  if (key !== undefined) request.promptCacheKey = key;
  const store = optional(body["store"], "boolean", "store");
  if (store !== undefined) request.store = store;
  if (body["metadata"] === undefined || body["metadata"] === null) return;
  const entries = Object.entries(object(body["metadata"], "metadata"));
  if (entries.length > METADATA_MAX) throw fault(`"metadata" may have ${METADATA_MAX} pairs at most.`, "metadata");
  request.metadata = Object.fromEntries(entries.map(([name, value]) => [name, text(value, `metadata.${name.slice(0, 60)}`)]));
}
