/**
 * Azure OpenAI: OpenAI's answers behind deployments (`/openai/deployments/{d}/chat/completions?api-version=`) or the versionless `/openai/v1/`, the `api-key` header, and a
 * content filter of Azure's own (https://learn.microsoft.com/azure/ai-foundry/openai/reference, /concepts/content-filter).
 */
import { asObject, asText, decodePath, type JsonObject } from "../../kit/json.ts";
import type { Answer, Failure, Frame, Received, Vendor, WholeAnswer } from "../../kit/vendor.ts";
import { chatCompletion } from "../openai/chat.ts";
import { openAiErrorFrame } from "../openai/errors.ts";
import { createResponse } from "../openai/responses/index.ts";

const SAFE = Object.fromEntries(["hate", "self_harm", "sexual", "violence"].map((name) => [name, { filtered: false, severity: "safe" }]));
/** A prompt with this word is filtered, as one with real violence would be. */
const FILTERED = /\[\[violence\]\]/;

const credentialOf = (headers: Headers): string => headers.get("api-key") ?? (headers.get("authorization") ?? "").replace(/^Bearer\s+/i, "");

const refuse = (status: number, code: string, message: string, more: JsonObject = {}): WholeAnswer => ({
  kind: "whole",
  status,
  headers: { "content-type": "application/json", "apim-request-id": "00000000-0000-0000-0000-000000000000" },
  body: JSON.stringify({ error: { code, message, ...more } }),
});

const wrongKey = (): WholeAnswer => refuse(401, "401", "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.");

const filtered = (): WholeAnswer =>
  refuse(400, "content_filter", "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.", {
    param: "prompt",
    type: null,
    status: 400,
    innererror: { code: "ResponsibleAIPolicyViolation", content_filter_result: { ...SAFE, violence: { filtered: true, severity: "medium" } } },
  });

/** Takes OpenAI's answer; gives it with what Azure adds. */
function withFilterResults(answer: Answer): Answer {
  if (answer.kind === "whole") {
    if (answer.status !== 200 || typeof answer.body !== "string") return answer;
    const body = asObject(JSON.parse(answer.body));
    const choices = (body["choices"] as JsonObject[]).map((choice) => ({ ...choice, content_filter_results: SAFE }));
    return { ...answer, body: JSON.stringify({ ...body, choices, prompt_filter_results: [{ prompt_index: 0, content_filter_results: SAFE }] }) };
  }
  // The prompt's verdict comes first, in a chunk without choices.
  const first: Frame = { kind: "other", text: `data: ${JSON.stringify({ id: "", object: "", created: 0, model: "", choices: [], prompt_filter_results: [{ prompt_index: 0, content_filter_results: SAFE }] })}\n\n` };
  const { frames } = answer;
  return { ...answer, frames: (function* (): Generator<Frame> {
    yield first;
    yield* frames;
  })() };
}

function answer(request: Received): Answer {
  const { method, path, query } = request;
  if (credentialOf(request.headers) === "") return wrongKey();
  const dated = /^\/openai(?:\/deployments\/([^/]+))?(\/chat\/completions|\/responses|\/models)$/.exec(path);
  const [, deployment, route] = dated ?? [];
  const versionless = path.startsWith("/openai/v1/") ? path.slice("/openai/v1".length) : undefined;
  if (versionless === undefined && (!route || query.get("api-version") === null)) return refuse(404, "404", "Resource not found");
  const asked = versionless ?? route;
  if (method === "GET" && asked === "/models") return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ object: "list", data: [] }) };
  if (asked === "/responses") return createResponse(request);
  // What it lacks of OpenAI's routes it refuses in OpenAI's words (https://learn.microsoft.com/answers/questions/5889782).
  if (versionless === "/responses/input_tokens") return refuse(404, "unknown_url", `Unknown request URL: POST /v1${versionless}. Please check the URL for typos.`, { type: "invalid_request_error", param: null });
  if (asked !== "/chat/completions" || (versionless === undefined && deployment === undefined)) return refuse(404, "404", "Resource not found");
  const name = deployment === undefined ? asText(asObject(request.json)["model"]) : decodePath(deployment);
  if (/not-exist|nonexist|unknown/.test(name) || name === "")
    return refuse(404, "DeploymentNotFound", "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.");
  if (FILTERED.test(new TextDecoder().decode(request.body))) return filtered();
  // A deployment may have any name; the model behind it does not show in its own.
  const model = /^(gpt-|o\d)/.test(name) ? name : "gpt-4.1";
  return withFilterResults(chatCompletion({ ...request, json: { ...asObject(request.json), model } }));
}

function fail(_request: Received, failure: Failure): WholeAnswer {
  if (failure.kind === "bad-key" || failure.status === 401) return wrongKey();
  const status = failure.kind === "no-balance" ? 429 : failure.status;
  const code = failure.kind === "no-balance" ? "insufficient_quota" : status === 404 ? "DeploymentNotFound" : String(status);
  const refusal = refuse(status, code, failure.message ?? (status === 429 ? "Requests to the ChatCompletions_Create Operation have exceeded the rate limit of your current OpenAI S0 pricing tier." : "The request failed."));
  if (failure.retryAfter !== undefined) refusal.headers["retry-after"] = String(failure.retryAfter);
  return refusal;
}

/** Azure OpenAI on its own wire. */
export const azure: Vendor = {
  name: "azure",
  routes: ["POST /openai/deployments/{deployment}/chat/completions?api-version=", "POST /openai/responses?api-version=", "POST /openai/v1/chat/completions", "POST /openai/v1/responses", "GET /openai/v1/models"],
  credentialOf,
  answer,
  fail,
  errorFrame: (request, failure) => openAiErrorFrame(request, failure),
};
