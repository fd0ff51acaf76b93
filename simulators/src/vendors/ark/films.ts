/** Ark's tasks of films: made, shown, listed, left (volcengine.com/docs/82379/1520757, 1521309, 1521675, 1521720). A task that failed is a 200. */
import { asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import type { FileWish } from "../../kit/media/file.ts";
import type { Notifying } from "../../kit/tasks/callbacks.ts";
import { fileAddress } from "../../kit/tasks/files.ts";
import { isRefused } from "../../kit/tasks/outputs.ts";
import { polled, told } from "../../kit/tasks/poll.ts";
import { endOf, momentOf, type Phase, type Task, usageOf } from "../../kit/tasks/task.ts";
import type { Answer, Received, WholeAnswer } from "../../kit/vendor.ts";
import { arkFailure, refuse, SENSITIVE } from "./errors.ts";
import { readFilm, type FilmWish } from "./film-wish.ts";

const VENDOR = "doubao";
const FPS = 24;
/** Pixels of a token; a film has one frame more than its seconds need (the documented 1280x720 of 5 s has 108,900 tokens). */
const PIXELS_A_TOKEN = 1_024;
const LINK_SECONDS = 86_400;
/** Seconds that a film takes (upstream notes: 40 to 120, 1080p up to 4 minutes). */
const SECONDS: Record<string, number> = { "480p": 45, "720p": 80, "1080p": 180 };
const PAGE_MAX = 500;
const WORDS: Record<Phase, string> = { queued: "queued", running: "running", succeeded: "succeeded", failed: "failed", refused: "failed", cancelled: "cancelled" };

type Place = Pick<Received, "now" | "origin">;

const tokensOf = ({ width, height, duration }: FilmWish): number => Math.floor((width * height * (FPS * duration + 1)) / PIXELS_A_TOKEN);

/** "cgt-20260131080509-abcde" */
const newId = (request: Received): string => `cgt-${new Date(request.now).toISOString().replaceAll(/\D/g, "").slice(0, 14)}-${request.ids.letters(5).toLowerCase()}`;

/** What goes to `callback_url`, unsigned: the task, at each change. */
const notifying = ({ origin }: Received, url: string): Notifying | undefined => (url === "" ? undefined : { events: ["start", "end"], notice: (task, _event, at) => ({ url, headers: {}, body: JSON.stringify(shown({ origin, now: at }, task)) }) });

/** Takes a request for a film and its credential; gives the task's id. */
export function submitFilm(request: Received, owner: string): Answer {
  if (request.json === undefined) return refuse(400, "InvalidParameter", "The request body is not valid JSON.");
  const body = asObject(request.json);
  const wish = readFilm(body);
  if ("kind" in wish) return wish;
  if (isRefused(request.faults, wish.prompt)) return refuse(400, ...SENSITIVE.text);
  const { width, height, duration, prompt, lastFrame } = wish;
  const film: FileWish = { kind: "video", width, height, duration, seed: prompt };
  const tokens = tokensOf(wish);
  const task = request.tasks.accept({
    id: newId(request),
    vendor: VENDOR,
    owner,
    model: wish.model,
    exchange: request.exchange,
    faults: request.faults,
    now: request.now,
    typicalSeconds: SECONDS[wish.resolution] ?? 0,
    endBy: request.now + wish.expires * 1000,
    outputs: lastFrame ? [film, { kind: "picture", width, height, format: "png", seed: `${prompt} end` }] : [film],
    detail: { resolution: wish.resolution, ratio: wish.ratio, duration, seed: wish.seed === -1 ? Number.parseInt(request.ids.hex(7), 16) : wish.seed, tier: wish.tier, expires: wish.expires, audio: wish.audio ?? null },
    usageOf: (phase) => (phase === "succeeded" ? { completion_tokens: tokens, total_tokens: tokens } : undefined),
    notifying: notifying(request, asText(body["callback_url"])),
  });
  request.note(task);
  return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ id: task.id }), model: task.model };
}

/** A task that was given up is cancelled at the very moment it expires. */
const hasExpired = (task: Task): boolean => task.cancelledAt === task.acceptedAt + Number(task.detail["expires"]) * 1000;

