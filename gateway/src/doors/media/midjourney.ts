import type { Option } from "../../catalog/index.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { Task } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { pictureTypeOf } from "../../vendors/_kit/pictures.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaTools } from "./family.ts";
import { buttonOf, changeOf, changedOnce, checkButton, isMidjourneys, isModal } from "./same-change.ts";
import { found, optional, ordered, requiredText, stopped, taskNotFound } from "./order.ts";
import { startOf } from "./seconds.ts";
import { upload } from "./uploads.ts";

/** Codes of midjourney-proxy's answers, and the statuses that go with them here (the family's clients read either). */
const CODES: Readonly<Record<number, number>> = { 404: 3, 400: 4, 402: 4, 413: 4, 415: 4, 405: 4, 429: 23, 500: 9, 502: 5, 503: 5, 504: 5 };
const STATE_MAX = 255;
const PROMPT_MAX = 8_192;
const PICTURES_MAX = 5;
const LISTED_MAX = 100;
const SPEEDS = ["fast", "relax", "turbo"] as const;

const paths = (path: string): string[] => ["", ...SPEEDS.map((speed) => `/mj-${speed}`)].map((prefix) => `${prefix}/mj${path}`);
type Handler = (call: MediaCall, tools: MediaTools) => Promise<MediaAnswer>;
const submit = (path: string, handle: Handler) => ({ method: "POST", paths: paths(path), bodies: ["json"], priced: true, handle }) as const;

/** Midjourney, in the words of midjourney-proxy and New API. */
export const midjourney: MediaFamily = {
  id: "mj",
  platform: "midjourney",
  idForm: "decimal",
  routes: [
    submit("/submit/imagine", (call, tools) => made(call, tools, "IMAGINE", "mj_imagine", { prompt: requiredText(call.json, "prompt", PROMPT_MAX), ...pictures(call.json, 0) })),
    submit("/submit/blend", (call, tools) => made(call, tools, "BLEND", "mj_blend", { ...pictures(call.json, 2), ...oneOf(call.json, "dimensions", ["PORTRAIT", "SQUARE", "LANDSCAPE"]) })),
    submit("/submit/describe", (call, tools) => made(call, tools, "DESCRIBE", "mj_describe", call.json["link"] === undefined ? { base64: dataUri(call.json, "base64") } : { link: link(call.json, "link") })),
    submit("/submit/shorten", (call, tools) => made(call, tools, "SHORTEN", "mj_shorten", { prompt: requiredText(call.json, "prompt", PROMPT_MAX) })),
    { ...submit("/submit/edits", (call, tools) => made(call, tools, "EDITS", "mj_edits", { prompt: requiredText(call.json, "prompt", PROMPT_MAX) })), paths: [...paths("/submit/edits"), ...paths("/submit/edit")] },
    submit("/submit/change", change),
    submit("/submit/simple-change", simpleChange),
    submit("/submit/action", action),
    submit("/submit/modal", modal),
    submit("/submit/video", film),
    submit("/insight-face/swap", (call, tools) => made(call, tools, "SWAP_FACE", "mj_swap_face", { sourceBase64: dataUri(call.json, "sourceBase64"), targetBase64: dataUri(call.json, "targetBase64") }, undefined, "/insight-face/swap")),
    { method: "POST", paths: paths("/submit/upload-discord-images"), bodies: ["json"], handle: uploaded },
    { method: "GET", paths: [...paths("/task/{id}/fetch"), ...paths("/task/{id}")], handle: async (call, tools) => ({ json: render(await work(call, call.params["id"] ?? "", tools)) }) },
    { method: "POST", paths: paths("/task/list-by-condition"), bodies: ["json"], handle: listed },
    { method: "POST", paths: paths("/task/{id}/cancel"), handle: cancel },
    { method: "GET", paths: paths("/task/{id}/image-seed"), handle: seed },
    { method: "GET", paths: paths("/image/{id}"), handle: picture },
  ],
  render,
  error: ({ kind, publicText }) => ({ status: kind.status, json: { code: CODES[kind.status] ?? 4, description: kind.status === 404 && publicText === "Task not found" ? "task_no_found" : kind.status === 402 ? "quota_not_enough" : publicText, type: "upstream_error", result: "", properties: {} } }),
};

const wrong = (param: string, text: string): GatewayError => new GatewayError("invalidRequest", { publicText: `"${param}" ${text}`, param });

/** The speed by the address, or by `accountFilter.modes`. */
function speedOf({ path, json }: MediaCall): string {
  const prefix = /^\/mj-(fast|relax|turbo)\//.exec(path)?.[1];
  if (prefix) return prefix;
  const filter = json["accountFilter"] as { modes?: unknown } | undefined;
  const mode = Array.isArray(filter?.modes) && typeof filter.modes[0] === "string" ? filter.modes[0].toLowerCase() : undefined;
  return mode === "relax" || mode === "turbo" ? mode : "fast";
}

