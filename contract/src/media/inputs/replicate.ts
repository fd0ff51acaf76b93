import type { InputRule, InputRules } from "./rule.ts";

const PROMPT: InputRule = { type: "string", required: true };
const PICTURE: InputRule = { type: "media" };
const FLAG: InputRule = { type: "boolean" };
const SIDE: InputRule = { type: "integer", from: 256, to: 1440 };
const of = (words: string): InputRule => ({ type: "string", words: words.split(" ") });

/** What all of them know alike. A model that does not know a member passes it over. */
const COMMON: InputRules = { prompt: PROMPT, seed: { type: "integer" }, safety_tolerance: { type: "integer", from: 0, to: 6 }, prompt_upsampling: FLAG, raw: FLAG, input_image: PICTURE, image_prompt: PICTURE };

const KONTEXT: InputRules = {
  ...COMMON,
  aspect_ratio: of("match_input_image 1:1 16:9 9:16 4:3 3:4 3:2 2:3 4:5 5:4 21:9 9:21 2:1 1:2"),
  output_format: of("png jpg"),
  safety_tolerance: { type: "integer", from: 0, to: 6, toBeside: { name: "input_image", to: 2 } },
};

/** Inputs of the documented models of Replicate's (each model's schema at replicate.com). Others are the model's own to refuse. */
export const REPLICATE_INPUTS: Readonly<Record<string, InputRules>> = {
  "black-forest-labs/flux-kontext-pro": KONTEXT,
  "black-forest-labs/flux-kontext-max": KONTEXT,
  "black-forest-labs/flux-pro": {
    ...COMMON,
    aspect_ratio: of("custom 1:1 16:9 3:2 2:3 4:5 5:4 9:16 3:4 4:3"), width: SIDE, height: SIDE,
    steps: { type: "integer", from: 1, to: 50 }, guidance: { type: "number", from: 2, to: 5 }, interval: { type: "number", from: 1, to: 4 },
    output_format: of("webp jpg png"), output_quality: { type: "integer", from: 0, to: 100 }, safety_tolerance: { type: "integer", from: 1, to: 6 },
  },
  "black-forest-labs/flux-1.1-pro-ultra": {
    ...COMMON,
    aspect_ratio: of("21:9 16:9 3:2 4:3 5:4 1:1 4:5 3:4 2:3 9:16 9:21"), image_prompt_strength: { type: "number", from: 0, to: 1 },
    output_format: of("jpg png"), safety_tolerance: { type: "integer", from: 1, to: 6 },
  },
  "google/imagen-4": { ...COMMON, aspect_ratio: of("1:1 9:16 16:9 3:4 4:3"), safety_filter_level: of("block_low_and_above block_medium_and_above block_only_high"), output_format: of("jpg png") },
};
