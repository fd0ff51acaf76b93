import type { InputRule, InputRules, ModelRules } from "./rule.ts";

const SAID: InputRule = { type: "string" };
const PICTURE: InputRule = { type: "picture" };
const FLAG: InputRule = { type: "boolean" };
const NUMBER: InputRule = { type: "number", written: true };
const of = (...words: string[]): InputRule => ({ type: "string", words });

/** Orders of MiniMax' films, by model (https://platform.minimax.io/docs/api-reference/video-generation). Seconds and lines are looked at with the price. */
export const HAILUO_INPUTS: ModelRules = [
  [/^/, {
    prompt: { type: "string", most: 2_000 }, first_frame_image: PICTURE, last_frame_image: PICTURE, prompt_optimizer: FLAG, fast_pretreatment: FLAG, aigc_watermark: FLAG, duration: NUMBER, resolution: SAID,
    subject_reference: { type: "list", from: 1, to: 1, of: { type: "object", members: { type: { ...of("character"), required: true }, image: { type: "list", from: 1, to: 1, of: PICTURE, or: PICTURE, required: true } } } },
  }],
  [/^T2V-01/, { prompt: { type: "string", required: true, most: 2_000 } }],
  [/^I2V-01|^MiniMax-Hailuo-2\.3-Fast$/, { first_frame_image: { ...PICTURE, required: true } }],
];
/** The model that makes films of a person that is given. */
export const HAILUO_SUBJECT = "S2V-01";

/** Orders of Seedance's films, flags of the prompt included (https://www.volcengine.com/docs/82379/1520757). Seconds and lines are looked at with the price. */
export const SEEDANCE_INPUTS: InputRules = {
  content: {
    type: "list", required: true, from: 1, to: 32,
    of: {
      type: "object",
      members: {
        type: { ...of("text", "image_url", "video_url", "audio_url", "draft_task"), required: true },
        role: of("first_frame", "last_frame", "reference_image", "reference_video", "reference_audio"),
        text: SAID,
        image_url: { type: "object", members: { url: { ...PICTURE, required: true } } },
        video_url: { type: "object", members: { url: { type: "media", required: true } } },
        audio_url: { type: "object", members: { url: { type: "media", required: true } } },
      },
    },
  },
  resolution: SAID,
  // The last two are those of Lite and of films of a picture.
  ratio: of("16:9", "4:3", "1:1", "3:4", "9:16", "21:9", "adaptive", "9:21", "keep_ratio"),
  duration: NUMBER, frames: { type: "integer", written: true, from: 1 }, seed: { type: "integer", written: true, from: -1, to: 4_294_967_295 },
  watermark: FLAG, camera_fixed: FLAG, generate_audio: FLAG, return_last_frame: FLAG, draft: FLAG, execution_expires_after: { type: "integer", from: 3_600, to: 259_200 }, safety_identifier: SAID,
};

/** Orders at Pika's door. Of its options a ratio is one that Pika itself took (0.4 to 2.5); the others' bounds are those of sense. */
export const PIKA_INPUTS: InputRules = {
  promptText: { type: "string", required: true, most: 5_000 },
  pikaffect: of("Levitate", "Decapitate", "Eye-pop", "Ta-da", "Deflate", "Crumble", "Dissolve", "Squish", "Inflate", "Melt", "Crush", "Cake-ify", "Explode"),
  model: of("1.5", "2.0", "2.2"),
  image: PICTURE,
  options: {
    type: "object",
    members: {
      aspectRatio: { type: "number", written: true, from: 0.4, to: 2.5 }, frameRate: { type: "number", written: true, from: 1, to: 60 }, seed: { type: "integer" }, extend: FLAG, camera: { type: "object" },
      parameters: { type: "object", members: { guidanceScale: { type: "number", from: 0, to: 30 }, motion: { type: "number", from: 0, to: 4 }, negativePrompt: SAID } },
    },
  },
};

const RATIO = of("1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21");
/** Luma's prompts. */
const PROMPT: InputRule = { type: "string", least: 3, most: 5_000 };

/** Orders at Luma's documented door. */
export const LUMA_INPUTS: InputRules = { user_prompt: { ...PROMPT, required: true }, model_name: SAID, image_url: PICTURE, image_end_url: PICTURE, duration: NUMBER, resolution: SAID, aspect_ratio: RATIO, loop: FLAG, expand_prompt: FLAG };

const REFERENCE: InputRule = { type: "object", members: { url: { ...PICTURE, required: true }, weight: { type: "number", from: 0, to: 1 } } };
const REFERENCES: InputRule = { type: "list", to: 4, of: REFERENCE, or: REFERENCE };
/** Orders in the words of Luma's own interface (SDK `lumaai`, create parameters), under its names and those of `@ai-sdk/luma`. */
export const DREAM_INPUTS = {
  video: { prompt: PROMPT, aspect_ratio: RATIO, loop: FLAG, resolution: SAID, duration: NUMBER, keyframes: { type: "object" }, concepts: { type: "list", of: { type: "object", members: { key: { type: "string", required: true } } } } },
  image: { prompt: PROMPT, aspect_ratio: RATIO, format: of("jpg", "png"), image_ref: REFERENCES, image: REFERENCES, style_ref: REFERENCES, style: REFERENCES, modify_image_ref: REFERENCE, modify_image: REFERENCE, character_ref: { type: "object" }, sync: FLAG, sync_timeout: { type: "number", from: 1 } },
} satisfies Readonly<Record<string, InputRules>>;

/** What Veo itself is asked for, by its id in the catalog: at the door of New API's words, and in Google's (https://ai.google.dev/gemini-api/docs/video). Seconds, and lines of those that have them in their price, are looked at with it. */
export const VEO_INPUTS: ModelRules = [
  [/^/, { aspect_ratio: of("16:9", "9:16"), seed: { type: "integer", from: 0, to: 4_294_967_295 }, negative_prompt: SAID, enhance_prompt: FLAG, duration: NUMBER, resolution: SAID }],
  [/^veo-3\.0|^veo3-/, { resolution: of("720p", "1080p") }],
  [/^veo-2|^veo2-fast-frames/, { resolution: of("720p") }],
];
export const GOOGLE_VEO_INPUTS: ModelRules = [
  [/^/, {
    aspectRatio: of("16:9", "9:16"), seed: { type: "integer", written: true, from: 0, to: 4_294_967_295 }, negativePrompt: SAID, enhancePrompt: FLAG, durationSeconds: NUMBER, resolution: SAID,
    // The SDK's types have them in capitals too.
    personGeneration: of("allow_all", "allow_adult", "dont_allow", "ALLOW_ALL", "ALLOW_ADULT", "DONT_ALLOW"),
  }],
  ...VEO_INPUTS.slice(1),
];
