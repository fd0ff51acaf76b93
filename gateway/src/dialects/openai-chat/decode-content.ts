import { isBase64 } from "../canonical/base64.ts";
import { objectOf } from "../canonical/fields.ts";
import { mediaOfUrl, type MediaSource } from "../canonical/media.ts";
import { trueMediaType } from "../canonical/media-signature.ts";
import { mediaTypeOfName, mediaTypeOfSound } from "../canonical/media-types.ts";
import type { CacheMark, FilePart, ImagePart, Part, TextPart } from "../canonical/parts.ts";
import { defined, fault, listAt, missing, objectAt, required, textAt, wordAt } from "../canonical/wire-fields.ts";
import { table } from "../../table.ts";

type Json = Record<string, unknown>;

/** OpenAI's `prompt_cache_breakpoint`, or the `cache_control` that OpenRouter's and Qwen's clients put on parts. */
function cacheAt(part: Json): CacheMark | undefined {
  const control = objectOf(part["cache_control"]);
  if (control["type"] === "ephemeral") return control["ttl"] === "1h" || control["ttl"] === "5m" ? { ttl: control["ttl"] } : {};
  return objectOf(part["prompt_cache_breakpoint"])["mode"] === "explicit" ? {} : undefined;
}

/** An address that a vendor or we may fetch, or the bytes themselves. Throws for anything else. */
function urlAt(value: string, at: string, wanted: RegExp, noun: string): MediaSource {
  if (/^https?:\/\/./i.test(value)) return { kind: "url", url: value };
  if (!/^data:/i.test(value)) throw fault(at, `"${at}" must be an http(s) address or a base64 data URL.`);
  const source = mediaOfUrl(value);
  if (source.kind !== "base64") throw fault(at, `"${at}" is no valid data URL: it must read data:<type>;base64,<data>.`);
  if (!wanted.test(source.mediaType)) throw fault(at, `"${at}" is no ${noun}: its type is ${source.mediaType.slice(0, 100)}.`);
  return bytesAt(source.mediaType, source.data, at);
}

/** Bytes that are what they are said to be. */
function bytesAt(said: string, data: string, at: string): MediaSource {
  const mediaType = trueMediaType(said, base64At(data, at));
  if (mediaType === undefined) throw fault(at, `"${at}" holds no ${said.slice(0, 100)}: its bytes are of no such file.`);
  return { kind: "base64", mediaType, data };
}

function base64At(data: string, at: string): string {
  if (!isBase64(data)) throw fault(at, `"${at}" holds no valid base64.`);
  return data;
}

function imageAt(part: Json, at: string): ImagePart {
  const inner = part["image_url"];
  const image = typeof inner === "string" ? { url: inner } : required(objectAt(inner, `${at}.image_url`), `${at}.image_url`);
  const url = required(textAt(objectOf(image)["url"], `${at}.image_url.url`), `${at}.image_url.url`);
  return defined<ImagePart>({
    type: "image",
    source: urlAt(url, `${at}.image_url.url`, /^image\//i, "image"),
    detail: textAt(objectOf(image)["detail"], `${at}.image_url.detail`),
    cache: cacheAt(part),
  });
}

function audioAt(part: Json, at: string): Part {
  const inner = required(objectAt(part["input_audio"], `${at}.input_audio`), `${at}.input_audio`);
  const data = required(textAt(inner["data"], `${at}.input_audio.data`), `${at}.input_audio.data`);
  const format = required(textAt(inner["format"], `${at}.input_audio.format`), `${at}.input_audio.format`);
  if (!/^[a-z0-9]{2,10}$/.test(format)) throw fault(`${at}.input_audio.format`, `"${at}.input_audio.format" must name a sound format, such as wav or mp3.`);
  return { type: "audio", source: { kind: "base64", mediaType: mediaTypeOfSound(format), data: base64At(data, `${at}.input_audio.data`) } };
}

function fileAt(part: Json, at: string): FilePart {
  const file = required(objectAt(part["file"], `${at}.file`), `${at}.file`);
  const name = textAt(file["filename"], `${at}.file.filename`);
  const id = textAt(file["file_id"], `${at}.file.file_id`);
  const data = textAt(file["file_data"], `${at}.file.file_data`);
  if (id === undefined && data === undefined) throw fault(`${at}.file`, `"${at}.file" needs file_data or file_id.`);
  const source = data === undefined ? { kind: "file-id" as const, id: id ?? "", keeper: "openai" as const } : fileData(data, name, `${at}.file.file_data`);
  return defined<FilePart>({ type: "file", source, name, cache: cacheAt(part) });
}

/** `file_data` is a data URL by OpenAI's guide; bare base64 and addresses (OpenRouter) are met as well. */
function fileData(data: string, name: string | undefined, at: string): MediaSource {
  if (/^(https?|data):/i.test(data)) return urlAt(data, at, /./, "file");
  return bytesAt(mediaTypeOfName(name ?? "") ?? "application/pdf", data, at);
}

function videoAt(part: Json, at: string): Part {
  const inner = part["video_url"];
  const url = required(textAt(typeof inner === "string" ? inner : required(objectAt(inner, `${at}.video_url`), `${at}.video_url`)["url"], `${at}.video_url.url`), `${at}.video_url.url`);
  return { type: "video", source: urlAt(url, `${at}.video_url.url`, /^video\//i, "video") };
}

function textPartAt(part: Json, at: string): TextPart {
  return defined<TextPart>({ type: "text", text: required(textAt(part["text"], `${at}.text`), `${at}.text`), cache: cacheAt(part) });
}

const KINDS = ["text", "refusal", "image_url", "input_audio", "file", "video_url"] as const;
type Kind = (typeof KINDS)[number];

/** Which kinds of parts a role's `content` may hold (SDK types ChatCompletion*MessageParam; tool results with images are met in the wild). */
const KINDS_BY_ROLE: Record<string, readonly Kind[]> = table({
  system: ["text"],
  developer: ["text"],
  user: ["text", "image_url", "input_audio", "file", "video_url"],
  assistant: ["text", "refusal", "image_url"],
  tool: ["text", "image_url", "file"],
});

/** `content` of a message: a text is one text part, null and missing are none. Throws GatewayError for what is no content of that role. */
export function contentAt(value: unknown, role: string, at: string): Part[] {
  if (missing(value)) return [];
  if (typeof value === "string") return [{ type: "text", text: value }];
  if (!Array.isArray(value)) throw fault(at, `"${at}" must be a text or a list of parts.`);
  return (listAt(value, at) ?? []).map((item, index) => {
    const where = `${at}[${index}]`;
    const part = required(objectAt(item, where), where);
    const kind = required(wordAt(part["type"], `${where}.type`, KINDS_BY_ROLE[role] ?? KINDS), `${where}.type`);
    switch (kind) {
      case "text":
        return textPartAt(part, where);
      case "refusal":
        return { type: "refusal", text: required(textAt(part["refusal"], `${where}.refusal`), `${where}.refusal`) };
      case "image_url":
        return imageAt(part, where);
      case "input_audio":
        return audioAt(part, where);
      case "file":
        return fileAt(part, where);
      case "video_url":
        return videoAt(part, where);
    }
  });
}
