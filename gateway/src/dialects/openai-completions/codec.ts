import type { Codec } from "../canonical/codec.ts";
import { decodeResponse } from "./decode-answer.ts";
import { decodeRequest } from "./decode-request.ts";
import { CompletionStreamDecoder } from "./decode-stream.ts";
import { encodeResponse } from "./encode-answer.ts";
import { encodeRequest } from "./encode-request.ts";
import { CompletionStreamEncoder } from "./encode-stream.ts";

/** Completions of plain prompts: a prompt is a conversation of one message of the user's, and the answer's text its completion. */
export const openaiCompletionsCodec: Codec = {
  decodeRequest,
  encodeRequest,
  decodeResponse,
  encodeResponse,
  streamDecoder: () => new CompletionStreamDecoder(),
  streamEncoder: (context) => new CompletionStreamEncoder(context),
};
