/** Ark's errors: `{error: {code, message, param, type}}` (volcengine.com/docs/82379/1299023). */
import type { Failure, Received, WholeAnswer } from "../../kit/vendor.ts";

const TYPES: Record<number, string> = { 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 429: "TooManyRequests" };

/** Takes a status, a code, a text and the member it is about; gives the refusal. */
export const refuse = (status: number, code: string, message: string, param = ""): WholeAnswer => ({
  kind: "whole",
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ error: { code, message, param, type: TYPES[status] ?? (status >= 500 ? "InternalServerError" : "BadRequest") } }),
});

/** Takes a member and what is wrong with it; gives the 400. */
export const invalid = (param: string, why: string): WholeAnswer => refuse(400, "InvalidParameter", `The parameter \`${param}\` specified in the request is not valid: ${why}`, param);
/** Takes a member that is not there; gives the 400. */
export const missing = (param: string): WholeAnswer => refuse(400, "MissingParameter", `The request failed because it is missing \`${param}\` parameter.`, param);
/** Takes a model that does not exist; gives the 404. */
export const noModel = (model: string): WholeAnswer => refuse(404, "InvalidEndpointOrModel.NotFound", `The model or endpoint ${model} does not exist or you do not have access to it.`);

/** What is said of content that is not taken, of a request and of what was made. */
export const SENSITIVE = {
  text: ["InputTextSensitiveContentDetected", "The request failed because the input text may contain sensitive information."],
  picture: ["OutputImageSensitiveContentDetected", "The request failed because the output image may contain sensitive information."],
  film: ["OutputVideoSensitiveContentDetected", "The request failed because the output video may contain sensitive information."],
} as const satisfies Record<string, readonly [string, string]>;

const WORDS: Record<number, [string, string]> = {
  401: ["AuthenticationError", "The API key in the request is missing or invalid."],
  403: ["AccessDenied", "The request failed because you do not have access to the requested resource."],
  404: ["InvalidEndpointOrModel.NotFound", "The model or endpoint does not exist or you do not have access to it."],
  429: ["RateLimitExceeded.EndpointRPMExceeded", "The Requests Per Minute (RPM) limit of the associated endpoint for your account has been exceeded."],
  503: ["ServerOverloaded", "The service is currently unable to handle additional requests due to server overload."],
};

/** Takes a request and a wished failure; gives Ark's answer. No balance is a 403 (`AccountOverdueError`). */
export function arkFailure(_request: Received, failure: Failure): WholeAnswer {
  const status = failure.kind === "no-balance" ? failure.status || 403 : failure.kind === "bad-key" ? 401 : failure.status;
  const [code, text] =
    failure.kind === "no-balance"
      ? ["AccountOverdueError", "The request failed because your account has an overdue balance."]
      : (WORDS[status] ?? (status < 500 ? ["InvalidParameter", "A parameter specified in the request is not valid."] : ["InternalServiceError", "The service encountered an unexpected internal error."]));
  const answer = refuse(status, code, failure.message ?? text);
  if (failure.retryAfter !== undefined) answer.headers["retry-after"] = String(failure.retryAfter);
  return answer;
}
