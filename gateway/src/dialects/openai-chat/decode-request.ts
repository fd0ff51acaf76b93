import { GatewayError } from "../../errors/gateway-error.ts";
import { limitChoices, objectOf } from "../canonical/fields.ts";
import type { CanonicalRequest, Effort, ReasoningWish } from "../canonical/request.ts";
import { messagesAt } from "./decode-messages.ts";
import { FIELD_NAMES } from "./field-names.ts";
import { formatAt, hostedFieldsOf, toolChoiceAt, toolsAt } from "./decode-tools.ts";
import { defined, fault, flagAt, listAt, missing, numberAt, objectAt, required, textAt, textIn, wholeAt, wordAt } from "../canonical/wire-fields.ts";

type Json = Record<string, unknown>;

const MODEL_LENGTH_MAX = 200;
/** OpenAI takes four; the most any vendor of the family takes is sixteen. */
const STOPS_MAX = 64;
const TOP_LOGPROBS_MAX = 20;
/** OpenAI's bounds of `metadata`. */
const METADATA_PAIRS_MAX = 16;
const LOGIT_BIAS_MAX = 2_048;
const EFFORTS: Effort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/** Members that are read below. */
const READ = new Set([
  "model", "messages", "stream", "stream_options", "tools", "functions", "tool_choice", "function_call", "web_search_options", "parallel_tool_calls",
  "response_format", "reasoning_effort", "reasoning", "thinking", "enable_thinking", "thinking_budget", "max_tokens", "max_completion_tokens", "temperature",
  "top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty", "seed", "stop", "n", "logprobs", "top_logprobs", "logit_bias", "modalities", "audio",
  "image_config", "verbosity", "user", "safety_identifier", "metadata", "service_tier", "prompt_cache_key", "store",
]);
/** Members that change nothing of the answer: how a cache is kept, what a client says of itself. */
const DECORATION = new Set(["prompt_cache_retention", "prompt_cache_options", "client_metadata", "session_id", "usage"]);

/** The names under which other features were asked for, where they differ from ours. */
const FIELDS: [keyof CanonicalRequest, string[]][] = [
  ["maxOutputTokens", ["max_completion_tokens", "max_tokens"]],
  ["toolChoice", ["tool_choice", "function_call"]],
  ["parallelToolCalls", ["parallel_tool_calls"]],
  ["format", ["response_format"]],
  ["reasoning", ["reasoning_effort", "reasoning", "thinking", "enable_thinking", "thinking_budget"]],
  ["topP", ["top_p"]],
  ["topK", ["top_k"]],
  ["minP", ["min_p"]],
  ["presencePenalty", ["presence_penalty"]],
  ["frequencyPenalty", ["frequency_penalty"]],
  ["choices", ["n"]],
  ["logprobs", ["logprobs", "top_logprobs"]],
  ["logitBias", ["logit_bias"]],
  ["image", ["image_config"]],
  ["user", ["user", "safety_identifier"]],
  ["serviceTier", ["service_tier"]],
  ["promptCacheKey", ["prompt_cache_key"]],
  ["store", ["store"]],
];

/**
 * A chat completion request (SDK type ChatCompletionCreateParams, and what its family adds: `reasoning`, `thinking`, `top_k`, `image_config`, ...).
 * Takes the parsed body; `address.model` stands in for a missing model. Throws GatewayError (status 400, `param`) for what is wrong.
 */
