import { FAL_INPUTS } from "@yescale/contract/media";
import type { Option } from "../../catalog/index.ts";
import { objectOf, ownOf } from "../../dialects/canonical/fields.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { Task } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { finished } from "./at-once.ts";
import { checkInputs } from "./check-inputs.ts";
import { events } from "./events.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaTools, MediaWanted } from "./family.ts";
import { priced } from "./measured.ts";
import { asItIs, found, notifyAddress, ordered, stopped, taskNotFound } from "./order.ts";
import { percent, seconds, shownState } from "./seconds.ts";
import { table } from "../../table.ts";

/** Longest address of a target that is taken. */
const TARGET_MAX = 2_000;
/** fal's name for where it is to be told, behind the address of an order; it tells the end alone, in a form of its own. */
const HOOK = "fal_webhook";
const ENDS = ["SUCCESS", "FAILURE", "CANCELLED"] as const;
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
    { method: "POST", paths: ["/fal/proxy"], bodies: ["json"], priced: true, handle: (call, tools) => proxied(call, tools, submit) },
    { method: "GET", paths: ["/fal/proxy"], handle: (call, tools) => proxied(call, tools, read) },
    { method: "PUT", paths: ["/fal/proxy"], handle: (call, tools) => proxied(call, tools, cancel) },
  ],
  render,
  notice: (task, tools) => (task.request.notices?.form === HOOK ? hook(task) : render(task, tools)),
  error: ({ publicText, kind }) => ({ status: kind.status, json: publicText === "Task not found" ? { error: publicText } : { error: publicText, code: kind.code } }),
};

/** Where fal's clients think that they go, and whether that is its queue; other hosts of fal's (uploads) are not ours to play. */
const HOSTS: Readonly<Record<string, "queue" | "wait">> = table({ "queue.fal.run": "queue", "fal.run": "wait" });

/** fal's clients in their proxy mode send everything to one address and name the real one in a header: it says which of our own routes is meant, and is never fetched. */
function proxied(call: MediaCall, tools: MediaTools, handle: (call: MediaCall, tools: MediaTools, mode: "queue" | "wait") => Promise<MediaAnswer>): Promise<MediaAnswer> {
  const named = call.headers["x-fal-target-url"] ?? "";
  const target = named.length <= TARGET_MAX && URL.canParse(named) ? new URL(named) : undefined;
  const mode = target && HOSTS[target.host];
  if (!target || !mode || target.protocol !== "https:" || target.username !== "" || target.password !== "" || target.pathname === "/")
    throw new GatewayError("invalidRequest", { publicText: `The header "x-fal-target-url" must name a model at https://${Object.keys(HOSTS).join(" or https://")}.`, param: "x-fal-target-url" });
  return handle({ ...call, path: target.pathname, query: target.searchParams, params: { model: target.pathname.slice(1) } }, tools, mode);
}

async function submit(call: MediaCall, tools: MediaTools, mode?: "queue" | "wait"): Promise<MediaAnswer> {
  // fal's own clients tell themselves by their scheme. Those of its queue always send a priority; the others call the model and wait for its output.
  const own = mode !== undefined || /^key\s/i.test(call.headers["authorization"] ?? "");
  const queue = mode === "queue" || (mode === undefined && own && (call.headers["x-fal-queue-priority"] !== undefined || call.query.has(HOOK)));
  if (own && !queue) {
    const done = await finished(fal, call, await wanted(call, tools), tools);
    return { headers: named(done), json: done.answer ?? {} };
  }
  const task = await ordered(fal, call, await wanted(call, tools), tools);
  if (queue) return { headers: named(task), json: queued(task, call) };
  // What has just been taken shows as submitted, however fast its vendor is.
  return { headers: named(task), json: render(task.finished_at === null ? { ...task, state: "SUBMITTED", progress: 10 } : task, tools) };
}

async function wanted(call: MediaCall, tools: MediaTools): Promise<MediaWanted> {
  const { params, json } = call;
  const model = `fal-ai/${(params["model"] ?? "").replace(/^fal-ai\//, "").toLowerCase()}`;
  checkInputs(json, ownOf(FAL_INPUTS, model) ?? {});
  const input: JsonObject = { ...json };
  // Sound in hexadecimal is no file that could be kept.
  if (SPEECH.test(model) && input["output_format"] === undefined) input["output_format"] = "url";
  const style = typeof json["style"] === "string" ? json["style"] : "";
  const spoken = typeof json["text"] === "string" ? json["text"] : undefined;
  const options = { ...ownOptions(json), ...sidesIn(json["image_size"]), ...(json["num_images"] === undefined ? {} : { n: json["num_images"] as Option }), vector: /^(?:vector_illustration|icon)/.test(style) };
  // fal knows no height: what is made follows from the given film and the factor.
  delete (options as Record<string, Option>)["output_height"];
  const { order } = await priced({ model, options, ...(spoken === undefined ? {} : { counts: { characters: Array.from(spoken).length } }) }, typeof json["video_url"] === "string" ? json["video_url"] : undefined, call, tools);
  return {
    action: model.replaceAll("/", "-").replace(/^fal-ai-/, "fal-"),
    model,
    request: { native: { vendor: "fal", request: { path: `/${model}`, json: input } }, withImages: false },
    options: order.options,
    ...(order.counts ? { counts: order.counts } : {}),
    ...(call.query.get(HOOK) ? { notices: { url: notifyAddress(HOOK, call.query.get(HOOK)), states: ENDS, form: HOOK } } : {}),
  };
}

