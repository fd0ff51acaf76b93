import { GatewayError } from "../../errors/gateway-error.ts";

/** RFC 2046, 5.1.1: a boundary has 1 to 70 characters. */
const BOUNDARY_BYTES_MAX = 70;
/** OpenAI takes 16 pictures beside about 20 fields, some of them lists; no client sends half as many. */
const PARTS_MAX = 128;
/** Bytes of one part's head; a browser's or SDK's has about 150, and file names may be 255 bytes of percent codes. */
const PART_HEAD_BYTES_MAX = 4_096;
/** Bytes of all fields that are no files: the longest prompt is 32,000 characters. */
const FIELD_BYTES_MAX = 512 * 1024;

/** One part of a form. `start`, `end`: byte positions of its value, `end` exclusive. */
export interface FormPart {
  name: string;
  /** undefined: a field, not a file */
  filename: string | undefined;
  /** media type as written; "" without one */
  contentType: string;
  start: number;
  end: number;
}

/** The boundary that a content type names (RFC 2046, 5.1.1). Throws GatewayError invalidRequest without a usable one. */
export function boundaryOf(contentType: string): string {
  const found = /;\s*boundary=(?:"([^"]*)"|([^\s;]*))/i.exec(contentType);
  const boundary = found?.[1] ?? found?.[2] ?? "";
  if (!/^[0-9A-Za-z'()+_,./:=? -]{1,}$/.test(boundary) || boundary.endsWith(" ")) throw broken("its content type names no boundary");
  if (boundary.length > BOUNDARY_BYTES_MAX) throw broken(`its boundary has more than ${BOUNDARY_BYTES_MAX} characters`);
  return boundary;
}

/**
 * Finds the parts of a multipart/form-data body (RFC 7578) in its bytes without copying any, so that a body with large files can be relayed, and one
 * field in it replaced, byte for byte. Every size but that of a file is bounded.
 */
export class FormScan {
  readonly parts: FormPart[] = [];
  /** position of the first delimiter's first dash */
  firstBorder = 0;
  private readonly delimiter: Buffer;
  private at = 0;
  private open: Omit<FormPart, "end"> | undefined;
  private begun = false;
  private done = false;
  private fieldBytes = 0;

  /** `contentType`: the request's. Throws GatewayError when it names no boundary. */
  constructor(
    readonly bytes: Buffer,
    contentType: string,
  ) {
    this.delimiter = Buffer.from(`\r\n--${boundaryOf(contentType)}`, "latin1");
  }

  /** Reads on for about `budgetBytes`; gives true when the whole form was read. Throws GatewayError invalidRequest. */
  run(budgetBytes: number): boolean {
    const { bytes, delimiter } = this;
    const stop = this.at + budgetBytes;
    while (!this.done) {
      // The first delimiter may stand at the very beginning, without the line end before it.
      const first = !this.begun && this.at === 0 && bytes.subarray(0, delimiter.length - 2).equals(delimiter.subarray(2));
      const window = Math.min(bytes.length, Math.max(stop, this.at + delimiter.length));
      const found = first ? -2 : bytes.subarray(0, window).indexOf(delimiter, this.at);
      if (found === -1) {
        if (window === bytes.length) throw broken("it ends before its last boundary");
        // What begins at the window's edge may be a delimiter that goes on behind it.
        this.at = window - delimiter.length + 1;
        return false;
      }
      this.cross(found);
      if (this.at >= stop && !this.done) return false;
    }
    return true;
  }

  /** The text of the last field of that name; undefined when there is none. Throws GatewayError when it is a file or no UTF-8. */
  value(name: string): string | undefined {
    const part = this.parts.findLast((one) => one.name === name);
    if (!part) return undefined;
    if (part.filename !== undefined) throw new GatewayError("invalidRequest", { publicText: `"${name}" must be a text and not a file.`, param: name });
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(this.bytes.subarray(part.start, part.end));
    } catch {
      throw new GatewayError("invalidRequest", { publicText: `"${name}" is no UTF-8 text.`, param: name });
    }
  }

  /** Bytes of all fields that are no files. */
  get textBytes(): number {
    return this.fieldBytes;
  }

  /** The line that stands between parts, without its line end. */
  get border(): string {
    return this.delimiter.toString("latin1", 2);
  }

  /** How many fields and files have that name. */
  count(name: string): number {
    return this.parts.filter((part) => part.name === name).length;
  }

  /** The position of a part's last byte is known: a delimiter begins at `found` (-2: at the beginning of the body, without its line end). */
  private cross(found: number): void {
    const { bytes, delimiter, open } = this;
    if (open) this.close({ ...open, end: found });
    else this.firstBorder = found + 2;
    this.open = undefined;
    this.begun = true;
    let at = found + delimiter.length;
    if (bytes[at] === 0x2d && bytes[at + 1] === 0x2d) {
      this.done = true;
      this.at = bytes.length;
      return;
    }
    // White space may follow a delimiter on its line (RFC 2046, transport padding).
    while (bytes[at] === 0x20 || bytes[at] === 0x09) at += 1;
    if (bytes[at] !== 0x0d || bytes[at + 1] !== 0x0a) throw broken("something follows a boundary on its line");
    if (this.parts.length >= PARTS_MAX) throw broken(`it has more than ${PARTS_MAX} parts`);
    this.head(at + 2);
  }

  private head(from: number): void {
    const { bytes } = this;
    const limit = bytes.subarray(0, Math.min(bytes.length, from + PART_HEAD_BYTES_MAX));
    const end = limit.indexOf("\r\n\r\n", from, "latin1");
    if (end < 0) throw broken(limit.length < bytes.length ? `the head of a part has more than ${PART_HEAD_BYTES_MAX} bytes` : "it ends inside the head of a part");
    const lines = bytes.toString("utf8", from, end).split("\r\n");
    const all = (name: string): string[] => lines.filter((one) => one.toLowerCase().startsWith(`${name}:`));
    const line = (name: string): string => all(name)[0]?.slice(name.length + 1).trim() ?? "";
    const disposition = all("content-disposition").length === 1 ? formData(line("content-disposition")) : undefined;
    const name = disposition?.get("name");
    if (name === undefined) throw broken("a part has no name, or two");
    if (line("content-transfer-encoding") !== "" && !/^(binary|7bit|8bit)$/i.test(line("content-transfer-encoding"))) throw broken("a part has a transfer encoding");
    const start = end + 4;
    this.open = { name, filename: disposition?.get("filename") ?? disposition?.get("filename*"), contentType: line("content-type"), start };
    // The value may be empty: its delimiter then begins with the head's own line end.
    this.at = start - 2;
  }

  private close(part: FormPart): void {
    // A delimiter right after the head belongs to an empty value.
    const whole = part.end < part.start ? { ...part, end: part.start } : part;
    if (whole.filename === undefined) {
      this.fieldBytes += whole.end - whole.start;
      if (this.fieldBytes > FIELD_BYTES_MAX) throw broken(`its fields have more than ${FIELD_BYTES_MAX / 1024} kB together`);
    }
    this.parts.push(whole);
  }
}

