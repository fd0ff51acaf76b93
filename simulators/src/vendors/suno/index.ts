/** Suno-API (Suno-API/Suno-API): songs and lyrics by `{code, message, data}`. It hands on the status that Suno gave. */
import { asList, asNumber, asObject, asText, decodePath, type JsonObject } from "../../kit/json.ts";
import type { Notifying } from "../../kit/tasks/callbacks.ts";
import { inputFile } from "../../kit/media/input-file.ts";
import { taskFile } from "../../kit/tasks/files.ts";
import { isRefused } from "../../kit/tasks/outputs.ts";
import { polled, told } from "../../kit/tasks/poll.ts";
import { endOf } from "../../kit/tasks/task.ts";
import type { Answer, Failure, Received, Vendor, WholeAnswer } from "../../kit/vendor.ts";
import { filesOf, showTask, type Song } from "./songs.ts";

const SUNO = "suno";
/** Seconds that a song takes until it is whole, and lyrics (upstream notes). */
const SONG_SECONDS = 120;
const LYRICS_SECONDS = 8;
const REASONS: Record<number, string> = { 400: "Bad Request", 402: "Payment Required", 403: "Forbidden", 404: "Not Found", 408: "Request Timeout", 409: "Conflict", 413: "Request Entity Too Large", 422: "Unprocessable Entity", 429: "Too Many Requests" };

const credentialOf = (headers: Headers): string => (headers.get("authorization") ?? "").replace(/^Bearer\s+/i, "");
const answered = (status: number, code: string, message: string, data: unknown): WholeAnswer => ({ kind: "whole", status, headers: { "content-type": "application/json; charset=utf-8" }, body: JSON.stringify({ code, message, data }) });
const success = (data: unknown): WholeAnswer => answered(200, "success", "", data);
const invalid = (message: string, status = 400): WholeAnswer => answered(status, "invalid_request", message, null);

function sunoFailure(_request: Received, failure: Failure): WholeAnswer {
  const status = failure.kind === "no-balance" ? failure.status || 402 : failure.status;
  const answer =
    failure.kind === "bad-key" || status === 401
      ? invalid(failure.message ?? "unauthorized secret token", 401)
      : status < 500
        ? invalid(failure.message ?? `${status} ${REASONS[status] ?? "Bad Request"}`, status)
        : answered(status, "internal_error", failure.message ?? "task failed", null);
  if (failure.retryAfter !== undefined) answer.headers["retry-after"] = String(failure.retryAfter);
  return answer;
}

/** What is posted to `notify_hook` (New API documents it, Suno-API has none): the task, unsigned. */
const notifying = ({ origin }: Received, url: string): Notifying | undefined => (url === "" ? undefined : { events: ["start", "end"], notice: (task, _event, at) => ({ url, headers: {}, body: JSON.stringify(showTask({ origin, now: at }, task)) }) });

/** What Suno refuses of both kinds of work; a wrong model likewise. */
function refused(request: Received, body: JsonObject): WholeAnswer | undefined {
  const texts = ["prompt", "gpt_description_prompt", "tags", "title"].map((name) => asText(body[name])).join("\n");
  return isRefused(request.faults, texts) ? invalid("400 Bad Request") : undefined;
}

function submitMusic(request: Received, owner: string, body: JsonObject): Answer {
  const description = asText(body["gpt_description_prompt"]);
  const inspired = description !== "";
  const model = asText(body["mv"]) || "chirp-v3-0";
  const continues = asText(body["continue_clip_id"]);
  for (const name of ["prompt", "gpt_description_prompt", "tags", "title", "mv", "task_id"]) if (body[name] !== undefined && body[name] !== null && typeof body[name] !== "string") return invalid(`json: cannot unmarshal ${typeof body[name]} into Go struct field SubmitGenSongReq.${name} of type string`);
  if (continues !== "" && asText(body["task_id"]) === "") return invalid("task_id is empty");
  if (continues !== "" && asNumber(body["continue_at"]) === undefined) return invalid("400 Bad Request");
  if (!model.startsWith("chirp-") || /nonexist|unknown/.test(model)) return invalid("400 Bad Request");
  if (!inspired && asText(body["prompt"]) === "" && asText(body["tags"]) === "") return invalid("400 Bad Request");
  const refusal = refused(request, body);
  if (refusal) return refusal;
  const song: Song = { title: asText(body["title"]) || (inspired ? "Untitled" : ""), tags: inspired ? "pop" : asText(body["tags"]), lyrics: inspired ? "" : asText(body["prompt"]), description, model, instrumental: body["make_instrumental"] === true, continues: continues || null };
  return acceptSong(request, owner, body, song, 2);
}

function acceptSong(request: Received, owner: string, body: JsonObject, song: Song, clips: number): Answer {
  const id = request.ids.uuid();
  const task = request.tasks.accept({
    id,
    vendor: SUNO,
    owner,
    model: song.model,
    exchange: request.exchange,
    faults: request.faults,
    now: request.now,
    typicalSeconds: SONG_SECONDS,
    outputs: filesOf(song, clips),
    detail: { action: "MUSIC", ...song, clips: Array.from({ length: clips }, () => request.ids.uuid()) },
    notifying: notifying(request, asText(body["notify_hook"])),
  });
  request.note(task);
  return { ...success(id), model: song.model };
}

