/** OpenAI: chat completions, responses, completions, embeddings, moderations, sound, pictures, films and models. */
import { decodePath } from "../../kit/json.ts";
import type { Answer, Received, Vendor } from "../../kit/vendor.ts";
import { createSpeech } from "./audio/speech.ts";
import { transcribe } from "./audio/transcribe.ts";
import { chatCompletion } from "./chat.ts";
import { completion } from "./completions.ts";
import { createEmbeddings } from "./embeddings.ts";
import {
  invalid,
  NO_KEY,
  openAiErrorFrame,
  openAiFailure,
  openAiRefusal,
  responseErrorFrame,
  wrongKey,
} from "./errors.ts";
import { drawnFile, images } from "./images/index.ts";
import { models } from "./models.ts";
import { moderate } from "./moderations.ts";
import { realtime } from "./realtime/index.ts";
import { videos } from "./videos/index.ts";
import { countInput, createResponse, storedResponse } from "./responses/index.ts";

const credentialOf = (headers: Headers): string =>
  (headers.get("authorization") ?? "").replace(/^Bearer\s+/i, "");

function answer(request: Received): Answer | Promise<Answer> {
  const drawn = /^\/v1\/__files\/([\w-]+)\.png$/.exec(request.path);
  if (drawn && request.method === "GET") return drawnFile(request, drawn[1] ?? "");
  const key = credentialOf(request.headers);
  if (key === "") return openAiRefusal(request, 401, NO_KEY);
  if (!/^sk-[\w-]{4,}$/.test(key)) return openAiRefusal(request, 401, wrongKey(key));
  const route = `${request.method} ${request.path}`;
  if (route === "POST /v1/chat/completions") return chatCompletion(request);
  if (route === "POST /v1/completions") return completion(request);
  if (route === "POST /v1/embeddings") return createEmbeddings(request);
  if (route === "POST /v1/moderations") return moderate(request);
  if (route === "POST /v1/responses") return createResponse(request);
  if (route === "POST /v1/audio/speech") return createSpeech(request);
  if (route === "POST /v1/audio/transcriptions") return transcribe(request, false);
  if (route === "POST /v1/audio/translations") return transcribe(request, true);
  if (route === "POST /v1/images/generations") return images(request, false);
  if (route === "POST /v1/images/edits") return images(request, true);
  if (route === "POST /v1/responses/input_tokens") return countInput(request);
  const stored = /^\/v1\/responses\/([^/]+)(\/input_items)?$/.exec(request.path);
  if (stored) return storedResponse(request, decodePath(stored[1] ?? ""), stored[2] !== undefined);
  const film = request.path.startsWith("/v1/videos") ? videos(request, key) : undefined;
  if (film) return film;
  const model = /^GET \/v1\/models(?:\/(.+))?$/.exec(route);
  if (model) return models(request, decodePath(model[1] ?? ""));
  return openAiRefusal(request, 404, invalid(`Invalid URL (${request.method} ${request.path})`, null));
}

/** OpenAI on its own wire. */
export const openai: Vendor = {
  name: "openai",
  routes: [
    "POST /v1/chat/completions",
    "POST /v1/completions",
    "POST /v1/embeddings",
    "POST /v1/moderations",
    "POST /v1/responses",
    "POST /v1/responses/input_tokens",
    "GET, DELETE /v1/responses/{id}",
    "GET /v1/responses/{id}/input_items",
    "POST /v1/audio/speech",
    "POST /v1/audio/transcriptions",
    "POST /v1/audio/translations",
    "POST /v1/images/generations",
    "POST /v1/images/edits",
    "POST, GET /v1/videos",
    "GET, DELETE /v1/videos/{id}",
    "GET /v1/videos/{id}/content",
    "POST /v1/videos/{id}/remix",
    "WS /v1/realtime?model={id}",
    "GET /v1/models",
    "GET /v1/models/{id}",
  ],
  credentialOf,
  session(request) {
    if (request.path !== "/v1/realtime") return undefined;
    const key = credentialOf(request.headers);
    if (key === "") return openAiRefusal(request, 401, NO_KEY);
    return /^sk-[\w-]{4,}$/.test(key) ? realtime(request) : openAiRefusal(request, 401, wrongKey(key));
  },
  answer,
  fail: openAiFailure,
  errorFrame: (request, failure) =>
    request.path === "/v1/responses" ? responseErrorFrame(request, failure) : openAiErrorFrame(request, failure),
};
