import type { Framing } from "../dialects/canonical/dialect.ts";
import type { GatewayError } from "../errors/gateway-error.ts";
import type { RelayCall } from "./call.ts";

/** Of a stream's first bytes so much is kept: an answer's id stands at its beginning. */
const OPENING_BYTES = 512;

/** What a caller got first and last of a stream, and the errors that go on from there. */
export class SentTrail {
  private opening = "";
  private latest: Buffer | undefined;

  constructor(
    private readonly call: RelayCall,
    private readonly framing: Framing,
    private readonly model: string,
  ) {}

  note(bytes: Buffer): void {
    if (!this.call.dialect.goesOn) return;
    this.opening ||= bytes.toString("latin1", 0, OPENING_BYTES);
    this.latest = bytes;
  }

  error(error: GatewayError): Buffer {
    const begun = { opening: this.opening, latest: this.latest?.toString("latin1") ?? "", model: this.model };
    return Buffer.from(this.call.dialect.renderStreamError(error, this.call.id, this.framing, begun));
  }
}