/** The whole song of a clip that goes on from others; and a recording by its address, as a clip. New API documents both, Suno-API has neither. */
function concat(request: Received, owner: string, body: JsonObject): Answer {
  const clip = asText(body["clip_id"]);
  if (clip === "") return invalid("clip_id is empty");
  if (body["is_infill"] !== undefined && typeof body["is_infill"] !== "boolean") return invalid("is_infill is no bool");
  const part = request.tasks.list(SUNO, owner).find((task) => asList(task.detail["clips"]).includes(clip));
  if (!part) return invalid("400 Bad Request");
  return acceptSong(request, owner, body, { title: asText(part.detail["title"]), tags: asText(part.detail["tags"]), lyrics: asText(part.detail["lyrics"]), description: "", model: part.model, instrumental: false, continues: null }, 1);
}

function upload(request: Received, owner: string, body: JsonObject): Answer {
  const url = asText(body["url"]);
  if (inputFile(url, "sound", false) !== "fits" || !/^https?:/i.test(url)) return invalid("url is no audio");
  return acceptSong(request, owner, body, { title: "upload", tags: "", lyrics: "", description: url, model: "chirp-v3-5-upload", instrumental: true, continues: null }, 1);
}

/** Lyrics are waited for: the answer to the submit comes when they are done. */
async function submitLyrics(request: Received, owner: string, body: JsonObject): Promise<Answer> {
  const prompt = asText(body["prompt"]);
  if (prompt === "") return invalid("prompt is empty");
  const refusal = refused(request, body);
  if (refusal) return refusal;
  const text = `[Verse]\n${prompt}\nA river runs along the stone\n\n[Chorus]\nAnd on and on it goes`;
  const task = request.tasks.accept({
    id: request.ids.uuid(),
    vendor: SUNO,
    owner,
    model: "suno_lyrics",
    exchange: request.exchange,
    faults: request.faults,
    now: request.now,
    typicalSeconds: LYRICS_SECONDS,
    outputs: [],
    detail: { action: "LYRICS", title: prompt.slice(0, 40), text },
    notifying: notifying(request, asText(body["notify_hook"])),
  });
  request.note(task);
  await request.until(endOf(task));
  if (task.end === "succeeded") return { ...success(task.id), model: task.model };
  request.tasks.hide(task);
  return answered(500, "internal_error", task.end === "refused" ? "lyrics flagged for moderation" : "task failed", null);
}

function fetchTask(request: Received, owner: string, id: string): Answer | Promise<Answer> {
  const task = request.tasks.get(SUNO, owner, id);
  if (!task) return invalid("task not exist");
  return polled(request, task, (asked, failure) => (failure.status === 404 ? invalid("task not exist") : sunoFailure(asked, failure)), () => told(task, request.now, success(showTask(request, task))));
}

function fetchMany(request: Received, owner: string): WholeAnswer {
  const { ids, action } = asObject(request.json);
  const tasks = asList(ids).flatMap((id) => request.tasks.get(SUNO, owner, asText(id)) ?? []);
  return success(tasks.filter((task) => !task.faults.has("lost-task") && (action === undefined || task.detail["action"] === action)).map((task) => showTask(request, task)));
}

function answer(request: Received): Answer | Promise<Answer> {
  if (request.method === "GET" && request.path.startsWith("/__files/")) return taskFile(request, SUNO);
  const route = `${request.method} ${request.path}`;
  if (route === "GET /ping") return { kind: "whole", status: 200, headers: { "content-type": "application/json; charset=utf-8" }, body: '{"message":"pong"}' };
  const owner = credentialOf(request.headers);
  if (owner === "") return invalid("unauthorized secret token", 401);
  const [, id] = /^GET \/suno\/fetch\/([^/]+)$/.exec(route) ?? [];
  if (id !== undefined) return fetchTask(request, owner, decodePath(id));
  if (route === "GET /suno/account") return success({ credits_left: 2_500, period: null, monthly_limit: 2_500, monthly_usage: 0 });
  if (request.method !== "POST" || !/^\/suno\/(submit\/\w+|uploads\/audio-url|fetch)$/.test(request.path)) return { kind: "whole", status: 404, headers: { "content-type": "text/plain" }, body: "404 page not found" };
  if (request.json === undefined) return invalid("invalid character in JSON");
  if (request.path === "/suno/fetch") return fetchMany(request, owner);
  if (request.path === "/suno/submit/concat") return concat(request, owner, asObject(request.json));
  if (request.path === "/suno/uploads/audio-url") return upload(request, owner, asObject(request.json));
  if (request.path === "/suno/submit/music") return submitMusic(request, owner, asObject(request.json));
  return request.path === "/suno/submit/lyrics" ? submitLyrics(request, owner, asObject(request.json)) : invalid("invalid action");
}

/** Suno-API on its own wire. */
export const suno: Vendor = {
  name: SUNO,
  routes: ["POST /suno/submit/music", "POST /suno/submit/lyrics", "POST /suno/submit/concat", "POST /suno/uploads/audio-url", "GET /suno/fetch/{id}", "POST /suno/fetch", "GET /suno/account", "GET /ping"],
  credentialOf,
  answer,
  fail: sunoFailure,
  errorFrame: () => "",
};
