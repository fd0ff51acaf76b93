import type { MediaWish } from "../../../dialects/canonical/media-wish.ts";
import type { Usage } from "../../../dialects/canonical/usage.ts";
import type { UpstreamFault } from "../adapter.ts";

/**
 * What a vendor's adapter knows of slow work: pure functions from values to values, at `VendorAdapter.media`. The engine (`tasks/`) sends what they make, with the channel's address and credential, and gives them what
 * came back. A vendor that answers with the outputs at once says SUCCESS in `readSubmit` and needs no `poll`. docs/adding-a-media-vendor.md
 */
export interface MediaAdapter {
  /** Where its media API is, out of a channel's base URL, where that is not below it. */
  baseUrl?(baseUrl: string): string;
  /** How the order is placed. Throws GatewayError for a wish that the vendor cannot fulfil: the next source is asked. */
  submit(order: MediaOrder): MediaSubmit;
  /** What the answer to `submit` says. Undefined: nothing that the vendor means; the engine then judges by the status (`classify` of a refusal). */
  readSubmit(answer: VendorAnswer, order: MediaOrder): MediaReading | undefined;
  /** How the vendor is asked about a job; missing where every answer to `submit` is the end. */
  poll?(job: MediaJob): VendorCall;
  /** What the answer says. Undefined: nothing (an error page, an overload, an odd body): it is asked again later. Only the vendor's own word ends a job. */
  readPoll?(answer: VendorAnswer, job: MediaJob): MediaReading | undefined;
  /** How a job is stopped, where the vendor can (undefined: not this one). Whatever it answers, the next poll decides. */
  cancel?(job: MediaJob): VendorCall | undefined;
  /** What more can be asked about a job that has ended, by the name of the question. `read` gives undefined for what says nothing. */
  questions?: Readonly<Record<string, { call(job: MediaJob): VendorCall; read(answer: VendorAnswer): JsonObject | undefined }>>;
  /** How an order is looked for whose answer was lost, where the vendor has a list or takes ids of ours. */
  find?: { call(order: MediaOrder): VendorCall; read(answer: VendorAnswer, order: MediaOrder, sent: SentAt): Found };
  /** The vendor's notices, where it sends some to `MediaOrder.callbackUrl`. */
  callback?: MediaCallback;
  /** Hours that what was made stays at the vendor's address after the end, as the vendor documents it; of a range the shortest. Missing: the vendor documents none. `MediaOutput.expiresAt` goes before it. */
  outputHours?(model: string): number | undefined;
  /** How long things take. `model` is the vendor's name for it. */
  pace(model: string): MediaPace;
  /** Whether a model takes files only: pictures of a wish that are given by address are fetched first, and are `data:` URIs then */
  wantsBytes?(model: string): boolean;
  /** Whether the answer to an order for this model is the end although others are polled for: such an order waits longer, and is not looked for when its answer is lost. */
  atOnce?(model: string): boolean;
}

/** What is ordered of a vendor. */
export interface MediaOrder {
  /** our id of the task, for vendors that keep one of the caller's */
  taskId: string;
  /** the vendor's name for the model, or its path to it */
  model: string;
  /** the channel's address, for vendors whose sites name their models differently */
  baseUrl?: string;
  /** the door's word for what is to be done */
  action: string;
  input: MediaInput;
  /** where the vendor may tell us of its end; undefined: nowhere */
  callbackUrl?: string | undefined;
  /** what earlier work of the same vendor it follows up (Midjourney's upscale) */
  parent?: { ref: string; memo: JsonObject } | undefined;
}

/** The caller's own words for this very vendor, or a wish in nobody's. */
export type MediaInput = { native: NativeRequest } | { wish: MediaWish };

/** A request in a vendor's own words: unknown members survive. */
export interface NativeRequest {
  /** the vendor's path, where the door's address has it; below the base URL, with `/` in front */
  path?: string;
  json?: JsonObject;
  form?: FormPart[];
  /** of the caller's headers, those that mean something to the vendor; lower case */
  headers?: Record<string, string>;
}

export type JsonObject = { [name: string]: unknown };

/** A part of a form. `bytes` are base64 in what is kept. */
export type FormPart = { name: string; value: string } | { name: string; filename: string; type: string; bytes: Buffer };
/** A part of a form as an adapter makes it: a file may stay base64, and becomes bytes while it is sent. */
export type OutgoingPart = FormPart | { name: string; filename: string; type: string; base64: string };

