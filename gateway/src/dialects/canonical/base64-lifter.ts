import type { JsonScan, StringSpan } from "./json-scan.ts";
import type { StandIns } from "./stand-ins.ts";

/** The head of a data URL may hold other characters than base64; so much of a string is not looked at. */
const FREE_HEAD_BYTES = 256;

const BACKSLASH = 0x5c, SLASH = 0x2f, PADDING = 0x3d;

/** 1 for bytes of the standard base64 alphabet (RFC 4648, section 4). */
const BASE64 = new Uint8Array(256);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") BASE64[character.charCodeAt(0)] = 1;

/**
 * The text of a JSON body with stand-ins for its large strings of base64 (bare, or as data URLs), read in slices so that others are served in between. A slash may be written as `\/`, as PHP
 * does. Strings that hold anything else stay as they are: whoever reads the text says what is wrong with them.
 */
export class Base64Lifter {
  private readonly spans: readonly StringSpan[];
  private index = 0;
  private at = 0;
  private escaped = 0;
  /** borders of the strings that are lifted, and how many backslashes they hold */
  private readonly lifted: (StringSpan & { escaped: number })[] = [];

  /** `scan`: finished. */
  constructor(private readonly scan: JsonScan) {
    this.spans = scan.largeMedia;
  }

  /** Looks through about `budgetBytes`; gives true when all was looked through. */
  run(budgetBytes: number): boolean {
    let left = budgetBytes;
    while (left > 0) {
      const span = this.spans[this.index];
      if (!span) return true;
      if (this.at < span.start) {
        // Not between a backslash and its slash.
        this.at = span.start + FREE_HEAD_BYTES + (this.scan.bytes[span.start + FREE_HEAD_BYTES - 1] === BACKSLASH ? 1 : 0);
        this.escaped = this.escapesOfHead(span.start, this.at);
      }
      const stop = Math.min(span.end, this.at + left);
      const reached = this.escaped < 0 ? -1 : this.walk(this.at, stop, span.end);
      if (reached < 0) this.next();
      else {
        left -= stop - this.at;
        this.at = reached;
        if (reached >= span.end) {
          this.lifted.push({ ...span, escaped: this.escaped });
          this.next();
        }
      }
    }
    return false;
  }

  /** The body's text, after `run` has given true. */
  text(standIns: StandIns): string {
    const { bytes } = this.scan;
    let text = "";
    // A byte order mark is no JSON.
    let from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    for (const { start, end, escaped } of this.lifted) {
      text += bytes.toString("utf8", from, start) + standIns.ofJson(bytes.subarray(start, end), escaped);
      from = end;
    }
    return text + bytes.toString("utf8", from);
  }

  private next(): void {
    this.index += 1;
    this.at = 0;
  }

  /** Backslashes of a string's head, -1 where one is more than a written slash. */
  private escapesOfHead(start: number, end: number): number {
    const head = this.scan.bytes.toString("latin1", start, end);
    const plain = head.replaceAll("\\/", "/");
    // eslint-disable-next-line no-control-regex -- only ASCII has a length that is the same in bytes and characters
    return /^[\x20-\x7e]*$/.test(plain) && !plain.includes("\\") ? head.length - plain.length : -1;
  }

  /** Walks on to `stop`; gives where it stands, or -1 at a byte that base64 has not. `end`: of the string. */
  private walk(from: number, stop: number, end: number): number {
    const { bytes } = this.scan;
    let at = from;
    for (; at < stop; at += 1) {
      const byte = bytes[at] as number;
      if (BASE64[byte] === 1) continue;
      if (byte === BACKSLASH && bytes[at + 1] === SLASH && at + 1 < end) this.escaped += 1;
      else if (byte !== PADDING || at < end - 2) return -1;
    }
    return at;
  }
}
