import { each, type ValueCase } from "./case.ts";

const PICTURE = "https://example.com/a.png";
const NO_PICTURE = ["foo", "ftp://x/a.png", 5, ["x"], "@data:text", "@small", "@data:small", "@long", "@webp-base64"] as const;
const FILM = [
  ["camera_control", "x", {}, { type: "upside" }, { type: "simple" }, { type: "simple", config: { horizontal: 50 } }, { type: "simple", config: { pan: 1, tilt: 1 } }, { type: "down_back", config: { zoom: 1 } }, { type: "simple", config: { zoom: "x" } }],
  ["cfg_scale", 2, -1, "0.5"], ["mode", "best", 5], ["aspect_ratio", "4:3"], ["duration", "long", []], ["sound", "loud"], ["negative_prompt", 5, "x".repeat(2_501)], ["external_task_id", "x".repeat(101)], ["watermark_info", "yes", { enabled: "yes" }],
] as const;

export const KLING_VALUES: readonly ValueCase[] = [
  {
    door: "Kling: text2video", path: "/kling/v1/videos/text2video", wrong: each({ prompt: "x" }, [["prompt", "x".repeat(2_501), ""], ...FILM]),
    taken: [{ prompt: "x", camera_control: { type: "simple", config: { horizontal: -10 } }, cfg_scale: 1, mode: "pro", aspect_ratio: "9:16", duration: 10, negative_prompt: "" }, { prompt: "x", camera_control: { type: "down_back" }, mode: "", model_name: "", watermark_info: { enabled: true } }],
  },
  {
    door: "Kling: text2video", path: "/kling/v1/videos/image2video",
    wrong: each({ image: PICTURE }, [
      ["image", ...NO_PICTURE, undefined], ["image_tail", ...NO_PICTURE], ["static_mask", "foo"], ...FILM,
      ["dynamic_masks", "x", [{ mask: "foo" }], [{ mask: PICTURE, trajectories: [{ x: 1, y: 1 }] }], [{ mask: PICTURE, trajectories: [{ x: 1, y: 1 }, { x: 1.5, y: 1 }] }]],
    ]).concat([["image_tail", { image: PICTURE, image_tail: PICTURE, static_mask: PICTURE }], ["image_tail", { image: PICTURE, image_tail: PICTURE, camera_control: { type: "down_back" } }]]),
    taken: [{ image: "@data:png", prompt: "x", duration: "5" }, { image: "@base64", image_tail: "@base64" }, { image: PICTURE, static_mask: "@data:png", dynamic_masks: [{ mask: "@data:png", trajectories: [{ x: 0, y: 0 }, { x: 5, y: 9 }] }] }],
  },
  {
    door: "Kling: images", path: "/kling/v1/images/generations",
    wrong: each({ prompt: "x", image: PICTURE }, [["image", ...NO_PICTURE], ["image_fidelity", 2, "x"], ["human_fidelity", -1], ["image_reference", "hand"], ["n", 0, 10, 1.5, "2"], ["resolution", "4k"], ["aspect_ratio", "7:1"], ["negative_prompt", []]]).concat([["image_reference", { prompt: "x", image_reference: "face" }]]),
    taken: [{ prompt: "x", model_name: "kling-v1-5", image: "@data:png", image_reference: "subject", image_fidelity: 0, human_fidelity: 1 }, { prompt: "x", n: 2, resolution: "2k", aspect_ratio: "21:9" }],
  },
  { door: "Kling: try-on", path: "/kling/v1/images/kolors-virtual-try-on", wrong: each({ human_image: PICTURE, cloth_image: PICTURE }, [["human_image", undefined, ...NO_PICTURE], ["cloth_image", undefined, ...NO_PICTURE]]), taken: [{ human_image: "@data:png", cloth_image: "@base64" }] },
];

const NONE = ["foo", "ftp://x/a.png", 5] as const;
const hailuo = (good: Readonly<Record<string, unknown>>, wrong: Parameters<typeof each>[1], taken: readonly Readonly<Record<string, unknown>>[]): ValueCase => ({ door: "Hailuo", path: "/minimax/v1/video_generation", wrong: each(good, wrong), taken: taken.map((more) => ({ ...good, ...more })) });
const face = (image: unknown, type: unknown = "character"): object => ({ subject_reference: [{ type, image }] });

