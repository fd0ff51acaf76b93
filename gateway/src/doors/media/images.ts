import type { Model, Option, Options, Parameters } from "../../catalog/index.ts";
import { objectOf } from "../../dialects/canonical/fields.ts";
import { openaiError } from "../../dialects/canonical/openai-error.ts";
import type { GivenMedia, MediaWish } from "../../dialects/canonical/media-wish.ts";
import { encodeImageEvents } from "../../dialects/openai-images/images-form.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { Said } from "../../tasks/sayable.ts";
import type { Task, TaskOutput } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import type { RouteRule } from "../route-rule.ts";
import { finished } from "./at-once.ts";
import type { FoundMediaRoute } from "./families.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaRoute, MediaTools } from "./family.ts";
import { fieldsOf } from "./fields-of.ts";
import { numberIn, picture, saidOnly, wordIn, wrong } from "./inputs.ts";
import { bytesOf } from "./kept-bytes.ts";
import { NOTIFY_NAMES, optional, requiredText } from "./order.ts";
import { namesOf } from "./said.ts";
import { seconds } from "./seconds.ts";
import { render } from "./unified.ts";

/** As OpenAI's own endpoint. */
const COUNT_MAX = 10;
const IMAGES_MAX = 16;
const PROMPT_MAX = 32_000;
/** Values that say nothing. */
const SILENT = new Set(["auto", "standard", "opaque", "vivid", "natural", ""]);
/** Longest side up to which a picture is of a class, in the order of size. */
const CLASSES: readonly [most: number, name: string][] = [[512, "0.5K"], [1_792, "1K"], [3_072, "2K"], [Number.POSITIVE_INFINITY, "4K"]];
/** Shorter side up to which a picture is the smaller one, of models that count in lines. */
const SMALL_LINES = 720;
/** Members of vendors' own that go on. */
const OWN = ["substyle", "style_id", "controls", "text_layout", "magic_prompt", "color_palette", "style_codes", "sequential_image_generation"] as const;
/** Members that are looked at, or that say nothing of the picture. */
const KNOWN: ReadonlySet<string> = new Set([...OWN, ...NOTIFY_NAMES, "model", "prompt", "n", "size", "aspect_ratio", "quality", "style", "background", "output_format", "negative_prompt", "seed", "strength", "image", "images", "mask", "response_format", "stream", "user"]);

/** Pictures of models that are made as tasks, at OpenAI's own address ("DALL-E format"): a task runs inside, and the caller waits for it. */
export const images: MediaFamily = {
  id: "images",
  platform: "images",
  idForm: "uuid",
  // Its address is the relay's, which hands over what is made as a task (doors/door.ts).
  routes: [],
  render,
  error: (error, requestId) => ({ status: error.kind.status, json: { error: openaiError(error, requestId) } }),
};

const ROUTE: MediaRoute = { method: "POST", paths: [], bodies: ["json", "form"], priced: true, handle };

/** The route of a request that the relay hands over. */
export const imagesRoute = (rule: RouteRule): FoundMediaRoute => ({ family: images, route: ROUTE, rule, params: {} });

/** Whether a model's pictures are made as tasks at this address: those of media models, and changes by Recraft, whose words for them only its adapter of slow work has. `answered`: somebody answers the model at once. */
export const isMadeHere = ({ kind, sources, vendor }: Model, edits: boolean, answered: () => boolean): boolean => kind === "image" || (kind === undefined && sources !== undefined && ((edits && vendor === "recraft") || !answered()));

async function handle(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const fields = fieldsOf(call);
  const edits = call.path.endsWith("/edits");
  const named = requiredText(fields, "model", 200);
  const model = tools.catalog().find(named);
  if (!model) throw new GatewayError("modelNotFound", { param: "model" });
  const format = wordIn(fields, "response_format", ["url", "b64_json"]) ?? "url";
  const stream = fields["stream"] === true || fields["stream"] === "true";
  // DALL-E has two styles; to others "natural" is a word that they do not know.
  const wish: MediaWish = { ...wishOf(fields), ...(fields["style"] === "natural" && model.vendor === "openai" ? { style: "natural" } : {}) };
  const given = (wish.images ?? []).filter(({ role }) => role !== "mask").length;
  if (edits && given === 0) throw wrong("image", "is missing.");
  const options = optionsOf(fields, wish, model.parameters ?? {});
  const task = await finished(images, call, { action: edits ? "edit" : "generate", model: model.id, request: { wish, withImages: given > 0 }, options, said: saidHere(wish, fields, model.parameters) }, tools);
  const made = task.outputs.filter(({ kind, role, url }) => kind === "image" && url !== undefined && (role === undefined || role.startsWith("seed:")));
  const headers: Record<string, string> = { "x-task-id": task.id };
  if (stream) {
    const pictures = await Promise.all(made.map(async (output) => ({ base64: await bytesOf(output, tools), contentType: output.mime ?? "image/png" })));
    return new Response(new Uint8Array(encodeImageEvents({ kind: "images", pictures, usage: undefined }, edits, seconds(task.finished_at))), { headers: { ...headers, "content-type": "text/event-stream" } });
  }
  const data = await Promise.all(made.map(async (output) => (format === "url" ? shown(output) : { b64_json: await bytesOf(output, tools) })));
  return { headers, json: { created: createdOf(task), data } };
}

