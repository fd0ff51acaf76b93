/** Topaz's errors: `{message, errorCode}`, with `errors` for a body at fault (its API reference: error handling). */
import type { Problem } from "../../kit/fields.ts";
import type { Failure, Received, WholeAnswer } from "../../kit/vendor.ts";

/** Takes a status and a body; gives the answer. */
export const said = (status: number, body: unknown, headers: Record<string, string> = {}): WholeAnswer => ({ kind: "whole", status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });

/** Takes a status, a code and a text; gives the refusal. */
export const refused = (status: number, errorCode: string, message: string, headers: Record<string, string> = {}): WholeAnswer => said(status, { message, errorCode }, headers);

/** Takes what is wrong with a body; gives the refusal. */
export const invalidBody = (problems: readonly Problem[]): WholeAnswer =>
  said(400, { message: "Invalid input", errorCode: "INVALID_INPUT", errors: problems.map(({ path, what }) => ({ path: path.join("."), message: what === "missing" ? "Required" : what === "values" ? "Value is not one of those allowed" : "Value is invalid" })) });

export const notFound = (): WholeAnswer => refused(404, "INVALID_INPUT", "Request not found");

/** Takes a request and a failure; gives Topaz's error answer. */
export function fail(_request: Received, failure: Failure): WholeAnswer {
  const { message, status } = failure;
  if (failure.kind === "no-balance") return refused(402, "INSUFFICIENT_CREDITS", message ?? "Insufficient credits");
  if (failure.kind === "bad-key" || status === 401) return refused(401, "UNAUTHORIZED", message ?? "Unauthorized");
  if (status === 404) return notFound();
  const code = status === 403 ? "FORBIDDEN" : status === 503 ? "SERVER_MAINTENANCE" : status >= 500 ? "SERVER_ERROR" : "INVALID_INPUT";
  return refused(status, code, message ?? (status >= 500 ? "The service is not available" : "The request could not be processed"), failure.retryAfter === undefined ? {} : { "retry-after": String(failure.retryAfter) });
}
