import { DREAM_INPUTS } from "@yescale/contract/media";
import type { Options } from "../../catalog/index.ts";
import { objectOf } from "../../dialects/canonical/fields.ts";
import type { GivenMedia, MediaRole, MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { GatewayError } from "../../errors/gateway-error.ts";
import type { TaskState } from "../../store/schema.ts";
import type { Task } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { checkInputs, spoken } from "./check-inputs.ts";
import { otherRoutes } from "./dream-machine-others.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaRoute, MediaTools } from "./family.ts";
import { modelOf, numberIn, picture, saidOnly, wordIn, wrong } from "./inputs.ts";
import { found, optional, ordered, requiredText, stopped, taskNotFound } from "./order.ts";
import { type FamilyWords, saidBy } from "./said.ts";

/** Luma's words (SDK `lumaai`, Generation). */
const WORDS: Readonly<Record<TaskState, string>> = { NOT_START: "queued", SUBMITTED: "queued", QUEUED: "queued", IN_PROGRESS: "dreaming", SUCCESS: "completed", FAILURE: "failed", CANCELLED: "failed" };
const RATIOS: readonly string[] = ["1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21"];
const PROMPT_MAX = 5_000;
/** Longest wait for a picture that is asked for at once (`sync`), in seconds, and the usual one. */
const SYNC_MAX = 60;
const LIST_MAX = 100;
const SKIP_MAX = 100_000;
/** Pictures to go by, their names at Luma and at the AI SDK (`@ai-sdk/luma`), and what each is for. */
const REFERENCES: readonly [name: string, other: string, role: MediaRole][] = [["image_ref", "image", "reference"], ["style_ref", "style", "style"], ["modify_image_ref", "modify_image", "input"]];
/** Members for us, not for the vendor. */
const OURS = ["callback_url", "sync", "sync_timeout", "notify_hook", "notifyHook", "webhook"];

/** Luma's words for what a wish says. */
const SPOKEN = { prompt: ["prompt"], aspectRatio: ["aspect_ratio"], duration: ["duration"], resolution: ["resolution"], images: ["keyframes"], outputFormat: ["format"] } satisfies FamilyWords;

/** Where Luma's clients look when their base URL names us: its SDK's has the whole path, the AI SDK's ends before it, and people shorten it. */
const at = (rest: string): string[] => [`/luma/dream-machine/v1/generations${rest}`, `/luma/generations${rest}`];

/** Luma's own interface, so that its SDKs work; `/luma/generations` itself and what it makes are the documented door's (luma.ts). What the SDKs know beside films and pictures: dream-machine-others.ts. */
export const dreamMachine: MediaFamily = {
  id: "dream-machine",
  platform: "luma",
  idForm: "uuid",
  routes: [
    // The bare path is the older name of films.
    order([...at("/video"), "/luma/dream-machine/v1/generations"], film),
    order(at("/image"), drawing),
    ...otherRoutes({ family: () => dreamMachine, at, ratios: RATIOS, ours: OURS, render }),
    { method: "GET", paths: at(""), handle: list },
    { method: "GET", paths: ["/luma/dream-machine/v1/generations/{id}"], handle: async (call, tools) => ({ json: render(await found(call, call.params["id"] ?? "", tools, dreamMachine)) }) },
    { method: "DELETE", paths: at("/{id}"), handle: remove },
    { method: "GET", paths: ["/luma/dream-machine/v1/ping", "/luma/ping"], handle: () => ({ json: { message: "pong" } }) },
  ],
  render,
  error,
};

/** What of a body is at fault is a list, as the AI SDK reads it; all else a text. */
function error({ kind, publicText, param }: GatewayError): { status: number; json: object } {
  if (kind.status !== 400) return { status: kind.status, json: { detail: publicText } };
  return { status: 422, json: { detail: [{ type: "value_error", loc: ["body", ...(param?.split(".") ?? [])], msg: publicText, input: "" }] } };
}

/** What a body asks for. `wish` is missing where only Luma itself understands it. */
interface Read {
  native: JsonObject;
  wish?: MediaWish;
  options: Options;
  withImages: boolean;
  parent?: Task | undefined;
}

type Reader = (call: MediaCall, tools: MediaTools, model: string) => Promise<Read> | Read;

function order(paths: string[], read: Reader): MediaRoute {
  const kind = read === film ? "video" : "image";
  return {
    method: "POST", paths, bodies: ["json"], priced: true,
    async handle(call, tools) {
      const { json } = call;
      const model = modelOf(requiredText(json, "model", 100), kind === "video" ? /^ray-/ : /^photon-/);
      checkInputs(spoken(json), DREAM_INPUTS[kind]);
      const { native, wish, options, withImages, parent } = await read(call, tools, model);
      const body = { generation_type: kind, ...native, model };
      const request = { native: { vendor: "luma", request: { path: `/generations/${kind}`, json: body } }, ...(wish ? { wish } : {}), withImages };
      const task = await ordered(dreamMachine, call, { action: kind, model, request, options, parent, said: saidBy(json, SPOKEN, ["generation_type", "loop", ...OURS]) }, tools);
      return { status: 201, json: render(await synced(task, call, tools)) };
    },
  };
}

/** `sync`: the answer waits for the picture. */
async function synced(task: Task, call: MediaCall, { tasks }: MediaTools): Promise<Task> {
  if (optional(call.json, "sync", "boolean") !== true) return task;
  return (await tasks.wait(call.key, task.id, Math.min(numberIn(call.json, "sync_timeout") ?? SYNC_MAX, SYNC_MAX), call.left)) ?? task;
}

function promptOf(json: JsonObject, needed: boolean): string | undefined {
  const prompt = needed ? requiredText(json, "prompt", PROMPT_MAX) : optional(json, "prompt", "string");
  if (prompt !== undefined && prompt.length > PROMPT_MAX) throw wrong("prompt", `may have ${PROMPT_MAX} characters at most.`);
  return prompt;
}

const forVendor = (json: JsonObject): JsonObject => Object.fromEntries(Object.entries(json).filter(([name]) => !OURS.includes(name)));

async function film(call: MediaCall, tools: MediaTools, model: string): Promise<Read> {
  const { json } = call;
  const frames = await framesOf(call, tools);
  const prompt = promptOf(json, frames.images.length === 0 && !frames.parent);
  const [aspectRatio, loop] = [wordIn(json, "aspect_ratio", RATIOS), optional(json, "loop", "boolean")];
  const named = saidOnly({ duration: numberIn(json, "duration"), resolution: optional(json, "resolution", "string") });
  // What the price assumes where nothing is said, the vendor is told.
  const { duration, resolution } = tools.tasks.quote({ key: call.key, model, options: named }).quote.options;
  const told = saidOnly<unknown>({ duration: duration === undefined ? undefined : `${String(duration)}s`, resolution });
  const own = frames.parent !== undefined || (Array.isArray(json["concepts"]) && json["concepts"].length > 0);
  const wish = { kind: "video", ...saidOnly<unknown>({ prompt, aspectRatio, images: frames.images.length > 0 ? frames.images : undefined, others: loop === undefined ? undefined : { loop } }) } as MediaWish;
  return { native: { ...forVendor(json), ...told }, ...(own ? {} : { wish }), options: named, withImages: frames.images.length > 0, parent: frames.parent };
}

/** The pictures that begin and end a film, and the earlier film that it goes on from. Throws GatewayError for one that Luma itself did not make. */
async function framesOf(call: MediaCall, tools: MediaTools): Promise<{ images: GivenMedia[]; parent: Task | undefined }> {
  const images: GivenMedia[] = [];
  let parent: Task | undefined;
  for (const [name, role] of [["frame0", "first_frame"], ["frame1", "last_frame"]] as const) {
    const value = objectOf(call.json["keyframes"])[name];
    if (value === undefined || value === null) continue;
    const where = `keyframes.${name}`;
    const { type, id, url } = objectOf(value);
    if (type === "image" && typeof url === "string") images.push({ url: picture(url, where).uri, role });
    else if (type === "generation" && typeof id === "string") {
      if (parent) throw wrong(where, "may not be a second generation: one can be gone on from.");
      parent = id.length > 100 ? undefined : await tools.tasks.get(call.key, id);
      if (parent?.family !== dreamMachine.id || parent.action !== "video" || parent.state !== "SUCCESS") throw wrong(where, "names no generation that is a completed video.");
      if (parent.sources[parent.source]?.vendor !== "luma") throw wrong(where, "names a generation that was not made by Luma itself: give a picture of it.");
    } else throw wrong(where, 'must be an image with "url" or a generation with "id".');
  }
  return { images, parent };
}

function drawing({ json }: MediaCall): Read {
  const native = forVendor(json);
  const images: GivenMedia[] = [];
  for (const [name, other, role] of REFERENCES) {
    native[name] ??= native[other];
    delete native[other];
    const value = native[name];
    if (value === undefined || value === null) delete native[name];
    else for (const one of [value].flat()) images.push({ url: addressIn(objectOf(one)["url"], name), role });
  }
  native["character_ref"] ??= native["character"];
  delete native["character"];
  for (const identity of Object.values(objectOf(native["character_ref"])))
    for (const url of [objectOf(identity)["images"]].flat()) images.push({ url: addressIn(url, "character_ref"), role: "character" });
  if (images.length === 0) delete native["character_ref"];
  const prompt = promptOf(json, images.length === 0);
  const [aspectRatio, outputFormat] = [wordIn(json, "aspect_ratio", RATIOS), wordIn(json, "format", ["jpg", "png"])];
  const wish = { kind: "image", ...saidOnly<unknown>({ prompt, aspectRatio, outputFormat }) } as MediaWish;
  // Others have neither weights nor all kinds of references.
  return { native, ...(images.length > 0 ? {} : { wish }), options: {}, withImages: images.length > 0 };
}

function addressIn(url: unknown, name: string): string {
  if (typeof url !== "string") throw wrong(name, 'must hold objects with "url".');
  return picture(url, name).uri;
}

async function list({ query, key }: MediaCall, { tasks }: MediaTools): Promise<MediaAnswer> {
  const whole = (name: string, usual: number, from: number, to: number): number => {
    const value = Number(query.get(name) ?? usual);
    if (!Number.isInteger(value) || value < from || value > to) throw wrong(name, `must be from ${from} to ${to}.`);
    return value;
  };
  const [limit, offset] = [whole("limit", LIST_MAX, 1, LIST_MAX), whole("offset", 0, 0, SKIP_MAX)];
  const tasksFound = await tasks.list(key, { family: dreamMachine.id, most: limit + 1, skip: offset });
  return { json: { generations: tasksFound.slice(0, limit).map(render), limit, offset, has_more: tasksFound.length > limit } };
}

/** What runs is stopped, what has ended is hidden. */
async function remove(call: MediaCall, tools: MediaTools): Promise<Response> {
  const id = call.params["id"] ?? "";
  const task = await found(call, id, tools);
  if (task.platform !== dreamMachine.platform) throw taskNotFound();
  if (task.finished_at === null) await stopped(call, id, tools);
  else await tools.tasks.delete(call.key, id);
  return new Response(null, { status: 204 });
}

/** A generation as Luma shows it; addresses of what is kept are ours. */
function render(task: Task): JsonObject {
  const native = objectOf(task.request.native?.request.json ?? task.request.seen?.["request"]);
  const assets = task.outputs.flatMap(({ kind, url, role }) => (url !== undefined && role === undefined && (kind === "video" || kind === "image") ? [[kind, url] as const] : []));
  const state = WORDS[task.state];
  return {
    id: task.id, generation_type: task.action, state, failure_reason: state === "failed" ? (task.error_text ?? "") : null, created_at: task.submitted_at.toISOString(),
    assets: task.state === "SUCCESS" ? Object.fromEntries(assets) : null, model: native["model"] ?? task.model, request: native,
  };
}
