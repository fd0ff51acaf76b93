import type { AnswerContext, AnyCodec, AnyVendorCodec } from "../dialects/canonical/codec.ts";
import { CHAT_DIALECTS, type Endpoint, type VendorDialectId } from "../dialects/canonical/dialect.ts";
import { parseShallow } from "../dialects/canonical/depth.ts";
import { objectOf } from "../dialects/canonical/fields.ts";
import type { StreamDecoder, StreamEncoder, StreamPart } from "../dialects/canonical/stream.ts";
import { answerWithOwnNames, ownNames, partWithOwnNames } from "../dialects/canonical/tool-names.ts";
import type { CanonicalRequest } from "../dialects/canonical/request.ts";
import type { CanonicalResponse } from "../dialects/canonical/response.ts";
import type { Usage } from "../dialects/canonical/usage.ts";
import { wireEvent } from "../dialects/canonical/wire-event.ts";
import { TOKEN_COUNTING } from "../dialects/registry.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { TokenCounting } from "../dialects/canonical/token-counting.ts";
import { VENDORS } from "../vendors/registry.ts";
import type { Model } from "../catalog/index.ts";
import type { Target } from "../channels/plan.ts";
import type { Admission } from "./admission.ts";
import { AttemptFailed } from "./attempt-failed.ts";
import type { RelayCall } from "./call.ts";
import { countingAt } from "./counting-at.ts";
import { codecOf, type Speaking, type TranslatedRequest, vendorCodecOf } from "./translate-request.ts";

/** Where a request of each dialect goes below a vendor's base URL. */
const ADDRESSES: Partial<Record<VendorDialectId, (stream: boolean) => { name: string; path: string; query: string }>> = {
  "openai-chat": () => ({ name: "chat", path: "/chat/completions", query: "" }),
  "openai-responses": () => ({ name: "responses", path: "/responses", query: "" }),
  "anthropic-messages": () => ({ name: "messages", path: "/v1/messages", query: "" }),
  "bedrock-converse": (stream) => ({ name: stream ? "converse-stream" : "converse", path: `/model/{model}/converse${stream ? "-stream" : ""}`, query: "" }),
  gemini: (stream) =>
    stream
      ? { name: "streamGenerateContent", path: "/v1beta/models/{model}:streamGenerateContent", query: "?alt=sse" }
      : { name: "generateContent", path: "/v1beta/models/{model}:generateContent", query: "" },
  "openai-completions": () => ({ name: "completions", path: "/completions", query: "" }),
  "openai-embeddings": () => ({ name: "embeddings", path: "/embeddings", query: "" }),
  // A batch answers one input as well; Google's own SDK asks for nothing else.
  "gemini-embeddings": () => ({ name: "batchEmbedContents", path: "/v1beta/models/{model}:batchEmbedContents", query: "" }),
};

/** A question for the number of tokens, from one dialect to another. */
interface Counting {
  /** the dialect in which the vendor is asked */
  at: VendorDialectId;
  vendor: TokenCounting;
  caller: TokenCounting;
}

/** One call on its way from the caller's dialect to the vendor's and back. Pure but for what it remembers of the stream. */
export class Translation {
  readonly endpoint: Endpoint;
  readonly query: string;
  /** whom the request is put into words for */
  readonly speaking: Speaking;
  /** what the vendor's dialect cannot express, in the caller's names */
  dropped: readonly string[] = [];
  private readonly caller: AnyCodec;
  private readonly vendor: AnyVendorCodec;
  private readonly context: AnswerContext<unknown>;
  private readonly counting: Counting | undefined;
  /** the caller's names of functions that the vendor knows under others */
  private names: ReadonlyMap<string, string> | undefined;

  constructor(
    private readonly call: RelayCall,
    private readonly admission: Admission,
    target: Target,
    nowSeconds: number,
  ) {
    this.caller = codecOf(call.dialect.id);
    this.counting = this.countingOf(call, target);
    const { counting } = this;
    const dialect = counting?.at ?? target.dialect;
    this.vendor = vendorCodecOf(dialect);
    const { model } = admission;
    const { stream } = admission.facts;
    const traits = VENDORS.get(target.channel.vendor)?.traits?.(target.upstreamModel) ?? NO_TRAITS;
    this.speaking = { vendor: dialect, counting: counting !== undefined, target: { model: target.upstreamModel, maxOutputTokens: model.maxOutputTokens, reasons: model.abilities.includes("reasoning"), traits } };
    const address = counting ? { name: call.endpoint.name, path: counting.vendor.path, query: "" } : ADDRESSES[dialect]?.(stream);
    this.endpoint = { name: address?.name ?? dialect, upstreamPath: address?.path ?? "", stream: stream && !counting, billable: !counting };
    this.query = address?.query ?? "";
    this.context = { id: call.id, model: admission.facts.model, nowSeconds, request: undefined };
  }

