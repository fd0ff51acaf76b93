import { KLING_INPUTS } from "@yescale/contract/media";
import { objectOf } from "../../dialects/canonical/fields.ts";
import type { GivenMedia, MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { TaskState } from "../../store/schema.ts";
import type { Task } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { objectsIn } from "../../vendors/_kit/media/fields.ts";
import { withKept } from "./at-once.ts";
import { checkInputs, spoken } from "./check-inputs.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaTools, MediaWanted } from "./family.ts";
import { modelOf, numberIn, pictureIn, saidOnly, wrong } from "./inputs.ts";
import { found, optional, ordered, taskNotFound } from "./order.ts";
import { type FamilyWords, saidBy } from "./said.ts";
import { table } from "../../table.ts";

/** Kling's words (https://app.klingai.com/global/dev/document-api). */
const WORDS: Readonly<Record<TaskState, string>> = { NOT_START: "submitted", SUBMITTED: "submitted", QUEUED: "submitted", IN_PROGRESS: "processing", SUCCESS: "succeed", FAILURE: "failed", CANCELLED: "failed" };
/** Its codes for our statuses. */
const CODES: Readonly<Record<number, number>> = { 400: 1201, 401: 1000, 402: 1102, 403: 1103, 404: 1203, 405: 1202, 409: 1201, 413: 1201, 415: 1201, 429: 1302, 503: 5001, 504: 5002 };
const POLICY = 1301;
const VERSION = "/v1/";
/** Pages of a list, and tasks of a page (the same document). */
const PAGES_MAX = 1_000;
const PAGE_MAX = 500;
const PAGE_USUAL = 30;
/** Our own ids at this door; a caller's name for a task may be any other text of up to so many characters. */
const OUR_ID = /^\d{20,40}$/;
const EXTERNAL_MAX = 100;
/** Members that are pictures. */
const PICTURES: ReadonlySet<string> = new Set(["image", "image_tail", "static_mask", "mask", "human_image", "cloth_image"]);
/** Members that only Kling itself understands: a request with one of them goes to nobody else. */
const OWN = ["camera_control", "static_mask", "dynamic_masks", "image_reference", "human_fidelity", "watermark_info", "voice_list", "multi_prompt"];

/** Kling's words for what a wish says. */
const SPOKEN = {
  prompt: ["prompt"], negativePrompt: ["negative_prompt"], guidance: ["cfg_scale"], mode: ["mode"], aspectRatio: ["aspect_ratio"], resolution: ["resolution"], sound: ["sound"], duration: ["duration"], count: ["n"], images: ["image", "image_tail"],
} satisfies FamilyWords;

/** A kind of Kling's work: its path, and what a request of it wants. */
type Read = (json: JsonObject) => Pick<MediaWanted, "model" | "options"> & { native: JsonObject; wish?: MediaWish };

const KINDS: Readonly<Record<string, { action: string; read: Read }>> = table({
  "/v1/videos/text2video": { action: "text2video", read: (json) => film(json, []) },
  "/v1/videos/image2video": { action: "image2video", read: imageFilm },
  "/v1/images/generations": { action: "image", read: drawing },
  "/v1/images/kolors-virtual-try-on": { action: "kolors-virtual-try-on", read: (json) => tryOn(json) },
});

/** Kling, below `/kling`: films, pictures and virtual try-on, each made and asked for at its own address. */
export const kling: MediaFamily = {
  id: "kling",
  platform: "kling",
  idForm: "decimal",
  routes: Object.entries(KINDS).flatMap(([path, kind]) => [
    { method: "POST", paths: [`/kling${path}`], bodies: ["json"], priced: true, handle: (call, tools) => submit(call, tools, path, kind) },
    { method: "GET", paths: [`/kling${path}/{id}`], handle: (call, tools) => fetched(call, tools, kind.action) },
    { method: "GET", paths: [`/kling${path}`], handle: (call, tools) => listed(call, tools, kind.action) },
  ]),
  render: (task) => enveloped(task, task.request_id),
  error: ({ kind, publicText }, requestId) => ({ status: kind.status, json: { code: kind.code === "content_policy_violation" ? POLICY : (CODES[kind.status] ?? 5000), message: publicText, request_id: requestId } }),
};

const enveloped = (task: Task, requestId: string): JsonObject => ({ code: 0, message: "SUCCEED", request_id: requestId, data: dataOf(task) });

async function submit(call: MediaCall, tools: MediaTools, path: string, { action, read }: { action: string; read: Read }): Promise<MediaAnswer> {
  const json = spoken(call.json);
  checkInputs(json, KLING_INPUTS[path.slice(VERSION.length) as keyof typeof KLING_INPUTS]);
  checkCamera(objectOf(json["camera_control"]));
  const external = optional(json, "external_task_id", "string");
  const { native, wish, model, options } = read(json);
  const withImages = (wish?.images?.length ?? 0) > 0;
  const own = OWN.some((name) => json[name] !== undefined && json[name] !== null);
  const request = { native: { vendor: "kling", request: { path, json: bare(native) } }, ...(wish && !own ? { wish } : {}), seen: external === undefined ? {} : { external }, withImages };
  const task = await ordered(kling, call, { action, model, request, options, said: saidBy(json, SPOKEN, ["model_name", "external_task_id"]) }, tools);
  // Older clients read the id at the top.
  return { json: { ...enveloped(task, call.requestId), task_id: task.id } };
}

/** By our id, or by the name that the caller gave it (`external_task_id`). */
async function fetched(call: MediaCall, tools: MediaTools, action: string): Promise<MediaAnswer> {
  const named = call.params["id"] ?? "";
  const [ofName] = OUR_ID.test(named) ? [] : await tools.tasks.list(call.key, { family: kling.id, action, external: named.slice(0, EXTERNAL_MAX + 1), most: 1 });
  const task = await found(call, ofName?.id ?? named, tools, kling);
  if (task.action !== action) throw taskNotFound();
  return { json: enveloped(task, call.requestId) };
}

/** The account's tasks of a kind, newest first, by Kling's pages. */
async function listed(call: MediaCall, { tasks }: MediaTools, action: string): Promise<MediaAnswer> {
  const [page, size] = [pageNumber(call, "pageNum", 1, PAGES_MAX), pageNumber(call, "pageSize", PAGE_USUAL, PAGE_MAX)];
  const list = await tasks.list(call.key, { family: kling.id, action, most: size, skip: (page - 1) * size });
  return { json: { code: 0, message: "SUCCEED", request_id: call.requestId, data: list.map(dataOf) } };
}

function pageNumber({ query }: MediaCall, name: string, usual: number, most: number): number {
  const said = query.get(name);
  const number = said === null || said === "" ? usual : Number(said);
  if (!Number.isInteger(number) || number < 1 || number > most) throw wrong(name, `must be a whole number from 1 to ${most}.`);
  return number;
}

/** What members of a camera's way say together: `simple` moves in one way alone, the others take no numbers. */
function checkCamera({ type, config }: JsonObject): void {
  if (type === undefined) return;
  const moves = Object.values(objectOf(config)).filter((move) => typeof move === "number" && move !== 0).length;
  if (type === "simple" ? moves !== 1 : config !== undefined && config !== null) throw wrong("camera_control.config", type === "simple" ? "must have exactly one value that is not 0." : 'may only be said with the type "simple".');
}

/** Kling takes pictures within a request as base64 alone. */
const bare = (json: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(json).map(([name, value]) => [name, name === "dynamic_masks" && Array.isArray(value) ? value.map((one) => bare(objectOf(one))) : typeof value === "string" && PICTURES.has(name) && value.startsWith("data:") ? value.slice(value.indexOf(",") + 1) : value]));

function film(json: JsonObject, images: GivenMedia[]): ReturnType<Read> {
  const [prompt, negativePrompt, mode, aspectRatio, sound] = ["prompt", "negative_prompt", "mode", "aspect_ratio", "sound"].map((name) => optional(json, name, "string"));
  const guidance = optional(json, "cfg_scale", "number");
  const seconds = numberIn(json, "duration");
  const model = modelOf(optional(json, "model_name", "string") ?? "kling-v1", /^kling-v\d(?!.*-image$)/);
  const on = sound === undefined ? undefined : sound === "on";
  return {
    model,
    options: saidOnly({ duration: seconds, mode, audio: on }),
    // Kling takes the seconds as a text only.
    native: { ...json, ...(seconds === undefined ? {} : { duration: String(seconds) }) },
    wish: { kind: "video", ...saidOnly<string | number | boolean | GivenMedia[]>({ prompt, negativePrompt, guidance, mode, aspectRatio, sound: on, duration: seconds ?? 5, images: images.length > 0 ? images : undefined }) } as MediaWish,
  };
}

function imageFilm(json: JsonObject): ReturnType<Read> {
  const [first, last] = [pictureIn(json, "image", { bare: true }), pictureIn(json, "image_tail", { bare: true })];
  if (!first && !last) throw wrong("image", "is missing.");
  return film(json, [...(first ? [{ url: first.uri, role: "first_frame" as const }] : []), ...(last ? [{ url: last.uri, role: "last_frame" as const }] : [])]);
}

function drawing(json: JsonObject): ReturnType<Read> {
  const [prompt, negativePrompt, resolution, aspectRatio] = ["prompt", "negative_prompt", "resolution", "aspect_ratio"].map((name) => optional(json, name, "string"));
  const count = optional(json, "n", "number");
  const image = pictureIn(json, "image", { bare: true });
  const model = modelOf(optional(json, "model_name", "string") ?? "kling-v1", /^kling-v\d(?!.*-image$)/);
  return {
    model: `${model}-image`,
    options: saidOnly({ n: count, images: image ? 1 : 0 }),
    native: json,
    wish: { kind: "image", ...saidOnly<string | number | GivenMedia[]>({ prompt, negativePrompt, count, resolution, aspectRatio, images: image ? [{ url: image.uri, role: "input" }] : undefined }) } as MediaWish,
  };
}

const tryOn = (json: JsonObject): ReturnType<Read> => ({ model: modelOf(optional(json, "model_name", "string") ?? "kolors-virtual-try-on-v1", /^kolors-virtual-try-on-v/), options: {}, native: json });

const millis = (at: Date | null): number | undefined => at?.getTime();

/** A task as Kling shows it, times in milliseconds; addresses of what is kept are ours. */
function dataOf(task: Task): JsonObject {
  const { external } = task.request.seen ?? {};
  const failed = task.state === "FAILURE" || task.state === "CANCELLED";
  const { final_unit_deduction: units } = objectOf(task.answer);
  return {
    task_id: task.id,
    task_status: WORDS[task.state],
    ...(failed ? { task_status_msg: task.error_text ?? "" } : {}),
    task_info: external === undefined ? {} : { external_task_id: external },
    created_at: millis(task.submitted_at),
    updated_at: millis(task.finished_at) ?? millis(task.started_at) ?? millis(task.submitted_at),
    ...(task.state === "SUCCESS" ? { ...(typeof units === "string" ? { final_unit_deduction: units } : {}), task_result: resultOf(task) } : {}),
  };
}

/** What Kling told of its results, with ours in the place of its ids and addresses; of another source what can be told. */
function resultOf(task: Task): JsonObject {
  const told = objectOf(withKept(task)["task_result"]);
  const films = objectsIn(told, "videos");
  if (films.length > 0) return { videos: films.map((one, index) => ({ ...one, id: `${task.id}${index}` })) };
  if (objectsIn(told, "images").length > 0) return told;
  const made = (kind: string) => task.outputs.filter((output) => output.kind === kind && output.url !== undefined);
  const videos = made("video").map(({ url, duration }, index) => ({ id: `${task.id}${index}`, url, ...(duration === undefined ? {} : { duration: String(duration) }) }));
  return videos.length > 0 ? { videos } : { images: made("image").map(({ url }, index) => ({ index, url })) };
}
