import type { z } from "zod";
import * as bodies from "./bodies.ts";

/** One address that is called with POST and passes to a vendor. */
export interface PostEndpoint {
  path: string;
  summary: string;
  /** the body as JSON, as a form, or as either */
  body?: z.ZodType;
  form?: z.ZodType;
  /** the whole answer; undefined: sound */
  answer?: z.ZodType;
  /** the answer comes as events too, if the caller wants */
  events?: boolean;
  /** the same without `/v1` in front */
  short?: boolean;
}

const OPENAI: PostEndpoint[] = [
  { path: "/v1/chat/completions", summary: "OpenAI chat completions", ...bodies.chat, events: true },
  { path: "/v1/responses", summary: "OpenAI responses; kept unless `store` is false", ...bodies.responses, events: true },
  { path: "/v1/responses/input_tokens", summary: "Input tokens of a response that is not made", ...bodies.inputTokens },
  { path: "/v1/completions", summary: "OpenAI completions, by any model of conversation", ...bodies.completions, events: true },
  { path: "/v1/embeddings", summary: "OpenAI embeddings", ...bodies.embeddings },
  { path: "/v1/engines/{model}/embeddings", summary: "OpenAI embeddings, the model in the address", ...bodies.engineEmbeddings },
  { path: "/v1/moderations", summary: "OpenAI moderations", ...bodies.moderations },
  { path: "/v1/rerank", summary: "Rerank (Cohere v1, Jina)", ...bodies.rerank },
  { path: "/v1/audio/speech", summary: "Speech of a given text: the sound as it comes, or events with stream_format sse", body: bodies.speech.body, events: true },
  { path: "/v1/audio/transcriptions", summary: "What is said in a file: JSON, or plain text with response_format text, srt or vtt", form: bodies.transcriptions.body, answer: bodies.transcriptions.answer, events: true },
  { path: "/v1/audio/translations", summary: "The same in English", form: bodies.translations.body, answer: bodies.translations.answer },
  { path: "/v1/images/generations", summary: "Pictures: base64, or addresses that we keep", ...bodies.images, events: true },
  { path: "/v1/images/edits", summary: "Pictures changed", ...bodies.imageEdits, events: true },
  { path: "/v1/messages", summary: "Anthropic messages", ...bodies.anthropicMessages, events: true },
  { path: "/v1/messages/count_tokens", summary: "Anthropic token counting", ...bodies.countTokens },
].map((endpoint) => ({ ...endpoint, short: true }));

const GEMINI: PostEndpoint[] = ["v1beta", "v1"].flatMap((version) =>
  Object.entries(bodies.gemini).map(([verb, about]) => ({ path: `/${version}/models/{model}:${verb}`, summary: `Gemini ${verb}`, ...about, ...(verb === "streamGenerateContent" ? { events: true } : {}) })),
);

/** Every address that passes to a vendor. */
export const POST_ENDPOINTS: readonly PostEndpoint[] = [...OPENAI, { path: "/v2/rerank", summary: "Rerank (Cohere v2)", ...bodies.rerank }, ...GEMINI];
