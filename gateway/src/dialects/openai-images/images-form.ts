import type { FormPart, FormScan } from "../canonical/form-scan.ts";
import { objectOf } from "../canonical/fields.ts";
import { formCount, formText } from "../canonical/form-fields.ts";
import type { GivenPicture, ImagesAnswer, ImagesRequest } from "../canonical/media-call.ts";
import type { Usage } from "../canonical/usage.ts";
import { GatewayError } from "../../errors/gateway-error.ts";

/** Members that only OpenAI's own models know. */
const EXTRAS = ["quality", "style", "background", "output_format", "output_compression", "moderation", "input_fidelity", "partial_images"];
/** Values of theirs that say nothing. */
const SILENT = new Set(["auto", "", "png", "standard", "opaque"]);

const wrong = (param: string, publicText: string): GatewayError => new GatewayError("invalidRequest", { publicText, param });

/** A request's JSON body, for a vendor with other words. */
export function decodeImages(body: Record<string, unknown>): ImagesRequest {
  return {
    prompt: String(body["prompt"]),
    n: Number(body["n"] ?? 1),
    size: sizeOf(body["size"]),
    pictures: [],
    links: linksOf(body),
    mask: undefined,
    members: body,
    extras: EXTRAS.filter((name) => body[name] !== undefined && body[name] !== null && !SILENT.has(typeof body[name] === "string" ? body[name] : "set")),
  };
}

/** A form's fields and files, likewise. `base64`: how a file is written into JSON. */
export function decodeImagesForm(form: FormScan, base64: (bytes: Buffer) => string): ImagesRequest {
  const file = (part: FormPart): GivenPicture => {
    const bytes = form.bytes.subarray(part.start, part.end);
    return { bytes, contentType: pictureType(bytes, part.name), base64: () => base64(bytes) };
  };
  const files = form.parts.filter((part) => part.filename !== undefined);
  const mask = files.find((part) => part.name === "mask");
  return {
    prompt: formText(form, "prompt") ?? "",
    n: formCount(form, "n") ?? 1,
    size: sizeOf(formText(form, "size")),
    pictures: files.filter((part) => part !== mask).map(file),
    links: [],
    mask: mask && file(mask),
    members: Object.fromEntries(form.parts.filter((part) => part.filename === undefined).map((part) => [part.name, formText(form, part.name)])),
    extras: EXTRAS.filter((name) => !SILENT.has(formText(form, name) ?? "")),
  };
}

/** Pictures that a JSON body names: `images: [{image_url}]` (SDK type ImageEditParams), or `image` as an address or several, as other vendors have it. */
function linksOf(body: Record<string, unknown>): string[] {
  const listed = (value: unknown): unknown[] => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]);
  if (body["mask"] !== undefined && body["mask"] !== null) throw wrong("mask", '"mask" can only be sent as a file (multipart/form-data) to this model.');
  const links = [...listed(body["image"]), ...listed(body["images"]).map((one) => (typeof one === "string" ? one : objectOf(one)["image_url"]))];
  return links.map((link) => {
    if (typeof link !== "string" || !/^(https?:|data:image\/)/i.test(link)) throw wrong("image", "Pictures to edit must be files (multipart/form-data), https addresses or data URLs.");
    return link;
  });
}

/** What a picture is by its first bytes: its name and the caller's word for it may be wrong. */
function pictureType(bytes: Buffer, name: string): string {
  const start = bytes.toString("latin1", 0, 12);
  if (start.startsWith("\x89PNG\r\n")) return "image/png";
  if (start.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (start.startsWith("RIFF") && start.endsWith("WEBP")) return "image/webp";
  throw wrong(name, `"${name}" is no PNG, JPEG or WebP file.`);
}

function sizeOf(value: unknown): ImagesRequest["size"] {
  if (value === undefined || value === null || value === "auto" || value === "") return undefined;
  const found = typeof value === "string" ? /^(\d{2,5})x(\d{2,5})$/.exec(value) : null;
  if (!found) throw wrong("size", '"size" must be "auto" or a width and height such as "1024x1024".');
  return { width: Number(found[1]), height: Number(found[2]) };
}

/** Where a picture was kept; `expires_at`: Unix seconds after which it may be gone. */
export interface KeptPicture {
  url: string;
  expires_at?: number;
}

/** The answer as OpenAI gives it. `kept`: the pictures' addresses, in their order; undefined: base64. `nowSeconds`: Unix seconds. */
export function encodeImages(answer: ImagesAnswer, kept: readonly KeptPicture[] | undefined, nowSeconds: number): Buffer {
  const data = answer.pictures.map(({ base64 }, index) => kept?.[index] ?? { b64_json: base64 });
  return Buffer.from(JSON.stringify({ created: nowSeconds, data, ...(answer.usage && tokensOf(answer.usage) > 0 ? { usage: writeUsage(answer.usage) } : {}) }));
}

/** The same as events, for a caller that asked for them: each picture complete, none partial. */
export function encodeImageEvents(answer: ImagesAnswer, edit: boolean, nowSeconds: number): Buffer {
  const type = edit ? "image_edit.completed" : "image_generation.completed";
  const usage = answer.usage ? writeUsage(answer.usage) : undefined;
  return Buffer.from(answer.pictures.map(({ base64 }) => `event: ${type}\ndata: ${JSON.stringify({ type, b64_json: base64, created_at: nowSeconds, usage })}\n\n`).join(""));
}

const tokensOf = (usage: Usage): number => (usage.input ?? 0) + (usage.inputImage ?? 0) + (usage.output ?? 0) + (usage.reasoning ?? 0) + (usage.outputImage ?? 0);

function writeUsage(usage: Usage): Record<string, unknown> {
  const [text, image] = [usage.input ?? 0, usage.inputImage ?? 0];
  const total = tokensOf(usage);
  return { total_tokens: total, input_tokens: text + image, output_tokens: total - text - image, input_tokens_details: { text_tokens: text, image_tokens: image } };
}
