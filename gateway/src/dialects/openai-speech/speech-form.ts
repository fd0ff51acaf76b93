import { objectOf } from "../canonical/fields.ts";
import type { SpeechAnswer, SpeechFormat, SpeechRequest } from "../canonical/media-call.ts";
import { completionTokens, promptTokens, type Usage } from "../canonical/usage.ts";
import { GatewayError } from "../../errors/gateway-error.ts";

const TYPES: Record<SpeechFormat, string> = { mp3: "audio/mpeg", opus: "audio/ogg", aac: "audio/aac", flac: "audio/flac", wav: "audio/wav", pcm: "audio/pcm" };
/** Sound bytes of one event. */
const EVENT_BYTES = 24 * 1024;

const isFormat = (text: string): text is SpeechFormat => Object.hasOwn(TYPES, text);
const wrong = (param: string, publicText: string): GatewayError => new GatewayError("invalidRequest", { publicText, param });

/** A request's body, for a vendor with other words. Throws GatewayError for what is wrong with the caller's. */
export function decodeSpeech(body: Record<string, unknown>): SpeechRequest {
  const { voice } = body;
  const name = typeof voice === "string" ? voice : objectOf(voice)["id"];
  if (typeof name !== "string" || name === "") throw wrong("voice", '"voice" is missing.');
  const format = body["response_format"] ?? "mp3";
  if (typeof format !== "string" || !isFormat(format)) throw wrong("response_format", `"response_format" must be one of: ${Object.keys(TYPES).join(", ")}.`);
  const { instructions } = body;
  if (instructions !== undefined && instructions !== null && typeof instructions !== "string") throw wrong("instructions", '"instructions" must be a text.');
  return { text: String(body["input"]), voice: name, instructions: instructions ? instructions : undefined, format, speed: Number(body["speed"] ?? 1) };
}

/** The answer as OpenAI gives it: the sound, or its events with the usage that is billed. */
export function encodeSpeech(answer: SpeechAnswer, events: boolean, usage: Usage): { body: Buffer; contentType: string } {
  if (!events) return { body: answer.sound, contentType: TYPES[answer.format] };
  const parts: string[] = [];
  for (let at = 0; at < answer.sound.length; at += EVENT_BYTES)
    parts.push(`data: ${JSON.stringify({ type: "speech.audio.delta", audio: answer.sound.toString("base64", at, at + EVENT_BYTES) })}\n\n`);
  const [input, output] = [promptTokens(usage), completionTokens(usage)];
  parts.push(`data: ${JSON.stringify({ type: "speech.audio.done", usage: { input_tokens: input, output_tokens: output, total_tokens: input + output } })}\n\n`);
  return { body: Buffer.from(parts.join("")), contentType: "text/event-stream; charset=utf-8" };
}
