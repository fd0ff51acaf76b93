/** Reads and checks what a videos request asks for, from JSON or from a form (openai SDK: VideoCreateParams). */
import { fieldOf } from "../../../kit/form.ts";
import { asObject, asText, isObject, type JsonObject } from "../../../kit/json.ts";
import { inputFile } from "../../../kit/media/input-file.ts";
import { pictureFormat } from "../../../kit/media/picture.ts";
import type { Form, Received } from "../../../kit/vendor.ts";
import { invalid, type OpenAiError } from "../errors.ts";

/** A film, understood. */
export interface VideoWish {
  model: string;
  prompt: string;
  seconds: string;
  size: string;
}

const PROMPT_MAX = 32_000;
const SECONDS = ["4", "8", "12"];
const SIZES = ["720x1280", "1280x720", "1024x1792", "1792x1024"];
/** Sizes of sora-2; the pro model has all. */
const SMALL = 2;

/** Takes a request; gives its body's members, those of a form too, `undefined` when it is neither. */
export function bodyOf({ form, json }: Received): JsonObject | undefined {
  if (!form) return isObject(json) ? json : undefined;
  const fields: JsonObject = {};
  for (const name of form.texts.keys()) {
    const [, outer, inner] = /^(\w+)\[(\w+)\]$/.exec(name) ?? [];
    if (outer === undefined || inner === undefined) fields[name] = fieldOf(form, name);
    else fields[outer] = { ...asObject(fields[outer]), [inner]: fieldOf(form, name) };
  }
  return fields;
}

function oneOf(body: JsonObject, name: string, values: string[]): OpenAiError | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  const listed = values.map((one) => `'${one}'`).join(", ");
  if (typeof value !== "string") return invalid(`Invalid type for '${name}': expected one of ${listed}, but got ${Number.isInteger(value) ? "an integer" : `a ${typeof value}`} instead.`, name, "invalid_type");
  return values.includes(value) ? undefined : invalid(`Invalid value: '${value}'. Supported values are: ${listed}.`, name, "invalid_value");
}

/** The first picture must be one, and of the film's size. */
async function faultOfReference(body: JsonObject, form: Form | undefined, size: string): Promise<OpenAiError | undefined> {
  const file = form?.files.find((one) => one.name === "input_reference");
  const given = body["input_reference"];
  if (!file) {
    if (given === undefined || given === null) return undefined;
    const url = asText(asObject(given)["image_url"]);
    if (asText(asObject(given)["file_id"]) === "" && (url === "" || inputFile(url, "picture", false) !== "fits")) return invalid("Invalid 'input_reference': expected an image file, an image_url or a file_id.", "input_reference", "invalid_value");
    return undefined;
  }
  if (pictureFormat(file.bytes) === undefined) return invalid(`Invalid file 'input_reference': unsupported mimetype ('${file.type}'). Supported file formats are 'image/jpeg', 'image/png', and 'image/webp'.`, "input_reference", "unsupported_file_mimetype");
  const { width, height } = await new Bun.Image(file.bytes).metadata();
  return `${width}x${height}` === size ? undefined : invalid("Inpaint image must match the requested width and height", "input_reference", "invalid_value");
}

/** Takes a body; gives the error for its prompt, `undefined` when it has a good one. */
export function faultOfPrompt(body: JsonObject): OpenAiError | undefined {
  const prompt = asText(body["prompt"]);
  if (prompt === "") return invalid("Missing required parameter: 'prompt'.", "prompt", "missing_required_parameter");
  return prompt.length > PROMPT_MAX ? invalid(`Invalid 'prompt': string too long. Expected a string with maximum length ${PROMPT_MAX}.`, "prompt", "string_above_max_length") : undefined;
}

/** Takes a request; gives what it asks for, or the error the API would answer with 400. */
export async function readVideo(request: Received): Promise<VideoWish | OpenAiError> {
  const body = bodyOf(request);
  if (!body) return invalid("We could not parse the JSON body of your request.", null);
  const [model, size] = [asText(body["model"]) || "sora-2", asText(body["size"]) || (SIZES[0] ?? "")];
  const fault = faultOfPrompt(body) ?? oneOf(body, "seconds", SECONDS) ?? oneOf(body, "size", model.startsWith("sora-2-pro") ? SIZES : SIZES.slice(0, SMALL)) ?? (await faultOfReference(body, request.form, size));
  return fault ?? { model, prompt: asText(body["prompt"]), seconds: asText(body["seconds"]) || (SECONDS[0] ?? ""), size };
}