export const HAILUO_VALUES: readonly ValueCase[] = [
  hailuo({ model: "MiniMax-Hailuo-02", prompt: "x" }, [
    ["prompt", "x".repeat(2_001), 5, undefined], ["first_frame_image", ...NONE], ["last_frame_image", ...NONE], ["prompt_optimizer", "yes"], ["fast_pretreatment", 1], ["aigc_watermark", "no"], ["duration", 7, "long"], ["resolution", "8k", 768],
    ["subject_reference", "x", [], [{ type: "animal", image: [PICTURE] }], [{ image: [PICTURE] }], [{ type: "character" }], [{ type: "character", image: [] }], [{ type: "character", image: ["foo"] }]],
  ], [{ duration: 10, resolution: "768P", prompt_optimizer: false, fast_pretreatment: true, aigc_watermark: false }, { first_frame_image: PICTURE, last_frame_image: "@data:png", resolution: "512P", duration: "6" }]),
  { door: "Hailuo", path: "/minimax/v1/video_generation", wrong: [["first_frame_image", { model: "MiniMax-Hailuo-02", prompt: "x", resolution: "512P" }], ["first_frame_image", { model: "I2V-01", prompt: "x" }], ["first_frame_image", { model: "I2V-01-live", prompt: "x" }], ["first_frame_image", { model: "MiniMax-Hailuo-2.3-Fast", prompt: "x" }], ["subject_reference", { model: "S2V-01", prompt: "x" }], ["prompt", { model: "T2V-01", prompt: " " }]], taken: [{ model: "I2V-01", first_frame_image: PICTURE }, { model: "S2V-01", prompt: "x", ...face([PICTURE]) }, { model: "T2V-01", prompt: "x" }] },
];

const TEXT = { type: "text", text: "x" };
const image = (url: unknown, more: object = {}): object => ({ type: "image_url", image_url: { url }, ...more });
const SEEDANCE = { model: "doubao-seedance-1-0-pro-250528", content: [TEXT] };
const flagged = (flags: string): object => ({ content: [{ type: "text", text: `x ${flags}` }] });

export const SEEDANCE_VALUES: readonly ValueCase[] = [
  {
    door: "Seedance", path: "/seedance/v3/contents/generations/tasks",
    wrong: [
      ...each(SEEDANCE, [
        ["content", "x", [], [5], [{ type: "audio" }], [{ text: "x" }], [TEXT, image("foo")], [TEXT, image(PICTURE, { role: "middle" })], [TEXT, { type: "image_url", image_url: "x" }], [TEXT, { type: "image_url" }], [TEXT, { type: "video_url", video_url: { url: "foo" } }]],
        ["ratio", "5:7", 5], ["resolution", "8k", 5], ["duration", "long", 99], ["seed", -2, 4_294_967_296, 1.5], ["watermark", "yes"], ["camera_fixed", 1], ["generate_audio", "on"], ["return_last_frame", "x"], ["service_tier", "flex"], ["execution_expires_after", 5], ["frames", 0],
      ]),
      ["ratio", { ...SEEDANCE, ...flagged("--ratio 5:7") }], ["duration", { ...SEEDANCE, ...flagged("--dur soon") }], ["resolution", { ...SEEDANCE, ...flagged("--rs 8k") }], ["seed", { ...SEEDANCE, ...flagged("--seed x") }], ["watermark", { ...SEEDANCE, ...flagged("--wm maybe") }], ["camera_fixed", { ...SEEDANCE, ...flagged("--cf 1") }],
      ["content", { model: "doubao-seedance-1-0-lite-i2v-250428", content: [TEXT] }],
    ],
    taken: [
      { ...SEEDANCE, ...flagged("--ratio 21:9 --rs 480p --dur 2 --cf false --seed -1") }, { ...SEEDANCE, content: [TEXT, image(PICTURE, { role: "first_frame" }), image("@data:png", { role: "last_frame" })], ratio: "adaptive", resolution: "480p", duration: 12, seed: 4_294_967_295, watermark: true, camera_fixed: true },
    ],
  },
];

