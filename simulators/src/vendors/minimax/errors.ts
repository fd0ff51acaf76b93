/** MiniMax's errors: every answer is a 200; `base_resp.status_code` says what it is (error codes of its API reference). */
import type { JsonObject } from "../../kit/json.ts";
import type { Failure, Received, WholeAnswer } from "../../kit/vendor.ts";

export const JSON_HEADERS = { "content-type": "application/json" };

/** What stands in an answer that is as it should be. */
export const FINE = { base_resp: { status_code: 0, status_msg: "success" } };

/** Takes a request, a code and a text; gives the answer that says so. */
export function told(request: Received, code: number, message: string): WholeAnswer {
  return shown(request, { base_resp: { status_code: code, status_msg: message } });
}

/** Takes a request and a body; gives the answer. */
export function shown(request: Received, body: JsonObject): WholeAnswer {
  return { kind: "whole", status: 200, headers: { ...JSON_HEADERS, "trace-id": request.ids.hex(32) }, body: JSON.stringify(body) };
}

/** Takes a request and a wished failure; gives MiniMax's answer. */
export function minimaxFailure(request: Received, failure: Failure): WholeAnswer {
  if (failure.kind === "no-balance") return told(request, 1008, failure.message ?? "insufficient balance");
  if (failure.kind === "bad-key" || failure.status === 401) return told(request, 2049, failure.message ?? "invalid api key");
  if (failure.status === 429) return told(request, 1002, failure.message ?? "rate limit exceeded(RPM)");
  if (failure.status === 504) return told(request, 1001, failure.message ?? "request timeout");
  if (failure.status < 500) return told(request, 2013, failure.message ?? "invalid params");
  return told(request, 1000, failure.message ?? "unknown error");
}