/** Orders one piece of work. `checked`: the members that were looked at; what else the caller sent goes along. */
async function made(call: MediaCall, tools: MediaTools, actionName: string, model: string, checked: JsonObject, parent?: Task, path?: string, options: Record<string, Option> = {}, change?: string): Promise<MediaAnswer> {
  const { json } = call;
  const state = optional(json, "state", "string");
  if (state !== undefined && state.length > STATE_MAX) throw wrong("state", `may have ${STATE_MAX} characters at most.`);
  oneOf(json, "botType", ["MID_JOURNEY", "NIJI_JOURNEY"]);
  const speed = speedOf(call);
  const task = await ordered(
    midjourney,
    call,
    {
      action: actionName,
      model,
      request: {
        native: { vendor: "midjourney", request: { path: path ?? call.path.replace(/^(?:\/mj-\w+)?\/mj/, "").replace(/\/edit$/, "/edits"), json: { ...json, ...checked, accountFilter: { ...(json["accountFilter"] as object | undefined), modes: [speed.toUpperCase()] } } } },
        seen: { state: state ?? "", botType: json["botType"] === "NIJI_JOURNEY" ? "NIJI_JOURNEY" : "MID_JOURNEY", prompt: typeof json["prompt"] === "string" ? json["prompt"] : "", customId: typeof json["customId"] === "string" ? json["customId"] : "", ...(change === undefined ? {} : { change }) },
        withImages: false,
      },
      options: { speed, ...options },
      parent,
    },
    tools,
  );
  return { json: { code: 1, description: "Submit success", properties: {}, result: task.id } };
}

/** A piece of Midjourney's work, whatever door it was ordered at. */
async function work(call: MediaCall, id: string, tools: MediaTools): Promise<Task> {
  const task = await found(call, id, tools);
  if (!isMidjourneys(task)) throw taskNotFound();
  return task;
}

/** A task that a change names; of another account or family it is not there, and one that has not ended cannot be changed. */
async function parentOf(call: MediaCall, tools: MediaTools, id: string): Promise<Task> {
  const parent = await work({ ...call, query: new URLSearchParams() }, id, tools);
  if (parent.state !== "SUCCESS" && !isModal(parent)) throw wrong("taskId", "names a task that is not ready.");
  return parent;
}

const said = (task: Task): JsonObject => (task.answer ?? {}) as JsonObject;

async function change(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const { json } = call;
  const id = requiredText(json, "taskId", 100);
  const name = requiredText(json, "action", 20);
  if (!["UPSCALE", "VARIATION", "REROLL"].includes(name)) throw wrong("action", "must be UPSCALE, VARIATION or REROLL.");
  const index = json["index"];
  if (name !== "REROLL" && (typeof index !== "number" || !Number.isInteger(index) || index < 1 || index > 4)) throw wrong("index", "must be from 1 to 4.");
  return changed(call, tools, await parentOf(call, tools, id), name, `mj_${name.toLowerCase()}`, { taskId: id, action: name, ...(index === undefined ? {} : { index }) });
}

async function simpleChange(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const content = requiredText(call.json, "content", 200);
  const [, id = "", letter, index] = /^\s*([\w-]+)\s+(?:([UV])([1-4])|R)\s*$/i.exec(content) ?? [];
  if (id === "") throw wrong("content", "must be a task and U1 to U4, V1 to V4 or R.");
  const name = letter === undefined ? "REROLL" : letter.toUpperCase() === "U" ? "UPSCALE" : "VARIATION";
  return changed(call, tools, await parentOf(call, tools, id), name, `mj_${name.toLowerCase()}`, { content, taskId: id, ...(index === undefined ? {} : { index: Number(index) }) });
}

/** Orders a change of a task, or gives the one that is there already (`changedOnce`). */
async function changed(call: MediaCall, tools: MediaTools, parent: Task, name: string, model: string, checked: JsonObject, options: Record<string, Option> = {}): Promise<MediaAnswer> {
  const change = changeOf(parent, name, checked);
  const order = (headers: MediaCall["headers"]): Promise<MediaAnswer> => made({ ...call, headers, json: { ...call.json, ...checked } }, tools, name, model, checked, parent, undefined, options, change);
  if (change === undefined) return order(call.headers);
  const told = await changedOnce({ change, parent }, call, tools, order);
  return "made" in told ? told.made : existing(told.known);
}

