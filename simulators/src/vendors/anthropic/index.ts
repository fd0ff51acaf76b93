/** Anthropic: messages, token counts and models, in both header generations (2023-06-01 and 2026-10-21). */
import { decodePath } from "../../kit/json.ts";
import type { Answer, Received, Vendor } from "../../kit/vendor.ts";
import { anthropicErrorFrame, anthropicFailure, anthropicRefusal } from "./errors.ts";
import { countMessageTokens, createMessage } from "./messages.ts";
import { models } from "./models.ts";

const bearer = (headers: Headers): string => (headers.get("authorization") ?? "").replace(/^Bearer\s+/i, "");
const credentialOf = (headers: Headers): string => headers.get("x-api-key") ?? bearer(headers);

function answer(request: Received): Answer {
  const { headers, method, path } = request;
  const credential = credentialOf(headers);
  if (credential === "") return anthropicRefusal(request, 401, "x-api-key header is required");
  if (!/^sk-[\w-]{4,}$/.test(credential))
    return anthropicRefusal(request, 401, headers.has("x-api-key") ? undefined : "Invalid bearer token");
  const version = headers.get("anthropic-version");
  if (version === null) return anthropicRefusal(request, 400, "anthropic-version: header is required");
  if (!/^\d{4}-\d\d-\d\d$/.test(version))
    return anthropicRefusal(request, 400, `anthropic-version: "${version}" is not a valid version`);
  const route = `${method} ${path}`;
  if (route === "POST /v1/messages") return createMessage(request, credential);
  if (route === "POST /v1/messages/count_tokens") return countMessageTokens(request);
  const model = /^GET \/v1\/models(?:\/(.+))?$/.exec(route);
  return model ? models(request, decodePath(model[1] ?? "")) : anthropicRefusal(request, 404);
}

/** Anthropic on its own wire. */
export const anthropic: Vendor = {
  name: "anthropic",
  routes: ["POST /v1/messages", "POST /v1/messages/count_tokens", "GET /v1/models", "GET /v1/models/{id}"],
  credentialOf,
  answer,
  fail: anthropicFailure,
  errorFrame: anthropicErrorFrame,
};
