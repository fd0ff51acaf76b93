import { ownNames } from "../../channels/own-names.ts";
import type { SessionMeter, TurnEnd } from "../../dialects/canonical/session.ts";
import type { Watch } from "../../egress/deadlines.ts";
import type { VendorListener } from "../../egress/websocket.ts";
import { asGatewayError, GatewayError } from "../../errors/gateway-error.ts";
import { redact } from "../../errors/redact.ts";
import type { EndReason } from "../../wallet/record.ts";
import { mayUse } from "../model-limits.ts";
import type { CallerListener, CallerSocket } from "./caller-socket.ts";
import {
  CALLER_STALL_MS_MAX, CLOSE, closeReason, IDLE_MS_MAX, KEY_CHECK_MS, MESSAGE_BYTES_MAX, passedOnCode, SESSION_MS_MAX, VENDOR_BACKLOG_BYTES_MAX, VENDOR_PING_MS, VENDOR_SILENCE_MS_MAX,
} from "./limits.ts";
import { healthModel, upstreamName } from "./opening.ts";
import type { Opening, SessionCall, SessionServices } from "./session-call.ts";
import { Turns } from "./turns.ts";

/** The connection is gone without a closing (RFC 6455, 7.1.5). */
const BROKEN = 1006;

/**
 * One session between a caller and a vendor. Messages go on as they are; the vendor's are metered on the way, and the one that ends a turn goes on only when its
 * charge is in the journal. When one side leaves, the other is closed, and turns that are still open are billed by what was delivered.
 */
export class Session implements CallerListener, VendorListener, Watch {
  deadline: number;
  private readonly meter: SessionMeter;
  private readonly turns: Turns;
  private caller: CallerSocket | undefined;
  /** what the vendor has said and we have not looked at yet */
  private readonly unread: { data: Buffer; binary: boolean }[] = [];
  /** a turn is being charged, or the next one reserved: what the vendor says waits */
  private settling: Promise<void> | undefined;
  /** the vendor has closed: that is passed on after what it said before */
  private vendorClosed: { code: number; reason: string } | undefined;
  private stalledAt: number | undefined;
  private draining = false;
  private over = false;
  private readonly billed = Promise.withResolvers<void>();
  private lastWordAt: number;
  private vendorAliveAt: number;
  private pingedAt: number;
  private keyCheckedAt: number;

  /** `onOver` is told when the session has ended and everything is billed. */
  constructor(
    private readonly call: SessionCall,
    private readonly opening: Opening,
    private readonly services: SessionServices,
    private readonly onOver: (session: Session) => void,
  ) {
    const now = services.clock.monotonic();
    [this.lastWordAt, this.vendorAliveAt, this.pingedAt, this.keyCheckedAt] = [now, now, now, now];
    this.deadline = now + SESSION_MS_MAX;
    this.meter = call.dialect.meter({ asked: opening.asked, upstream: upstreamName(opening.model, opening.asked, opening.target) });
    this.turns = new Turns(call, opening, services);
    services.egress.deadlines.add(this);
  }

  opened(socket: CallerSocket): void {
    this.caller = socket;
    this.opening.socket.listen(this);
  }

  /** From the caller. */
  message(data: string | Buffer): void {
    if (this.over) return;
    this.lastWordAt = this.services.clock.monotonic();
    if ((typeof data === "string" ? Buffer.byteLength(data) : data.length) > MESSAGE_BYTES_MAX)
      return this.end(CLOSE.tooBig, new GatewayError("tooLarge", { publicText: `A message may have ${MESSAGE_BYTES_MAX} bytes at most.` }));
    if (this.opening.socket.backlogBytes > VENDOR_BACKLOG_BYTES_MAX)
      return this.end(CLOSE.policy, new GatewayError("rateLimited", { publicText: "More is sent than the model's vendor takes." }));
    const text = typeof data === "string" ? data : data.toString("utf8");
    try {
      const message = this.meter.caller(text);
      for (const model of message.models) this.admitBeside(model);
      // As it came, binary or text, unless we had to change it.
      this.opening.socket.send(message.text === text ? data : message.text);
    } catch (error) {
      this.refuse(asGatewayError(error), text);
    }
  }

