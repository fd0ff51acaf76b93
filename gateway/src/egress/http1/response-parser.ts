import { AnswerHead, HEAD_BYTES_MAX, ProtocolError } from "./answer-head.ts";

/** A chunk-size line with its extensions, or a trailer line, is never longer in earnest. */
const LINE_BYTES_MAX = 8 * 1024;
/** 16^11 bytes is far more than any answer: a longer number is no size. */
const CHUNK_SIZE_DIGITS_MAX = 11;

const LF = 0x0a, CR = 0x0d, SEMICOLON = 0x3b, SPACE = 0x20, TAB = 0x09;

const State = { head: 0, fixed: 1, chunkSize: 2, chunkData: 3, chunkEnd: 4, trailer: 5, untilClose: 6, done: 7 } as const;

/** What the parser finds, in order: one head, any number of body pieces, one end. */
export interface ParserSink {
  head(head: AnswerHead): void;
  /** a piece of the body, transfer coding removed; a view into what was pushed */
  piece(bytes: Buffer): void;
  end(): void;
}

/**
 * Reads the answer to one POST or GET of an HTTP/1.1 connection (RFC 9112), whatever the borders of the pieces it comes in. Interim answers (1xx) are
 * passed over. Throws ProtocolError for what is not HTTP; keeps nothing but an unfinished line.
 */
export class ResponseParser {
  private state: number = State.head;
  private carry: Buffer | undefined;
  private remaining = 0;
  private keepAlive = true;

  constructor(private readonly sink: ParserSink) {}

  /** Ready for the next answer on the same connection. */
  reset(): void {
    this.state = State.head;
    this.carry = undefined;
  }

  /** Whether the answer is complete and the connection may carry another. */
  get reusable(): boolean {
    return this.state === State.done && this.keepAlive && this.carry === undefined;
  }

  push(piece: Buffer): void {
    let bytes = piece;
    if (this.carry) {
      bytes = Buffer.concat([this.carry, piece]);
      this.carry = undefined;
    }
    let at = 0;
    while (at < bytes.length) {
      switch (this.state) {
        case State.head: {
          const next = this.readHead(bytes, at);
          if (next < 0) return this.keep(bytes, at, HEAD_BYTES_MAX);
          at = next;
          break;
        }
        case State.fixed:
        case State.chunkData: {
          const end = Math.min(bytes.length, at + this.remaining);
          this.remaining -= end - at;
          this.sink.piece(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
          at = end;
          if (this.remaining > 0) break;
          if (this.state === State.fixed) this.finish();
          else this.state = State.chunkEnd;
          break;
        }
        case State.untilClose:
          this.sink.piece(at === 0 ? bytes : bytes.subarray(at));
          return;
        case State.done:
          // Nobody asked for more: the connection is out of step and must not be used again.
          this.keepAlive = false;
          return;
        default: {
          const lf = bytes.indexOf(LF, at);
          if (lf < 0) return this.keep(bytes, at, LINE_BYTES_MAX);
          this.readLine(bytes, at, lf);
          at = lf + 1;
        }
      }
    }
  }

  /** The connection was closed. Ends a body that only this delimits; throws ProtocolError when the answer is not complete. */
  closed(): void {
    this.keepAlive = false;
    if (this.state === State.untilClose) this.finish();
    else if (this.state !== State.done) throw new ProtocolError("the connection was closed before the answer was complete");
  }

  private keep(bytes: Buffer, at: number, bytesMax: number): void {
    if (bytes.length - at > bytesMax) throw new ProtocolError(`a line of more than ${bytesMax} bytes`);
    this.carry = at === 0 ? bytes : bytes.subarray(at);
  }

  /** The position after the head, or -1 when it is not whole yet. */
  private readHead(bytes: Buffer, from: number): number {
    const end = bytes.indexOf("\r\n\r\n", from, "latin1");
    if (end < 0) return -1;
    const head = new AnswerHead(bytes.toString("latin1", from, end));
    if (head.status < 200) {
      if (head.status === 101) throw new ProtocolError("switched protocols unasked");
      return end + 4;
    }
    this.keepAlive = head.keepAlive;
    const length = head.bodyLength();
    this.sink.head(head);
    if (length === "chunked") this.state = State.chunkSize;
    else if (length === "until-close") {
      this.keepAlive = false;
      this.state = State.untilClose;
    } else if (length === 0) this.finish();
    else {
      this.remaining = length;
      this.state = State.fixed;
    }
    return end + 4;
  }

  /** One line of the chunked coding (RFC 9112, 7.1); `lf` is its end. */
  private readLine(bytes: Buffer, from: number, lf: number): void {
    const empty = lf === from || (lf === from + 1 && bytes[from] === CR);
    if (this.state === State.chunkEnd) {
      if (!empty) throw new ProtocolError("a chunk is longer than its size");
      this.state = State.chunkSize;
    } else if (this.state === State.trailer) {
      if (empty) this.finish();
    } else {
      this.remaining = chunkSize(bytes, from, lf);
      this.state = this.remaining === 0 ? State.trailer : State.chunkData;
    }
  }

  private finish(): void {
    this.state = State.done;
    this.sink.end();
  }
}

function chunkSize(bytes: Buffer, from: number, lf: number): number {
  let size = 0;
  let at = from;
  for (; at < lf; at += 1) {
    const digit = hexDigit(bytes[at] as number);
    if (digit < 0) break;
    size = size * 16 + digit;
  }
  const after = bytes[at];
  if (at === from || at - from > CHUNK_SIZE_DIGITS_MAX || (after !== CR && after !== LF && after !== SEMICOLON && after !== SPACE && after !== TAB))
    throw new ProtocolError("a chunk without a size");
  return size;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