async function action(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const id = requiredText(call.json, "taskId", 100);
  const customId = requiredText(call.json, "customId", 500);
  const button = buttonOf(customId, "customId");
  const parent = await parentOf(call, tools, id);
  checkButton(parent, customId, "customId");
  return changed(call, tools, parent, button.action, button.model, { taskId: id, customId }, button.model === "mj_video" ? { resolution: "480p", n: 4 } : {});
}

const OPENING_SECONDS = 5;

/** A task of Midjourney's; who confirms a window in the moment in which its button was pressed is not told that there is none. */
async function opening(call: MediaCall, id: string, tools: MediaTools): Promise<Task> {
  const pressed = await work({ ...call, query: new URLSearchParams() }, id, tools);
  if (pressed.action === "IMAGINE") return pressed;
  return (await tools.tasks.when(call.key, pressed.id, (task) => task.finished_at !== null || isModal(task), OPENING_SECONDS, call.left)) ?? pressed;
}

async function modal(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const id = requiredText(call.json, "taskId", 100);
  mask(call.json);
  const parent = await opening(call, id, tools);
  const change = changeOf(parent, "ACTION", {}) ?? "";
  const told = await changedOnce({ change, parent }, call, tools, (headers) => {
    if (!isModal(parent)) throw wrong("taskId", "names a task that waits for nothing.");
    return made({ ...call, headers }, tools, "MODAL", "mj_action", { taskId: id }, parent, undefined, {}, change);
  });
  return "made" in told ? told.made : existing(told.known);
}

/** A region of a picture: a data: URI, or the base64 alone. */
function mask(json: JsonObject): void {
  const given = optional(json, "maskBase64", "string") ?? "";
  if (given !== "" && !given.startsWith("data:") && !pictureTypeOf(given).startsWith("image/")) throw wrong("maskBase64", "must be a picture in base64.");
}

/** The answer to who asks again for what is there. */
const existing = (task: Task): MediaAnswer => ({ json: { code: 1, description: "Task already exists", properties: { status: task.state, imageUrl: main(task) }, result: task.id } });

const FILM_480 = "vid_1.1_i2v_480";
const FILM_720 = "vid_1.1_i2v_720";
/** A member of the order that made a task. */
const before = (task: Task, name: string): unknown => task.request.native?.request.json?.[name];

async function film(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const { json } = call;
  oneOf(json, "motion", ["low", "high"]);
  const extends_ = json["action"] === "extend";
  if (json["action"] !== undefined && !extends_) throw wrong("action", "may only be extend.");
  const id = json["taskId"] ?? json["task_id"];
  if (extends_ && typeof id !== "string") throw wrong("taskId", "is missing.");
  if (extends_ && json["index"] !== undefined && ![0, 1, 2, 3].includes(json["index"] as number)) throw wrong("index", "must be from 0 to 3.");
  if (!extends_ && typeof json["image"] !== "string") throw wrong("image", "is missing.");
  optional(json, "loop", "boolean");
  if (json["batchSize"] !== undefined && ![1, 2, 4].includes(json["batchSize"] as number)) throw wrong("batchSize", "must be 1, 2 or 4.");
  oneOf(json, "videoType", [FILM_480, FILM_720]);
  const parent = extends_ ? await parentOf(call, tools, id as string) : undefined;
  if (parent && !parent.outputs.some(({ kind }) => kind === "video")) throw wrong("taskId", "names a task that is no film.");
  // What is paid for is said, and goes on as it was.
  const { videoType: type = parent ? before(parent, "videoType") : undefined, batchSize: batch = parent ? before(parent, "batchSize") : undefined } = json;
  const checked = { videoType: type === FILM_720 ? FILM_720 : FILM_480, batchSize: typeof batch === "number" ? batch : 4 };
  return made(call, tools, "VIDEO", "mj_video", { ...checked, ...(extends_ ? { taskId: id } : {}) }, parent, undefined, { resolution: checked.videoType === FILM_720 ? "720p" : "480p", n: checked.batchSize });
}

function oneOf(json: JsonObject, name: string, values: readonly string[]): JsonObject {
  const value = json[name];
  if (value === undefined || value === null || value === "") return {};
  if (typeof value !== "string" || !values.includes(value)) throw wrong(name, `must be ${values.join(" or ")}.`);
  return { [name]: value };
}

const DATA_URI = /^data:image\/[\w.+-]+;base64,[A-Za-z0-9+/=\s]+$/;

function dataUri(json: JsonObject, name: string): string {
  const value = json[name];
  if (typeof value !== "string" || !DATA_URI.test(value.slice(0, 2_000).padEnd(24, "A"))) throw wrong(name, "must be a data: URI of a picture.");
  return value;
}

