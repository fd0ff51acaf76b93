/** MiniMax: speech and films. */
import { decodePath } from "../../kit/json.ts";
import { taskFile } from "../../kit/tasks/files.ts";
import type { Answer, Received, Vendor } from "../../kit/vendor.ts";
import { FINE, minimaxFailure, shown, told } from "./errors.ts";
import { queryFilm, retrieveFile, submitFilm } from "./films.ts";
import { cancelFilm2, queryFilm2, submitFilm2 } from "./films-v2.ts";
import { speak } from "./speech.ts";

const credentialOf = (headers: Headers): string => (headers.get("authorization") ?? "").replace(/^Bearer\s+/i, "");

function answer(request: Received): Answer | Promise<Answer> {
  if (request.method === "GET" && request.path.startsWith("/__files/")) return taskFile(request, "minimax");
  const owner = credentialOf(request.headers);
  if (owner === "") return told(request, 1004, "login fail: Please carry the API secret key in the 'Authorization' field of the request header");
  const route = `${request.method} ${request.path}`;
  switch (route) {
    case "POST /v1/t2a_v2":
      return speak(request);
    case "POST /v1/get_voice":
      return shown(request, { system_voice: [], ...FINE });
    case "POST /v1/video_generation":
      return submitFilm(request, owner);
    case "GET /v1/query/video_generation":
      return queryFilm(request, owner, request.query.get("task_id") ?? "");
    case "GET /v1/files/retrieve":
      return retrieveFile(request, owner, request.query.get("file_id") ?? "");
    case "POST /v2/video_generation":
      return submitFilm2(request, owner);
    default: {
      const [, asked, left] = /^GET \/v2\/query\/video_generation\/([^/]+)$|^DELETE \/v2\/video_generation\/([^/]+)$/.exec(route) ?? [];
      if (asked !== undefined) return queryFilm2(request, owner, decodePath(asked));
      if (left !== undefined) return cancelFilm2(request, owner, decodePath(left));
      return { kind: "whole", status: 404, headers: { "content-type": "text/plain" }, body: "404 page not found" };
    }
  }
}

/** MiniMax on its own wire. */
export const minimax: Vendor = {
  name: "minimax",
  routes: [
    "POST /v1/t2a_v2",
    "POST /v1/get_voice",
    "POST /v1/video_generation",
    "GET /v1/query/video_generation?task_id={id}",
    "GET /v1/files/retrieve?file_id={id}",
    "POST /v2/video_generation",
    "GET /v2/query/video_generation/{task_id}",
    "DELETE /v2/video_generation/{task_id}",
  ],
  credentialOf,
  answer,
  fail: minimaxFailure,
  errorFrame: () => "",
};
