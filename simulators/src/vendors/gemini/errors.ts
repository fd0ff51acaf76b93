/** Google's errors: `{error:{code,message,status,details?}}` (google.rpc.Status as JSON; Gemini API troubleshooting guide). */
import type { JsonObject } from "../../kit/json.ts";
import type { Failure, Received, TextAnswer } from "../../kit/vendor.ts";

const STATUS: Record<number, [string, string]> = {
  400: ["INVALID_ARGUMENT", "Request contains an invalid argument."],
  401: [
    "UNAUTHENTICATED",
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
  ],
  402: ["FAILED_PRECONDITION", "Billing is not enabled for this project."],
  403: ["PERMISSION_DENIED", "The caller does not have permission"],
  404: ["NOT_FOUND", "Requested entity was not found."],
  409: ["ABORTED", "The operation was aborted."],
  429: [
    "RESOURCE_EXHAUSTED",
    "You exceeded your current quota, please check your plan and billing details. Please retry in 20s.",
  ],
  500: [
    "INTERNAL",
    "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
  ],
  503: ["UNAVAILABLE", "The model is overloaded. Please try again later."],
  504: ["DEADLINE_EXCEEDED", "Deadline expired before operation could complete."],
};
const NO_BALANCE =
  "Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing.";
const BAD_KEY = "API key not valid. Please pass a valid API key.";
/** Seconds that RetryInfo names when the fault names none. */
const RETRY = 20;

/** The headers every answer carries. */
export const GEMINI_HEADERS = {
  "content-type": "application/json; charset=UTF-8",
  vary: "Origin, X-Origin, Referer",
  server: "scaffolding on HTTPServer2",
};

function errorObject(status: number, message: string | undefined, details: JsonObject[]): JsonObject {
  const [name, usual] =
    STATUS[status] ??
    (status < 500
      ? ["INVALID_ARGUMENT", "Request contains an invalid argument."]
      : ["UNAVAILABLE", "The service is currently unavailable."]);
  return {
    error: {
      code: status,
      message: message ?? usual,
      status: name,
      ...(details.length > 0 ? { details } : {}),
    },
  };
}

/** Takes a status, a text and details; gives the answer, printed over several lines as Google does. */
export const geminiRefusal = (status: number, message?: string, details: JsonObject[] = []): TextAnswer => ({
  kind: "whole",
  status,
  headers: { ...GEMINI_HEADERS },
  body: `${JSON.stringify(errorObject(status, message, details), null, 2)}\n`,
});

/** The answer to a key that is not accepted: a 400, not a 401. */
export const wrongKey = (): TextAnswer =>
  geminiRefusal(400, BAD_KEY, [
    {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "API_KEY_INVALID",
      domain: "googleapis.com",
      metadata: { service: "generativelanguage.googleapis.com" },
    },
    { "@type": "type.googleapis.com/google.rpc.LocalizedMessage", locale: "en-US", message: BAD_KEY },
  ]);

/** The answer to a request without a key. */
export const noKey = (): TextAnswer =>
  geminiRefusal(
    403,
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
  );

/** Takes a request and a wished failure; gives Google's answer. No balance is a 429 unless `status=402` is set with it. */
export function geminiFailure(_request: Received, failure: Failure): TextAnswer {
  if (failure.kind === "bad-key" && failure.message === undefined) return wrongKey();
  const status = failure.kind === "bad-key" ? 400 : failure.status || 429;
  const details: JsonObject[] = [];
  if (status === 429 && failure.kind === "status") {
    details.push({
      "@type": "type.googleapis.com/google.rpc.QuotaFailure",
      violations: [
        {
          quotaMetric: "generativelanguage.googleapis.com/generate_requests",
          quotaId: "GenerateRequestsPerMinutePerProjectPerModel",
          quotaValue: "10",
        },
      ],
    });
    details.push({
      "@type": "type.googleapis.com/google.rpc.RetryInfo",
      retryDelay: `${failure.retryAfter ?? RETRY}s`,
    });
  }
  const answer = geminiRefusal(
    status,
    failure.message ?? (failure.kind === "no-balance" ? NO_BALANCE : undefined),
    details,
  );
  if (failure.retryAfter !== undefined) answer.headers["retry-after"] = String(failure.retryAfter);
  return answer;
}

/** Takes a request, a failure and whether it comes first; gives the event or list item that reports it inside a running stream. */
export function geminiErrorFrame(request: Received, failure: Failure, first: boolean): string {
  const body = geminiFailure(request, failure).body.trim();
  if (request.query.get("alt") === "sse") return `data: ${JSON.stringify(JSON.parse(body))}\r\n\r\n`;
  return `${first ? "[" : ",\r\n"}${body}\n]`;
}
