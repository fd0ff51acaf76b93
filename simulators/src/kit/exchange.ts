/** One request and its answer, as `GET /__sandbox/requests` shows them. */
import type { JsonObject } from "./json.ts";

/** Bytes of a request body kept (1 MiB); hash and length always cover the whole body. */
export const BODY_KEPT = 1024 * 1024;
/** Bytes of an answer kept (64 KiB): enough for every test that compares bytes, small enough for thousands of answers. */
export const ANSWER_KEPT = 64 * 1024;

/** What is kept of one exchange. Times are Unix milliseconds. */
export interface Exchange {
  id: string;
  sequence: number;
  receivedAt: number;
  vendor: string;
  method: string;
  /** path and query below the vendor */
  path: string;
  credential: string;
  headers: [string, string][];
  body: Uint8Array;
  bodyLength: number;
  bodySha256: string;
  status: number;
  answerHeaders: Record<string, string>;
  answerLength: number;
  answerSha256: string;
  answerPieces: Uint8Array[];
  /** the answer was longer than what is kept */
  answerTruncated: boolean;
  /** the answer was sent to its proper end */
  completed: boolean;
  model: string;
  stream: boolean;
  usage: JsonObject | undefined;
  contentTokens: number;
  faults: string;
  /** the id of the task that it made or asked about */
  task: string | undefined;
  abortedAt: number | undefined;
  finishedAt: number | undefined;
}

/** Takes bytes; gives their SHA-256 as hexadecimal text. */
export const sha256 = (bytes: Uint8Array | string): string =>
  new Bun.CryptoHasher("sha256").update(bytes).digest("hex");

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Takes an exchange; gives its JSON form. */
export function describeExchange(exchange: Exchange): JsonObject {
  const kept = Buffer.concat(exchange.answerPieces);
  return {
    id: exchange.id,
    sequence: exchange.sequence,
    receivedAt: new Date(exchange.receivedAt).toISOString(),
    vendor: exchange.vendor,
    method: exchange.method,
    path: exchange.path,
    credential: exchange.credential,
    headers: exchange.headers,
    body: {
      length: exchange.bodyLength,
      sha256: exchange.bodySha256,
      truncated: exchange.bodyLength > exchange.body.length,
      base64: Buffer.from(exchange.body).toString("base64"),
      text: utf8(exchange.body),
    },
    answer: {
      status: exchange.status,
      headers: exchange.answerHeaders,
      length: exchange.answerLength,
      sha256: exchange.answerSha256,
      base64: exchange.answerTruncated ? null : kept.toString("base64"),
      text: exchange.answerTruncated ? null : utf8(kept),
      completed: exchange.completed,
    },
    model: exchange.model,
    stream: exchange.stream,
    usage: exchange.usage ?? null,
    contentTokensSent: exchange.contentTokens,
    task: exchange.task ?? null,
    faults: exchange.faults,
    aborted: exchange.abortedAt !== undefined,
    abortedAt: exchange.abortedAt === undefined ? null : new Date(exchange.abortedAt).toISOString(),
    finishedAt: exchange.finishedAt === undefined ? null : new Date(exchange.finishedAt).toISOString(),
  };
}
