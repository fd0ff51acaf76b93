/** Speech and transcripts: pages 5 to 9. */
import { open, type Page, some, text } from "./page.ts";

const speech = (page: string, json: object): Page => ({ page, method: "POST", path: "/v1/audio/speech", from: "fields", json: { input: "A red stone.", voice: "alloy", ...json }, answer: "sound", charge: "usage" });
const heard = (page: string, path: string, form: Record<string, string>, rest: Pick<Page, "answer"> & Partial<Page>): Page => ({ page, method: "POST", path: `/v1/audio/${path}`, from: "fields", form: { file: "@sound", ...form }, charge: "usage", ...rest });
const transcript = open({ text });

export const SOUND_PAGES: readonly Page[] = [
  heard("5 Create transcription by gpt-4o-mini-transcribe & gpt-4o-transcribe", "transcriptions", { model: "gpt-4o-transcribe", prompt: "stones", language: "en", temperature: "0", response_format: "json" }, { answer: transcript }),
  heard("5 Create transcription by gpt-4o-mini-transcribe & gpt-4o-transcribe: mini", "transcriptions", { model: "gpt-4o-mini-transcribe" }, { answer: transcript }),
  speech("6 Create a voice with gpt-4o-mini-tts", { model: "gpt-4o-mini-tts", instructions: "Speak slowly." }),
  ...["mp3", "opus", "aac", "flac", "wav", "pcm"].map((response_format) => speech(`6 Create a voice with gpt-4o-mini-tts: ${response_format}`, { model: "gpt-4o-mini-tts", response_format, speed: 1 })),
  speech("7 Create a voice", { model: "tts-1" }),
  speech("7 Create a voice: hd", { model: "tts-1-hd" }),
  heard("8 Create a transcript", "transcriptions", { model: "whisper-1" }, { answer: transcript }),
  heard("8 Create a transcript: verbose_json", "transcriptions", { model: "whisper-1", response_format: "verbose_json" }, { answer: open({ text, language: some }) }),
  heard("8 Create a transcript: text", "transcriptions", { model: "whisper-1", response_format: "text" }, { answer: text, text: /\S/ }),
  heard("8 Create a transcript: srt", "transcriptions", { model: "whisper-1", response_format: "srt" }, { answer: text, text: /^1\n\d\d:\d\d:\d\d,\d{3} --> / }),
  heard("8 Create a transcript: vtt", "transcriptions", { model: "whisper-1", response_format: "vtt" }, { answer: text, text: /^WEBVTT\n/ }),
  heard("9 Create translation", "translations", { model: "whisper-1" }, { answer: open({ text }) }),
];
