/** DashScope's errors: `{code, message, request_id}` (Model Studio, "Status codes"). */
import type { Failure, Received, WholeAnswer } from "../../kit/vendor.ts";

/** Takes a request, a status and a body; gives the answer with DashScope's headers and the request's id in it. */
export function answered(request: Received, status: number, body: object): WholeAnswer {
  const id = request.ids.uuid();
  return { kind: "whole", status, headers: { "content-type": "application/json", "x-request-id": id, "x-dashscope-call-gateway": "true" }, body: JSON.stringify({ ...body, request_id: id }) };
}

/** Takes a request, a status, a code and a text; gives the refusal. */
export const refuse = (request: Received, status: number, code: string, message: string): WholeAnswer => answered(request, status, { code, message });

/** Takes a request and what is wrong with it; gives the 400. */
export const invalid = (request: Received, message: string): WholeAnswer => refuse(request, 400, "InvalidParameter", message);

/** What a refusal for its content says, of a request and of a finished task. */
export const INSPECTION: [string, string] = ["DataInspectionFailed", "Input data may contain inappropriate content."];

const WORDS: Record<number, [string, string]> = {
  401: ["InvalidApiKey", "Invalid API-key provided."],
  403: ["AccessDenied", "Access denied."],
  404: ["ModelNotFound", "Model can not be found."],
  429: ["Throttling.RateQuota", "Requests rate limit exceeded, please try again later."],
  503: ["ModelServiceFailed", "Failed to request model service."],
  504: ["ResponseTimeout", "Response timeout!"],
};

/** Takes a request and a wished failure; gives DashScope's answer. No balance is a 400 (`Arrearage`). */
export function dashscopeFailure(request: Received, failure: Failure): WholeAnswer {
  const status = failure.kind === "no-balance" ? failure.status || 400 : failure.status;
  const [code, text] =
    failure.kind === "no-balance"
      ? ["Arrearage", "Access denied, please make sure your account is in good standing."]
      : failure.kind === "bad-key"
        ? (WORDS[401] ?? ["", ""])
        : (WORDS[status] ?? (status < 500 ? ["InvalidParameter", "Required parameter(s) missing or invalid, please check the request parameters."] : ["InternalError", "Internal server error!"]));
  const answer = refuse(request, status, code, failure.message ?? text);
  if (failure.retryAfter !== undefined) answer.headers["retry-after"] = String(failure.retryAfter);
  return answer;
}