export function decodeRequest(body: Json, address: { model?: string; stream?: boolean }): CanonicalRequest {
  const tools = toolsAt(body);
  const stops = stopAt(body["stop"]);
  const choices = wholeAt(body["n"], "n", 1, Number.MAX_SAFE_INTEGER);
  const request = defined<CanonicalRequest>({
    model: modelAt(body["model"] ?? address.model),
    stream: flagAt(body["stream"], "stream") ?? address.stream ?? false,
    messages: messagesAt(body["messages"]),
    tools,
    toolChoice: toolChoiceAt(body, tools),
    parallelToolCalls: flagAt(body["parallel_tool_calls"], "parallel_tool_calls"),
    format: formatAt(body["response_format"]),
    reasoning: reasoningAt(body),
    maxOutputTokens: wholeAt(body["max_completion_tokens"], "max_completion_tokens", 1, Number.MAX_SAFE_INTEGER) ?? wholeAt(body["max_tokens"], "max_tokens", 1, Number.MAX_SAFE_INTEGER),
    temperature: numberAt(body["temperature"], "temperature", 0, 2),
    topP: numberAt(body["top_p"], "top_p", 0, 1),
    topK: wholeAt(body["top_k"], "top_k", -1, Number.MAX_SAFE_INTEGER),
    minP: numberAt(body["min_p"], "min_p", 0, 1),
    presencePenalty: numberAt(body["presence_penalty"], "presence_penalty", -2, 2),
    frequencyPenalty: numberAt(body["frequency_penalty"], "frequency_penalty", -2, 2),
    seed: wholeAt(body["seed"], "seed", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    stop: stops,
    choices: choices === undefined ? undefined : limitChoices(choices, "n"),
    logprobs: logprobsAt(body),
    logitBias: biasAt(body["logit_bias"]),
    modalities: listAt(body["modalities"], "modalities", 3)?.map((item, index) => required(wordAt(item, `modalities[${index}]`, ["text", "audio", "image"]), `modalities[${index}]`)),
    audio: audioAt(body["audio"]),
    image: imageAt(body["image_config"]),
    verbosity: wordAt(body["verbosity"], "verbosity", ["low", "medium", "high"]),
    user: textAt(body["user"], "user") ?? textAt(body["safety_identifier"], "safety_identifier"),
    metadata: metadataAt(body["metadata"]),
    serviceTier: textAt(body["service_tier"], "service_tier"),
    promptCacheKey: textAt(body["prompt_cache_key"], "prompt_cache_key"),
    store: flagAt(body["store"], "store"),
    includeUsage: flagAt(objectAt(body["stream_options"], "stream_options")?.["include_usage"], "stream_options.include_usage"),
    own: undefined,
    fields: undefined,
  });
  const values = Object.fromEntries(Object.entries(body).filter(([name, value]) => !READ.has(name) && !DECORATION.has(name) && !missing(value)));
  if (Object.keys(values).length > 0) request.own = { dialect: "openai-chat", values };
  request.fields = fieldsOf(request, body);
  return request;
}

/** True for callers of the legacy form, who must get `function_call` back. Told by how they named their tools. */
export const wantsFunctionCall = (request: CanonicalRequest): boolean => request.fields?.["tools"] === "functions";

function fieldsOf(request: CanonicalRequest, body: Json): Partial<Record<string, string>> {
  const fields: Partial<Record<string, string>> = { ...FIELD_NAMES, ...hostedFieldsOf(body["tools"]) };
  for (const [feature, names] of FIELDS) {
    const used = names.find((name) => !missing(body[name]));
    if (request[feature] !== undefined && used !== undefined) fields[feature] = used;
  }
  if (missing(body["tools"]) && !missing(body["functions"])) fields["tools"] = "functions";
  if (!missing(body["web_search_options"])) fields["tools.web-search"] = "web_search_options";
  return fields;
}

function modelAt(value: unknown): string {
  const model = textAt(value, "model");
  if (!model) throw new GatewayError("missingModel", { param: "model" });
  if (model.length > MODEL_LENGTH_MAX) throw new GatewayError("modelNotFound", { param: "model" });
  return model;
}

function stopAt(value: unknown): string[] | undefined {
  if (typeof value === "string") return [value];
  return listAt(value, "stop", STOPS_MAX)?.map((item, index) => required(textAt(item, `stop[${index}]`), `stop[${index}]`));
}

function logprobsAt(body: Json): { top: number } | undefined {
  const wanted = flagAt(body["logprobs"], "logprobs");
  const top = wholeAt(body["top_logprobs"], "top_logprobs", 0, TOP_LOGPROBS_MAX);
  if (top && !wanted) throw fault("top_logprobs", '"top_logprobs" needs "logprobs": true.');
  return wanted ? { top: top ?? 0 } : undefined;
}

function biasAt(value: unknown): Record<string, number> | undefined {
  const bias = objectAt(value, "logit_bias");
  if (!bias) return undefined;
  const entries = Object.entries(bias);
  if (entries.length > LOGIT_BIAS_MAX) throw fault("logit_bias", `"logit_bias" may have ${LOGIT_BIAS_MAX} entries at most.`);
  return Object.fromEntries(entries.map(([token, weight]) => [token, required(numberAt(weight, `logit_bias.${token.slice(0, 40)}`, -100, 100), `logit_bias.${token.slice(0, 40)}`)]));
}

function metadataAt(value: unknown): Record<string, string> | undefined {
  const metadata = objectAt(value, "metadata");
  if (!metadata) return undefined;
  const entries = Object.entries(metadata);
  if (entries.length > METADATA_PAIRS_MAX) throw fault("metadata", `"metadata" may have ${METADATA_PAIRS_MAX} entries at most.`);
  return Object.fromEntries(entries.map(([key, text]) => [key, required(textAt(text, `metadata.${key.slice(0, 64)}`), `metadata.${key.slice(0, 64)}`)]));
}

function audioAt(value: unknown): CanonicalRequest["audio"] {
  const audio = objectAt(value, "audio");
  if (!audio) return undefined;
  const voice = audio["voice"];
  if (!missing(voice) && typeof voice !== "string" && textIn(objectOf(voice)["id"]) === undefined) throw fault("audio.voice", '"audio.voice" must be a text or an object with an id.');
  return defined<NonNullable<CanonicalRequest["audio"]>>({ voice: voice ?? undefined, format: textAt(audio["format"], "audio.format") });
}

function imageAt(value: unknown): CanonicalRequest["image"] {
  const image = objectAt(value, "image_config");
  if (!image) return undefined;
  return defined<NonNullable<CanonicalRequest["image"]>>({ aspectRatio: textAt(image["aspect_ratio"], "image_config.aspect_ratio"), size: textAt(image["image_size"], "image_config.image_size") });
}

/** `reasoning_effort` (OpenAI), `reasoning` (OpenRouter), `thinking` (DeepSeek, Moonshot, Anthropic's words), `enable_thinking` and `thinking_budget` (Qwen). */
function reasoningAt(body: Json): ReasoningWish | undefined {
  const wish: ReasoningWish = {};
  const effort = wordAt(body["reasoning_effort"], "reasoning_effort", EFFORTS);
  if (effort) wish.effort = effort;
  const budgetAt = (value: unknown, at: string): void => {
    const budget = wholeAt(value, at, -1, Number.MAX_SAFE_INTEGER);
    if (budget !== undefined) wish.budgetTokens = budget;
  };
  const own = objectAt(body["reasoning"], "reasoning");
  if (own) {
    const inner = wordAt(own["effort"], "reasoning.effort", EFFORTS);
    if (inner) wish.effort = inner;
    budgetAt(own["max_tokens"], "reasoning.max_tokens");
    const enabled = flagAt(own["enabled"], "reasoning.enabled");
    if (enabled === false) wish.off = true;
    // OpenRouter's guide: enabled alone is the medium effort.
    if (enabled && wish.effort === undefined && wish.budgetTokens === undefined) wish.effort = "medium";
    if (flagAt(own["exclude"], "reasoning.exclude")) wish.show = "none";
  }
  const thinking = objectAt(body["thinking"], "thinking");
  const type = thinking ? required(wordAt(thinking["type"], "thinking.type", ["enabled", "disabled", "adaptive", "auto"]), "thinking.type") : undefined;
  budgetAt(thinking?.["budget_tokens"], "thinking.budget_tokens");
  const enabled = flagAt(body["enable_thinking"], "enable_thinking");
  budgetAt(body["thinking_budget"], "thinking_budget");
  if (type === "disabled" || enabled === false) wish.off = true;
  else if ((type !== undefined || enabled) && wish.effort === undefined && wish.budgetTokens === undefined) wish.adaptive = true;
  return Object.keys(wish).length > 0 ? wish : undefined;
}
