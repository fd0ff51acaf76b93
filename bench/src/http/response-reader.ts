/** Head of a response: status and headers, names in lower case. */
export interface ResponseHead {
  status: number;
  headers: Map<string, string>;
}

/** What a reader tells while it reads one response after the other. */
export interface ResponseSink {
  head(head: ResponseHead): void;
  /** A part of the body, without chunk framing; a view, valid only during the call. */
  body(bytes: Uint8Array): void;
  end(): void;
}

type State =
  | "head"
  | "length"
  | "chunk-size"
  | "chunk-data"
  | "chunk-end"
  | "trailer"
  | "until-close";

const HEAD_BYTES_MAX = 65_536;
const CR = 13;
const LF = 10;
const SEMICOLON = 59;
const NOTHING = Buffer.alloc(0);

function parseHead(text: string): ResponseHead {
  const [first = "", ...lines] = text.split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1]);
  if (!Number.isInteger(status)) throw new Error(`not an HTTP/1.1 response: ${first.slice(0, 80)}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { status, headers };
}

const hexDigit = (byte: number): number => {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
};

/** Reads HTTP/1.1 responses from bytes cut anywhere. Throws on bytes that are no response. */
export class ResponseReader {
  readonly #sink: ResponseSink;
  #state: State = "head";
  #carry: Buffer = NOTHING;
  #left = 0;
  #digits = 0;
  #extension = false;
  #lineBytes = 0;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** Takes the next bytes of the connection. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) at = this.#step(bytes, at);
  }

  /** The peer has closed: ends a body without a length; throws if a response is cut off. */
  close(): void {
    if (this.#state === "until-close") this.#finish();
    else if (this.#state !== "head" || this.#carry.length > 0)
      throw new Error("closed within a response");
  }

  #step(bytes: Uint8Array, at: number): number {
    switch (this.#state) {
      case "head":
        return this.#readHead(bytes, at);
      case "length":
      case "chunk-data":
        return this.#readData(bytes, at);
      case "chunk-size":
        return this.#readChunkSize(bytes[at] ?? 0, at);
      case "chunk-end":
        return this.#readChunkEnd(bytes[at] ?? 0, at);
      case "trailer":
        return this.#readTrailer(bytes[at] ?? 0, at);
      case "until-close":
        this.#sink.body(bytes.subarray(at));
        return bytes.length;
    }
  }

  #readHead(bytes: Uint8Array, at: number): number {
    const fresh = Buffer.from(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
    const carried = this.#carry.length;
    const joined = carried === 0 ? fresh : Buffer.concat([this.#carry, fresh]);
    const end = joined.indexOf("\r\n\r\n", Math.max(0, carried - 3), "latin1");
    if (end < 0) {
      if (joined.length > HEAD_BYTES_MAX) throw new Error("the head of the response has no end");
      // A copy: the socket may use its buffer again.
      this.#carry = carried === 0 ? Buffer.from(fresh) : joined;
      return bytes.length;
    }
    this.#carry = NOTHING;
    this.#begin(parseHead(joined.toString("latin1", 0, end)));
    return at + end + 4 - carried;
  }

  #begin(head: ResponseHead): void {
    // An interim answer has no body; the true one follows.
    if (head.status < 200) return;
    const length = head.headers.get("content-length");
    this.#sink.head(head);
    if (head.status === 204 || head.status === 304) this.#finish();
    else if ((head.headers.get("transfer-encoding") ?? "").toLowerCase().endsWith("chunked"))
      this.#beginChunk();
    else if (length === undefined) this.#state = "until-close";
    else {
      this.#left = Number(length);
      if (!/^\d+$/.test(length)) throw new Error(`bad content-length: ${length}`);
      if (this.#left === 0) this.#finish();
      else this.#state = "length";
    }
  }

  #readData(bytes: Uint8Array, at: number): number {
    const take = Math.min(this.#left, bytes.length - at);
    this.#sink.body(bytes.subarray(at, at + take));
    this.#left -= take;
    if (this.#left === 0) {
      if (this.#state === "length") this.#finish();
      else this.#state = "chunk-end";
    }
    return at + take;
  }

  #beginChunk(): void {
    this.#state = "chunk-size";
    this.#left = 0;
    this.#digits = 0;
    this.#extension = false;
  }

  #readChunkSize(byte: number, at: number): number {
    if (byte === LF) {
      if (this.#digits === 0) throw new Error("a chunk without a size");
      this.#lineBytes = 0;
      this.#state = this.#left === 0 ? "trailer" : "chunk-data";
    } else if (byte === SEMICOLON) this.#extension = true;
    else if (byte !== CR && !this.#extension) {
      const digit = hexDigit(byte);
      if (digit < 0 || this.#digits >= 12) throw new Error("bad chunk size");
      this.#left = this.#left * 16 + digit;
      this.#digits++;
    }
    return at + 1;
  }

  #readChunkEnd(byte: number, at: number): number {
    if (byte === LF) this.#beginChunk();
    else if (byte !== CR) throw new Error("a chunk longer than its size");
    return at + 1;
  }

  #readTrailer(byte: number, at: number): number {
    if (byte === LF) {
      if (this.#lineBytes === 0) this.#finish();
      this.#lineBytes = 0;
    } else if (byte !== CR) this.#lineBytes++;
    return at + 1;
  }

  #finish(): void {
    this.#state = "head";
    this.#sink.end();
  }
}
