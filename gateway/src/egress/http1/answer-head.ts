/** Status line and header fields together; vendors send about 2 kB (a large cookie or policy header is what makes it more). */
export const HEAD_BYTES_MAX = 64 * 1024;

/** What came over the connection is not an HTTP/1.1 answer, or not all of one. */
export class ProtocolError extends Error {}

/** The status and header fields of an answer. Fields are looked for in the text when asked, since of a dozen only a few are ever wanted. */
export class AnswerHead {
  readonly status: number;
  private readonly lower: string;

  /** `text`: status line and field lines, without the empty line (latin1). Throws ProtocolError. */
  constructor(private readonly text: string) {
    this.lower = text.toLowerCase();
    const status = /^http\/1\.[01] (\d{3})(?: |\r|$)/.exec(this.lower)?.[1];
    if (status === undefined) throw new ProtocolError("no HTTP/1.1 status line");
    // A line folded into the one before it (RFC 9112, 5.2): nobody sends that but to smuggle.
    if (this.lower.includes("\n ") || this.lower.includes("\n\t")) throw new ProtocolError("a folded header field");
    this.status = Number(status);
  }

  /** The value of a field by its lower-case name, or null; of a repeated field the first. */
  header(name: string): string | null {
    const needle = `\r\n${name}:`;
    const found = this.lower.indexOf(needle);
    return found < 0 ? null : this.valueAt(found + needle.length);
  }

  /** Whether the connection may be used again (RFC 9112, 9.3). */
  get keepAlive(): boolean {
    const connection = this.header("connection")?.toLowerCase() ?? "";
    return this.lower.charCodeAt(7) === 0x31 ? !connection.includes("close") : connection.includes("keep-alive");
  }

  /** Bytes of the body, or what else delimits it (RFC 9112, 6.3). Throws ProtocolError when the fields contradict each other. */
  bodyLength(): number | "chunked" | "until-close" {
    if (this.status === 204 || this.status === 304) return 0;
    const coding = this.header("transfer-encoding")?.toLowerCase();
    if (coding !== undefined) {
      if (coding !== "chunked") throw new ProtocolError(`unknown transfer coding ${coding.slice(0, 40)}`);
      return "chunked";
    }
    const length = this.header("content-length");
    if (length === null) return "until-close";
    if (!/^\d{1,15}$/.test(length)) throw new ProtocolError("a content-length that is no number");
    const needle = "\r\ncontent-length:";
    const second = this.lower.indexOf(needle, this.lower.indexOf(needle) + 1);
    if (second >= 0 && this.valueAt(second + needle.length) !== length) throw new ProtocolError("two different lengths");
    return Number(length);
  }

  private valueAt(start: number): string {
    const end = this.text.indexOf("\r\n", start);
    return this.text.slice(start, end < 0 ? undefined : end).trim();
  }
}
