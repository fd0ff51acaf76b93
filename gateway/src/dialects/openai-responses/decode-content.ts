import { isBase64 } from "../canonical/base64.ts";
import { type MediaSource, mediaOfUrl } from "../canonical/media.ts";
import { trueMediaType } from "../canonical/media-signature.ts";
import { mediaTypeOfName, mediaTypeOfSound } from "../canonical/media-types.ts";
import type { CacheMark, FilePart, ImagePart, Part, TextPart } from "../canonical/parts.ts";
import { readAnnotations } from "./citations.ts";
import { fault, list, object, optional, oneOf, text } from "./fault.ts";

/** More parts than this in one message is a mistake. */
const PARTS_MAX = 10_000;

/** What a message says: a text, or a list of parts (SDK types `ResponseInputContent`, `ResponseOutputText`, `ResponseOutputRefusal`). */
export function decodeContent(content: unknown, param: string): Part[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  return list(content, param, PARTS_MAX).map((part, index) => decodePart(object(part, `${param}[${index}]`), `${param}[${index}]`));
}

/** The output of a tool: a text, or a list of input parts. */
export function decodeOutput(output: unknown, param: string): (TextPart | ImagePart | FilePart)[] {
  return decodeContent(output, param).map((part) => {
    if (part.type === "text" || part.type === "image" || part.type === "file") return part;
    throw fault(`"${param}" may hold texts, images and files only.`, param);
  });
}

function decodePart(part: Record<string, unknown>, param: string): Part {
  const type = text(part["type"], `${param}.type`);
  switch (type) {
    case "input_text":
    case "text":
      return { type: "text", text: text(part["text"], `${param}.text`), ...cacheMark(part) };
    case "output_text": {
      const citations = readAnnotations(part["annotations"]);
      return { type: "text", text: text(part["text"], `${param}.text`), ...(citations.length > 0 ? { citations } : {}) };
    }
    case "refusal":
      return { type: "refusal", text: text(part["refusal"], `${param}.refusal`) };
    case "input_image":
      return decodeImage(part, param);
    case "input_file":
      return decodeFile(part, param);
    case "input_audio":
      return decodeAudio(object(part["input_audio"], `${param}.input_audio`), `${param}.input_audio`);
    default:
      throw fault(`"${param}.type" is "${type.slice(0, 60)}", which is none of: input_text, input_image, input_file, input_audio, output_text, refusal.`, `${param}.type`);
  }
}

function decodeImage(part: Record<string, unknown>, param: string): ImagePart {
  const detail = oneOf(part["detail"], ["low", "high", "auto", "original"], `${param}.detail`);
  // "auto" is what a missing detail means.
  const shared = { ...(detail === undefined || detail === "auto" ? {} : { detail }), ...cacheMark(part) };
  const id = optional(part["file_id"], "string", `${param}.file_id`);
  const url = optional(part["image_url"], "string", `${param}.image_url`);
  if (url !== undefined) {
    const source = decodeUrl(url, `${param}.image_url`);
    if (source.kind === "base64" && !source.mediaType.startsWith("image/")) throw fault(`"${param}.image_url" holds ${source.mediaType.slice(0, 60)}, which is no image.`, `${param}.image_url`);
    return { type: "image", source, ...shared };
  }
  if (id !== undefined) return { type: "image", source: { kind: "file-id", id, keeper: "openai" }, ...shared };
  throw fault(`"${param}" needs "image_url" or "file_id".`, param);
}

function decodeFile(part: Record<string, unknown>, param: string): FilePart {
  const name = optional(part["filename"], "string", `${param}.filename`);
  const data = optional(part["file_data"], "string", `${param}.file_data`);
  const url = optional(part["file_url"], "string", `${param}.file_url`);
  const id = optional(part["file_id"], "string", `${param}.file_id`);
  const shared = { ...(name === undefined ? {} : { name }), ...cacheMark(part) };
  if (data !== undefined) return { type: "file", source: fileData(data, name, `${param}.file_data`), ...shared };
  if (url !== undefined) return { type: "file", source: decodeUrl(url, `${param}.file_url`), ...shared };
  if (id !== undefined) return { type: "file", source: { kind: "file-id", id, keeper: "openai" }, ...shared };
  throw fault(`"${param}" needs "file_data", "file_url" or "file_id".`, param);
}

/** `file_data` is a data URL by the guide, and bare base64 in many clients. */
function fileData(data: string, name: string | undefined, param: string): MediaSource {
  if (data.startsWith("data:")) return decodeUrl(data, param);
  if (!isBase64(data)) throw fault(`"${param}" is neither base64 nor a data URL.`, param);
  return checked(mediaTypeOfName(name ?? "") ?? "application/pdf", data, param);
}

function decodeAudio(audio: Record<string, unknown>, param: string): Part {
  const format = oneOf(audio["format"], ["mp3", "wav"], `${param}.format`) ?? "wav";
  const data = text(audio["data"], `${param}.data`);
  if (!isBase64(data)) throw fault(`"${param}.data" is not base64.`, `${param}.data`);
  return { type: "audio", source: { kind: "base64", mediaType: mediaTypeOfSound(format), data } };
}

/** An address of the web, or a base64 data URL. Throws a 400 for anything else. */
function decodeUrl(url: string, param: string): MediaSource {
  if (/^https?:\/\/./i.test(url)) return { kind: "url", url };
  const source = mediaOfUrl(url);
  if (source.kind !== "base64") throw fault(`"${param}" must be an http(s) address or a base64 data URL.`, param);
  if (!isBase64(source.data)) throw fault(`"${param}" is a data URL whose data is not base64.`, param);
  return checked(source.mediaType, source.data, param);
}

/** Bytes that are what they are said to be. */
function checked(said: string, data: string, param: string): MediaSource {
  const mediaType = trueMediaType(said, data);
  if (mediaType === undefined) throw fault(`"${param}" holds no ${said.slice(0, 60)}: its bytes are of no such file.`, param);
  return { kind: "base64", mediaType, data };
}

function cacheMark(part: Record<string, unknown>): { cache?: CacheMark } {
  return typeof part["prompt_cache_breakpoint"] === "object" && part["prompt_cache_breakpoint"] !== null ? { cache: {} } : {};
}
