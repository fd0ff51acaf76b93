import { asGatewayError, GatewayError } from "../errors/gateway-error.ts";
import { errorField, errorObject } from "../vendors/_kit/adapter.ts";
import type { RelayCall } from "./call.ts";

/** Bun's sink of a `type: "direct"` stream: write and flush give a promise when the caller's socket is full. */
export interface DirectSink {
  write(chunk: Uint8Array | string): number | Promise<number>;
  flush(): number | Promise<number>;
  close(): void;
}

/** An answer that comes piece by piece: its head, and who writes its body. */
export interface StreamedAnswer {
  status: number;
  headers: Record<string, string>;
  /** Writes and closes; resolves when it is over. */
  run(sink: DirectSink): Promise<void>;
  /** The caller's socket is gone. */
  callerLeft(): void;
}

/** How the caller's own stream is cut into events. */
export const framingOf = (call: RelayCall): "sse" | "json-array" => (call.dialect.id === "gemini" && !/[?&]alt=sse\b/.test(call.query) ? "json-array" : "sse");

/** A reverse proxy in front of us must not collect events. */
export const streamHeaders = (call: RelayCall): Record<string, string> => ({
  ...call.ownHeaders,
  "content-type": framingOf(call) === "sse" ? "text/event-stream; charset=utf-8" : "application/json",
  "cache-control": "no-cache",
  "x-accel-buffering": "no",
});

/** As a response. */
export function streamResponse(answer: StreamedAnswer): Response {
  const source = { type: "direct", pull: (sink: DirectSink) => answer.run(sink), cancel: () => answer.callerLeft() };
  return new Response(new ReadableStream(source as unknown as ConstructorParameters<typeof ReadableStream>[0]), { status: answer.status, headers: answer.headers });
}

/**
 * The response to a caller of a stream. While no target has given content nothing is sent, so that a refusal can have its own status; but a model that thinks for long
 * must not look dead, so after `keepAliveMs` the head goes out with 200 and keep-alives follow. From then on failover still works, and a failure is told as an error event.
 */
export async function withKeepAlive(call: RelayCall, answer: Promise<Response | StreamedAnswer>, keepAliveMs: number): Promise<Response> {
  const keepAlive = call.dialect.keepAlive?.(framingOf(call));
  if (keepAlive === undefined || keepAliveMs === 0) return responseOf(await answer);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), keepAliveMs)));
  try {
    const first = await Promise.race([answer, silence]);
    if (first !== undefined) return responseOf(first);
  } finally {
    clearTimeout(timer);
  }
  return streamResponse(new EarlyAnswer(call, answer, keepAlive, keepAliveMs));
}

/** An answer as a response, whichever of the two it is. */
export const responseOf = (answer: Response | StreamedAnswer): Response => (answer instanceof Response ? answer : streamResponse(answer));

/** A stream whose head went out before its content was there. */
class EarlyAnswer implements StreamedAnswer {
  readonly status = 200;
  readonly headers: Record<string, string>;
  private begun: StreamedAnswer | undefined;
  private gone = false;

  constructor(
    private readonly call: RelayCall,
    private readonly answer: Promise<Response | StreamedAnswer>,
    private readonly keepAlive: string,
    private readonly keepAliveMs: number,
  ) {
    this.headers = streamHeaders(call);
  }

  async run(sink: DirectSink): Promise<void> {
    const beat = (): void => {
      void sink.write(this.keepAlive);
      void sink.flush();
    };
    beat();
    const pulse = setInterval(beat, this.keepAliveMs);
    let answer: Response | StreamedAnswer | GatewayError;
    try {
      answer = await this.answer;
    } catch (error) {
      answer = asGatewayError(error);
    } finally {
      clearInterval(pulse);
    }
    if (!(answer instanceof Response) && !(answer instanceof GatewayError)) {
      this.begun = answer;
      if (this.gone) return answer.callerLeft();
      return answer.run(sink);
    }
    if (this.gone) return;
    // A vendor's refusal would have been an answer of its own; its status has gone by, its words have not.
    const error = answer instanceof GatewayError ? answer : new GatewayError("invalidRequest", { publicText: (await wordsOf(answer)) || "The model's vendor refused the request." });
    if (this.gone) return;
    void sink.write(this.call.dialect.renderStreamError(error, this.call.id, framingOf(this.call)));
    void sink.flush();
    sink.close();
  }

  callerLeft(): void {
    this.gone = true;
    this.begun?.callerLeft();
  }
}

/** What a vendor's refusal, in whatever dialect and redacted already, says to its reader. */
const wordsOf = async (refusal: Response): Promise<string> => errorField(errorObject(await refusal.text()), "message");
