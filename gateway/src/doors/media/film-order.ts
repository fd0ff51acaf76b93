import type { Option, Options, Parameters } from "../../catalog/index.ts";
import { objectOf } from "../../dialects/canonical/fields.ts";
import type { GivenMedia, MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { Said } from "../../tasks/sayable.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import type { MediaCall, MediaTools } from "./family.ts";
import { fieldsOf } from "./fields-of.ts";
import { numberIn, picture, pictureIn, saidOnly, wrong } from "./inputs.ts";
import { optional, requiredText } from "./order.ts";
import { type FamilyWords, saidBy } from "./said.ts";
import { table } from "../../table.ts";

/** A film as clients of OpenAI's form want it, of any model of the catalog. */
export interface FilmOrder {
  /** all that was said, a form's parts too */
  fields: JsonObject;
  /** the model's id in the catalog */
  model: string;
  vendor: string;
  wish: MediaWish;
  said: Said;
  /** with the model's defaults: what the price looks at, and what the vendor is told */
  options: Options;
  /** how many pictures are given */
  images: number;
  seconds: number | undefined;
  size: string | undefined;
}

/** Members, by the names that clients have for them; the first that is there counts. */
const NAMES: Readonly<Record<string, readonly string[]>> = table({
  duration: ["seconds", "duration"],
  size: ["size"],
  resolution: ["resolution"],
  aspectRatio: ["aspect_ratio", "ratio"],
  negativePrompt: ["negative_prompt"],
  sound: ["generate_audio", "audio"],
  enhancePrompt: ["enhance_prompt"],
});
const PLAIN = ["mode", "quality", "style", "seed", "fps", "n", "watermark"] as const;
const PICTURES = ["input_reference", "image", "images"] as const;
const LAST = ["last_frame", "last_frame_image", "image_tail"] as const;
const KNOWN = new Set<string>([...Object.values(NAMES).flat(), ...PLAIN, ...PICTURES, ...LAST, "model", "prompt", "videos", "metadata", "width", "height", "user", "notify_hook", "notifyHook", "callback_url", "webhook"]);
/** Members of a vendor's own may go on unless they could change what is made for the price. */
const PRICY = /second|duration|length|frame|fps|resolution|size|width|height|quality|mode|audio|sound|num|count|model|scale_factor|upscale|tier|batch|hook|callback|image|video|draft|url/i;
/** A `size` that is said in lines, as some models have it: anything else would be paid for and not made. */
const LINES = /^\d{1,4}(?:\.\d)?[pk]$/i;
const PROMPT_MAX = 32_000;
/** New API's own limits of a film's length. */
const SECONDS_MAX = 3_600;
const IMAGES_MAX = 9;
const VIDEOS_MAX = 3;

/** Reads an order out of JSON or a form. `metadata` is laid below what is said beside it. Throws GatewayError. */
export function readFilmOrder(call: MediaCall, tools: MediaTools, usualModel?: string): FilmOrder {
  const given = fieldsOf(call);
  const fields = { ...objectOf(given["metadata"]), ...given };
  const named = usualModel !== undefined && (given["model"] === undefined || given["model"] === "") ? usualModel : requiredText(given, "model", 200);
  const model = tools.catalog().find(named);
  if (!model || model.kind !== "video") throw new GatewayError("modelNotFound", { publicText: `The model "${named.slice(0, 100)}" does not exist, or makes no films.`, param: "model" });
  for (const name of ["model", "prompt"]) if (objectOf(given["metadata"])[name] !== undefined) throw wrong(`metadata.${name}`, "may only be said beside the metadata.");
  const said = wishOf(fields);
  const { parameters = {} } = model;
  const options = optionsOf(said, parameters);
  if ((said.count ?? 1) !== 1 && parameters["n"] === undefined) throw wrong("n", "may only be 1 with this model.");
  // What the price assumes where nothing is said, the vendor is told.
  const { quote } = tools.tasks.quote({ key: call.key, model: model.id, options });
  const agreed = quote.options;
  const [duration, resolution, size] = [agreed["duration"], agreed["resolution"], agreed["size"]];
  const lines = resolution ?? (typeof size === "string" && sidesOf(size) === undefined ? size : undefined);
  const sides = typeof size === "string" ? sidesOf(size) : undefined;
  const wish: MediaWish = {
    ...said,
    ...saidOnly<unknown>({ duration: duration === undefined ? said.duration : Number(duration), resolution: lines ?? said.resolution, size: sides ?? said.size, sound: agreed["audio"] ?? said.sound, mode: agreed["mode"] ?? said.mode }),
  };
  return { fields, model: model.id, vendor: model.vendor, wish, said: saidIn(fields), options: agreed, images: said.images?.length ?? 0, seconds: wish.duration, size: wish.size && `${wish.size.width}x${wish.size.height}` };
}

const SPOKEN: FamilyWords = { ...NAMES, ...Object.fromEntries(PLAIN.map((name) => [name === "n" ? "count" : name, [name]])), prompt: ["prompt"], size: ["size", "width"], images: [...PICTURES, ...LAST], videos: ["videos"] };

/** By the caller's names; lines in the place of a size are a resolution. What is not known goes on by its own name. */
function saidIn(fields: JsonObject): Said {
  const { names } = saidBy(fields, { ...SPOKEN, resolution: ["resolution", ...(LINES.test(typeof fields["size"] === "string" ? fields["size"] : "") ? ["size"] : [])] });
  return { names, own: [] };
}

function wishOf(fields: JsonObject): MediaWish {
  const first = (names: readonly string[]): string => names.find((name) => fields[name] !== undefined && fields[name] !== null && fields[name] !== "") ?? names[0] ?? "";
  const name = (member: string): string => first(NAMES[member] ?? []);
  for (const names of [NAMES["duration"] ?? [], NAMES["sound"] ?? []]) {
    const values = names.map((one) => fields[one]).filter((value) => value !== undefined && value !== null && value !== "");
    if (new Set(values.map(String)).size > 1) throw wrong(names[0] ?? "", `and "${names[1]}" say different things.`);
  }
  const images = imagesOf(fields, first(LAST));
  const duration = numberIn(fields, name("duration"));
  if (duration !== undefined && (duration <= 0 || duration > SECONDS_MAX)) throw wrong(name("duration"), `must be from 1 to ${SECONDS_MAX}.`);
  const written = optional(fields, "size", "string") ?? (fields["width"] === undefined || fields["height"] === undefined ? undefined : `${numberIn(fields, "width")}x${numberIn(fields, "height")}`);
  const size = written === undefined || written === "" ? undefined : sidesOf(written);
  if (written && !size && !LINES.test(written)) throw wrong("size", 'must be a width and height such as "1280x720", or lines such as "720p".');
  const others = Object.entries(fields).filter(([key, value]) => !KNOWN.has(key) && value !== null);
  for (const [key] of others) if (PRICY.test(key)) throw wrong(key, "cannot be said here, since it could change the price.");
  return {
    kind: "video",
    ...(images.length > 0 && (fields["prompt"] === undefined || fields["prompt"] === "") ? {} : { prompt: requiredText(fields, "prompt", PROMPT_MAX) }),
    ...saidOnly<unknown>({
      duration, size,
      resolution: optional(fields, "resolution", "string") ?? (size ? undefined : written || undefined),
      aspectRatio: optional(fields, name("aspectRatio"), "string"),
      negativePrompt: optional(fields, "negative_prompt", "string"),
      sound: flagIn(fields, name("sound")), enhancePrompt: flagIn(fields, "enhance_prompt"), watermark: flagIn(fields, "watermark"),
      mode: optional(fields, "mode", "string"), quality: optional(fields, "quality", "string"), style: optional(fields, "style", "string"),
      seed: numberIn(fields, "seed"), fps: numberIn(fields, "fps"), count: numberIn(fields, "n"),
      images: images.length > 0 ? images : undefined, videos: filmsOf(fields), others: others.length > 0 ? Object.fromEntries(others) : undefined,
    }),
  } as MediaWish;
}

/** A form has no truth values of its own. */
function flagIn(fields: JsonObject, name: string): boolean | undefined {
  const value = fields[name];
  return optional(value === "true" || value === "false" ? { [name]: value === "true" } : fields, name, "boolean");
}

/** The first picture begins the film, a second one ends it; of more each is a picture to go by (tasks/accept.ts). */
function imagesOf(fields: JsonObject, last: string): GivenMedia[] {
  const listed = PICTURES.flatMap((name) => (fields[name] === undefined || fields[name] === null || fields[name] === "" ? [] : [fields[name]].flat().map((one) => [name, one] as const)));
  const urls = listed.map(([name, one]) => {
    const url = typeof one === "object" && one !== null ? (objectOf(one)["image_url"] ?? objectOf(one)["url"]) : one;
    if (typeof url !== "string") throw wrong(name, "must be a picture: a file, an address or a data: URI.");
    return picture(url, name, true).uri;
  });
  if (urls.length > IMAGES_MAX) throw wrong("images", `may have ${IMAGES_MAX} at most.`);
  const ending = pictureIn(fields, last, { bare: true });
  const end: GivenMedia[] = ending ? [{ url: ending.uri, role: "last_frame" }] : [];
  return [...urls.map((url, index): GivenMedia => ({ url, role: end.length > 0 ? (index === 0 ? "first_frame" : "reference") : index === 0 ? "input" : "reference" })), ...end];
}

function filmsOf(fields: JsonObject): GivenMedia[] | undefined {
  const { videos } = fields;
  if (videos === undefined || videos === null) return undefined;
  const list = [videos].flat();
  const urls = list.filter((one): one is string => typeof one === "string" && /^https?:\/\//i.test(one));
  if (list.length === 0 || list.length > VIDEOS_MAX || urls.length < list.length) throw wrong("videos", `must be a list of at most ${VIDEOS_MAX} addresses.`);
  return urls.map((url) => ({ url, role: "input" }));
}

/** By the names that the model's price has for them: a size in pixels is its shorter side where the model knows lines alone. */
function optionsOf(wish: MediaWish, parameters: Parameters): Options {
  const { size } = wish;
  const lines = wish.resolution ?? (size && (Math.min(size.width, size.height) >= 2_160 && knows(parameters, "4k") ? "4k" : `${Math.min(size.width, size.height)}p`));
  const inPixels = (parameters["size"]?.values ?? []).some((value) => sidesOf(String(value)) !== undefined);
  return saidOnly<Option>({
    duration: wish.duration,
    size: inPixels ? (size ? `${size.width}x${size.height}` : wish.resolution) : lines,
    resolution: lines,
    mode: wish.mode, quality: wish.quality, audio: wish.sound, n: wish.count,
    images: wish.images?.length ?? 0, videos: wish.videos?.length ?? 0,
  });
}

const knows = (parameters: Parameters, value: string): boolean => ["resolution", "size"].some((name) => parameters[name]?.values?.some((one) => String(one).toLowerCase() === value) === true);

function sidesOf(text: string): { width: number; height: number } | undefined {
  const [, width, height] = /^(\d{2,5})[x*:](\d{2,5})$/i.exec(text) ?? [];
  return width && height ? { width: Number(width), height: Number(height) } : undefined;
}
