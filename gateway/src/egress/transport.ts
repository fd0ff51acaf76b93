import type { AnswerHead } from "./http1/answer-head.ts";
import type { Connection, Exchange } from "./http1/connection.ts";
import { ConnectError, type ConnectionPool, type Origin, originOf } from "./http1/pool.ts";
import type { WireBody } from "./wire-body.ts";

/** A request as it goes out. */
export interface WireRequest {
  method: "POST" | "GET" | "PUT" | "PATCH" | "DELETE";
  url: string;
  /** names in lower case; `host` and `content-length` are added here */
  headers: Record<string, string>;
  body?: Buffer | WireBody;
  /** what must not be sent twice: it goes over a new connection, since a kept one that turns out to be closed would have it sent again */
  once?: true;
}

/** A request under way. */
export interface Transfer {
  pause(): void;
  resume(): void;
  /** Ends it; its exchange hears nothing more. */
  destroy(): void;
  /** Whether nothing of the request's body is looked at any more: it has all gone out, or never will. */
  bodyIsOver(): boolean;
}

/** Origins of channels and their number is small; a bound all the same. */
const ORIGINS_MAX = 10_000;
const origins = new Map<string, Origin>();

/** Bytes that would end a header line: nothing a caller or an operator writes may add a field. */
// eslint-disable-next-line no-control-regex -- they are what must not be there
const LINE_BREAK = /[\r\n\0]/;
const OUTSIDE_URL = /[^\x21-\x7e]/;

/** The origin of a URL and what follows it, encoded where the URL is not. */
function target(url: string): { origin: Origin; path: string } {
  const slash = url.indexOf("/", url.indexOf("://") + 3);
  const prefix = slash < 0 ? url : url.slice(0, slash);
  let origin = origins.get(prefix);
  if (!origin) {
    origin = originOf(new URL(prefix));
    if (origins.size >= ORIGINS_MAX) origins.clear();
    origins.set(prefix, origin);
  }
  const path = slash < 0 ? "/" : url.slice(slash);
  if (!OUTSIDE_URL.test(path)) return { origin, path };
  const { pathname, search } = new URL(url);
  return { origin, path: pathname + search };
}

/** The request's head. Throws ConnectError for a value with a line break. */
export function requestHead(request: WireRequest, authority: string, path: string): string {
  let head = `${request.method} ${path} HTTP/1.1\r\nhost: ${authority}\r\n`;
  const { headers } = request;
  for (const name in headers) {
    const value = headers[name] as string;
    if (LINE_BREAK.test(value) || LINE_BREAK.test(name)) throw new ConnectError(`the header field ${JSON.stringify(name.slice(0, 40))} holds a line break`);
    head += `${name}: ${value}\r\n`;
  }
  if (request.body) head += `content-length: ${request.body.length}\r\n`;
  return `${head}\r\n`;
}

/**
 * Sends a request over a kept-alive connection, or a new one. A kept connection that turns out to have been closed by the other side, before a byte of an answer came, is
 * replaced by a new one once (RFC 9110, 9.2.2: closing an idle connection races with its use).
 */
export function send(request: WireRequest, exchange: Exchange, pool: ConnectionPool): Transfer {
  const { origin, path } = target(request.url);
  const sending = new Sending(requestHead(request, origin.authority, path), request.body, origin, exchange, pool);
  sending.start(request.once ? undefined : pool.kept(origin));
  return sending;
}

class Sending implements Exchange, Transfer {
  private connection: Connection | undefined;
  /** by a connection that was kept from before */
  private kept = false;
  private ended = false;

  constructor(
    private readonly requestHead: string,
    private readonly body: Buffer | WireBody | undefined,
    private readonly origin: Origin,
    private readonly exchange: Exchange,
    private readonly pool: ConnectionPool,
  ) {}

  start(kept: Connection | undefined): void {
    if (!kept) return this.open();
    this.kept = true;
    this.connection = kept;
    kept.send(this.requestHead, this.body, this);
  }

  private open(): void {
    const { connection, ready } = this.pool.open(this.origin);
    this.connection = connection;
    ready.then(
      () => {
        if (!this.ended) connection.send(this.requestHead, this.body, this);
      },
      (error: unknown) => {
        if (!this.ended) this.exchange.broken(error instanceof ConnectError ? error.message : String(error), true, true);
      },
    );
  }

  head(answer: AnswerHead): void {
    this.exchange.head(answer);
  }

  piece(bytes: Buffer): void {
    this.exchange.piece(bytes);
  }

  end(): void {
    this.exchange.end();
  }

  broken(message: string, untouched: boolean): void {
    this.connection = undefined;
    const again = this.kept && untouched && !this.ended;
    this.kept = false;
    if (again) this.open();
    else this.exchange.broken(message, untouched);
  }

  pause(): void {
    this.connection?.pause();
  }

  resume(): void {
    this.connection?.resume();
  }

  destroy(): void {
    this.ended = true;
    this.connection?.destroy();
  }

  bodyIsOver(): boolean {
    return this.connection?.hasSent ?? false;
  }
}