  /** The request is in the vendor's words. Throws GatewayError in strict mode when it is not wholly. */
  spoken({ dropped, answerable }: Omit<TranslatedRequest, "json">): void {
    this.dropped = dropped;
    refuseDropped(this.call, this.admission.model, dropped);
    this.context.request = answerable;
    if (CHAT_DIALECTS.has(this.speaking.vendor)) this.names = ownNames((answerable as CanonicalRequest).tools, this.speaking.vendor);
  }

  /** A vendor's whole answer in the caller's dialect; `parsed`, where it has been parsed already; `usage` is what is billed for it. Throws AttemptFailed when it is none. */
  whole(body: Buffer, parsed: Record<string, unknown> | undefined, usage: Usage): string {
    const answer = parsed ?? parseShallow(body.toString("utf8"));
    if (answer === undefined) throw new AttemptFailed("server", "the answer is no JSON object");
    if (this.counting) return this.count(this.counting, objectOf(answer));
    const read = this.vendor.decodeResponse(objectOf(answer));
    return JSON.stringify(this.caller.encodeResponse(this.names ? answerWithOwnNames(read as CanonicalResponse, this.names) : read, { ...this.context, usage }));
  }

  /** Set where tokens are counted and nothing is produced. Throws AttemptFailed when the vendor does not count. */
  private countingOf(call: RelayCall, target: Target): Counting | undefined {
    if (call.endpoint.billable) return undefined;
    const [found, caller] = [countingAt(target), TOKEN_COUNTING[call.dialect.id]];
    if (!found || !caller) throw new AttemptFailed("no_model", "the vendor counts no tokens");
    return { at: found.dialect, vendor: found.counting, caller };
  }

  private count({ vendor, caller }: Counting, answer: Record<string, unknown>): string {
    const tokens = vendor.read(answer);
    if (tokens === undefined) throw new AttemptFailed("server", "the answer names no number of tokens");
    return JSON.stringify(caller.answer(tokens));
  }

  /** A stream's events, one by one. `framing` is the caller's. */
  stream(framing: "sse" | "json-array"): StreamTranslation {
    const decoder = this.vendor.streamDecoder?.();
    const encoder = this.caller.streamEncoder?.(this.context, framing);
    if (!decoder || !encoder) throw new Error("this family of dialects has no streams");
    return new StreamTranslation(decoder, encoder, this.names);
  }
}

/** The events of one stream, from the vendor's dialect to the caller's. */
export class StreamTranslation {
  /** why the vendor's stream cannot be read further, once that is so; the caller is not told of it here */
  failure: string | undefined;
  private over = false;

  constructor(
    private readonly decoder: StreamDecoder,
    private readonly encoder: StreamEncoder,
    private readonly names: ReadonlyMap<string, string> | undefined,
  ) {}

  /** One whole event of the vendor's (UTF-8, borders included), as text for the caller; often empty. */
  event(text: string): string {
    const event = wireEvent(text);
    if (!event) return "";
    return this.written(this.decoder.push(event));
  }

  /** The vendor's stream is complete: what closes the caller's. */
  end(): string {
    const out = this.over ? "" : this.written(this.decoder.flush());
    return this.failure === undefined ? out + this.encoder.flush() : out;
  }

  private written(parts: readonly StreamPart[]): string {
    let out = "";
    for (const part of parts) {
      if (part.type === "error") {
        this.failure = part.message;
        break;
      }
      if (part.type === "end") this.over = true;
      out += this.encoder.push(this.names ? partWithOwnNames(part, this.names) : part);
    }
    return out;
  }
}

/** In strict mode nothing may be left out. Throws GatewayError that names what would be. */
export function refuseDropped(call: RelayCall, model: Model, dropped: readonly string[]): void {
  if (dropped.length === 0 || call.headers["x-yescale-strict"] !== "1") return;
  throw new GatewayError("invalidRequest", {
    publicText: `The model "${model.id}" cannot be told ${dropped.map((name) => `"${name.slice(0, 100)}"`).join(", ")}, and strict mode is on.`,
    param: dropped[0] ?? "",
  });
}

/** What the vendor could not be told, as a header, beside what stands in our own already. */
export function translationHeaders(translation: { dropped: readonly string[] }, own: Readonly<Record<string, string>>): Record<string, string> {
  const dropped = [own[DROPPED_HEADER] ?? [], translation.dropped.map(headerSafe)].flat();
  return dropped.length === 0 ? {} : { [DROPPED_HEADER]: dropped.join(", ").slice(0, DROPPED_BYTES_MAX) };
}

/** Names what the request asked for and does not get. */
export const DROPPED_HEADER = "x-yescale-dropped";
/** Common limit of header lines in proxies is 8 kB; a request's field names are far shorter. */
const DROPPED_BYTES_MAX = 2_048;
const headerSafe = (name: string): string => name.replace(/[^\x21-\x7e]/g, "?");

const NO_TRAITS: ReadonlySet<string> = new Set();
