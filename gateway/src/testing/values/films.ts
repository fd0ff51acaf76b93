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
