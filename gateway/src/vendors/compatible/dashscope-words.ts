import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject, MediaOrder } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { nearestShape, shapeOf } from "../_kit/media/shape.ts";
import { table } from "../../table.ts";

const AT_ONCE = "/services/aigc/multimodal-generation/generation";
const PICTURES = "/services/aigc/text2image/image-synthesis";
const FILMS = "/services/aigc/video-generation/video-synthesis";
/** Sizes of Qwen's first pictures (Model Studio, "Qwen - image generation"). */
const QWEN_SIZES = ["1328:1328", "1664:928", "1472:1104", "1104:1472", "928:1664"];
/** Sizes of films by class ("Wan - text to video"); of a film of a picture only the class is said. */
const FILM_SIZES: Readonly<Record<string, readonly string[]>> = table({
  "480P": ["832:480", "480:832", "624:624"],
  "720P": ["1280:720", "720:1280", "960:960", "1088:832", "832:1088"],
  "1080P": ["1920:1080", "1080:1920", "1440:1440", "1632:1248", "1248:1632"],
});
/** Sides of pictures that may have any size, in pixels: least, most, and the sides of the square that is made where only a shape is said. */
interface Sides {
  least: number;
  most: number;
  usual: number;
}
const EDITED: Sides = { least: 512, most: 2048, usual: 1024 };
const SECOND: Sides = { least: 512, most: 2048, usual: 2048 };
const WAN: Sides = { least: 512, most: 1440, usual: 1024 };
/** Pictures that are edited at a time. */
const GIVEN_MAX = 3;

/** Qwen's pictures that are answered with the request: all but those that can be made as tasks, which survive our end. */
export const answersAtOnce = (model: string): boolean => model.startsWith("qwen-image") && !/^qwen-image(-plus)?(-\d{4}-\d\d-\d\d)?$/.test(model);

interface Words {
  path: string;
  json: JsonObject;
  dropped: string[];
}

/** An order in DashScope's words. Throws GatewayError for what a model cannot be asked. */
export function wordsOf({ input, model }: MediaOrder): Words {
  if ("native" in input) return { path: input.native.path ?? PICTURES, json: { ...input.native.json, model }, dropped: [] };
  const { wish } = input;
  if (wish.kind === "video") return film(wish, model);
  if (wish.kind !== "image") throw wrong("model", "This vendor makes pictures and films here.");
  return answersAtOnce(model) ? message(wish, model) : picture(wish, model);
}

const COMMON = {
  prompt: () => undefined,
  seed: "seed",
  enhancePrompt: "prompt_extend",
  watermark: "watermark",
} as const;

/** Pictures of one message: the given ones, then what is to be done. */
function message(wish: MediaWish, model: string): Words {
  const given = (wish.images ?? []).filter(({ role }) => role !== "mask");
  if (given.length > GIVEN_MAX) throw wrong("images", `This model takes ${GIVEN_MAX} pictures at most.`);
  const size = model.startsWith("qwen-image-max") ? ofList(wish, QWEN_SIZES) : free(wish, model.includes("edit") ? EDITED : SECOND);
  const { body, dropped } = encodeWish(wish, { ...COMMON, negativePrompt: "negative_prompt", count: "n", size: () => size?.exact === true, aspectRatio: () => size?.exact === true, images: (all) => all.length === given.length }, size ? { size: size.size } : {});
  return { path: AT_ONCE, json: { model, input: { messages: [{ role: "user", content: [...given.map(({ url }) => ({ image: url })), { text: wish.prompt }] }] }, parameters: { watermark: false, ...body } }, dropped };
}

function picture(wish: MediaWish, model: string): Words {
  const size = model.startsWith("qwen") ? ofList(wish, QWEN_SIZES) : free(wish, WAN);
  const { body, dropped } = encodeWish(wish, { ...COMMON, negativePrompt: () => undefined, count: "n", size: () => size?.exact === true, aspectRatio: () => size?.exact === true }, size ? { size: size.size } : {});
  return { path: PICTURES, json: { model, input: { prompt: wish.prompt, ...(wish.negativePrompt === undefined ? {} : { negative_prompt: wish.negativePrompt }) }, parameters: { watermark: false, ...body } }, dropped };
}

function film(wish: MediaWish, model: string): Words {
  const ofPicture = model.includes("i2v");
  const given = (wish.images ?? []).filter(({ role }) => role !== "mask");
  const [first] = given;
  if (ofPicture && !first) throw wrong("images", "This model makes a film of a first picture: give one.");
  if (!ofPicture && first) throw wrong("images", "This model makes films of words only.");
  const named = (wish.resolution ?? "720P").toUpperCase();
  const sizes = FILM_SIZES[named];
  if (!sizes) throw wrong("resolution", "Films have 480P, 720P or 1080P here.");
  const shape = shapeOf(wish);
  const near = ofPicture || shape === undefined ? { ratio: sizes[0] ?? "", exact: false } : nearestShape(shape, sizes);
  const { body, dropped } = encodeWish(wish, {
    ...COMMON,
    // A film of a picture may do without (Model Studio, "image-to-video", `prompt`).
    prompt: ofPicture ? { ifSaid: () => undefined } : () => undefined,
    negativePrompt: () => undefined,
    duration: "duration",
    resolution: () => undefined,
    aspectRatio: () => near.exact,
    size: () => near.exact,
    // Wan had no sound before 2.5.
    sound: (wanted, target) => (/^wan2\.[56]/.test(model) ? void (target["audio"] = wanted) : !wanted),
    images: (all) => all.every((one) => one === first),
  }, ofPicture ? { resolution: named } : { size: near.ratio.replace(":", "*") });
  const said = { ...(wish.prompt ? { prompt: wish.prompt } : {}), ...(wish.negativePrompt === undefined ? {} : { negative_prompt: wish.negativePrompt }), ...(first ? { img_url: first.url } : {}) };
  return { path: FILMS, json: { model, input: said, parameters: { watermark: false, ...body } }, dropped };
}

interface Size {
  size: string;
  exact: boolean;
}

/** The listed size nearest in shape. */
function ofList(wish: MediaWish, sizes: readonly string[]): Size | undefined {
  const shape = shapeOf(wish);
  if (shape === undefined) return undefined;
  const { ratio, exact } = nearestShape(shape, sizes);
  return { size: ratio.replace(":", "*"), exact };
}

/** The size that is wished, or as many pixels as usual in its shape; each side within what the model makes. */
function free(wish: MediaWish, { least, most, usual }: Sides): Size | undefined {
  const shape = shapeOf(wish);
  if (shape === undefined) return undefined;
  const within = (side: number): number => Math.min(Math.max(Math.round(side), least), most);
  const wanted = wish.size ?? { width: usual * Math.sqrt(shape), height: usual / Math.sqrt(shape) };
  const [width, height] = [within(wanted.width), within(wanted.height)];
  return { size: `${width}*${height}`, exact: wish.size ? width === wish.size.width && height === wish.size.height : Math.abs(Math.log(width / height / shape)) < 0.04 };
}

const wrong = (param: string, publicText: string): GatewayError => new GatewayError("invalidRequest", { publicText, param });
