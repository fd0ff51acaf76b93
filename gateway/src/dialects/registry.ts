import { anthropicMessages } from "./anthropic-messages/index.ts";
import { bedrockConverseCodec } from "./bedrock-converse/codec.ts";
import { bedrockConverse } from "./bedrock-converse/index.ts";
import type { VendorCodec } from "./canonical/codec.ts";
import type { Dialect, DialectId, VendorDialectId, VendorSide } from "./canonical/dialect.ts";
import { gemini } from "./gemini/index.ts";
import { openaiChat } from "./openai-chat/index.ts";
import { openaiResponses } from "./openai-responses/index.ts";

/** All dialects. A new one is a folder and a line here. */
export const DIALECTS: Record<DialectId, Dialect> = {
  "openai-chat": openaiChat,
  "openai-responses": openaiResponses,
  "anthropic-messages": anthropicMessages,
  gemini,
};

/** All dialects that vendors are spoken to in, as far as their answers go. */
export const VENDOR_SIDES: Record<VendorDialectId, VendorSide> = { ...DIALECTS, "bedrock-converse": bedrockConverse };

/** Codecs of dialects that only vendors speak. */
export const VENDOR_CODECS: Partial<Record<VendorDialectId, VendorCodec>> = { "bedrock-converse": bedrockConverseCodec };
