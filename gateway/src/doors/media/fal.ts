import type { Option } from "../../catalog/index.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { Task } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import type { MediaCall, MediaFamily, MediaTools, MediaWanted } from "./family.ts";
import { priced } from "./measured.ts";
import { found, notifyUrlOf, ordered } from "./order.ts";
import { percent, seconds, shownState } from "./seconds.ts";

/** Inputs whose absence is told before anything is held (https://fal.ai/models, each model's API page). Others are the model's own to refuse. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  "fal-ai/ideogram/v3/remix": ["prompt", "image_url"],
  "fal-ai/flux-pro/kontext/max": ["prompt", "image_url"],
  "fal-ai/recraft/v3/text-to-image": ["prompt"],
  "fal-ai/recraft/v3/image-to-image": ["prompt", "image_url"],
  "fal-ai/bytedance/seededit/v3/edit-image": ["prompt", "image_url"],
  "fal-ai/minimax/speech-02-hd": ["text"],
  "fal-ai/minimax/speech-02-turbo": ["text"],
  "fal-ai/elevenlabs/tts/turbo-v2.5": ["text"],
  "fal-ai/elevenlabs/tts/multilingual-v2": ["text"],
  "fal-ai/topaz/upscale/video": ["video_url"],
  "fal-ai/luma-dream-machine/ray-2-flash/reframe": ["video_url", "aspect_ratio"],
  "fal-ai/luma-dream-machine/ray-2/reframe": ["video_url", "aspect_ratio"],
};
const SPEECH = /^fal-ai\/minimax\/speech-/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** What fal's own clients read of a job (https://docs.fal.ai/model-endpoints/queue). */
const QUEUE_WORDS = { NOT_START: "IN_QUEUE", SUBMITTED: "IN_QUEUE", QUEUED: "IN_QUEUE", IN_PROGRESS: "IN_PROGRESS", SUCCESS: "COMPLETED", FAILURE: "COMPLETED", CANCELLED: "COMPLETED" } as const;

/** fal's models: `POST /fal-ai/{model}` with the model's own input, `GET /fal-ai/{task_id}` as the documentation shows it, and fal's own queue for its own clients. */
export const fal: MediaFamily = {
  id: "fal",
  platform: "fal-ai",
  idForm: "uuid",
  routes: [
    { method: "POST", paths: ["/fal-ai/{model*}"], bodies: ["json"], priced: true, handle: submit },
    { method: "GET", paths: ["/fal-ai/{model*}"], handle: read },
    { method: "PUT", paths: ["/fal-ai/{model*}"], handle: cancel },
  ],
  render,
  error: ({ publicText, kind }) => ({ status: kind.status, json: publicText === "Task not found" ? { error: publicText } : { error: publicText, code: kind.code } }),
};

async function submit(call: MediaCall, tools: MediaTools) {
  const task = await ordered(fal, call, await wanted(call, tools), tools);
  // fal's own clients know the queue's form, and tell themselves by their scheme.
  if (/^key\s/i.test(call.headers["authorization"] ?? "")) return { headers: named(task), json: queued(task, call) };
  // What has just been taken shows as submitted, however fast its vendor is.
  return { headers: named(task), json: render(task.finished_at === null ? { ...task, state: "SUBMITTED", progress: 10 } : task, tools) };
}

async function wanted(call: MediaCall, tools: MediaTools): Promise<MediaWanted> {
  const { params, json } = call;
  const model = `fal-ai/${(params["model"] ?? "").replace(/^fal-ai\//, "").toLowerCase()}`;
  for (const name of REQUIRED[model] ?? []) if (typeof json[name] !== "string" || json[name].trim() === "") throw new GatewayError("invalidRequest", { publicText: `"${name}" is missing or no text.`, param: name });
  const input: JsonObject = { ...json };
  delete input["notify_hook"];
  // Sound in hexadecimal is no file that could be kept.
  if (SPEECH.test(model) && input["output_format"] === undefined) input["output_format"] = "url";
  const style = typeof json["style"] === "string" ? json["style"] : "";
  const text = typeof json["text"] === "string" ? json["text"] : undefined;
  const options = { ...scalars(json), ...(json["num_images"] === undefined ? {} : { n: json["num_images"] as Option }), vector: /^(?:vector_illustration|icon)/.test(style) };
  // fal knows no height: what is made follows from the given film and the factor.
  delete (options as Record<string, Option>)["output_height"];
  const { order } = await priced({ model, options, ...(text === undefined ? {} : { counts: { characters: Array.from(text).length } }) }, typeof json["video_url"] === "string" ? json["video_url"] : undefined, call, tools);
  return {
    action: model.replaceAll("/", "-").replace(/^fal-ai-/, "fal-"),
    model,
    request: { native: { vendor: "fal", request: { path: `/${model}`, json: input } }, withImages: false },
    options: order.options,
    ...(order.counts ? { counts: order.counts } : {}),
    notifyUrl: notifyUrlOf(json),
  };
}