/** A job at the vendor. */
export interface MediaJob {
  taskId: string;
  model: string;
  action: string;
  /** the vendor's id of it */
  ref: string;
  /** what the adapter wanted to remember */
  memo: JsonObject;
}

export interface MediaSubmit {
  call: VendorCall;
  /** what the vendor cannot be told, in the wish's names */
  dropped?: string[];
}

/** A request to a vendor; the engine adds address, credential and lengths. */
export interface VendorCall {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** below the channel's base URL, with `/` in front; or a whole address that the vendor gave, followed only to the origin of the base URL */
  path: string;
  headers?: Record<string, string>;
  json?: unknown;
  form?: OutgoingPart[];
}

/** A vendor's whole answer. */
export interface VendorAnswer {
  status: number;
  header(name: string): string | null;
  body: Buffer;
}

/** When an order was sent whose answer is lost. */
export interface SentAt {
  /** Unix milliseconds */
  at: number;
  /** ids at this vendor that belong to other tasks */
  taken(ref: string): boolean;
}

/** `none`: the vendor certainly does not have it; undefined: it cannot be told. */
export type Found = { ref: string; memo?: JsonObject } | "none" | undefined;

/** What a vendor's answer says of a job. */
export interface MediaReading {
  state: "QUEUED" | "IN_PROGRESS" | "SUCCESS" | "FAILURE" | "CANCELLED";
  /** the vendor's id, as soon as it is known */
  ref?: string;
  /** takes the place of what was remembered */
  memo?: JsonObject;
  /** a further call is needed at once (a file's address, a second step): `poll` is asked again, with the new memo. Such a step must be harmless when repeated. */
  again?: true;
  /** 0 to 100, of vendors that tell */
  progress?: number;
  outputs?: MediaOutput[];
  /** the vendor's answer as its own clients see it, for doors of its family */
  answer?: unknown;
  /** what it bills, by class, where it tells or where what came back can be counted */
  usage?: Usage;
  /** why it failed; `caller` with `policy`: content, nobody else is asked */
  fault?: UpstreamFault;
}

export type MediaOutputKind = "image" | "video" | "audio" | "text";

/** Something made: at an address, or the bytes themselves, or a text. */
export interface MediaOutput {
  kind: MediaOutputKind;
  /** Beginning with `/`: below the channel's base URL, and read with the credential (Gemini's and OpenAI's files); such is never shown, and without its copy the job has made nothing. */
  url?: string;
  bytes?: Buffer;
  text?: string;
  /** type, where the vendor tells */
  mime?: string;
  /** bytes */
  size?: number;
  width?: number;
  height?: number;
  /** seconds */
  duration?: number;
  /** Unix milliseconds at which the vendor's address ends, where it is known */
  expiresAt?: number;
  /** its place and name in the vendor's answer, for views: `thumbnail`, `cover` */
  role?: string;
  /** Where the vendor's answer has the same once more, smaller: shown as our copy, and not copied itself. */
  also?: string[];
}

export interface MediaPace {
  /** milliseconds from the order to the first look */
  firstMs: number;
  /** milliseconds between looks at least; they grow apart with the job's age */
  everyMs: number;
  /** milliseconds from acceptance after which we give up */
  giveUpMs: number;
}

/** A notice of the vendor's as it came. */
export interface Notice {
  header(name: string): string | null;
  body: Buffer;
}

export interface MediaCallback {
  /** What a notice says, not believed: the job it is of, and what must be answered at once (a challenge). Undefined: it is no notice. */
  hint(notice: Notice): { ref?: string; answer?: JsonObject } | undefined;
  /** What `readSubmit` would have remembered, where a job cannot be asked for without: an order whose answer was lost goes on with the id that a notice tells. */
  memo?(order: MediaOrder, ref: string): JsonObject;
  /** Where the vendor signs its notices. One that does not hold is refused; one that does is still no more than a reason to ask. */
  signed?: {
    /** How the keys are had, of a channel with this base URL. They are kept for a day, and asked for anew when a signature does not hold. */
    keys(baseUrl: string): KeysCall;
    /** Whether the vendor signed it, not long before `nowMs` (Unix milliseconds). `keys` is the JSON that came. */
    holds(notice: Notice, keys: unknown, nowMs: number): boolean;
  };
}

/** A call below the channel's base URL with its credential, or an address that anybody may read. */
export type KeysCall = VendorCall | { publicUrl: string };

/** A notice that was signed longer ago than this is a repetition by somebody else (Standard Webhooks and fal say the same). */
export const NOTICE_AGE_MS_MAX = 300_000;
