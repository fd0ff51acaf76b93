import { anthropicMessagesCodec } from "./anthropic-messages/codec.ts";
import { anthropicMessages } from "./anthropic-messages/index.ts";
import type { Codec } from "./canonical/codec.ts";
import type { Dialect, DialectId } from "./canonical/dialect.ts";
import type { SessionDialect, SessionDialectId } from "./canonical/session.ts";
import { geminiCodec } from "./gemini/codec.ts";
import { gemini } from "./gemini/index.ts";
import { geminiLive } from "./gemini/live/index.ts";
import { openaiChatCodec } from "./openai-chat/codec.ts";
import { openaiChat } from "./openai-chat/index.ts";
import { openaiResponsesCodec } from "./openai-responses/codec.ts";
import { openaiRealtime } from "./openai-realtime/index.ts";
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

/** All session protocols (WebSocket). A new one is a folder and a line here. */
export const SESSION_DIALECTS: Record<SessionDialectId, SessionDialect> = { "openai-realtime": openaiRealtime, "gemini-live": geminiLive };
