import { type BodyPiece, BodyPieces, pieceLength } from "./body-pieces.ts";

/** Of a large text so much stays at its beginning and its end: what codecs look at (a data URL's head, the signature of a file, padding) stands there. */
const HEAD_BYTES = 16 * 1024;
const TAIL_BYTES = 4 * 1024 + 64;
/** A file from here on is left out of the text: smaller ones are not worth it. */
const LARGE_FILE_BYTES_MIN = 48 * 1024;

interface StandIn {
  /** what stands in the text for the middle */
  mark: string;
  middle: BodyPiece;
  /** characters of the text with the mark */
  length: number;
  /** the whole: a text's bytes, or a file */
  whole: { text: Buffer } | { file: Buffer };
}

const NUMBER_DIGITS = 6;

/**
 * Keeps large base64 out of JSON that is parsed, translated and written again. In its place codecs get a text with the same beginning, the same end and the same length modulo
 * four, whose middle is a mark of base64 characters; in the JSON that they write the marks become the bytes again, which were never copied and never part of a JavaScript string.
 * A codec that looks beyond the ends (a file decoded into its text) loses the mark: `restore` tells, and the caller then translates again without stand-ins.
 */
export class StandIns {
  /** by the hash of a string's bytes: equal strings get equal stand-ins, since codecs compare what should be the same (ids of tool calls) */
  private readonly known = new Map<number | bigint, { inside: Buffer; text: string }>();

  /** `secret`: letters and digits that nobody outside can guess, or a caller could put marks of his own into a request. */
  constructor(
    private readonly secret: string,
    private readonly list: StandIn[] = [],
  ) {}

  /** The same stand-ins, to which others can be added apart. */
  copy(): StandIns {
    return new StandIns(this.secret, [...this.list]);
  }

  /**
   * A JSON string's inside (bytes between its quotes) with a mark in its middle, as JSON text. `escaped`: how many of its bytes are backslashes, which may stand before slashes only.
   * The string must have LARGE_STRING_BYTES_MIN bytes at least.
   */
  ofJson(inside: Buffer, escaped: number): string {
    const hash = Bun.hash(inside);
    const known = this.known.get(hash);
    if (known?.inside.equals(inside)) return known.text;
    const text = this.marked(inside, escaped);
    if (!known) this.known.set(hash, { inside, text });
    return text;
  }

  private marked(inside: Buffer, escaped: number): string {
    const [from, to] = [afterEscape(inside, HEAD_BYTES), afterEscape(inside, inside.length - TAIL_BYTES)];
    const [head, tail] = [inside.toString("latin1", 0, from), inside.toString("latin1", to)];
    const outside = head.length + tail.length - slashes(head) - slashes(tail);
    return this.text(head, inside.subarray(from, to), tail, inside.length - escaped - outside, { text: inside });
  }

  /** A text without quotes, backslashes and control characters (its ASCII), with a mark in its middle where it is large. */
  ofText(text: Buffer): string {
    return text.length < LARGE_FILE_BYTES_MIN ? text.toString("latin1") : this.marked(text, 0);
  }

  /** The base64 of a file, with a mark in its middle where the file is large. */
  ofFile(bytes: Buffer): string {
    if (bytes.length < LARGE_FILE_BYTES_MIN) return bytes.toString("base64");
    const [from, to] = [HEAD_BYTES - (HEAD_BYTES % 3), bytes.length - TAIL_BYTES - ((bytes.length - TAIL_BYTES) % 3)];
    const middle: BodyPiece = { base64Of: bytes.subarray(from, to) };
    return this.text(bytes.toString("base64", 0, from), middle, bytes.toString("base64", to), pieceLength(middle), { file: bytes });
  }

  /** A JSON text (UTF-8) with what the marks in it stand for. Undefined when a mark is missing: what it stands for was looked at, or left out. */
  restore(json: Buffer): Buffer | BodyPieces | undefined {
    if (this.list.length === 0) return json;
    const pieces: BodyPiece[] = [];
    const missing = new Set(this.list);
    let at = 0;
    for (let found = json.indexOf(this.secret); found >= 0; found = json.indexOf(this.secret, at)) {
      const standIn = this.at(json, found);
      if (!standIn) return undefined;
      pieces.push(json.subarray(at, found), standIn.middle);
      missing.delete(standIn);
      at = found + standIn.mark.length;
    }
    pieces.push(json.subarray(at));
    return missing.size === 0 ? new BodyPieces(pieces) : undefined;
  }

  /** The same with what the marks stand for, whichever of them are in it: a codec may leave out whole files. */
  filled(text: Buffer): BodyPiece[] {
    const pieces: BodyPiece[] = [];
    let at = 0;
    for (let found = this.list.length === 0 ? -1 : text.indexOf(this.secret); found >= 0; found = text.indexOf(this.secret, at)) {
      const standIn = this.at(text, found);
      if (!standIn) throw new Error("a mark of a stand-in was cut");
      pieces.push(text.subarray(at, found), standIn.middle);
      at = found + standIn.mark.length;
    }
    return [...pieces, text.subarray(at)];
  }

  /** The file that base64 stands for, which may have a mark in it. It must be an end of a text (`ofText`), or a whole file (`ofFile`). */
  decoded(base64: string): BodyPiece {
    const found = this.list.length === 0 ? -1 : base64.indexOf(this.secret);
    if (found < 0) return Buffer.from(base64, "base64");
    const from = found + this.secret.length;
    const standIn = this.list[Number(base64.slice(from, from + NUMBER_DIGITS))];
    if (!standIn) throw new Error("a mark of a stand-in was cut");
    const { whole, length } = standIn;
    return "file" in whole ? whole.file : { bytesOf: whole.text.subarray(length - base64.length) };
  }

  private text(head: string, middle: BodyPiece, tail: string, characters: number, whole: StandIn["whole"]): string {
    const mark = this.mark(characters);
    const text = head + mark + tail;
    this.list.push({ mark, middle, length: text.length, whole });
    return text;
  }

  private mark(characters: number): string {
    const bare = this.secret + String(this.list.length).padStart(NUMBER_DIGITS, "0");
    // Base64 is checked by its length modulo four.
    return bare + "A".repeat((((characters - bare.length) % 4) + 4) % 4);
  }

  private at(json: Buffer, found: number): StandIn | undefined {
    const from = found + this.secret.length;
    const standIn = this.list[Number(json.toString("latin1", from, from + NUMBER_DIGITS))];
    return standIn && json.toString("latin1", found, found + standIn.mark.length) === standIn.mark ? standIn : undefined;
  }
}

/** The position, or the next one where a backslash stands right before it. */
const afterEscape = (inside: Buffer, at: number): number => (inside[at - 1] === 0x5c ? at + 1 : at);

const slashes = (text: string): number => text.split("\\").length - 1;
