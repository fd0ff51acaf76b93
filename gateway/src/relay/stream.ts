import { type Framer, JsonArrayFramer, SseFramer } from "../dialects/canonical/framer.ts";
import type { Framing, StreamMeter } from "../dialects/canonical/dialect.ts";
import { answerHeaders } from "../egress/headers.ts";
import { redact } from "../errors/redact.ts";
import { asGatewayError, GatewayError } from "../errors/gateway-error.ts";
import type { EndReason } from "../wallet/record.ts";
import type { Admission } from "./admission.ts";
import { AttemptFailed, failed, type Sent } from "./attempt.ts";
import type { Bill } from "./bill.ts";
import type { RelayCall, RelayServices } from "./call.ts";

/** After the end mark, what a vendor still sends is read for at most this many chunks, so that its connection can be used again. */
const DRAIN_CHUNKS_MAX = 8;

/** Bun's sink of a `type: "direct"` stream: write gives a promise when the caller's socket is full. */
interface DirectSink {
  write(chunk: Uint8Array): number | Promise<number>;
  flush(): number | Promise<number>;
  close(): void;
}

/**
 * A stream, passed on event by event. The first events are held back until one is content: until then an error, an early end or silence is
 * thrown as AttemptFailed and another target is tried. Only whole events go out, so what we add (an error) never lands inside one.
 */
export async function streamAnswer(
  call: RelayCall,
  admission: Admission,
  sent: Sent,
  bill: Bill,
  services: RelayServices,
  note: (outcome: string, status?: number) => void,
): Promise<Response> {
  const contentType = sent.call.header("content-type") ?? "";
  const framing: Framing | undefined = contentType.includes("event-stream") ? "sse" : contentType.includes("json") ? "json-array" : undefined;
  if (!framing) {
    sent.call.cancel();
    throw new AttemptFailed("server", `a stream of type ${contentType || "unknown"}`, sent.call.status);
  }
  const passage = new Passage(call, admission, sent, bill, services, framing);
  await passage.untilContent();
  bill.firstByteMs = Math.round((services.clock.monotonic() - call.startedAt) * 1000) / 1000;
  note("ok", sent.call.status);
  const source = {
    type: "direct",
    pull: (sink: DirectSink) => passage.run(sink),
    cancel: () => passage.callerLeft(),
  };
  const headers = answerHeaders((name) => sent.call.header(name));
  delete headers["content-encoding"];
  // A reverse proxy in front of us must not collect events.
  headers["x-accel-buffering"] = "no";
  return new Response(new ReadableStream(source as unknown as ConstructorParameters<typeof ReadableStream>[0]), { status: sent.call.status, headers });
}

class Passage {
  private readonly framer: Framer;
  private readonly meter: StreamMeter;
  private readonly reader: { read(): Promise<Buffer | undefined> };
  /** whole events that may go out next */
  private ready: Buffer[] = [];
  /** the stream's last event, held back until it is billed */
  private last: Buffer[] = [];
  private ended = false;
  private vendorError: string | undefined;

  constructor(
    private readonly call: RelayCall,
    private readonly admission: Admission,
    private readonly sent: Sent,
    private readonly bill: Bill,
    private readonly services: RelayServices,
    private readonly framing: Framing,
  ) {
    this.framer = framing === "sse" ? new SseFramer() : new JsonArrayFramer();
    this.meter = call.dialect.meter();
    this.reader = sent.call.reader();
  }

  async untilContent(): Promise<void> {
    while (!this.meter.delivered()) {
      const chunk = await this.reader.read();
      if (!chunk) {
        this.takeRest();
        if (this.meter.delivered()) break;
        throw new AttemptFailed("server", "the stream ended before any content", this.sent.call.status);
      }
      this.take(chunk);
      if (this.vendorError !== undefined && !this.meter.delivered()) {
        this.sent.call.cancel();
        throw new AttemptFailed("server", `an error as the first event: ${redact(this.vendorError)}`, this.sent.call.status);
      }
    }
  }

  async run(sink: DirectSink): Promise<void> {
    try {
      await this.pass(sink);
    } catch (error) {
      // Our own fault (the journal refuses, a broken invariant): the caller is told inside the stream, and nothing more goes out.
      this.sent.call.cancel();
      this.services.log.error({ requestId: this.call.id, error: asGatewayError(error).internalText }, "stream failed");
      this.close("upstream_error", "internal_error");
      await this.write(sink, this.errorEvent(asGatewayError(error))).catch(() => undefined);
    }
    sink.close();
  }

  /** The caller's socket is gone: the vendor's call ends now, and what was delivered is billed. */
  callerLeft(): void {
    this.sent.call.cancel();
    this.close("client_gone");
  }

