import { objectOf } from "../canonical/fields.ts";

const ERROR_TEXT = "the model's vendor reported an error";

/** An error out of an `error` event (flat, or under `error` as older servers send it) or a response's `error` member. */
export function failureOf(value: unknown): { message: string; code?: string } {
  if (typeof value === "string" && value !== "") return { message: value };
  const outer = objectOf(value);
  const inner = typeof outer["error"] === "object" && outer["error"] !== null ? objectOf(outer["error"]) : outer;
  const message = inner["message"];
  const code = inner["code"] ?? (inner["type"] === "error" ? undefined : inner["type"]);
  return { message: typeof message === "string" && message !== "" ? message : ERROR_TEXT, ...(typeof code === "string" ? { code } : {}) };
}

/** Its text alone. */
export const failureText = (value: unknown): string => failureOf(value).message;

/** Codes that a response's error may have (SDK type ResponseError, a closed list; Codex reads two more). */
const CODES: ReadonlySet<string> = new Set(["server_error", "rate_limit_exceeded", "invalid_prompt", "context_length_exceeded", "insufficient_quota"]);

/**
 * The events that end a broken stream. Three kinds of clients read them: Codex takes the message from `response.failed` (and repeats the request without
 * it), OpenAI's SDK throws on a member `error` in any event's data, and the documented `error` event is flat. So `response.failed` comes first, and then one
 * `error` event that has both forms.
 */
export function failureEvents(response: Record<string, unknown>, error: { message: string; code: string; type: string; param?: string | null }, sequence: number): string {
  const { message, code, type, param = null } = error;
  const failed = { type: "response.failed", sequence_number: sequence, response: { ...response, status: "failed", error: { code: CODES.has(code) ? code : "server_error", message } } };
  const plain = { type: "error", sequence_number: sequence + 1, code, message, param, error: { type, code, message, param } };
  return `event: response.failed\ndata: ${JSON.stringify(failed)}\n\nevent: error\ndata: ${JSON.stringify(plain)}\n\n`;
}
