import type { GatewayError } from "../../errors/gateway-error.ts";
import type { FormScan } from "./form-scan.ts";
import type { JsonScan } from "./json-scan.ts";
import type { Drawn, MeteredUsage, Usage, UsageClass } from "./usage.ts";

/** Dialects of conversation. */
export type ChatDialectId = "openai-chat" | "openai-responses" | "anthropic-messages" | "gemini" | "openai-completions";
/** Dialects of embeddings: texts in, vectors out. */
export type EmbeddingDialectId = "openai-embeddings" | "gemini-embeddings";
export type DialectId = ChatDialectId | EmbeddingDialectId | MediaDialectId | "openai-moderations" | "rerank";
/** OpenAI's endpoints of sound and pictures. */
export type MediaDialectId = "openai-speech" | "openai-transcriptions" | "openai-images";

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
  /** the model that may draw within the call, beside the one asked for */
  drawer?: string;
  /** set for calls of sound and pictures, whose size the request tells better than a rule about tokens */
  media?: MediaFacts;
}

/** What a media call is measured in. Of several measures the model's price table counts the ones that it prices (`MEASURES`). */
export interface MediaFacts {
  /** what a hold assumes, and what is billed where the vendor reports nothing */
  expected: Usage;
  /** what it may come to at most */
  worst: Usage;
  /** classes of `expected` that are exact */
  exact: readonly UsageClass[];
  /** what decides the price beside the model (`PriceVariant`); defaults filled in */
  options: Readonly<Record<string, string>>;
}

export interface PreparedRequest {
  body: Buffer;
  /** we asked for usage on the caller's behalf: the extra chunk is ours */
  hideUsage: boolean;
}

/** What is known of an answer before its body is read. */
export interface AnswerAbout {
  /** the vendor's content type, "" without one */
  contentType: string;
  facts: CallFacts;
}

/** What a whole (non-streaming) answer says of itself. */
export interface AnswerFacts {
  /** undefined: the vendor reported none (or zero beside content). Beside `error`: what it says it consumed all the same. */
  usage: Usage | undefined;
  anomaly?: string;
  drawn?: Drawn;
  /** tokens of the delivered text by our estimate */
  deliveredTokens: number;
  /** an error inside a 200 answer: its text */
  error?: string;
  /** the whole answer, where reading it took parsing it: who translates it need not parse it again */
  parsed?: Record<string, unknown>;
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

/** What a caller has got of a stream that breaks: the beginning of its first bytes, the last ones, and the model. */
export interface BegunStream {
  opening: string;
  latest: string;
  model: string;
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
  /** Whether a vendor that speaks this dialect in its own way (its traits) cannot be told this request as it stands. */
  conflicts?(scan: JsonScan, traits: ReadonlySet<string>): boolean;
  /** The same two for a body that is a form; set where the endpoint takes forms. */
  form?: FormReader;
  readAnswer(body: Buffer, about?: AnswerAbout): AnswerFacts;
  /** Whether a whole answer may be of this content type; JSON only unless told. */
  takesAnswer?(contentType: string): boolean;
  /** Whether an answer that was not asked for as events is passed on in pieces all the same: sound, which a player can begin with. */
  flows?: boolean;
  /** `framing` of the stream by its content type. */
  meter(framing?: Framing, facts?: CallFacts): StreamMeter;
  /** true when the last event may only go out once the stream has ended, because it has no end mark of its own */
  endsByClosing: boolean;
  renderError(error: GatewayError, requestId: string): RenderedError;
  /** What keeps a silent stream's line alive, before or between events, without harm to this dialect's clients. */
  keepAlive?(framing: Framing): string;
  /** The error as an event of a stream that has begun, borders included. */
  renderStreamError(error: GatewayError, requestId: string, framing: Framing, begun?: BegunStream): string;
  /** `renderStreamError` goes on from what was sent before it: ids and numbers of events */
  goesOn?: true;
}

/** How dialects read a multipart/form-data body. */
export interface FormReader {
  readRequest(form: FormScan, endpoint: Endpoint): CallFacts;
  prepare(form: FormScan, endpoint: Endpoint, upstreamModel: string): PreparedRequest;
}

/** What the relay needs of the dialect a vendor is spoken to in when the caller speaks another one. */
export type VendorSide = Pick<Dialect, "endsByClosing" | "readAnswer" | "meter" | "takesAnswer" | "flows"> & { id: VendorDialectId };

/** How a stream is cut into events: SSE, Gemini's JSON array, or not at all (`bytes`: each piece as it comes; an error can only be told by breaking off). */
export type Framing = "sse" | "json-array" | "bytes";