/** Sides in pixels, which a price by the megapixel looks at; a name of fal's has at most one. */
function sidesIn(size: unknown): { size: string } {
  const { width, height } = objectOf(size);
  return { size: typeof width === "number" && typeof height === "number" ? `${Math.ceil(width)}x${Math.ceil(height)}` : "" };
}

/** What a price can look at of a model's own input. The catalog's name for whether a film has sound is none of fal's or Replicate's. */
export function ownOptions(json: JsonObject): Record<string, Option> {
  const said = json["generate_audio"] ?? json["generate_audio_switch"];
  const { audio: _, ...options } = scalars(json);
  return typeof said === "boolean" ? { ...options, audio: said } : options;
}

/** Members of a body that a price can look at: what is neither list nor object. */
export const scalars = (json: JsonObject): Record<string, Option> => Object.fromEntries(Object.entries(json).filter((entry): entry is [string, Option] => ["string", "number", "boolean"].includes(typeof entry[1]) && String(entry[1]).length <= 100));

/** `/fal-ai/{task_id}`, or fal's own `/fal-ai/{app}/requests/{id}[/status[/stream]]`. */
async function read(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const rest = call.params["model"] ?? "";
  if (UUID.test(rest)) return { json: render(await found(call, rest, tools, fal), tools) };
  const [, id = "", status, stream] = /\/requests\/([0-9a-f-]{36})(\/status(\/stream)?)?$/.exec(rest) ?? [];
  // The same words as they change; fal names no events (https://docs.fal.ai/model-endpoints/queue: streaming status).
  const known = await job(call, rest, id, tools);
  if (stream !== undefined) return events(call, known, tools, (task) => `data: ${JSON.stringify(queued(task, call))}\n\n`);
  const task = await found(call, id, tools, fal);
  if (status !== undefined) return { status: task.finished_at === null ? 202 : 200, headers: named(task), json: queued(task, call) };
  if (task.state === "SUCCESS") return { headers: named(task), json: task.answer ?? {} };
  if (task.finished_at === null) return { status: 400, json: { detail: "Request is still in progress" } };
  return failure(task);
}

/** Why a job failed, as its result says it. */
const failure = ({ state, error_kind: kind, error_text: text }: Task) => (state === "CANCELLED" ? { status: 499, json: { detail: "The request was cancelled.", error_type: "client_cancelled" } } : { status: kind === "content_policy" || kind === "invalid_request" ? 422 : 500, json: { detail: [{ loc: ["body"], msg: text ?? "", type: kind === "content_policy" ? "content_policy_violation" : "internal_server_error" }] } });

/** What fal tells of a job that has ended (https://docs.fal.ai/model-endpoints/webhooks). Its own signature is by keys that only fal has: ours is that of all our notices. */
function hook(task: Task): JsonObject {
  const { status, json } = failure(task);
  return { request_id: task.id, gateway_request_id: task.id, ...(task.state === "SUCCESS" ? { status: "OK", payload: task.answer ?? {} } : { status: "ERROR", error: `Invalid status code: ${status}`, payload: json }) };
}

async function cancel(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const [, id = ""] = /\/requests\/([0-9a-f-]{36})\/cancel$/.exec(call.params["model"] ?? "") ?? [];
  const before = await job(call, call.params["model"] ?? "", id, tools);
  if (before.finished_at !== null) return { status: 400, json: { status: "ALREADY_COMPLETED" } };
  await stopped(call, id, tools);
  return { status: 202, json: { status: "CANCELLATION_REQUESTED" } };
}

/** Where fal's clients read a result's id. */
const named = (task: Task): Record<string, string> => ({ "x-fal-request-id": task.id });

/** The part of a model's name that the addresses of its jobs keep: what stands behind the owner. */
const appOf = ({ request }: Task): string => request.native?.request.path?.split("/")[2] ?? "";

/** A job by the address that its queue gave it; below another app it is not there. */
async function job(call: MediaCall, rest: string, id: string, tools: MediaTools): Promise<Task> {
  const task = await asItIs(call, id, tools, fal);
  if (rest.replace(/^fal-ai\//, "").split("/")[0] !== appOf(task)) throw taskNotFound();
  return task;
}

/** A job in the queue's form. */
function queued(task: Task, { origin, path }: MediaCall): JsonObject {
  const base = `${origin}${/\/requests\//.test(path) ? path.replace(/\/requests\/.*$/, "") : `/fal-ai/${appOf(task)}`}/requests/${task.id}`;
  const status = QUEUE_WORDS[task.state];
  return {
    status, request_id: task.id, response_url: base, status_url: `${base}/status`, cancel_url: `${base}/cancel`,
    ...(status === "IN_QUEUE" ? { queue_position: 0 } : {}),
    // Clients read them without a look whether there are any.
    ...(status === "IN_QUEUE" ? {} : { logs: [] }),
    ...(status === "COMPLETED" ? { metrics: {} } : {}),
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
