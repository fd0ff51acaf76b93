import { objectOf } from "../../dialects/canonical/fields.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject, MediaAdapter, MediaOrder, MediaOutput, MediaReading, VendorAnswer } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, objectsIn, textIn } from "../_kit/media/fields.ts";
import { shapeOf } from "../_kit/media/shape.ts";
import { named, seedance } from "./seedance.ts";
import { arkFault } from "./ark-errors.ts";
import { sizeFor } from "./seedream.ts";
import { table } from "../../table.ts";

/** Seedream draws at once; all else that is slow is Seedance's. */
const draws = (model: string): boolean => model.includes("seedream");
const PICTURES = "/images/generations";
/** Sides of the square that a class of sizes means (Ark's image API, "size"). */
const SIDES: Readonly<Record<string, number>> = table({ "1k": 1024, "2k": 2048, "3k": 3072, "4k": 4096 });
/** Its usual class. */
const USUAL = 2048;

/** Ark's slow work: Seedance's films as tasks, Seedream's pictures with the answer (https://www.volcengine.com/docs/82379/1541523). */
export const ark: MediaAdapter = {
  ...seedance,
  atOnce: draws,
  /** Pictures are removed after 24 hours (the document above); films say so themselves. */
  outputHours: () => 24,

  submit(order) {
    if (!draws(order.model)) return seedance.submit(order);
    const { json, dropped } = wordsOf(order);
    return { call: { method: "POST", path: PICTURES, json: { ...json, model: named(order) } }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit: (answer, order) => (draws(order.model) ? readPictures(answer) : seedance.readSubmit(answer, order)),

  pace: (model) => (draws(model) ? { firstMs: 1_000, everyMs: 5_000, giveUpMs: 600_000 } : seedance.pace(model)),
};

/** Of a series some may be refused while others are made; those made are paid. */
function readPictures(answer: VendorAnswer): MediaReading | undefined {
  const said = jsonOf(answer);
  if (answer.status !== 200 || !said) return undefined;
  const data = objectsIn(said, "data");
  const outputs = data.flatMap((one): MediaOutput[] => {
    const [url, base64] = [textIn(one, "url"), textIn(one, "b64_json")];
    const [, width, height] = /^(\d+)x(\d+)$/.exec(textIn(one, "size")) ?? [];
    const sides = width && height ? { width: Number(width), height: Number(height) } : {};
    return url !== "" ? [{ kind: "image", url, ...sides }] : base64 !== "" ? [{ kind: "image", bytes: Buffer.from(base64, "base64"), ...sides }] : [];
  });
  if (outputs.length > 0) return { state: "SUCCESS", outputs, answer: said, usage: { images: outputs.length } };
  const error = [said, ...data].map((one) => objectOf(one["error"])).find((one) => textIn(one, "code") !== "");
  if (!error) return undefined;
  return { state: "FAILURE", answer: said, fault: arkFault(textIn(error, "code"), textIn(error, "message")) };
}

function wordsOf({ input, model }: MediaOrder): { json: JsonObject; dropped: string[] } {
  if ("native" in input) return { json: input.native.json ?? {}, dropped: [] };
  const { wish } = input;
  if (wish.kind !== "image") throw wrong("model", "Seedream makes pictures.");
  const series = wish.others?.["sequential_image_generation"] === "auto";
  if (!series && wish.count !== undefined && wish.count > 1) throw wrong("n", "This model makes one picture at a time, or a series of up to \"n\" with \"sequential_image_generation\": \"auto\".");
  const size = sizeOf(wish, model);
  const { body, dropped } = encodeWish(wish, {
    prompt: "prompt",
    seed: "seed",
    guidance: "guidance_scale",
    watermark: "watermark",
    count: () => undefined,
    aspectRatio: (ratio) => shapeOf(wish) !== undefined || ratio === "match_input_image",
    size: () => undefined,
    resolution: (word) => SIDES[word.toLowerCase()] !== undefined,
    outputFormat: (format, target) => (model.includes("seedream-5") ? void (target["output_format"] = format) : false),
    images(given, target) {
      const pictures = given.filter(({ role }) => role !== "mask").map(({ url }) => url);
      if (pictures.length > 0) target["image"] = pictures.length === 1 ? pictures[0] : pictures;
      return pictures.length === given.length;
    },
    others: ["sequential_image_generation"],
    // Ark marks pictures unless told otherwise.
  }, { watermark: false, response_format: "url", ...(size === undefined ? {} : { size }), ...(series ? { sequential_image_generation: "auto", sequential_image_generation_options: { max_images: wish.count ?? 1 } } : {}) });
  return { json: body, dropped };
}

/** Its class where no shape is asked for, else sides of that shape and as many pixels. */
function sizeOf(wish: MediaWish, model: string): string | undefined {
  if (wish.size) return sizeFor(wish.size, model);
  const side = SIDES[(wish.resolution ?? "").toLowerCase()];
  const shape = shapeOf(wish);
  if (shape === undefined) return side === undefined ? undefined : wish.resolution?.toUpperCase();
  const root = Math.sqrt(shape);
  return sizeFor({ width: Math.round((side ?? USUAL) * root), height: Math.round((side ?? USUAL) / root) }, model);
}

const wrong = (param: string, publicText: string): GatewayError => new GatewayError("invalidRequest", { publicText, param });
