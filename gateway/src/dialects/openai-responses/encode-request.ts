import { DroppedFeatures } from "../canonical/dropped-features.ts";
import { effortOfWish, nearestEffort } from "../canonical/effort.ts";
import type { EncodedRequest, RequestTarget } from "../canonical/codec.ts";
import { openaiTier } from "../canonical/service-tier.ts";
import { formatInstruction } from "../canonical/format-in-words.ts";
import { choiceFor } from "../canonical/hosted-choice.ts";
import { outputLimit } from "../canonical/output-limit.ts";
import type { CanonicalRequest, Effort, OutputFormat, ReasoningWish } from "../canonical/request.ts";
import { toolsByName } from "./decode-input.ts";
import { encodeInput } from "./encode-input.ts";
import { encodeToolChoice, encodeTools } from "./encode-tools.ts";

/** OpenAI refuses a lower `max_output_tokens`. */
const OUTPUT_TOKENS_MIN = 16;
/** A schema needs a name here; other dialects have none. */
const SCHEMA_NAME = "answer";

const EFFORTS: Effort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

type Wire = Record<string, unknown>;

/**
 * A request in OpenAI's words. Traits of the target: "no-strict" (does not know `strict` of functions), "no-sampling" (refuses `temperature` and `top_p`), "no-store" (does not
 * know `store`), "no-include" (does not know the values of `include`), "no-developer" (role `system` instead), "input-audio" (takes sound), "cache-breakpoints" (takes
 * `prompt_cache_breakpoint`).
 */
export function encodeRequest(request: CanonicalRequest, target: RequestTarget): EncodedRequest {
  const dropped = new DroppedFeatures(request);
  const { traits } = target;
  const tools = toolsByName(request.tools);
  const { instructions, input } = encodeInput(request, { tools, traits, dropped });
  // JSON mode is refused where the input does not speak of JSON, whatever the instructions say.
  if (request.format?.type === "json" && !/json/i.test(JSON.stringify(input)))
    input.unshift({ type: "message", role: traits.has("no-developer") ? "system" : "developer", content: [{ type: "input_text", text: formatInstruction(request.format) }] });
  const body: Wire = { model: target.model, ...(instructions === undefined ? {} : { instructions }), input };
  if (request.stream) body["stream"] = true;
  writeTools(request, traits, dropped, body);
  writeAnswerShape(request, target, dropped, body);
  writeSampling(request, traits, dropped, body);
  writeAccounting(request, traits, body);
  reportRest(request, dropped);
  writeOwn(request, dropped, body);
  return { body, dropped: dropped.list() };
}

function writeTools(request: CanonicalRequest, traits: ReadonlySet<string>, dropped: DroppedFeatures, body: Wire): void {
  const tools = encodeTools(request, traits, dropped);
  if (tools.length > 0) body["tools"] = tools;
  const choice = choiceFor(request, (type) => (type === "web-search" ? "web_search" : type === "code-execution" ? "code_execution" : undefined), dropped);
  if (choice && tools.length > 0) body["tool_choice"] = encodeToolChoice(choice, toolsByName(request.tools));
  if (request.parallelToolCalls !== undefined && tools.length > 0) body["parallel_tool_calls"] = request.parallelToolCalls;
}

function writeAnswerShape(request: CanonicalRequest, target: RequestTarget, dropped: DroppedFeatures, body: Wire): void {
  const text: Wire = {};
  if (request.format) text["format"] = encodeFormat(request.format);
  if (request.verbosity) text["verbosity"] = request.verbosity;
  if (Object.keys(text).length > 0) body["text"] = text;
  if (request.reasoning) {
    const reasoning = encodeReasoning(request.reasoning, target.traits);
    if (target.reasons) {
      if (Object.keys(reasoning).length > 0) body["reasoning"] = reasoning;
    } else if (wantsThought(request.reasoning)) dropped.add("reasoning");
  }
  const include = target.traits.has("no-include") ? [] : includes(request, target.reasons);
  if (include.length > 0) body["include"] = include;
  if (request.logprobs) {
    if (request.logprobs.top > 0) body["top_logprobs"] = request.logprobs.top;
    if (target.traits.has("no-include")) dropped.add("logprobs");
  }
  const most = outputLimit(request, target, dropped);
  if (most === undefined) return;
  if (most < OUTPUT_TOKENS_MIN) dropped.add("maxOutputTokens");
  body["max_output_tokens"] = Math.max(most, OUTPUT_TOKENS_MIN);
}

