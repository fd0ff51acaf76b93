import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { VENDORS } from "./registry.ts";

/** Error bodies constructed after the vendors' documented shapes and published texts. */
const openai = (message: string, more: object = {}) => ({ error: { message, type: "invalid_request_error", param: null, code: null, ...more } });
const anthropic = (type: string, message: string) => ({ type: "error", error: { type, message } });
const gemini = (code: number, status: string, message: string, reason?: string) => ({
  error: { code, message, status, ...(reason === undefined ? {} : { details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "googleapis.com" }] }) },
});

const CASES: [string, number, unknown, string][] = [
  ["openai", 401, openai("Incorrect API key provided", { code: "invalid_api_key" }), "auth"],
  ["openai", 429, openai("You exceeded your current quota", { type: "insufficient_quota", code: "insufficient_quota" }), "no_balance"],
  ["openai", 429, openai("Your account is not active, please check your billing details on our website.", { type: "billing_not_active", code: "billing_not_active" }), "no_balance"],
  ["openai", 429, openai("Rate limit reached", { type: "requests", code: "rate_limit_exceeded" }), "rate_limited"],
  ["openai", 402, openai("Insufficient Balance", { type: "unknown_error" }), "no_balance"],
  ["openai", 404, openai("The model does not exist", { code: "model_not_found" }), "no_model"],
  ["openai", 403, openai("Project `proj_x` does not have access to model `gpt-5`", { code: "model_not_found" }), "no_model"],
  ["openai", 404, { object: "error", message: "The model `x` does not exist.", type: "NotFoundError", param: null, code: 404 }, "no_model"],
  ["openai", 404, { detail: "Not Found" }, "no_model"],
  ["openai", 404, openai("Invalid URL (POST /chat/completions)"), "no_model"],
  ["openai", 404, openai("No such File object: file-model", { param: "id" }), "caller"],
  ["openai", 403, openai("Country, region, or territory not supported", { type: "request_forbidden", code: "unsupported_country_region_territory" }), "auth"],
  ["openai", 403, openai("You have insufficient permissions for this operation. Missing scopes: model.request."), "auth"],
  ["openai", 403, openai("Your organization must be verified to use this feature.", { code: "feature_not_enabled" }), "denied"],
  ["openai", 403, "<html>blocked</html>", "denied"],
  ["openai", 400, openai("Invalid value", { param: "messages", code: "invalid_value" }), "caller"],
  ["openai", 500, "<html>", "server"],
  ["anthropic", 400, anthropic("invalid_request_error", "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."), "no_balance"],
  ["anthropic", 400, anthropic("invalid_request_error", "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."), "no_balance"],
  ["anthropic", 400, anthropic("invalid_request_error", "This organization has been disabled."), "auth"],
  ["anthropic", 400, anthropic("invalid_request_error", "max_tokens: Field required"), "caller"],
  ["anthropic", 403, anthropic("permission_error", "Your API key does not have permission to use the specified resource."), "denied"],
  ["anthropic", 403, anthropic("forbidden", "Request not allowed"), "auth"],
  ["anthropic", 529, anthropic("overloaded_error", "Overloaded"), "overloaded"],
  ["anthropic", 404, anthropic("not_found_error", "model: claude-9"), "no_model"],
  ["anthropic", 404, anthropic("not_found_error", "File not found: file_model"), "caller"],
  ["gemini", 400, gemini(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", "API_KEY_INVALID"), "auth"],
  ["gemini", 400, gemini(400, "FAILED_PRECONDITION", "User location is not supported for the API use."), "auth"],
  ["gemini", 403, gemini(403, "PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key."), "auth"],
  ["gemini", 403, gemini(403, "PERMISSION_DENIED", "Generative Language API has not been used in project 1 before or it is disabled.", "SERVICE_DISABLED"), "auth"],
  ["gemini", 403, gemini(403, "PERMISSION_DENIED", "This API method requires billing to be enabled.", "BILLING_DISABLED"), "no_balance"],
  ["gemini", 403, gemini(403, "PERMISSION_DENIED", "You do not have permission to access the File abc or it may not exist."), "caller"],
  ["gemini", 403, gemini(403, "PERMISSION_DENIED", "CachedContent not found (or permission denied)"), "caller"],
  ["gemini", 403, gemini(403, "PERMISSION_DENIED", "The caller does not have permission"), "denied"],
  ["gemini", 404, gemini(404, "NOT_FOUND", "models/gemini-9 is not found for API version v1beta, or is not supported for generateContent."), "no_model"],
  ["gemini", 404, gemini(404, "NOT_FOUND", "Requested entity was not found."), "caller"],
  ["gemini", 429, gemini(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details."), "rate_limited"],
  ["gemini", 429, gemini(429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted."), "no_balance"],
  ["gemini", 402, gemini(402, "RESOURCE_EXHAUSTED", "Payment required"), "no_balance"],
  ["gemini", 503, gemini(503, "UNAVAILABLE", "The model is overloaded."), "overloaded"],
  ["deepseek", 402, openai("Insufficient Balance", { type: "unknown_error", code: "invalid_request_error" }), "no_balance"],
  ["deepseek", 400, openai("Model Not Exist", { code: "invalid_request_error" }), "no_model"],
  ["deepseek", 422, openai("Failed to deserialize the JSON body into the target type"), "caller"],
  ["xai", 400, { code: "Client specified an invalid argument", error: "Incorrect API key provided: xa***st. You can obtain an API key from https://console.x.ai." }, "auth"],
  ["xai", 403, { code: "x", error: "Your newly created team doesn't have any credits yet. You can purchase credits on https://console.x.ai." }, "no_balance"],
  ["qwen", 400, openai("Access denied, please make sure your account is in good standing.", { type: "Arrearage", code: "Arrearage" }), "no_balance"],
  ["qwen", 429, openai("You exceeded your current quota", { type: "insufficient_quota", code: "insufficient_quota" }), "rate_limited"],
  ["moonshot", 429, openai("Your account is suspended", { type: "exceeded_current_quota_error" }), "no_balance"],
  ["moonshot", 429, openai("The engine is currently overloaded, please try again later", { type: "engine_overloaded_error" }), "overloaded"],
  ["moonshot", 404, openai("Not found the model kimi-9 or Permission denied", { type: "resource_not_found_error" }), "no_model"],
  ["doubao", 403, openai("The request failed because your account has an overdue balance.", { code: "AccountOverdueError", type: "Forbidden" }), "no_balance"],
  ["doubao", 400, openai("The request targeted an endpoint that is currently closed.", { code: "InvalidEndpoint.ClosedEndpoint", type: "BadRequest" }), "no_model"],
  ["doubao", 403, openai("The request failed because you do not have access.", { code: "AccessDenied", type: "Forbidden" }), "denied"],
  ["doubao", 429, openai("The number of tasks that wait has reached its limit.", { code: "QuotaExceeded", type: "TooManyRequests" }), "rate_limited"],
  ["doubao", 404, openai("The task x does not exist", { code: "ResourceNotFound", type: "NotFound" }), "caller"],
  ["doubao", 404, openai("The model or endpoint x does not exist", { code: "InvalidEndpointOrModel.NotFound", type: "NotFound" }), "no_model"],
  ["mistral", 401, { detail: "Unauthorized" }, "auth"],
  ["mistral", 400, { object: "error", message: "Invalid model: foo", type: "invalid_model", param: null, code: "1500" }, "no_model"],
  ["groq", 413, openai("Request too large for model", { type: "tokens", code: "rate_limit_exceeded" }), "rate_limited"],
  ["groq", 400, openai("The model has been decommissioned", { code: "model_decommissioned" }), "no_model"],
  ["openrouter", 402, { error: { code: 402, message: "Insufficient credits. Add more using https://openrouter.ai/settings/credits" } }, "no_balance"],
  ["openrouter", 404, { error: { code: 404, message: "No endpoints found for x/y." } }, "no_model"],
  ["openrouter", 403, { error: { code: 403, message: "Input was flagged", metadata: { reasons: ["violence"] } } }, "denied"],
  ["fireworks", 412, { error: { code: "PRECONDITION_FAILED", message: "Account is suspended" } }, "no_balance"],
  ["perplexity", 401, openai("You exceeded your current quota", { type: "insufficient_quota", code: 401 }), "no_balance"],
  ["azure", 400, { error: { code: "content_filter", message: "The response was filtered", innererror: { code: "ResponsibleAIPolicyViolation" } } }, "caller"],
  ["azure", 404, { error: { code: "DeploymentNotFound", message: "The API deployment for this resource does not exist." } }, "no_model"],
  ["azure", 401, { error: { code: "401", message: "Access denied due to invalid subscription key or wrong API endpoint." } }, "auth"],
  ["azure", 429, { error: { code: "429", message: "Requests to the ChatCompletions_Create Operation have exceeded" } }, "rate_limited"],
  ["vertex", 404, gemini(404, "NOT_FOUND", "Publisher Model `projects/p/locations/l/publishers/google/models/gemini-9` was not found or your project does not have access to it."), "no_model"],
  ["vertex", 401, gemini(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."), "auth"],
  ["vertex", 403, gemini(403, "PERMISSION_DENIED", "Vertex AI API has not been used in project 1 before or it is disabled.", "SERVICE_DISABLED"), "auth"],
  ["ollama", 404, openai('model "x" not found, try pulling it first', { type: "api_error" }), "no_model"],
  ["vllm", 404, { object: "error", message: "The model `x` does not exist.", type: "NotFoundError", param: null, code: 404 }, "no_model"],
  ["llamacpp", 503, { error: { code: 503, message: "Loading model", type: "unavailable_error" } }, "overloaded"],
];
CASES.push(
  ["cohere", 401, { message: "invalid api token" }, "auth"],
  ["cohere", 404, { message: "model 'rerank-x' not found, make sure the correct model ID was used and that you have access to the model." }, "no_model"],
  ["cohere", 429, { message: "You are using a Trial key, which is limited to 1000 API calls / month. You can continue to use the Trial key for free." }, "no_balance"],
  ["cohere", 429, { message: "too many requests" }, "rate_limited"],
  ["cohere", 400, { message: "invalid request: list of documents must not be empty" }, "caller"],
  ["jina", 401, { detail: "Invalid API key" }, "auth"],
  ["jina", 403, { detail: "Insufficient account balance. Please recharge your account." }, "no_balance"],
  ["jina", 404, { detail: "Model jina-reranker-x not found" }, "no_model"],
  ["jina", 422, { detail: [{ type: "missing", loc: ["body", "query"], msg: "Field required" }] }, "caller"],
  ["jina", 429, { detail: "Rate limit exceeded" }, "rate_limited"],
  ["elevenlabs", 401, { detail: { status: "quota_exceeded", message: "This request exceeds your quota." } }, "no_balance"],
  ["elevenlabs", 401, { detail: { status: "invalid_api_key", message: "Invalid API key" } }, "auth"],
  ["elevenlabs", 429, { detail: { status: "system_busy", message: "The system is experiencing heavy traffic." } }, "overloaded"],
  ["elevenlabs", 429, { detail: { status: "too_many_concurrent_requests", message: "Too many concurrent requests." } }, "rate_limited"],
  ["elevenlabs", 404, { detail: { status: "voice_not_found", message: "A voice was not found." } }, "caller"],
  ["elevenlabs", 400, { detail: { status: "bad_prompt", message: "The prompt appears to violate our terms of service.", data: { prompt_suggestion: "A song." } } }, "caller"],
  ["elevenlabs", 422, { detail: [{ loc: ["body", "text"], msg: "Field required", type: "missing" }] }, "caller"],
  ["minimax", 200, { base_resp: { status_code: 1008, status_msg: "insufficient balance" } }, "no_balance"],
  ["minimax", 200, { base_resp: { status_code: 2049, status_msg: "invalid api key" } }, "auth"],
  ["minimax", 200, { base_resp: { status_code: 1002, status_msg: "rate limit exceeded(RPM)" } }, "rate_limited"],
  ["minimax", 200, { base_resp: { status_code: 1033, status_msg: "downstream error" } }, "server"],
  ["minimax", 200, { base_resp: { status_code: 2013, status_msg: "invalid params" } }, "caller"],
);
CASES.push(
  ["fal", 401, { detail: "Cannot access application: no key" }, "auth"],
  ["fal", 403, { detail: "User is locked. Reason: Exhausted balance" }, "no_balance"],
  ["fal", 422, { detail: [{ loc: ["body", "prompt"], msg: "field required", type: "missing" }] }, "caller"],
  ["fal", 503, { detail: "no runner", error_type: "runner_scheduling_failure" }, "server"],
  ["replicate", 401, { title: "Unauthenticated", detail: "You did not pass a valid authentication token", status: 401 }, "auth"],
  ["replicate", 402, { title: "Insufficient credit", detail: "You have insufficient credit to run this model.", status: 402 }, "no_balance"],
  ["replicate", 422, { detail: "- input.prompt is required", status: 422 }, "caller"],
  ["replicate", 429, { detail: "Request was throttled. Your rate limit resets in ~30s." }, "rate_limited"],
  ["ideogram", 401, { error: "Invalid API key" }, "auth"],
  ["ideogram", 422, { error: "Prompt or provided image failed the safety checks" }, "caller"],
  ["midjourney", 401, "", "auth"],
  ["runway", 400, { error: "You do not have enough credits to run this task." }, "no_balance"],
  ["runway", 400, { error: "Validation of body failed", issues: [{ code: "too_big", path: ["duration"], message: "You do not have enough credits" }] }, "caller"],
  ["runway", 400, { error: "Validation of body failed", issues: [{ code: "invalid_union_discriminator", path: ["model"], message: "Invalid discriminator value." }] }, "no_model"],
  ["runway", 429, { error: "You have made too many requests in a period of time, or reached your daily task limit." }, "rate_limited"],
  ["luma", 400, { detail: "Insufficient credits" }, "no_balance"],
  ["luma", 403, { detail: "Not authenticated" }, "denied"],
  ["luma", 404, { detail: "Generation x not found" }, "caller"],
  ["luma", 422, { detail: [{ type: "missing", loc: ["body", "model"], msg: "Field required" }] }, "caller"],
  ["kling", 429, { code: 1102, message: "Account balance not enough", request_id: "r" }, "no_balance"],
  ["kling", 429, { code: 1303, message: "parallel task over resource pack limit", request_id: "r" }, "rate_limited"],
  ["kling", 401, { code: 1004, message: "Authorization has expired", request_id: "r" }, "auth"],
  ["pika", 422, { detail: [{ loc: ["body", "promptText"], msg: "Field required", type: "missing" }] }, "caller"],
  ["topaz", 402, { message: "Insufficient credits", errorCode: "INSUFFICIENT_CREDITS" }, "no_balance"],
  ["topaz", 400, { message: "Insufficient credits", errorCode: "INSUFFICIENT_CREDITS" }, "no_balance"],
  ["minimax", 200, { base_resp: { status_code: 1026, status_msg: "input new_sensitive" } }, "caller"],
  ["doubao", 429, openai("The model is being loaded", { code: "ModelLoadingError" }), "overloaded"],
  ["suno", 400, { code: "invalid_request", message: "400 Bad Request", data: null }, "caller"],
  ["suno", 500, { code: "internal_error", message: "task failed", data: null }, "server"],
);
const kindOf = (vendor: string, status: number, body: unknown): string => VENDORS.get(vendor)?.classify(status, typeof body === "string" ? body : JSON.stringify(body)).kind ?? "";

test.each(CASES)("%s %d %p is %s", (vendor, status, body, kind) => {
  expect(kindOf(vendor, status, body)).toBe(kind);
});

describe.each([...VENDORS.keys()])("%s", (vendor) => {
  test("F14, V03: a redirect and a refusal of the address itself are the server's fault: another channel is asked", () => {
    for (const status of [300, 301, 302, 303, 304, 307, 308, 405, 407, 421, 426, 500, 502, 504, 520]) expect(kindOf(vendor, status, ""), String(status)).toBe("server");
  });

  test("what a caller writes into its own request, repeated by the vendor, never takes a credential out", () => {
    // The texts that do, and Google's reasons; anywhere but where the vendor itself would put them.
    const planted = fc.constantFrom(
      "API_KEY_INVALID", "API key not valid. Please pass a valid API key.", "billing", "BILLING_DISABLED", "insufficient_quota", "invalid_api_key", "credits are depleted",
      "Your credit balance is too low to access the Anthropic API", "This organization has been disabled.", "You have reached your specified API usage limits", "credit balance is too low",
      "You have insufficient permissions for this operation", "model", "model: claude", "models/x", "Your API key was reported as leaked",
      "Model Not Exist", "Insufficient Balance", "Incorrect API key provided: xa***st. You can obtain an API key from ", "Your newly created team doesn't have any credits", "Arrearage", "Unauthorized",
      "Invalid model: x", "No endpoints found", "Insufficient credits", "User not found.", "Not found the model x", "AccountOverdueError",
    );
    const echoes: Record<string, [number, (text: string) => unknown][]> = {
      openai: [
        [400, (text) => openai(`Unknown parameter: '${text}'.`, { param: text, code: "unknown_parameter" })],
        [400, (text) => openai(`'${text}' is not one of ['low', 'high'] - 'effort'`)],
        [404, (text) => openai(`No such File object: ${text}`, { param: "id" })],
      ],
      elevenlabs: [
        [400, (text) => ({ detail: { status: "invalid_voice_settings", message: `Invalid setting for ${text} received.` } })],
        [404, (text) => ({ detail: { status: "voice_not_found", message: `A voice with the voice_id ${text} was not found.` } })],
        [422, (text) => ({ detail: [{ loc: ["body", text], msg: text, type: text }] })],
      ],
      fal: [
        [422, (text) => ({ detail: [{ loc: ["body", text], msg: text, type: "value_error" }] })],
        [400, (text) => ({ detail: text, error_type: "bad_request" })],
      ],
      replicate: [[422, (text) => ({ title: "Input validation failed", detail: `- input: ${text}`, status: 422 })]],
      ideogram: [[400, (text) => ({ error: text })], [422, (text) => ({ error: text })]],
      midjourney: [[400, (text) => ({ status: 400, error: text })]],
      suno: [[400, (text) => ({ code: "invalid_request", message: text, data: null })]],
      runway: [[400, (text) => ({ error: "Validation of body failed", issues: [{ code: text, path: [text], message: text }] })], [400, (text) => ({ error: `Invalid asset: ${text}` })]],
      luma: [[422, (text) => ({ detail: [{ loc: ["body", text], msg: text, type: text }] })], [400, (text) => ({ detail: `Bad value ${text}` })], [404, (text) => ({ detail: `Generation ${text} not found` })]],
      kling: [[400, (text) => ({ code: 1201, message: text, request_id: "r" })], [400, (text) => ({ code: 1301, message: text, request_id: "r" })]],
      pika: [[422, (text) => ({ detail: [{ loc: ["body", text], msg: text, type: text }] })], [400, (text) => ({ detail: text })]],
      topaz: [[400, (text) => ({ message: text, errorCode: "INVALID_INPUT", errors: [{ path: text, message: text }] })]],
      recraft: [[400, (text) => ({ code: "invalid_request_parameter", message: `unknown style: ${text}` })], [404, (text) => ({ code: "not_found", message: text })]],
      minimax: [[400, (text) => ({ base_resp: { status_code: 2013, status_msg: `invalid params, ${text}` } })]],
      anthropic: [
        [400, (text) => anthropic("invalid_request_error", `${text}: Extra inputs are not permitted`)],
        [400, (text) => anthropic("invalid_request_error", `messages.0.content.0: unknown file ${text}`)],
        [404, (text) => anthropic("not_found_error", `File not found: ${text}`)],
      ],
      gemini: [
        [400, (text) => gemini(400, "INVALID_ARGUMENT", `Invalid JSON payload received. Unknown name "${text}": Cannot find field.`)],
        [403, (text) => gemini(403, "PERMISSION_DENIED", `You do not have permission to access the File ${text} or it may not exist.`)],
        [403, (text) => gemini(403, "PERMISSION_DENIED", `You do not have permission to access tunedModels/${text} or it may not exist.`)],
      ],
      cohere: [
        [400, (text) => ({ id: "x", message: `invalid request: unknown field '${text}'` })],
        [400, (text) => ({ id: "x", message: `${text}: is not known` })],
        [403, (text) => ({ id: "x", message: `no access to ${text}` })],
      ],
      jina: [
        [422, (text) => ({ detail: [{ type: "string_type", loc: ["body", text], msg: "Input should be a valid string", input: text }] })],
        [400, (text) => ({ detail: `Bad value ${text}` })],
        [403, (text) => ({ detail: `No access to ${text}` })],
      ],
    };
    echoes["vertex"] = echoes["gemini"] ?? [];
    const echo = fc.constantFrom(...(echoes[vendor] ?? [...(echoes["openai"] ?? []), [400, (text: string) => openai(`${text}: Extra inputs are not permitted`)] as const]));
    fc.assert(fc.property(planted, echo, (text, [status, body]) => ["caller", "denied"].includes(kindOf(vendor, status, body(text)))), { numRuns: 500 });
  });

  test("any body at all gives a kind and a text, never a throw", () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, body) => {
        const fault = VENDORS.get(vendor)?.classify(status, body);
        return typeof fault?.kind === "string" && typeof fault.text === "string";
      }),
    );
  });
});
