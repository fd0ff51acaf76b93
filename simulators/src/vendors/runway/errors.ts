/** Runway's errors (documentation: HTTP errors, task failures; SDK `@runwayml/sdk`). */
import type { Problem } from "../../kit/fields.ts";
import type { Failure, Received, WholeAnswer } from "../../kit/vendor.ts";

/** Takes a status and a body; gives the answer. */
export const said = (status: number, body: unknown, headers: Record<string, string> = {}): WholeAnswer => ({ kind: "whole", status, headers: { "content-type": "application/json; charset=utf-8", ...headers }, body: JSON.stringify(body) });

/** Takes a status and a text; gives the refusal. */
export const refused = (status: number, error: string, headers: Record<string, string> = {}): WholeAnswer => said(status, { error }, headers);

const DOCUMENT = "https://docs.dev.runwayml.com/api";

/** One thing that is wrong with a body, in the words of the checker that Runway uses (zod). */
interface Issue {
  code: string;
  path: (string | number)[];
  message: string;
}

const TYPES: Record<string, string> = { text: "string", file: "string", flag: "boolean", list: "array", integer: "integer" };

function issueOf({ path, what, rule, value }: Problem): Issue & Record<string, unknown> {
  const received = value === undefined ? "undefined" : Array.isArray(value) ? "array" : typeof value;
  const expected = TYPES[rule.is] ?? rule.is;
  const kind = rule.is === "text" ? "string" : rule.is === "list" ? "array" : "number";
  const least = "least" in rule ? rule.least : undefined;
  const most = "most" in rule ? rule.most : undefined;
  switch (what) {
    case "missing":
      return { code: "invalid_type", expected, received, path, message: "Required" };
    case "values": {
      const options = "values" in rule ? (rule.values ?? []) : [];
      return { code: "invalid_enum_value", options, received: value, path, message: `Invalid enum value. Expected ${options.map((one) => `'${one}'`).join(" | ")}, received '${String(value as string)}'` };
    }
    case "least":
      return { code: "too_small", minimum: least, type: kind, inclusive: true, path, message: kind === "number" ? `Number must be greater than or equal to ${least}` : `${kind === "array" ? "Array" : "String"} must contain at least ${least} ${kind === "array" ? "element" : "character"}(s)` };
    case "most":
      return { code: "too_big", maximum: most, type: kind, inclusive: true, path, message: kind === "number" ? `Number must be less than or equal to ${most}` : `${kind === "array" ? "Array" : "String"} must contain at most ${most} ${kind === "array" ? "element" : "character"}(s)` };
    case "file":
      return { code: "custom", path, message: "Must be a HTTPS URL, Runway upload URI, or data URI of a supported type" };
    case "gone":
      return { code: "custom", path, message: "Failed to fetch asset" };
    default:
      return { code: "invalid_type", expected, received, path, message: `Expected ${expected}, received ${received}` };
  }
}

/** Takes what is wrong with a body; gives the refusal. */
export const invalidBody = (problems: readonly Problem[]): WholeAnswer => said(400, { error: "Validation of body failed", issues: problems.map(issueOf), docUrl: DOCUMENT });

/** Takes the models that a route has; gives the refusal of another one. */
export const unknownModel = (models: readonly string[]): WholeAnswer =>
  said(400, { error: "Validation of body failed", issues: [{ code: "invalid_union_discriminator", options: models, path: ["model"], message: `Invalid discriminator value. Expected ${models.map((one) => `'${one}'`).join(" | ")}` }], docUrl: DOCUMENT });

/** Takes a request and a failure; gives Runway's error answer. The text of no credits is ours: none is documented. */
export function fail(_request: Received, failure: Failure): WholeAnswer {
  const { message, status } = failure;
  if (failure.kind === "no-balance") return refused(400, message ?? "You do not have enough credits to run this task.");
  if (failure.kind === "bad-key" || status === 401) return refused(401, message ?? "The API key you provided is not valid.");
  const texts: Record<number, string> = { 404: "Not found", 405: "Method not allowed", 429: "You have made too many requests in a period of time, or reached your daily task limit." };
  return refused(status, message ?? texts[status] ?? (status >= 500 ? "The service is overloaded. Please try again." : "The request could not be processed."), failure.retryAfter === undefined ? {} : { "retry-after": String(failure.retryAfter) });
}