  drained(): void {
    this.stalledAt = undefined;
    if (!this.over && !this.settling) this.opening.socket.resume();
  }

  left(): void {
    if (!this.over) this.finish("client_gone");
  }

  drain(): void {
    this.draining = true;
    if (this.turns.size === 0) this.end(CLOSE.goingAway, new GatewayError("shuttingDown"));
  }

  stop(): Promise<void> {
    this.end(CLOSE.goingAway, new GatewayError("shuttingDown"));
    return this.billed.promise;
  }

  /** From the vendor. */
  heard(data: Buffer, binary: boolean): void {
    this.alive();
    this.lastWordAt = this.vendorAliveAt;
    this.unread.push({ data, binary });
    this.read();
  }

  alive(): void {
    this.vendorAliveAt = this.services.clock.monotonic();
  }

  closed(code: number, reason: string): void {
    this.vendorClosed = { code, reason };
    this.read();
  }

  /** Called by Deadlines: the session is as old as one may be. */
  expired(): void {
    this.end(CLOSE.normal, new GatewayError("requestTimeout", { publicText: "The session has reached its longest life." }));
  }

  /** Called by Deadlines. */
  tick(): void {
    const now = this.services.clock.monotonic();
    const { stalledAt } = this;
    if (stalledAt !== undefined && now - stalledAt > CALLER_STALL_MS_MAX)
      return this.end(CLOSE.policy, new GatewayError("requestTimeout", { publicText: "What the model says is not taken." }));
    if (now - this.lastWordAt > IDLE_MS_MAX) return this.end(CLOSE.normal, new GatewayError("requestTimeout", { publicText: "Nothing was said for too long." }));
    // A vendor that has to wait is not the one who is silent.
    if (stalledAt !== undefined || this.settling) this.vendorAliveAt = now;
    if (now - this.vendorAliveAt > VENDOR_SILENCE_MS_MAX) return this.closed(BROKEN, "");
    if (now - Math.max(this.vendorAliveAt, this.pingedAt) > VENDOR_PING_MS) {
      this.pingedAt = now;
      this.opening.socket.ping();
    }
    if (now - this.keyCheckedAt > KEY_CHECK_MS) this.checkKey(now);
  }

  private checkKey(now: number): void {
    this.keyCheckedAt = now;
    try {
      this.call.recheck();
    } catch (error) {
      this.end(CLOSE.policy, asGatewayError(error));
    }
  }

  /** A model that the session uses beside its own: it has to have a price by the token, and the key has to be allowed it. Throws GatewayError. */
  private admitBeside(name: string): void {
    const catalog = this.services.catalog();
    const model = catalog.find(name);
    if (!model?.compiled?.base.unit.input)
      throw new GatewayError("invalidRequest", { publicText: `"${name.slice(0, 100)}" cannot transcribe here: it has no price by the token. Name another model, such as "gpt-4o-mini-transcribe", or none.`, param: "session.audio.input.transcription.model" });
    if (!mayUse(this.call.key, model, catalog)) throw new GatewayError("modelNotAllowed", { param: "session.audio.input.transcription.model" });
  }

  /** A message that must not go on: the session goes on without it where its protocol can say so. */
  private refuse(error: GatewayError, text: string): void {
    const message = this.call.dialect.errorMessage(error, this.call.id, text);
    if (message === undefined || error.kind.status >= 500) this.end(error.kind.status >= 500 ? CLOSE.internal : CLOSE.badData, error);
    else this.toCaller(message);
  }

