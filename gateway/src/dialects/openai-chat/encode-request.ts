import type { EncodedRequest, RequestTarget } from "../canonical/codec.ts";
import { DroppedFeatures } from "../canonical/dropped-features.ts";
import { openaiTier } from "../canonical/service-tier.ts";
import { instructed } from "../canonical/format-in-words.ts";
import { budgetOfEffort, effortOfWish } from "../canonical/effort.ts";
import { outputLimit } from "../canonical/output-limit.ts";
import type { Message } from "../canonical/parts.ts";
import type { CanonicalRequest, ReasoningWish } from "../canonical/request.ts";
import type { EncodeState } from "./encode-content.ts";
import { encodeMessages } from "./encode-messages.ts";
import { addTools, encodeFormat } from "./encode-tools.ts";
import { effortFor, has } from "./traits.ts";
import { defined } from "../canonical/wire-fields.ts";

type Json = Record<string, unknown>;

/** OpenAI takes four stop sequences. */
const STOPS_MAX = 4;
const SERVICE_TIERS = new Set(["auto", "default", "flex", "scale", "priority"]);

const USUAL_VOICE = "alloy";
/** Gemini's prebuilt voices (speech generation guide), which OpenAI refuses. */
const GEMINI_VOICES: ReadonlySet<string> = new Set([
  "Zephyr", "Puck", "Charon", "Kore", "Fenrir", "Leda", "Orus", "Aoede", "Callirrhoe", "Autonoe", "Enceladus", "Iapetus", "Umbriel", "Algieba", "Despina", "Erinome", "Algenib", "Rasalgethi",
  "Laomedeia", "Achernar", "Alnilam", "Schedar", "Gacrux", "Pulcherrima", "Achird", "Zubenelgenubi", "Vindemiatrix", "Sadachbia", "Sadaltager", "Sulafat",
]);

/**
 * A request as a chat completion for a vendor of the family; `target.traits` (traits.ts) tell how it differs from OpenAI. Streams always ask for their usage.
 * Gives the body and the features that could not be expressed, in the caller's words.
 */
export function encodeRequest(request: CanonicalRequest, target: RequestTarget): EncodedRequest {
  const dropped = new DroppedFeatures(request);
  const state: EncodeState = { target, dropped };
  const body: Json = {};
  if (request.own?.dialect === "openai-chat") Object.assign(body, request.own.values);
  else for (const name of Object.keys(request.own?.values ?? {})) dropped.add(name);
  body["model"] = target.model;
  const format = request.format ? encodeFormat(request.format, talksOfJson(request.messages), state) : {};
  const messages = format.instruction === undefined ? request.messages : instructed(request.messages, format.instruction);
  body["messages"] = encodeMessages(messages, state);
  if (format.format) body["response_format"] = format.format;
  addTools(body, request, state);
  addReasoning(body, request.reasoning, state);
  addSampling(body, request, state);
  addOutput(body, request, state);
  addExtras(body, request, state);
  if (request.stream) {
    body["stream"] = true;
    if (!has(target, "no-stream-options")) body["stream_options"] = { include_usage: true };
  }
  return { body, dropped: dropped.list() };
}

const talksOfJson = (messages: Message[]): boolean => messages.some((message) => message.parts.some((part) => part.type === "text" && /json/i.test(part.text)));

/** Sets members that have a value. */
function set(body: Json, members: Json): void {
  for (const name of Object.keys(members)) if (members[name] !== undefined) body[name] = members[name];
}

function addReasoning(body: Json, wish: ReasoningWish | undefined, { target, dropped }: EncodeState): void {
  if (!wish) return;
  const effort = effortOfWish(wish);
  const off = effort === "none";
  if (!target.reasons) {
    // A model that does not think has "off" already, and no thoughts to show.
    if (!off && (effort !== undefined || wish.adaptive || wish.budgetTokens !== undefined)) dropped.add("reasoning");
    return;
  }
  const shows = has(target, "reasoning-object") || has(target, "reasoning-content") || has(target, "reasoning-details") || has(target, "enable-thinking") || has(target, "thinking-toggle");
  if (wish.show !== undefined && wish.show !== "none" && !shows) dropped.add("reasoning.show");
  if (has(target, "reasoning-object")) {
    const budget = wish.effort === undefined && (wish.budgetTokens ?? -1) > 0 ? wish.budgetTokens : undefined;
    const measure = off ? { enabled: false } : budget !== undefined ? { max_tokens: budget } : effort !== undefined ? { effort: effortFor(target, effort) } : { enabled: true };
    body["reasoning"] = { ...measure, ...(wish.show === "none" ? { exclude: true } : {}) };
    return;
  }
  if (has(target, "enable-thinking")) {
    const budget = (wish.budgetTokens ?? 0) > 0 ? wish.budgetTokens : effort === undefined ? undefined : budgetOfEffort(effort);
    set(body, { enable_thinking: !off, thinking_budget: off ? undefined : budget });
    return;
  }
  if (has(target, "thinking-toggle")) {
    body["thinking"] = { type: off ? "disabled" : "enabled" };
    if (off) return;
  }
  if (effort === undefined || has(target, "no-reasoning-effort")) {
    if (effort !== undefined && !has(target, "thinking-toggle")) dropped.add("reasoning");
    return;
  }
  const known = effortFor(target, effort);
  if (known === undefined || (off && known !== "none")) dropped.add("reasoning");
  set(body, { reasoning_effort: known });
}

