import { objectOf, parseJson } from "./fields.ts";
import type { JsonSchema } from "./request.ts";

/**
 * OpenAI's custom tools take free text instead of JSON arguments. A dialect without them offers a function with one text member, and its arguments are
 * unwrapped again before they reach the caller, who is known by the tools of the request.
 */
const MEMBER = "input";

export const CUSTOM_TOOL_SCHEMA: JsonSchema = { type: "object", properties: { [MEMBER]: { type: "string" } }, required: [MEMBER], additionalProperties: false };

/** Free text as the JSON arguments of such a function. */
export function wrapCustomInput(text: string): string {
  return JSON.stringify({ [MEMBER]: text });
}

/** The free text out of such arguments; arguments of any other form stay as they are. */
export function unwrapCustomInput(argumentsJson: string): string {
  const input = objectOf(parseJson(argumentsJson))[MEMBER];
  return typeof input === "string" ? input : argumentsJson;
}
