import type { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonScan } from "./json-scan.ts";
import type { MeteredUsage, Usage } from "./usage.ts";

/** Dialects of conversation. */
export type ChatDialectId = "openai-chat" | "openai-responses" | "anthropic-messages" | "gemini" | "openai-completions";
/** Dialects of embeddings: texts in, vectors out. */
export type EmbeddingDialectId = "openai-embeddings" | "gemini-embeddings";
export type DialectId = ChatDialectId | EmbeddingDialectId | "openai-moderations" | "rerank";

/** What vendors are spoken to in: the callers' dialects, and those that no caller speaks here. */
export type VendorDialectId = DialectId | "bedrock-converse";

export const CHAT_DIALECTS: ReadonlySet<VendorDialectId> = new Set<VendorDialectId>(["openai-chat", "openai-responses", "anthropic-messages", "gemini", "openai-completions", "bedrock-converse"]);
export const EMBEDDING_DIALECTS: ReadonlySet<VendorDialectId> = new Set<EmbeddingDialectId>(["openai-embeddings", "gemini-embeddings"]);

/** Dialects that can be translated into each other, by codecs around one canonical form. All others reach only vendors that speak them. */
const FAMILIES: readonly ReadonlySet<VendorDialectId>[] = [CHAT_DIALECTS, EMBEDDING_DIALECTS];

/** Whether a request of one dialect can be put into another one's words. */
export const sameFamily = (one: VendorDialectId, other: VendorDialectId): boolean => one === other || FAMILIES.some((family) => family.has(one) && family.has(other));

/** What a door knows of the address: Gemini names the model and the verb there. */
export interface Endpoint {
  /** short name for the log: "chat", "messages", "count_tokens", "generateContent", ... */
  name: string;
  /** the path below the vendor's base URL, with `{model}` where the upstream model name goes; query included */
  upstreamPath: string;
  model?: string;
  /** set where the address decides it */
  stream?: boolean;
  /** false: nothing is produced and nothing is billed (token counting) */
  billable: boolean;
}

/** What routing and money need to know of a request. */
export interface CallFacts {
  model: string;
  stream: boolean;
  /** estimate from the body's size */
  promptTokens: number;
  /** the caller's own limit per answer, if any */
  maxOutputTokens: number | undefined;
  /** answers asked for (OpenAI `n`, Gemini `candidateCount`) */
  choices: number;
  /** independent texts in one call, each of which may be as long as the model's context; 1 unless told */
  inputs?: number;
  /** the body holds all of the prompt, as text: no token without a byte of it */
  textOnly?: true;
  /** what the call will consume beside tokens, by class: for the hold, and for an answer without usage. Counts only where the model has a price for it. */
  units?: Usage;
}

export interface PreparedRequest {
  body: Buffer;
  /** we asked for usage on the caller's behalf: the extra chunk is ours */
  hideUsage: boolean;
}

/** What a whole (non-streaming) answer says of itself. */
export interface AnswerFacts {
  /** undefined: the vendor reported none (or zero beside content). Beside `error`: what it says it consumed all the same. */
  usage: Usage | undefined;
  anomaly?: string;
  /** tokens of the delivered text by our estimate */
  deliveredTokens: number;
  /** an error inside a 200 answer: its text */
  error?: string;
}

/** What one event of a stream is. `usage` is an event that carries nothing but usage. */
export type EventKind = "opening" | "content" | "usage" | "end" | "error" | "noise";

/** Watches the events of one stream, keeping nothing but counts. */
export interface StreamMeter {
  /** Takes one whole event (latin1 text of its bytes, borders included). */
  event(text: string): EventKind;
  /** true once the answer itself is complete (finish reasons seen), even if the end mark is missing */
  finished(): boolean;
  /** text of the error event seen last */
  errorText(): string | undefined;
  /** Usage so far: the vendor's last word, or our estimate (promptTokens is used where it gave none). */
  usage(promptTokens: number): MeteredUsage;
  /** whether any content was seen */
  delivered(): boolean;
}

export interface RenderedError {
  status: number;
  body: string;
}

/** One wire format, as pure functions. */
export interface Dialect {
  id: DialectId;
  /** Throws GatewayError for what is missing or of a wrong type. */
  readRequest(scan: JsonScan, endpoint: Endpoint): CallFacts;
  /**
   * The bytes for a vendor of the same dialect: the caller's own, but for the mapped model name and the request for usage. `traits`: what the vendor does
   * differently (VendorAdapter.traits), where it matters to that request.
   */
  prepare(scan: JsonScan, endpoint: Endpoint, upstreamModel: string, traits?: ReadonlySet<string>): PreparedRequest;
  readAnswer(body: Buffer): AnswerFacts;
  /** `framing` of the stream by its content type: SSE, or Gemini's JSON array. */
  meter(): StreamMeter;
  /** true when the last event may only go out once the stream has ended, because it has no end mark of its own */
  endsByClosing: boolean;
  renderError(error: GatewayError, requestId: string): RenderedError;
  /** What keeps a silent stream's line alive, before or between events, without harm to this dialect's clients. */
  keepAlive?(framing: Framing): string;
  /** The error as an event of a stream that has begun, borders included. */
  renderStreamError(error: GatewayError, requestId: string, framing: Framing): string;
}

/** What the relay needs of the dialect a vendor is spoken to in when the caller speaks another one. */
export type VendorSide = Pick<Dialect, "endsByClosing" | "readAnswer" | "meter"> & { id: VendorDialectId };

export type Framing = "sse" | "json-array";