/** Members of a body that a price can look at: what is neither list nor object. */
export const scalars = (json: JsonObject): Record<string, Option> => Object.fromEntries(Object.entries(json).filter((entry): entry is [string, Option] => ["string", "number", "boolean"].includes(typeof entry[1]) && String(entry[1]).length <= 100));

/** `/fal-ai/{task_id}`, or fal's own `/fal-ai/{app}/requests/{id}[/status]`. */
async function read(call: MediaCall, tools: MediaTools) {
  const rest = call.params["model"] ?? "";
  if (UUID.test(rest)) return { json: render(await found(call, rest, tools, fal), tools) };
  const [, id = "", status] = /\/requests\/([0-9a-f-]{36})(\/status)?$/.exec(rest) ?? [];
  const task = await found(call, id, tools, fal);
  if (status !== undefined) return { status: task.finished_at === null ? 202 : 200, headers: named(task), json: queued(task, call) };
  if (task.state === "SUCCESS") return { headers: named(task), json: task.answer ?? {} };
  if (task.finished_at === null) return { status: 400, json: { detail: "Request is still in progress" } };
  return { status: task.error_kind === "content_policy" || task.error_kind === "invalid_request" ? 422 : 500, json: { detail: [{ loc: ["body"], msg: task.error_text ?? "", type: task.error_kind === "content_policy" ? "content_policy_violation" : "internal_server_error" }] } };
}

async function cancel(call: MediaCall, tools: MediaTools) {
  const [, id = ""] = /\/requests\/([0-9a-f-]{36})\/cancel$/.exec(call.params["model"] ?? "") ?? [];
  const before = await found(call, id, tools, fal);
  if (before.finished_at !== null) return { status: 400, json: { status: "ALREADY_COMPLETED" } };
  await tools.tasks.cancel(call.key, id);
  return { status: 202, json: { status: "CANCELLATION_REQUESTED" } };
}

/** Where fal's clients read a result's id. */
const named = (task: Task): Record<string, string> => ({ "x-fal-request-id": task.id });

/** A job in the queue's form. */
function queued(task: Task, { origin, path }: MediaCall): JsonObject {
  const app = task.action.replace(/^fal-/, "").split("-")[0] ?? "";
  const base = `${origin}${/\/requests\//.test(path) ? path.replace(/\/requests\/.*$/, "") : `/fal-ai/${app}`}/requests/${task.id}`;
  const status = QUEUE_WORDS[task.state];
  return {
    status, request_id: task.id, response_url: base, status_url: `${base}/status`, cancel_url: `${base}/cancel`,
    ...(status === "IN_QUEUE" ? { queue_position: 0 } : {}),
    ...(status === "COMPLETED" ? { logs: [], metrics: {} } : {}),
    ...(task.state === "FAILURE" || task.state === "CANCELLED" ? { error: task.error_text ?? "failed", error_type: task.state === "CANCELLED" ? "client_cancelled" : "internal_error" } : {}),
  };
}

/** The documented nine members, flat; a failed task says why in a tenth. */
function render(task: Task, { brand }: Pick<MediaTools, "brand">): object {
  const state = shownState(task);
  return {
    action: task.action,
    data: task.state === "SUCCESS" ? (task.answer ?? null) : null,
    finish_time: seconds(task.finished_at),
    message: `${brand} - FalAI ${task.state === "NOT_START" || task.state === "SUBMITTED" ? "Submit" : "Fetch"}`,
    platform: "fal-ai",
    progress: task.state === "NOT_START" ? "10%" : percent(task),
    status: state === "NOT_START" ? "SUBMITTED" : state,
    submit_time: seconds(task.submitted_at),
    task_id: task.id,
    ...(state === "FAILURE" ? { err_reason: task.error_text ?? "" } : {}),
  };
}
