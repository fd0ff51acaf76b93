import type { ChatDialectId, DialectId, VendorDialectId } from "./dialect.ts";
import type { NeedsBytes } from "./remote-media.ts";
import type { CanonicalRequest } from "./request.ts";
import type { CanonicalResponse } from "./response.ts";
import type { StreamDecoder, StreamEncoder } from "./stream.ts";
import type { Usage } from "./usage.ts";

/** What the encoder of a request must know of where it goes. */
export interface RequestTarget {
  /** the model's name at the vendor */
  model: string;
  /** longest answer of the model in tokens: Anthropic demands `max_tokens` */
  maxOutputTokens: number;
  /** tokens per effort and what the model can do at all */
  reasons: boolean;
  /** what a vendor of this dialect does differently, e.g. "max_tokens" (the old name only), "no-strict", "reasoning_content" */
  traits: ReadonlySet<string>;
}

/** A request in a dialect's words. `dropped`: features that it cannot express, in the caller's names (see CanonicalRequest.fields), each once. */
export interface EncodedRequest {
  body: Record<string, unknown>;
  dropped: string[];
}

/** What the encoder of an answer takes from us. `Request`: the canonical form of the dialect's family. */
export interface AnswerContext<Request = CanonicalRequest> {
  /** request id (UUID); ids that the vendor's wire does not give are made from it, deterministically */
  id: string;
  /** the model's public name, which the caller reads */
  model: string;
  /** Unix seconds */
  nowSeconds: number;
  /** the request that is answered */
  request: Request;
  /** of a whole answer: the usage that is billed, the vendor's report or our estimate, for dialects whose answers must tell one */
  usage?: Usage;
}

/** The vendor's half of a codec, which is all that a dialect needs that no caller speaks. */
export interface VendorCodec {
  /** Throws GatewayError when something can neither be expressed nor left out without breaking the conversation. */
  encodeRequest(request: CanonicalRequest, target: RequestTarget): EncodedRequest;
  /** Whether a medium's bytes must be fetched before `encodeRequest`, because the vendor does not fetch that address itself. Absent: it fetches all. */
  needsBytes?: NeedsBytes;
  decodeResponse(body: Record<string, unknown>): CanonicalResponse;
  streamDecoder(): StreamDecoder;
}

/**
 * One dialect, to and from the canonical form of its family (`sameFamily`). All directions are pure: values in, values out, no clock, no randomness.
 *
 * Decoders of requests throw GatewayError (status 400, `param` names the field) for what is wrong with the caller's words; what they do not know goes into
 * `own`. Decoders of answers never throw on unknown members or events: they pass them over.
 */
export interface FamilyCodec<Request, Response> {
  /** `body`: the parsed JSON. `address`: where that decides (Gemini). */
  decodeRequest(body: Record<string, unknown>, address: { model?: string; stream?: boolean }): Request;
  /** Throws GatewayError when something can neither be expressed nor left out without breaking the request. */
  encodeRequest(request: Request, target: RequestTarget): EncodedRequest;
  /** `body`: the parsed JSON, no deeper than JSON_DEPTH_MAX (`parseShallow`). */
  decodeResponse(body: Record<string, unknown>): Response;
  encodeResponse(response: Response, context: AnswerContext<Request>): Record<string, unknown>;
}

/** A dialect of conversation, with its streams. */
export interface Codec extends FamilyCodec<CanonicalRequest, CanonicalResponse> {
  streamDecoder(): StreamDecoder;
  /** `framing` matters to Gemini only: SSE, or a JSON array when the caller did not ask for `alt=sse`. */
  streamEncoder(context: AnswerContext, framing: "sse" | "json-array"): StreamEncoder;
}

/** A codec of any family, for those who only put two of the same one together. Families whose answers always come whole have no streams. */
export interface AnyCodec extends FamilyCodec<unknown, unknown> {
  streamDecoder?(): StreamDecoder;
  streamEncoder?(context: AnswerContext<unknown>, framing: "sse" | "json-array"): StreamEncoder;
}

/** The vendor's half of one. */
export type AnyVendorCodec = Pick<AnyCodec, "encodeRequest" | "decodeResponse" | "streamDecoder">;

/** The dialects of conversation: each has a codec, or the vendor's half of one. */
export type CodecId = ChatDialectId | Exclude<VendorDialectId, DialectId>;
