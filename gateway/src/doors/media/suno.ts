import { objectOf } from "../../dialects/canonical/fields.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { Task } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { numberIn } from "../../vendors/_kit/media/fields.ts";
import { withKept } from "./at-once.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaTools } from "./family.ts";
import { asItIs, found, optional, ordered, requiredText, taskNotFound } from "./order.ts";
import { percent, seconds, shownState, startOf } from "./seconds.ts";

const LISTED_MAX = 100;
const LYRICS_MAX = 20_000;
/** What a song may go on from: a clip that Suno made, or one that was uploaded. */
const TASKS: readonly unknown[] = ["extend", "upload_extend"];

/** Suno, in the words of Suno-API and New API. */
export const suno: MediaFamily = {
  id: "suno",
  platform: "suno",
  idForm: "uuid",
  routes: [
    { method: "POST", paths: ["/suno/submit/music"], bodies: ["json"], priced: true, handle: music },
    { method: "POST", paths: ["/suno/submit/lyrics"], bodies: ["json"], priced: true, handle: (call, tools) => made(call, tools, "LYRICS", "lyrics", { prompt: requiredText(call.json, "prompt", LYRICS_MAX) }) },
    { method: "POST", paths: ["/suno/submit/concat"], bodies: ["json"], priced: true, handle: concat },
    { method: "POST", paths: ["/suno/uploads/audio-url"], bodies: ["json"], priced: true, handle: (call, tools) => made(call, tools, "MUSIC", "upload", { url: soundOf(call.json) }, undefined, "/suno/uploads/audio-url") },
    { method: "GET", paths: ["/suno/fetch/{id}"], handle: async (call, tools) => success(render(await found(call, call.params["id"] ?? "", tools, suno))) },
    { method: "POST", paths: ["/suno/fetch"], bodies: ["json"], handle: fetched },
  ],
  render,
  error: ({ kind, publicText }) => ({ status: kind.status, json: { code: kind.status === 404 ? "task_not_exist" : kind.status < 500 ? kind.code : "internal_error", message: publicText, data: null } }),
};

const success = (data: unknown): MediaAnswer => ({ json: { code: "success", message: "", data } });

/** By a description, or by lyrics with tags and title; or on from a clip of an own task. */
async function music(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const { json } = call;
  for (const name of ["prompt", "gpt_description_prompt", "tags", "title", "mv", "task_id", "continue_clip_id"]) optional(json, name, "string");
  optional(json, "make_instrumental", "boolean");
  optional(json, "continue_at", "number");
  if (!json["prompt"] && !json["gpt_description_prompt"] && !json["tags"]) throw new GatewayError("invalidRequest", { publicText: '"gpt_description_prompt" or "prompt" is missing.', param: "prompt" });
  if (json["continue_clip_id"] && !json["task_id"]) throw new GatewayError("invalidRequest", { publicText: '"task_id" is missing: it names the task of the clip.', param: "task_id" });
  if (json["task"] !== undefined && json["task"] !== "" && !TASKS.includes(json["task"])) throw new GatewayError("invalidRequest", { publicText: `"task" must be ${TASKS.join(" or ")}.`, param: "task" });
  if (json["task"] && !json["continue_clip_id"]) throw new GatewayError("invalidRequest", { publicText: '"continue_clip_id" is missing.', param: "continue_clip_id" });
  const parent = typeof json["task_id"] === "string" && json["task_id"] !== "" ? await asItIs(call, json["task_id"], tools, suno) : undefined;
  const clip = json["continue_clip_id"] && parent ? clipOf(parent, json["continue_clip_id"] as string) : undefined;
  const { continue_at: at } = json;
  if (typeof at === "number" && (at < 0 || at > (numberIn(objectOf(clip?.["metadata"]), "duration") ?? at))) throw new GatewayError("invalidRequest", { publicText: '"continue_at" lies outside the song.', param: "continue_at" });
  return made(call, tools, "MUSIC", "music", {}, parent);
}

/** A whole song out of a clip of an own task, whether that is named or not. */
async function concat(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const clip = requiredText(call.json, "clip_id", 100);
  const id = optional(call.json, "task_id", "string") ?? "";
  const parent = id === "" ? await tools.tasks.ofClip(call.key, clip) : await asItIs(call, id, tools);
  if (!parent) throw taskNotFound();
  clipOf(parent, clip);
  return made(call, tools, "MUSIC", "concat", { clip_id: clip }, parent);
}

/** A clip of a task; another's is as little there as one that never was. Throws GatewayError. */
function clipOf({ answer }: Task, id: string): JsonObject {
  const clip = Array.isArray(answer) ? answer.map(objectOf).find((one) => one["id"] === id) : undefined;
  if (!clip) throw taskNotFound();
  return clip;
}

function soundOf(json: JsonObject): string {
  const url = requiredText(json, "url", 2_000);
  if (!/^https?:\/\//i.test(url)) throw new GatewayError("invalidRequest", { publicText: '"url" must be an http address.', param: "url" });
  return url;
}

async function made(call: MediaCall, tools: MediaTools, action: string, kind: "music" | "lyrics" | "concat" | "upload", checked: JsonObject, parent?: Task, path = `/suno/submit/${kind}`): Promise<MediaAnswer> {
  const task = await ordered(suno, call, { action, model: `suno_${kind}`, request: { native: { vendor: "suno", request: { path, json: { ...call.json, ...checked } } }, withImages: false }, options: {}, parent }, tools);
  return success(task.id);
}

async function fetched(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const { ids, action } = call.json;
  if (!Array.isArray(ids) || ids.length > LISTED_MAX || !ids.every((id) => typeof id === "string")) throw new GatewayError("invalidRequest", { publicText: `"ids" must be a list of at most ${LISTED_MAX} tasks.`, param: "ids" });
  const tasks = await Promise.all(ids.map((id: string) => tools.tasks.get(call.key, id)));
  return success(tasks.flatMap((task) => (task && task.family === suno.id && (action === undefined || task.action === action) ? [render(task)] : [])));
}

/** A task with its clips as Suno tells them; addresses of what is kept are ours. */
function render(task: Task): JsonObject {
  return {
    task_id: task.id, notify_hook: task.notify_url ?? "", action: task.action, status: task.state === "NOT_START" ? "SUBMITTED" : shownState(task), fail_reason: task.state === "SUCCESS" ? "" : (task.error_text ?? ""),
    submit_time: seconds(task.submitted_at), start_time: seconds(startOf(task)), finish_time: seconds(task.finished_at), progress: percent(task), data: task.answer === null ? null : withKept(task),
  };
}
