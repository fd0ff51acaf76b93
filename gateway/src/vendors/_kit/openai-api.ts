import { ownOf } from "../../dialects/canonical/fields.ts";
import { errorField, errorMessage, errorObject, type FaultKind, faultByStatus, trimSlashes, type UpstreamFault } from "./adapter.ts";
import { table } from "../../table.ts";

/** What an error's `code` or `type` means, where the status does not tell. https://platform.openai.com/docs/guides/error-codes */
export const OPENAI_CODES: Readonly<Record<string, FaultKind>> = table({
  insufficient_quota: "no_balance",
  billing_hard_limit_reached: "no_balance",
  billing_not_active: "no_balance",
  // Moonshot's, whose servers are also reached as OpenAI by a base URL.
  exceeded_current_quota_error: "no_balance",
  invalid_api_key: "auth",
  account_deactivated: "auth",
  unsupported_country_region_territory: "auth",
  model_not_found: "no_model",
  // A route that the server lacks, in OpenAI's and Azure's words (https://learn.microsoft.com/answers/questions/5889782).
  unknown_url: "no_model",
});

/** How a server of OpenAI's API words its refusals beyond the statuses. */
export interface RefusalWords {
  codes: Readonly<Record<string, FaultKind>>;
  /** whole beginnings of texts, anchored, for what has no code; none may begin with words that a caller can choose */
  sentences?: readonly (readonly [RegExp, FaultKind])[];
}

/** What a refusal of a server that speaks OpenAI's API means: by its code or type, by its text, then by the status. */
export function classifyOpenAI(status: number, body: string, words: RefusalWords): UpstreamFault {
  const error = errorObject(body);
  const text = errorMessage(error, body);
  for (const word of [errorField(error, "code"), errorField(error, "type")]) {
    const kind = ownOf(words.codes, word);
    if (kind) return { kind, text };
  }
  for (const [beginning, kind] of words.sentences ?? []) {
    const begun = beginning.exec(text);
    // As `vendorSays`: a colon behind the sentence would mean that it is the name of a member, which callers choose.
    if (begun && !text.slice(begun[0].length).includes(": ")) return { kind, text };
  }
  // A restricted key that lacks the right to ask models.
  if (status === 403 && text.startsWith("You have insufficient permissions for this operation")) return { kind: "auth", text };
  if (status === 404) return { kind: saysNoModel(error) ? "no_model" : "caller", text };
  return { kind: faultByStatus(status), text };
}

/** A 404 of the model, or of a server that lacks the whole route; others speak of files and the like, which the caller names. */
function saysNoModel(error: Record<string, unknown>): boolean {
  const message = errorField(error, "message");
  return message === "" || error["param"] === "model" || /^(the |this |requested )*model\b/i.test(message) || /^(Invalid URL|Unknown request URL)\b/.test(message);
}

/** The base URL with a version at its end: its own, as OPENAI_BASE_URL has one by custom, else `version`. */
export function versioned(baseUrl: string, version: string): string {
  const base = trimSlashes(baseUrl);
  return /\/v\d+[a-z0-9]*$/.test(base) ? base : `${base}${version}`;
}

/** Puts the credential where OpenAI's API has it; an empty one (a server that asks for none) is left out. */
export function bearer(headers: Record<string, string>, credential: string): void {
  if (credential !== "") headers["authorization"] = `Bearer ${credential}`;
}
