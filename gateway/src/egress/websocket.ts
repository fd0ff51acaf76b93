import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws-client";
import { UpstreamFailure } from "./upstream.ts";

/** A refusal's text is read up to this much. */
const REFUSAL_BYTES_MAX = 64 * 1024;
/** A vendor's message larger than this breaks the session: the largest known carry some seconds of sound. */
const VENDOR_MESSAGE_BYTES_MAX = 32 * 1024 * 1024;
/** A vendor that does not answer our closing is cut off after this. */
const CLOSE_WAIT_MS = 1_000;

/** What a vendor answered instead of opening the WebSocket. */
export class HandshakeRefused extends Error {
  constructor(
    readonly status: number,
    readonly body: string,
    readonly header: (name: string) => string | null,
  ) {
    super(`the handshake was refused with ${status}`);
  }
}

/** Takes what comes from a vendor. After `closed` nothing more comes. */
export interface VendorListener {
  heard(data: Buffer, binary: boolean): void;
  /** something came that is no message: the vendor lives */
  alive(): void;
  /** `code` 1006: the connection broke */
  closed(code: number, reason: string): void;
}

export interface WebSocketRequest {
  /** http or https */
  url: string;
  /** names in lower case */
  headers: Record<string, string>;
  /** milliseconds the handshake may take */
  handshakeMs: number;
}

/** An open WebSocket to a vendor; silent until `listen`. */
export class VendorSocket {
  private listener: VendorListener | undefined;

  constructor(private readonly socket: WebSocket) {
    socket.pause();
    socket.on("message", (data: Buffer, binary: boolean) => this.listener?.heard(data, binary));
    socket.on("pong", () => this.listener?.alive());
    // An error is always followed by the close.
    socket.on("error", () => undefined);
    socket.on("close", (code, reason) => this.listener?.closed(code, reason.toString()));
  }

  listen(listener: VendorListener): void {
    this.listener = listener;
    if (this.socket.readyState === WebSocket.CLOSED) listener.closed(1006, "");
    else this.socket.resume();
  }

  send(data: string | Buffer): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(data, { binary: typeof data !== "string" });
  }

  /** Bytes that the vendor has not taken yet. */
  get backlogBytes(): number {
    return this.socket.bufferedAmount;
  }

  /** Back-pressure: the vendor has to wait. What has been read already still comes. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  ping(): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.ping();
  }

  /** Ends it; its listener hears nothing more. */
  close(code: number): void {
    this.listener = undefined;
    // A paused socket would never hear the vendor's own closing.
    this.socket.resume();
    this.socket.close(code);
    setTimeout(() => this.socket.terminate(), CLOSE_WAIT_MS).unref();
  }
}

/** Opens a WebSocket. Redirects are not followed. Rejects with HandshakeRefused or UpstreamFailure. */
export function openWebSocket(request: WebSocketRequest): Promise<VendorSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<VendorSocket>();
  const { url, headers, handshakeMs } = request;
  const socket = new WebSocket(url, { headers, maxPayload: VENDOR_MESSAGE_BYTES_MAX, perMessageDeflate: false, followRedirects: false });
  // Over all of it: a vendor may also begin a refusal and never end it.
  const timer = setTimeout(() => {
    reject(new UpstreamFailure("timeout", "no handshake within the limit"));
    socket.terminate();
  }, handshakeMs);
  socket.once("open", () => resolve(new VendorSocket(socket)));
  socket.on("error", (error) => reject(new UpstreamFailure("network", error.message)));
  socket.once("unexpected-response", (_, response: IncomingMessage) => {
    refusal(response).then(reject, (error: unknown) => reject(new UpstreamFailure("network", String(error)))).finally(() => socket.terminate());
  });
  return promise.finally(() => clearTimeout(timer));
}

async function refusal(response: IncomingMessage): Promise<HandshakeRefused> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    pieces.push(piece);
    length += piece.length;
    if (length > REFUSAL_BYTES_MAX) break;
  }
  const header = (name: string): string | null => {
    const value = response.headers[name];
    return value === undefined ? null : String(value);
  };
  return new HandshakeRefused(response.statusCode ?? 0, Buffer.concat(pieces).toString("utf8"), header);
}
