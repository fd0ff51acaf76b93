import type { GivenMedia, MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { nearestShape, shapeOf } from "../_kit/media/shape.ts";

/** Whether a model is asked by the second version of the interface. */
export const isSecond = (model: string): boolean => /^MiniMax-H\d/.test(model);

interface Words {
  body: JsonObject;
  dropped: string[];
}

const RATIOS = ["16:9", "9:16", "1:1", "4:3", "3:4", "21:9"];

function wantsFilm({ kind }: MediaWish): void {
  if (kind !== "video") throw new GatewayError("invalidRequest", { publicText: "MiniMax makes films here." });
}

const withRole = (given: readonly GivenMedia[], ...roles: GivenMedia["role"][]): GivenMedia | undefined => given.find(({ role }) => roles.includes(role));

/** A wish in the words of the first version: the shape is the model's own, or the picture's. */
export function filmWords(wish: MediaWish, model: string): Words {
  wantsFilm(wish);
  return encodeWish(wish, {
    prompt: (wish.images ?? []).length > 0 ? { ifSaid: "prompt" } : "prompt",
    duration: "duration",
    resolution(word, body) {
      const lines = word.toUpperCase();
      // Its usual one is called by both names.
      body["resolution"] = lines === "720P" && model.startsWith("MiniMax-Hailuo") ? "768P" : lines;
    },
    enhancePrompt: (wanted, body) => void (body["prompt_optimizer"] = wanted),
    watermark: (wanted, body) => void (body["aigc_watermark"] = wanted),
    images(given, body) {
      const subject = model.startsWith("S2V") ? given[0] : withRole(given, "character");
      const first = subject ? undefined : withRole(given, "first_frame", "input");
      const last = subject ? undefined : withRole(given, "last_frame");
      if (subject) body["subject_reference"] = [{ type: "character", image: [subject.url] }];
      if (first) body["first_frame_image"] = first.url;
      if (last) body["last_frame_image"] = last.url;
      return given.every((one) => one === subject || one === first || one === last);
    },
  });
}

/** A wish in the words of the second version: a list of contents. */
export function filmWords2(wish: MediaWish): Words {
  wantsFilm(wish);
  const content: JsonObject[] = [];
  const shape = shapeOf(wish);
  const near = shape === undefined ? undefined : nearestShape(shape, RATIOS);
  const ratio = (_: unknown, body: JsonObject): boolean => {
    if (near) body["ratio"] = near.ratio;
    return near?.exact ?? wish.aspectRatio === "auto";
  };
  const { body, dropped } = encodeWish(wish, {
    prompt: (wish.images ?? []).length > 0 ? { ifSaid: (text) => void content.push({ type: "text", text }) } : (text) => void content.push({ type: "text", text }),
    duration: "duration",
    resolution: (word, target) => void (target["resolution"] = word.toUpperCase()),
    aspectRatio: ratio,
    size: ratio,
    images(given) {
      const usable = given.filter(({ role }) => role !== "mask");
      const frames = usable.some(({ role }) => role === "first_frame" || role === "last_frame" || role === "input");
      for (const { url, role } of usable) {
        const word = role === "last_frame" ? "last_frame" : role === "first_frame" || role === "input" ? "first_frame" : "reference_image";
        // References and frames exclude each other.
        if (!frames || word !== "reference_image") content.push({ type: "image_url", image_url: { url }, role: word });
      }
      return content.filter(({ type }) => type === "image_url").length === given.length;
    },
  });
  return { body: { ...body, content }, dropped };
}
