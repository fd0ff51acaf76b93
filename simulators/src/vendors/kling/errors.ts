/** Kling's answers: `{code, message, request_id}`, with `data` when all is well (documentation: error codes). */
import type { Problem } from "../../kit/fields.ts";
import type { Failure, Received, WholeAnswer } from "../../kit/vendor.ts";

function answered(request: Received, status: number, code: number, message: string, data?: unknown, headers: Record<string, string> = {}): WholeAnswer {
  const id = `${request.ids.hex(8)}-${request.ids.hex(4)}-4${request.ids.hex(3)}-b${request.ids.hex(3)}-${request.ids.hex(12)}`;
  return { kind: "whole", status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify({ code, message, request_id: id, ...(data === undefined ? {} : { data }) }) };
}

/** Takes a request and data; gives the answer. */
export const said = (request: Received, data: unknown): WholeAnswer => answered(request, 200, 0, "SUCCEED", data);

/** Status of each code. */
const STATUSES: Record<number, number> = { 1103: 403, 1200: 400, 1201: 400, 1202: 404, 1203: 404, 1300: 400, 1301: 400, 5000: 500, 5001: 503, 5002: 504 };

/** Takes a request, a code and a text; gives the refusal, with the status that belongs to the code. */
export function refused(request: Received, code: number, message: string, headers: Record<string, string> = {}): WholeAnswer {
  const status = STATUSES[code] ?? (code < 1100 ? 401 : code < 1103 || (code > 1301 && code < 1400) ? 429 : 400);
  return answered(request, status, code, message, undefined, headers);
}

/** Takes what is wrong with a body; gives the refusal: the first fault is told. */
export function invalidBody(request: Received, { path, what, rule, value }: Problem): WholeAnswer {
  const name = path.join(".");
  if (what === "missing") return refused(request, 1201, `Field ${name} is required`);
  if (what === "values" && "values" in rule) return refused(request, 1201, `${name} value '${String(value as string)}' is invalid, must be one of ${(rule.values ?? []).join(", ")}`);
  if (what === "file") return refused(request, 1201, `File is not in a valid base64 format: ${name}`);
  if (what === "gone") return refused(request, 1201, `Failed to download the file of ${name}`);
  return refused(request, 1201, `${name} is invalid`);
}

/** Takes a request and a failure; gives Kling's error answer. 429 is the limit of tasks at a time, with a retry-after that of calls. */
export function fail(request: Received, failure: Failure): WholeAnswer {
  const { status } = failure;
  const told = (code: number, message: string): WholeAnswer => refused(request, code, failure.message ?? message, failure.retryAfter === undefined ? {} : { "retry-after": String(failure.retryAfter) });
  if (failure.kind === "no-balance") return told(1102, "Account balance not enough");
  if (failure.kind === "bad-key" || status === 401) return told(1000, "Authentication failed");
  if (status === 429) return failure.retryAfter === undefined ? told(1303, "parallel task over resource pack limit") : told(1302, "request too frequently");
  if (status === 403) return told(1103, "No permission to access the model");
  if (status === 404) return told(1203, "Task not found");
  if (status === 503) return told(5001, "Server is temporarily unavailable");
  if (status === 504) return told(5002, "Server internal timeout");
  return status >= 500 ? { ...told(5000, "Server internal error"), status } : { ...told(1200, "Invalid request parameters"), status };
}
