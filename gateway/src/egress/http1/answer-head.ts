/** Status line and header fields together; vendors send about 2 kB (a large cookie or policy header is what makes it more). */
export const HEAD_BYTES_MAX = 64 * 1024;

/** What came over the connection is not an HTTP/1.1 answer, or not all of one. */
export class ProtocolError extends Error {}

const SPACE = 0x20, TAB = 0x09, UPPER_BIT = 0x20;

/** The status and header fields of an answer. Fields stay where they are in its text: of the twenty that a vendor sends three are asked for. */
export class AnswerHead {
  readonly status: number;
  private readonly minor: number;
  /** of each field, one after the other: where it begins, its colon, its end */
  private readonly fields: number[] = [];

  /** `text`: status line and field lines, without the empty line (latin1). Throws ProtocolError. */
  constructor(private readonly text: string) {
    if (!/^HTTP\/1\.[01] \d{3}(?: |\r|$)/.test(text)) throw new ProtocolError("no HTTP/1.1 status line");
    this.minor = text.charCodeAt(7) - 0x30;
    this.status = Number(text.slice(9, 12));
    for (let at = text.indexOf("\r\n"); at >= 0; ) {
      const next = text.indexOf("\r\n", at + 2);
      this.field(at + 2, next < 0 ? text.length : next);
      at = next;
    }
  }

  /** The value of a field by its lower-case name, or null; of a repeated one the first. */
  header(name: string): string | null {
    const { fields } = this;
    for (let at = 0; at < fields.length; at += 3) if (this.isNamed(at, name)) return this.value(at);
    return null;
  }

  /** Whether the connection may be used again (RFC 9112, 9.3). */
  get keepAlive(): boolean {
    const connection = this.header("connection")?.toLowerCase() ?? "";
    return this.minor === 1 ? !connection.includes("close") : connection.includes("keep-alive");
  }

  /** Bytes of the body, or what else delimits it (RFC 9112, 6.3). Throws ProtocolError when the fields contradict each other. */
  bodyLength(): number | "chunked" | "until-close" {
    const coding = this.only("transfer-encoding")?.toLowerCase();
    const length = this.only("content-length");
    if (this.status === 204 || this.status === 304) return 0;
    if (coding !== undefined) {
      if (coding !== "chunked") throw new ProtocolError(`unknown transfer coding ${coding.slice(0, 40)}`);
      return "chunked";
    }
    if (length === undefined) return "until-close";
    if (!/^\d{1,15}$/.test(length)) throw new ProtocolError("a content-length that is no number");
    return Number(length);
  }

  /** The value of a field that may stand there twice only with the same value. */
  private only(name: string): string | undefined {
    let only: string | undefined;
    for (let at = 0; at < this.fields.length; at += 3) {
      if (!this.isNamed(at, name)) continue;
      const value = this.value(at);
      if (only !== undefined && only !== value) throw new ProtocolError(`two different values of ${name}`);
      only = value;
    }
    return only;
  }

  private field(from: number, to: number): void {
    const { text } = this;
    const colon = text.indexOf(":", from);
    const first = text.charCodeAt(from);
    // A line folded into the one before it (RFC 9112, 5.2): nobody sends that but to smuggle.
    if (first === SPACE || first === TAB || colon < 0 || colon >= to) throw new ProtocolError("a header line that is no field");
    this.fields.push(from, colon, to);
  }

  private isNamed(at: number, name: string): boolean {
    const start = this.fields[at] as number;
    if ((this.fields[at + 1] as number) - start !== name.length) return false;
    for (let index = 0; index < name.length; index += 1) {
      const code = this.text.charCodeAt(start + index);
      if ((code >= 0x41 && code <= 0x5a ? code | UPPER_BIT : code) !== name.charCodeAt(index)) return false;
    }
    return true;
  }

  private value(at: number): string {
    return this.text.slice((this.fields[at + 1] as number) + 1, this.fields[at + 2]).trim();
  }
}
