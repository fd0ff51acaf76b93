/** What midjourney-proxy answers to a submit: `{code, description, result, properties}`, nearly always as a 200 (its docs/api.md; the texts are its own). */
import type { JsonObject } from "../../kit/json.ts";
import type { Failure, Received, WholeAnswer } from "../../kit/vendor.ts";

/** Codes of a submit. */
export const CODE = { success: 1, notFound: 3, invalid: 4, failure: 9, existed: 21, inQueue: 22, queueFull: 23, banned: 24 } as const;

const JSON_HEADERS = { "content-type": "application/json" };

/** Takes a value; gives it as a 200. */
export const shown = (value: unknown): WholeAnswer => ({ kind: "whole", status: 200, headers: { ...JSON_HEADERS }, body: JSON.stringify(value) });

/** Takes a code, a text, a result and properties; gives the answer. */
export const said = (code: number, description: string, result: unknown = null, properties: JsonObject = {}): WholeAnswer => shown({ code, description, result, properties });

export const invalid = (description: string): WholeAnswer => said(CODE.invalid, description);
export const notFound = (description = "关联任务不存在或已失效"): WholeAnswer => said(CODE.notFound, description);
/** Takes the prompt and the word that is banned; gives the refusal. */
export const banned = (promptEn: string, bannedWord: string): WholeAnswer => said(CODE.banned, "可能包含敏感词", null, { promptEn, bannedWord });

/** The proxy refuses a wrong secret without a word. */
export const unauthorized = (): WholeAnswer => ({ kind: "whole", status: 401, headers: {}, body: "" });

/** Takes a request and a wished failure; gives the proxy's answer: a full queue is code 23, no account that could work code 3. What stands before the proxy answers for 502, 503 and 504. */
export function proxyFailure(request: Received, failure: Failure): WholeAnswer {
  if (failure.kind === "bad-key" || failure.status === 401) return unauthorized();
  if (failure.kind === "no-balance") return notFound(failure.message ?? "无可用的账号实例");
  const answer =
    failure.status === 429
      ? said(CODE.queueFull, failure.message ?? "队列已满，请稍后尝试")
      : failure.status === 404
        ? notFound(failure.message)
        : failure.status < 500
          ? invalid(failure.message ?? "参数错误")
          : failure.status === 500
            ? said(CODE.failure, failure.message ?? "系统异常")
            : { ...shown({ timestamp: new Date(request.now).toISOString(), status: failure.status, error: failure.message ?? "Bad Gateway", path: request.path }), status: failure.status };
  if (failure.retryAfter !== undefined) answer.headers["retry-after"] = String(failure.retryAfter);
  return answer;
}
