/** Ark's `POST /images/generations`: Seedream (volcengine.com/docs/82379/1541523; what is marked "ours" is not documented). */
import { asList, asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import { keepFile, keptFile } from "../../kit/media/kept-file.ts";
import { picture } from "../../kit/media/picture.ts";
import type { Answer, Received, WholeAnswer } from "../../kit/vendor.ts";
import type { Quirks } from "./quirks.ts";

/** Pixels, least and most, and the named sizes, by family. */
const FAMILIES: [RegExp, number, number, string[]][] = [
  [/seedream-5-0/, 3_686_400, 10_404_496, ["2K", "3K"]],
  [/seedream-4-5/, 3_686_400, 16_777_216, ["2K", "4K"]],
  [/seedream-4-0/, 921_600, 16_777_216, ["1K", "2K", "4K"]],
];
const SIDES: Record<string, number> = { "1K": 1024, "2K": 2048, "3K": 3072, "4K": 4096 };
/** Pixels of one output token (usage of the answer: width x height / 256). */
const PIXELS_A_TOKEN = 256;
const MANY = 15;

const refuse = (status: number, code: string, message: string, param = ""): WholeAnswer => ({
  kind: "whole",
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ error: { code, message, param, type: status === 404 ? "NotFound" : "BadRequest" } }),
});
const invalid = (param: string, why: string): WholeAnswer => refuse(400, "InvalidParameter", `The parameter \`${param}\` specified in the request is not valid: ${why}`, param);

function sidesOf(size: string, [, least, most, named]: (typeof FAMILIES)[number]): [number, number] | string {
  if (named.includes(size)) return [SIDES[size] ?? 0, SIDES[size] ?? 0];
  const [width = 0, height = 0] = /^\d+x\d+$/.test(size) ? size.split("x").map(Number) : [];
  if (width === 0) return `size must be one of ${named.join(", ")} or WIDTHxHEIGHT`;
  if (width * height < least) return `image size must be at least ${least} pixels`;
  if (width * height > most) return `image size must be at most ${most} pixels`;
  return Math.max(width / height, height / width) > 16 ? "aspect ratio must be between 1/16 and 16" : [width, height];
}

/** Takes the vendor and a request whose key was accepted; gives the pictures. */
export async function arkPictures(_quirks: Quirks, request: Received): Promise<Answer> {
  const body = asObject(request.json);
  const [model, prompt] = [asText(body["model"]), asText(body["prompt"])];
  if (model === "") return refuse(400, "MissingParameter", "The request failed because it is missing `model` parameter.", "model");
  const family = FAMILIES.find(([pattern]) => pattern.test(model));
  if (!family || /nonexist|unknown/.test(model)) return refuse(404, "InvalidEndpointOrModel.NotFound", `The model or endpoint ${model} does not exist or you do not have access to it.`);
  if (prompt === "") return refuse(400, "MissingParameter", "The request failed because it is missing `prompt` parameter.", "prompt");
  if (/forbidden picture/i.test(prompt)) return refuse(400, "InputTextSensitiveContentDetected", "The request failed because the input text may contain sensitive information.");
  const sides = sidesOf(asText(body["size"]) || "2K", family);
  if (typeof sides === "string") return invalid("size", sides);
  const inputs = body["image"] === undefined ? [] : Array.isArray(body["image"]) ? asList(body["image"]) : [body["image"]];
  if (!inputs.every((one) => /^(https?:\/\/|data:image\/)/.test(asText(one)))) return invalid("image", "invalid url or base64");
  if (!["", "auto", "disabled"].includes(asText(body["sequential_image_generation"]))) return invalid("sequential_image_generation", "must be auto or disabled");
  const format = asText(body["response_format"]) || "url";
  if (format !== "url" && format !== "b64_json") return invalid("response_format", "must be url or b64_json");
  const most = asText(body["sequential_image_generation"]) === "auto" ? (asNumber(asObject(body["sequential_image_generation_options"])["max_images"]) ?? MANY) : 1;
  if (most + inputs.length > MANY && most > 1) return invalid("max_images", `images given and made may be ${MANY} at most`);
  // How many of a series are made is the model's choice; ours: as many as the prompt counts.
  const count = Math.min(most, Math.max(1, Number(/(\d+) pictures/.exec(prompt)?.[1] ?? 1)));
  const png = /seedream-5/.test(model) && asText(body["output_format"]) === "png";
  const data: JsonObject[] = [];
  for (let index = 0; index < count; index += 1) data.push(await one(request, { prompt, index, sides, png, format, seed: asText(body["model"]) }));
  const made = data.filter((entry) => entry["error"] === undefined).length;
  const tokens = Math.ceil((sides[0] * sides[1]) / PIXELS_A_TOKEN) * made;
  const usage = { generated_images: made, output_tokens: tokens, total_tokens: tokens };
  const shown = request.faults.has("no-usage") ? {} : { usage };
  return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ model, created: Math.floor(request.now / 1000), data, ...shown }), model, ...shown };
}

async function one(request: Received, wish: { prompt: string; index: number; sides: [number, number]; png: boolean; format: string; seed: string }): Promise<JsonObject> {
  const { prompt, index, sides, png, format } = wish;
  // The first picture of a series, or all of it, may be refused after it was made.
  if (/refused pictures?/i.test(prompt) || (index === 0 && /first refused/i.test(prompt)))
    return { error: { code: "OutputImageSensitiveContentDetected", message: "The request failed because the output image may contain sensitive information." } };
  const bytes = await picture({ width: sides[0], height: sides[1], format: png ? "png" : "jpeg", seed: `${wish.seed} ${prompt} ${index}` });
  const size = `${sides[0]}x${sides[1]}`;
  return format === "b64_json" ? { b64_json: Buffer.from(bytes).toString("base64"), size } : { url: keepFile(request, "doubao", bytes, png ? "png" : "jpeg"), size };
}

/** Takes a request for a picture's address; gives the file. */
export const arkFile = (request: Received): WholeAnswer => keptFile(request);
