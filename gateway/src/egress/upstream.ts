import type { Clock } from "../clock/clock.ts";
import type { Deadlines, Watch } from "./deadlines.ts";

/** A refusal's text is read up to this much; no vendor explains itself at greater length. */
const REFUSAL_BYTES_MAX = 64 * 1024;
/** A whole answer larger than this is refused: it must be held to be metered before its last byte goes out. */
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

export interface UpstreamRequest {
  url: string;
  method: "POST" | "GET";
  headers: Record<string, string>;
  body?: Buffer;
  firstByteMs: number;
  idleMs: number;
  proxy: string | undefined;
  /** leave a compressed answer as it is */
  keepCompressed: boolean;
}

/** Why a call ended without an answer, or an answer without its end. */
export class UpstreamFailure extends Error {
  constructor(
    readonly reason: "timeout" | "network" | "aborted" | "too_large",
    message: string,
  ) {
    super(message);
  }
}

/** A call on its way. The answer's head has come; the body has not been read. */
export class UpstreamCall {
  private constructor(
    private readonly response: Response,
    private readonly controller: AbortController,
    private readonly watch: Watch,
    private readonly deadlines: Deadlines,
    private readonly clock: Clock,
    private readonly idleMs: number,
    private readonly state: { failure: UpstreamFailure | undefined },
  ) {}

  /**
   * Sends a request. Redirects are not followed: a credential must not travel to another origin.
   * Throws UpstreamFailure. `signal` is the caller's: when it goes, so does the call.
   */
  static async open(request: UpstreamRequest, signal: AbortSignal, deadlines: Deadlines, clock: Clock): Promise<UpstreamCall> {
    const controller = new AbortController();
    const state: { failure: UpstreamFailure | undefined } = { failure: undefined };
    const fail = (reason: UpstreamFailure["reason"], message: string): void => {
      state.failure ??= new UpstreamFailure(reason, message);
      controller.abort();
    };
    const watch: Watch = { deadline: clock.monotonic() + request.firstByteMs, expired: () => fail("timeout", "no byte within the limit") };
    if (signal.aborted) throw new UpstreamFailure("aborted", "the caller left");
    signal.addEventListener("abort", () => fail("aborted", "the caller left"), { once: true });
    deadlines.add(watch);
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: request.headers,
        ...(request.body ? { body: request.body } : {}),
        redirect: "manual",
        signal: controller.signal,
        decompress: !request.keepCompressed,
        // Bun would stop at 300 s by itself; the deadlines above are ours.
        timeout: false,
        ...(request.proxy ? { proxy: request.proxy } : {}),
      } as RequestInit);
      return new UpstreamCall(response, controller, watch, deadlines, clock, request.idleMs, state);
    } catch (error) {
      deadlines.remove(watch);
      throw state.failure ?? new UpstreamFailure("network", error instanceof Error ? `${error.name}: ${error.message}` : String(error));
    }
  }

  get status(): number {
    return this.response.status;
  }

  header(name: string): string | null {
    return this.response.headers.get(name);
  }

  /** The whole body. Throws UpstreamFailure, also when it is cut short. */
  async bytes(): Promise<Buffer> {
    this.touch();
    const declared = Number(this.header("content-length") ?? "NaN");
    if (declared > ANSWER_BYTES_MAX) {
      this.cancel();
      throw new UpstreamFailure("too_large", `an answer of ${declared} bytes`);
    }
    try {
      if (!Number.isNaN(declared)) {
        const body = Buffer.from(await this.response.arrayBuffer());
        if (this.header("content-encoding") === null && body.length < declared)
          throw new UpstreamFailure("network", `the answer ended after ${body.length} of ${declared} bytes`);
        return body;
      }
      return await this.readUpTo(ANSWER_BYTES_MAX, true);
    } catch (error) {
      throw this.failureOf(error);
    } finally {
      this.done();
    }
  }

  /** The beginning of a refusal's body as text; never throws. */
  async refusalText(): Promise<string> {
    this.touch();
    try {
      return (await this.readUpTo(REFUSAL_BYTES_MAX, false)).toString("utf8");
    } catch {
      return "";
    } finally {
      this.cancel();
    }
  }

  /** Chunks as they arrive. Each read moves the idle deadline. Throws UpstreamFailure when the connection breaks. */
  reader(): { read(): Promise<Buffer | undefined> } {
    const reader = this.response.body?.getReader();
    return {
      read: async () => {
        if (!reader) return undefined;
        try {
          const { done, value } = await reader.read();
          if (done) {
            this.done();
            if (this.state.failure) throw this.state.failure;
            return undefined;
          }
          this.touch();
          return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        } catch (error) {
          this.done();
          throw this.failureOf(error);
        }
      },
    };
  }

  /** The caller is slow to take what has come: that is not the vendor's silence. */
  touch(): void {
    this.watch.deadline = this.clock.monotonic() + this.idleMs;
  }

  /** Ends the call; the vendor sees its connection close. */
  cancel(): void {
    this.done();
    this.controller.abort();
  }

  private done(): void {
    this.deadlines.remove(this.watch);
  }

  private failureOf(error: unknown): UpstreamFailure {
    if (error instanceof UpstreamFailure) return error;
    return this.state.failure ?? new UpstreamFailure("network", error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }

  private async readUpTo(bytesMax: number, orFail: boolean): Promise<Buffer> {
    const reader = this.reader();
    const parts: Buffer[] = [];
    let length = 0;
    for (;;) {
      const chunk = await reader.read();
      if (!chunk) return Buffer.concat(parts);
      parts.push(chunk);
      length += chunk.length;
      if (length <= bytesMax) continue;
      if (!orFail) return Buffer.concat(parts);
      this.cancel();
      throw new UpstreamFailure("too_large", `an answer of more than ${bytesMax} bytes`);
    }
  }
}