function stateOf(task: Task, now: number): string {
  const { phase } = momentOf(task, now);
  if (phase === "running" && task.faults.has("new-state")) return "rendering";
  return phase === "cancelled" && hasExpired(task) ? "expired" : WORDS[phase];
}

function errorOf(task: Task, phase: Phase): JsonObject | null {
  const code = task.faults.get("fail-code");
  if (phase === "refused") return { code: SENSITIVE.film[0], message: SENSITIVE.film[1] };
  return phase === "failed" ? { code: typeof code === "string" ? code : "InternalServiceError", message: "The service encountered an unexpected internal error." } : null;
}

function shown(place: Place, task: Task): JsonObject {
  const { detail } = task;
  const { phase } = momentOf(task, place.now);
  const usage = usageOf(task, place.now);
  const address = (index: number): string => fileAddress(place, task, index, { seconds: LINK_SECONDS });
  const made = phase === "succeeded" && !task.faults.has("lost-result");
  const changed = phase === "queued" ? task.acceptedAt : phase === "running" ? task.startsAt : endOf(task);
  const content = made ? { content: { video_url: address(0), ...(task.outputs.length > 1 ? { last_frame_url: address(1) } : {}) } } : phase === "succeeded" ? { content: {} } : {};
  return {
    id: task.id,
    model: task.model,
    status: stateOf(task, place.now),
    error: errorOf(task, phase),
    ...content,
    ...(usage ? { usage } : {}),
    created_at: Math.floor(task.acceptedAt / 1000),
    updated_at: Math.floor(changed / 1000),
    seed: detail["seed"],
    resolution: detail["resolution"],
    ratio: detail["ratio"],
    duration: detail["duration"],
    framespersecond: FPS,
    service_tier: detail["tier"],
    execution_expires_after: detail["expires"],
    ...(detail["audio"] === null ? {} : { generate_audio: detail["audio"] }),
  };
}

const json = (body: object): WholeAnswer => ({ kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
const gone = (id: string): WholeAnswer => refuse(404, "ResourceNotFound", `The specified resource ${id} is not found.`, "id");

/** Takes a query, its credential and the task's id; tells how it stands. */
export function showFilm(request: Received, owner: string, id: string): Answer | Promise<Answer> {
  const task = request.tasks.get(VENDOR, owner, id);
  if (!task) return gone(id);
  return polled(request, task, (asked, failure) => (failure.status === 404 ? gone(id) : arkFailure(asked, failure)), () => told(task, request.now, json(shown(request, task))));
}

/** Takes a query for a page, and its credential; gives the tasks that match, the newest first. */
export function listFilms(request: Received, owner: string): Answer {
  const { query } = request;
  const [page, size] = ["page_num", "page_size"].map((name, index) => asNumber(Number(query.get(name) ?? [1, 10][index])) ?? 0);
  if (!page || !size || page < 1 || size < 1 || size > PAGE_MAX) return refuse(400, "InvalidParameter", `page_num and page_size must be between 1 and ${PAGE_MAX}`);
  const [status, model, ids] = [query.get("filter.status"), query.get("filter.model"), query.getAll("filter.task_ids")];
  const found = request.tasks.list(VENDOR, owner).filter((task) => (status === null || stateOf(task, request.now) === status) && (model === null || task.model === model) && (ids.length === 0 || ids.includes(task.id)));
  return json({ total: found.length, items: found.slice((page - 1) * size, page * size).map((task) => shown(request, task)) });
}

/** Takes a DELETE, its credential and the task's id: cancels what waits, deletes the record of what has ended; what works cannot be left (its code is ours). */
export function cancelFilm(request: Received, owner: string, id: string): Answer {
  const task = request.tasks.get(VENDOR, owner, id);
  if (!task) return gone(id);
  request.note(task);
  const { phase } = momentOf(task, request.now);
  if (phase === "running" || phase === "cancelled") return refuse(409, "InvalidAction.TaskStatus", `The task ${id} is ${stateOf(task, request.now)} and cannot be deleted.`);
  if (phase === "queued") request.tasks.cancel(task, request.now);
  else request.tasks.hide(task);
  return json({});
}
