/** What every vendor's folder gives, and what it gets. */
import type { FaultValues } from "./fault-spec.ts";
import type { IdSource } from "./identity.ts";
import type { JsonObject } from "./json.ts";
import type { Session } from "./session.ts";
import type { PromptCache } from "./prompt-cache.ts";
import type { Shelf } from "./shelf.ts";
import type { TaskBook } from "./tasks/task-book.ts";
import type { Task } from "./tasks/task.ts";

/** One request as a vendor sees it. */
export interface Received {
  method: string;
  /** path below the vendor, such as /v1/messages */
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: Uint8Array;
  /** the body parsed; `undefined` when it is not JSON */
  json: unknown;
  /** the fields and files of a multipart body; `undefined` when it is none, or a broken one */
  form: Form | undefined;
  /** Unix milliseconds of arrival */
  now: number;
  ids: IdSource;
  faults: FaultValues;
  cache: PromptCache;
  /** what the vendor keeps between requests */
  shelf: Shelf;
  /** slow work of all vendors */
  tasks: TaskBook;
  /** where the client reached this vendor, such as http://127.0.0.1:4010/fal: addresses in answers begin so */
  origin: string;
  /** the id of the exchange, as `GET /__sandbox/requests` shows it */
  exchange: string;
  /** Takes a task that this request made or asked about; the exchange then names it. */
  note(task: Task): void;
  /** Takes a time in Unix milliseconds and work; does it then, whether the client is still there or not. */
  later(time: number, work: () => void | Promise<void>): void;
  /** Takes a time in Unix milliseconds; waits for it, or until the client leaves. */
  until(time: number): Promise<void>;
}

/** A multipart body taken apart. */
export interface Form {
  texts: Map<string, string[]>;
  files: { name: string; filename: string; type: string; bytes: Uint8Array }[];
}

/** An error that a fault asks for; a vendor puts it into its own words. */
export interface Failure {
  kind: "status" | "no-balance" | "bad-key";
  status: number;
  /** replaces the vendor's own error text */
  message?: string;
  /** seconds, for the retry-after header */
  retryAfter?: number;
}

/** An answer sent as one piece. */
export interface WholeAnswer {
  kind: "whole";
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
  model?: string;
  /** the usage object exactly as the body reports it */
  usage?: JsonObject;
  /** content tokens in the body */
  tokens?: number;
  /** half of the body under its whole length, then the end, as the fault `cut-body` does */
  cut?: boolean;
}

/** A whole answer that is text. */
export interface TextAnswer extends WholeAnswer {
  body: string;
}

/**
 * One event of a stream, complete with its framing. "content" carries answer tokens; "end" is what tells
 * a client that the stream is complete; everything else is "other".
 */
export interface Frame {
  kind: "content" | "end" | "other";
  text: string;
  /** tokens in a "content" frame, 1 by default */
  tokens?: number;
  /** gives the usage reported up to and with this event, when it reports any */
  usage?: () => JsonObject;
  /** not before this time, in Unix milliseconds */
  at?: number;
}

/** An answer sent event by event. */
export interface StreamAnswer {
  kind: "stream";
  headers: Record<string, string>;
  frames: Iterable<Frame>;
  /** Takes a frame's text, faults already in it; gives its bytes on a wire that is not text. UTF-8 when absent. */
  pack?: (text: string) => Uint8Array;
  model: string;
}

/** Any answer. */
export type Answer = WholeAnswer | StreamAnswer;

/** A played vendor. */
export interface Vendor {
  /** first segment of its paths, such as "openai" */
  name: string;
  /** what it plays, for `GET /__sandbox` */
  routes: string[];
  /** Takes a request's headers and query; gives the credential as sent, "" without one. */
  credentialOf(headers: Headers, query: URLSearchParams): string;
  /** Takes a request; gives the answer. Must wait for nothing outside itself, but the clock through the request. */
  answer(request: Received): Answer | Promise<Answer>;
  /** Takes a request that asks for a WebSocket; gives the session, an answer that refuses it, or `undefined` when there is none at its address. */
  session?(request: Received): Session | WholeAnswer | undefined;
  /** Takes a request and an error; gives the vendor's own error answer. */
  fail(request: Received, failure: Failure): WholeAnswer;
  /** Takes a request, an error and whether nothing was sent before; gives the event that reports it inside a running stream. */
  errorFrame(request: Received, failure: Failure, first: boolean): string;
}