function link(json: JsonObject, name: string): string {
  const value = requiredText(json, name, 2_000);
  if (!/^https?:\/\//i.test(value)) throw wrong(name, "must be an http address.");
  return value;
}

function pictures(json: JsonObject, least: number): JsonObject {
  const list = json["base64Array"];
  if (list === undefined || list === null) {
    if (least > 0) throw wrong("base64Array", "is missing.");
    return {};
  }
  if (!Array.isArray(list) || list.length < least || list.length > PICTURES_MAX) throw wrong("base64Array", `must hold ${least} to ${PICTURES_MAX} pictures.`);
  for (const one of list) dataUri({ base64Array: one }, "base64Array");
  return { base64Array: list };
}

/** Pictures that prompts may begin with: they lie with us, and Midjourney fetches them like any other. One at a time, so that a refused one is the last that is kept. */
async function uploaded(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  pictures(call.json, 1);
  const urls: string[] = [];
  for (const uri of call.json["base64Array"] as string[]) urls.push((await upload(Buffer.from(uri.slice(uri.indexOf(",") + 1), "base64"), ["image"], "base64Array", call, tools)).url);
  return { json: { code: 1, description: "Submit success", properties: {}, result: urls } };
}

async function listed(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const ids = call.json["ids"];
  if (!Array.isArray(ids) || ids.length > LISTED_MAX || !ids.every((id) => typeof id === "string")) throw wrong("ids", `must be a list of at most ${LISTED_MAX} tasks.`);
  const tasks = await Promise.all(ids.map((id: string) => tools.tasks.get(call.key, id)));
  return { json: tasks.flatMap((task) => (task && isMidjourneys(task) ? [render(task)] : [])) };
}

async function cancel(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const id = call.params["id"] ?? "";
  await work(call, id, tools);
  await stopped(call, id, tools);
  return { json: { code: 1, description: "Submit success", properties: {}, result: id } };
}

/** The seed of a picture, which Midjourney tells of its own. */
async function seed(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const task = await work(call, call.params["id"] ?? "", tools);
  if (task.state !== "SUCCESS") throw new GatewayError("invalidRequest", { publicText: "The task is not ready." });
  const told = await tools.tasks.ask(task, "seed");
  if (!told) throw new GatewayError("badUpstream", { publicText: "The seed of this picture is not told." });
  return { json: { code: 1, description: "Submit success", properties: {}, result: told["seed"] } };
}

/** The picture of a task, for its owner only: our kept file lies elsewhere under a name that nobody guesses. */
async function picture(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const url = main(await work(call, call.params["id"] ?? "", tools));
  if (url === "") throw taskNotFound();
  return new Response(null, { status: 302, headers: { location: url, "cache-control": "private, no-store" } });
}

const main = ({ outputs }: Task): string => outputs.find(({ kind, url }) => kind === "image" && url !== undefined)?.url ?? "";
const millis = (at: Date | null): number => at?.getTime() ?? 0;

/** A task in the family's form. Addresses are ours; buttons and texts are the vendor's. */
function render(task: Task): JsonObject {
  const vendor = said(task);
  const { seen, wish } = task.request;
  // Ordered at a door of nobody's words, it has its model's name for an action.
  const [action, prompt, customId] = seen?.["botType"] === undefined ? [task.model.slice(3).toUpperCase(), wish?.prompt ?? "", wish?.others?.["custom_id"] ?? ""] : [task.action, seen["prompt"] ?? "", seen["customId"] ?? ""];
  const text = task.outputs.find(({ kind }) => kind === "text")?.text;
  const films = task.outputs.flatMap(({ kind, url }) => (kind === "video" && url !== undefined ? [{ url }] : []));
  const done = task.state === "SUCCESS";
  const status = task.state === "QUEUED" ? "SUBMITTED" : task.state === "CANCELLED" ? "FAILURE" : isModal(task) ? "MODAL" : task.state;
  return {
    id: task.id, action, customId, botType: seen?.["botType"] ?? "MID_JOURNEY",
    prompt, promptEn: typeof vendor["promptEn"] === "string" ? vendor["promptEn"] : prompt, description: `Submit ${action.toLowerCase()}`,
    state: seen?.["state"] ?? "", submitTime: millis(task.submitted_at), startTime: millis(startOf(task)), finishTime: millis(task.finished_at),
    imageUrl: main(task), ...(films.length > 0 ? { videoUrl: films[0]?.url ?? "", videoUrls: films } : {}),
    status, progress: task.finished_at !== null ? "100%" : `${task.state === "NOT_START" ? 0 : task.progress}%`, failReason: status === "FAILURE" ? (task.error_text ?? "") : "",
    buttons: done && Array.isArray(vendor["buttons"]) ? vendor["buttons"] : [], maskBase64: "",
    properties: { finalPrompt: text ?? "", finalZhPrompt: "" },
  };
}
