import type { VendorCodec } from "../canonical/codec.ts";
import { decodeResponse } from "./decode-answer.ts";
import { ConverseStreamDecoder } from "./decode-stream.ts";
import { encodeRequest } from "./encode-request.ts";

/** AWS Bedrock's Converse from the canonical form, its answers to it. Media must come as bytes: Bedrock fetches no address. */
export const bedrockConverseCodec: VendorCodec = {
  encodeRequest,
  needsBytes: (source) => source.kind === "url",
  decodeResponse,
  streamDecoder: () => new ConverseStreamDecoder(),
};
