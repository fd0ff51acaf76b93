import type { Part } from "./parts.ts";
import type { Usage } from "./usage.ts";

/** Why the model stopped. `pause`: a long hosted tool turn may be continued (Anthropic `pause_turn`). */
export type FinishReason = "stop" | "length" | "tool-calls" | "stop-sequence" | "content-filter" | "refusal" | "pause" | "context-length" | "error";

export interface TokenLogprob {
  token: string;
  logprob: number;
  bytes?: number[] | null;
  top?: { token: string; logprob: number; bytes?: number[] | null }[];
}

export interface Choice {
  index: number;
  /** in the order the model made them */
  parts: Part[];
  finish: FinishReason;
  /** the vendor's own word for it, where it says more */
  finishDetail?: string;
  stopSequence?: string;
  logprobs?: TokenLogprob[];
}

/** A whole answer, whatever dialect it came in. */
export interface CanonicalResponse {
  /** the vendor's id, or empty: the encoder then makes one from `EncodeAnswer.id` */
  id: string;
  /** the model's name as the vendor told it */
  model: string;
  /** Unix seconds, where told */
  created?: number;
  choices: Choice[];
  /** the vendor's report; undefined: it gave none */
  usage: Usage | undefined;
  /** what did not add up in it */
  anomaly?: string;
  serviceTier?: string;
}
