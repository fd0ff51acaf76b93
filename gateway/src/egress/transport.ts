import type { Exchange } from "./http1/connection.ts";
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
  const head = requestHead(request, origin.authority, path);
  let connection = request.once ? undefined : pool.kept(origin);
  let ended = false;
  const fresh = (): void => {
    const opening = pool.open(origin);
    connection = opening.connection;
    opening.ready.then(
      () => {
        if (!ended) opening.connection.send(head, request.body, exchange);
      },
      (error: unknown) => {
        if (!ended) exchange.broken(error instanceof ConnectError ? error.message : String(error), true, true);
      },
    );
  };
  if (connection) {
    const kept: Exchange = {
      head: (answer) => exchange.head(answer),
      piece: (bytes) => exchange.piece(bytes),
      end: () => exchange.end(),
      broken(message, untouched) {
        connection = undefined;
        if (untouched && !ended) fresh();
        else exchange.broken(message, untouched);
      },
    };
    connection.send(head, request.body, kept);
  } else fresh();
  return {
    pause: () => connection?.pause(),
    resume: () => connection?.resume(),
    destroy() {
      ended = true;
      connection?.destroy();
    },
  };
}
