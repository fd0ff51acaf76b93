import type { GivenMedia, MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject, MediaAdapter, MediaOrder, MediaReading, OutgoingPart } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, numberIn, objectsIn, textIn } from "../_kit/media/fields.ts";
import { fileOf } from "../_kit/media/form.ts";
import { table } from "../../table.ts";

/** Paths by the model's name at this vendor (`v3/generate`); upscaling stands apart. */
const pathOf = (model: string): string => (model === "upscale" ? "/upscale" : `/v1/ideogram-${model}`);
/** Shapes that the API knows, as it writes them. */
const RATIOS: ReadonlySet<string> = new Set(["1x3", "3x1", "1x2", "2x1", "9x16", "16x9", "10x16", "16x10", "2x3", "3x2", "3x4", "4x3", "4x5", "5x4", "1x1"]);
const SPEEDS: Readonly<Record<string, string>> = table({ flash: "FLASH", low: "TURBO", turbo: "TURBO", medium: "DEFAULT", standard: "DEFAULT", default: "DEFAULT", high: "QUALITY", hd: "QUALITY", quality: "QUALITY" });
/** Its limit of requests in flight makes waiting usual; the answer comes with the request. */
const GIVE_UP_MS = 600_000;

/** Ideogram 3.0: https://developer.ideogram.ai/api-reference. Every call is a form, and is answered with the pictures. Notices are documented for `/v1/ideogram-v4/async/*` alone (developer.ideogram.ai, "Webhooks"), which is not called here. */
export const ideogramMedia: MediaAdapter = {
  /** Links expire after 24 hours: https://developer.ideogram.ai/ideogram-api/responses-and-metadata. */
  outputHours: () => 24,
  wantsBytes: () => true,

  submit(order) {
    const { path, form, dropped } = wordsOf(order);
    return { call: { method: "POST", path, form }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit(answer) {
    const said = jsonOf(answer);
    return answer.status === 200 && said && Array.isArray(said["data"]) ? readPictures(said) : undefined;
  },

  pace: () => ({ firstMs: 1_000, everyMs: 5_000, giveUpMs: GIVE_UP_MS }),
};

/** A picture that the safety check held back has no address; only those that came are billed. */
function readPictures(said: JsonObject): MediaReading {
  const pictures = objectsIn(said, "data").filter((one) => textIn(one, "url") !== "" && one["is_image_safe"] !== false);
  if (pictures.length === 0) return { state: "FAILURE", answer: said, fault: { kind: "caller", text: "Every picture was held back by the vendor's safety check.", policy: true } };
  return {
    state: "SUCCESS",
    answer: said,
    usage: { images: pictures.length },
    outputs: pictures.map((one) => {
      const [, width, height] = /^(\d+)x(\d+)$/.exec(textIn(one, "resolution")) ?? [];
      const seed = numberIn(one, "seed");
      return { kind: "image", url: textIn(one, "url"), ...(width && height ? { width: Number(width), height: Number(height) } : {}), ...(seed === undefined ? {} : { role: `seed:${seed}` }) };
    }),
  };
}

function wordsOf(order: MediaOrder): { path: string; form: OutgoingPart[]; dropped: string[] } {
  if ("native" in order.input) return { path: order.input.native.path ?? pathOf(order.model), form: order.input.native.form ?? [], dropped: [] };
  const { wish } = order.input;
  if (wish.kind !== "image") throw new GatewayError("invalidRequest", { publicText: "Ideogram makes pictures." });
  return order.model === "upscale" ? upscaleOf(wish) : picturesOf(wish, order.model);
}

function pace(word: string, target: JsonObject): boolean | void {
  const speed = SPEEDS[word.toLowerCase()];
  if (speed === undefined) return false;
  target["rendering_speed"] = speed;
}

function picturesOf(wish: MediaWish, model: string): { path: string; form: OutgoingPart[]; dropped: string[] } {
  if (model === "v3/edit" && !wish.images?.some(({ role }) => role === "mask")) throw new GatewayError("invalidRequest", { publicText: '"mask" is missing: the part to change.', param: "mask" });
  if (model === "v3/reframe" && !wish.size) throw new GatewayError("invalidRequest", { publicText: '"size" is missing: the sides to make, for example 1024x1024.', param: "size" });
  const files: OutgoingPart[] = [];
  const put = (name: string, given: GivenMedia): void => void files.push(fileOf(name, given.url));
  const { body, dropped } = encodeWish(wish, {
    prompt: model === "v3/reframe" ? { ifSaid: () => false } : "prompt",
    negativePrompt: "negative_prompt",
    seed: "seed",
    count: "num_images",
    size: ({ width, height }, target) => void (target["resolution"] = `${width}x${height}`),
    aspectRatio(ratio, target, { size }) {
      const shape = ratio.replace(":", "x");
      if (size || !RATIOS.has(shape)) return ratio === "auto";
      target["aspect_ratio"] = shape;
      return true;
    },
    quality: pace,
    mode: pace,
    others(others, target) {
      if (typeof others["rendering_speed"] === "string") target["rendering_speed"] = others["rendering_speed"];
      return Object.keys(others).filter((name) => name !== "rendering_speed");
    },
    style: (style, target) => void (target["style_type"] = style.toUpperCase()),
    enhancePrompt: (on, target) => void (target["magic_prompt"] = on ? "ON" : "OFF"),
    strength: (strength, target) => (model === "v3/remix" ? void (target["image_weight"] = Math.min(100, Math.max(1, Math.round((1 - strength) * 100)))) : false),
    images(given) {
      for (const one of given) {
        if (one.role === "mask") put("mask", one);
        else if (one.role === "style" || one.role === "reference") put("style_reference_images", one);
        else if (one.role === "character" || one.role === "person") put("character_reference_images", one);
        else put("image", one);
      }
      return model !== "v3/generate" || given.every(({ role }) => role !== "input" && role !== "mask");
    },
  });
  const values = Object.entries(body).map(([name, value]): OutgoingPart => ({ name, value: typeof value === "string" ? value : JSON.stringify(value) }));
  return { path: pathOf(model), form: [...values, ...files], dropped };
}

function upscaleOf(wish: MediaWish): { path: string; form: OutgoingPart[]; dropped: string[] } {
  const [picture] = wish.images ?? [];
  if (!picture) throw new GatewayError("invalidRequest", { publicText: "A picture to upscale is missing.", param: "images" });
  const { body, dropped } = encodeWish(wish, { prompt: { ifSaid: "prompt" }, seed: "seed", count: "num_images", images: (given) => given.length === 1, enhancePrompt: (on, target) => void (target["magic_prompt_option"] = on ? "ON" : "OFF") });
  return { path: pathOf("upscale"), form: [{ name: "image_request", value: JSON.stringify(body) }, fileOf("image_file", picture.url)], dropped };
}