const RUNWAY = { model: "gen4_turbo", promptImage: PICTURE, ratio: "1280:720", duration: 5 };
const RUNWAY_COMMON = [["seed", -1, 1.5, "x"], ["promptText", 5, "x".repeat(1_001)], ["ratio", "1:9", "wide"], ["contentModeration", "low", { publicFigureThreshold: "none" }]] as const;
export const RUNWAY_VALUES: readonly ValueCase[] = [
  {
    door: "Runway", path: "/runwayml/v1/image_to_video",
    wrong: [
      ...each(RUNWAY, [...RUNWAY_COMMON, ["promptImage", undefined, "", ...NONE, [], [{ uri: PICTURE }], [{ uri: PICTURE, position: "middle" }], [{ uri: PICTURE, position: "last" }], [{ uri: "foo", position: "first" }], [{ uri: PICTURE, position: "first" }, { uri: PICTURE, position: "first" }]], ["duration", "long", 99], ["audio", "yes"], ["watermark", 1]]),
      ["promptText", { ...RUNWAY, model: "gen4.5" }], ["promptImage", { ...RUNWAY, model: "veo3.1", duration: 8, promptImage: [{ uri: PICTURE, position: "middle" }] }], ["ratio", { ...RUNWAY, model: "veo3.1", duration: 8, ratio: "960:960" }],
    ],
    taken: [{ ...RUNWAY, promptImage: [{ uri: "@data:png", position: "first" }], seed: 4_294_967_295, promptText: "x", contentModeration: { publicFigureThreshold: "low" } }, { ...RUNWAY, model: "veo3.1", duration: 8, promptImage: [{ uri: PICTURE, position: "first" }, { uri: PICTURE, position: "last" }], audio: false, negativePrompt: "b", ratio: "1080:1920" }, { ...RUNWAY, model: "gen4.5", promptText: "x", ratio: "1584:672" }],
  },
  { door: "Runway", path: "/runwayml/v1/text_to_video", wrong: each({ model: "gen4.5", promptText: "x", ratio: "1280:720", duration: 5 }, [["promptText", undefined, ""], ["ratio", "960:960"]]), taken: [{ model: "gen4.5", promptText: "x", ratio: "9:16", duration: 5 }] },
  {
    door: "Runway", path: "/runwayml/v1/text_to_image",
    wrong: each({ model: "gen4_image_turbo", promptText: "x", ratio: "1024:1024", referenceImages: [{ uri: PICTURE }] }, [...RUNWAY_COMMON, ["referenceImages", undefined, [], "x", [PICTURE], [{ uri: "foo" }], [{ uri: PICTURE, tag: "1" }], [{ uri: PICTURE }, { uri: PICTURE }, { uri: PICTURE }, { uri: PICTURE }]], ["ratio", "1000:1000"]]),
    taken: [{ model: "gen4_image_turbo", promptText: "x", ratio: "1024:1024", referenceImages: [{ uri: PICTURE, tag: "stone" }] }, { model: "gen4_image", promptText: "x", ratio: "720:720" }],
  },
];

export const LUMA_VALUES: readonly ValueCase[] = [
  {
    door: "Luma", path: "/luma/generations",
    wrong: each({ user_prompt: "a stone" }, [["user_prompt", undefined, "", "x", "x".repeat(5_001), 5], ["aspect_ratio", "7:3"], ["image_url", ...NONE], ["image_end_url", ...NONE], ["loop", "yes"], ["expand_prompt", 1], ["duration", "long", 7], ["resolution", "8k", 5], ["model_name", 5]]),
    taken: [{ user_prompt: "sto", aspect_ratio: "9:21", duration: "9s", resolution: "540p", loop: true, expand_prompt: false, image_url: PICTURE, image_end_url: "@data:png" }],
  },
  {
    door: "Luma's own interface", path: "/luma/dream-machine/v1/generations/video",
    wrong: each({ model: "ray-2", prompt: "a stone" }, [["prompt", "x", 5], ["aspect_ratio", "5:5"], ["keyframes", "x", [], { frame0: "x" }, { frame0: { type: "image" } }], ["loop", "yes"], ["duration", "7s"], ["resolution", "3k"], ["concepts", "x", [{}], ["x"]]]),
    taken: [{ model: "ray-flash-2", prompt: "a stone", aspect_ratio: "1:1", loop: false, keyframes: { frame0: { type: "image", url: PICTURE } }, concepts: [{ key: "dolly_zoom" }] }],
  },
  {
    door: "Luma's own interface", path: "/luma/dream-machine/v1/generations/image",
    wrong: each({ model: "photon-1", prompt: "a stone" }, [["prompt", "x"], ["aspect_ratio", "5:5"], ["format", "gif"], ["image_ref", [{ url: "foo" }], [{ url: PICTURE, weight: 2 }], [1, 2, 3, 4, 5].map(() => ({ url: PICTURE }))], ["style_ref", [{ weight: 1 }]], ["modify_image_ref", "x", { url: PICTURE, weight: -1 }], ["character_ref", "x"], ["sync", "yes"]]),
    taken: [{ model: "photon-flash-1", prompt: "a stone", format: "png", image_ref: [{ url: PICTURE, weight: 0.5 }], style_ref: [{ url: PICTURE }] }],
  },
];

