import { anthropicMessagesCodec } from "./anthropic-messages/codec.ts";
import { anthropicMessages } from "./anthropic-messages/index.ts";
import { anthropicTokenCounting } from "./anthropic-messages/token-counting.ts";
import { bedrockConverseCodec, needsBytes as bedrockNeedsBytes } from "./bedrock-converse/codec.ts";
import { bedrockConverse } from "./bedrock-converse/index.ts";
import { bedrockTokenCounting } from "./bedrock-converse/token-counting.ts";
import type { AnyCodec, AnyVendorCodec } from "./canonical/codec.ts";
import type { Dialect, DialectId, VendorDialectId, VendorSide } from "./canonical/dialect.ts";
import type { NeedsBytes } from "./canonical/remote-media.ts";
import type { TokenCounting } from "./canonical/token-counting.ts";
import { geminiEmbeddingsCodec } from "./gemini-embeddings/codec.ts";
import { geminiEmbeddings } from "./gemini-embeddings/index.ts";
import { geminiCodec } from "./gemini/codec.ts";
import { gemini } from "./gemini/index.ts";
import { needsBytes } from "./gemini/media.ts";
import { geminiTokenCounting } from "./gemini/token-counting.ts";
import { geminiLive } from "./gemini/live/index.ts";
import type { SessionDialect, SessionDialectId } from "./canonical/session.ts";
import { openaiChatCodec } from "./openai-chat/codec.ts";
import { needsBytes as chatNeedsBytes } from "./openai-chat/encode-content.ts";
import { openaiChat } from "./openai-chat/index.ts";
import { openaiCompletionsCodec } from "./openai-completions/codec.ts";
import { openaiCompletions } from "./openai-completions/index.ts";
import { openaiEmbeddingsCodec } from "./openai-embeddings/codec.ts";
import { openaiEmbeddings } from "./openai-embeddings/index.ts";
import { openaiModerations } from "./openai-moderations/index.ts";
import { openaiImages } from "./openai-images/index.ts";
import { openaiResponsesCodec } from "./openai-responses/codec.ts";
import { openaiRealtime } from "./openai-realtime/index.ts";
import { openaiResponses } from "./openai-responses/index.ts";
import { responsesTokenCounting } from "./openai-responses/token-counting.ts";
import { openaiSpeech } from "./openai-speech/index.ts";
import { openaiTranscriptions } from "./openai-transcriptions/index.ts";
import { rerank } from "./rerank/index.ts";

/** All dialects as they pass through unchanged. A new one is a folder and a line here. */
export const DIALECTS: Record<DialectId, Dialect> = {
  "openai-chat": openaiChat,
  "openai-responses": openaiResponses,
  "anthropic-messages": anthropicMessages,
  gemini,
  "openai-speech": openaiSpeech,
  "openai-transcriptions": openaiTranscriptions,
  "openai-images": openaiImages,
  "openai-completions": openaiCompletions,
  "openai-embeddings": openaiEmbeddings,
  "gemini-embeddings": geminiEmbeddings,
  "openai-moderations": openaiModerations,
  rerank,
};

/** The dialects that can be translated into each other, within their family (`sameFamily`). */
export const CODECS: Partial<Record<DialectId, AnyCodec>> = {
  "openai-chat": openaiChatCodec,
  "openai-responses": openaiResponsesCodec,
  "anthropic-messages": anthropicMessagesCodec,
  gemini: geminiCodec,
  "openai-completions": openaiCompletionsCodec,
  "openai-embeddings": openaiEmbeddingsCodec,
  "gemini-embeddings": geminiEmbeddingsCodec,
};

/** All dialects that vendors are spoken to in, as far as their answers go. */
export const VENDOR_SIDES: Record<VendorDialectId, VendorSide> = { ...DIALECTS, "bedrock-converse": bedrockConverse };

/** What requests are translated to, for each dialect that vendors are spoken to in. */
export const VENDOR_CODECS: Partial<Record<VendorDialectId, AnyVendorCodec>> = { ...CODECS, "bedrock-converse": bedrockConverseCodec };

/** The dialects in which the tokens of a prompt can be asked for. */
export const TOKEN_COUNTING: Partial<Record<VendorDialectId, TokenCounting>> = {
  "openai-responses": responsesTokenCounting,
  "anthropic-messages": anthropicTokenCounting,
  gemini: geminiTokenCounting,
  "bedrock-converse": bedrockTokenCounting,
};

/** Dialects whose vendor does not fetch every address itself, and which media it needs the bytes of. */
export const NEEDS_BYTES: Partial<Record<VendorDialectId, NeedsBytes>> = { "openai-chat": chatNeedsBytes, gemini: needsBytes, "bedrock-converse": bedrockNeedsBytes };

/** All session protocols (WebSocket). A new one is a folder and a line here. */
export const SESSION_DIALECTS: Record<SessionDialectId, SessionDialect> = { "openai-realtime": openaiRealtime, "gemini-live": geminiLive };
