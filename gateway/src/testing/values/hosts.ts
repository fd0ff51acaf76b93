import { each, type ValueCase } from "./case.ts";

const PICTURE = "https://example.com/a.png";
const FILM = "https://example.com/a.mp4";

/** Replicate's members stand in `input`. */
const replicate = (model: string, good: Readonly<Record<string, unknown>>, wrong: readonly (readonly [string, ...unknown[]])[], taken: readonly Readonly<Record<string, unknown>>[]): ValueCase => ({
  door: "Replicate", path: `/replicate/v1/models/${model}/predictions`,
  wrong: each(good, wrong).map(([member, input]) => [member, { input }] as const), taken: taken.map((input) => ({ input: { ...good, ...input } })),
});
const KONTEXT = [
  ["aspect_ratio", "7:7", "", 5], ["output_format", "gif", "webp"], ["safety_tolerance", 7, -1, "2", 1.5], ["input_image", "foo", "ftp://x/a.png", "", 5], ["prompt_upsampling", "x"], ["seed", 1.5, "1"],
] as const;

export const REPLICATE_VALUES: readonly ValueCase[] = [
  replicate("black-forest-labs/flux-kontext-pro", { prompt: "x" }, KONTEXT, [{ aspect_ratio: "9:21", output_format: "jpg", safety_tolerance: 6, prompt_upsampling: true, seed: 0 }, { input_image: PICTURE, safety_tolerance: 2, aspect_ratio: "match_input_image" }]),
  replicate("black-forest-labs/flux-kontext-max", { prompt: "x", input_image: PICTURE }, [...KONTEXT, ["safety_tolerance", 3, 6]], [{ safety_tolerance: 0, output_format: "png" }]),
  replicate("black-forest-labs/flux-pro", { prompt: "x" }, [["aspect_ratio", "21:9"], ["steps", 500, 0, 2.5], ["guidance", 50, 1], ["interval", 9, 0], ["output_format", "gif"], ["output_quality", 101], ["safety_tolerance", 0, 7], ["width", 100], ["height", 2_000]], [{ aspect_ratio: "custom", width: 256, height: 1440, steps: 50, guidance: 2, interval: 4, output_format: "webp", output_quality: 0, safety_tolerance: 6, image_prompt: PICTURE }]),
  replicate("black-forest-labs/flux-1.1-pro-ultra", { prompt: "x" }, [["aspect_ratio", "5:7"], ["image_prompt_strength", 4, -0.1], ["image_prompt", "foo"], ["output_format", "webp"], ["raw", "x"], ["safety_tolerance", 0]], [{ aspect_ratio: "9:21", raw: true, image_prompt: PICTURE, image_prompt_strength: 1, safety_tolerance: 1, output_format: "png", seed: 5 }]),
  replicate("google/imagen-4", { prompt: "x" }, [["aspect_ratio", "2:1"], ["output_format", "webp"], ["safety_filter_level", "block_none", 1]], [{ aspect_ratio: "3:4", output_format: "jpg", safety_filter_level: "block_only_high" }]),
];

const fal = (model: string, good: Readonly<Record<string, unknown>>, wrong: readonly (readonly [string, ...unknown[]])[], taken: readonly Readonly<Record<string, unknown>>[]): ValueCase => ({
  door: "fal", path: `/fal-ai/${model}`, wrong: each(good, wrong), taken: taken.map((more) => ({ ...good, ...more })),
});
const NO_MEDIA = ["foo", "ftp://x/a.png", "javascript:alert(1)", "http://", 5, ["x"]] as const;
const SPEECH = [
  ["voice_setting", "x", { speed: 5 }, { pitch: 0.5 }, { vol: 11 }, { emotion: "bored" }, { english_normalization: "yes" }], ["audio_setting", { sample_rate: 1 }, { bitrate: "1" }, { format: "wav" }, { channel: 3 }, []], ["language_boost", "Klingon"],
  ["output_format", "wav"], ["pronunciation_dict", { tone_list: "x" }, { tone_list: [5] }], ["text", "x".repeat(5_001), ""],
] as const;
const RECRAFT = [["style", "foo", "realistic_image/foo"], ["colors", "red", [{ r: 256, g: 0, b: 0 }], ["red"]], ["style_id", 5]] as const;
const VOICE = [["stability", 2], ["similarity_boost", -1], ["style", "x"], ["speed", 0.6, 3], ["apply_text_normalization", "maybe"], ["timestamps", "yes"], ["previous_text", 5]] as const;
const FRAME = [["video_url", ...NO_MEDIA], ["aspect_ratio", "5:1", undefined], ["image_url", "foo"], ["grid_position_x", "left"], ["x_end", 0.5]] as const;

