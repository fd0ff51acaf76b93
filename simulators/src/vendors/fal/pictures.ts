/** fal's picture endpoints: the documented ones with their inputs, and what any other one is taken to be. */
import type { Fields, Rule } from "../../kit/fields.ts";
import { asNumber, asObject, asText, isObject, type JsonObject } from "../../kit/json.ts";
import type { FileWish } from "../../kit/media/file.ts";
import { sidesOfPixels } from "../../kit/media/shape.ts";
import type { Endpoint } from "./endpoint.ts";

/** Sides by name (fal's `ImageSizeEnum`). */
const SIDES: Record<string, [number, number]> = { square_hd: [1024, 1024], square: [512, 512], portrait_4_3: [768, 1024], portrait_16_9: [576, 1024], landscape_4_3: [1024, 768], landscape_16_9: [1024, 576] };
const SIDE: Rule = { is: "integer", least: 64, most: 14_142 };
const IMAGE_SIZE: Rule = { is: "either", of: [{ is: "text", values: Object.keys(SIDES) }, { is: "object", fields: { width: SIDE, height: SIDE } }] };
const RATIOS = ["21:9", "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "9:21"];
const PROMPT: Rule = { is: "text", required: true };
const PICTURE: Rule = { is: "file", kind: "picture", required: true };
const FLAG: Rule = { is: "flag" };
const SEED: Rule = { is: "integer" };
const UNIT: Rule = { is: "number", least: 0, most: 1 };
const COUNT: Rule = { is: "integer", least: 1, most: 8 };
const BYTE: Rule = { is: "integer", least: 0, most: 255 };
const COLOUR: Rule = { is: "object", fields: { r: { ...BYTE, required: true }, g: { ...BYTE, required: true }, b: { ...BYTE, required: true } } };
/** Million pixels of a picture whose shape is given as a ratio. */
const RATIO_PIXELS = 1024 * 1024;

function sidesOf(input: JsonObject): [number, number] {
  const size = input["image_size"];
  if (isObject(size)) return [asNumber(size["width"]) ?? 512, asNumber(size["height"]) ?? 512];
  return SIDES[asText(size)] ?? sidesOfPixels(asText(input["aspect_ratio"]), RATIO_PIXELS) ?? [1024, 1024];
}

function pictures(input: JsonObject, format: "png" | "jpeg" | "webp", count = asNumber(input["num_images"]) ?? 1): FileWish[] {
  const [width, height] = sidesOf(input);
  return Array.from({ length: count }, (_, index) => ({ kind: "picture" as const, width, height, format, seed: `${asText(input["prompt"])} ${index}` }));
}

const perImage = (price: number): Pick<Endpoint, "price" | "units"> => ({ price: { unit: "images", unit_price: price }, units: (_, made) => made });

const IDEOGRAM_PALETTES = ["EMBER", "FRESH", "JUNGLE", "MAGIC", "MELON", "MOSAIC", "PASTEL", "ULTRAMARINE"];
const IDEOGRAM_PRICES: Record<string, number> = { TURBO: 1, BALANCED: 2, QUALITY: 3 };
const ideogramRemix: Endpoint = {
  fields: {
    prompt: PROMPT,
    image_url: PICTURE,
    image_urls: { is: "list", of: { is: "file", kind: "picture" } },
    strength: { is: "number", least: 0.01, most: 1 },
    rendering_speed: { is: "text", values: ["TURBO", "BALANCED", "QUALITY"] },
    expand_prompt: FLAG,
    num_images: COUNT,
    seed: SEED,
    negative_prompt: { is: "text" },
    image_size: IMAGE_SIZE,
    style: { is: "text", values: ["AUTO", "GENERAL", "REALISTIC", "DESIGN"] },
    style_codes: { is: "list", of: { is: "text", pattern: /^[0-9a-fA-F]{8}$/ } },
    color_palette: { is: "object", fields: { name: { is: "text", values: IDEOGRAM_PALETTES }, members: { is: "list", of: { is: "object", fields: { rgb: { ...COLOUR, required: true }, color_weight: { is: "number", least: 0.05, most: 1 } } } } } },
    sync_mode: FLAG,
  },
  check: (input) => (input["style"] !== undefined && input["style"] !== null && Array.isArray(input["style_codes"]) ? { loc: ["body", "style_codes"], msg: "style and style_codes can not be used together", type: "value_error" } : undefined),
  seconds: 15,
  files: (input) => pictures(input, "png"),
  show: (_, images, __, seed) => ({ images, seed }),
  price: { unit: "units", unit_price: 0.03 },
  units: (input, made) => made * (IDEOGRAM_PRICES[asText(input["rendering_speed"]) || "BALANCED"] ?? 2),
};

const kontextMax: Endpoint = {
  fields: {
    prompt: PROMPT,
    image_url: PICTURE,
    aspect_ratio: { is: "text", values: RATIOS },
    guidance_scale: { is: "number", least: 1, most: 20 },
    num_images: { is: "integer", least: 1, most: 4 },
    output_format: { is: "text", values: ["jpeg", "png"] },
    safety_tolerance: { is: "text", values: ["1", "2", "3", "4", "5", "6"] },
    enhance_prompt: FLAG,
    seed: SEED,
    sync_mode: FLAG,
  },
  seconds: 10,
  images: true,
  files: (input) => pictures(input, input["output_format"] === "png" ? "png" : "jpeg"),
  show: (input, images, _, seed) => ({ images, timings: {}, seed, has_nsfw_concepts: images.map(() => false), prompt: asText(input["prompt"]) }),
  ...perImage(0.08),
};

/** Recraft's styles: four families, each alone or with a name of its own. */
const RECRAFT_STYLE = /^(?:any|(?:realistic_image|digital_illustration|vector_illustration)(?:\/[a-z0-9_]+)?)$/;
const recraftFields: Fields = { prompt: { is: "text", required: true, least: 1, most: 1000 }, style: { is: "text", pattern: RECRAFT_STYLE }, style_id: { is: "text" }, colors: { is: "list", of: COLOUR } };
const isVector = (input: JsonObject): boolean => asText(input["style"]).startsWith("vector_illustration");
const recraft = (more: Fields): Endpoint => ({
  fields: { ...recraftFields, ...more },
  seconds: 10,
  files: (input) => (isVector(input) ? pictures(input, "png", 1).map((one) => ({ kind: "drawing" as const, width: one.kind === "picture" ? one.width : 0, height: one.kind === "picture" ? one.height : 0, seed: asText(input["prompt"]) })) : pictures(input, "webp", 1)),
  show: (_, images) => ({ images }),
  price: { unit: "units", unit_price: 0.04 },
  units: (input, made) => made * (isVector(input) ? 2 : 1),
});

const seededit: Endpoint = {
  fields: { prompt: PROMPT, image_url: PICTURE, guidance_scale: UNIT, seed: SEED, enable_safety_checker: FLAG, sync_mode: FLAG },
  seconds: 10,
  images: true,
  files: (input) => pictures(input, "jpeg", 1),
  show: (_, [image], __, seed) => ({ ...(image ? { image } : {}), seed }),
  ...perImage(0.03),
};

/** The documented endpoints. */
export const PICTURE_ENDPOINTS: Record<string, Endpoint> = {
  "fal-ai/ideogram/v3/remix": ideogramRemix,
  "fal-ai/flux-pro/kontext/max": kontextMax,
  "fal-ai/recraft/v3/text-to-image": recraft({ image_size: IMAGE_SIZE, enable_safety_checker: FLAG }),
  "fal-ai/recraft/v3/image-to-image": recraft({ image_url: PICTURE, strength: UNIT, negative_prompt: { is: "text" }, sync_mode: FLAG }),
  "fal-ai/bytedance/seededit/v3/edit-image": seededit,
};

/** Any other endpoint whose name speaks of nothing else. */
export const anyPicture: Endpoint = {
  fields: { num_images: COUNT, image_size: IMAGE_SIZE, image_url: { is: "file", kind: "picture" }, image_urls: { is: "list", of: { is: "file", kind: "picture" } }, seed: SEED },
  seconds: 8,
  images: true,
  files: (input) => pictures(input, input["output_format"] === "png" ? "png" : "jpeg"),
  show: (input, images, _, seed) => ({ images, timings: { inference: 1 }, seed, has_nsfw_concepts: images.map(() => false), prompt: asText(asObject(input)["prompt"]) }),
  ...perImage(0.025),
};
