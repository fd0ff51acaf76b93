import type { Socket } from "bun";
import { type AnswerHead, ProtocolError } from "./answer-head.ts";
import type { WireBody } from "../wire-body.ts";
import { writeWithTurn } from "./outbox.ts";
import { type ParserSink, ResponseParser } from "./response-parser.ts";

/** Bodies up to this go out in one write together with the head; larger ones are not copied for it. */
const JOINED_BYTES_MAX = 64 * 1024;
/** Of a body that is made while it is sent so much goes out at once, a millisecond or two, with others served in between. */
const TURN_BYTES_MAX = 512 * 1024;

/** In it head and body are joined, one request after the other. */
const JOINED = Buffer.allocUnsafeSlow(JOINED_BYTES_MAX);

/** Who hears of one request's answer. After `end` or `broken` nothing more comes. */
export interface Exchange extends ParserSink {
  /** The connection failed. `untouched`: not one byte of an answer had come; `unsent`: nor did one of the request go out. */
  broken(message: string, untouched: boolean, unsent?: boolean): void;
}

/** One connection to an origin, carrying one request at a time. */
export class Connection {
  /** how many requests it has carried before */
  served = 0;
  /** milliseconds (monotonic) at which it became idle */
  idleSince = 0;
  private socket: Socket<Connection> | undefined;
  private exchange: Exchange | undefined;
  private readonly parser: ResponseParser;
  private unsent: Buffer[] = [];
  /** what of the body comes after that, made when the socket takes it */
  private further: Iterator<Buffer> | undefined;
  /** a request that goes out at the end of this turn */
  private outgoing: { head: string; body: Buffer | WireBody | undefined } | undefined;
  private heard = false;
  private gone = false;

  /** `released`: the answer is complete and the connection may be used again; `lost`: it must not. */
  constructor(
    private readonly released: (connection: Connection) => void,
    private readonly lost: (connection: Connection) => void,
  ) {
    this.parser = new ResponseParser({
      head: (head: AnswerHead) => this.exchange?.head(head),
      piece: (bytes: Buffer) => this.exchange?.piece(bytes),
      end: () => this.ended(),
    });
  }

  opened(socket: Socket<Connection>): void {
    this.socket = socket;
    // Given up while it was being opened.
    if (this.gone) socket.terminate();
    else socket.setNoDelay(true);
  }

  /** Whether nothing of a request waits here to go out. */
  get hasSent(): boolean {
    return this.gone || (this.outgoing === undefined && this.unsent.length === 0 && this.further === undefined);
  }

  get alive(): boolean {
    return !this.gone;
  }

  /** Sends a request (its head ends with the empty line) and tells `exchange` of the answer. */
  send(head: string, body: Buffer | WireBody | undefined, exchange: Exchange): void {
    if (this.gone) return exchange.broken("the connection was closed", true);
    this.exchange = exchange;
    this.heard = false;
    this.parser.reset();
    this.outgoing = { head, body };
    writeWithTurn(this);
  }

  /** Writes the request that `send` was given. */
  writeOut(): void {
    const { outgoing } = this;
    this.outgoing = undefined;
    if (!outgoing || this.gone) return;
    const { head, body } = outgoing;
    if (body && !Buffer.isBuffer(body)) {
      this.write(Buffer.from(head, "latin1"));
      this.further = body.pieces();
      return this.drained();
    }
    const length = head.length + (body?.length ?? 0);
    if (length > JOINED_BYTES_MAX) {
      this.write(Buffer.from(head, "latin1"));
      if (body) this.write(body);
      return;
    }
    JOINED.write(head, 0, "latin1");
    if (body) JOINED.set(body, head.length);
    this.writeJoined(length);
  }

  /** Stops reading: the vendor's sending fills up and waits. */
  pause(): void {
    if (!this.gone) this.socket?.pause();
  }

  resume(): void {
    if (!this.gone) this.socket?.resume();
  }

  /** Ends the connection at once; its exchange hears nothing more. */
  destroy(): void {
    if (this.gone) return;
    this.gone = true;
    this.exchange = undefined;
    this.outgoing = undefined;
    this.unsent = [];
    this.further = undefined;
    this.socket?.terminate();
    this.lost(this);
  }

  data(bytes: Buffer): void {
    if (!this.exchange) return this.destroy();
    // What comes before the request has gone out is no answer to it (a farewell to an idle connection, for example).
    if (this.outgoing) return this.fail(new ProtocolError("the other side spoke unasked"));
    this.heard = true;
    try {
      this.parser.push(bytes);
    } catch (error) {
      this.fail(error);
    }
  }

  /** The socket takes bytes again. */
  drained(): void {
    while (this.unsent.length > 0) {
      const next = this.unsent[0] as Buffer;
      const written = this.socket?.write(next) ?? -1;
      if (written < next.length) {
        if (written > 0) this.unsent[0] = next.subarray(written);
        return;
      }
      this.unsent.shift();
    }
    for (let made = 0; this.further && this.unsent.length === 0; ) {
      // A peer that takes all at once would have it all made at once.
      if (made >= TURN_BYTES_MAX) return void setImmediate(() => this.gone || this.drained());
      const next = this.further.next();
      if (next.done) this.further = undefined;
      else {
        this.write(next.value);
        made += next.value.length;
      }
    }
  }

  /** The socket is closed or failed. */
  closed(why: string): void {
    if (this.gone) return;
    if (this.exchange && this.heard) {
      try {
        this.parser.closed();
      } catch {
        // the exchange is told below, with why
      }
    }
    this.fail(new ProtocolError(why));
  }

  private fail(error: unknown): void {
    const { exchange, heard } = this;
    this.destroy();
    if (!(error instanceof ProtocolError)) throw error;
    exchange?.broken(error.message, !heard);
  }

  private ended(): void {
    const { exchange } = this;
    this.exchange = undefined;
    exchange?.end();
    if (this.gone) return;
    // Bytes still unsent: the vendor answered before it had read the request, so what it reads next is no request.
    if (!this.parser.reusable || this.unsent.length > 0 || this.further) return this.destroy();
    this.served += 1;
    this.released(this);
  }

  private write(bytes: Buffer): void {
    const written = this.unsent.length > 0 ? 0 : (this.socket?.write(bytes) ?? -1);
    if (written >= 0 && written < bytes.length) this.unsent.push(bytes.subarray(written));
  }

  /** The first `length` bytes of what was joined; the next request is joined there too, so what is not written yet is copied. */
  private writeJoined(length: number): void {
    const written = this.unsent.length > 0 ? 0 : (this.socket?.write(JOINED, 0, length) ?? -1);
    if (written >= 0 && written < length) this.unsent.push(Buffer.from(JOINED.subarray(written, length)));
  }
}
