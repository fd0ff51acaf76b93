/** Reads and checks what an images request asks for, from JSON or from a form (openai SDK: ImageGenerateParams, ImageEditParams). */
import { fieldOf } from "../../../kit/form.ts";
import { asNumber, asObject, asText, type JsonObject } from "../../../kit/json.ts";
import { pictureFormat } from "../../../kit/media/picture.ts";
import type { Form, Received } from "../../../kit/vendor.ts";
import { range } from "../check.ts";
import { invalid, type OpenAiError } from "../errors.ts";

/** An images request, understood. */
export interface ImageWish {
  model: string;
  prompt: string;
  n: number;
  width: number;
  height: number;
  quality: string;
  background: string;
  format: "png" | "jpeg" | "webp";
  url: boolean;
  stream: boolean;
  partials: number;
  /** pictures to edit, the mask not counted */
  inputs: number;
}

const SIZES: Record<string, string[]> = {
  "dall-e-2": ["256x256", "512x512", "1024x1024"],
  "dall-e-3": ["1024x1024", "1792x1024", "1024x1792"],
  gpt: ["1024x1024", "1536x1024", "1024x1536", "auto"],
};
const QUALITIES: Record<string, string[]> = { "dall-e-2": ["standard", "auto"], "dall-e-3": ["standard", "hd", "auto"], gpt: ["low", "medium", "high", "auto"] };
/** Numbers among the fields; a form has them as text. */
const NUMBERS = ["n", "output_compression", "partial_images"];

/** Takes a form; gives its fields as JSON would have them. */
function fieldsOfForm(form: Form): JsonObject {
  const fields: JsonObject = {};
  for (const name of form.texts.keys()) {
    const text = fieldOf(form, name);
    fields[name] = NUMBERS.includes(name) ? Number(text) : name === "stream" ? text === "true" : text;
  }
  return fields;
}

/** Takes the model; gives the family whose rules hold for it. */
export const familyOf = (model: string): string => (model.startsWith("dall-e-") ? model : "gpt");

function oneOf(body: JsonObject, name: string, values: string[]): OpenAiError | undefined {
  const value = body[name];
  if (value === undefined || value === null || values.includes(asText(value))) return undefined;
  return invalid(`Invalid value: '${asText(value)}'. Supported values are: ${values.map((one) => `'${one}'`).join(", ")}.`, name, "invalid_value");
}

function faultOf(body: JsonObject, model: string): OpenAiError | undefined {
  const gpt = familyOf(model) === "gpt";
  if (asText(body["prompt"]) === "") return invalid("Missing required parameter: 'prompt'.", "prompt", "missing_required_parameter");
  if (gpt && body["response_format"] !== undefined) return invalid("Unknown parameter: 'response_format'.", "response_format", "unknown_parameter");
  if (!gpt && body["stream"] === true) return invalid("Unknown parameter: 'stream'.", "stream", "unknown_parameter");
  const free = model.startsWith("gpt-image-2") && /^\d+x\d+$/.test(asText(body["size"]));
  return (
    range(body, "n", 1, model === "dall-e-3" ? 1 : 10, "integer") ??
    range(body, "partial_images", 0, 3, "integer") ??
    range(body, "output_compression", 0, 100, "integer") ??
    (free ? undefined : oneOf(body, "size", SIZES[familyOf(model)] ?? [])) ??
    oneOf(body, "quality", QUALITIES[familyOf(model)] ?? []) ??
    oneOf(body, "output_format", ["png", "jpeg", "webp"]) ??
    oneOf(body, "background", ["transparent", "opaque", "auto"]) ??
    oneOf(body, "response_format", ["url", "b64_json"])
  );
}

function faultOfFiles(form: Form): OpenAiError | undefined {
  const pictures = form.files.filter((file) => file.name === "image" || file.name === "image[]");
  if (pictures.length === 0) return invalid("Missing required parameter: 'image'.", "image", "missing_required_parameter");
  if (pictures.length > 16) return invalid("Invalid 'image': array too long. Expected an array with maximum length 16.", "image", "array_above_max_length");
  for (const file of [...pictures, ...form.files.filter((one) => one.name === "mask")])
    if (pictureFormat(file.bytes) === undefined)
      return invalid(`Invalid file '${file.name}': unsupported mimetype ('${file.type}'). Supported file formats are 'image/jpeg', 'image/png', and 'image/webp'.`, file.name, "unsupported_file_mimetype");
  return undefined;
}

/** Takes a request; gives what it asks for, or the error the API would answer with 400. */
export function readWish(request: Received, edit: boolean): ImageWish | OpenAiError {
  const { form } = request;
  if (edit && !form) return invalid("Could not parse multipart form", null);
  if (!edit && request.json === undefined) return invalid("We could not parse the JSON body of your request.", null);
  const body = form && edit ? fieldsOfForm(form) : asObject(request.json);
  const model = asText(body["model"]) || (edit ? "gpt-image-1" : "dall-e-2");
  const fault = faultOf(body, model) ?? (form && edit ? faultOfFiles(form) : undefined);
  if (fault) return fault;
  const [width, height] = (/^\d+x\d+$/.test(asText(body["size"])) ? asText(body["size"]) : "1024x1024").split("x").map(Number);
  const gpt = familyOf(model) === "gpt";
  const format = asText(body["output_format"]);
  const quality = asText(body["quality"]);
  return {
    model,
    prompt: asText(body["prompt"]),
    n: asNumber(body["n"]) ?? 1,
    width: width ?? 1024,
    height: height ?? 1024,
    quality: quality === "" || quality === "auto" ? (gpt ? "medium" : "standard") : quality,
    background: asText(body["background"]) === "transparent" ? "transparent" : "opaque",
    format: format === "jpeg" || format === "webp" ? format : "png",
    url: !gpt && body["response_format"] !== "b64_json",
    stream: body["stream"] === true,
    partials: asNumber(body["partial_images"]) ?? 0,
    inputs: form?.files.filter((file) => file.name !== "mask").length ?? 0,
  };
}
