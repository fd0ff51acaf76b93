import type { InputRule, InputRules } from "./rule.ts";

const of = (...words: string[]): InputRule => ({ type: "string", words });
const PROMPT: InputRule = { type: "string", most: 2_500 };
const UNIT: InputRule = { type: "number", from: 0, to: 1 };
const STEP: InputRule = { type: "number", from: -10, to: 10 };
/** Kling takes 10 MB of JPEG or PNG, with sides of 300 pixels at least, none more than two and a half times the other. */
const PICTURE: InputRule = { type: "bare", types: ["image/png", "image/jpeg"], most: 10 * 1024 * 1024, side: 300, shape: 2.5 };
const MASK: InputRule = { type: "bare", types: ["image/png", "image/jpeg"], most: 10 * 1024 * 1024 };
const COMMON: InputRules = { model_name: { type: "string" }, external_task_id: { type: "string", least: 1, most: 100 } };

const FILM: InputRules = {
  ...COMMON,
  negative_prompt: PROMPT,
  cfg_scale: UNIT,
  mode: of("std", "pro", "4k"),
  sound: of("on", "off"),
  aspect_ratio: of("16:9", "9:16", "1:1"),
  duration: { type: "number", written: true },
  camera_control: {
    type: "object",
    members: { type: { ...of("simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward"), required: true }, config: { type: "object", members: { horizontal: STEP, vertical: STEP, pan: STEP, tilt: STEP, roll: STEP, zoom: STEP } } },
  },
  watermark_info: { type: "object", members: { enabled: { type: "boolean" } } },
};

/** Inputs of Kling's orders (https://app.klingai.com/global/dev/document-api), by path below `/v1`. */
export const KLING_INPUTS = {
  "videos/text2video": { prompt: { ...PROMPT, required: true }, ...FILM },
  "videos/image2video": {
    prompt: PROMPT,
    image: PICTURE,
    image_tail: { ...PICTURE, without: ["static_mask", "dynamic_masks", "camera_control"] },
    static_mask: { ...MASK, without: ["camera_control"] },
    dynamic_masks: {
      type: "list", to: 6, without: ["camera_control"],
      of: { type: "object", members: { mask: { ...MASK, required: true }, trajectories: { type: "list", from: 2, to: 77, of: { type: "object", members: { x: { type: "integer", required: true }, y: { type: "integer", required: true } } } } } },
    },
    ...FILM,
  },
  "images/generations": {
    prompt: { ...PROMPT, required: true },
    ...COMMON,
    negative_prompt: PROMPT,
    image: PICTURE,
    image_reference: { ...of("subject", "face"), beside: ["image"] },
    image_fidelity: UNIT,
    human_fidelity: UNIT,
    resolution: of("1k", "2k"),
    n: { type: "integer", from: 1, to: 9 },
    aspect_ratio: of("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9"),
  },
  "images/kolors-virtual-try-on": { ...COMMON, human_image: { ...PICTURE, required: true }, cloth_image: { ...PICTURE, required: true } },
} satisfies Readonly<Record<string, InputRules>>;
