/** A transcript in each of the forms that `response_format` names. */
import { tokenize } from "../../../kit/tokens.ts";

/** What was understood of a sound file. */
export interface Heard {
  text: string;
  seconds: number;
  language: string;
  task: "transcribe" | "translate";
  /** times of single words are wanted */
  words: boolean;
  /** names that speakers are to be called by */
  speakers: string[];
  /** as the vendor reports it; `undefined`: not at all */
  usage: Record<string, unknown> | undefined;
}

/** Forms that are plain text. */
export const TEXT_FORMATS = ["text", "srt", "vtt"];

function clock(seconds: number, point: string): string {
  const ms = Math.round(seconds * 1000);
  const part = (value: number, digits: number): string => String(value).padStart(digits, "0");
  return `${part(Math.floor(ms / 3_600_000), 2)}:${part(Math.floor(ms / 60_000) % 60, 2)}:${part(Math.floor(ms / 1000) % 60, 2)}${point}${part(ms % 1000, 3)}`;
}

/** Takes what was understood and the form's name; gives the answer's body. */
export function render(heard: Heard, format: string): string {
  const { text, seconds, usage } = heard;
  switch (format) {
    case "text":
      return `${text}\n`;
    case "srt":
      return `1\n${clock(0, ",")} --> ${clock(seconds, ",")}\n${text}\n\n\n`;
    case "vtt":
      return `WEBVTT\n\n${clock(0, ".")} --> ${clock(seconds, ".")}\n${text}\n\n`;
    case "verbose_json":
      return JSON.stringify(verbose(heard));
    case "diarized_json":
      return JSON.stringify({
        task: heard.task,
        duration: seconds,
        text,
        segments: [{ type: "transcript.text.segment", id: "seg_0", speaker: heard.speakers[0] ?? "A", start: 0, end: seconds, text }],
        ...(usage ? { usage } : {}),
      });
    default:
      return JSON.stringify({ text, ...(usage ? { usage } : {}) });
  }
}

function verbose({ text, seconds, language, task, words, usage }: Heard): object {
  const pieces = tokenize(text);
  const step = seconds / Math.max(pieces.length, 1);
  return {
    task,
    language,
    duration: seconds,
    text,
    segments: [
      { id: 0, seek: 0, start: 0, end: seconds, text, tokens: pieces.map((_, index) => 50_364 + index), temperature: 0, avg_logprob: -0.25, compression_ratio: 0.9, no_speech_prob: 0.01 },
    ],
    ...(words ? { words: pieces.map((word, index) => ({ word: word.trim(), start: index * step, end: (index + 1) * step })) } : {}),
    ...(usage ? { usage } : {}),
  };
}