export const FAL_VALUES: readonly ValueCase[] = [
  fal("ideogram/v3/remix", { prompt: "x", image_url: PICTURE },
    [["image_url", ...NO_MEDIA, undefined], ["image_urls", "x", ["foo"]], ["strength", 2, "high"], ["rendering_speed", "FAST"], ["image_size", "huge", { width: 0 }, { height: "tall" }], ["style_codes", "zz", ["zz"]], ["style", "FOO"], ["color_palette", "x", { name: "NONE" }, { members: [{ color_weight: 1 }] }, { members: [{ rgb: { r: 300 } }] }], ["num_images", 0, 9], ["expand_prompt", "yes"], ["negative_prompt", 5]],
    [{ strength: 1, rendering_speed: "TURBO", image_size: { width: 512, height: 768 }, style_codes: ["0011aabb"], color_palette: { members: [{ rgb: { r: 0, g: 255, b: 7 }, color_weight: 0.5 }] }, num_images: 1, expand_prompt: false, seed: 1, negative_prompt: "" }, { image_size: "square", style: "DESIGN", image_urls: [PICTURE], color_palette: { name: "EMBER" } }]),
  fal("flux-pro/kontext/max", { prompt: "x", image_url: PICTURE }, [["image_url", ...NO_MEDIA], ["aspect_ratio", "5:4"], ["guidance_scale", 0, 21], ["num_images", 5], ["output_format", "gif"], ["safety_tolerance", "7", 2], ["enhance_prompt", 1]], [{ aspect_ratio: "9:21", guidance_scale: 20, num_images: 1, output_format: "png", safety_tolerance: "6", seed: 3, enhance_prompt: true }]),
  fal("recraft/v3/text-to-image", { prompt: "x" }, [...RECRAFT, ["image_size", "huge"], ["enable_safety_checker", "no"]], [{ style: "digital_illustration/80s", colors: [{ r: 1, g: 2, b: 3 }], image_size: "landscape_16_9", enable_safety_checker: true }, { style: "any" }]),
  fal("recraft/v3/image-to-image", { prompt: "x", image_url: PICTURE }, [...RECRAFT, ["image_url", ...NO_MEDIA], ["strength", 2, -1], ["negative_prompt", []]], [{ style: "vector_illustration/thin", strength: 0, negative_prompt: "red" }]),
  fal("bytedance/seededit/v3/edit-image", { prompt: "x", image_url: PICTURE }, [["image_url", ...NO_MEDIA], ["guidance_scale", 2], ["seed", 1.5], ["sync_mode", "yes"]], []),
  fal("minimax/speech-02-hd", { text: "x" }, SPEECH, [{ voice_setting: { voice_id: "Wise_Woman", speed: 0.5, vol: 10, pitch: -12, emotion: "fearful", english_normalization: true }, audio_setting: { sample_rate: 44_100, bitrate: "128000", format: "flac", channel: 2 }, language_boost: "Vietnamese", output_format: "url", pronunciation_dict: { tone_list: ["x/(y)"] } }]),
  fal("minimax/speech-02-turbo", { text: "x" }, SPEECH, [{ language_boost: "Chinese,Yue", audio_setting: { channel: "1", sample_rate: "8000" } }]),
  fal("elevenlabs/tts/turbo-v2.5", { text: "x" }, VOICE, [{ voice: "Rachel", stability: 1, similarity_boost: 0, style: 0.5, speed: 1.2, language_code: "vi", apply_text_normalization: "auto", timestamps: false }]),
  fal("elevenlabs/tts/multilingual-v2", { text: "x" }, VOICE, [{ speed: 0.7, next_text: "y" }]),
  fal("topaz/upscale/video", { video_url: FILM }, [["video_url", ...NO_MEDIA], ["upscale_factor", 100, 0], ["target_fps", 5, 90, 24.5], ["model", "Foo"], ["noise", 2], ["grain", -1], ["H264_output", "yes"]], []),
  fal("luma-dream-machine/ray-2-flash/reframe", { video_url: FILM, aspect_ratio: "1:1" }, FRAME, []),
  fal("luma-dream-machine/ray-2/reframe", { video_url: FILM, aspect_ratio: "1:1" }, FRAME, []),
];
