import { objectOf, parseJson } from "../../dialects/canonical/fields.ts";
import type { ImagesAnswer, ImagesRequest, MediaCall, MediaRefusal, VendorAnswer } from "../../dialects/canonical/media-call.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { errorField, errorObject } from "../_kit/adapter.ts";
import { isArkPolicyCode } from "./ark-errors.ts";
import { pictureTypeOf } from "../_kit/pictures.ts";

/** Pixels of a picture, least and most, by family (Ark's image API, "size"). Of a family not known the widest is assumed: the vendor judges. */
const PIXELS: readonly (readonly [RegExp, least: number, most: number])[] = [
  [/seedream-5-0/, 3_686_400, 10_404_496],
  [/seedream-4-5/, 3_686_400, 16_777_216],
  [/seedream/, 921_600, 16_777_216],
];
/** Longer side by shorter side (the same). */
const RATIO_MAX = 16;
/** Pictures given and made together (the same). */
const PICTURES_MAX = 15;
/** Ark's own members that go on as they are; `image` is told apart. */
const OWN = ["seed", "watermark", "guidance_scale", "optimize_prompt_options"] as const;
/** Members of OpenAI's that it has a word for. Only the fifth generation chooses its format. */
const told = (model: string): readonly string[] => (model.includes("seedream-5") ? ["output_format"] : []);

const wrong = (param: string, publicText: string): GatewayError => new GatewayError("invalidRequest", { publicText, param });

/**
 * Pictures by Seedream: Ark's `POST /images/generations` (volcengine.com/docs/82379/1541523), which makes and edits. One call makes one picture, or with
 * `sequential_image_generation` a series of at most `n`. Names of models are Volcengine's; BytePlus has the same without `doubao-`.
 * Throws GatewayError for what it cannot be asked.
 */
export function seedream(request: ImagesRequest, model: string, baseUrl: string): MediaCall<ImagesAnswer> {
  if (request.mask) throw wrong("mask", '"mask" cannot be used with this model: say in the prompt what is to be changed.');
  const given = [...request.pictures.map((picture) => `data:${picture.contentType};base64,${picture.base64()}`), ...request.links];
  const { members } = request;
  const known = told(model);
  return {
    endpoint: { name: "images", upstreamPath: "/images/generations", billable: true },
    query: "",
    body: {
      model: new URL(baseUrl).hostname.endsWith("bytepluses.com") ? model.replace(/^doubao-/, "") : model,
      prompt: request.prompt,
      ...(given.length > 0 ? { image: given.length === 1 ? given[0] : given } : {}),
      ...(request.size ? { size: sizeFor(request.size, model) } : {}),
      ...seriesOf(request, given.length),
      // Ark marks pictures unless told otherwise; OpenAI's never carry a mark.
      watermark: false,
      ...Object.fromEntries(OWN.filter((name) => members[name] !== undefined && members[name] !== null).map((name) => [name, members[name]])),
      ...(known.includes("output_format") && members["output_format"] !== undefined ? { output_format: members["output_format"] } : {}),
      response_format: "b64_json",
    },
    dropped: request.extras.filter((name) => !known.includes(name)),
    read,
  };
}

/** How many pictures. The limit is `n` and nothing else, since the cost is held by it. */
function seriesOf({ n, members }: ImagesRequest, given: number): Record<string, unknown> {
  const series = members["sequential_image_generation"] === "auto";
  const most = objectOf(members["sequential_image_generation_options"])["max_images"];
  if (most !== undefined && most !== n) throw wrong("sequential_image_generation_options", 'Say the greatest number of pictures in "n"; "max_images" must be the same or left out.');
  if (!series && n > 1) throw wrong("n", '"n" may only be 1: this model makes one picture at a time. With "sequential_image_generation": "auto" it makes a series of up to "n".');
  if (given + n > PICTURES_MAX) throw wrong("n", `The pictures given and "n" may be ${PICTURES_MAX} together at most with this model.`);
  return series ? { sequential_image_generation: "auto", sequential_image_generation_options: { max_images: n } } : {};
}

/** The size itself, or the nearest of the same shape that the model makes: its smallest is larger than OpenAI's sizes. The price does not depend on it. */
export function sizeFor({ width, height }: { width: number; height: number }, model: string): string {
  if (Math.max(width, height) > Math.min(width, height) * RATIO_MAX) throw wrong("size", `One side of "size" may be ${RATIO_MAX} times the other at most.`);
  const [, least, most] = PIXELS.find(([family]) => family.test(model)) ?? [undefined, 1, Number.POSITIVE_INFINITY];
  const pixels = width * height;
  if (pixels >= least && pixels <= most) return `${width}x${height}`;
  const scale = Math.sqrt((pixels < least ? least : most) / pixels);
  const round = pixels < least ? Math.ceil : Math.floor;
  const shorter = round(Math.min(width, height) * scale);
  // Rounding must not make it longer than the model takes.
  const longer = Math.min(round(Math.max(width, height) * scale), shorter * RATIO_MAX);
  return width < height ? `${shorter}x${longer}` : `${longer}x${shorter}`;
}

/** Some pictures of a series may be refused while others are made; those made are paid. */
function read({ body }: VendorAnswer): ImagesAnswer | MediaRefusal {
  const answer = objectOf(parseJson(body.toString("utf8")));
  const list: unknown[] = Array.isArray(answer["data"]) ? answer["data"] : [];
  const pictures = list.flatMap((one) => {
    const { b64_json: base64 } = objectOf(one);
    return typeof base64 === "string" && base64 !== "" ? [{ base64, contentType: pictureTypeOf(base64) }] : [];
  });
  if (pictures.length > 0) return { kind: "images", pictures, usage: { images: pictures.length } };
  const error = [answer, ...list.map(objectOf)].map((one) => one["error"]).find((one) => typeof one === "object" && one !== null);
  if (error === undefined) throw new Error("the answer holds no picture");
  const policy = isArkPolicyCode(errorField(objectOf(error), "code"));
  return { kind: "refused", status: policy ? 400 : 500, body: JSON.stringify({ error }), policy };
}

/** Whether Ark's refusal is its content policy's. */
export const isArkPolicy = (body: string): boolean => isArkPolicyCode(errorField(errorObject(body), "code"));
