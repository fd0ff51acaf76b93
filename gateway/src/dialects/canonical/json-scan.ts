import { GatewayError } from "../../errors/gateway-error.ts";

/** Deeper nesting than this is an attack on somebody's parser, not a request. */
export const JSON_DEPTH_MAX = 512;
/** Strings up to this are walked here; a native search pays for longer ones only. */
const WALKED_BYTES_MAX = 48;
/** A string longer than this, without a space near its start, is taken for base64 media and not for text. */
const MEDIA_STRING_BYTES_MIN = 1_024;
const MEDIA_SPACE_PROBE_BYTES = 256;

/** Byte positions of one member of the outermost object. `end` is exclusive. */
export interface JsonMember {
  /** as bytes `keyStart + 1 .. keyEnd` unless written with escapes */
  escapedName: string | undefined;
  keyStart: number;
  /** of the name's last byte, exclusive */
  keyEnd: number;
  start: number;
  end: number;
}

/** Strings from here on may be lifted out of a body that is translated (Base64Lifter): smaller ones are not worth it. */
export const LARGE_STRING_BYTES_MIN = 64 * 1024;

/** Byte positions of a string's inside, between its quotes. */
export interface StringSpan {
  start: number;
  end: number;
}

const QUOTE = 0x22, BACKSLASH = 0x5c, OPEN_OBJECT = 0x7b, CLOSE_OBJECT = 0x7d, OPEN_ARRAY = 0x5b, CLOSE_ARRAY = 0x5d, COLON = 0x3a, COMMA = 0x2c;

const State = { value: 0, valueOrClose: 1, key: 2, keyOrClose: 3, colon: 4, commaOrClose: 5, done: 6 } as const;

/**
 * Finds the members of a JSON object in its bytes without building it, so that a body can be relayed and edited byte for byte,
 * and so that a 10 MB body is read in slices while others are served. The structure is checked (brackets, commas, literals);
 * the inside of strings is left to the vendor, who gets the same bytes.
 */
export class JsonScan {
  readonly members: JsonMember[] = [];
  /** bytes of keys and strings that are text */
  textBytes = 0;
  /** strings that look like base64 media */
  mediaCount = 0;
  mediaBytes = 0;
  /** of those, the ones of LARGE_STRING_BYTES_MIN and more, in their order */
  readonly largeMedia: StringSpan[] = [];

  private at = 0;
  private state: number = State.value;
  private readonly stack: number[] = [];
  private memberName: string | undefined;
  private memberKeyStart = 0;
  private memberKeyEnd = 0;
  private memberStart = 0;

  constructor(readonly bytes: Buffer) {
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.at = 3;
  }