export const PIKA_VALUES: readonly ValueCase[] = [
  {
    door: "Pika", path: "/pika/generate",
    wrong: each({ promptText: "x" }, [
      ["promptText", undefined, "", 5, "x".repeat(5_001)], ["pikaffect", "Fly"], ["model", "9.9", 1.5], ["image", ...NONE], ["video", "https://example.com/a.mp4"],
      ["options", "x", [], { aspectRatio: 99 }, { aspectRatio: 0 }, { aspectRatio: "wide" }, { frameRate: 0 }, { frameRate: "fast" }, { seed: 1.5 }, { extend: "yes" }, { extend: true }, { camera: "left" }, { parameters: "x" }, { parameters: { motion: -1 } }, { parameters: { motion: 9 } }, { parameters: { guidanceScale: "x" } }, { parameters: { negativePrompt: 5 } }],
    ]),
    taken: [{ promptText: "x", model: "2.2", pikaffect: "", options: { aspectRatio: 1.7777777777777777, frameRate: 24, camera: {}, parameters: { guidanceScale: 12, motion: 1, negativePrompt: "" }, extend: false, seed: 5 } }, { promptText: "x", image: PICTURE, pikaffect: "Cake-ify", model: "1.5" }],
  },
];

const veo = (good: Readonly<Record<string, unknown>>, wrong: Parameters<typeof each>[1], taken: readonly Readonly<Record<string, unknown>>[]): ValueCase => ({ door: "Veo", path: "/veo/v1/videos/generations", wrong: each(good, wrong), taken: taken.map((more) => ({ ...good, ...more })) });
const google = (model: string, wrong: Parameters<typeof each>[1], taken: readonly object[]): ValueCase => ({
  door: "Google's films", path: `/v1beta/models/${model}:predictLongRunning`,
  wrong: each({}, wrong).map(([member, parameters]) => [member, { instances: [{ prompt: "x" }], parameters }] as const), taken: taken.map((parameters) => ({ instances: [{ prompt: "x" }], parameters })),
});
export const VEO_VALUES: readonly ValueCase[] = [
  veo({ model: "veo3", prompt: "x" }, [["prompt", undefined, ""], ["aspect_ratio", "1:1", "4:3"], ["resolution", "4k", "8k", 5], ["duration", 5, "long"], ["seed", -1, 1.5, "x"], ["negative_prompt", 5], ["enhance_prompt", "yes"], ["images", "x", ["foo"], [5]]], [{ aspect_ratio: "9:16", resolution: "1080p", duration: 8, seed: 4_294_967_295, negative_prompt: "b", enhance_prompt: true }]),
  veo({ model: "veo2", prompt: "x" }, [["resolution", "1080p", "4k"]], [{ duration: 5, resolution: "720p" }]),
  veo({ model: "veo-3.1-generate-preview", prompt: "x" }, [["resolution", "8k"]], [{ resolution: "4k", duration: 8 }]),
  google("veo-3.0-generate-001", [["aspectRatio", "4:3", "1:1"], ["resolution", "8k", "4k"], ["personGeneration", "x", true], ["seed", -1, 4_294_967_296], ["durationSeconds", "long"], ["negativePrompt", 5], ["enhancePrompt", "yes"], ["sampleCount", 2]], [{ aspectRatio: "9:16", resolution: "1080p", personGeneration: "allow_all", seed: 1, durationSeconds: 8, negativePrompt: "b" }]),
];
