import type { GatewayError } from "../../errors/gateway-error.ts";
import type { Framing, RenderedError } from "./dialect.ts";

/** Google's error model (https://google.aip.dev/193) as its JSON APIs send it, with our request id in the text. */
function geminiError(error: GatewayError, requestId: string): string {
  return JSON.stringify({ error: { code: error.kind.status, message: `${error.publicText} (request id: ${requestId})`, status: error.kind.geminiStatus } });
}

/** A whole error answer in Google's form. */
export function renderGeminiError(error: GatewayError, requestId: string): RenderedError {
  return { status: error.kind.status, body: geminiError(error, requestId) };
}

/** The same inside a stream that has begun: an event, or the last item of the JSON list. */
export function renderGeminiStreamError(error: GatewayError, requestId: string, framing: Framing): string {
  const body = geminiError(error, requestId);
  return framing === "sse" ? `data: ${body}\n\n` : `,\n${body}\n]`;
}
