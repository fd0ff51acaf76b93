import type { Codec } from "../canonical/codec.ts";
import { decodeResponse } from "./decode-answer.ts";
import { decodeRequest } from "./decode-request.ts";
import { GeminiStreamDecoder } from "./decode-stream.ts";
import { encodeResponse } from "./encode-answer.ts";
import { encodeRequest } from "./encode-request.ts";
import { GeminiStreamEncoder } from "./encode-stream.ts";

/** Gemini's generateContent to and from the canonical form (types of `@google/genai` 2.32; https://ai.google.dev/api/generate-content). */
export const geminiCodec: Codec = {
  decodeRequest,
  encodeRequest,
  decodeResponse,
  encodeResponse,
  streamDecoder: () => new GeminiStreamDecoder(),
  streamEncoder: (context, framing) => new GeminiStreamEncoder(context, framing),
};
