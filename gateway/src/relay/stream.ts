import { EventTooLargeError, type Framer } from "../dialects/canonical/framer.ts";
import type { EventKind, Framing, StreamMeter } from "../dialects/canonical/dialect.ts";
import { answerHeaders } from "../egress/headers.ts";
import { ANSWER_BYTES_MAX, type AnswerConsumer, type UpstreamFailure } from "../egress/upstream.ts";
import { ownNames } from "../channels/own-names.ts";
import { eventData } from "../dialects/canonical/event-text.ts";
import { redact } from "../errors/redact.ts";
import { asGatewayError, GatewayError } from "../errors/gateway-error.ts";
import type { EndReason } from "../wallet/record.ts";
import type { Admission } from "./admission.ts";
import { AttemptFailed, failed } from "./attempt-failed.ts";
import type { Sent } from "./attempt.ts";
import { refusalOf } from "./refusal.ts";
import type { Bill } from "./bill.ts";
import { giveBackBody } from "./body-over.ts";
import type { RelayCall, RelayServices } from "./call.ts";
import { nameOfHiddenError, statusOfHiddenError } from "./hidden-error.ts";
import { SentTrail } from "./sent-trail.ts";
import { type DirectSink, framingOf, type StreamedAnswer, streamHeaders } from "./streamed-answer.ts";
import { framerOf, framingOfAnswer } from "./stream-framing.ts";
import { type StreamTranslation, translationHeaders } from "./translation.ts";

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
): Promise<StreamedAnswer> {
  const contentType = sent.call.header("content-type") ?? "";
  const framing = framingOfAnswer(contentType, sent.dialect);
  if (!framing) {
    sent.call.cancel();
    throw new AttemptFailed("server", `a stream of type ${contentType || "unknown"}`, sent.call.status);
  }
  const passage = new Passage(call, admission, sent, bill, services, framing);
  await passage.untilContent();
  bill.firstByteMs = Math.round((services.clock.monotonic() - call.startedAt) * 1000) / 1000;
  bill.note("ok", sent.call.status);
  passage.headers = sent.translation ? { ...streamHeaders(call), ...translationHeaders(sent.translation, call.ownHeaders) } : { ...answerHeaders(sent.call, streamHeaders(call)) };
  delete passage.headers["content-encoding"];
  return passage;
}

/** A stream that brings more events than this in a row of which none is content is no answer: no model is sold with as many tokens, and the longest thinking has fewer events. */
const IDLE_EVENTS_MAX = 262_144;

/** One stream on its way from the vendor to the caller: pushed by the vendor's pieces, held up by the caller's socket. */
class Passage implements AnswerConsumer, StreamedAnswer {
  headers: Record<string, string> = {};
  private readonly framer: Framer;
  private readonly meter: StreamMeter;
  /** whole events that may go out next */
  private ready: Buffer[] = [];
  /** the stream's last event, held back until it is billed */
  private last: Buffer[] = [];
  /** the end mark has come, or the stream was closed after a complete answer */
  private ended = false;
  /** nothing more goes out */
  private over = false;
  private vendorError: string | undefined;
  /** the first event that should have given content could not be translated: nothing has been delivered, whatever the meter found in it */
  private unreadable = false;
  private sink: DirectSink | undefined;
  private readonly content = Promise.withResolvers<void>();
  /** the first event with content is there: this attempt is the answer */
  private accepted = false;
  private readonly done = Promise.withResolvers<void>();
  /** what broke before the caller's side was there to be told */
  private brokenBy: AttemptFailed | undefined;
  /** bytes that came before content did */
  private heldBack = 0;
  /** events since the last content */
  private idleEvents = 0;
  /** the caller's own framing; the vendor's may be another when the stream is translated */
  readonly callerFraming: Framing;
  private readonly translation: StreamTranslation | undefined;
  private vendorErrorEvent = "";
  private readonly trail: SentTrail;
  /** monotonic milliseconds at which the caller last got something */
  private spokeAt: number;

