/** Errors of the family, and what each vendor refuses. */
import { asList, asObject, asText, type JsonObject } from "../../kit/json.ts";
import type { Failure, Received, WholeAnswer } from "../../kit/vendor.ts";
import type { Quirks } from "./quirks.ts";

const HEADERS = { "content-type": "application/json" };

/** Takes the vendor, a code and a text; gives the body in the vendor's shape. */
export function errorBody(quirks: Quirks, status: number, code: string, message: string): JsonObject {
  switch (quirks.error) {
    case "xai":
      return { code, error: message };
    case "mistral":
      return status === 401 ? { detail: message } : { object: "error", message, type: code, param: null, code: "1500" };
    default:
      return { error: { message, type: code, param: null, code: /^\d+$/.test(code) ? Number(code) : code } };
  }
}

/** Takes the vendor, a status, a code and a text; gives the answer. */
export const refusal = (quirks: Quirks, status: number, code: string, message: string): WholeAnswer => ({
  kind: "whole",
  status,
  headers: { ...HEADERS },
  body: JSON.stringify(errorBody(quirks, status, code, message)),
});

const WORDS: Record<number, [string, string]> = {
  404: ["model_not_found", "The model does not exist or you do not have access to it."],
  429: ["rate_limit_exceeded", "Rate limit reached, please try again later."],
  503: ["service_unavailable", "The server is overloaded, please try again later."],
};

function wordsOf(quirks: Quirks, failure: Failure): [number, string, string] {
  if (failure.kind === "bad-key" || failure.status === 401) return quirks.badKey;
  if (failure.kind === "no-balance") return quirks.noMoney;
  const { status } = failure;
  const [code, text] = WORDS[status] ?? (status < 500 ? ["invalid_request_error", "The request could not be processed."] : ["server_error", "Internal server error"]);
  return [status, code, text];
}

/** Takes the vendor and a wished failure; gives its answer. */
export function familyFailure(quirks: Quirks, _request: Received, failure: Failure): WholeAnswer {
  const [status, code, text] = wordsOf(quirks, failure);
  const answer = refusal(quirks, status, code, failure.message ?? text);
  if (failure.retryAfter !== undefined) answer.headers["retry-after"] = String(failure.retryAfter);
  return answer;
}

/** Takes the vendor and a failure; gives the event that reports it inside a stream. */
export function familyErrorFrame(quirks: Quirks, _request: Received, failure: Failure): string {
  const [status, code, text] = wordsOf(quirks, failure);
  return `data: ${JSON.stringify(quirks.error === "openai" ? errorBody(quirks, status, code, failure.message ?? text) : { error: { message: failure.message ?? text, code } })}\n\n`;
}

/** A refused member as quirks.ts writes it: `member`, `member=value`, `messages.member=value`, `member~model prefix`. */
function breaks(rule: string, body: JsonObject): boolean {
  const [rest = "", model] = rule.split("~");
  if (model !== undefined && !asText(body["model"]).startsWith(model)) return false;
  const [path = "", value] = rest.split("=");
  const dot = path.indexOf(".");
  const outer = dot < 0 ? [body] : path.startsWith("messages.") ? asList(body["messages"]).map(asObject) : [asObject(body[path.slice(0, dot)])];
  return outer.some((object) => {
    const found = object[path.slice(dot + 1)];
    return found !== undefined && found !== null && (value === undefined || JSON.stringify(found).replaceAll('"', "") === value);
  });
}

/** Takes the vendor and the messages; gives the error for members and orders that it does not take, in its own words where they are known. */
function refusedTurns(quirks: Quirks, messages: JsonObject[]): WholeAnswer | undefined {
  const whole = (status: number, body: JsonObject): WholeAnswer => ({ kind: "whole", status, headers: { ...HEADERS }, body: JSON.stringify(body) });
  for (const [index, message] of messages.entries()) {
    const role = asText(message["role"]);
    const unknown = Object.keys(message).find((name) => quirks.messageMembers?.includes(name) === false);
    if (unknown !== undefined && quirks.error === "mistral")
      return whole(422, { detail: [{ type: "extra_forbidden", loc: ["body", "messages", index, role, unknown], msg: "Extra inputs are not permitted", input: message[unknown] ?? null }] });
    if (unknown !== undefined) return refusal(quirks, 400, "invalid_request_error", `'messages.${index}' : for 'role:${role}' the following must be satisfied[('messages.${index}' : property '${unknown}' is unsupported)]`);
    if (!quirks.mistralTurns) continue;
    const mistral = (code: string, text: string): WholeAnswer => whole(400, { object: "error", message: text, type: "invalid_request_message_order", param: null, code });
    const ids = [...asList(message["tool_calls"]).map((call) => asText(asObject(call)["id"])), ...(role === "tool" ? [asText(message["tool_call_id"])] : [])];
    const odd = ids.find((id) => !/^[a-zA-Z0-9]{9}$/.test(id));
    if (odd !== undefined) return mistral("3280", `Tool call id was ${odd} but must be a-z, A-Z, 0-9, with a length of 9.`);
    if (role === "assistant" && index === messages.length - 1 && message["prefix"] !== true)
      return mistral("3230", "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant");
    if (role === "user" && messages[index - 1]?.["role"] === "tool") return mistral("3230", "Unexpected role 'user' after role 'tool'");
  }
  return undefined;
}

/** Takes the vendor and a body; gives the error for what this vendor does not take, `undefined` when all is well. */
export function refused(quirks: Quirks, body: JsonObject): WholeAnswer | undefined {
  const rule = quirks.refuses.find((one) => breaks(one, body));
  if (rule !== undefined) return refusal(quirks, quirks.error === "mistral" ? 422 : 400, "invalid_request_error", `Unsupported: ${rule.replace(/~.*/, "")}`);
  const turns = refusedTurns(quirks, asList(body["messages"]).map(asObject));
  if (turns) return turns;
  if (!quirks.wantsThinkingBack || !quirks.thinks?.test(asText(body["model"])) || asObject(body["thinking"])["type"] === "disabled") return undefined;
  const bare = asList(body["messages"]).map(asObject).find((message) => asList(message["tool_calls"]).length > 0 && asText(message["reasoning_content"]) === "");
  return bare && refusal(quirks, 400, "invalid_request_error", "thinking is enabled but reasoning_content is missing in assistant tool call message");
}
