import type { Socket } from "bun";
import { EventCounter } from "./event-counter.ts";
import { ResponseReader, type ResponseHead } from "./response-reader.ts";

/** Where a server listens. */
export interface Endpoint {
  host: string;
  port: number;
}

/** What one request and its response came to. Durations in microseconds from the moment of sending. */
export interface Exchange {
  head: ResponseHead | undefined;
  /** until the first byte of the body (of the head, if there is no body) */
  firstByte: number;
  total: number;
  /** of the body, without chunk framing */
  bodyBytes: number;
  /** server-sent events received */
  events: number;
  /** reads of the socket that completed at least one event; fewer than `events` if events were coalesced */
  reads: number;
  /** why the response is not whole */
  failure: string | undefined;
}

/** Watches one exchange while it runs. */
export interface ExchangeObserver {
  /** A part of the body; a view, valid only during the call. */
  body?(bytes: Uint8Array): void;
  /** `events` events came at once, `gap` microseconds after the events before them (undefined: the first). */
  events?(events: number, gap: number | undefined): void;
}

interface Pending {
  exchange: Exchange;
  observer: ExchangeObserver;
  counter: EventCounter;
  sentAt: number;
  eventsAt: number | undefined;
  /** events in the bytes now being read */
  eventsNow: number;
  resolve: (exchange: Exchange) => void;
}

const now = (): number => Bun.nanoseconds() / 1000;

/** One keep-alive connection with one request on its way at a time. Opens itself again when the server has closed it. */
export class Connection {
  readonly #endpoint: Endpoint;
  #socket: Socket | undefined;
  #reader: ResponseReader;
  #unsent: Uint8Array | undefined;
  #pending: Pending | undefined;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
    this.#reader = this.#newReader();
  }

  /** Connects, if not connected. Rejects if the server refuses. */
  async open(): Promise<void> {
    if (this.#socket !== undefined) return;
    this.#reader = this.#newReader();
    const socket = await Bun.connect({
      hostname: this.#endpoint.host,
      port: this.#endpoint.port,
      socket: {
        data: (from, bytes) => this.#data(from, bytes),
        drain: (from) => this.#write(from),
        close: (from) => this.#closed(from, undefined),
        error: (from, fault) => this.#closed(from, fault.message),
      },
    });
    socket.setNoDelay(true);
    this.#socket = socket;
  }

  /** Sends one request and resolves when its response has ended or failed; never rejects. */
  async exchange(request: Uint8Array, observer: ExchangeObserver = {}): Promise<Exchange> {
    const exchange: Exchange = {
      head: undefined,
      firstByte: Number.NaN,
      total: Number.NaN,
      bodyBytes: 0,
      events: 0,
      reads: 0,
      failure: undefined,
    };
    try {
      await this.open();
    } catch (fault) {
      return { ...exchange, failure: `connect: ${String(fault)}` };
    }
    const socket = this.#socket;
    if (socket === undefined) return { ...exchange, failure: "closed at once" };
    return new Promise((resolve) => {
      const counter = new EventCounter();
      this.#pending = {
        exchange,
        observer,
        counter,
        sentAt: now(),
        eventsAt: undefined,
        eventsNow: 0,
        resolve,
      };
      this.#unsent = request;
      this.#write(socket);
    });
  }

  /** Drops the connection; a request on its way ends with a failure. */
  close(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#socket = undefined;
    this.#fail("closed by the caller");
    socket.terminate();
  }

  #write(socket: Socket): void {
    if (this.#unsent === undefined || socket !== this.#socket) return;
    const written = socket.write(this.#unsent);
    if (written < 0) this.#closed(socket, "write on a closed socket");
    else this.#unsent = written >= this.#unsent.length ? undefined : this.#unsent.subarray(written);
  }

  #data(socket: Socket, bytes: Uint8Array): void {
    if (socket !== this.#socket) return;
    const pending = this.#pending;
    try {
      if (pending === undefined) throw new Error("bytes without a request");
      this.#reader.push(bytes);
    } catch (fault) {
      this.#closed(socket, String(fault));
      socket.terminate();
    }
    if (pending !== undefined && pending.eventsNow > 0) this.#tellEvents(pending);
  }

  /** Once per read of the socket, however many chunks it held: that is what "came together" means. */
  #tellEvents(pending: Pending): void {
    const at = now();
    pending.exchange.events += pending.eventsNow;
    pending.exchange.reads++;
    pending.observer.events?.(
      pending.eventsNow,
      pending.eventsAt === undefined ? undefined : at - pending.eventsAt,
    );
    pending.eventsNow = 0;
    pending.eventsAt = at;
  }

  #closed(socket: Socket, fault: string | undefined): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    try {
      if (fault === undefined) this.#reader.close();
    } catch (cut) {
      this.#fail(String(cut));
    }
    this.#fail(fault ?? "closed before the response");
  }

  #fail(reason: string): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    pending.exchange.failure = reason;
    this.#settle(pending);
  }

  #settle(pending: Pending): void {
    this.#pending = undefined;
    this.#unsent = undefined;
    pending.exchange.total = now() - pending.sentAt;
    if (Number.isNaN(pending.exchange.firstByte))
      pending.exchange.firstByte = pending.exchange.total;
    pending.resolve(pending.exchange);
  }

  #newReader(): ResponseReader {
    return new ResponseReader({
      head: (head) => {
        if (this.#pending !== undefined) this.#pending.exchange.head = head;
      },
      body: (bytes) => this.#body(bytes),
      end: () => {
        const pending = this.#pending;
        if (pending === undefined) return;
        // The request was answered before it was wholly sent: the connection is of no more use.
        const early = this.#unsent !== undefined;
        const close = pending.exchange.head?.headers.get("connection")?.toLowerCase() === "close";
        this.#settle(pending);
        if (early || close) this.close();
      },
    });
  }

  #body(bytes: Uint8Array): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    const { exchange, observer } = pending;
    if (Number.isNaN(exchange.firstByte)) exchange.firstByte = now() - pending.sentAt;
    exchange.bodyBytes += bytes.length;
    observer.body?.(bytes);
    if (exchange.head?.headers.get("content-type")?.startsWith("text/event-stream") === true)
      pending.eventsNow += pending.counter.push(bytes);
  }
}
