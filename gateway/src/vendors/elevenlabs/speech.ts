import type { MediaCall, SpeechAnswer, SpeechFormat, SpeechRequest } from "../../dialects/canonical/media-call.ts";
import { table } from "../../table.ts";

/** Output formats by OpenAI's names (query `output_format`); AAC and FLAC it does not make. */
const FORMATS: Partial<Record<SpeechFormat, string>> = { mp3: "mp3_44100_128", opus: "opus_48000_128", wav: "wav_24000", pcm: "pcm_24000" };
/** All values of the query that we ask for. */
export const OUTPUT_FORMATS: readonly string[] = Object.values(FORMATS);
/** Voices that every account has (default voices), for callers who know OpenAI's names. */
const VOICES: Readonly<Record<string, string>> = table({
  alloy: "EXAVITQu4vr4xnSDxMaL", ash: "TX3LPaxmHKxFdv7VOQHJ", ballad: "JBFqnCBsd6RMkjVDRZzb", coral: "cgSgspJ2msm6clMCkdW9", echo: "nPczCjzI2devNBz1zQrb", fable: "JBFqnCBsd6RMkjVDRZzb",
  nova: "XrExE9yKIg1WjnnlVkGX", onyx: "onwK4e9ZLuTAKqWW03F9", sage: "pFZP5JQG7iQjIQuC4Bku", shimmer: "cgSgspJ2msm6clMCkdW9", verse: "TX3LPaxmHKxFdv7VOQHJ", marin: "EXAVITQu4vr4xnSDxMaL", cedar: "onwK4e9ZLuTAKqWW03F9",
});
/** The vendor's bounds of `voice_settings.speed`. */
const SPEED = { least: 0.7, most: 1.2 };

/** Speech in ElevenLabs' words: the voice stands in the address, the answer is the sound. It is paid by the character, so its reports are not needed. */
export function elevenlabsSpeech(request: SpeechRequest, model: string): MediaCall<SpeechAnswer> {
  const format = FORMATS[request.format] === undefined ? "mp3" : request.format;
  const speed = Math.min(Math.max(request.speed, SPEED.least), SPEED.most);
  const dropped: string[] = [];
  if (format !== request.format) dropped.push("response_format");
  if (request.instructions !== undefined) dropped.push("instructions");
  if (speed !== request.speed) dropped.push("speed");
  const voice = VOICES[request.voice] ?? request.voice;
  return {
    endpoint: { name: "speech", upstreamPath: `/v1/text-to-speech/${encodeURIComponent(voice)}`, billable: true },
    query: `?output_format=${FORMATS[format]}`,
    body: { text: request.text, model_id: model, ...(speed === 1 ? {} : { voice_settings: { speed } }) },
    dropped,
    read: ({ body, contentType }) => {
      if (!/^audio\/|^application\/octet-stream/.test(contentType)) throw new Error(`an answer of type ${contentType || "unknown"}`);
      return { kind: "speech", sound: body, format, usage: undefined };
    },
  };
}
