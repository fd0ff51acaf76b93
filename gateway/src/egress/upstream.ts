import type { Clock } from "../clock/clock.ts";
import type { Deadlines, Watch } from "./deadlines.ts";
import type { AnswerHead } from "./http1/answer-head.ts";
import type { Exchange } from "./http1/connection.ts";
import { ConnectError, type ConnectionPool } from "./http1/pool.ts";
import { sendThroughProxy } from "./proxied.ts";
import { send, type Transfer, type WireRequest } from "./transport.ts";

/** A refusal's text is read up to this much; no vendor explains itself at greater length. */
const REFUSAL_BYTES_MAX = 64 * 1024;
/** A caller that takes nothing for this long, with more waiting for it, has left without saying so. */
const CALLER_STALL_MS_MAX = 300_000;
/** A whole answer larger than this is refused: it must be held to be metered before its last byte goes out. */
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** A stream that brings more is no answer: 128,000 tokens, as many as any model is sold with, at a kilobyte an event make half of it. */
export const STREAM_BYTES_MAX = 256 * 1024 * 1024;
/** No call lasts longer, however steadily bytes come: at 20 tokens a second those 128,000 take less. */
export const CALL_MS_MAX = 7_200_000;

/** Whoever waits for the answer, as far as a call to a vendor is concerned. */
export interface Caller {
  /** Whether it has left. Asked every few ticks: a listener on each request's signal would cost a third of what relaying it costs. */
  left(): boolean;
  /** Told once, when an answer is slow in coming: the caller's connection may be silent from now on. */
  waits(): void;
}

export interface UpstreamRequest extends WireRequest {
  firstByteMs: number;
  idleMs: number;
  proxy: string | undefined;
  /** a 2xx answer is wanted piece by piece, not whole */
  stream: boolean;
  caller: Caller;
}

/** What calls upstream need: connections, deadlines, time. */
export interface Egress {
  pool: ConnectionPool;
  deadlines: Deadlines;
  clock: Clock;
}

/** Why a call ended without an answer, or an answer without its end. */
export class UpstreamFailure extends Error {
  constructor(
    readonly reason: "timeout" | "network" | "aborted" | "too_large" | "stopping",
    message: string,
    /** nobody can have read the request */
    readonly unsent = false,
  ) {
    super(message);
  }
}

/** Takes a streamed answer piece by piece. After `end` or `fail` nothing more comes. */
export interface AnswerConsumer {
  data(piece: Buffer): void;
  end(): void;
  fail(failure: UpstreamFailure): void;
  /** Told every few ticks while nothing comes. */
  tick(): void;
}

/**
 * One call to a vendor. Redirects are not followed: a credential must not travel to another origin. Opened by `openUpstream`, which resolves with it when the answer is whole,
 * or, for a stream, when its head has come; `consume` then takes the pieces.
 */
export class UpstreamCall implements Exchange, Watch {
  deadline: number;
  /** monotonic milliseconds at which even a busy call is over */
  private readonly lastMoment: number;
  private answer: AnswerHead | undefined;
  private pieces: Buffer[] = [];
  private length = 0;
  private collecting = true;
  private complete = false;
  private failure: UpstreamFailure | undefined;
  private consumer: AnswerConsumer | undefined;
  private transfer: Transfer | undefined;
  private ended = false;
  private paused = false;
  private slow = false;

  constructor(
    private readonly request: UpstreamRequest,
    private readonly egress: Egress,
    private readonly settle: { resolve(call: UpstreamCall): void; reject(failure: UpstreamFailure): void },
  ) {
    const now = egress.clock.monotonic();
    this.deadline = now + request.firstByteMs;
    this.lastMoment = now + CALL_MS_MAX;
  }

  start(): void {
    this.egress.deadlines.add(this);
    try {
      const { request } = this;
      this.transfer = request.proxy === undefined ? send(request, this, this.egress.pool) : sendThroughProxy(request, this, request.proxy);
    } catch (error) {
      this.lost(new UpstreamFailure("network", error instanceof ConnectError ? error.message : String(error), true));
    }
  }

