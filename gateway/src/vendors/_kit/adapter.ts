import type { BodyPieces } from "../../dialects/canonical/body-pieces.ts";
import type { DialectId, Endpoint, VendorDialectId } from "../../dialects/canonical/dialect.ts";
import type { ImagesAnswer, ImagesRequest, MediaCall, SpeechAnswer, SpeechRequest } from "../../dialects/canonical/media-call.ts";
import type { MediaAdapter } from "./media/adapter.ts";
import type { SessionDialectId } from "../../dialects/canonical/session.ts";

/**
 * What an upstream's refusal means for us.
 *   caller        the request itself is at fault: answer it, never retry
 *   auth          our credential is bad: take it out, next
 *   no_balance    our account has no money: take it out, next
 *   rate_limited  wait as told, next
 *   overloaded    the vendor is full, next
 *   server        the vendor failed, next
 *   no_model      this account does not serve the model, next
 *   denied        a 403 that may speak of the request as well as of our account: next, and no credential is taken out for it
 *
 * Several of these take a credential or a model out for every caller, and vendors repeat the caller's own words in their texts. So they are told by
 * codes where the vendor has one, else by whole sentences that no repeated word can begin (`vendorSays`).
 */
export type FaultKind = "caller" | "auth" | "no_balance" | "rate_limited" | "overloaded" | "server" | "no_model" | "denied";

export interface UpstreamFault {
  kind: FaultKind;
  /** the vendor's own words, not yet redacted */
  text: string;
  /** its content policy speaks (only with `caller`) */
  policy?: boolean;
}

/** What the environment says of one vendor's account. */
export interface AccountSetting {
  credential: string | undefined;
  baseUrl: string | undefined;
}

/** Customary names of a vendor's settings in the environment. */
export interface EnvironmentNames {
  /** the credential: the first that is set */
  keys: readonly string[];
  /** variables that name a file with the credential in it (Google's GOOGLE_APPLICATION_CREDENTIALS) */
  keyFiles?: readonly string[];
  baseUrl: string;
  /** further variables, of which `settle` makes something */
  others?: readonly string[];
  /**
   * Makes credential and base URL of what was read, where they are customarily given in pieces (region, project, secret key). A credential left out means that this
   * vendor is not configured.
   */
  settle?(read: AccountSetting, variable: (name: string) => string | undefined): AccountSetting;
}

/** A request as it goes out, for vendors that sign it or exchange the credential first. Header names are in lower case. */
export interface OutgoingRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: Buffer | BodyPieces;
}

/** One small request of an adapter's own (an access token), sent through egress. Rejects when there is no answer. */
export type Exchange = (request: OutgoingRequest & { body: Buffer }) => Promise<{ status: number; body: string }>;

/** What is left of an account: an exact amount as the vendor told it, and of what (`USD`, `CNY`, `credits`). */
export interface Balance {
  amount: string;
  unit: string;
}

/** Where a vendor tells what is left of an account, free of charge, and how its answer reads. */
export interface BalanceQuestion {
  address(baseUrl: string): string;
  /** an empty list for an answer that does not tell */
  read(answer: Record<string, unknown>): Balance[];
}

/** What comes from outside into `sign`. */
export interface SigningServices {
  /** Unix milliseconds */
  now(): number;
  exchange: Exchange;
}

/** A credential that cannot be used: the vendor's account is at fault, not the caller. The text is not yet redacted. */
export class CredentialError extends Error {
  constructor(
    readonly kind: "auth" | "server",
    message: string,
  ) {
    super(message);
  }
}

/** One upstream vendor, as pure functions. */
export interface VendorAdapter {
  id: string;
  /** slow work: pictures, films and music made as tasks */
  media?: MediaAdapter;
  /** for people */
  displayName: string;
  /** the wire formats its API takes; the first is the one that calls of other dialects are translated to, but for `translated` */
  dialects: readonly VendorDialectId[];
  /** of `dialects`, the one that conversations of other dialects are translated to, where it depends on the model and is not the first that fits */
  translated?(upstreamModel: string): VendorDialectId;
  /** OpenAI's endpoints of sound and pictures in the vendor's own words, where it makes such but does not speak those. Throw GatewayError for what it cannot be asked. */
  speech?(request: SpeechRequest, upstreamModel: string): MediaCall<SpeechAnswer>;
  images?(request: ImagesRequest, upstreamModel: string, baseUrl: string): MediaCall<ImagesAnswer>;
  /** whether a model takes a format that the vendor speaks; all do unless told */
  speaks?(dialect: VendorDialectId, upstreamModel: string): boolean;
  /** the vendor whose models it serves under their own names (Azure: OpenAI's): a channel without a list of models stands beside that vendor's */
  modelsOf?: string;
  /** it speaks its dialects in its own way: requests that conflict with its traits are put into its words even in the same dialect */
  ownWay?: true;
  /** what its models do differently from the dialect's own vendor, as the dialect's codec knows it (`RequestTarget.traits`) */
  traits?(upstreamModel: string): ReadonlySet<string>;
  /** empty where every account has an address of its own */
  defaultBaseUrl: string;
  environment: EnvironmentNames;
  /** servers of one's own that ask for no key; a channel of theirs may do without, and there is one only when its address is set */
  keyless?: true;
  /** The full address. `query` is the caller's: of it only what the vendor is known to need goes on (`keptQuery`). */
  address(baseUrl: string, endpoint: Endpoint, upstreamModel: string, query: string): string;
  /** the session protocol it speaks, and the address (http or https) at which a WebSocket of it is opened */
  session?: { dialect: SessionDialectId; address(baseUrl: string, upstreamModel: string): string };
  /** Puts the credential into the headers (which carry none any more). */
  authorize(headers: Record<string, string>, credential: string): void;
  /**
   * In place of `authorize` where the whole request is signed (AWS) or the credential is first exchanged for a token (Google): changes `request.headers`. Throws
   * CredentialError. What it keeps between calls (tokens) is bounded and its own.
   */
  sign?(request: OutgoingRequest, credential: string, services: SigningServices): Promise<void>;
  /** What a refusal means. `body` is text of at most some kilobytes. */
  classify(status: number, body: string): UpstreamFault;
  /** An address that answers 200 to a good credential, free of charge. */
  testPath: string;
  /** where the vendor has such an address */
  balance?: BalanceQuestion;
}

