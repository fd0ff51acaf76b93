import { AnswerHead } from "./http1/answer-head.ts";
import type { Exchange } from "./http1/connection.ts";
import { wholeBody } from "./wire-body.ts";
import type { Transfer, WireRequest } from "./transport.ts";

/** Sends a request through an operator's HTTP proxy. That is rare, so it may cost more: Bun's own client knows proxies, tunnels and their credentials. */
export function sendThroughProxy(request: WireRequest, exchange: Exchange, proxy: string): Transfer {
  const controller = new AbortController();
  let ended = false;
  let flow: PromiseWithResolvers<void> | undefined;
  let heard = false;
  const run = async (): Promise<void> => {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      ...(request.body ? { body: wholeBody(request.body) } : {}),
      redirect: "manual",
      signal: controller.signal,
      decompress: false,
      // Bun would stop at 300 s by itself; the deadlines are the caller's.
      timeout: false,
      proxy,
    } as RequestInit);
    heard = true;
    exchange.head(headOf(response));
    if (response.body)
      for await (const piece of response.body) {
        if (flow) await flow.promise;
        if (ended) return;
        exchange.piece(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
      }
    if (!ended) exchange.end();
  };
  run().catch((error: unknown) => {
    if (!ended) exchange.broken(error instanceof Error ? `${error.name}: ${error.message}` : String(error), !heard);
  });
  return {
    pause: () => (flow ??= Promise.withResolvers<void>()),
    resume() {
      flow?.resolve();
      flow = undefined;
    },
    destroy() {
      ended = true;
      flow?.resolve();
      controller.abort();
    },
    // Bun's client does not tell.
    bodyIsOver: () => false,
  };
}

function headOf(response: Response): AnswerHead {
  let text = `HTTP/1.1 ${response.status} `;
  for (const [name, value] of response.headers) text += `\r\n${name}: ${value}`;
  return new AnswerHead(text);
}
