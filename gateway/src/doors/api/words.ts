import type { ApiWords } from "@yescale/contract";
import { DIALECTS } from "../../dialects/registry.ts";
import type { GatewayError } from "../../errors/gateway-error.ts";
import { errorResponse } from "../http.ts";

/** An error in the words of the address that it happened at. */
export function refusal(error: GatewayError, words: ApiWords, requestId: string): Response {
  const response = errorResponse(error, DIALECTS["openai-chat"], requestId);
  if (words === "openai") return response;
  const body = words === "system" ? { success: false, message: error.publicText } : { code: error.kind.code, message: error.publicText };
  return Response.json(body, { status: error.kind.status, headers: response.headers });
}

/** The words of addresses that are not served: those of their neighbours. */
export function wordsOfPath(path: string): ApiWords {
  if (path.startsWith("/api/auth/")) return "auth";
  return /^\/(?:api\/(?:admin|account)|(?:v1\/)?dashboard|mcp)(?:\/|$)/.test(path) ? "openai" : "system";
}
