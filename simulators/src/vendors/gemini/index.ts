/** Google's Gemini API, under /v1beta and /v1: generate, stream, count, embed, pictures, films, models. */
import { decodePath } from "../../kit/json.ts";
import { taskFile } from "../../kit/tasks/files.ts";
import type { Answer, Received, Vendor } from "../../kit/vendor.ts";
import { batchEmbedContents, embedContent } from "./embed.ts";
import { GEMINI_HEADERS, geminiErrorFrame, geminiFailure, geminiRefusal, noKey, wrongKey } from "./errors.ts";
import { countContentTokens, generateContent } from "./generate.ts";
import { predict } from "./imagen.ts";
import { live } from "./live/index.ts";
import { models } from "./models.ts";
import { downloadFile, predictLongRunning, showOperation } from "./veo.ts";

const LIVE_PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
const LIVE_ROUTE = `WS ${LIVE_PATH}`;

const credentialOf = (headers: Headers, query: URLSearchParams): string =>
  headers.get("x-goog-api-key") ?? query.get("key") ?? "";

function answer(request: Received): Answer | Promise<Answer> {
  if (request.method === "GET" && request.path.startsWith("/__files/")) return taskFile(request, "gemini");
  const credential = credentialOf(request.headers, request.query);
  if (credential === "") return noKey();
  if (!/^[\w.-]{6,}$/.test(credential)) return wrongKey();
  const [, api = "", film, operation = "", file] = /^\/(v1(?:beta)?)\/(?:models\/([^/:]+)\/operations\/([^/:]+)|files\/([a-z0-9]+):download)$/.exec(decodePath(request.path)) ?? [];
  if (film !== undefined && request.method === "GET") return showOperation(request, film, operation, api, credential);
  if (file !== undefined && request.method === "GET") return downloadFile(request, file, credential);
  const found = /^\/(v1(?:beta)?)\/models(?:\/([^:]+?)(?::(\w+))?)?$/.exec(decodePath(request.path));
  const [version, model, verb] = [found?.[1] ?? "", found?.[2] ?? "", found?.[3]];
  if (found && request.method === "GET" && verb === undefined) return models(request, model, version);
  if (found && request.method === "POST") {
    if (verb === "generateContent") return generateContent(request, model, version, false);
    if (verb === "streamGenerateContent") return generateContent(request, model, version, true);
    if (verb === "embedContent") return embedContent(request, model, version);
    if (verb === "batchEmbedContents") return batchEmbedContents(request, model, version);
    if (verb === "predictLongRunning") return predictLongRunning(request, model, version, credential);
    if (verb === "predict") return predict(request, model, version);
    if (verb === "countTokens") return countContentTokens(request, model, version);
  }
  return { ...geminiRefusal(404), headers: { ...GEMINI_HEADERS } };
}

/** Gemini on its own wire. */
export const gemini: Vendor = {
  name: "gemini",
  routes: [LIVE_ROUTE, ...["/v1beta", "/v1"].flatMap((version) => [
    `POST ${version}/models/{model}:generateContent`,
    `POST ${version}/models/{model}:streamGenerateContent`,
    `POST ${version}/models/{model}:countTokens`,
    `POST ${version}/models/{model}:embedContent`,
    `POST ${version}/models/{model}:batchEmbedContents`,
    `POST ${version}/models/{model}:predict`,
    `POST ${version}/models/{model}:predictLongRunning`,
    `GET ${version}/models/{model}/operations/{id}`,
    `GET ${version}/files/{id}:download?alt=media`,
    `GET ${version}/models`,
    `GET ${version}/models/{model}`,
  ])],
  credentialOf,
  session(request) {
    if (request.path !== LIVE_PATH) return undefined;
    const credential = credentialOf(request.headers, request.query);
    if (credential === "") return noKey();
    return /^[\w.-]{6,}$/.test(credential) ? live(request) : wrongKey();
  },
  answer,
  fail: geminiFailure,
  errorFrame: geminiErrorFrame,
};
