import type { InputRule, InputRules } from "./rule.ts";

const SAID: InputRule = { type: "string" };
const PROMPT: InputRule = { type: "string", required: true };
const FILE: InputRule = { type: "file", required: true };
const FILES: InputRule = { type: "list", of: { type: "file" } };
const WEIGHT: InputRule = { type: "integer", from: 1, to: 100 };
const SEED: InputRule = { type: "integer", from: 0, to: 2_147_483_647 };
const COUNT: InputRule = { type: "integer", from: 1, to: 8 };
const of = (words: string): InputRule => ({ type: "string", words: words.split(" ") });
const MAGIC = of("AUTO ON OFF");
/** Bytes of all style references together. */
const STYLES_MAX = 10 * 1024 * 1024;

const RESOLUTION = of(
  "512x1536 576x1408 576x1472 576x1536 640x1344 640x1408 640x1472 640x1536 704x1152 704x1216 704x1280 704x1344 704x1408 704x1472 736x1312 768x1088 768x1216 768x1280 768x1344 800x1280 832x960 832x1024 832x1088 832x1152 " +
    "832x1216 832x1248 864x1152 896x960 896x1024 896x1088 896x1120 896x1152 960x832 960x896 960x1024 960x1088 1024x832 1024x896 1024x960 1024x1024 1088x768 1088x832 1088x896 1088x960 1120x896 1152x704 1152x832 1152x864 " +
    "1152x896 1216x704 1216x768 1216x832 1248x832 1280x704 1280x768 1280x800 1312x736 1344x640 1344x704 1344x768 1408x576 1408x640 1408x704 1472x576 1472x640 1472x704 1536x512 1536x576 1536x640",
);
const PALETTE: InputRule = {
  type: "object",
  members: {
    name: of("EMBER FRESH JUNGLE MAGIC MELON MOSAIC PASTEL ULTRAMARINE"),
    members: { type: "list", of: { type: "object", members: { color_hex: { type: "string", required: true, form: /^#[0-9A-Fa-f]{6}$/ }, color_weight: { type: "number", from: 0.05, to: 1 } } } },
  },
};
const COMMON: InputRules = {
  seed: SEED, rendering_speed: of("FLASH TURBO DEFAULT QUALITY"), magic_prompt: MAGIC, num_images: COUNT, color_palette: PALETTE,
  style_codes: { type: "list", of: { type: "string", form: /^[0-9A-Fa-f]{8}$/ }, without: ["style_type", "style_reference_images"] },
  style_type: of("AUTO GENERAL REALISTIC DESIGN FICTION"), style_reference_images: { ...FILES, most: STYLES_MAX }, character_reference_images: { ...FILES, to: 1 }, character_reference_images_mask: { ...FILES, to: 1 },
};
const SIZED: InputRules = { resolution: RESOLUTION, aspect_ratio: { ...of("1x3 3x1 1x2 2x1 9x16 16x9 10x16 16x10 2x3 3x2 3x4 4x3 4x5 5x4 1x1"), without: ["resolution"] }, negative_prompt: SAID };

/** Fields of Ideogram 3.0's forms, by route below `/v1/ideogram-v3/` (https://developer.ideogram.ai/api-reference). */
export const IDEOGRAM_INPUTS = {
  generate: { prompt: PROMPT, ...COMMON, ...SIZED },
  edit: { prompt: PROMPT, image: FILE, mask: FILE, ...COMMON },
  remix: { prompt: PROMPT, image: FILE, image_weight: WEIGHT, ...COMMON, ...SIZED },
  reframe: { image: FILE, ...COMMON, resolution: { ...RESOLUTION, required: true } },
  "replace-background": { prompt: PROMPT, image: FILE, ...COMMON },
} satisfies Readonly<Record<string, InputRules>>;

/** Fields of the form of `/upscale`. */
export const IDEOGRAM_UPSCALE: InputRules = {
  image_file: FILE,
  image_request: { type: "object", required: true, members: { prompt: SAID, resemblance: WEIGHT, detail: WEIGHT, magic_prompt_option: MAGIC, num_images: COUNT, seed: SEED } },
};
