/** `/v1/videos` (openai SDK: Video, VideoDeleteResponse, VideosPage): closed by the vendor in September 2026, still a wire that others speak. */
import { asText, decodePath, type JsonObject } from "../../../kit/json.ts";
import { fileAddress, taskFile } from "../../../kit/tasks/files.ts";
import { isRefused } from "../../../kit/tasks/outputs.ts";
import { polled, told } from "../../../kit/tasks/poll.ts";
import { endOf, momentOf, type Phase, type Task } from "../../../kit/tasks/task.ts";
import type { Answer, Received, WholeAnswer } from "../../../kit/vendor.ts";
import { invalid, openAiFailure, openAiHeaders, openAiRefusal } from "../errors.ts";
import { unknownModel } from "../models.ts";
import { bodyOf, faultOfPrompt, readVideo, type VideoWish } from "./wish.ts";

const VENDOR = "openai";
const TYPICAL_SECONDS = 120;
/** How long a film can be fetched after its end, in seconds. */
const KEPT_SECONDS = 3_600;
const PAGE = 20;
const PAGE_MAX = 100;
const VARIANTS = ["video", "thumbnail", "spritesheet"];
const WORDS: Record<Phase, string> = { queued: "queued", running: "in_progress", succeeded: "completed", failed: "failed", refused: "failed", cancelled: "failed" };
const BLOCKED = { message: "Your request was blocked by our moderation system.", code: "moderation_blocked" };

const seconds = (at: number): number => Math.floor(at / 1000);
const ended = (phase: Phase): boolean => phase !== "queued" && phase !== "running";

function show(task: Task, now: number): JsonObject {
  const { phase, share } = momentOf(task, now);
  const failCode = task.faults.get("fail-code");
  const failed = { code: typeof failCode === "string" ? failCode : "video_generation_failed", message: "Video generation failed. Please try again." };
  const done = phase === "succeeded";
  return {
    id: task.id,
    object: "video",
    model: task.model,
    status: phase === "running" && task.faults.has("new-state") ? "finalizing" : WORDS[phase],
    progress: done ? 100 : phase === "running" ? Math.floor(share * 100) : 0,
    created_at: seconds(task.acceptedAt),
    completed_at: done ? seconds(endOf(task)) : null,
    expires_at: done ? seconds(endOf(task)) + KEPT_SECONDS : null,
    error: phase === "refused" ? BLOCKED : ended(phase) && !done ? failed : null,
    prompt: task.detail["prompt"],
    seconds: task.detail["seconds"],
    size: task.detail["size"],
    remixed_from_video_id: task.detail["from"],
  };
}

const json = (request: Received, body: object): WholeAnswer => ({ kind: "whole", status: 200, headers: openAiHeaders(request), body: JSON.stringify(body) });
const gone = (request: Received, id: string): WholeAnswer => openAiRefusal(request, 404, invalid(`Video with id '${id}' not found.`, "video_id"));

function accept(request: Received, owner: string, wish: VideoWish, from: string | null): Answer {
  if (isRefused(request.faults, wish.prompt)) return openAiRefusal(request, 400, { ...BLOCKED, type: "video_generation_user_error", param: null });
  const [width = 0, height = 0] = wish.size.split("x").map(Number);
  const duration = Number(wish.seconds);
  const task = request.tasks.accept({
    id: `video_${request.ids.hex(32)}`,
    vendor: VENDOR,
    owner,
    model: wish.model,
    exchange: request.exchange,
    faults: request.faults,
    now: request.now,
    typicalSeconds: TYPICAL_SECONDS,
    // in the order of the variants
    outputs: [
      { kind: "video", width, height, duration, seed: wish.prompt },
      { kind: "picture", width, height, format: "webp", seed: wish.prompt },
      { kind: "picture", width: width * 2, height: height * 2, format: "jpeg", seed: wish.prompt },
    ],
    detail: { prompt: wish.prompt, seconds: wish.seconds, size: wish.size, from },
  });
  request.note(task);
  return { ...json(request, show(task, request.now)), model: wish.model };
}

