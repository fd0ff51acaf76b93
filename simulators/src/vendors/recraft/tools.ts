/** Recraft's tools: what is made of a picture (its API reference: tools; image inputs and results). A picture comes in a form or, by its address or as a data URL, in JSON. */
import { problemsOf, type Fields, type Problem, type Rule } from "../../kit/fields.ts";
import { formInput } from "../../kit/form-input.ts";
import { asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import { dataOf } from "../../kit/media/input-file.ts";
import { keepFile } from "../../kit/media/kept-file.ts";
import { picture } from "../../kit/media/picture.ts";
import { svg } from "../../kit/media/svg.ts";
import { isForbidden } from "../../kit/tasks/outputs.ts";
import type { Answer, Received } from "../../kit/vendor.ts";
import { bad } from "./errors.ts";

/** A tool. */
interface Tool {
  /** the name of the picture in a form; in JSON it is `image_url` */
  image: "image" | "file";
  mask?: boolean;
  fields: Fields;
  /** shortest side of the picture */
  least: number;
  /** "data": a list of `n`; "image": one */
  result: "data" | "image";
  /** how many times the sides of the picture the result has */
  scale: number;
  vector?: boolean;
  /** units of one result ($1 is 1,000) */
  units: number;
}

const BYTES_MAX = 10 * 1024 * 1024;
const PIXELS_MAX = 16 * 1024 * 1024;
const SIDE_MAX = 4096;
/** Sides of a picture that is not opened. */
const UNKNOWN: [number, number] = [1024, 1024];

const FILE: Rule = { is: "file", kind: "picture", required: true };
const PROMPT: Rule = { is: "text", required: true, least: 1, most: 1000 };
const results: Fields = { response_format: { is: "text", values: ["url", "b64_json"] }, image_format: { is: "text", values: ["webp", "png"] } };
const drawn: Fields = {
  prompt: PROMPT,
  n: { is: "integer", least: 1, most: 6 },
  model: { is: "text", values: ["recraftv3", "recraftv3_vector", "recraftv2", "recraftv2_vector"] },
  style: { is: "text", values: ["any", "realistic_image", "digital_illustration", "vector_illustration", "icon"] },
  substyle: { is: "text" },
  style_id: { is: "text" },
  negative_prompt: { is: "text" },
  ...results,
};
const edit = (more: Fields, mask = false): Tool => ({ image: "image", mask, fields: { ...drawn, ...more }, least: 256, result: "data", scale: 1, units: 40 });
const crisp: Tool = { image: "file", fields: results, least: 32, result: "image", scale: 2, units: 4 };
const creative: Tool = { image: "file", fields: results, least: 256, result: "image", scale: 2, units: 250 };

/** Tools by path below `/v1/images/`. Clarity and generative are the older names of crisp and creative upscale. */
export const TOOLS: Record<string, Tool> = {
  imageToImage: edit({ strength: { is: "number", required: true, least: 0, most: 1 } }),
  inpaint: edit({}, true),
  replaceBackground: edit({}),
  generateBackground: edit({}, true),
  vectorize: { image: "file", fields: { response_format: { is: "text", values: ["url", "b64_json"] } }, least: 256, result: "image", scale: 1, vector: true, units: 10 },
  removeBackground: { image: "file", fields: results, least: 256, result: "image", scale: 1, units: 10 },
  crispUpscale: crisp,
  clarityUpscale: crisp,
  creativeUpscale: creative,
  generativeUpscale: creative,
};

function textOf({ path, what, rule }: Problem): string {
  const name = path.join(".");
  if (what === "missing") return `${name} is required`;
  if (what === "values" && "values" in rule) return `${name} must be one of ${(rule.values ?? []).join(", ")}`;
  if (what === "file") return `${name} is not a supported image`;
  return what === "gone" ? `${name} could not be loaded` : `${name} is invalid`;
}

/** Takes a picture as it came; gives its sides, those of one that is not opened, or what is wrong with it. */
async function sidesOf(value: unknown, least: number): Promise<[number, number] | string> {
  const bytes = value instanceof Uint8Array ? value : dataOf(asText(value));
  if (!bytes) return UNKNOWN;
  if (bytes.length > BYTES_MAX) return "image is too large: 10 MB at most";
  const found = await new Bun.Image(bytes).metadata().catch(() => undefined);
  if (!found) return "image cannot be decoded";
  const { width, height } = found;
  if (Math.min(width, height) < least || Math.max(width, height) > SIDE_MAX) return `image sides must be between ${least} and ${SIDE_MAX} pixels`;
  return width * height > PIXELS_MAX ? "image is too large: 16 megapixels at most" : [width, height];
}

/** Takes a request and the tool; gives its result. */
export async function useTool(request: Received, tool: Tool): Promise<Answer> {
  const [image, mask] = request.form ? [tool.image, "mask"] : ["image_url", "mask_url"];
  const fields: Fields = { [image]: FILE, ...(tool.mask ? { [mask]: FILE } : {}), ...tool.fields };
  if (!request.form && request.json === undefined) return bad("request body is neither a form nor valid JSON");
  const input: JsonObject = request.form ? formInput(request.form, fields) : asObject(request.json);
  const [problem] = problemsOf(fields, input);
  if (problem) return bad(textOf(problem));
  if (input["style"] !== undefined && input["style_id"] !== undefined) return bad("style and style_id are mutually exclusive");
  const sides = await sidesOf(input[image], tool.least);
  if (typeof sides === "string") return bad(sides);
  const masked = tool.mask ? await sidesOf(input[mask], 1) : sides;
  if (typeof masked === "string") return bad(masked);
  const opened = [input[image], input[mask]].every((value) => value instanceof Uint8Array || asText(value).startsWith("data:"));
  if (tool.mask && opened && masked.join() !== sides.join()) return bad("mask must have the same size as the image");
  const prompt = asText(input["prompt"]);
  if (isForbidden(prompt) || request.faults.has("refuse") || request.faults.has("refuse-submit")) return bad("the prompt was rejected by moderation");

  const model = asText(input["model"]) || "recraftv3";
  const vector = tool.vector === true || model.endsWith("_vector") || /^(?:vector_illustration|icon)$/.test(asText(input["style"]));
  const format = input["image_format"] === "png" ? "png" : "webp";
  const count = tool.result === "data" ? (asNumber(input["n"]) ?? 1) - (request.faults.has("partial") ? 1 : 0) : 1;
  const made: JsonObject[] = [];
  for (let index = 0; index < count; index += 1) {
    const [width, height] = [sides[0] * tool.scale, sides[1] * tool.scale];
    const seed = `${request.path} ${prompt} ${index}`;
    const bytes = vector ? svg(width, height, seed) : await picture({ width, height, format, seed, transparent: request.path.endsWith("removeBackground") });
    made.push({ image_id: request.ids.hex(32), ...(input["response_format"] === "b64_json" ? { b64_json: Buffer.from(bytes).toString("base64") } : { url: keepFile(request, "recraft", bytes, vector ? "svg" : format) }) });
  }
  // a vector costs twice a raster picture; a tool has one price
  const units = tool.result === "data" ? count * (model.startsWith("recraftv2") ? 22 : tool.units) * (vector ? 2 : 1) : tool.units;
  const body = { created: Math.floor(request.now / 1000), credits: units, ...(tool.result === "data" ? { data: made } : { image: made[0] }) };
  return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body), model: tool.result === "data" ? model : request.path.split("/").at(-1) ?? "", usage: { credits: units } };
}

/** Takes a request for a style of one's own; gives its id. */
export function makeStyle(request: Received): Answer {
  const { form } = request;
  if (!form) return bad("a form is expected");
  const style = formInput(form, { style: { is: "text" } })["style"];
  if (!/^(?:realistic_image|digital_illustration|vector_illustration|icon|any)$/.test(asText(style))) return bad("unknown style");
  if (form.files.length < 1 || form.files.length > 5) return bad("from 1 to 5 files are needed");
  return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ id: `${request.ids.hex(8)}-${request.ids.hex(4)}-4${request.ids.hex(3)}-8${request.ids.hex(3)}-${request.ids.hex(12)}`, credits: 40 }), usage: { credits: 40 } };
}