  /** Reads on for about `budgetBytes`; gives true when the whole text was read. Throws GatewayError invalidJson / nestedTooDeep. */
  run(budgetBytes: number): boolean {
    const { bytes } = this;
    const stop = Math.min(bytes.length, this.at + budgetBytes);
    while (this.at < stop) {
      const byte = bytes[this.at] as number;
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) this.at += 1;
      else this.token(byte);
    }
    if (this.at < bytes.length) return false;
    if (this.state !== State.done) this.fail(bytes.length === 0 ? "it is empty" : "it ends too early");
    return true;
  }

  /** The last member of that name (JSON parsers let the last one win). */
  member(name: string): JsonMember | undefined {
    for (let index = this.members.length - 1; index >= 0; index -= 1) {
      const member = this.members[index] as JsonMember;
      if (this.isNamed(member, name)) return member;
    }
    return undefined;
  }

  /** All members of that name. */
  all(name: string): JsonMember[] {
    return this.members.filter((member) => this.isNamed(member, name));
  }

  /** How many members have that name. */
  count(name: string): number {
    let count = 0;
    for (const member of this.members) if (this.isNamed(member, name)) count += 1;
    return count;
  }

  /** The name of a member. */
  nameOf(member: JsonMember): string {
    return member.escapedName ?? this.bytes.toString("utf8", member.keyStart + 1, member.keyEnd);
  }

  /** The parsed value of a member: for small ones only, since it is built at once. */
  value(name: string): unknown {
    const member = this.member(name);
    if (!member) return undefined;
    const { bytes } = this;
    if (bytes[member.start] === 0x74) return true;
    if (bytes[member.start] === 0x66) return false;
    if (bytes[member.start] === 0x6e) return null;
    try {
      return JSON.parse(this.bytes.toString("utf8", member.start, member.end));
    } catch {
      throw new GatewayError("invalidJson", { publicText: `The request body is not valid JSON: the value of "${name}" cannot be read.`, param: name });
    }
  }

  /** "object", "array", "string", "number", "boolean" or "null", seen from the first byte; undefined when the member is missing. */
  type(name: string): string | undefined {
    const member = this.member(name);
    if (!member) return undefined;
    const first = this.bytes[member.start];
    if (first === OPEN_OBJECT) return "object";
    if (first === OPEN_ARRAY) return "array";
    if (first === QUOTE) return "string";
    if (first === 0x74 || first === 0x66) return "boolean";
    return first === 0x6e ? "null" : "number";
  }

  private token(byte: number): void {
    switch (this.state) {
      case State.value:
        return this.openValue(byte);
      case State.valueOrClose:
        return byte === CLOSE_ARRAY ? this.close(byte) : this.openValue(byte);
      case State.keyOrClose:
        if (byte === CLOSE_OBJECT) return this.close(byte);
        return this.key(byte);
      case State.key:
        return this.key(byte);
      case State.colon:
        if (byte !== COLON) this.fail("a colon is missing");
        this.at += 1;
        this.state = State.value;
        return;
      case State.commaOrClose:
        if (byte !== COMMA) return this.close(byte);
        this.at += 1;
        this.state = this.stack.at(-1) === OPEN_OBJECT ? State.key : State.value;
        return;
      default:
        return this.fail("something follows its end");
    }
  }

  private openValue(byte: number): void {
    if (this.stack.length === 1) this.memberStart = this.at;
    if (this.stack.length === 0 && byte !== OPEN_OBJECT) this.fail("it must be an object");
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (this.stack.length >= JSON_DEPTH_MAX) throw new GatewayError("nestedTooDeep");
      this.stack.push(byte);
      this.at += 1;
      this.state = byte === OPEN_OBJECT ? State.keyOrClose : State.valueOrClose;
    } else if (byte === QUOTE) {
      this.string();
      this.ended();
    } else {
      this.scalar();
      this.ended();
    }
  }

  private key(byte: number): void {
    if (byte !== QUOTE) this.fail("a member's name is missing");
    const start = this.at;
    this.string();
    if (this.stack.length === 1) {
      this.memberKeyStart = start;
      this.memberKeyEnd = this.at - 1;
      // A name may be written with escapes; a vendor reads `"mod\u0065l"` as "model", so we must too.
      this.memberName = this.hasEscape(start + 1, this.at - 1) ? unescaped(this.bytes.toString("utf8", start + 1, this.at - 1)) : undefined;
    }
    this.state = State.colon;
  }

  private close(byte: number): void {
    const open = this.stack.at(-1);
    if ((byte === CLOSE_OBJECT && open === OPEN_OBJECT) || (byte === CLOSE_ARRAY && open === OPEN_ARRAY)) {
      this.stack.pop();
      this.at += 1;
      this.ended();
    } else this.fail("a comma or a bracket is missing");
  }

  /** A value has ended at `at`. */
  private ended(): void {
    if (this.stack.length === 0) {
      this.state = State.done;
      return;
    }
    if (this.stack.length === 1)
      this.members.push({ escapedName: this.memberName, keyStart: this.memberKeyStart, keyEnd: this.memberKeyEnd, start: this.memberStart, end: this.at });
    this.state = State.commaOrClose;
  }

  private string(): void {
    const start = this.at + 1;
    const end = this.stringEnd(start);
    const length = end - start;
    if (length >= MEDIA_STRING_BYTES_MIN && !this.bytes.subarray(start, start + MEDIA_SPACE_PROBE_BYTES).includes(0x20)) {
      this.mediaCount += 1;
      this.mediaBytes += length;
      if (length >= LARGE_STRING_BYTES_MIN) this.largeMedia.push({ start, end });
    } else this.textBytes += length;
    this.at = end + 1;
  }

  /** The position of the quote that ends a string whose inside begins at `start`. */
  private stringEnd(start: number): number {
    const { bytes } = this;
    const near = Math.min(bytes.length, start + WALKED_BYTES_MAX);
    let at = start;
    for (; at < near; at += 1) {
      const byte = bytes[at];
      if (byte === QUOTE) return at;
      if (byte === BACKSLASH) at += 1;
    }
    for (;;) {
      const quote = bytes.indexOf(QUOTE, at);
      if (quote < 0) this.fail("a string has no end");
      let slashes = 0;
      while (quote - 1 - slashes >= start && bytes[quote - 1 - slashes] === BACKSLASH) slashes += 1;
      if (slashes % 2 === 0) return quote;
      at = quote + 1;
    }
  }

  private scalar(): void {
    const { bytes } = this;
    const start = this.at;
    const end = scalarEnd(bytes, start);
    // What follows must not belong to it: 01, truex.
    if (end < 0 || (end < bytes.length && isScalarByte(bytes[end] as number)))
      this.fail("a value is neither a string, a number, true, false, null, an object nor a list");
    this.at = end;
  }

  private hasEscape(from: number, to: number): boolean {
    for (let at = from; at < to; at += 1) if (this.bytes[at] === BACKSLASH) return true;
    return false;
  }

  private isNamed(member: JsonMember, name: string): boolean {
    if (member.escapedName !== undefined) return member.escapedName === name;
    const start = member.keyStart + 1;
    if (member.keyEnd - start !== name.length) return false;
    for (let index = 0; index < name.length; index += 1) if (this.bytes[start + index] !== name.charCodeAt(index)) return false;
    return true;
  }

  private fail(why: string): never {
    throw new GatewayError("invalidJson", { publicText: `The request body is not valid JSON: ${why} (at byte ${this.at}).` });
  }
}

