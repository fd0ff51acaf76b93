import { anthropicMessages } from "./anthropic-messages/index.ts";
import type { Dialect, DialectId } from "./canonical/dialect.ts";
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
