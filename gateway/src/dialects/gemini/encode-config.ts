import type { RequestTarget } from "../canonical/codec.ts";
import type { DroppedFeatures } from "../canonical/dropped-features.ts";
import { outputLimit } from "../canonical/output-limit.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import { imageConfigOf } from "./image-size.ts";
import type { PlacedOwn } from "./own-values.ts";
import { toSchemaSubset } from "./schema-subset.ts";
import type { TargetModel } from "./target-model.ts";
import { writeThinking } from "./thinking.ts";

type Words = Record<string, unknown>;

/** `stopSequences` "up to 5" (Gemini API reference, GenerationConfig). */
const STOP_MAX = 5;
/** OpenAI's built-in voices: names that mean nothing at Gemini, which answers 400 to a voice it does not know. */
const FOREIGN_VOICES: ReadonlySet<string> = new Set(["alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer", "verse"]);

/** `generationConfig` (SDK type GenerationConfig); undefined where nothing need be said. */
export function encodeGenerationConfig(request: CanonicalRequest, target: RequestTarget, model: TargetModel, own: PlacedOwn, dropped: DroppedFeatures): Words | undefined {
  const config: Words = {};
  const put = (member: string, value: unknown): void => void (value !== undefined && (config[member] = value));
  put("temperature", request.temperature);
  put("topP", request.topP);
  put("topK", request.topK);
  put("candidateCount", request.choices);
  put("maxOutputTokens", outputLimit(request, target, dropped));
  put("presencePenalty", request.presencePenalty);
  put("frequencyPenalty", request.frequencyPenalty);
  encodeStop(request, config, dropped);
  // int32 on the wire
  if (request.seed !== undefined && request.seed === (request.seed | 0)) config["seed"] = request.seed;
  else if (request.seed !== undefined) dropped.add("seed");
  if (request.logprobs) {
    config["responseLogprobs"] = true;
    if (request.logprobs.top > 0) config["logprobs"] = request.logprobs.top;
  }
  encodeFormat(request, model, config, dropped);
  put("responseModalities", modalitiesOf(request, model));
  encodeAudio(request, config, dropped);
  const image: Words = { ...imageConfigOf(request.image, dropped), ...Object.fromEntries(own.imageConfig) };
  if (Object.keys(image).length > 0) config["imageConfig"] = image;
  const thinking: Words = { ...writeThinking(request.reasoning, model, dropped), ...Object.fromEntries(own.thinkingConfig) };
  if (Object.keys(thinking).length > 0) config["thinkingConfig"] = thinking;
  encodeDetail(request, config, dropped);
  const merged = { ...config, ...Object.fromEntries(own.generationConfig) };
  return Object.keys(merged).length > 0 ? merged : undefined;
}

function encodeStop({ stop }: CanonicalRequest, config: Words, dropped: DroppedFeatures): void {
  const taken = (stop ?? []).filter((text) => text !== "").slice(0, STOP_MAX);
  if (taken.length > 0) config["stopSequences"] = taken;
  if (taken.length < (stop ?? []).length) dropped.add("stop");
}

function encodeFormat(request: CanonicalRequest, model: TargetModel, config: Words, dropped: DroppedFeatures): void {
  const { format } = request;
  if (!format) return;
  config["responseMimeType"] = "application/json";
  if (format.type === "json") return;
  const given = typeof format.schema === "boolean" ? {} : format.schema;
  const schema = format.description === undefined || given["description"] !== undefined ? given : { ...given, description: format.description };
  if (!model.schemaSubset) {
    config["responseJsonSchema"] = schema;
    return;
  }
  const subset = toSchemaSubset(schema);
  if (subset.lost.length > 0) dropped.add("format");
  config["responseSchema"] = subset.schema;
}

/** OpenAI asks for text and audio together and means speech with its words; Gemini's speech models make sound alone. */
function modalitiesOf({ modalities }: CanonicalRequest, model: TargetModel): string[] | undefined {
  if (!modalities) return model.modalities;
  return modalities.includes("audio") ? ["AUDIO"] : modalities.map((modality) => modality.toUpperCase());
}

/** Speech comes as raw samples (PCM, 24 kHz), in a voice of Gemini's. */
function encodeAudio({ audio }: CanonicalRequest, config: Words, dropped: DroppedFeatures): void {
  if (!audio) return;
  const { voice, format } = audio;
  if (typeof voice === "string" && !FOREIGN_VOICES.has(voice)) config["speechConfig"] = { voiceConfig: { prebuiltVoiceConfig: { voiceName: voice } } };
  else if (voice !== undefined) dropped.add("audio.voice");
  if (format !== undefined && format !== "pcm16") dropped.add("audio.format");
}

/** OpenAI's `detail` is told per picture, Gemini's resolution for all of them and for other media too, so only the saving one is taken over. */
function encodeDetail({ messages }: CanonicalRequest, config: Words, dropped: DroppedFeatures): void {
  const details = messages.flatMap((message) => message.parts.flatMap((part) => (part.type === "image" ? [part.detail] : [])));
  if (details.every((detail) => detail === undefined || detail === "auto")) return;
  if (details.every((detail) => detail === "low")) config["mediaResolution"] = "MEDIA_RESOLUTION_LOW";
  else dropped.add("parts.image.detail");
}
