/**
 * Anthropic's errors: `{type:"error",error:{type,message},request_id}` (SDK: resources/shared, ErrorResponse; documentation, "Errors").
 */
import type { Failure, Received, TextAnswer } from "../../kit/vendor.ts";

/** Takes a request; gives the headers every answer carries. */
export function anthropicHeaders(request: Received): Record<string, string> {
  return {
    "content-type": "application/json",
    "request-id": `req_011C${request.ids.letters(20)}`,
    "anthropic-organization-id": "3f2b8c1e-5d4a-4b6f-9a7e-0a1b2c3d4e5f",
  };
}

const TYPES: Record<number, [string, string]> = {
  400: ["invalid_request_error", "The request is not valid."],
  401: ["authentication_error", "invalid x-api-key"],
  402: ["billing_error", "Your account has a billing problem. Please check your payment details."],
  403: ["permission_error", "Your API key does not have permission to use the specified resource."],
  404: ["not_found_error", "Not found"],
  408: ["timeout_error", "Request timed out"],
  409: ["conflict_error", "The request conflicts with the state of the resource."],
  413: ["request_too_large", "Request exceeds the maximum size"],
  429: [
    "rate_limit_error",
    "This request would exceed your organization's rate limit of 50 requests per minute. For details, refer to: https://docs.claude.com/en/api/rate-limits.",
  ],
  504: ["timeout_error", "Request timed out"],
  529: ["overloaded_error", "Overloaded"],
};
const OTHER: [string, string] = ["api_error", "Internal server error"];

/** Takes a request, a status and a text; gives the answer with the type that belongs to the status. */
export function anthropicRefusal(request: Received, status: number, message?: string): TextAnswer {
  const headers = anthropicHeaders(request);
  const [type, usual] =
    TYPES[status] ?? (status < 500 ? ["invalid_request_error", "The request is not valid."] : OTHER);
  const body = {
    type: "error",
    error: { type, message: message ?? usual },
    request_id: headers["request-id"],
  };
  return { kind: "whole", status, headers, body: JSON.stringify(body) };
}

const NO_BALANCE =
  "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.";

/** Takes a request and a wished failure; gives Anthropic's answer. No balance is a 400 with a text of its own. */
export function anthropicFailure(request: Received, failure: Failure): TextAnswer {
  const status = failure.kind === "no-balance" ? failure.status || 400 : failure.status;
  const answer = anthropicRefusal(
    request,
    status,
    failure.message ?? (failure.kind === "no-balance" ? NO_BALANCE : undefined),
  );
  if (failure.retryAfter !== undefined) answer.headers["retry-after"] = String(failure.retryAfter);
  return answer;
}

/** Takes a request and a failure; gives the `error` event of a running stream. */
export const anthropicErrorFrame = (request: Received, failure: Failure): string =>
  `event: error\ndata: ${anthropicFailure(request, failure).body}\n\n`;
