/** ElevenLabs: text to speech, music, sound effects (SDK `@elevenlabs/elevenlabs-js`; its API reference). */
import { asNumber, asObject, asText, decodePath, type JsonObject } from "../../kit/json.ts";
import { spokenSeconds } from "../../kit/media/sound.ts";
import type { Answer, Failure, Frame, Received, Vendor, WholeAnswer } from "../../kit/vendor.ts";
import { compose, effect } from "./composed.ts";
import { invalidField, invalidFormat, refuse, soundIn } from "./wire.ts";

/** Longest text by model (model overview). */
const TEXT_MAX: [RegExp, number][] = [[/v3/, 5_000], [/(flash|turbo)_v2_5/, 40_000], [/(flash|turbo)/, 30_000], [/./, 10_000]];
const FORMAT = /^(?:mp3_(?:22050_32|24000_48|44100_(?:32|64|96|128|192))|opus_48000_(?:32|64|96|128|192)|(?:pcm|wav)_(?:8000|16000|22050|24000|32000|44100|48000)|[ua]law_8000)$/;

const credentialOf = (headers: Headers): string => headers.get("xi-api-key") ?? "";

const SEED_MAX = 4_294_967_295;
/** Characters that one piece of a stream with timestamps speaks; the number is ours. */
const PIECE_CHARACTERS = 40;

/** What a body asks for beside text and voice, checked; the answer that refuses it, or `undefined`. */
function refusedBody(body: JsonObject): WholeAnswer | undefined {
  const seed = body["seed"] ?? 0;
  if (!Number.isInteger(seed) || Number(seed) < 0 || Number(seed) > SEED_MAX) return invalidField("seed", `Input should be an integer between 0 and ${SEED_MAX}`, "int_type");
  const normalization = body["apply_text_normalization"] ?? "auto";
  if (!["auto", "on", "off"].includes(asText(normalization))) return invalidField("apply_text_normalization", "Input should be 'auto', 'on' or 'off'", "enum");
  const locators = body["pronunciation_dictionary_locators"];
  if (Array.isArray(locators) && locators.length > 3) return refuse(400, "too_many_pronunciation_dictionaries", "A maximum of 3 pronunciation dictionary locators can be given.");
  return undefined;
}

/** When each character of a text is spoken, from a moment on: all take equally long. */
function alignmentOf(text: string, seconds: number, from: number): JsonObject {
  const characters = Array.from(text);
  const each = seconds / Math.max(characters.length, 1);
  return { characters, character_start_times_seconds: characters.map((_, index) => from + index * each), character_end_times_seconds: characters.map((_, index) => from + (index + 1) * each) };
}

/** One JSON line for every few words of the text, each with its part of the sound. */
function* pieces(text: string, bytes: Uint8Array, seconds: number): Generator<Frame> {
  for (let at = 0; at < text.length; at += PIECE_CHARACTERS) {
    const part = text.slice(at, at + PIECE_CHARACTERS);
    const [from, to] = [at, at + part.length].map((place) => Math.floor((bytes.length * place) / text.length));
    const alignment = alignmentOf(part, (seconds * part.length) / text.length, (seconds * at) / text.length);
    const piece = { audio_base64: Buffer.from(bytes.subarray(from, to)).toString("base64"), alignment, normalized_alignment: alignment };
    yield { kind: at + PIECE_CHARACTERS < text.length ? "content" : "end", text: `${JSON.stringify(piece)}\n`, ...(at + PIECE_CHARACTERS < text.length ? {} : { usage: () => ({ characters: text.length }) }) };
  }
}

