import { objectOf, parseJson } from "../../dialects/canonical/fields.ts";
import type { MediaCall, MediaRefusal, SpeechAnswer, SpeechFormat, SpeechRequest, VendorAnswer } from "../../dialects/canonical/media-call.ts";
import { wavHead } from "../../dialects/canonical/wav.ts";
import { readGeminiUsage } from "../../dialects/gemini/usage.ts";
import { blobsOf, refusalOf } from "./media-answer.ts";
import { table } from "../../table.ts";

/** Prebuilt voices (speech generation guide), for callers who know OpenAI's names. */
const VOICES: Readonly<Record<string, string>> = table({
  alloy: "Kore", ash: "Orus", ballad: "Algieba", coral: "Leda", echo: "Puck", fable: "Fenrir", nova: "Zephyr", onyx: "Charon", sage: "Aoede", shimmer: "Callirrhoe", verse: "Iapetus", marin: "Autonoe", cedar: "Enceladus",
});
/** Samples a second, where the answer's type does not name them. */
const RATE = 24_000;

/** Speech by Gemini's TTS models: a prompt whose answer is samples. It makes neither files nor compressed sound: WAV is put around, all else is answered with WAV. */
export function geminiSpeech(request: SpeechRequest, _model: string): MediaCall<SpeechAnswer> {
  const format: SpeechFormat = request.format === "pcm" ? "pcm" : "wav";
  const dropped: string[] = [];
  if (format !== request.format) dropped.push("response_format");
  if (request.speed !== 1) dropped.push("speed");
  // The model is told how to speak in the prompt (speech generation guide, "Controlling speech style with prompts").
  const text = request.instructions === undefined ? request.text : `${request.instructions.replace(/[:\s]+$/, "")}:\n${request.text}`;
  return {
    endpoint: { name: "generateContent", upstreamPath: "/v1beta/models/{model}:generateContent", billable: true },
    query: "",
    body: {
      contents: [{ role: "user", parts: [{ text }] }],
      generationConfig: { responseModalities: ["AUDIO"], speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: VOICES[request.voice] ?? request.voice } } } },
    },
    dropped,
    read: (answer) => read(answer, format),
  };
}

function read({ body }: VendorAnswer, format: SpeechFormat): SpeechAnswer | MediaRefusal {
  const answer = objectOf(parseJson(body.toString("utf8")));
  const blobs = blobsOf(answer).filter((blob) => blob.contentType.startsWith("audio/"));
  if (blobs.length === 0) return refusalOf(answer, "sound");
  const samples = Buffer.concat(blobs.map((blob) => Buffer.from(blob.base64, "base64")));
  const rate = Number(/rate=(\d+)/.exec(blobs[0]?.contentType ?? "")?.[1] ?? RATE);
  return { kind: "speech", sound: format === "pcm" ? samples : Buffer.concat([wavHead(samples.length, rate), samples]), format, usage: readGeminiUsage(answer["usageMetadata"])?.usage };
}
