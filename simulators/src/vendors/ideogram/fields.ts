/** What Ideogram 3.0's routes take (its API reference). */
import type { Fields, Rule } from "../../kit/fields.ts";

/** The fixed sizes. */
const RESOLUTIONS = (
  "512x1536 576x1408 576x1472 576x1536 640x1344 640x1408 640x1472 640x1536 704x1152 704x1216 704x1280 704x1344 704x1408 704x1472 736x1312 768x1088 768x1216 768x1280 768x1344 " +
  "800x1280 832x960 832x1024 832x1088 832x1152 832x1216 832x1248 864x1152 896x960 896x1024 896x1088 896x1120 896x1152 960x832 960x896 960x1024 960x1088 1024x832 1024x896 " +
  "1024x960 1024x1024 1088x768 1088x832 1088x896 1088x960 1120x896 1152x704 1152x832 1152x864 1152x896 1216x704 1216x768 1216x832 1248x832 1280x704 1280x768 1280x800 1312x736 " +
  "1344x640 1344x704 1344x768 1408x576 1408x640 1408x704 1472x576 1472x640 1472x704 1536x512 1536x576 1536x640"
).split(" ");

const PRESETS = (
  "80S_ILLUSTRATION 90S_NOSTALGIA ABSTRACT_ORGANIC ANALOG_NOSTALGIA ART_BRUT ART_DECO ART_POSTER AURA AVANT_GARDE BAUHAUS BLUEPRINT BLURRY_MOTION BRIGHT_ART C4D_CARTOON CHILDRENS_BOOK " +
  "COLLAGE COLORING_BOOK_I COLORING_BOOK_II CUBISM DARK_AURA DOODLE DOUBLE_EXPOSURE DRAMATIC_CINEMA EDITORIAL EMOTIONAL_MINIMAL ETHEREAL_PARTY EXPIRED_FILM FLAT_ART FLAT_VECTOR " +
  "FOREST_REVERIE GEO_MINIMALIST GLASS_PRISM GOLDEN_HOUR GRAFFITI_I GRAFFITI_II HALFTONE_PRINT HIGH_CONTRAST HIPPIE_ERA ICONIC JAPANDI_FUSION JAZZY LONG_EXPOSURE MAGAZINE_EDITORIAL " +
  "MINIMAL_ILLUSTRATION MIXED_MEDIA MONOCHROME NIGHTLIFE OIL_PAINTING OLD_CARTOONS PAINT_GESTURE POP_ART RETRO_ETCHING RIVIERA_POP SPOTLIGHT_80S STYLIZED_RED SURREAL_COLLAGE TRAVEL_POSTER " +
  "VINTAGE_GEO VINTAGE_POSTER WATERCOLOR WEIRD WOODBLOCK_PRINT"
).split(" ");
const PALETTES = ["EMBER", "FRESH", "JUNGLE", "MAGIC", "MELON", "MOSAIC", "PASTEL", "ULTRAMARINE"];
const RATIOS = ["1x3", "3x1", "1x2", "2x1", "9x16", "16x9", "10x16", "16x10", "2x3", "3x2", "3x4", "4x3", "4x5", "5x4", "1x1"];

const PROMPT: Rule = { is: "text", required: true, least: 1 };
const PICTURE: Rule = { is: "file", kind: "picture", required: true };
const PICTURES: Rule = { is: "list", of: { is: "file", kind: "picture" } };
const CHARACTERS: Rule = { ...PICTURES, most: 1 };
const SEED: Rule = { is: "integer", least: 0, most: 2_147_483_647 };
const COUNT: Rule = { is: "integer", least: 1, most: 8 };
const MAGIC: Rule = { is: "text", values: ["AUTO", "ON", "OFF"] };
const WEIGHT: Rule = { is: "integer", least: 1, most: 100 };

const common: Fields = {
  seed: SEED,
  rendering_speed: { is: "text", values: ["FLASH", "TURBO", "DEFAULT", "QUALITY"] },
  magic_prompt: MAGIC,
  num_images: COUNT,
  color_palette: {
    is: "object",
    fields: { name: { is: "text", values: PALETTES }, members: { is: "list", of: { is: "object", fields: { color_hex: { is: "text", required: true, pattern: /^#[0-9A-Fa-f]{6}$/ }, color_weight: { is: "number", least: 0.05, most: 1 } } } } },
  },
  style_codes: { is: "list", of: { is: "text", pattern: /^[0-9A-Fa-f]{8}$/ } },
  style_type: { is: "text", values: ["AUTO", "GENERAL", "REALISTIC", "DESIGN", "FICTION"] },
  style_preset: { is: "text", values: PRESETS },
  style_reference_images: PICTURES,
  character_reference_images: CHARACTERS,
  character_reference_images_mask: CHARACTERS,
};
const sized: Fields = { resolution: { is: "text", values: RESOLUTIONS }, aspect_ratio: { is: "text", values: RATIOS } };
const NEGATIVE: Fields = { negative_prompt: { is: "text" } };

/** Fields by route below `/v1/ideogram-v3/`. */
export const ROUTES: Record<string, Fields> = {
  generate: { prompt: PROMPT, ...common, ...sized, ...NEGATIVE, custom_model_uri: { is: "text" }, enable_copyright_detection: { is: "flag" } },
  edit: { image: PICTURE, mask: PICTURE, prompt: PROMPT, ...common },
  remix: { image: PICTURE, prompt: PROMPT, image_weight: WEIGHT, ...common, ...sized, ...NEGATIVE },
  reframe: { image: PICTURE, resolution: { is: "text", required: true, values: RESOLUTIONS }, ...common },
  "replace-background": { image: PICTURE, prompt: PROMPT, ...common },
};

/** Fields of `/upscale`, and of its `image_request`. */
export const UPSCALE: Fields = { image_file: PICTURE, image_request: { is: "object", required: true, fields: { prompt: { is: "text" }, resemblance: WEIGHT, detail: WEIGHT, magic_prompt_option: MAGIC, num_images: COUNT, seed: SEED } } };
