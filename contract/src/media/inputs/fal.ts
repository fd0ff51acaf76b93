import type { InputRule, InputRules } from "./rule.ts";
import { FAL_RECRAFT_STYLES } from "./recraft-styles.ts";

const TEXT: InputRule = { type: "string", required: true };
const SAID: InputRule = { type: "string" };
const PICTURE: InputRule = { type: "media", required: true };
const FLAG: InputRule = { type: "boolean" };
const SEED: InputRule = { type: "integer" };
const UNIT: InputRule = { type: "number", from: 0, to: 1 };
const PLACE: InputRule = { type: "integer" };
const of = (...words: (string | number)[]): InputRule => ({ type: typeof words[0] === "number" ? "integer" : "string", words });
/** fal's types have these numbers as texts, its models take both. */
const numbers = (...words: number[]): InputRule => ({ ...of(...words.map(String)), or: of(...words) });

const SIDE: InputRule = { type: "integer", from: 1, to: 14_142 };
const IMAGE_SIZE: InputRule = { ...of("square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"), or: { type: "object", members: { width: SIDE, height: SIDE } } };
const BYTE: InputRule = { type: "integer", from: 0, to: 255 };
const COLOUR: InputRule = { type: "object", members: { r: BYTE, g: BYTE, b: BYTE } };
const COLOURS: InputRule = { type: "list", of: COLOUR };
const PALETTE: InputRule = {
  type: "object",
  members: {
    name: of("EMBER", "FRESH", "JUNGLE", "MAGIC", "MELON", "MOSAIC", "PASTEL", "ULTRAMARINE"),
    members: { type: "list", of: { type: "object", members: { rgb: { ...COLOUR, required: true }, color_weight: { type: "number", from: 0.05, to: 1 } } } },
  },
};

const LANGUAGES =
  "Chinese/Chinese,Yue/English/Arabic/Russian/Spanish/French/Portuguese/German/Turkish/Dutch/Ukrainian/Vietnamese/Indonesian/Japanese/Italian/Korean/Thai/Polish/Romanian/Greek/Czech/Finnish/Hindi/" +
  "Bulgarian/Danish/Hebrew/Malay/Slovak/Swedish/Croatian/Hungarian/Norwegian/Slovenian/Catalan/Nynorsk/Afrikaans/auto";
const MINIMAX: InputRules = {
  text: { ...TEXT, most: 5_000 },
  voice_setting: {
    type: "object",
    members: { voice_id: SAID, speed: { type: "number", from: 0.5, to: 2 }, vol: { type: "number", from: 0, to: 10 }, pitch: { type: "integer", from: -12, to: 12 }, emotion: of("happy", "sad", "angry", "fearful", "disgusted", "surprised", "neutral"), english_normalization: FLAG },
  },
  audio_setting: {
    type: "object",
    members: { sample_rate: numbers(8000, 16000, 22050, 24000, 32000, 44100), bitrate: numbers(32000, 64000, 128000, 256000), format: of("mp3", "pcm", "flac"), channel: numbers(1, 2) },
  },
  language_boost: of(...LANGUAGES.split("/")),
  output_format: of("url", "hex"),
  pronunciation_dict: { type: "object", members: { tone_list: { type: "list", of: SAID } } },
};
const ELEVENLABS: InputRules = {
  text: TEXT, voice: SAID, stability: UNIT, similarity_boost: UNIT, style: UNIT, speed: { type: "number", from: 0.7, to: 1.2 }, language_code: SAID, previous_text: SAID, next_text: SAID, timestamps: FLAG,
  apply_text_normalization: of("auto", "on", "off"),
};
const REFRAMED: InputRules = {
  video_url: PICTURE, aspect_ratio: { ...of("1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21"), required: true }, prompt: SAID, image_url: { type: "media" },
  grid_position_x: PLACE, grid_position_y: PLACE, x_start: PLACE, x_end: PLACE, y_start: PLACE, y_end: PLACE,
};
const TOPAZ =
  "Proteus/Artemis HQ/Artemis MQ/Artemis LQ/Nyx/Nyx Fast/Nyx XL/Nyx HF/Gaia HQ/Gaia CG/Gaia 2/Starlight Precise 1/Starlight Precise 2/Starlight Precise 2.5/Starlight HQ/Starlight Mini/Starlight Sharp/Starlight Fast 1/Starlight Fast 2";
const RECRAFT: InputRules = { prompt: TEXT, style: of(...FAL_RECRAFT_STYLES), style_id: SAID, colors: COLOURS };

/** Inputs of the documented models of fal's (SDK `@fal-ai/client`, endpoint types; each model's API page). Others are the model's own to refuse. */
export const FAL_INPUTS: Readonly<Record<string, InputRules>> = {
  "fal-ai/ideogram/v3/remix": {
    prompt: TEXT, image_url: PICTURE, image_urls: { type: "list", of: { type: "media" } }, strength: UNIT, rendering_speed: of("TURBO", "BALANCED", "QUALITY"), color_palette: PALETTE,
    style_codes: { type: "list", of: { type: "string", form: /^[0-9a-fA-F]{8}$/ }, without: ["style", "image_urls"] }, style: of("AUTO", "GENERAL", "REALISTIC", "DESIGN"),
    expand_prompt: FLAG, num_images: { type: "integer", from: 1, to: 8 }, seed: SEED, image_size: IMAGE_SIZE, negative_prompt: SAID, sync_mode: FLAG,
  },
  "fal-ai/flux-pro/kontext/max": {
    prompt: TEXT, image_url: PICTURE, guidance_scale: { type: "number", from: 1, to: 20 }, num_images: { type: "integer", from: 1, to: 4 }, output_format: of("jpeg", "png"), safety_tolerance: of("1", "2", "3", "4", "5", "6"),
    aspect_ratio: of("21:9", "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "9:21"), seed: SEED, enhance_prompt: FLAG, sync_mode: FLAG,
  },
  "fal-ai/recraft/v3/text-to-image": { ...RECRAFT, image_size: IMAGE_SIZE, enable_safety_checker: FLAG },
  "fal-ai/recraft/v3/image-to-image": { ...RECRAFT, image_url: PICTURE, strength: UNIT, negative_prompt: SAID, sync_mode: FLAG },
  "fal-ai/bytedance/seededit/v3/edit-image": { prompt: TEXT, image_url: PICTURE, guidance_scale: UNIT, seed: SEED, enable_safety_checker: FLAG, sync_mode: FLAG },
  "fal-ai/minimax/speech-02-hd": MINIMAX,
  "fal-ai/minimax/speech-02-turbo": MINIMAX,
  "fal-ai/elevenlabs/tts/turbo-v2.5": ELEVENLABS,
  "fal-ai/elevenlabs/tts/multilingual-v2": ELEVENLABS,
  "fal-ai/topaz/upscale/video": {
    video_url: PICTURE, upscale_factor: { type: "number", from: 1, to: 8 }, target_fps: { type: "integer", from: 16, to: 60 }, model: of(...TOPAZ.split("/")),
    compression: UNIT, noise: UNIT, halo: UNIT, recover_detail: UNIT, grain: UNIT, H264_output: FLAG,
  },
  "fal-ai/luma-dream-machine/ray-2-flash/reframe": REFRAMED,
  "fal-ai/luma-dream-machine/ray-2/reframe": REFRAMED,
};
