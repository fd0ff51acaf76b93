import type { Server } from "bun";
import type { RelayCall } from "../relay/call.ts";
import type { CallerAddress } from "./address.ts";
import { cleanPath, type RequestHeaders, splitUrl } from "./http.ts";

/** What a door asks of the server, whatever its sockets carry. */
export type HttpServer = Pick<Server<unknown>, "requestIP" | "timeout">;

/** A connection that sends nothing is closed after this (seconds); requests under way are exempt. */
export const IDLE_CONNECTION_SECONDS = 60;

/** One request as it came in, and who waits for its answer. */
export class Arrival {
  readonly method: string;
  /** cleaned */
  readonly path: string;
  readonly query: string;
  readonly headers: RequestHeaders;
  readonly caller: RelayCall["caller"];

  /** `startedAt`: monotonic milliseconds. */
  constructor(
    readonly request: Request,
    server: HttpServer,
    readonly id: string,
    readonly startedAt: number,
    addresses: CallerAddress,
  ) {
    const { path, query } = splitUrl(request.url);
    this.method = request.method;
    this.path = cleanPath(path);
    this.query = query;
    this.headers = request.headers.toJSON() as Record<string, string>;
    this.caller = new HttpCaller(request, server, this.headers, addresses);
  }
}

/** The caller as the relay sees it. Silence is normal while a model thinks: our own deadlines count then, not the server's, which come back with the end of the answer. */
class HttpCaller {
  private waiting = false;

  constructor(
    private readonly request: Request,
    private readonly server: HttpServer,
    private readonly headers: RequestHeaders,
    private readonly addresses: CallerAddress,
  ) {}

  left(): boolean {
    return this.request.signal.aborted;
  }

  waits(): void {
    this.waiting = true;
    this.server.timeout(this.request, 0);
  }

  served(): void {
    if (this.waiting) this.server.timeout(this.request, IDLE_CONNECTION_SECONDS);
  }

  /** Asked only where it matters: Bun makes it anew each time, at a price. */
  address(): string {
    return this.addresses.of(this.server.requestIP(this.request)?.address ?? "", this.headers["x-forwarded-for"] ?? null);
  }
}