/** `text.format`. */
export function encodeFormat(format: OutputFormat): Wire {
  if (format.type === "json") return { type: "json_object" };
  const { schema, name = SCHEMA_NAME, description, strict } = format;
  return {
    type: "json_schema",
    name,
    schema: typeof schema === "object" ? schema : {},
    ...(description === undefined ? {} : { description }),
    ...(strict === undefined ? {} : { strict }),
  };
}

/** `reasoning`: effort, from a budget where only that was given, the nearest of those that traits `effort:<word>` name, and the summary. */
export function encodeReasoning(wish: ReasoningWish, traits?: ReadonlySet<string>): Wire {
  const wanted = effortOfWish(wish);
  const known = EFFORTS.filter((word) => traits?.has(`effort:${word}`));
  const effort = wanted === undefined || known.length === 0 ? wanted : nearestEffort(wanted, known);
  // Who gives a budget as Anthropic's callers do reads the thinking too, unless told otherwise.
  const show = wish.show ?? (wish.budgetTokens !== undefined && wish.budgetTokens > 0 ? "auto" : "none");
  return { ...(effort === undefined ? {} : { effort }), ...(show === "none" ? {} : { summary: show }) };
}

/** Whether a caller will miss something when a model does not think. */
function wantsThought(wish: ReasoningWish): boolean {
  if (wish.off || wish.effort === "none") return false;
  return wish.effort !== undefined || wish.adaptive === true || (wish.budgetTokens !== undefined && wish.budgetTokens !== 0);
}

function includes(request: CanonicalRequest, reasons: boolean): string[] {
  const hosted = new Set((request.tools ?? []).map((tool) => tool.type));
  const wanted = new Set<string>();
  // What is kept nowhere (see writeAccounting) must come sealed, or the model would begin its thinking anew with every turn.
  if (reasons && (request.reasoning?.sealed ?? request.store === undefined)) wanted.add("reasoning.encrypted_content");
  if (request.logprobs) wanted.add("message.output_text.logprobs");
  if (hosted.has("web-search")) wanted.add("web_search_call.action.sources");
  if (hosted.has("code-execution")) wanted.add("code_interpreter_call.outputs");
  return [...wanted];
}

function writeSampling(request: CanonicalRequest, traits: ReadonlySet<string>, dropped: DroppedFeatures, body: Wire): void {
  for (const [feature, name, value] of [
    ["temperature", "temperature", request.temperature],
    ["topP", "top_p", request.topP],
  ] as const) {
    if (value === undefined) continue;
    if (!traits.has("no-sampling")) body[name] = value;
    // 1 is what such models do anyway.
    else if (value !== 1) dropped.add(feature);
  }
}

function writeAccounting(request: CanonicalRequest, traits: ReadonlySet<string>, body: Wire): void {
  if (request.user !== undefined) body["user"] = request.user;
  if (request.metadata !== undefined) body["metadata"] = request.metadata;
  const tier = openaiTier(request.serviceTier);
  if (tier !== undefined) body["service_tier"] = tier;
  if (request.promptCacheKey !== undefined) body["prompt_cache_key"] = request.promptCacheKey;
  // OpenAI keeps answers unless told otherwise; callers of other dialects did not ask for that.
  if (!traits.has("no-store")) body["store"] = request.store ?? false;
}

/** Features that Responses has no words for. Values that mean "as usual" are no wish. */
function reportRest(request: CanonicalRequest, dropped: DroppedFeatures): void {
  for (const feature of ["topK", "minP", "seed", "stop", "logitBias"] as const) {
    const value = request[feature];
    if (value !== undefined && !(typeof value === "object" && Object.keys(value).length === 0)) dropped.add(feature);
  }
  if (request.presencePenalty) dropped.add("presencePenalty");
  if (request.frequencyPenalty) dropped.add("frequencyPenalty");
  if (request.choices !== undefined && request.choices > 1) dropped.add("choices");
  if (request.modalities?.includes("audio")) dropped.add("modalities");
  if (request.audio) dropped.add("audio");
  if (request.image?.aspectRatio !== undefined) dropped.add("image");
}

function writeOwn(request: CanonicalRequest, dropped: DroppedFeatures, body: Wire): void {
  if (!request.own) return;
  const { dialect, values } = request.own;
  if (dialect === "openai-responses") Object.assign(body, values);
  else for (const name of Object.keys(values)) dropped.add(name);
}
