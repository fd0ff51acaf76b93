/** Luma's errors: `detail` is a list for a body at fault (as the AI SDK reads it), a text otherwise. Texts are ours where none is documented. */
import type { Problem } from "../../kit/fields.ts";
import type { Failure, Received, WholeAnswer } from "../../kit/vendor.ts";

/** Takes a status and a body; gives the answer. */
export const said = (status: number, body: unknown, headers: Record<string, string> = {}): WholeAnswer => ({ kind: "whole", status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });

/** Takes a status and a text; gives the refusal. */
export const refused = (status: number, detail: string, headers: Record<string, string> = {}): WholeAnswer => said(status, { detail }, headers);

function detailOf({ path, what, rule, value }: Problem): object {
  const common = { loc: ["body", ...path.map(String)], input: typeof value === "string" ? value : (JSON.stringify(value) ?? "") };
  if (what === "missing") return { type: "missing", msg: "Field required", ...common };
  if (what === "values" && "values" in rule) {
    const expected = (rule.values ?? []).map((one) => `'${one}'`).join(" or ").replaceAll(/ or (?=.* or )/g, ", ");
    return { type: "enum", msg: `Input should be ${expected}`, ...common, ctx: { expected } };
  }
  if (what === "least" || what === "most") return { type: what === "least" ? "greater_than_equal" : "less_than_equal", msg: `Input is out of range`, ...common };
  if (what === "file" || what === "gone") return { type: "url_parsing", msg: "Input should be a valid URL", ...common };
  return { type: "value_error", msg: `Input should be a valid ${rule.is}`, ...common };
}

/** Takes what is wrong with a body; gives the refusal. */
export const invalidBody = (problems: readonly Problem[]): WholeAnswer => said(422, { detail: problems.map(detailOf) });

/** Takes a request and a failure; gives Luma's error answer. */
export function fail(_request: Received, failure: Failure): WholeAnswer {
  const { message, status } = failure;
  if (failure.kind === "no-balance") return refused(400, message ?? "Insufficient credits");
  if (failure.kind === "bad-key" || status === 401) return refused(401, message ?? "Invalid API key");
  const texts: Record<number, string> = { 403: "Not authenticated", 404: "Generation not found", 429: "Too many requests" };
  return refused(status, message ?? texts[status] ?? (status >= 500 ? "Internal server error" : "Bad request"), failure.retryAfter === undefined ? {} : { "retry-after": String(failure.retryAfter) });
}