/** Wishes about how tokens are chosen, their members, and what happens without them. */
const SAMPLING: readonly (readonly [keyof CanonicalRequest, string, unknown])[] = [
  ["temperature", "temperature", 1],
  ["topP", "top_p", 1],
  ["presencePenalty", "presence_penalty", 0],
  ["frequencyPenalty", "frequency_penalty", 0],
  ["logitBias", "logit_bias", undefined],
];

/** How tokens are chosen. A wish equal to what happens anyway is no loss where it cannot be sent. */
function addSampling(body: Json, request: CanonicalRequest, { target, dropped }: EncodeState): void {
  for (const [feature, name, usual] of SAMPLING) {
    const value = request[feature];
    if (value === undefined) continue;
    if (!has(target, "no-sampling") && !(feature === "logitBias" && has(target, "no-logit-bias"))) body[name] = value;
    else if (value !== usual) dropped.add(feature);
  }
  const send = (feature: keyof CanonicalRequest, name: string, able: boolean): void => {
    if (request[feature] === undefined) return;
    if (able) body[name] = request[feature];
    else dropped.add(feature);
  };
  send("topK", "top_k", has(target, "top-k"));
  send("minP", "min_p", has(target, "min-p"));
  send("seed", "seed", !has(target, "no-seed"));
  if (request.logprobs) {
    if (has(target, "no-sampling") || has(target, "no-logprobs")) dropped.add("logprobs");
    else set(body, { logprobs: true, top_logprobs: request.logprobs.top > 0 ? request.logprobs.top : undefined });
  }
  if (request.stop && request.stop.length > 0) {
    const most = has(target, "no-stop") ? 0 : has(target, "many-stops") ? request.stop.length : STOPS_MAX;
    if (request.stop.length > most) dropped.add("stop");
    if (most > 0) body["stop"] = request.stop.slice(0, most);
  }
}

/** How much is answered, and in what form. */
function addOutput(body: Json, request: CanonicalRequest, { target, dropped }: EncodeState): void {
  const most = outputLimit(request, target, dropped);
  if (most !== undefined) body[has(target, "max-tokens") ? "max_tokens" : "max_completion_tokens"] = most;
  if (request.choices !== undefined && request.choices > 1 && has(target, "no-n")) dropped.add("choices");
  else if (request.choices !== undefined) body["n"] = request.choices;
  if (request.modalities) {
    const able = has(target, "image-output") ? request.modalities : request.modalities.filter((modality) => modality !== "image");
    if (able.length < request.modalities.length) dropped.add("modalities");
    // Text alone is what comes anyway, and vendors without `modalities` refuse the word.
    // Speech comes with its words: OpenAI takes "audio" beside "text" only.
    if (able.some((modality) => modality !== "text")) body["modalities"] = able.includes("audio") && !able.includes("text") ? ["text", ...able] : able;
  }
  if (request.audio || request.modalities?.includes("audio")) body["audio"] = speechOf(request, dropped);
  if (request.image) {
    if (has(target, "image-output")) body["image_config"] = defined<Json>({ aspect_ratio: request.image.aspectRatio, image_size: request.image.size });
    else dropped.add("image");
  }
}

/** `audio` (SDK type ChatCompletionAudioParam): voice and format are both required. A stream takes bare samples only (OpenAI guide "Audio and speech"). */
function speechOf({ audio, stream }: CanonicalRequest, dropped: DroppedFeatures): Json {
  const foreign = typeof audio?.voice === "string" && GEMINI_VOICES.has(audio.voice);
  if (foreign) dropped.add("audio.voice");
  return { voice: foreign ? USUAL_VOICE : (audio?.voice ?? USUAL_VOICE), format: audio?.format ?? (stream ? "pcm16" : "wav") };
}

/** What OpenAI alone knows. Marks of who asks and how caches are kept are left out unreported elsewhere; what changes answer or price is reported. */
function addExtras(body: Json, request: CanonicalRequest, { target, dropped }: EncodeState): void {
  const extras = !has(target, "no-openai-extras");
  if (request.verbosity !== undefined) {
    if (extras) body["verbosity"] = request.verbosity;
    else dropped.add("verbosity");
  }
  const tier = openaiTier(request.serviceTier);
  if (tier !== undefined) {
    if (extras && SERVICE_TIERS.has(tier)) body["service_tier"] = tier;
    else if (tier !== "auto" && tier !== "default") dropped.add("serviceTier");
  }
  if (request.store && !extras) dropped.addNamed("store");
  // OpenAI takes metadata with `store: true` only.
  if (Object.keys(request.metadata ?? {}).length > 0 && !(extras && request.store)) dropped.add("metadata");
  if (!extras) return;
  set(body, { user: request.user, prompt_cache_key: request.promptCacheKey });
  if (request.store) set(body, { store: true, metadata: request.metadata });
}
