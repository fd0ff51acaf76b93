import type { Codec } from "../canonical/codec.ts";
import { decodeRequest } from "./decode-request.ts";
import { decodeResponse } from "./decode-answer.ts";
import { AnthropicStreamDecoder } from "./decode-stream.ts";
import { encodeRequest } from "./encode-request.ts";
import { encodeResponse } from "./encode-answer.ts";
import { AnthropicStreamEncoder } from "./encode-stream.ts";

/** Anthropic Messages to and from the canonical form: both SDK generations, 1.x (`anthropic-version: 2026-10-21`) and 0.x (2023-06-01). */
export const anthropicMessagesCodec: Codec = {
  decodeRequest: (body) => decodeRequest(body),
  encodeRequest,
  decodeResponse,
  encodeResponse,
  streamDecoder: () => new AnthropicStreamDecoder(),
  streamEncoder: (context) => new AnthropicStreamEncoder(context),
};