  constructor(
    private readonly call: RelayCall,
    private readonly admission: Admission,
    private readonly sent: Sent,
    private readonly bill: Bill,
    private readonly services: RelayServices,
    private readonly framing: Framing,
  ) {
    this.framer = framerOf(sent.call.header("content-type") ?? "", framing);
    this.meter = sent.dialect.meter(framing, admission.facts);
    this.callerFraming = sent.translation ? framingOf(call) : framing;
    this.spokeAt = services.clock.monotonic();
    this.translation = sent.translation?.stream(framingOf(call));
    this.trail = new SentTrail(call, this.callerFraming, admission.facts.model);
  }

  get status(): number {
    return this.sent.call.status;
  }

  /** Resolves when the first event with content is here. Rejects with AttemptFailed when that will not be. */
  untilContent(): Promise<void> {
    this.sent.call.consume(this);
    return this.content.promise;
  }

  /** The caller's side is there; resolves when the stream is over. */
  run(sink: DirectSink): Promise<void> {
    this.sink = sink;
    this.forward();
    if (this.brokenBy) this.broken(this.brokenBy);
    return this.done.promise;
  }

  /** The caller's socket is gone: the vendor's call ends now, and what was delivered is billed. */
  callerLeft(): void {
    if (this.over) return;
    this.over = true;
    this.sent.call.cancel();
    this.close("client_gone").catch((error: unknown) => this.log(error));
    this.done.resolve();
  }

  data(piece: Buffer): void {
    // After the end mark the rest is only read so that the connection can be used again; after an error it means nothing.
    if (this.over || this.ended || this.vendorError !== undefined) return;
    try {
      this.take(piece);
      if (this.sink) return this.forward();
      // What is held back is in memory, as a whole answer is.
      this.heldBack += piece.length;
      if (this.heldBack > ANSWER_BYTES_MAX && !this.meter.delivered()) throw new AttemptFailed("server", `${ANSWER_BYTES_MAX} bytes without content`, this.sent.call.status);
      this.judge();
    } catch (error) {
      this.faulted(error);
    }
  }

  /** A vendor that is silent between events must not let the caller's line look dead. Only whole events have gone out, so nothing is torn. */
  tick(): void {
    const { keepAliveMs, clock } = this.services;
    if (!this.sink || this.over || keepAliveMs === 0 || clock.monotonic() - this.spokeAt < keepAliveMs) return;
    const keepAlive = this.callerFraming === "bytes" ? undefined : this.call.dialect.keepAlive?.(this.callerFraming);
    if (keepAlive === undefined) return;
    this.write(this.sink, Buffer.from(keepAlive));
    this.flush(this.sink);
  }

  end(): void {
    if (this.over || this.ended) return;
    try {
      if (this.vendorError === undefined) this.takeRest();
      if (this.ended || this.vendorError !== undefined) return this.sink ? this.forward() : this.judge();
      // Whole events came with the end of the stream: they go out before the news that it is incomplete.
      this.fail(new AttemptFailed("network", "the stream ended without its end", this.sent.call.status));
    } catch (error) {
      this.faulted(error);
    }
  }

  fail(failure: UpstreamFailure | AttemptFailed): void {
    if (this.over || this.ended) return;
    const why = failed(failure);
    if (this.sink) this.broken(why);
    else if (this.accepted) this.brokenBy = why;
    else this.reject(why);
  }

  /** Before the caller's side is there: is this an answer, or a failed attempt? */
  private judge(): void {
    if (this.meter.delivered() && !this.unreadable) {
      this.accepted = true;
      this.content.resolve();
    } else if (this.vendorError !== undefined) {
      this.sent.call.cancel();
      if (this.unreadable) return this.reject(new AttemptFailed("server", this.vendorError, this.sent.call.status));
      const event = eventData(this.vendorErrorEvent) ?? this.vendorErrorEvent;
      this.reject(refusalOf(statusOfHiddenError(event), event, "application/json", this.sent.target));
    } else if (this.ended) this.reject(new AttemptFailed("server", "the stream ended before any content", this.sent.call.status));
  }

