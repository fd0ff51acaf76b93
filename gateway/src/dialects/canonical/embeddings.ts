import type { EncodedRequest } from "./codec.ts";
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

/** What the writer of an answer takes from us. */
export interface EmbeddingsContext {
  /** the model's public name, which the caller reads */
  model: string;
  request: EmbeddingsRequest;
  /** the usage that is billed: the vendor's report, or our estimate where it gave none */
  usage: Usage;
}

/**
 * One dialect of embeddings, to and from the canonical form; pure. `decodeRequest` throws GatewayError (400, `param`) for what is wrong with the caller's words,
 * `encodeRequest` for what cannot be expressed and must not be left out; `decodeResponse` throws Error for what is no answer.
 */
export interface EmbeddingsCodec {
  decodeRequest(body: Record<string, unknown>, address: { model?: string }): EmbeddingsRequest;
  /** `model`: the name at the vendor */
  encodeRequest(request: EmbeddingsRequest, target: { model: string }): EncodedRequest;
  decodeResponse(body: Record<string, unknown>): EmbeddingsResponse;
  encodeResponse(response: EmbeddingsResponse, context: EmbeddingsContext): Record<string, unknown>;
}
