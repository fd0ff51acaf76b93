import { anthropicMessagesCodec } from "./anthropic-messages/codec.ts";
import { anthropicMessages } from "./anthropic-messages/index.ts";
import { bedrockConverseCodec } from "./bedrock-converse/codec.ts";
import { bedrockConverse } from "./bedrock-converse/index.ts";
import type { Codec, VendorCodec } from "./canonical/codec.ts";
import type { Dialect, DialectId, VendorDialectId, VendorSide } from "./canonical/dialect.ts";
import { geminiCodec } from "./gemini/codec.ts";
import { gemini } from "./gemini/index.ts";
import { openaiChatCodec } from "./openai-chat/codec.ts";
import { openaiChat } from "./openai-chat/index.ts";
import { openaiResponsesCodec } from "./openai-responses/codec.ts";
import { openaiResponses } from "./openai-responses/index.ts";

/** All dialects as they pass through unchanged. A new one is a folder and a line here. */
export const DIALECTS: Record<DialectId, Dialect> = {
  "openai-chat": openaiChat,
  "openai-responses": openaiResponses,
  "anthropic-messages": anthropicMessages,
  gemini,
};

/** The dialects that can be translated into each other. */
export const CODECS: Partial<Record<DialectId, Codec>> = {
  "openai-chat": openaiChatCodec,
  "openai-responses": openaiResponsesCodec,
  "anthropic-messages": anthropicMessagesCodec,
  gemini: geminiCodec,
};

/** All dialects that vendors are spoken to in, as far as their answers go. */
export const VENDOR_SIDES: Record<VendorDialectId, VendorSide> = { ...DIALECTS, "bedrock-converse": bedrockConverse };

/** What conversations are translated to, for each dialect that vendors are spoken to in. */
export const VENDOR_CODECS: Partial<Record<VendorDialectId, VendorCodec>> = { ...CODECS, "bedrock-converse": bedrockConverseCodec };
