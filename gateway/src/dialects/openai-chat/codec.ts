import type { Codec } from "../canonical/codec.ts";
import { withCustomCalls, withCustomCallStream } from "../canonical/custom-tool.ts";
import { decodeResponse } from "./decode-answer.ts";
import { decodeRequest } from "./decode-request.ts";
import { ChatStreamDecoder } from "./decode-stream.ts";
import { encodeResponse } from "./encode-answer.ts";
import { encodeRequest } from "./encode-request.ts";
import { ChatStreamEncoder } from "./encode-stream.ts";

/**
 * OpenAI chat completions (types of the `openai` SDK), and as an upstream the family that speaks them: what each of these does differently is told by
 * `target.traits`, see traits.ts.
 */
export const openaiChatCodec: Codec = {
  decodeRequest,
  encodeRequest,
  decodeResponse,
  encodeResponse: (response, context) => encodeResponse(withCustomCalls(response, context.request), context),
  streamDecoder: () => new ChatStreamDecoder(),
  streamEncoder: (context) => withCustomCallStream(new ChatStreamEncoder(context), context.request),
};