  private async pass(sink: DirectSink): Promise<void> {
    for (;;) {
      if (this.ready.length > 0) {
        const ready = this.ready;
        this.ready = [];
        for (const bytes of ready) await this.write(sink, bytes);
        const flushed = sink.flush();
        if (flushed instanceof Promise) await flushed;
      }
      if (this.vendorError !== undefined) {
        this.sent.call.cancel();
        this.close("upstream_error", "upstream_error_event");
        const text = redact(this.vendorError, [this.sent.call.header("host") ?? ""]);
        return this.write(sink, this.errorEvent(new GatewayError("badUpstream", { publicText: text })));
      }
      if (this.ended) return this.finish(sink);
      let chunk: Buffer | undefined;
      try {
        chunk = await this.reader.read();
      } catch (error) {
        return this.broken(sink, failed(error));
      }
      if (chunk) this.take(chunk);
      else {
        this.takeRest();
        if (this.ended || this.meter.finished()) {
          this.ended = true;
          continue;
        }
        if (this.ready.length === 0) return this.broken(sink, new AttemptFailed("network", "the stream ended without its end"));
        // Whole events came with the end of the stream: they go out before the news that it is incomplete.
        const rest = this.ready;
        this.ready = [];
        for (const bytes of rest) await this.write(sink, bytes);
        return this.broken(sink, new AttemptFailed("network", "the stream ended without its end"));
      }
    }
  }

  /** Billed and journalled first; then the last event. */
  private async finish(sink: DirectSink): Promise<void> {
    this.close("complete");
    for (const bytes of this.last) await this.write(sink, bytes);
    const flushed = sink.flush();
    if (flushed instanceof Promise) await flushed;
    void this.drain();
  }

  private async drain(): Promise<void> {
    try {
      for (let chunks = 0; chunks < DRAIN_CHUNKS_MAX; chunks += 1) if (!(await this.reader.read())) return;
    } catch {
      // its connection is of no use any more
    }
    this.sent.call.cancel();
  }

  private async broken(sink: DirectSink, failure: AttemptFailed): Promise<void> {
    if (failure.kind === "aborted" || this.call.signal.aborted) return this.callerLeft();
    this.sent.call.cancel();
    const target = `${this.bill.channel ?? ""}#${this.bill.attempts.at(-1)?.key ?? 0}`;
    this.services.channels.health.failure(target, this.admission.healthModel, failure.kind);
    const error = new GatewayError(failure.kind === "timeout" ? "upstreamTimeout" : "upstreamCut", { internalText: failure.message });
    this.close("upstream_cut", error.kind.code);
    await this.write(sink, this.errorEvent(error));
    await sink.flush();
  }

  private close(end: EndReason, error?: string): void {
    if (this.bill.closed) return;
    this.bill.close(end, this.sent.call.status, this.meter.usage(this.admission.facts.promptTokens), error);
  }

  private errorEvent(error: GatewayError): Buffer {
    return Buffer.from(this.call.dialect.renderStreamError(error, this.call.id, this.framing));
  }

  private async write(sink: DirectSink, bytes: Buffer): Promise<void> {
    const written = sink.write(bytes);
    if (written instanceof Promise) {
      await written;
      // The caller was slow, not the vendor.
      this.sent.call.touch();
    }
  }

  /** Cuts a chunk into events, meters them, and queues what may go out. */
  private take(chunk: Buffer): void {
    const { bytes, ends } = this.framer.push(chunk);
    let from = 0;
    let at = 0;
    for (const end of ends) {
      const kind = this.meter.event(bytes.toString("latin1", at, end));
      if (kind === "error") {
        this.queue(bytes, from, at);
        this.vendorError = this.meter.errorText() ?? "";
        return;
      }
      if (kind === "usage" && this.sent.prepared.hideUsage) {
        this.queue(bytes, from, at);
        from = end;
      } else if (kind === "end") {
        this.queue(bytes, from, at);
        this.last.push(bytes.subarray(at, ends.at(-1)));
        this.ended = true;
        return;
      } else if (this.call.dialect.endsByClosing && this.meter.finished()) {
        // This may be the last event, and only the end of the stream will tell: it waits for that, or for the next one.
        this.queue(bytes, from, at);
        for (const held of this.last) this.queue(held, 0, held.length);
        this.last = [bytes.subarray(at, end)];
        from = end;
      }
      at = end;
    }
    this.queue(bytes, from, at);
  }

  /** What stands after the last whole event when the stream has ended: an event without its empty line, or a closing bracket. */
  private takeRest(): void {
    const rest = this.framer.rest();
    if (rest.length === 0) return;
    const text = rest.toString("latin1");
    const kind = this.framing === "json-array" ? "noise" : this.meter.event(text);
    if (kind === "error") this.vendorError = this.meter.errorText() ?? "";
    else if (kind === "end" || this.meter.finished()) {
      this.ended = true;
      if (kind !== "usage" || !this.sent.prepared.hideUsage) this.last.push(rest);
    }
  }

  private queue(bytes: Buffer, from: number, to: number): void {
    if (to > from) this.ready.push(bytes.subarray(from, to));
  }
}
