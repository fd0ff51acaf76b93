/** fal's errors: of a model (`detail` is a list), of a request (`detail` is text with `error_type`), of its gateway. */
import type { Problem } from "../../kit/fields.ts";
import type { JsonObject } from "../../kit/json.ts";
import type { Failure, Received, WholeAnswer } from "../../kit/vendor.ts";

/** One entry of a model error (documentation: model errors). */
export interface Detail {
  loc: (string | number)[];
  msg: string;
  type: string;
  url?: string;
  ctx?: JsonObject;
  input?: unknown;
}

/** An error of a run: what the result's address answers. */
export interface RunError {
  status: number;
  body: JsonObject;
  type: string;
  retryable: boolean;
}

const HEADERS = { "content-type": "application/json" };

/** Takes a status and a body; gives the answer. */
export const said = (status: number, body: unknown, headers: Record<string, string> = {}): WholeAnswer => ({ kind: "whole", status, headers: { ...HEADERS, ...headers }, body: JSON.stringify(body) });

const named = (values: readonly unknown[]): string => values.map((value) => `'${String(value)}'`).join(" or ").replaceAll(/ or (?=.* or )/g, ", ");

function detailOf({ path, what, rule, value }: Problem): Detail {
  const loc = ["body", ...path];
  const least = "least" in rule ? rule.least : undefined;
  const most = "most" in rule ? rule.most : undefined;
  const long = rule.is === "text" || rule.is === "list";
  switch (what) {
    case "missing":
      return { loc, msg: "Field required", type: "missing" };
    case "values": {
      const values = "values" in rule ? (rule.values ?? []) : [];
      return { loc, msg: `Input should be ${named(values)}`, type: "one_of", ctx: { expected: values }, input: value };
    }
    case "least":
      if (long) return { loc, msg: `Value should have at least ${least} items`, type: "sequence_too_short", ctx: { min_length: least }, input: value };
      return { loc, msg: `Input should be greater than or equal to ${least}`, type: "greater_than_equal", ctx: { ge: least }, input: value };
    case "most":
      if (long) return { loc, msg: `Value should have at most ${most} items`, type: "sequence_too_long", ctx: { max_length: most }, input: value };
      return { loc, msg: `Input should be less than or equal to ${most}`, type: "less_than_equal", ctx: { le: most }, input: value };
    case "gone":
      return { loc, msg: "Failed to download the file. Please check if the URL is accessible and try again.", type: "file_download_error", input: value };
    case "file":
      if (rule.is === "file" && rule.kind === "video") return { loc, msg: "Unsupported video format.", type: "unsupported_video_format" };
      if (rule.is === "file" && rule.kind === "sound") return { loc, msg: "Unsupported audio format.", type: "unsupported_audio_format" };
      return { loc, msg: "Failed to load the image. Please ensure the image file is not corrupted and is in a supported format.", type: "image_load_error" };
    default:
      return { loc, msg: what === "pattern" ? "String should match the documented pattern" : `Input should be a valid ${rule.is === "text" || rule.is === "file" ? "string" : rule.is === "flag" ? "boolean" : rule.is === "object" ? "dictionary" : rule.is}`, type: "value_error", input: value };
  }
}

const modelError = (status: number, details: Detail[], retryable: boolean): RunError => ({
  status,
  body: { detail: details.map((one) => ({ url: `https://docs.fal.ai/errors#${one.type}`, ...one })) },
  type: details[0]?.type ?? "value_error",
  retryable,
});

/** Takes what is wrong with an input; gives the error its run ends with. */
export const invalidInput = (problems: readonly Problem[]): RunError => modelError(422, problems.map(detailOf), false);

/** Takes an entry; gives the error of a run that ends with it. */
export const refusedInput = (detail: Detail): RunError => modelError(422, [detail], false);

/** The error of a run whose prompt or output was flagged. */
export const contentRefused = (input: JsonObject): RunError =>
  refusedInput({ loc: ["body", "prompt"], msg: "The content could not be processed because it contained material flagged by a content checker.", type: "content_policy_violation", input: input["prompt"] ?? null });

/** Statuses of request errors (documentation: request errors). */
const REQUEST_ERRORS: Record<string, number> = {
  request_timeout: 504,
  startup_timeout: 504,
  runner_scheduling_failure: 503,
  runner_connection_timeout: 503,
  runner_disconnected: 503,
  runner_connection_refused: 503,
  runner_connection_error: 503,
  runner_incomplete_response: 502,
  runner_server_error: 500,
  client_disconnected: 499,
  client_cancelled: 499,
  bad_request: 400,
  internal_error: 500,
};
/** Statuses of model errors that may be repeated. */
const MODEL_FAILURES: Record<string, number> = { internal_server_error: 500, generation_timeout: 504, downstream_service_error: 400, downstream_service_unavailable: 400 };

/** Takes a documented error type (another one counts as a model error of status 422); gives the error of a run that ends with it. */
export function failedRun(type: string): RunError {
  const text = type.replaceAll("_", " ");
  const status = REQUEST_ERRORS[type];
  if (status !== undefined) return { status, body: { detail: `Request failed: ${text}`, error_type: type }, type, retryable: status >= 500 };
  const model = MODEL_FAILURES[type];
  return modelError(model ?? 422, [{ loc: ["body"], msg: text, type }], model !== undefined);
}

/** Takes a request and a failure; gives fal's error answer. The bodies are ours where fal documents none (429, exhausted balance). */
export function fail(_request: Received, failure: Failure): WholeAnswer {
  const { message } = failure;
  if (failure.kind === "no-balance") return said(403, { detail: message ?? "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing." });
  if (failure.kind === "bad-key" || failure.status === 401) return said(401, { detail: message ?? "No user found for Key ID and Secret" });
  const { status } = failure;
  const retry: Record<string, string> = failure.retryAfter === undefined ? {} : { "retry-after": String(failure.retryAfter) };
  if (status === 404) return said(404, { detail: message ?? "Request not found" });
  if (status === 429) return said(429, { detail: message ?? "Too many requests. Please slow down." }, retry);
  if (status === 422) return said(422, { detail: [{ loc: ["body"], msg: message ?? "The request could not be processed.", type: "value_error" }] });
  const type = status === 504 ? "request_timeout" : status === 503 ? "runner_scheduling_failure" : status === 502 ? "runner_incomplete_response" : status >= 500 ? "internal_error" : "bad_request";
  return said(status, { detail: message ?? `Request failed: ${type.replaceAll("_", " ")}`, error_type: type }, { ...retry, "x-fal-error-type": type, ...(status >= 500 ? { "x-fal-retryable": "true" } : {}) });
}
