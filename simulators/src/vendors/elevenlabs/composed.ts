/** Music and sound effects (types and comments of `@elevenlabs/elevenlabs-js`: `music.compose`, `textToSoundEffects.convert`). Both answer with the sound itself. */
import { asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import type { Answer, Received, WholeAnswer } from "../../kit/vendor.ts";
import { invalidField, invalidFormat, refuse, soundIn } from "./wire.ts";

const FORMAT = /^(?:mp3_(?:22050_32|24000_48|44100_(?:32|64|96|128|192))|opus_48000_(?:32|64|96|128|192)|pcm_(?:8000|16000|22050|24000|32000|44100|48000)|[ua]law_8000)$/;
/** What music has beside. */
const MUSIC_FORMAT = /^(?:auto|mp3_48000_(?:128|192|240|320))$/;
const MUSIC_MODELS = ["music_v1", "music_v2", "music_v2_5"];
const MUSIC_MS = { least: 3_000, most: 600_000 };
const EFFECT_MODEL = "eleven_text_to_sound_v2";
const EFFECT_SECONDS = { least: 0.5, most: 30 };
/** Lengths that the vendor chooses where nobody asks for one; the numbers are ours. */
const CHOSEN = { music: 30_000, effect: 4 };

/** Milliseconds of a plan: of `sections` (first generation) or `chunks` (the second). */
function lengthOf(plan: JsonObject): number {
  const parts = [plan["sections"], plan["chunks"]].find(Array.isArray) ?? [];
  return (parts as unknown[]).reduce<number>((sum, part) => sum + (asNumber(asObject(part)["duration_ms"]) ?? 0), 0);
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** A member that must be a number between two; `undefined` where it is or is not given. */
function outside(body: JsonObject, name: string, least: number, most: number, whole = false): WholeAnswer | undefined {
  const value = body[name];
  if (!isGiven(value)) return undefined;
  if (typeof value !== "number" || (whole && !Number.isInteger(value))) return invalidField(name, `Input should be a valid ${whole ? "integer" : "number"}`, whole ? "int_type" : "float_type");
  if (value < least) return invalidField(name, `Input should be greater than or equal to ${least}`, "greater_than_equal");
  return value > most ? invalidField(name, `Input should be less than or equal to ${most}`, "less_than_equal") : undefined;
}

function made(request: Received, format: string, seconds: number, model: string): WholeAnswer {
  const { bytes, type } = soundIn(format, seconds);
  return { kind: "whole", status: 200, headers: { "content-type": type, "request-id": request.ids.letters(20) }, body: bytes, model, usage: { seconds } };
}

/** `POST /v1/music`. A prompt with the word `forbidden` is refused as one that names protected works, with another in its place. */
export function compose(request: Received): Answer {
  const body = asObject(request.json);
  const format = request.query.get("output_format") ?? "auto";
  if (!FORMAT.test(format) && !MUSIC_FORMAT.test(format)) return invalidFormat();
  const model = body["model_id"] ?? "music_v1";
  if (!MUSIC_MODELS.includes(asText(model))) return invalidField("model_id", "Input should be 'music_v1', 'music_v2' or 'music_v2_5'", "enum");
  const refused = outside(body, "music_length_ms", MUSIC_MS.least, MUSIC_MS.most, true);
  if (refused) return refused;
  const [prompt, plan] = [body["prompt"], body["composition_plan"]];
  if (isGiven(prompt) === isGiven(plan)) return refuse(400, "invalid_request", "Exactly one of prompt and composition_plan must be provided.");
  if (isGiven(plan)) {
    for (const name of ["music_length_ms", "force_instrumental"]) if (isGiven(body[name])) return refuse(400, "invalid_request", `${name} can only be used with prompt.`);
    const length = lengthOf(asObject(plan));
    if (length < MUSIC_MS.least || length > MUSIC_MS.most) return refuse(400, "bad_composition_plan", "The composition plan has an invalid length.");
    return made(request, format === "auto" ? "mp3_44100_128" : format, length / 1_000, asText(model));
  }
  if (isGiven(body["seed"])) return refuse(400, "invalid_request", "seed cannot be used with prompt.");
  if (asText(prompt) === "") return invalidField("prompt", "String should have at least 1 character", "string_too_short");
  if (/forbidden/i.test(asText(prompt))) return refuse(400, "bad_prompt", "The prompt appears to violate our terms of service.", { prompt_suggestion: "A song of one's own." });
  return made(request, format === "auto" ? "mp3_44100_128" : format, (asNumber(body["music_length_ms"]) ?? CHOSEN.music) / 1_000, asText(model));
}

/** `POST /v1/sound-generation`. */
export function effect(request: Received): Answer {
  const body = asObject(request.json);
  const format = request.query.get("output_format") ?? "mp3_44100_128";
  if (!FORMAT.test(format)) return invalidFormat();
  if (body["text"] === undefined) return invalidField("text", "Field required", "missing");
  if (asText(body["text"]) === "") return invalidField("text", "String should have at least 1 character", "string_too_short");
  if ((body["model_id"] ?? EFFECT_MODEL) !== EFFECT_MODEL) return invalidField("model_id", `Input should be '${EFFECT_MODEL}'`, "enum");
  const refused = outside(body, "duration_seconds", EFFECT_SECONDS.least, EFFECT_SECONDS.most) ?? outside(body, "prompt_influence", 0, 1);
  if (refused) return refused;
  if (isGiven(body["loop"]) && typeof body["loop"] !== "boolean") return invalidField("loop", "Input should be a valid boolean", "bool_type");
  return made(request, format, asNumber(body["duration_seconds"]) ?? CHOSEN.effect, EFFECT_MODEL);
}
