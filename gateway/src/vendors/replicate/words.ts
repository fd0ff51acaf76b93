import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject } from "../_kit/media/adapter.ts";
import type { WishWords } from "../_kit/media/encode-wish.ts";
import { shapeOf } from "../_kit/media/shape.ts";

/** DALL-E 3 draws squares, wide and tall pictures; Replicate names them by these ratios. */
function drawn(_: unknown, body: JsonObject, wish: MediaWish): boolean {
  const shape = shapeOf(wish);
  if (shape !== undefined) body["aspect_ratio"] = Math.abs(Math.log(shape)) < 0.2 ? "1:1" : shape > 1 ? "3:2" : "2:3";
  return shape !== undefined;
}

/** Always made so: what the price assumes needs no word. */
const only = (value: string | number) => (wanted: unknown): boolean => wanted === value;

/** What models call differently from most: those that their makers closed and Replicate goes on with (each model's schema at replicate.com). */
export const WORDS: Readonly<Record<string, Omit<WishWords, "prompt">>> = {
  "openai/dall-e-3": {
    aspectRatio: drawn,
    size: drawn,
    style: (style, body) => (style === "vivid" || style === "natural" ? void (body["style"] = style) : false),
    // One picture a call, as OpenAI had it.
    count(wanted) {
      if (wanted > 1) throw new GatewayError("invalidRequest", { publicText: '"n" may only be 1 with this model.', param: "n" });
    },
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
  "runwayml/gen4-aleph": {
    duration: only(5),
    images(given, body) {
      if (given[0]) body["reference_image"] = given[0].url;
      return given.length <= 1;
    },
  },
};
