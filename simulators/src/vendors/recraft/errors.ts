/** Recraft's refusals: bare text for a bad key and a wrong path, `{code, message}` otherwise; the codes and texts are ours, it documents none. */
import type { Failure, Received, WholeAnswer } from "../../kit/vendor.ts";

export const text = (status: number, body: string): WholeAnswer => ({ kind: "whole", status, headers: { "content-type": "text/plain; charset=utf-8" }, body });
const told = (status: number, code: string, message: string): WholeAnswer => ({ kind: "whole", status, headers: { "content-type": "application/json" }, body: JSON.stringify({ code, message }) });

/** Takes a text; gives the refusal of a request at fault. */
export const bad = (message: string): WholeAnswer => told(400, "invalid_request_parameter", message);

export const unauthorized = (): WholeAnswer => text(401, "request unauthorized");
export const noPage = (): WholeAnswer => text(404, "404 page not found");

/** Takes a request and a failure; gives Recraft's error answer. */
export function fail(_request: Received, failure: Failure): WholeAnswer {
  if (failure.kind === "no-balance") return told(400, "not_enough_credits", failure.message ?? "not enough credits");
  if (failure.kind === "bad-key" || failure.status === 401) return unauthorized();
  if (failure.status === 404) return noPage();
  const refused = told(failure.status, failure.status === 429 ? "rate_limit_exceeded" : failure.status < 500 ? "invalid_request_parameter" : "internal_error", failure.message ?? "request failed");
  return failure.retryAfter === undefined ? refused : { ...refused, headers: { ...refused.headers, "retry-after": String(failure.retryAfter) } };
}
