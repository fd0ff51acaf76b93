/** Vertex AI: Gemini's answers, Imagen's and Veo's under publishers/google/models, with or without project and location, and the token endpoint (`POST /token`). */
import { asObject, decodePath } from "../../kit/json.ts";
import type { Answer, Received, Vendor } from "../../kit/vendor.ts";
import { GEMINI_HEADERS, geminiErrorFrame, geminiFailure, geminiRefusal } from "../gemini/errors.ts";
import { countContentTokens, generateContent } from "../gemini/generate.ts";
import { predict } from "../gemini/imagen.ts";
import { fetchPredictOperation, predictLongRunning } from "./veo.ts";
import { token } from "./token.ts";

const ROUTE = /^\/v1(?:beta1)?(?:\/projects\/([^/]+)\/locations\/([^/]+))?\/publishers\/google\/models\/([^/:]+)(?::(\w+))?$/;

/** Where requests without a project belong. */
const EXPRESS = { project: "sandbox", location: "us-central1" };

const credentialOf = (headers: Headers): string => headers.get("x-goog-api-key") ?? (headers.get("authorization") ?? "").replace(/^Bearer\s+/i, "");

/** Tokens of the sandbox's own endpoint must still hold; others only look like credentials. */
const accepted = (request: Received, credential: string): boolean =>
  credential.startsWith("ya29.sandbox-") ? request.cache.has(`vertex-token ${credential}`, request.now) : /^[\w.-]{6,}$/.test(credential);

function answer(request: Received): Answer | Promise<Answer> {
  if (request.method === "POST" && request.path === "/token") return token(request);
  if (!accepted(request, credentialOf(request.headers))) return geminiRefusal(401);
  const found = ROUTE.exec(decodePath(request.path));
  const [, project = EXPRESS.project, location = EXPRESS.location, model = "", verb] = found ?? [];
  if (found && request.method === "GET" && verb === undefined)
    return { kind: "whole", status: 200, headers: { ...GEMINI_HEADERS }, body: JSON.stringify({ name: `publishers/google/models/${model}` }) };
  if (!found || request.method !== "POST") return geminiRefusal(404);
  if (verb === "generateContent") return generateContent(request, model, "v1", false);
  if (verb === "streamGenerateContent") return generateContent(request, model, "v1", true);
  // It takes what is counted beside each other (reference of CountTokensRequest), and not the whole request that the Gemini API takes.
  if (verb === "countTokens" && asObject(request.json)["generateContentRequest"] !== undefined)
    return geminiRefusal(400, 'Invalid JSON payload received. Unknown name "generateContentRequest": Cannot find field.');
  if (verb === "countTokens") return countContentTokens(request, model, "v1");
  if (verb === "predict") return predict(request, model, "v1");
  if (verb === "predictLongRunning") return predictLongRunning(request, { project, location, model });
  if (verb === "fetchPredictOperation") return fetchPredictOperation(request, { project, location, model });
  return geminiRefusal(404);
}

/** Vertex AI on its own wire. */
export const vertex: Vendor = {
  name: "vertex",
  routes: ["generateContent", "streamGenerateContent", "countTokens", "predict", "predictLongRunning", "fetchPredictOperation"].map((verb) => `POST /v1/projects/{p}/locations/{l}/publishers/google/models/{model}:${verb}`).concat("POST /token"),
  credentialOf,
  answer,
  fail: (request, failure) => (failure.kind === "bad-key" ? geminiRefusal(401, failure.message) : geminiFailure(request, failure)),
  errorFrame: geminiErrorFrame,
};
