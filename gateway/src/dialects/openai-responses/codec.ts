import type { Codec } from "../canonical/codec.ts";
import { withCustomCalls, withCustomCallStream } from "../canonical/custom-tool.ts";
import { decodeResponse } from "./decode-answer.ts";
import { decodeRequest } from "./decode-request.ts";
import { ResponsesStreamDecoder } from "./decode-stream.ts";
import { encodeResponse } from "./encode-answer.ts";
import { encodeRequest } from "./encode-request.ts";
import { ResponsesStreamEncoder } from "./encode-stream.ts";

/** OpenAI Responses to and from the canonical form (types of the `openai` SDK 6.49, `resources/responses`). */
export const openaiResponsesCodec: Codec = {
  decodeRequest,
  encodeRequest,
  decodeResponse,
  encodeResponse: (response, context) => encodeResponse(withCustomCalls(response, context.request), context),
  streamDecoder: () => new ResponsesStreamDecoder(),
  streamEncoder: (context) => withCustomCallStream(new ResponsesStreamEncoder(context), context.request),
};
