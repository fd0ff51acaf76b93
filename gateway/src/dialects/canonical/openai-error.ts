import type { GatewayError } from "../../errors/gateway-error.ts";
import type { RenderedError } from "./dialect.ts";

/** The inner object of OpenAI's errors (https://platform.openai.com/docs/guides/error-codes), with our request id in the text. */
export function openaiError(error: GatewayError, requestId: string): { message: string; type: string; param: string | null; code: string } {
  return { message: `${error.publicText} (request id: ${requestId})`, type: error.kind.openaiType, param: error.param, code: error.kind.code };
}

/** A whole error answer in OpenAI's form. */
export function renderOpenAIError(error: GatewayError, requestId: string): RenderedError {
  return { status: error.kind.status, body: JSON.stringify({ error: openaiError(error, requestId) }) };
}

/** The same as an event of a stream that has begun. */
export function renderOpenAIStreamError(error: GatewayError, requestId: string): string {
  return `data: ${JSON.stringify({ error: openaiError(error, requestId) })}\n\n`;
}
