import { parseJson } from "../dialects/canonical/fields.ts";
import type { ErrorName } from "../errors/catalogue.ts";
import { errorField, errorObject } from "../vendors/_kit/adapter.ts";
import { table } from "../table.ts";

/** What the types of OpenAI's and Anthropic's error objects and Google's status names stand for (their documents on errors; google.rpc.Code). */
const STATUS_BY_WORD: Readonly<Record<string, number>> = table({
  invalid_request_error: 400, invalid_request: 400, INVALID_ARGUMENT: 400, FAILED_PRECONDITION: 400, OUT_OF_RANGE: 400,
  authentication_error: 401, UNAUTHENTICATED: 401,
  billing_error: 402,
  permission_error: 403, PERMISSION_DENIED: 403,
  not_found_error: 404, NOT_FOUND: 404,
  request_too_large: 413,
  rate_limit_error: 429, rate_limit_exceeded: 429, insufficient_quota: 429, tokens: 429, requests: 429, RESOURCE_EXHAUSTED: 429,
  overloaded_error: 529, UNAVAILABLE: 503,
  timeout_error: 504, DEADLINE_EXCEEDED: 504,
});

/** The status that an error inside a 200 answer stands for, from its own words; 500 when they say nothing. `body`: JSON text of the answer or event. */
export function statusOfHiddenError(body: string): number {
  const error = errorObject(withoutEnvelope(body));
  const code = error["code"];
  if (typeof code === "number" && code >= 400 && code < 600) return code;
  for (const name of ["type", "status", "code"]) {
    const status = STATUS_BY_WORD[errorField(error, name)];
    if (status !== undefined) return status;
  }
  return 500;
}

/** What such an error is among ours when it breaks a stream: clients wait longer before they try a full vendor again. */
export function nameOfHiddenError(body: string): ErrorName {
  const status = statusOfHiddenError(body);
  if (status === 429) return "rateLimited";
  return status === 529 || status === 503 ? "overloaded" : "badUpstream";
}

/** OpenAI Responses wraps the error of a failed answer in `response`. */
function withoutEnvelope(body: string): string {
  const outer = parseJson(body) as { response?: { error?: unknown } } | undefined;
  return outer?.response?.error ? JSON.stringify({ error: outer.response.error }) : body;
}