/** What the caller said, by OpenAI's names. A class of sizes (`2K`) is a resolution; of a size in pixels the class is no word of the caller's. */
export function saidHere(wish: MediaWish, fields: JsonObject, parameters: Parameters = {}): Said {
  const named = Object.keys(fields).filter((name) => fields[name] !== undefined && fields[name] !== null && !(typeof fields[name] === "string" && SILENT.has(fields[name])));
  const classed = wish.size === undefined && classOf(optional(fields, "size", "string") ?? "") !== undefined;
  const ofPrice = Object.fromEntries(named.filter((name) => Object.hasOwn(parameters, name)).map((name) => [name, name]));
  // Beside one picture it is the mask that a source has no word for.
  const pictures = wish.images ?? [];
  const masked = pictures.length === 2 && pictures.some(({ role }) => role === "mask");
  // OpenAI's usual style is "vivid"; the other one is a wish, and no other maker has it.
  const natural = fields["style"] === "natural" && wish.style === undefined ? ["style"] : [];
  return { names: { ...ofPrice, ...namesOf(wish), images: masked ? "mask" : "image", ...(classed ? { resolution: "size" } : {}) }, own: [...named.filter((name) => !KNOWN.has(name) && !Object.hasOwn(parameters, name)), ...natural] };
}

const createdOf = (task: Task): number => seconds(task.finished_at ?? task.submitted_at);
/** A picture by its address, with the end of its life where it has one. */
export const shown = ({ url, expiresAt }: TaskOutput): JsonObject => ({ url, ...(expiresAt === undefined ? {} : { expires_at: Math.floor(expiresAt / 1000) }) });

/** What is wanted of a picture in OpenAI's words, with members of vendors' own. Throws GatewayError. */
export function wishOf(fields: JsonObject): MediaWish {
  const count = numberIn(fields, "n");
  if (count !== undefined && (!Number.isInteger(count) || count < 1 || count > COUNT_MAX)) throw wrong("n", `must be a whole number from 1 to ${COUNT_MAX}.`);
  const word = (name: string): string | undefined => {
    const value = optional(fields, name, "string");
    return value === undefined || SILENT.has(value) ? undefined : value;
  };
  const pictures = imagesOf(fields);
  const own = OWN.filter((name) => fields[name] !== undefined && fields[name] !== null).map((name) => [name, fields[name]]);
  return {
    kind: "image",
    prompt: requiredText(fields, "prompt", PROMPT_MAX),
    ...saidOnly<unknown>({
      count, size: sizeOf(word("size")), aspectRatio: word("aspect_ratio"), quality: word("quality"), style: word("style"), background: word("background"), outputFormat: word("output_format"), negativePrompt: word("negative_prompt"),
      seed: numberIn(fields, "seed"), strength: numberIn(fields, "strength"), images: pictures.length > 0 ? pictures : undefined, others: own.length > 0 ? Object.fromEntries(own) : undefined,
    }),
  } as MediaWish;
}

function sizeOf(size: string | undefined): MediaWish["size"] {
  if (size === undefined || classOf(size) !== undefined) return undefined;
  const [, width, height] = /^(\d{2,5})x(\d{2,5})$/.exec(size) ?? [];
  if (!width || !height) throw wrong("size", 'must be "auto" or a width and height such as "1024x1024".');
  return { width: Number(width), height: Number(height) };
}

const classOf = (size: string): string | undefined => CLASSES.find(([, name]) => name.toLowerCase() === size.toLowerCase())?.[1];

/** The first picture is what is worked on, further ones go along; a mask says where. */
function imagesOf(fields: JsonObject): GivenMedia[] {
  const listed = ["image", "images"].flatMap((name) => (fields[name] === undefined || fields[name] === null ? [] : [fields[name]].flat().map((one) => [name, one] as const)));
  if (listed.length > IMAGES_MAX) throw wrong("image", `may be ${IMAGES_MAX} pictures at most.`);
  const address = (value: unknown, name: string): string => {
    const url = typeof value === "object" && value !== null ? objectOf(value)["image_url"] : value;
    if (typeof url !== "string") throw wrong(name, "must be a file, an address or a data: URI.");
    return picture(url, name, true).uri;
  };
  const mask: GivenMedia[] = fields["mask"] === undefined || fields["mask"] === null ? [] : [{ url: address(fields["mask"], "mask"), role: "mask" }];
  return [...listed.map(([name, one], index): GivenMedia => ({ url: address(one, name), role: index === 0 ? "input" : "reference" })), ...mask];
}

/** What the price looks at, by the model's own names for it: a size in pixels is its class where the model has such. */
function optionsOf(fields: JsonObject, wish: MediaWish, parameters: Parameters): Options {
  const { size } = wish;
  const named = optional(fields, "size", "string") ?? "";
  const inPixels = parameters["size"]?.values?.some((value) => /^\d+x\d+$/.test(String(value))) === true;
  const longest = size && Math.max(size.width, size.height);
  const sized = inPixels ? (size ? `${size.width}x${size.height}` : parameters["size"]?.values?.[0]) : (classOf(named) ?? (longest === undefined ? usualClass(parameters) : CLASSES.find(([most]) => longest <= most)?.[1]));
  const plain = Object.fromEntries(Object.keys(parameters).flatMap((name) => (["string", "number", "boolean"].includes(typeof fields[name]) && !SILENT.has(String(fields[name])) ? [[name, fields[name] as Option]] : [])));
  return {
    ...plain,
    ...saidOnly<Option>({
      size: parameters["size"] ? sized : undefined, resolution: parameters["resolution"] && size ? (Math.min(size.width, size.height) <= SMALL_LINES ? "720p" : "1080p") : undefined,
      quality: wish.quality === "hd" ? "high" : wish.quality, style: wish.style, n: wish.count,
    }),
    images: (wish.images ?? []).filter(({ role }) => role !== "mask").length, vector: /^(?:vector_illustration|icon)/.test(wish.style ?? ""),
  };
}

/** Where nothing is said and the model has no default of its own: one thousand pixels, which all have. */
const usualClass = (parameters: Parameters): string | undefined => (parameters["size"]?.default === undefined ? "1K" : undefined);
