/** Replicate's errors: problem documents (HTTP API reference). */
import type { Problem } from "../../kit/fields.ts";
import type { Failure, Received, WholeAnswer } from "../../kit/vendor.ts";

/** Takes a status, a body and headers; gives the answer. */
export const said = (status: number, body: unknown, headers: Record<string, string> = {}): WholeAnswer => ({ kind: "whole", status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });

/** Takes a status, a title and a text; gives the refusal. */
export const refused = (status: number, title: string, detail: string, more: Record<string, unknown> = {}): WholeAnswer =>
  ({ ...said(status, { title, detail, status, ...more }), headers: { "content-type": "application/problem+json" } });

export const notFound = (): WholeAnswer => refused(404, "Not found", "The requested resource could not be found.");

/** One field at fault, as `invalid_fields` has it. */
interface InvalidField {
  type: string;
  field: string;
  description: string;
}

const TYPES: Record<string, string> = { text: "string", file: "string", flag: "boolean", list: "array" };

function fieldOf({ path, what, rule }: Problem): InvalidField {
  const field = path.slice(0, -1).join(".");
  const full = path.join(".");
  const least = "least" in rule ? rule.least : undefined;
  const most = "most" in rule ? rule.most : undefined;
  if (what === "missing") return { type: "required", field, description: `${path.at(-1)} is required` };
  if (what === "values") return { type: "enum", field: full, description: `${full} must be one of the following: ${("values" in rule ? (rule.values ?? []) : []).map((value) => JSON.stringify(value)).join(", ")}` };
  if (what === "least") return { type: "number_gte", field: full, description: `Must be greater than or equal to ${least}` };
  if (what === "most") return { type: "number_lte", field: full, description: `Must be less than or equal to ${most}` };
  if (what === "file" || what === "gone") return { type: "format", field: full, description: "Does not match format 'uri'" };
  return { type: "invalid_type", field: full, description: `Invalid type. Expected: ${TYPES[rule.is] ?? rule.is}` };
}

/** Takes what is wrong with an input; gives the refusal. */
export function invalidInput(problems: readonly Problem[]): WholeAnswer {
  const fields = problems.map(fieldOf);
  return refused(422, "Input validation failed", fields.map((one) => `- ${one.field}: ${one.description}\n`).join(""), { invalid_fields: fields });
}

/** Takes a request and a failure; gives Replicate's error answer. */
export function fail(_request: Received, failure: Failure): WholeAnswer {
  const { message, status } = failure;
  if (failure.kind === "no-balance") return refused(402, "Insufficient credit", message ?? "You have insufficient credit to run this model. Go to https://replicate.com/account/billing#billing to purchase credit.");
  if (failure.kind === "bad-key" || status === 401) return refused(401, "Unauthenticated", message ?? "You did not pass a valid authentication token");
  if (status === 404) return notFound();
  if (status === 429) {
    const seconds = failure.retryAfter ?? 30;
    return said(429, { detail: message ?? `Request was throttled. Your rate limit resets in ~${seconds}s.`, status, ...(failure.retryAfter === undefined ? {} : { retry_after: seconds }) }, { "retry-after": String(seconds) });
  }
  return status >= 500 ? refused(status, "Internal server error", message ?? "An unexpected error occurred.") : refused(status, "Bad request", message ?? "The request could not be processed.");
}
