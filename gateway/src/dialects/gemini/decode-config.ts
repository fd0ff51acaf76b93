import { refuseSchema } from "../canonical/depth.ts";
import type { CanonicalRequest, JsonSchema } from "../canonical/request.ts";
import { invalid, type Members } from "./members.ts";
import { fromSchemaSubset } from "./schema-json.ts";
import { readThinking } from "./thinking.ts";
import { table } from "../../table.ts";

/** Most answers in one request; the API itself takes 8. */
const CANDIDATES_MAX = 128;
const LOGPROBS_MAX = 20;
/** Its wire has 32 bits for `topK`. */
const INT32_MAX = 2_147_483_647;

type Own = Map<string, unknown>;

/** Members of `generationConfig` with one canonical number or list each. */
const FEATURES = {
  temperature: "temperature",
  topP: "topP",
  presencePenalty: "presencePenalty",
  frequencyPenalty: "frequencyPenalty",
} as const;

/** `generationConfig` (SDK type GenerationConfig) into the request; what only Gemini has goes to `own` under its path. */
export function decodeGenerationConfig(body: Members, request: CanonicalRequest, own: Own): void {
  const config = body.object("generationConfig");
  if (!config) return;
  const fields = (request.fields ??= {});
  const named = (feature: string, member: string): void => void (fields[feature] = config.at(member));

  for (const [member, feature] of Object.entries(FEATURES)) {
    const value = config.number(member);
    if (value === undefined) continue;
    request[feature] = value;
    named(feature, member);
  }
  const counts = [
    ["maxOutputTokens", "maxOutputTokens", 1, Number.MAX_SAFE_INTEGER],
    ["candidateCount", "choices", 1, CANDIDATES_MAX],
    ["seed", "seed", -(2 ** 31), 2 ** 31 - 1],
  ] as const;
  for (const [member, feature, least, most] of counts) {
    const value = config.whole(member, least, most);
    if (value === undefined) continue;
    request[feature] = value;
    named(feature, member);
  }
  const topK = config.whole("topK", 0, INT32_MAX);
  if (topK !== undefined) {
    request.topK = topK;
    named("topK", "topK");
  }
  const stop = config.texts("stopSequences");
  if (stop && stop.length > 0) {
    request.stop = stop;
    named("stop", "stopSequences");
  }
  decodeLogprobs(config, request, named);
  decodeFormat(config, request, own, named);
  decodeModalities(config, request, own, named);
  decodeSpeech(config, request, own, named);
  decodeImage(config, request, own, named);
  const thinking = config.object("thinkingConfig");
  if (thinking) {
    const wish = readThinking(thinking);
    if (Object.keys(wish).length > 0) request.reasoning = wish;
    named("reasoning", "thinkingConfig");
    for (const [name, value] of thinking.rest()) own.set(`generationConfig.thinkingConfig.${name}`, value);
  }
  for (const [name, value] of config.rest()) own.set(`generationConfig.${name}`, value);
}

type Named = (feature: string, member: string) => void;

function decodeLogprobs(config: Members, request: CanonicalRequest, named: Named): void {
  const wanted = config.flag("responseLogprobs");
  const top = config.whole("logprobs", 0, LOGPROBS_MAX);
  if (!wanted && top !== undefined && top > 0) throw invalid(config.at("logprobs"), "needs responseLogprobs: true.");
  if (!wanted) return;
  request.logprobs = { top: top ?? 0 };
  named("logprobs", "responseLogprobs");
}

function decodeFormat(config: Members, request: CanonicalRequest, own: Own, named: Named): void {
  const type = config.text("responseMimeType");
  const subset = config.value("responseSchema");
  // The older name of the same member, from when it was a preview.
  const json = config.value("responseJsonSchema") ?? config.value("_responseJsonSchema");
  if (subset !== undefined && json !== undefined) throw invalid(config.at("responseJsonSchema"), "and responseSchema exclude each other.");
  if (type !== undefined && type !== "application/json" && type !== "text/plain") {
    // text/x.enum and whatever comes after it
    own.set("generationConfig.responseMimeType", type);
    if (subset !== undefined) own.set("generationConfig.responseSchema", subset);
    if (json !== undefined) own.set("generationConfig.responseJsonSchema", json);
    return;
  }
  const schema = subset ?? json;
  if (schema !== undefined) {
    const path = config.at(subset === undefined ? "responseJsonSchema" : "responseSchema");
    if (type === "text/plain") throw invalid(path, 'needs responseMimeType "application/json".');
    if (typeof schema !== "object" || Array.isArray(schema)) {
      if (typeof schema !== "boolean" || subset !== undefined) throw invalid(path, "must be an object.");
    }
    refuseSchema(schema, path);
    request.format = { type: "json-schema", schema: subset === undefined ? (json as JsonSchema) : fromSchemaSubset(subset) };
    named("format", subset === undefined ? "responseJsonSchema" : "responseSchema");
  } else if (type === "application/json") {
    request.format = { type: "json" };
    named("format", "responseMimeType");
  }
}

const MODALITIES: Record<string, "text" | "audio" | "image"> = table({ TEXT: "text", AUDIO: "audio", IMAGE: "image" });

function decodeModalities(config: Members, request: CanonicalRequest, own: Own, named: Named): void {
  const wanted = config.texts("responseModalities");
  if (!wanted || wanted.length === 0) return;
  const known = wanted.map((name) => MODALITIES[name.toUpperCase()]);
  if (known.some((modality) => modality === undefined)) {
    own.set("generationConfig.responseModalities", wanted);
    return;
  }
  request.modalities = known.filter((modality) => modality !== undefined);
  named("modalities", "responseModalities");
}

/** One prebuilt voice is what other vendors know as well; everything finer stays Gemini's own. */
function decodeSpeech(config: Members, request: CanonicalRequest, own: Own, named: Named): void {
  const speech = config.value("speechConfig");
  if (speech === undefined) return;
  const outer = config.object("speechConfig");
  const voice = outer?.object("voiceConfig");
  const prebuilt = voice?.object("prebuiltVoiceConfig");
  const name = prebuilt?.text("voiceName");
  if (outer && voice && prebuilt && name !== undefined && [outer, voice, prebuilt].every((members) => members.rest().length === 0)) {
    request.audio = { voice: name };
    named("audio", "speechConfig");
  } else own.set("generationConfig.speechConfig", speech);
}

function decodeImage(config: Members, request: CanonicalRequest, own: Own, named: Named): void {
  const image = config.object("imageConfig");
  if (!image) return;
  const [aspectRatio, size] = [image.text("aspectRatio"), image.text("imageSize")];
  if (aspectRatio !== undefined || size !== undefined) {
    request.image = { ...(aspectRatio === undefined ? {} : { aspectRatio }), ...(size === undefined ? {} : { size }) };
    named("image", "imageConfig");
  }
  for (const [name, value] of image.rest()) own.set(`generationConfig.imageConfig.${name}`, value);
}
