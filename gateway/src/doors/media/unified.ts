import { TASK_CONFIG } from "@yescale/contract/media";
import type { Option, Options } from "../../catalog/index.ts";
import type { GivenMedia, MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { deliveries } from "./deliveries.ts";
import { eventOf, events } from "./events.ts";
import { scalars } from "./fal.ts";
import type { MediaCall, MediaFamily, MediaTools, MediaWanted } from "./family.ts";
import { priced } from "./measured.ts";
import { buttonOf, changeOf, changedOnce, checkButton, isModal } from "./same-change.ts";
import { asItIs, found, optional, ordered, requiredText, stopped, taskNotFound } from "./order.ts";
import { type FamilyWords, saidBy } from "./said.ts";
import { percent, seconds, shownState } from "./seconds.ts";
import type { Said } from "../../tasks/sayable.ts";
import type { Task } from "../../tasks/task.ts";
import type { Tasks } from "../../tasks/tasks.ts";
import { sizeWords } from "../../tasks/wish-for.ts";
import { objectOf } from "../../dialects/canonical/fields.ts";
import type { TaskState } from "../../store/schema.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { objectsIn } from "../../vendors/_kit/media/fields.ts";

/** Members of `config` that are known, as the document describes them; others are ignored and named in the answer. */
const KNOWN: ReadonlySet<string> = new Set(Object.keys(TASK_CONFIG.shape));
/** Words of single models, which go on under their names: a change of Midjourney's, a clip of Suno's, an effect of Pika's. */
const OTHERS = ["index", "custom_id", "clip_id", "is_infill", "continue_at", "upscale_factor", "sequential_image_generation", "google_search", "thinking", "motion", "dimensions", "pikaffect"] as const;
/** What those of them are that no parameter of a model describes. */
const OTHERS_TYPES: readonly [name: string, types: readonly string[]][] = [["google_search", ["boolean", "string"]], ["thinking", ["string"]], ["sequential_image_generation", ["string"]], ["motion", ["string"]]];
const GIVEN_MAX = 16;
const LIST_MAX = 100;
const STATES: ReadonlySet<string> = new Set(["NOT_START", "SUBMITTED", "QUEUED", "IN_PROGRESS", "SUCCESS", "FAILURE", "CANCELLED"]);

/** The normalised view of any task, and tasks in nobody's words: `/task`. */
export const unified: MediaFamily = {
  id: "task",
  platform: "YESCALE_MEDIA",
  idForm: "uuid",
  routes: [
    { method: "POST", paths: ["/task/submit"], bodies: ["json"], priced: true, handle: submit },
    { method: "POST", paths: ["/task/quote"], bodies: ["json"], handle: quote },
    { method: "GET", paths: ["/task"], handle: list },
    { method: "GET", paths: ["/task/webhook-secret"], handle: ({ key }, { tasks }) => ({ json: { secret: tasks.secretOf(key.userId) } }) },
    { method: "GET", paths: ["/task/{id}"], handle: async (call, tools) => ({ json: render(await found(call, call.params["id"] ?? "", tools), tools) }) },
    { method: "DELETE", paths: ["/task/{id}"], handle: remove },
    { method: "GET", paths: ["/task/{id}/events"], handle: async (call, tools) => events(call, await asItIs(call, call.params["id"] ?? "", tools), tools, (task) => eventOf(task.finished_at === null ? "progress" : "end", JSON.stringify(render(task, tools)))) },
    { method: "GET", paths: ["/task/{id}/deliveries"], handle: deliveries },
    { method: "POST", paths: ["/task/{id}/cancel"], handle: cancel },
  ],
  render,
  error: ({ kind, publicText }) => ({ status: kind.status, json: publicText === "Task not found" ? { error: publicText } : { error: publicText, code: kind.code } }),
};

async function submit(call: MediaCall, tools: MediaTools) {
  const { wanted, warnings } = await read(call, tools);
  const parent = await parentOf(call, tools);
  const { others } = wanted.request.wish ?? {};
  const change = parent && wanted.model.startsWith("mj_") ? changeOf(parent, wanted.model.slice(3).toUpperCase(), { index: others?.["index"], customId: others?.["custom_id"] }) : undefined;
  const { custom_id: button } = others ?? {};
  if (change !== undefined && parent && typeof button === "string" && button !== "") checkButton(parent, button, "config.custom_id");
  const order = (headers = call.headers): Promise<Task> => wanted.model === "mj_action" && parent && !isModal(parent) ? Promise.reject(new GatewayError("invalidRequest", { publicText: '"config.task_id" names a task that waits for nothing.', param: "config.task_id" })) : ordered(unified, { ...call, headers }, { ...wanted, request: { ...wanted.request, ...(change === undefined ? {} : { seen: { change } }) }, parent }, tools);
  const told = parent && change !== undefined ? await changedOnce({ change, parent }, call, tools, order) : { made: await order() };
  const task = "made" in told ? told.made : told.known;
  // The unknown members of `config` are named already.
  const named = call.told.untold.filter((name) => !warnings.some((text) => text.startsWith(`"${name}"`))).map((name) => `"${name}" is not told: this model has no word for it.`);
  return { json: { ...accepted(task, tools), ...(warnings.length + named.length > 0 ? { warnings: [...warnings, ...named] } : {}) } };
}

/** What an order is answered with: what has just been taken shows as submitted, however fast its vendor is; whole where the caller waited for its end. */
export function accepted(task: Task, tools: Pick<MediaTools, "brand">): JsonObject {
  if (task.finished_at !== null) return render(task, tools);
  return { task_id: task.id, status: "SUBMITTED", progress: "10%", submit_time: seconds(task.submitted_at), message: `${tools.brand} - ${task.platform} - ${task.action} - Submit` };
}

/** The task that is followed up (`config.task_id`), of any family: done, or waiting for its window to be confirmed. */
async function parentOf(call: MediaCall, tools: MediaTools): Promise<Task | undefined> {
  const id = objectOf(call.json["config"])["task_id"];
  if (id === undefined || id === null || id === "") return undefined;
  if (typeof id !== "string") throw new GatewayError("invalidRequest", { publicText: '"config.task_id" must be a text.', param: "config.task_id" });
  const parent = await found({ ...call, query: new URLSearchParams() }, id, tools);
  if (parent.state !== "SUCCESS" && objectOf(parent.answer)["status"] !== "MODAL") throw new GatewayError("invalidRequest", { publicText: '"config.task_id" names a task that is not ready.', param: "config.task_id" });
  return parent;
}

/** The price before anything is made: US dollars, and the lines that sum to it. */
async function quote(call: MediaCall, tools: MediaTools) {
  const { warnings, price: { model, quote: price } } = await read(call, tools);
  const dollars = (nano: bigint): number => Number(nano) / 1e9;
  return {
    json: {
      model: model.id, price_usd: dollars(price.expectedNano), most_usd: dollars(price.worstNano), price_version: price.terms.priceVersion, options: price.options,
      lines: price.lines.map((line) => ({ class: line.class, units: line.units, amount_usd: line.amountNano / 1e9 })),
      ...(warnings.length > 0 ? { warnings } : {}),
    },
  };
}

/** What is wanted, its price, and what of `config` this model does not know. Throws GatewayError. */
async function read(call: MediaCall, tools: MediaTools): Promise<{ wanted: MediaWanted; warnings: string[]; price: ReturnType<Tasks["quote"]> }> {
  const { json } = call;
  const model = requiredText(json, "model", 200);
  const config = json["config"] ?? {};
  if (typeof config !== "object" || config === null || Array.isArray(config)) throw new GatewayError("invalidRequest", { publicText: '"config" must be an object.', param: "config" });
  const fields = config as JsonObject;
  const [images, videos, audios] = [given(fields, "images"), given(fields, "videos"), given(fields, "audios")];
  const mask = fields["mask"] === undefined ? [] : [{ url: address(fields["mask"], "mask"), role: "mask" as const }];
  // Who needs none (an upscaler) is often sent an empty one; whether one is needed, the model's sources know (`encodeWish`).
  const said = json["prompt"] ?? undefined;
  const prompt = said === undefined || (typeof said === "string" && said.trim() === "") ? undefined : requiredText(json, "prompt");
  optional(json, "task_type", "string");
  for (const [name, types] of OTHERS_TYPES) {
    const value = fields[name] ?? undefined;
    if (value !== undefined && !types.includes(typeof value)) throw new GatewayError("invalidRequest", { publicText: `"config.${name}" must be a ${types.join(" or a ")}.`, param: `config.${name}` });
  }
  const own = OTHERS.filter((name) => fields[name] !== undefined && fields[name] !== null).map((name) => [name, fields[name]]);
  const wish: MediaWish = {
    kind: "image",
    ...(prompt === undefined ? {} : { prompt }),
    ...(images.length + mask.length > 0 ? { images: [...images.map((url, index): GivenMedia => ({ url, role: index === 0 ? "input" : "reference" })), ...mask] } : {}),
    ...(videos.length > 0 ? { videos: videos.map((url): GivenMedia => ({ url, role: "input" })) } : {}),
    ...(audios.length > 0 ? { audios: audios.map((url): GivenMedia => ({ url, role: "input" })) } : {}),
    ...membersOf(fields),
    ...(own.length > 0 ? { others: Object.fromEntries(own) as JsonObject } : {}),
  };
  const options: Options = { ...scalars(fields), ...sizes(fields), images: images.length, videos: videos.length, vector: /^(?:vector_illustration|icon)/.test(wish.style ?? "") };
  const counts = prompt === undefined ? {} : { counts: { characters: Array.from(prompt).length } };
  const { order, price } = await priced({ model, options, ...counts }, videos[0], call, tools);
  const unknown = Object.keys(fields).filter((name) => !KNOWN.has(name) && !Object.hasOwn(price.model.parameters ?? {}, name));
  const { custom_id: button } = wish.others ?? {};
  if (model.startsWith("mj_") && typeof button === "string" && button !== "") {
    const of = buttonOf(button, "config.custom_id").model;
    // A button does what it does, whatever the model: it would be had for another one's price.
    if (of !== price.model.id) throw new GatewayError("invalidRequest", { publicText: `"config.custom_id" is a button of the model "${of}".`, param: "config.custom_id" });
  }
  const { upscale_factor: factor } = order.options;
  if (factor !== undefined) wish.others = { ...wish.others, upscale_factor: factor };
  return {
    wanted: { action: model, model, request: { wish, withImages: images.length > 0 }, said: saidIn(fields, unknown), options: order.options, ...(order.counts ? { counts: order.counts } : {}) },
    warnings: unknown.map((name) => `"config.${name}" is not known and was ignored.`),
    price,
  };
}

/** `size` and `resolution` are one thing in two words: models know either. A size in pixels has as many lines as its shorter side. */
function sizes(fields: JsonObject): Options {
  const { size, resolution } = fields;
  if (typeof resolution === "string" && size === undefined) return { size: resolution };
  if (typeof size !== "string" || resolution !== undefined) return {};
  const { size: sides } = sizeWords(size);
  return { resolution: sides ? `${Math.min(sides.width, sides.height)}p` : size };
}

const TEXTS: readonly [name: string, member: keyof MediaWish][] = [["aspect_ratio", "aspectRatio"], ["mode", "mode"], ["quality", "quality"], ["background", "background"], ["negative_prompt", "negativePrompt"], ["style", "style"], ["output_format", "outputFormat"], ["resolution", "resolution"], ["voice", "voice"], ["language", "language"]];
const NUMBERS: readonly [name: string, member: keyof MediaWish][] = [["duration", "duration"], ["n", "count"], ["seed", "seed"], ["fps", "fps"]];
const FLAGS: readonly [name: string, member: keyof MediaWish][] = [["enhance_prompt", "enhancePrompt"], ["audio", "sound"], ["watermark", "watermark"]];

const SPOKEN: FamilyWords = { ...Object.fromEntries([...TEXTS, ...NUMBERS, ...FLAGS].map(([name, member]) => [member, [name]])), images: ["images", "mask"], videos: ["videos"], audios: ["audios"], size: ["size"] };

/** What stands in `config`, as callers write it. A class of sizes is a resolution. */
function saidIn(fields: JsonObject, unknown: readonly string[]): Said {
  const { names } = saidBy(fields, { ...SPOKEN, resolution: ["resolution", ...(typeof fields["size"] === "string" && sizeWords(fields["size"]).size === undefined ? ["size"] : [])] });
  const inConfig = (name: string): string => `config.${name}`;
  return { names: { ...Object.fromEntries(Object.entries(names).map(([member, name]) => [member, inConfig(name)])), prompt: "prompt" }, own: unknown.map(inConfig) };
}

function membersOf(fields: JsonObject): Partial<MediaWish> {
  const wish: Record<string, Option | object> = {};
  const take = (pairs: typeof TEXTS, type: "string" | "number" | "boolean"): void => {
    for (const [name, member] of pairs) {
      const value = fields[name];
      if (value === undefined || value === null) continue;
      const number = type === "number" && typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
      if (typeof number !== type) throw new GatewayError("invalidRequest", { publicText: `"config.${name}" must be a ${type}.`, param: `config.${name}` });
      wish[member] = number as Option;
    }
  };
  take(TEXTS, "string");
  take(NUMBERS, "number");
  take(FLAGS, "boolean");
  const size = fields["size"];
  if (typeof size === "string") Object.assign(wish, { ...sizeWords(size), ...(wish["resolution"] === undefined ? {} : { resolution: wish["resolution"] }) });
  return wish as Partial<MediaWish>;
}

function given(fields: JsonObject, name: string): string[] {
  const value = fields[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > GIVEN_MAX) throw new GatewayError("invalidRequest", { publicText: `"config.${name}" must be a list of at most ${GIVEN_MAX} addresses.`, param: `config.${name}` });
  return value.map((one) => address(one, name));
}

function address(value: unknown, name: string): string {
  if (typeof value !== "string" || !/^(?:https?:\/\/|data:)/i.test(value)) throw new GatewayError("invalidRequest", { publicText: `"config.${name}" must hold http addresses or data: URIs.`, param: `config.${name}` });
  return value;
}

async function list(call: MediaCall, tools: MediaTools) {
  const before = call.query.get("before");
  const state = call.query.get("status");
  const limit = Number(call.query.get("limit") ?? 20);
  const isTime = before !== null && /^\d{9,13}$/.test(before);
  // Several may be of one second: behind a page stands the last task of it.
  const last = before === null || isTime || before.length > 100 ? undefined : await tools.tasks.get(call.key, before);
  if (before !== null && !isTime && !last) throw new GatewayError("invalidRequest", { publicText: '"before" must be Unix seconds, or the id of a task of yours.', param: "before" });
  if (state !== null && !STATES.has(state)) throw new GatewayError("invalidRequest", { publicText: `"status" must be one of ${[...STATES].join(", ")}.`, param: "status" });
  if (!Number.isInteger(limit) || limit < 1 || limit > LIST_MAX) throw new GatewayError("invalidRequest", { publicText: `"limit" must be from 1 to ${LIST_MAX}.`, param: "limit" });
  const tasks = await tools.tasks.list(call.key, { most: limit + 1, ...(isTime ? { beforeMs: Number(before) * 1000 } : {}), ...(last ? { beyond: last } : {}), ...(state === null ? {} : { state: state as TaskState }) });
  return { json: { has_more: tasks.length > limit, data: tasks.slice(0, limit).map((task) => ({ ...render(task, tools), model: task.model, platform: task.platform, action: task.action })) } };
}

async function cancel(call: MediaCall, tools: MediaTools) {
  const id = call.params["id"] ?? "";
  await found(call, id, tools);
  const { task, status } = await stopped(call, id, tools);
  return { status, json: render(task, tools) };
}

async function remove(call: MediaCall, tools: MediaTools) {
  const id = call.params["id"] ?? "";
  const task = await found(call, id, tools);
  if (task.finished_at === null) throw new GatewayError("conflict", { publicText: "The task has not ended: cancel it first." });
  if (!(await tools.tasks.delete(call.key, id))) throw taskNotFound();
  return { json: { task_id: id, deleted: true } };
}

/** Any task, whatever door it came in by: the documented members, and the first result flat beside the lists. */
export function render(task: Task, { brand }: Pick<MediaTools, "brand">): JsonObject {
  const state = shownState(task);
  return {
    task_id: task.id,
    status: state,
    progress: percent(task),
    ...(state === "FAILURE" ? { err_reason: task.error_text ?? "" } : {}),
    submit_time: seconds(task.submitted_at),
    finish_time: seconds(task.finished_at),
    message: `${brand} - ${task.platform.toUpperCase()} - ${task.action} - Task Result`,
    task_result: task.state === "SUCCESS" ? result(task) : {},
  };
}

function result({ outputs, answer }: Task): JsonObject {
  const of = (kind: string): JsonObject[] => outputs.flatMap((output) => (output.kind === kind && output.url !== undefined ? [{ url: output.url, ...(output.duration === undefined ? {} : { duration: output.duration }), ...(output.mime === undefined ? {} : { content_type: output.mime }) }] : []));
  const [images, videos, audio] = [of("image"), of("video"), of("audio")];
  const texts = outputs.flatMap(({ text }) => text ?? []);
  // The main result first: films before their pictures, sound before its cover.
  const first = [...videos, ...audio, ...images][0];
  const expiry = outputs.find(({ url, expiresAt }) => url === first?.["url"] && expiresAt !== undefined)?.expiresAt;
  return {
    ...(videos.length > 0 ? { videos } : {}),
    ...(images.length > 0 ? { images } : {}),
    ...(audio.length > 0 ? { audio } : {}),
    ...(texts.length > 0 ? { text: texts.join("\n") } : {}),
    ...(first ? { url: first["url"] } : {}),
    ...(objectsIn(objectOf(answer), "buttons").length > 0 ? { buttons: objectsIn(objectOf(answer), "buttons") } : {}),
    ...(expiry === undefined ? {} : { note: "temporary link", url_expires_at: new Date(expiry).toISOString().slice(0, 19).replace("T", " "), expires_at: Math.floor(expiry / 1000) }),
  };
}