  /** A failed attempt, with what the vendor said it had consumed by then. */
  private reject(failure: AttemptFailed): void {
    failure.usage = this.meter.usage(0).usage;
    this.content.reject(failure);
  }

  /** Sends what is ready, and what follows from the vendor's error or end. */
  private forward(): void {
    const { sink, ready } = this;
    if (!sink) return;
    if (ready.length > 0) {
      this.ready = [];
      for (const bytes of ready) this.write(sink, this.observed(bytes));
      this.flush(sink);
    }
    if (this.vendorError !== undefined) {
      this.sent.call.cancel();
      const text = redact(this.vendorError, ownNames(this.sent.target.channel));
      this.health.failure(this.sent.target.id, this.admission.healthModel, "server");
      this.finish("upstream_error", [this.trail.error(new GatewayError(nameOfHiddenError(eventData(this.vendorErrorEvent) ?? this.vendorErrorEvent), { publicText: text }))], "upstream_error_event");
    } else if (this.ended) {
      this.health.success(this.sent.target.id, this.admission.healthModel);
      this.finish("complete", this.last);
    }
  }

  private broken(failure: AttemptFailed): void {
    if (failure.kind === "aborted" || this.call.caller.left()) return this.callerLeft();
    this.forward();
    if (failure.kind !== "stopping") this.health.failure(this.sent.target.id, this.admission.healthModel, failure.kind);
    const error = new GatewayError(failure.kind === "timeout" ? "upstreamTimeout" : failure.kind === "stopping" ? "shuttingDown" : "upstreamCut", { internalText: failure.message });
    this.finish("upstream_cut", [this.trail.error(error)], error.kind.code);
  }

  /** Billed and journalled first; then the last bytes, and the stream is over. */
  private finish(end: EndReason, last: readonly Buffer[], errorCode?: string): void {
    if (this.over) return;
    this.over = true;
    const { sink } = this;
    this.close(end, errorCode)
      .catch((error: unknown) => {
        // Our own fault (the disk refuses the journal): the caller is told inside the stream, and nothing more goes out.
        this.log(error);
        return [this.trail.error(asGatewayError(error))];
      })
      .then(async (instead) => {
        const bytes = (instead ?? last).map((event) => this.observed(event));
        if (end === "complete" && !instead) {
          await this.call.observer?.complete();
          giveBackBody(this.call, this.sent, this.bill, this.services);
        }
        // Nothing can be told inside sound: the connection breaks, so that half a file is not taken for a whole one.
        return this.callerFraming === "bytes" && (instead || end !== "complete") ? undefined : bytes;
      })
      .then((events) => {
        if (!sink) return;
        if (!events) return this.done.reject();
        for (const bytes of events) void sink.write(bytes);
        void sink.flush();
        sink.close();
      })
      .catch((error: unknown) => this.log(error))
      .finally(() => this.done.resolve());
  }

  /** A broken invariant of ours, or an event beyond all limits. */
  private faulted(error: unknown): void {
    this.sent.call.cancel();
    if (!this.sink) {
      if (this.accepted) this.brokenBy = failed(error);
      else this.reject(failed(error));
      return;
    }
    if (error instanceof EventTooLargeError) return this.broken(failed(error));
    this.log(error);
    this.finish("upstream_error", [this.trail.error(asGatewayError(error))], "internal_error");
  }

  private get health(): RelayServices["channels"]["health"] {
    return this.services.channels.health;
  }

  private async close(end: EndReason, error?: string): Promise<undefined> {
    if (!this.bill.closed) await this.bill.close(end, this.sent.call.status, this.meter.usage(this.admission.facts.promptTokens), error);
    return undefined;
  }

  private log(error: unknown): void {
    this.services.log.error({ requestId: this.call.id, error: asGatewayError(error).internalText }, "stream failed");
  }

  private observed(bytes: Buffer): Buffer {
    return this.call.observer?.events(bytes) ?? bytes;
  }

