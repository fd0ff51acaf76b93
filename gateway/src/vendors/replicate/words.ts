import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { JsonObject } from "../_kit/media/adapter.ts";
import type { WishWords } from "../_kit/media/encode-wish.ts";
import { shapeOf } from "../_kit/media/shape.ts";
import { table } from "../../table.ts";

/** DALL-E 3 draws squares, wide and tall pictures; Replicate names them by these ratios. */
function drawn(_: unknown, body: JsonObject, wish: MediaWish): boolean {
  const shape = shapeOf(wish);
  if (shape !== undefined) body["aspect_ratio"] = Math.abs(Math.log(shape)) < 0.2 ? "1:1" : shape > 1 ? "3:2" : "2:3";
  return shape !== undefined;
}

/** Always made so: what the price assumes needs no word. */
const only = (value: string | number) => (wanted: unknown): boolean => wanted === value;

/** The one picture that it works on, by its name there. */
const from = (name: string): Omit<WishWords, "prompt"> => ({
  images(given, body) {
    const [picture] = given.filter(({ role }) => role !== "mask");
    const mask = given.find(({ role }) => role === "mask");
    if (picture) body[name] = picture.url;
    if (mask) body["mask"] = mask.url;
    return given.every((one) => one === picture || one === mask);
  },
});

/** Where a film begins and ends, by its names there. */
const between = (begins: string, ends: string): Omit<WishWords, "prompt"> => ({
  images(given, body) {
    const last = given.find(({ role }) => role === "last_frame");
    const [first] = given.filter((one) => one !== last);
    if (first) body[begins] = first.url;
    if (last) body[ends] = last.url;
    return given.every((one) => one === first || one === last);
  },
});

const KLING: Omit<WishWords, "prompt"> = { ...between("start_image", "end_image"), mode: "mode" };

/** What models call differently from most (each model's schema at replicate.com). */
export const WORDS: Readonly<Record<string, Omit<WishWords, "prompt">>> = table({
  "openai/dall-e-3": {
    aspectRatio: drawn,
    size: drawn,
    style: (style, body) => (style === "vivid" || style === "natural" ? void (body["style"] = style) : false),
    resolution: () => false,
    outputFormat: () => false,
    seed: () => false,
    negativePrompt: () => false,
    images: () => false,
  },
  "luma/ray": {
    duration: only(5),
    resolution: only("720p"),
    enhancePrompt: () => false,
    images(given, body) {
      const [first, last] = [given.find(({ role }) => role === "first_frame" || role === "input"), given.find(({ role }) => role === "last_frame")];
      if (first) body["start_image_url"] = first.url;
      if (last) body["end_image_url"] = last.url;
      return given.every((one) => one === first || one === last);
    },
  },
  "kwaivgi/kling-v1.6-standard": KLING,
  "kwaivgi/kling-v1.6-pro": KLING,
  "kwaivgi/kling-v2.1": KLING,
  "kwaivgi/kling-v2.1-master": KLING,
  "kwaivgi/kling-v2.6": KLING,
  "kwaivgi/kling-v3-video": KLING,
  "kwaivgi/kling-v3-omni-video": { ...KLING, videos: (given, body) => void (body["reference_video"] = given[0]?.url) },
  "kwaivgi/kling-o1": { ...KLING, videos: (given, body) => void (body["reference_video"] = given[0]?.url) },
  "bytedance/seedance-2.0": { ...between("image", "last_frame_image"), videos: (given, body) => void (body["reference_videos"] = given.map(({ url }) => url)) },
  "bytedance/seedance-2.0-fast": { ...between("image", "last_frame_image"), videos: (given, body) => void (body["reference_videos"] = given.map(({ url }) => url)) },
  "bytedance/seedance-2.5": { ...between("image", "last_frame_image"), videos: (given, body) => void (body["reference_videos"] = given.map(({ url }) => url)) },
  "pixverse/pixverse-v6": { ...between("image", "last_frame_image"), quality: "quality", sound: "generate_audio_switch" },
  "wan-video/wan-2.2-i2v-fast": between("image", "last_image"),
  "minimax/video-01": from("first_frame_image"),
  "minimax/video-01-live": from("first_frame_image"),
  "black-forest-labs/flux-fill-pro": from("image"),
  "black-forest-labs/flux-fill-dev": from("image"),
  "black-forest-labs/flux-canny-pro": from("control_image"),
  "black-forest-labs/flux-depth-pro": from("control_image"),
  "black-forest-labs/flux-redux-dev": from("redux_image"),
  "ideogram-ai/ideogram-character": from("character_reference_image"),
  "recraft-ai/recraft-remove-background": from("image"),
  "recraft-ai/recraft-vectorize": from("image"),
  "recraft-ai/recraft-crisp-upscale": from("image"),
  "recraft-ai/recraft-creative-upscale": from("image"),
  "runwayml/gen4-aleph": {
    duration: only(5),
    images(given, body) {
      if (given[0]) body["reference_image"] = given[0].url;
      return given.length <= 1;
    },
  },
});
