import { GatewayError } from "../../errors/gateway-error.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { JsonObject, MediaAdapter, MediaOutput, MediaSubmit } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, objectsIn, textIn } from "../_kit/media/fields.ts";
import { fileOf } from "../_kit/media/form.ts";
import { nearestShape, shapeOf } from "../_kit/media/shape.ts";
import { RATIOS, SIZES } from "./images.ts";
import { versioned } from "../_kit/openai-api.ts";

/** Models that draw; the others are tools, named after their addresses. */
const DRAWS = /^recraftv\d/;
/** The answer comes with the request. */
const GIVE_UP_MS = 600_000;

/** Recraft's tools and pictures at its own addresses: https://www.recraft.ai/docs/api-reference/endpoints. Each is answered with the pictures. */
export const recraftMedia: MediaAdapter = {
  /** Files are kept for about 24 hours: https://www.recraft.ai/docs/api-reference/getting-started. */
  outputHours: () => 24,
  wantsBytes: () => true,
  baseUrl: (baseUrl) => versioned(baseUrl, "/v1"),

  submit(order) {
    const { input, model } = order;
    if ("native" in input) {
      const { path, json, form } = input.native;
      return { call: { method: "POST", path: path ?? `/images/${model}`, ...(form ? { form } : { json: json ?? {} }) } };
    }
    const { wish } = input;
    if (DRAWS.test(model)) return (wish.images ?? []).length > 0 ? changed(wish, model) : drawn(wish, model);
    const [picture] = wish.images ?? [];
    if (wish.kind !== "image" || !picture) throw new GatewayError("invalidRequest", { publicText: "A picture is missing.", param: "images" });
    const { dropped } = encodeWish(wish, { images: (given) => given.length === 1, outputFormat: () => false });
    return { call: { method: "POST", path: `/images/${model}`, form: [fileOf("file", picture.url), { name: "response_format", value: "url" }] }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  /** `{image: {url}}` of a tool, `{data: [{url}]}` of what draws; `credits` are what was charged, 1,000 to the dollar. */
  readSubmit(answer) {
    const said = jsonOf(answer);
    if (answer.status !== 200 || !said) return undefined;
    const one = typeof said["image"] === "object" && said["image"] !== null ? [said["image"] as JsonObject] : [];
    const outputs = [...one, ...objectsIn(said, "data")].flatMap((picture): MediaOutput[] => {
      const [url, base64] = [textIn(picture, "url"), textIn(picture, "b64_json")];
      return url !== "" ? [{ kind: "image", url }] : base64 !== "" ? [{ kind: "image", bytes: Buffer.from(base64, "base64") }] : [];
    });
    return outputs.length > 0 ? { state: "SUCCESS", outputs, answer: said, usage: { images: outputs.length } } : undefined;
  },

  pace: () => ({ firstMs: 1_000, everyMs: 5_000, giveUpMs: GIVE_UP_MS }),
};

/** How far a picture is changed where nobody says it: the vendor wants a number. */
const STRENGTH = 0.5;
/** PNG's colour types with an alpha channel, and where the type stands (RFC 2083, 4.1.1); a palette has its transparency in a chunk of its own (4.2.9), before the pixels. */
const ALPHA_TYPES = new Set([4, 6]);
const COLOR_TYPE_AT = 25;
const HEAD_BYTES = 4_096;
/** Letters of base64 that hold them. */
const HEAD_LETTERS = Math.ceil(HEAD_BYTES / 3) * 4;

const isTransparent = (bytes: Buffer): boolean => ALPHA_TYPES.has(bytes[COLOR_TYPE_AT] ?? 0) || /tRNS[\s\S]*IDAT/.test(bytes.toString("latin1", 0, HEAD_BYTES));

/** A picture changed as a whole, or where a mask says it. Its masks are black and white; OpenAI's transparent ones mean something else here. */
function changed(wish: MediaWish, model: string): MediaSubmit {
  const [picture, ...more] = (wish.images ?? []).filter(({ role }) => role !== "mask");
  const mask = wish.images?.find(({ role }) => role === "mask");
  if (model.startsWith("recraftv4")) throw new GatewayError("invalidRequest", { publicText: "This model makes pictures but does not edit any.", param: "image" });
  if (wish.kind !== "image" || !picture) throw new GatewayError("invalidRequest", { publicText: "A picture is missing.", param: "image" });
  const files = [fileOf("image", picture.url), ...(mask ? [fileOf("mask", mask.url)] : [])];
  for (const file of files.slice(1)) if (file.type === "image/png" && isTransparent(Buffer.from(file.base64.slice(0, HEAD_LETTERS), "base64"))) throw new GatewayError("invalidRequest", { publicText: '"mask" must be black and white with this model: white is what changes.', param: "mask" });
  const { body, dropped } = encodeWish(wish, {
    prompt: "prompt", negativePrompt: "negative_prompt", count: "n", style: "style", images: () => more.length === 0, strength: () => mask === undefined,
    others(others, target) {
      const known = Object.entries(others).filter(([name, value]) => (name === "substyle" || name === "style_id") && typeof value === "string");
      Object.assign(target, Object.fromEntries(known));
      return Object.keys(others).filter((name) => !Object.hasOwn(target, name));
    },
  }, { model, response_format: "url", ...(mask ? {} : { strength: wish.strength ?? STRENGTH }) });
  const form = [...files, ...Object.entries(body).map(([name, value]) => ({ name, value: String(value) }))];
  return { call: { method: "POST", path: mask ? "/images/inpaint" : "/images/imageToImage", form }, ...(dropped.length > 0 ? { dropped } : {}) };
}

/** What stands in a prompt; the style that makes vector pictures is the price's own. */
function drawn(wish: MediaWish, model: string): MediaSubmit {
  if (wish.kind !== "image") throw new GatewayError("invalidRequest", { publicText: "Recraft makes pictures.", param: "model" });
  const shape = shapeOf(wish);
  const choices = model.startsWith("recraftv4") ? RATIOS : SIZES;
  const near = shape === undefined ? undefined : nearestShape(shape, choices.map((one) => one.replace("x", ":")));
  const { body, dropped } = encodeWish(wish, {
    prompt: "prompt",
    negativePrompt: "negative_prompt",
    count: "n",
    style: "style",
    size: () => near?.exact === true,
    aspectRatio: () => near?.exact === true,
  }, { model, response_format: "url", ...(near ? { size: model.startsWith("recraftv4") ? near.ratio : near.ratio.replace(":", "x") } : {}) });
  return { call: { method: "POST", path: "/images/generations", json: body }, ...(dropped.length > 0 ? { dropped } : {}) };
}