  private write(sink: DirectSink, bytes: Buffer): void {
    this.spokeAt = this.services.clock.monotonic();
    this.trail.note(bytes);
    const written = sink.write(bytes);
    if (written instanceof Promise) this.waitFor(written);
  }

  private flush(sink: DirectSink): void {
    const flushed = sink.flush();
    if (flushed instanceof Promise) this.waitFor(flushed);
  }

  /** The caller's socket is full: the vendor waits until it is not. */
  private waitFor(room: Promise<number>): void {
    this.sent.call.pause();
    const resume = (): void => {
      if (!this.over) this.sent.call.resume();
    };
    room.then(resume, resume);
  }

  /** Cuts a piece into events, meters them, and queues what may go out. */
  private take(piece: Buffer): void {
    const { bytes, ends } = this.framer.push(piece);
    if (this.translation) this.translate(this.translation, bytes, ends);
    else this.passOn(bytes, ends);
  }

  private metered(event: string): EventKind {
    const kind = this.meter.event(event);
    this.idleEvents = kind === "content" ? 0 : this.idleEvents + 1;
    if (this.idleEvents > IDLE_EVENTS_MAX) throw new EventTooLargeError(`more than ${IDLE_EVENTS_MAX} events without content`);
    return kind;
  }

  private translate(translation: StreamTranslation, bytes: Buffer, ends: readonly number[]): void {
    let at = 0;
    for (const end of ends) {
      const delivered = this.meter.delivered();
      const kind = this.metered(bytes.toString("latin1", at, end));
      if (kind === "error") return this.noteError(bytes, at, end);
      const text = translation.event(bytes.toString("utf8", at, end)) + (kind === "end" ? translation.end() : "");
      at = end;
      if (translation.failure !== undefined) {
        if (text !== "") this.ready.push(Buffer.from(text));
        return this.noteUnreadable(translation.failure, delivered);
      }
      if (kind === "end") {
        this.last.push(Buffer.from(text));
        this.ended = true;
        return;
      }
      if (text !== "") this.ready.push(Buffer.from(text));
    }
  }

  private passOn(bytes: Buffer, ends: readonly number[]): void {
    let from = 0;
    let at = 0;
    for (const end of ends) {
      const kind = this.metered(bytes.toString("latin1", at, end));
      if (kind === "error") {
        this.queue(bytes, from, at);
        return this.noteError(bytes, at, end);
      }
      if (kind === "usage" && this.sent.hideUsage) {
        this.queue(bytes, from, at);
        from = end;
      } else if (kind === "end") {
        this.queue(bytes, from, at);
        this.last.push(bytes.subarray(at, ends.at(-1)));
        this.ended = true;
        return;
      } else if (this.sent.dialect.endsByClosing && this.meter.finished()) {
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
    const delivered = this.meter.delivered();
    if (rest.length > 0) {
      const kind = this.framing === "json-array" ? "noise" : this.meter.event(rest.toString("latin1"));
      if (kind === "error") return this.noteError(rest, 0, rest.length);
      if (this.translation) this.ready.push(Buffer.from(this.translation.event(rest.toString("utf8"))));
      else if ((kind === "end" || this.meter.finished()) && (kind !== "usage" || !this.sent.hideUsage)) this.last.push(rest);
      if (kind === "end") this.ended = true;
    }
    if (this.meter.finished()) this.ended = true;
    if (this.translation && this.ended) this.last.push(Buffer.from(this.translation.end()));
    if (this.translation?.failure !== undefined) this.noteUnreadable(this.translation.failure, delivered);
  }

  /** What the vendor sent cannot be translated: the stream is broken there, as by an error of the vendor's. */
  private noteUnreadable(why: string, delivered: boolean): void {
    this.vendorError = why;
    this.unreadable = !delivered;
  }

  private noteError(bytes: Buffer, from: number, to: number): void {
    this.vendorError = this.meter.errorText() ?? "";
    this.vendorErrorEvent = bytes.toString("latin1", from, to);
  }

  private queue(bytes: Buffer, from: number, to: number): void {
    if (to > from) this.ready.push(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
  }
}
