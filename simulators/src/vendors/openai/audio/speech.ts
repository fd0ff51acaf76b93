/** `POST /v1/audio/speech` (openai SDK: SpeechCreateParams; the events: speech.audio.delta, speech.audio.done of the published document). */
import { asNumber, asObject, asText, isObject } from "../../../kit/json.ts";
import { SOUND_TYPES, type SoundFormat, sound, spokenSeconds } from "../../../kit/media/sound.ts";
import { countTokens } from "../../../kit/tokens.ts";
import type { Answer, Frame, Received } from "../../../kit/vendor.ts";
import { range } from "../check.ts";
import { invalid, openAiHeaders, openAiRefusal, type OpenAiError } from "../errors.ts";
import { unknownModel } from "../models.ts";
import { shelve } from "./shelf.ts";

/** Longest input in characters (API reference). */
const INPUT_MAX = 4_096;
/** Sound tokens a second: $0.015 a minute at $12 a million (the vendor's price page), rounded. */
const TOKENS_A_SECOND = 20.83;
/** Bytes of one delta. */
const DELTA_BYTES = 8_192;
const VOICES = "alloy ash ballad coral echo fable onyx nova sage shimmer verse marin cedar".split(" ");

const isFormat = (text: string): text is SoundFormat => Object.hasOwn(SOUND_TYPES, text);

function faultOf(body: Record<string, unknown>): OpenAiError | undefined {
  const input = body["input"];
  if (asText(body["model"]) === "") return invalid("you must provide a model parameter", null);
  if (typeof input !== "string" || input === "") return invalid("Missing required parameter: 'input'.", "input", "missing_required_parameter");
  if (input.length > INPUT_MAX)
    return invalid(`[{'type': 'string_too_long', 'loc': ('body', 'input'), 'msg': 'String should have at most ${INPUT_MAX} characters'}]`, null);
  const { voice } = body;
  if (voice === undefined) return invalid("Missing required parameter: 'voice'.", "voice", "missing_required_parameter");
  if (!isObject(voice) && !VOICES.includes(asText(voice)))
    return invalid(`Invalid value: '${asText(voice)}'. Supported values are: ${VOICES.map((one) => `'${one}'`).join(", ")}.`, "voice", "invalid_value");
  const format = body["response_format"];
  if (format !== undefined && !isFormat(asText(format)))
    return invalid(`Invalid value: '${asText(format)}'. Supported values are: 'mp3', 'opus', 'aac', 'flac', 'wav', and 'pcm'.`, "response_format", "invalid_value");
  return range(body, "speed", 0.25, 4, "decimal");
}

/** Takes a request; gives the sound, or its events. The text of what was said is kept, so that a transcription of it can tell it. */
export function createSpeech(request: Received): Answer {
  const body = asObject(request.json);
  const fault = request.json === undefined ? invalid("We could not parse the JSON body of your request.", null) : faultOf(body);
  if (fault) return openAiRefusal(request, 400, fault);
  const model = asText(body["model"]);
  if (!/^(tts-1|gpt-.*tts)/.test(model) || /nonexist|not-exist|unknown/.test(model)) return unknownModel(request, model);
  const text = asText(body["input"]);
  const format = asText(body["response_format"]) || "mp3";
  const seconds = spokenSeconds(text, asNumber(body["speed"]) ?? 1);
  const bytes = sound(seconds, isFormat(format) ? format : "mp3");
  shelve(request, bytes, text);
  const counted = model.startsWith("tts-1") || request.faults.has("no-usage") ? undefined : usageOf(text, asText(body["instructions"]), seconds);
  if (body["stream_format"] === "sse") {
    if (model.startsWith("tts-1")) return openAiRefusal(request, 400, invalid(`stream_format 'sse' is not supported for model ${model}.`, "stream_format"));
    return { kind: "stream", headers: { ...openAiHeaders(request), "content-type": "text/event-stream; charset=utf-8" }, frames: frames(bytes, counted), model };
  }
  const headers = { ...openAiHeaders(request), "content-type": SOUND_TYPES[isFormat(format) ? format : "mp3"] };
  return { kind: "whole", status: 200, headers, body: bytes, model, ...(counted ? { usage: counted } : {}) };
}

function usageOf(text: string, instructions: string, seconds: number): Record<string, number> {
  const [input, output] = [countTokens(text) + countTokens(instructions), Math.ceil(seconds * TOKENS_A_SECOND)];
  return { input_tokens: input, output_tokens: output, total_tokens: input + output };
}

function* frames(bytes: Buffer, usage: Record<string, number> | undefined): Generator<Frame> {
  for (let at = 0; at < bytes.length; at += DELTA_BYTES)
    yield { kind: "content", text: `data: ${JSON.stringify({ type: "speech.audio.delta", audio: bytes.toString("base64", at, at + DELTA_BYTES) })}\n\n` };
  yield {
    kind: "end",
    text: `data: ${JSON.stringify({ type: "speech.audio.done", ...(usage ? { usage } : {}) })}\n\n`,
    ...(usage ? { usage: () => usage } : {}),
  };
}
