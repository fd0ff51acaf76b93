/** Text to speech (T2A v2 of MiniMax's API reference): sound as hex. */
import { asNumber, asObject, asText } from "../../kit/json.ts";
import { pcm, sound, spokenSeconds } from "../../kit/media/sound.ts";
import type { Answer, Received } from "../../kit/vendor.ts";
import { JSON_HEADERS, told } from "./errors.ts";

/** Longest text (API reference: below 10,000 characters). */
const TEXT_MAX = 10_000;
const FORMATS = ["mp3", "pcm", "flac", "wav"] as const;

/** Takes a request to speak; gives the sound. */
export function speak(request: Received): Answer {
  const body = asObject(request.json);
  const [model, text] = [asText(body["model"]), asText(body["text"])];
  const [voice, audio] = [asObject(body["voice_setting"]), asObject(body["audio_setting"])];
  if (request.json === undefined) return told(request, 2013, "invalid params, json");
  if (!model.startsWith("speech-") || /nonexist|unknown/.test(model)) return told(request, 2013, `invalid params, model ${model} not support`);
  if (text === "") return told(request, 2013, "invalid params, text is empty");
  if (text.length >= TEXT_MAX) return told(request, 2013, "invalid params, text too long");
  if (asText(voice["voice_id"]) === "") return told(request, 2013, "invalid params, voice_id is empty");
  if (/nonexist|unknown/.test(asText(voice["voice_id"]))) return told(request, 2013, "invalid params, voice id not exist");
  if (/forbidden words/i.test(text)) return told(request, 1026, "input new_sensitive");
  const speed = asNumber(voice["speed"]) ?? 1;
  if (speed < 0.5 || speed > 2) return told(request, 2013, "invalid params, speed");
  const format = FORMATS.find((one) => one === (asText(audio["format"]) || "mp3"));
  if (!format) return told(request, 2013, "invalid params, format");
  const rate = asNumber(audio["sample_rate"]) ?? 32_000;
  const seconds = spokenSeconds(text, speed);
  const bytes = format === "pcm" ? pcm(seconds, rate) : sound(seconds, format);
  const answered = {
    data: { audio: bytes.toString("hex"), status: 2 },
    extra_info: {
      audio_length: Math.round(seconds * 1000),
      audio_sample_rate: rate,
      audio_size: bytes.length,
      bitrate: asNumber(audio["bitrate"]) ?? 128_000,
      word_count: text.split(/\s+/).length,
      invisible_character_ratio: 0,
      usage_characters: text.length,
      audio_format: format,
      audio_channel: 1,
    },
    trace_id: request.ids.hex(32),
    base_resp: { status_code: 0, status_msg: "success" },
  };
  return { kind: "whole", status: 200, headers: JSON_HEADERS, body: JSON.stringify(answered), model, usage: { usage_characters: text.length } };
}
