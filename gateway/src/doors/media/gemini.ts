import { GOOGLE_VEO_INPUTS, rulesFor } from "@yescale/contract/media";
import type { Option, Options } from "../../catalog/index.ts";
import { objectOf } from "../../dialects/canonical/fields.ts";
import { renderGeminiError } from "../../dialects/canonical/gemini-error.ts";
import type { GivenMedia, MediaRole, MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { Task, TaskOutput } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { objectsIn, textIn } from "../../vendors/_kit/media/fields.ts";
import { serveAsset } from "../assets.ts";
import { ASSETS_PREFIX } from "../route-rules.ts";
import { checkInputs, spoken } from "./check-inputs.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaTools } from "./family.ts";
import { predict } from "./gemini-pictures.ts";
import { numberIn, saidOnly, wrong } from "./inputs.ts";
import { found, optional, ordered, taskNotFound } from "./order.ts";
import { type FamilyWords, saidBy } from "./said.ts";

/** google.rpc.Code: INTERNAL. */
const INTERNAL = 13;
const TYPE = "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse";
const PROMPT_MAX = 32_000;
const MODEL_MAX = 200;
/** Google's words for what a wish says. */
const SPOKEN = {
  prompt: ["prompt"], images: ["image", "lastFrame", "referenceImages"], duration: ["durationSeconds"], resolution: ["resolution"], aspectRatio: ["aspectRatio"], negativePrompt: ["negativePrompt"], seed: ["seed"], enhancePrompt: ["enhancePrompt"],
} satisfies FamilyWords;
/** Characters of our ids here; a file's name is one and the place of the output. */
const ID_LENGTH = 26;

const paths = (rest: string): string[] => ["/v1beta", "/v1"].map((version) => `${version}/${rest}`);

/** Google's own way to films: an operation that is asked for until it is done, and a file that opens with the key (https://ai.google.dev/gemini-api/docs/video), so that its SDK works. Of any model that makes films; and Imagen's way to pictures. */
export const geminiFilms: MediaFamily = {
  id: "gemini",
  platform: "gemini",
  idForm: "letters",
  routes: [
    { method: "POST", paths: paths("models/{model}:predictLongRunning"), bodies: ["json"], priced: true, handle: submit },
    { method: "POST", paths: paths("models/{model}:predict"), bodies: ["json"], priced: true, handle: (call, tools) => predict(geminiFilms, call, tools) },
    { method: "GET", paths: [...paths("models/{model}/operations/{id}"), ...paths("operations/{id}")], handle: async (call, tools) => ({ json: render(await found(call, call.params["id"] ?? "", tools, geminiFilms), tools, call.origin) }) },
    { method: "GET", paths: paths("files/{name}:download"), handle: download },
  ],
  render,
  error(error, requestId) {
    const { status, body } = renderGeminiError(error, requestId);
    return { status, json: JSON.parse(body) as object };
  },
};

async function submit(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const { json } = call;
  const named = (call.params["model"] ?? "").slice(0, MODEL_MAX);
  const model = tools.catalog().find(named);
  if (!model || model.kind !== "video") throw new GatewayError("modelNotFound", { publicText: `The model "${named}" does not exist, or makes no films.`, param: "model" });
  const instances = objectsIn(json, "instances");
  const [instance] = instances;
  if (!instance || instances.length !== 1) throw wrong("instances", "must be a list of one object.");
  const parameters = spoken(objectOf(json["parameters"]));
  // Films of other makers have shapes and lines of their own.
  if (model.vendor === "gemini") checkInputs(parameters, rulesFor(model.id, GOOGLE_VEO_INPUTS));
  if ((numberIn(parameters, "sampleCount") ?? numberIn(parameters, "numberOfVideos") ?? 1) !== 1) throw wrong("sampleCount", "may only be 1.");
  const images = imagesOf(instance);
  const [duration, resolution] = [numberIn(parameters, "durationSeconds"), optional(parameters, "resolution", "string")];
  const options: Options = { ...saidOnly<Option>({ duration, resolution, size: resolution }), images: images.length };
  // What the price assumes where nothing is said, Google is told.
  const { quote } = tools.tasks.quote({ key: call.key, model: model.id, options });
  const told = saidOnly<unknown>({ durationSeconds: quote.options["duration"] ?? duration, resolution: quote.options["resolution"] ?? resolution });
  const wish = wishOf(instance, parameters, images, told);
  // A film that is given, or kept at Google, only Google can go on with.
  const alone = instance["video"] !== undefined;
  const native = model.vendor === "gemini" ? { native: { vendor: "gemini", request: { json: { ...json, parameters: { ...parameters, ...googles(told) } } } } } : {};
  const task = await ordered(geminiFilms, call, { action: "generate", model: model.id, request: { ...native, ...(alone ? {} : { wish }), seen: { model: named }, withImages: images.length > 0 }, options, said: saidBy({ ...instance, ...parameters }, SPOKEN, ["sampleCount", "numberOfVideos"]) }, tools);
  return { json: { name: nameOf(task) } };
}

/** Google's word for the greatest resolution is another than clients of other doors write. */
const googles = (told: Record<string, unknown>): Record<string, unknown> => (told["resolution"] === "2160p" ? { ...told, resolution: "4k" } : told);

function wishOf(instance: JsonObject, parameters: JsonObject, images: GivenMedia[], told: Record<string, unknown>): MediaWish {
  const prompt = optional(instance, "prompt", "string");
  if (prompt === undefined && images.length === 0 && instance["video"] === undefined) throw wrong("prompt", "is missing.");
  if (prompt !== undefined && prompt.length > PROMPT_MAX) throw wrong("prompt", `may have ${PROMPT_MAX} characters at most.`);
  return {
    kind: "video",
    ...saidOnly<unknown>({
      prompt: prompt === "" ? undefined : prompt, images: images.length > 0 ? images : undefined, duration: told["durationSeconds"] === undefined ? undefined : Number(told["durationSeconds"]), resolution: told["resolution"],
      aspectRatio: optional(parameters, "aspectRatio", "string"), negativePrompt: optional(parameters, "negativePrompt", "string"), seed: numberIn(parameters, "seed"), enhancePrompt: optional(parameters, "enhancePrompt", "boolean"),
    }),
  } as MediaWish;
}

function imagesOf(instance: JsonObject): GivenMedia[] {
  const one = (value: unknown, name: string, role: MediaRole): GivenMedia[] => {
    if (value === undefined || value === null) return [];
    const { bytesBase64Encoded: bytes, mimeType } = objectOf(value);
    if (typeof bytes !== "string" || bytes === "" || typeof mimeType !== "string") throw wrong(name, 'must hold "bytesBase64Encoded" and "mimeType".');
    return [{ url: `data:${mimeType};base64,${bytes}`, role }];
  };
  return [...one(instance["image"], "image", "first_frame"), ...one(instance["lastFrame"], "lastFrame", "last_frame"), ...objectsIn(instance, "referenceImages").flatMap((reference) => one(reference["image"], "referenceImages", "reference"))];
}

const nameOf = (task: Task): string => `models/${textIn(task.request.seen ?? {}, "model") || task.model}/operations/${task.id}`;

const filmsOf = (task: Task): TaskOutput[] => task.outputs.filter(({ kind }) => kind === "video");

/** An operation as Google shows it. What its policy held back is counted; other failures stand inside the operation. */
function render(task: Task, _tools: unknown, origin: string): JsonObject {
  const name = nameOf(task);
  if (task.finished_at === null) return task.state === "IN_PROGRESS" ? { name, done: false } : { name };
  const done = (response: JsonObject): JsonObject => ({ name, done: true, response: { "@type": TYPE, generateVideoResponse: response } });
  if (task.state === "SUCCESS") return done({ generatedSamples: filmsOf(task).map((_, place) => ({ video: { uri: `${origin}/v1beta/files/${task.id}${place}:download?alt=media` } })) });
  if (task.error_kind === "content_policy") return done({ raiMediaFilteredCount: 1, raiMediaFilteredReasons: [task.error_text ?? ""] });
  return { name, done: true, error: { code: INTERNAL, message: task.error_text ?? "" } };
}

/** The file of our copy; one that could not be copied is where its vendor has it. */
async function download(call: MediaCall, tools: MediaTools): Promise<Response> {
  const name = call.params["name"] ?? "";
  const place = name.slice(ID_LENGTH);
  const task = await found({ ...call, query: new URLSearchParams() }, name.slice(0, ID_LENGTH), tools, geminiFilms);
  const output = /^\d{1,2}$/.test(place) ? filmsOf(task)[Number(place)] : undefined;
  if (output?.where === "vendor" && output.url !== undefined) return Response.redirect(output.url, 302);
  const asset = output?.where === "kept" ? output.url?.split(ASSETS_PREFIX)[1] : undefined;
  const file = asset === undefined ? undefined : await serveAsset(tools.assets, { method: call.method, header: (header) => call.headers[header] ?? null }, asset);
  if (!file) throw taskNotFound();
  return file;
}