/** Takes a request, the voice, and whether it wants a stream and the times of characters; gives the sound. */
function speak(request: Received, voice: string, stream: boolean, timed: boolean): Answer {
  const body = asObject(request.json);
  const text = asText(body["text"]);
  if (body["text"] === undefined) return invalidField("text", "Field required", "missing");
  if (text === "") return refuse(400, "input_text_empty", "Input text is empty.");
  const model = asText(body["model_id"]) || "eleven_multilingual_v2";
  if (!model.startsWith("eleven_") || /nonexist|unknown/.test(model)) return refuse(400, "model_not_found", `A model with model ID ${model} does not exist.`);
  if (/nonexist|unknown/.test(voice)) return refuse(404, "voice_not_found", `A voice with the voice_id ${voice} was not found.`);
  const most = TEXT_MAX.find(([models]) => models.test(model))?.[1] ?? 0;
  if (text.length > most) return refuse(400, "max_character_limit_exceeded", `This request exceeds the maximum of ${most} characters.`);
  const format = request.query.get("output_format") ?? "mp3_44100_128";
  if (!FORMAT.test(format)) return invalidFormat();
  const speed = asNumber(asObject(body["voice_settings"])["speed"]) ?? 1;
  if (speed < 0.7 || speed > 1.2) return refuse(400, "invalid_voice_settings", "Invalid setting for speed received, expected to be greater or equal to 0.7 and less or equal to 1.2.");
  const refused = refusedBody(body);
  if (refused) return refused;
  const seconds = spokenSeconds(text, speed);
  const { bytes, type } = soundIn(format, seconds);
  const headers = {
    "content-type": type,
    "request-id": request.ids.letters(20),
    "character-cost": String(text.length),
    "current-concurrent-requests": "1",
    "maximum-concurrent-requests": "10",
  };
  const usage = { characters: text.length };
  if (!timed) return { kind: "whole", status: 200, headers, body: bytes, model, usage };
  headers["content-type"] = "application/json";
  if (stream) return { kind: "stream", headers, frames: pieces(text, bytes, seconds), model };
  const alignment = alignmentOf(text, seconds, 0);
  return { kind: "whole", status: 200, headers, body: JSON.stringify({ audio_base64: Buffer.from(bytes).toString("base64"), alignment, normalized_alignment: alignment }), model, usage };
}

function answer(request: Received): Answer {
  if (credentialOf(request.headers) === "") return refuse(401, "needs_authorization", "Neither authorization header nor xi-api-key received, please provide one.");
  if (request.method === "GET" && request.path === "/v1/user/subscription") return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ tier: "creator", character_count: 17_231, character_limit: 100_000, status: "active" }) };
  if (request.method === "GET" && request.path === "/v1/user") return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ user_id: "sandbox", subscription: { tier: "creator" } }) };
  const voice = /^\/v1\/text-to-speech\/([^/]+?)(\/stream)?(\/with-timestamps)?$/.exec(request.path);
  if (voice && request.method === "POST") return speak(request, decodePath(voice[1] ?? ""), voice[2] !== undefined, voice[3] !== undefined);
  if (request.path === "/v1/music" && request.method === "POST") return compose(request);
  if (request.path === "/v1/sound-generation" && request.method === "POST") return effect(request);
  return { kind: "whole", status: 404, headers: { "content-type": "application/json" }, body: '{"detail":"Not Found"}' };
}

function fail(_request: Received, failure: Failure): WholeAnswer {
  const message = failure.message;
  const made =
    failure.kind === "no-balance"
      ? refuse(failure.status || 401, "quota_exceeded", message ?? "This request exceeds your quota. You have 0 credits remaining, while 61 credits are required for this request.")
      : failure.kind === "bad-key" || failure.status === 401
        ? refuse(401, "invalid_api_key", message ?? "Invalid API key")
        : failure.status === 429
          ? refuse(429, "too_many_concurrent_requests", message ?? "Too many concurrent requests. Your current subscription is associated with a maximum of 10 concurrent requests.")
          : refuse(failure.status, failure.status >= 500 ? "internal_server_error" : "bad_request", message ?? "The request could not be processed.");
  if (failure.retryAfter !== undefined) made.headers["retry-after"] = String(failure.retryAfter);
  return made;
}

/** ElevenLabs on its own wire. */
export const elevenlabs: Vendor = {
  name: "elevenlabs",
  routes: ["POST /v1/text-to-speech/{voice_id}", "POST /v1/text-to-speech/{voice_id}/stream", "POST /v1/text-to-speech/{voice_id}[/stream]/with-timestamps", "POST /v1/music", "POST /v1/sound-generation", "GET /v1/user", "GET /v1/user/subscription"],
  credentialOf,
  answer,
  fail,
  errorFrame: () => "",
};