const PARAMETER = /\s*;\s*([^\s=;"]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s"]*))/y;

/**
 * The parameters of a `form-data` disposition; quotes are taken off, `\"` and `%22` (RFC 7578, 4.2; WHATWG HTML) mean a quote. Undefined when it is another
 * disposition, or says something that two readers could understand in two ways.
 */
function formData(field: string): ReadonlyMap<string, string> | undefined {
  if (!/^form-data\s*(;|$)/i.test(field)) return undefined;
  const found = new Map<string, string>();
  PARAMETER.lastIndex = "form-data".length;
  for (;;) {
    const at = PARAMETER.lastIndex;
    const match = PARAMETER.exec(field);
    if (!match) return /^\s*;?\s*$/.test(field.slice(at)) ? found : undefined;
    const name = (match[1] ?? "").toLowerCase();
    if (found.has(name)) return undefined;
    found.set(name, (match[2] ?? match[3] ?? "").replaceAll('\\"', '"').replaceAll("%22", '"'));
  }
}

function broken(why: string): GatewayError {
  return new GatewayError("invalidRequest", { publicText: `The request body is not valid multipart/form-data: ${why}.` });
}

/** The whole scan at once, for forms known to be small. */
export function scanForm(bytes: Buffer, contentType: string): FormScan {
  const scan = new FormScan(bytes, contentType);
  scan.run(Number.POSITIVE_INFINITY);
  return scan;
}