async function create(request: Received, owner: string): Promise<Answer> {
  const wish = await readVideo(request);
  if (!("seconds" in wish)) return openAiRefusal(request, 400, wish);
  return wish.model.startsWith("sora-2") && !/nonexist|not-exist|unknown/.test(wish.model) ? accept(request, owner, wish, null) : unknownModel(request, wish.model);
}

function remix(request: Received, owner: string, task: Task): Answer {
  const body = bodyOf(request);
  const fault = body ? faultOfPrompt(body) : invalid("We could not parse the JSON body of your request.", null);
  if (fault ?? !body) return openAiRefusal(request, 400, fault ?? invalid("", null));
  if (momentOf(task, request.now).phase !== "succeeded") return openAiRefusal(request, 400, invalid("Only a completed video can be remixed.", "video_id"));
  return accept(request, owner, { model: task.model, prompt: asText(body["prompt"]), seconds: asText(task.detail["seconds"]), size: asText(task.detail["size"]) }, task.id);
}

function list(request: Received, owner: string): Answer {
  const { query } = request;
  const limit = Number(query.get("limit") ?? PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX) return openAiRefusal(request, 400, invalid(`Invalid 'limit': integer out of range. Expected a value between 1 and ${PAGE_MAX}.`, "limit"));
  const all = request.tasks.list(VENDOR, owner);
  const ordered = query.get("order") === "asc" ? all.toReversed() : all;
  const from = ordered.findIndex((task) => task.id === query.get("after")) + 1;
  const page = ordered.slice(from, from + limit);
  return json(request, { object: "list", data: page.map((task) => show(task, request.now)), first_id: page[0]?.id ?? null, last_id: page.at(-1)?.id ?? null, has_more: from + limit < ordered.length });
}

/** The bytes, which come only with the key. */
function content(request: Received, task: Task): Answer | Promise<Answer> {
  const variant = request.query.get("variant") ?? "video";
  const index = VARIANTS.indexOf(variant);
  if (index === -1) return openAiRefusal(request, 400, invalid(`Invalid value: '${variant}'. Supported values are: ${VARIANTS.map((one) => `'${one}'`).join(", ")}.`, "variant", "invalid_value"));
  if (momentOf(task, request.now).phase !== "succeeded") return openAiRefusal(request, 400, invalid("Video is not ready yet, use GET /v1/videos/{video_id} to check status.", "video_id"));
  const address = new URL(fileAddress(request, task, index, { seconds: KEPT_SECONDS }));
  if (task.faults.has("lost-result") || Number(address.searchParams.get("Expires")) < request.now) return openAiRefusal(request, 404, invalid("The content of this video has expired.", "video_id"));
  return taskFile({ ...request, path: address.pathname.slice(VENDOR.length + 1), query: address.searchParams }, VENDOR);
}

/** Takes a request below /v1/videos and its credential; gives the answer, `undefined` when there is no such route. */
export function videos(request: Received, owner: string): Answer | Promise<Answer> | undefined {
  const [, part, verb] = /^\/v1\/videos(?:\/([^/]+)(?:\/(content|remix))?)?$/.exec(request.path) ?? [undefined, null];
  if (part === null) return undefined;
  if (part === undefined) return request.method === "POST" ? create(request, owner) : request.method === "GET" ? list(request, owner) : undefined;
  const id = decodePath(part);
  const task = request.tasks.get(VENDOR, owner, id);
  if (!task || task.faults.has("lost-task")) return gone(request, id);
  const route = `${request.method} ${verb ?? ""}`.trim();
  if (route === "GET content") return content(request, task);
  if (route === "POST remix") return remix(request, owner, task);
  if (route === "GET") return polled(request, task, openAiFailure, () => told(task, request.now, json(request, show(task, request.now))));
  if (route !== "DELETE") return undefined;
  request.note(task);
  if (!ended(momentOf(task, request.now).phase)) return openAiRefusal(request, 400, invalid("Only a completed or failed video can be deleted.", "video_id"));
  request.tasks.hide(task);
  return json(request, { id, object: "video.deleted", deleted: true });
}