/** Letters, digits, `+`, `-`, `.`: all that a number or a literal is made of. */
function isScalarByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x2b || byte === 0x2d || byte === 0x2e;
}

const LITERALS: Record<number, Buffer> = { 0x74: Buffer.from("true"), 0x66: Buffer.from("false"), 0x6e: Buffer.from("null") };

/** The end of the literal or number (RFC 8259, 6) that begins at `start`, or -1 where there is none. */
function scalarEnd(bytes: Buffer, start: number): number {
  const literal = LITERALS[bytes[start] as number];
  if (literal) {
    for (let index = 1; index < literal.length; index += 1) if (bytes[start + index] !== literal[index]) return -1;
    return start + literal.length;
  }
  let at = start;
  if (bytes[at] === 0x2d) at += 1;
  const whole = digits(bytes, at);
  if (whole === at || (bytes[at] === 0x30 && whole > at + 1)) return -1;
  at = whole;
  if (bytes[at] === 0x2e) {
    const fraction = digits(bytes, at + 1);
    if (fraction === at + 1) return -1;
    at = fraction;
  }
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    at += bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d ? 2 : 1;
    const exponent = digits(bytes, at);
    if (exponent === at) return -1;
    at = exponent;
  }
  return at;
}

/** The position after the digits that begin at `from`. */
function digits(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at += 1;
  return at;
}

function unescaped(raw: string): string {
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    return raw;
  }
}

/** The whole scan at once, for texts known to be small. */
export function scanJson(bytes: Buffer): JsonScan {
  const scan = new JsonScan(bytes);
  scan.run(Number.POSITIVE_INFINITY);
  return scan;
}

/** As scanJson, but undefined for what is no JSON object: a vendor's answer need not be one. */
export function tryScanJson(bytes: Buffer): JsonScan | undefined {
  try {
    return scanJson(bytes);
  } catch {
    return undefined;
  }
}

/** One change to a text: bytes `start`..`end` become `text`. */
export interface JsonEdit {
  start: number;
  end: number;
  text: string;
}

/** The bytes with all edits made; every other byte stays as it was. Edits must not overlap. */
export function applyEdits(bytes: Buffer, edits: readonly JsonEdit[]): Buffer {
  if (edits.length === 0) return bytes;
  const parts: Buffer[] = [];
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    parts.push(bytes.subarray(at, edit.start), Buffer.from(edit.text));
    at = edit.end;
  }
  parts.push(bytes.subarray(at));
  return Buffer.concat(parts);
}
