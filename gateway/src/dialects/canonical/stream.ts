import type { FinishReason, TokenLogprob } from "./response.ts";
import type { Citation, Part } from "./parts.ts";
import type { Usage } from "./usage.ts";

/**
 * The parts of a streamed answer. Order: `start`, then for every part `part-start`, any number of deltas, `part-end`; `finish` once per choice; `usage` (possibly several
 * times: each replaces the one before), `end`. Parts of one choice never overlap, but parts of several choices, and parallel tool calls of OpenAI chat,
 * may: `index` tells them apart and is unique within a choice. `error` ends everything.
 */
export type StreamPart =
  | { type: "start"; id: string; model: string; created?: number; serviceTier?: string }
  /** `part` holds what is known at the start: a text part with text "", a tool call with id and name and arguments "", a whole image */
  | { type: "part-start"; choice: number; index: number; part: Part }
  /** text of a text, reasoning or refusal part */
  | { type: "text-delta"; choice: number; index: number; text: string; logprobs?: TokenLogprob[] }
  /** JSON text of a tool call's or hosted call's arguments */
  | { type: "arguments-delta"; choice: number; index: number; text: string }
  /** base64 sound and its transcript, of an audio part */
  | { type: "audio-delta"; choice: number; index: number; data?: string; transcript?: string; id?: string; expiresAt?: number }
  /** the seal of a reasoning part */
  | { type: "signature-delta"; choice: number; index: number; signature: string }
  /** of a text part, which may have ended: Gemini and OpenAI chat tell sources behind everything else. The first CITED_TEXTS_MAX texts of a choice can be named so */
  | { type: "citation"; choice: number; index: number; citation: Citation }
  /** `part`: the finished part where the dialect repeats it whole, with what only the end tells (encrypted content, hosted results) */
  | { type: "part-end"; choice: number; index: number; part?: Part }
  | { type: "finish"; choice: number; reason: FinishReason; detail?: string; stopSequence?: string }
  | { type: "usage"; usage: Usage; anomaly?: string }
  /** the vendor's keep-alive */
  | { type: "ping" }
  | { type: "error"; message: string; code?: string }
  | { type: "end" };

/** Texts of one choice that citations can still name once they have ended: code execution and pictures alternate with text, but not without end. */
export const CITED_TEXTS_MAX = 1_000;

/** One server-sent event, or one element of Gemini's JSON array as `data`. */
export interface WireEvent {
  event?: string;
  data: string;
}

/** Reads one stream of a dialect. Made anew per stream; keeps what the next event needs and nothing that grows with the stream's length. */
export interface StreamDecoder {
  push(event: WireEvent): StreamPart[];
  /** The stream has ended, whether properly or not: closes what is open only if the answer was complete (`finish` was seen), and then gives `end`. */
  flush(): StreamPart[];
}

/** Writes one stream in a dialect, as text that goes out as it is. */
export interface StreamEncoder {
  push(part: StreamPart): string;
  /** After the last part: what closes the stream, unless `end` or `error` was pushed. */
  flush(): string;
  /** A keep-alive that this dialect's clients take without harm. */
  ping(): string;
}
