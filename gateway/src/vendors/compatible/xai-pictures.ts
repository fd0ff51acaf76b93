import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject, MediaOrder, MediaOutput, MediaReading, MediaSubmit, VendorAnswer } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, objectsIn, textIn } from "../_kit/media/fields.ts";
import { nearestShape, shapeOf } from "../_kit/media/shape.ts";

/** Shapes (docs.x.ai, "Image generation", `aspect_ratio`). It has no sizes: `size` is refused there. */
const RATIOS = ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "2:1", "1:2", "20:9", "9:20"];
/** Given ones of an edit (the same). */
const GIVEN_MAX = 3;

/** Whether a model of xAI's answers with pictures; all others that are slow make films. */
export const draws = (model: string): boolean => /-image(?:-|$)/.test(model);

/** Grok's pictures: `POST /images/generations`, and `/images/edits`, which is JSON here (docs.x.ai, "Image generation"). */
export function pictureCall({ input, model }: Pick<MediaOrder, "input" | "model">): MediaSubmit {
  if ("native" in input) return { call: { method: "POST", path: input.native.path ?? "/images/generations", json: { ...input.native.json, model } } };
  const { wish } = input;
  if (wish.kind !== "image") throw new GatewayError("invalidRequest", { publicText: "This model makes pictures.", param: "model" });
  const given = (wish.images ?? []).filter(({ role }) => role !== "mask");
  const { body, dropped } = said(wish, given.map(({ url }) => url));
  return { call: { method: "POST", path: given.length > 0 ? "/images/edits" : "/images/generations", json: { model, response_format: "url", ...body } }, ...(dropped.length > 0 ? { dropped } : {}) };
}

function said(wish: MediaWish, given: readonly string[]): { body: JsonObject; dropped: string[] } {
  const shape = shapeOf(wish);
  const near = shape === undefined ? undefined : nearestShape(shape, RATIOS);
  return encodeWish(wish, {
    prompt: "prompt",
    count: "n",
    aspectRatio: (ratio) => near?.exact === true || ratio === "match_input_image",
    size: () => near?.exact === true,
    resolution: (word, body) => (/^[12]k$/i.test(word) ? void (body["resolution"] = word.toLowerCase()) : false),
    images(all, body) {
      const pictures = given.slice(0, GIVEN_MAX).map((url) => ({ type: "image_url", url }));
      if (pictures.length === 1) body["image"] = pictures[0];
      else body["images"] = pictures;
      return pictures.length === all.length;
    },
  }, near ? { aspect_ratio: near.ratio } : {});
}

/** The pictures, by address or as base64. Undefined for what holds none. */
export function readPictures(answer: VendorAnswer): MediaReading | undefined {
  const told = answer.status < 300 ? jsonOf(answer) : undefined;
  const outputs = objectsIn(told ?? {}, "data").flatMap((one): MediaOutput[] => {
    const [url, base64] = [textIn(one, "url"), textIn(one, "b64_json")];
    return url !== "" ? [{ kind: "image", url }] : base64 !== "" ? [{ kind: "image", bytes: Buffer.from(base64, "base64") }] : [];
  });
  return outputs.length > 0 ? { state: "SUCCESS", outputs, answer: told, usage: { images: outputs.length } } : undefined;
}
