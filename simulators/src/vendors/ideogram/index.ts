/** Ideogram 3.0 (its API reference): every picture route is a form and answers when it is done. */
import { problemsOf, type Fields, type Problem } from "../../kit/fields.ts";
import { formInput } from "../../kit/form-input.ts";
import { asList, asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import { keepFile, keptFile } from "../../kit/media/kept-file.ts";
import { picture } from "../../kit/media/picture.ts";
import { sidesOfPixels } from "../../kit/media/shape.ts";
import { isForbidden } from "../../kit/tasks/outputs.ts";
import type { Answer, Failure, Received, Vendor, WholeAnswer } from "../../kit/vendor.ts";
import { ROUTES, UPSCALE } from "./fields.ts";

const FILE_MAX = 25 * 1024 * 1024;
const REQUEST_MAX = 50 * 1024 * 1024;
const PIXELS = 1024 * 1024;
/** Upscaling doubles the sides. */
const UPSCALE_FACTOR = 2;
/** Random seeds are below this. */
const SEEDS = 2 ** 31;

const credentialOf = (headers: Headers): string => headers.get("api-key") ?? "";
const refused = (status: number, error: string, headers: Record<string, string> = {}): WholeAnswer => ({ kind: "whole", status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify({ error }) });
const UNSAFE = "Prompt or provided image failed the safety checks";

function textOf({ path, what, rule }: Problem): string {
  const name = path.join(".");
  if (what === "missing") return `Missing required field: ${name}`;
  if (what === "values" && "values" in rule) return `Invalid value for ${name}. Must be one of: ${(rule.values ?? []).join(", ")}`;
  if (what === "least" || what === "most") return `${name} is out of range`;
  return what === "file" ? `${name} is not a supported image: use JPEG, PNG or WebP` : `Invalid value for ${name}`;
}

type Sides = [number, number];
const sidesIn = async (value: unknown): Promise<Sides | undefined> => {
  if (!(value instanceof Uint8Array)) return undefined;
  const found = await new Bun.Image(value).metadata().catch(() => undefined);
  return found && [found.width, found.height];
};

/** What fields say together; `undefined` when all is well. */
async function faultOf(route: string, input: JsonObject): Promise<string | undefined> {
  if (input["resolution"] !== undefined && input["aspect_ratio"] !== undefined) return "Only one of resolution and aspect_ratio may be given";
  if (input["style_codes"] !== undefined && (input["style_reference_images"] !== undefined || input["style_type"] !== undefined)) return "style_codes cannot be used with style_reference_images or style_type";
  if (Object.values(input).flatMap((value) => asList(value).concat(value)).some((value) => value instanceof Uint8Array && value.length > FILE_MAX)) return "Image is larger than 25MB";
  if (route !== "edit") return undefined;
  const [image, mask] = [await sidesIn(input["image"]), await sidesIn(input["mask"])];
  return image && mask && image.join() === mask.join() ? undefined : "The mask must have the same size as the image";
}

async function sidesOf(route: string, input: JsonObject): Promise<Sides> {
  const fixed = /^(\d+)x(\d+)$/.exec(asText(input["resolution"]));
  if (fixed) return [Number(fixed[1]), Number(fixed[2])];
  const own = await sidesIn(input["image"] ?? input["image_file"]);
  if (own && route === "upscale") return [own[0] * UPSCALE_FACTOR, own[1] * UPSCALE_FACTOR];
  if (own && route !== "remix") return own;
  return sidesOfPixels(asText(input["aspect_ratio"]) || "1x1", PIXELS) ?? [1024, 1024];
}

/** Takes a request, the route and its fields; gives the pictures. `first refused` in the prompt holds the first one back, the fault `partial` the last, `refuse` all. */
async function draw(request: Received, route: string, fields: Fields): Promise<Answer> {
  if (!request.form) return refused(400, "Invalid input: expected multipart/form-data");
  if (request.body.length > REQUEST_MAX) return refused(413, "Request is larger than 50MB");
  const input = formInput(request.form, fields);
  const [problem] = problemsOf(fields, input);
  if (problem) return refused(400, textOf(problem));
  const fault = await faultOf(route, input);
  if (fault !== undefined) return refused(400, fault);
  const asked: JsonObject = route === "upscale" ? asObject(input["image_request"]) : input;
  const prompt = asText(asked["prompt"]);
  if (isForbidden(prompt) || request.faults.has("refuse-submit")) return refused(422, UNSAFE);
  const [width, height] = await sidesOf(route, input);
  const count = asNumber(asked["num_images"]) ?? 1;
  const first = asNumber(asked["seed"]) ?? Number(BigInt(`0x${request.ids.hex(12)}`) % BigInt(SEEDS));
  const data: JsonObject[] = [];
  for (let index = 0; index < count; index += 1) {
    const safe = !request.faults.has("refuse") && !(index === 0 && /\bfirst refused\b/i.test(prompt)) && !(index === count - 1 && request.faults.has("partial"));
    const url = safe ? keepFile(request, "ideogram", await picture({ width, height, format: "png", seed: `${prompt} ${first + index}` }), "png") : null;
    data.push({ prompt, resolution: `${width}x${height}`, is_image_safe: safe, seed: (first + index) % SEEDS, url, style_type: asText(asked["style_type"]) || "GENERAL" });
  }
  return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ created: new Date(request.now).toISOString(), data }), model: `ideogram-v3/${route}` };
}

function answer(request: Received): Answer | Promise<Answer> {
  if (request.method === "GET" && request.path.startsWith("/__files/")) return keptFile(request);
  if (!/^[\w-]{6,}$/.test(credentialOf(request.headers))) return refused(401, "Unauthorized: the Api-Key header is missing or invalid");
  const route = request.path === "/upscale" ? "upscale" : (/^\/v1\/ideogram-v3\/([\w-]+)$/.exec(request.path)?.[1] ?? "");
  const fields = route === "upscale" ? UPSCALE : Object.hasOwn(ROUTES, route) ? ROUTES[route] : undefined;
  return request.method === "POST" && fields ? draw(request, route, fields) : refused(404, "Not found");
}

function fail(_request: Received, failure: Failure): WholeAnswer {
  const { message, status } = failure;
  if (failure.kind === "no-balance") return refused(402, message ?? "Insufficient credits");
  if (failure.kind === "bad-key" || status === 401) return refused(401, message ?? "Unauthorized: the Api-Key header is missing or invalid");
  const texts: Record<number, string> = { 422: UNSAFE, 429: "Rate limit exceeded" };
  return refused(status, message ?? texts[status] ?? (status >= 500 ? "Internal server error" : "Invalid input"), failure.retryAfter === undefined ? {} : { "retry-after": String(failure.retryAfter) });
}

/** Ideogram on its own wire. */
export const ideogram: Vendor = { name: "ideogram", routes: [...Object.keys(ROUTES).map((route) => `POST /v1/ideogram-v3/${route}`), "POST /upscale"], credentialOf, answer, fail, errorFrame: () => "" };
