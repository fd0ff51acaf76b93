import type { FamilyCodec } from "./codec.ts";
import type { Usage } from "./usage.ts";

/** One thing to embed: a text, or the token ids of one (OpenAI only). */
export type EmbeddingInput = string | number[];

/** A request for embeddings, whatever dialect it came in. Absent means: the caller said nothing. */
export interface EmbeddingsRequest {
  model: string;
  inputs: EmbeddingInput[];
  /** the caller's own path of each input, for faults: `input[3]`, `requests[0].content` */
  at: (index: number) => string;
  /** length of the vectors wanted */
  dimensions?: number;
  /** Gemini `taskType`, one for all inputs or one each */
  tasks?: (string | undefined)[];
  /** Gemini `title`, likewise */
  titles?: (string | undefined)[];
  /** what the answer shall be written in: OpenAI `encoding_format`, and Gemini's answer to one content or to a batch */
  form: "float" | "base64" | "single" | "batch";
  user?: string;
  /** members that mean something in the caller's dialect only, as it names them */
  unknown: string[];
}

/** Vectors in the order of the inputs. */
export interface EmbeddingsResponse {
  vectors: number[][];
  /** the vendor's report; undefined: it gave none */
  usage: Usage | undefined;
}

/** A dialect of embeddings. `decodeResponse` throws Error for what is no answer: a vector cannot be made up. */
export type EmbeddingsCodec = FamilyCodec<EmbeddingsRequest, EmbeddingsResponse>;
