/** Ark's `POST /images/generations`: Seedream (volcengine.com/docs/82379/1541523; what is marked "ours" is not documented). */
import { asList, asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import { keepFile } from "../../kit/media/kept-file.ts";
import { picture } from "../../kit/media/picture.ts";
import { isRefused, madeOf } from "../../kit/tasks/outputs.ts";
import type { Answer, Frame, Received } from "../../kit/vendor.ts";
import { invalid, missing, noModel, refuse, SENSITIVE } from "./errors.ts";

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

function sidesOf(size: string, [, least, most, named]: (typeof FAMILIES)[number]): [number, number] | string {
  if (named.includes(size)) return [SIDES[size] ?? 0, SIDES[size] ?? 0];
  const [width = 0, height = 0] = /^\d+x\d+$/.test(size) ? size.split("x").map(Number) : [];
  if (width === 0) return `size must be one of ${named.join(", ")} or WIDTHxHEIGHT`;
  if (width * height < least) return `image size must be at least ${least} pixels`;
  if (width * height > most) return `image size must be at most ${most} pixels`;
  return Math.max(width / height, height / width) > 16 ? "aspect ratio must be between 1/16 and 16" : [width, height];
}

/** Takes a request whose key was accepted; gives the pictures, whole or as a stream. */
export async function pictures(request: Received): Promise<Answer> {
  const body = asObject(request.json);
  const [model, prompt] = [asText(body["model"]), asText(body["prompt"])];
  if (model === "") return missing("model");
  const family = FAMILIES.find(([pattern]) => pattern.test(model));
  if (!family || /nonexist|unknown/.test(model)) return noModel(model);
  if (prompt === "") return missing("prompt");
  if (isRefused(request.faults, prompt)) return refuse(400, ...SENSITIVE.text);
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
  // with `partial` the last one is refused after it was made
  for (const entry of data.slice(madeOf(data, request.faults).length)) {
    for (const name of Object.keys(entry)) delete entry[name];
    entry["error"] = refusedPicture();
  }
  const made = data.filter((entry) => entry["error"] === undefined).length;
  const tokens = Math.ceil((sides[0] * sides[1]) / PIXELS_A_TOKEN) * made;
  const usage = { generated_images: made, output_tokens: tokens, total_tokens: tokens };
  const shown = request.faults.has("no-usage") ? {} : { usage };
  const created = Math.floor(request.now / 1000);
  if (body["stream"] === true) return { kind: "stream", headers: { "content-type": "text/event-stream; charset=utf-8" }, frames: frames({ model, created }, data, request.faults.has("no-usage") ? undefined : usage), model };
  return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ model, created, data, ...shown }), model, ...shown };
}

const refusedPicture = (): JsonObject => ({ code: SENSITIVE.picture[0], message: SENSITIVE.picture[1] });

/** The events of a stream: one for each picture as it is made, then the usage (docs/82379/1824137). */
function* frames(common: JsonObject, data: JsonObject[], usage: JsonObject | undefined): Generator<Frame> {
  const event = (type: string, more: JsonObject): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...common, ...more })}\n\n`;
  for (const [index, entry] of data.entries()) yield { kind: "content", text: event(entry["error"] === undefined ? "image_generation.partial_succeeded" : "image_generation.partial_failed", { image_index: index, ...entry }) };
  yield { kind: "other", text: event("image_generation.completed", usage ? { usage } : {}), ...(usage ? { usage: () => usage } : {}) };
  yield { kind: "end", text: "data: [DONE]\n\n" };
}

async function one(request: Received, wish: { prompt: string; index: number; sides: [number, number]; png: boolean; format: string; seed: string }): Promise<JsonObject> {
  const { prompt, index, sides, png, format } = wish;
  // The first picture of a series, or all of it, may be refused after it was made.
  if (/refused pictures?/i.test(prompt) || (index === 0 && /first refused/i.test(prompt)))
    return { error: refusedPicture() };
  const bytes = await picture({ width: sides[0], height: sides[1], format: png ? "png" : "jpeg", seed: `${wish.seed} ${prompt} ${index}` });
  const size = `${sides[0]}x${sides[1]}`;
  return format === "b64_json" ? { b64_json: Buffer.from(bytes).toString("base64"), size } : { url: keepFile(request, "doubao", bytes, png ? "png" : "jpeg"), size };
}
