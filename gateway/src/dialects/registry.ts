import { anthropicMessagesCodec } from "./anthropic-messages/codec.ts";
import { anthropicMessages } from "./anthropic-messages/index.ts";
import { anthropicTokenCounting } from "./anthropic-messages/token-counting.ts";
import type { Codec } from "./canonical/codec.ts";
import type { Dialect, DialectId } from "./canonical/dialect.ts";
import type { TokenCounting } from "./canonical/token-counting.ts";
import { geminiCodec } from "./gemini/codec.ts";
import { gemini } from "./gemini/index.ts";
import { geminiTokenCounting } from "./gemini/token-counting.ts";
import { openaiChatCodec } from "./openai-chat/codec.ts";
import { openaiChat } from "./openai-chat/index.ts";
import { openaiResponsesCodec } from "./openai-responses/codec.ts";
import { openaiResponses } from "./openai-responses/index.ts";
import { responsesTokenCounting } from "./openai-responses/token-counting.ts";

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

/** The dialects in which the tokens of a prompt can be asked for. */
export const TOKEN_COUNTING: Partial<Record<DialectId, TokenCounting>> = {
  "openai-responses": responsesTokenCounting,
  "anthropic-messages": anthropicTokenCounting,
  gemini: geminiTokenCounting,
};
