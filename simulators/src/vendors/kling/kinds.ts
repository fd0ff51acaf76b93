/** What Kling makes on which path (documentation: text to video, image to video, image generation, virtual try-on; price page). */
import type { Fields, Rule } from "../../kit/fields.ts";
import { asNumber, asText, isObject, type JsonObject } from "../../kit/json.ts";
import type { FileWish } from "../../kit/media/file.ts";
import { sidesOfLines, sidesOfPixels } from "../../kit/media/shape.ts";

/** A kind of task. */
export interface Kind {
  result: "videos" | "images";
  fields: Fields;
  /** Takes a body whose fields are right; gives what is wrong with them together. */
  check: (body: JsonObject) => string | undefined;
  /** pictures in the body whose sides count */
  pictures: readonly string[];
  /** Takes the body; gives how long it usually takes, in seconds. */
  seconds: (body: JsonObject) => number;
  files: (body: JsonObject) => FileWish[];
  /** Takes the body and how many were made; gives the price in dollars. */
  dollars: (body: JsonObject, made: number) => number;
}

const PROMPT: Rule = { is: "text", most: 2500 };
const PICTURE: Rule = { is: "file", kind: "picture", base64: true };
const CALLBACK: Fields = { callback_url: { is: "text", pattern: /^https?:\/\/\S+$/ }, external_task_id: { is: "text", least: 1, most: 100 } };
const UNIT: Rule = { is: "number", least: 0, most: 1 };
const MOVES = ["horizontal", "vertical", "pan", "tilt", "roll", "zoom"];
const STEP: Rule = { is: "number", least: -10, most: 10 };
const FILMS = ["kling-v1", "kling-v1-5", "kling-v1-6", "kling-v2-master", "kling-v2-1", "kling-v2-1-master", "kling-v2-5-turbo", "kling-v2-6", "kling-v3"];
const PICTURES = ["kling-v1", "kling-v1-5", "kling-v2", "kling-v2-new", "kling-v2-1", "kling-v3"];
const TRY_ON = ["kolors-virtual-try-on-v1", "kolors-virtual-try-on-v1-5"];

const modelOf = (body: JsonObject, byDefault = "kling-v1"): string => asText(body["model_name"]) || byDefault;

const filmFields: Fields = {
  model_name: { is: "text", values: FILMS },
  negative_prompt: PROMPT,
  cfg_scale: UNIT,
  mode: { is: "text", values: ["std", "pro", "4k"] },
  camera_control: { is: "object", fields: { type: { is: "text", required: true, values: ["simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward"] }, config: { is: "object", fields: Object.fromEntries(MOVES.map((move) => [move, STEP])) } } },
  // text, not a number
  duration: { is: "text", values: Array.from({ length: 13 }, (_, index) => String(index + 3)) },
  sound: { is: "text", values: ["on", "off"] },
  watermark_info: { is: "object", fields: { enabled: { is: "flag" } } },
  ...CALLBACK,
};

function checkFilm(body: JsonObject): string | undefined {
  const model = modelOf(body);
  const third = model === "kling-v3";
  if (body["mode"] === "4k" && !third) return `mode 4k is not supported by ${model}`;
  if (body["duration"] !== undefined && !third && body["duration"] !== "5" && body["duration"] !== "10") return "duration value is invalid, must be one of 5, 10";
  if (body["sound"] === "on" && !third && model !== "kling-v2-6") return `sound is not supported by ${model}`;
  if (body["cfg_scale"] !== undefined && model.startsWith("kling-v2")) return `cfg_scale is not supported by ${model}`;
  const camera = body["camera_control"];
  if (!isObject(camera)) return undefined;
  const moves = Object.values(isObject(camera["config"]) ? camera["config"] : {}).filter((move) => move !== 0);
  if (camera["type"] === "simple" && moves.length !== 1) return "camera_control.config must have exactly one value that is not zero";
  return camera["type"] !== "simple" && camera["config"] !== undefined && camera["config"] !== null ? "camera_control.config must be empty for this type" : undefined;
}

function checkImageFilm(body: JsonObject): string | undefined {
  const has = (name: string): boolean => body[name] !== undefined && body[name] !== null;
  if (!has("image") && !has("image_tail")) return "image and image_tail cannot be empty at the same time";
  const masks = has("static_mask") || has("dynamic_masks");
  if ([has("image_tail"), masks, has("camera_control")].filter(Boolean).length > 1) return "image_tail, dynamic_masks/static_mask and camera_control cannot be used at the same time";
  return checkFilm(body);
}

