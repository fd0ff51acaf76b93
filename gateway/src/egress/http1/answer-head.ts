/** Status line and header fields together; vendors send about 2 kB (a large cookie or policy header is what makes it more). */
export const HEAD_BYTES_MAX = 64 * 1024;

/** What came over the connection is not an HTTP/1.1 answer, or not all of one. */
export class ProtocolError extends Error {}

/** The status and header fields of an answer. */
export class AnswerHead {
  readonly status: number;
  /** lower-case name -> value; a repeated field keeps its first value, except lengths, which are kept all */
  private readonly fields: Record<string, string> = Object.create(null) as Record<string, string>;
  private readonly minor: number;

  /** `text`: status line and field lines, without the empty line (latin1). Throws ProtocolError. */
  constructor(text: string) {
    if (!/^HTTP\/1\.[01] \d{3}(?: |\r|$)/.test(text)) throw new ProtocolError("no HTTP/1.1 status line");
    this.minor = text.charCodeAt(7) - 0x30;
    this.status = Number(text.slice(9, 12));
    for (let at = text.indexOf("\r\n"); at >= 0; ) {
      const next = text.indexOf("\r\n", at + 2);
      this.field(text, at + 2, next < 0 ? text.length : next);
      at = next;
    }
  }

  /** The value of a field by its lower-case name, or null. */
  header(name: string): string | null {
    return this.fields[name] ?? null;
  }

  /** Whether the connection may be used again (RFC 9112, 9.3). */
  get keepAlive(): boolean {
    const connection = this.fields["connection"]?.toLowerCase() ?? "";
    return this.minor === 1 ? !connection.includes("close") : connection.includes("keep-alive");
  }

  /** Bytes of the body, or what else delimits it (RFC 9112, 6.3). Throws ProtocolError when the fields contradict each other. */
  bodyLength(): number | "chunked" | "until-close" {
    if (this.status === 204 || this.status === 304) return 0;
    const coding = this.fields["transfer-encoding"]?.toLowerCase();
    if (coding !== undefined) {
      if (coding !== "chunked") throw new ProtocolError(`unknown transfer coding ${coding.slice(0, 40)}`);
      return "chunked";
    }
    const length = this.fields["content-length"];
    if (length === undefined) return "until-close";
    if (!/^\d{1,15}$/.test(length)) throw new ProtocolError("a content-length that is no number");
    return Number(length);
  }

  private field(text: string, from: number, to: number): void {
    const colon = text.indexOf(":", from);
    const first = text.charCodeAt(from);
    // A line folded into the one before it (RFC 9112, 5.2): nobody sends that but to smuggle.
    if (first === 0x20 || first === 0x09 || colon < 0 || colon >= to) throw new ProtocolError("a header line that is no field");
    const name = text.slice(from, colon).toLowerCase();
    const value = text.slice(text.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1, to).trim();
    const known = this.fields[name];
    if (known === undefined) this.fields[name] = value;
    else if ((name === "content-length" || name === "transfer-encoding") && known !== value) throw new ProtocolError(`two different values of ${name}`);
  }
}