  /** Looks at what the vendor has said, and passes it on. */
  private read(): void {
    while (!this.over && !this.settling) {
      const next = this.unread.shift();
      if (!next) break;
      const { began, content, ended } = this.meter.vendor(next.data.toString("utf8"));
      for (const turn of began) this.turns.begin(turn)?.catch((error: unknown) => this.dry(error));
      for (const turn of content) this.turns.content(turn);
      if (ended.length === 0) this.pass(next);
      else this.settle(next, ended);
    }
    if (!this.over && !this.settling && this.vendorClosed) this.vendorLeft(this.vendorClosed);
  }

  /** Charges turns, then passes on the message that ended them, then reserves the next. */
  private settle(message: { data: Buffer; binary: boolean }, ended: readonly TurnEnd[]): void {
    this.opening.socket.pause();
    const work = async (): Promise<void> => {
      for (const turn of ended) await this.turns.end(turn, "complete");
      if (this.over) return;
      this.pass(message);
      if (this.draining) return this.drain();
      await this.turns.renew().catch((error: unknown) => this.dry(error));
    };
    this.settling = work()
      // Our own fault (the disk refuses the journal): what was not charged does not go out.
      .catch((error: unknown) => {
        this.log(error);
        this.end(CLOSE.internal, new GatewayError("internal"));
      })
      .finally(() => {
        this.settling = undefined;
        if (this.over) return;
        if (this.stalledAt === undefined) this.opening.socket.resume();
        this.read();
      });
  }

  private pass({ data, binary }: { data: Buffer; binary: boolean }): void {
    this.toCaller(binary ? data : data.toString("utf8"));
  }

  private toCaller(data: string | Buffer): void {
    const taken = this.caller?.send(data);
    if (taken === "gone") this.left();
    if (taken !== "full" || this.over) return;
    this.stalledAt ??= this.services.clock.monotonic();
    this.opening.socket.pause();
  }

  /** The next turn could not be reserved. */
  private dry(thrown: unknown): void {
    const error = asGatewayError(thrown);
    this.end(error.kind.status === 402 ? CLOSE.policy : error.kind.retryable ? CLOSE.tryAgain : CLOSE.internal, error);
  }

  private vendorLeft({ code, reason }: { code: number; reason: string }): void {
    const { target, model } = this.opening;
    if (passedOnCode(code) === CLOSE.internal) {
      this.services.channels.health.failure(target.id, healthModel(model, this.call), "network");
      return this.end(CLOSE.internal, new GatewayError("upstreamCut", { publicText: "The model's vendor ended the session." }));
    }
    const { caller } = this;
    this.finish("upstream_cut", "upstream_stream_cut");
    caller?.close(code, closeReason(redact(reason, ownNames(target.channel))));
  }

  /** Ends the session from our side: the caller is told why. */
  private end(code: number, error: GatewayError): void {
    if (this.over) return;
    const { caller } = this;
    this.finish("upstream_cut", error.kind.code);
    const message = this.call.dialect.errorMessage(error, this.call.id);
    if (message !== undefined) caller?.send(message);
    caller?.close(code, closeReason(error.publicText));
  }

  /** Closes the vendor's side and bills what is open: usage that has come counts, the rest by what was delivered. */
  private finish(end: EndReason, error?: string): void {
    this.over = true;
    this.caller = undefined;
    this.opening.socket.close(CLOSE.normal);
    this.services.egress.deadlines.remove(this);
    this.turns.close();
    const reported = this.unread.splice(0).flatMap(({ data }) => this.meter.vendor(data.toString("utf8")).ended);
    const cut = this.meter.unfinished().map((turn) => ({ error, ...turn }));
    const work = async (): Promise<void> => {
      await this.settling;
      for (const turn of reported) await this.turns.end(turn, "complete").catch((failure: unknown) => this.log(failure));
      for (const { error: why, ...turn } of cut) await this.turns.end(turn, end, why).catch((failure: unknown) => this.log(failure));
    };
    work()
      .catch((failure: unknown) => this.log(failure))
      .finally(() => {
        this.billed.resolve();
        this.onOver(this);
      });
  }

  private log(error: unknown): void {
    this.services.log.error({ requestId: this.call.id, error: asGatewayError(error).internalText }, "session failed");
  }
}