/** Dollars of a second by model: std, pro, 4k. */
const SECOND: Record<string, [number, number, number?]> = {
  "kling-v1": [0.028, 0.098],
  "kling-v1-5": [0.056, 0.098],
  "kling-v1-6": [0.056, 0.098],
  "kling-v2-1": [0.056, 0.098],
  "kling-v2-master": [0.28, 0.28],
  "kling-v2-1-master": [0.28, 0.28],
  "kling-v2-5-turbo": [0.042, 0.07],
  "kling-v2-6": [0.042, 0.07],
  "kling-v3": [0.084, 0.112, 0.42],
};
const lengthOf = (body: JsonObject): number => Number(asText(body["duration"]) || "5");
/** Clips are a tenth of a second longer than was asked for. */
const OVER_SECONDS = 0.1;

const films = (body: JsonObject): FileWish[] => {
  const lines = body["mode"] === "4k" ? "4k" : body["mode"] === "pro" ? "1080p" : "720p";
  const [width, height] = sidesOfLines(asText(body["aspect_ratio"]) || "16:9", lines);
  return [{ kind: "video", width, height, duration: lengthOf(body) + OVER_SECONDS, seed: asText(body["prompt"]) }];
};
const film = (fields: Fields, check: Kind["check"], pictures: readonly string[]): Kind => ({
  result: "videos",
  fields: { ...filmFields, ...fields },
  check,
  pictures,
  seconds: (body) => (body["mode"] === "pro" || body["mode"] === "4k" || modelOf(body).endsWith("master") ? 240 : 90),
  files: films,
  dollars: (body, made) => made * lengthOf(body) * (SECOND[modelOf(body)]?.[body["mode"] === "4k" ? 2 : body["mode"] === "pro" ? 1 : 0] ?? 0.1),
});

const drawings = (body: JsonObject): FileWish[] => {
  const pixels = body["resolution"] === "2k" ? 2048 * 2048 : 1024 * 1024;
  const [width, height] = sidesOfPixels(asText(body["aspect_ratio"]) || "16:9", pixels) ?? [1024, 1024];
  return Array.from({ length: asNumber(body["n"]) ?? 1 }, (_, index) => ({ kind: "picture" as const, width, height, format: "png" as const, seed: `${asText(body["prompt"])} ${index}` }));
};

/** Kinds by path. */
export const KINDS: Record<string, Kind> = {
  "/v1/videos/text2video": film({ prompt: { ...PROMPT, required: true, least: 1 }, aspect_ratio: { is: "text", values: ["16:9", "9:16", "1:1"] } }, checkFilm, []),
  "/v1/videos/image2video": film(
    {
      prompt: PROMPT,
      image: PICTURE,
      image_tail: PICTURE,
      static_mask: PICTURE,
      dynamic_masks: { is: "list", most: 6, of: { is: "object", fields: { mask: PICTURE, trajectories: { is: "list", least: 2, most: 77, of: { is: "object", fields: { x: { is: "integer" }, y: { is: "integer" } } } } } } },
    },
    checkImageFilm,
    ["image", "image_tail"],
  ),
  "/v1/images/generations": {
    result: "images",
    fields: {
      model_name: { is: "text", values: PICTURES },
      prompt: { ...PROMPT, required: true, least: 1 },
      negative_prompt: PROMPT,
      image: PICTURE,
      image_reference: { is: "text", values: ["subject", "face"] },
      image_fidelity: UNIT,
      human_fidelity: UNIT,
      resolution: { is: "text", values: ["1k", "2k"] },
      n: { is: "integer", least: 1, most: 9 },
      aspect_ratio: { is: "text", values: ["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9"] },
      ...CALLBACK,
    },
    check: (body) => (body["image_reference"] !== undefined && modelOf(body) !== "kling-v1-5" ? "image_reference is not supported by this model" : undefined),
    pictures: ["image"],
    seconds: () => 20,
    files: drawings,
    dollars: (body, made) => made * (modelOf(body) === "kling-v1" ? 0.0035 : modelOf(body) === "kling-v3" || body["image"] !== undefined ? 0.028 : 0.014),
  },
  "/v1/images/kolors-virtual-try-on": {
    result: "images",
    fields: { model_name: { is: "text", values: TRY_ON }, human_image: { ...PICTURE, required: true }, cloth_image: { ...PICTURE, required: true }, ...CALLBACK },
    check: () => undefined,
    pictures: ["human_image", "cloth_image"],
    seconds: () => 30,
    files: (body) => drawings({ aspect_ratio: "3:4", prompt: modelOf(body, TRY_ON[0]) }),
    dollars: (_, made) => made * 0.07,
  },
};
