import type { Model, Option, Options } from "../catalog/index.ts";
import type { GivenMedia, MediaWish } from "../dialects/canonical/media-wish.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { table } from "../table.ts";

/** How what a price looks at is said in a wish, by the names of the catalog's parameters. */
const SAID: Readonly<Record<string, (value: Option) => Partial<MediaWish>>> = table({
  duration: (value) => ({ duration: Number(value) }),
  resolution: (value) => ({ resolution: String(value) }),
  n: (value) => ({ count: Number(value) }),
  quality: (value) => ({ quality: String(value) }),
  mode: (value) => ({ mode: String(value) }),
  // Midjourney's: relax, fast, turbo
  speed: (value) => ({ mode: String(value) }),
  audio: (value) => ({ sound: value === true }),
  size: sizeWords,
});
/** How many are given stands in the wish itself; a drawing's style is its own word. */
const COUNTED: ReadonlySet<string> = new Set(["images", "videos", "vector", "character_reference"]);

/** A size as callers write it: `1280x720`, or a class of them (`720P`, `2K`). */
export function sizeWords(value: Option): Pick<MediaWish, "size" | "resolution"> {
  const [, width, height] = /^(\d{2,5})[x*](\d{2,5})$/i.exec(String(value)) ?? [];
  return width && height ? { size: { width: Number(width), height: Number(height) } } : { resolution: String(value) };
}

/**
 * A wish for a model: what is made is what its price was for. It says what the model makes, the parameters that the price looks at as they were read (defaults too, since sources have defaults of their own), and of its further
 * parameters those that the caller named. Pictures for a film that were given without a word of what they are for (`input` in front): the first begins it, the second of two ends it.
 */
export function wishFor(model: Model, wish: MediaWish, read: Options, named: Options): MediaWish {
  const kind = model.kind ?? (model.modalities.output[0] === "image" ? "image" : wish.kind);
  let made: MediaWish = { ...wish, kind };
  const others: Record<string, unknown> = { ...wish.others };
  for (const [name, { optional }] of Object.entries(model.parameters ?? {})) {
    const value = read[name];
    // What no price looks at stands in the wish already.
    if (value === undefined || optional || COUNTED.has(name)) continue;
    const words = SAID[name];
    if (words) made = { ...made, ...words(value) };
    else if (Object.hasOwn(named, name)) others[name] = value;
  }
  if (read["vector"] === true && made.style === undefined) made.style = "vector_illustration";
  if (Object.keys(others).length > 0) made.others = others;
  return { ...made, ...(made.images ? { images: rolesFor(model, made, read) } : {}) };
}

function rolesFor(model: Model, { kind, images = [] }: MediaWish, read: Options): GivenMedia[] {
  const pictures = images.filter(({ role }) => role !== "mask");
  // Who works on a picture gets it first; the others show the character.
  if (read["character_reference"] === true) return images.map((one) => (one.role === "mask" || (worksOnPictures(model) && one === pictures[0]) ? one : { ...one, role: "character" }));
  if (kind !== "video" || pictures[0]?.role !== "input") return [...images];
  return images.map((one) => (pictures.length > 2 || one.role === "mask" ? one : { ...one, role: one === pictures[0] ? "first_frame" : "last_frame" }));
}

/**
 * `pictures`: how many the price is for, where it is by the picture. Refuses a wish that this model cannot be made of, before anything is held: what it works on is missing, what it cannot look at is given, or more is asked for than its price covers. Throws GatewayError. Requests in a vendor's own
 * words are their doors' and vendors' to judge.
 */
export function checkWish(model: Model, wish: MediaWish, read: Options, { pictures, follows }: { pictures: number | undefined; follows: boolean }): void {
  const { input } = model.modalities;
  const given = { image: wish.images?.filter(({ role }) => role !== "mask").length ?? 0, video: wish.videos?.length ?? 0, audio: wish.audios?.length ?? 0 };
  for (const kind of ["image", "video", "audio"] as const) {
    if (given[kind] > 0 && !input.includes(kind)) throw wrong(`${kind}s`, "cannot be used with this model.");
    if (given[kind] === 0 && !follows && input[0] === kind) throw wrong(`${kind}s`, "is missing: this model works on what is given.");
  }
  if (given.image === 0 && !follows && wish.images?.some(({ role }) => role === "mask")) throw wrong("mask", "needs the picture that it is a part of.");
  if (read["character_reference"] === true && given.image <= (worksOnPictures(model) ? 1 : 0)) throw wrong("images", "misses the picture of the character.");
  if (wish.count !== undefined && wish.count !== 1 && model.parameters?.["n"] === undefined && wish.count !== pictures) throw wrong("n", "may only be 1 with this model.");
  if (wish.duration !== undefined && model.kind === "video" && model.parameters?.["duration"] === undefined) throw wrong("duration", "cannot be chosen with this model.");
}

const worksOnPictures = (model: Model): boolean => model.modalities.input[0] === "image";

const wrong = (param: string, text: string): GatewayError => new GatewayError("invalidRequest", { publicText: `"${param}" ${text}`, param });
