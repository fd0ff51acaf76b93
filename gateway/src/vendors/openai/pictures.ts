import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { JsonObject, MediaOrder, MediaOutput, MediaReading, OutgoingPart, VendorAnswer, VendorCall } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, objectsIn, textIn } from "../_kit/media/fields.ts";
import { fileOf } from "../_kit/media/form.ts";
import { nearestShape, shapeOf } from "../_kit/media/shape.ts";
import { refused } from "./policy.ts";

/** Sizes that all GPT image models have. */
const SIDES = ["1024:1024", "1536:1024", "1024:1536"];

/** The call of an order of pictures: https://platform.openai.com/docs/api-reference/images, generations as JSON, edits as a form. */
export function pictureCall({ input, model }: MediaOrder): { call: VendorCall; dropped: string[] } {
  if ("native" in input) {
    const { path = "/images/generations", json, form } = input.native;
    return { call: { method: "POST", path, ...(form ? { form } : { json: { ...json, model } }) }, dropped: [] };
  }
  const { wish } = input;
  const { body, dropped } = bodyOf(wish, model);
  const given = wish.images ?? [];
  if (given.length === 0) return { call: { method: "POST", path: "/images/generations", json: body }, dropped };
  const files = given.map(({ url, role }): OutgoingPart => fileOf(role === "mask" ? "mask" : "image[]", url));
  return { call: { method: "POST", path: "/images/edits", form: [...Object.entries(body).map(([name, value]) => ({ name, value: String(value) })), ...files] }, dropped };
}

function bodyOf(wish: MediaWish, model: string): { body: JsonObject; dropped: string[] } {
  const shape = shapeOf(wish);
  const near = shape === undefined ? undefined : nearestShape(shape, SIDES, wish.size && Math.min(wish.size.width, wish.size.height));
  return encodeWish(wish, {
    prompt: "prompt",
    count: "n",
    quality: "quality",
    background: "background",
    outputFormat: (format, target) => void (target["output_format"] = format === "jpg" ? "jpeg" : format),
    size: () => near?.exact === true,
    aspectRatio: () => near?.exact === true,
    images: (given) => given.filter(({ role }) => role === "mask").length <= 1,
  }, { model, ...(near ? { size: near.ratio.replace(":", "x") } : {}) });
}

/** GPT image models give bytes, servers that speak their words addresses too. */
export function readPictures(answer: VendorAnswer): MediaReading | undefined {
  if (answer.status > 299) return refused(answer);
  const said = jsonOf(answer);
  if (!said) return undefined;
  const outputs = objectsIn(said, "data").flatMap((one): MediaOutput[] => {
    const [url, base64] = [textIn(one, "url"), textIn(one, "b64_json")];
    return base64 !== "" ? [{ kind: "image", bytes: Buffer.from(base64, "base64") }] : url === "" ? [] : [{ kind: "image", url }];
  });
  return outputs.length > 0 ? { state: "SUCCESS", outputs, usage: { images: outputs.length } } : undefined;
}
