import type { VendorCodec } from "../canonical/codec.ts";
import type { NeedsBytes } from "../canonical/remote-media.ts";
import { decodeResponse } from "./decode-answer.ts";
import { ConverseStreamDecoder } from "./decode-stream.ts";
import { encodeRequest } from "./encode-request.ts";

/** Bedrock fetches nothing. */
export const needsBytes: NeedsBytes = (source) => source.kind === "url";

/** AWS Bedrock's Converse from the canonical form, its answers to it. Media must come as bytes: Bedrock fetches no address. */
export const bedrockConverseCodec: VendorCodec = {
  encodeRequest,
  needsBytes,
  decodeResponse,
  streamDecoder: () => new ConverseStreamDecoder(),
};