/** Statuses that say the address is not the vendor's API (RFC 9110, 15.5): no caller's request can be the reason, since we make the request line. */
const WRONG_ADDRESS = new Set([405, 407, 421, 426]);

/** Faults that are alike at every vendor, by status. A redirect is never followed (a credential stays at its address), so it is a fault of the server. */
export function faultByStatus(status: number): FaultKind {
  if (status < 400 || WRONG_ADDRESS.has(status)) return "server";
  if (status === 401) return "auth";
  if (status === 403) return "denied";
  if (status === 402) return "no_balance";
  if (status === 404) return "no_model";
  if (status === 429) return "rate_limited";
  if (status === 503 || status === 529) return "overloaded";
  if (status >= 500 || status === 408) return "server";
  return "caller";
}

/** A JSON error body's object, or an empty one. */
export function errorObject(body: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body);
    const outer = Array.isArray(parsed) ? (parsed[0] as unknown) : parsed;
    if (typeof outer !== "object" || outer === null) return {};
    const inner = (outer as Record<string, unknown>)["error"];
    if (typeof inner === "string") return { message: inner };
    return typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : (outer as Record<string, unknown>);
  } catch {
    return {};
  }
}

/** Faults of one request that are told: the first ones say enough. */
const DETAILS_MAX = 5;

/** The message of an error object (`message`; `detail` of FastAPI's servers, Mistral's within `message`; DeepSeek's `error_msg`, Fireworks' `faultstring`), or the beginning of the raw body. */
export function errorMessage(error: Record<string, unknown>, body: string): string {
  const { message } = error;
  if (typeof message === "string") return message;
  const inner = (value: unknown): Record<string, unknown> => (typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {});
  const text = detailText(inner(message)["detail"] ?? error["detail"]) ?? error["error_msg"] ?? inner(error["fault"])["faultstring"];
  return typeof text === "string" ? text : body.slice(0, 500);
}

/** FastAPI's `detail`: a text, or a list of what is wrong where (`loc`, `msg`). */
function detailText(detail: unknown): string | undefined {
  if (typeof detail === "string") return detail;
  if (!Array.isArray(detail)) return undefined;
  const told = detail.slice(0, DETAILS_MAX).flatMap((entry: unknown) => {
    const { loc, msg } = (entry ?? {}) as { loc?: unknown; msg?: unknown };
    if (typeof msg !== "string") return [];
    const place = Array.isArray(loc) ? loc.filter((step) => step !== "body").join(".") : "";
    return [place === "" ? msg : `${place}: ${msg}`];
  });
  return told.length > 0 ? told.join("; ") : undefined;
}

/**
 * Whether the text is the vendor's own sentence: it begins as `beginning` (anchored with ^) says and names no member. Vendors begin texts about an unknown
 * member with its name and a colon ("foo: Extra inputs are not permitted"), and that name is the caller's to choose.
 */
export const vendorSays = (text: string, beginning: RegExp): boolean => beginning.test(text) && !text.includes(": ");

/** A base URL without its trailing slashes. */
export const trimSlashes = (url: string): string => url.replace(/\/+$/, "");

/** A member of an error object as text; empty when it is none. */
export const errorField = (error: Record<string, unknown>, name: string): string => (typeof error[name] === "string" ? error[name] : "");

/** Whether calls in this dialect are put into the vendor's own words by its adapter. */
export const isConverted = (vendor: VendorAdapter, dialect: DialectId): boolean =>
  !vendor.dialects.includes(dialect) && ((dialect === "openai-speech" && vendor.speech !== undefined) || (dialect === "openai-images" && vendor.images !== undefined));