  get status(): number {
    return this.answer?.status ?? 0;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  header(name: string): string | null {
    return this.answer?.header(name) ?? null;
  }

  /** Whether nothing of the request's body is looked at any more. */
  bodyIsOver(): boolean {
    return this.transfer?.bodyIsOver() ?? false;
  }

  /** The whole body, or the beginning of a refusal's. */
  body(): Buffer {
    return this.pieces.length === 1 ? (this.pieces[0] as Buffer) : Buffer.concat(this.pieces);
  }

  /** Hands over what has come of a stream and all that comes. */
  consume(consumer: AnswerConsumer): void {
    this.consumer = consumer;
    const { pieces } = this;
    this.pieces = [];
    for (const piece of pieces) consumer.data(piece);
    if (this.failure) consumer.fail(this.failure);
    else if (this.complete) consumer.end();
  }

  /** The caller is slow to take what has come: the vendor has to wait, and is not the one who is silent. */
  pause(): void {
    this.paused = true;
    this.deadline = this.egress.clock.monotonic() + CALLER_STALL_MS_MAX;
    this.transfer?.pause();
  }

  resume(): void {
    this.paused = false;
    this.touch();
    this.transfer?.resume();
  }

  /** Ends the call; the vendor sees its connection close. Nothing more is told. */
  cancel(): void {
    this.consumer = undefined;
    this.done();
    this.transfer?.destroy();
  }

  /** Called by Deadlines. */
  tick(): void {
    const { caller } = this.request;
    if (!this.slow) caller.waits();
    this.slow = true;
    if (caller.left()) this.abort();
    else if (this.egress.clock.monotonic() >= this.lastMoment) this.lost(new UpstreamFailure("timeout", `not done after ${CALL_MS_MAX / 60_000} minutes`));
    else this.consumer?.tick();
  }

  private abort(): void {
    this.lost(new UpstreamFailure("aborted", "the caller left"));
  }

  /** Called by Deadlines. */
  expired(): void {
    if (this.paused) this.abort();
    else this.lost(new UpstreamFailure("timeout", "no byte within the limit"));
  }

  /** Called by Deadlines. */
  stopped(): void {
    this.lost(new UpstreamFailure("stopping", "the gateway stops"));
  }

  head(answer: AnswerHead): void {
    this.answer = answer;
    this.collecting = !(this.request.stream && this.ok);
    this.touch();
    if (!this.collecting) this.settle.resolve(this);
    else if (this.ok && Number(answer.header("content-length") ?? "0") > ANSWER_BYTES_MAX) this.tooLarge(ANSWER_BYTES_MAX);
  }

  piece(bytes: Buffer): void {
    this.touch();
    this.length += bytes.length;
    if (!this.collecting && this.length > STREAM_BYTES_MAX) return this.tooLarge(STREAM_BYTES_MAX);
    if (this.consumer) return this.consumer.data(bytes);
    this.pieces.push(bytes);
    if (!this.collecting) return;
    if (this.ok ? this.length <= ANSWER_BYTES_MAX : this.length <= REFUSAL_BYTES_MAX) return;
    if (this.ok) return this.tooLarge(ANSWER_BYTES_MAX);
    // Enough of a refusal: what it says at greater length nobody reads.
    this.transfer?.destroy();
    this.end();
  }

  end(): void {
    if (this.ended) return;
    this.done();
    this.complete = true;
    if (this.collecting) this.settle.resolve(this);
    else this.consumer?.end();
  }

  broken(message: string, _untouched: boolean, unsent = false): void {
    this.lost(new UpstreamFailure("network", message, unsent));
  }

  private tooLarge(bytesMax: number): void {
    this.lost(new UpstreamFailure("too_large", `an answer of more than ${bytesMax} bytes`));
  }

  private lost(failure: UpstreamFailure): void {
    if (this.ended) return;
    this.done();
    this.failure = failure;
    this.transfer?.destroy();
    if (this.collecting) this.settle.reject(failure);
    else this.consumer?.fail(failure);
  }

  private touch(): void {
    if (!this.paused) this.deadline = this.egress.clock.monotonic() + this.request.idleMs;
  }

  private done(): void {
    this.ended = true;
    this.egress.deadlines.remove(this);
  }
}

/** Sends a request. Rejects with UpstreamFailure. */
export function openUpstream(request: UpstreamRequest, egress: Egress): Promise<UpstreamCall> {
  const { promise, resolve, reject } = Promise.withResolvers<UpstreamCall>();
  new UpstreamCall(request, egress, { resolve, reject }).start();
  return promise;
}
