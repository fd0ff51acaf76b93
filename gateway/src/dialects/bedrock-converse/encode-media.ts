import type { AudioPart, FilePart, ImagePart, VideoPart } from "../canonical/parts.ts";
import { table } from "../../table.ts";

type Words = Record<string, unknown>;

/** Media types and Bedrock's names for them (SDK: ImageFormat, DocumentFormat, VideoFormat, AudioFormat). */
const IMAGES: Readonly<Record<string, string>> = table({ "image/png": "png", "image/jpeg": "jpeg", "image/jpg": "jpeg", "image/gif": "gif", "image/webp": "webp" });
const DOCUMENTS: Readonly<Record<string, string>> = table({
  "application/pdf": "pdf",
  "text/csv": "csv",
  "text/html": "html",
  "text/markdown": "md",
  "text/plain": "txt",
  "application/msword": "doc",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "application/vnd.ms-excel": "xls",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
});
const VIDEOS: Readonly<Record<string, string>> = table({
  "video/mp4": "mp4", "video/webm": "webm", "video/quicktime": "mov", "video/x-matroska": "mkv", "video/x-flv": "flv", "video/mpeg": "mpeg", "video/x-ms-wmv": "wmv", "video/3gpp": "three_gp",
});
const SOUNDS: Readonly<Record<string, string>> = table({
  "audio/wav": "wav", "audio/x-wav": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3", "audio/flac": "flac", "audio/ogg": "ogg", "audio/opus": "opus", "audio/aac": "aac", "audio/mp4": "m4a",
  "audio/webm": "webm", "audio/pcm": "pcm",
});
/** All else that is text is sent as plain text. */
const TEXTUAL = /^text\/|^application\/(json|xml|yaml|x-yaml|javascript|sql)\b|\+(json|xml)$/;

const plainType = (mediaType: string): string => (mediaType.split(";")[0] ?? "").trim().toLowerCase();

/** Bytes in Bedrock's form: it fetches nothing, so an address or another vendor's file id gives undefined. */
function bytesOf(source: ImagePart["source"], formats: Readonly<Record<string, string>>): { format: string; data: string } | undefined {
  if (source.kind !== "base64") return undefined;
  const type = plainType(source.mediaType);
  const format = formats[type];
  return format === undefined ? undefined : { format, data: source.data };
}

/** An image, video or audio block; undefined for what Bedrock does not take. */
export function mediaBlock(part: ImagePart | VideoPart | AudioPart): Words | undefined {
  const found = bytesOf(part.source, part.type === "image" ? IMAGES : part.type === "video" ? VIDEOS : SOUNDS);
  return found && { [part.type]: { format: found.format, source: { bytes: found.data } } };
}

/** Names of documents: each once, and of the characters that Bedrock takes (SDK: DocumentBlock.name). */
export class DocumentNames {
  private readonly taken = new Set<string>();

  next(wanted: string | undefined): string {
    const plain = (wanted ?? "").replace(/\.[A-Za-z]{2,5}$/, "").replace(/[^A-Za-z0-9\-()[\] ]+/g, " ").replace(/ {2,}/g, " ").trim().slice(0, 150) || "document";
    let name = plain;
    for (let n = 2; this.taken.has(name); n += 1) name = `${plain} ${n}`;
    this.taken.add(name);
    return name;
  }
}

/** A document block (an image's, where a picture came as a file); undefined for what Bedrock does not take. */
export function documentBlock(part: FilePart, names: DocumentNames): Words | undefined {
  const { source } = part;
  if (source.kind !== "base64") return undefined;
  const type = plainType(source.mediaType);
  if (Object.hasOwn(IMAGES, type)) return mediaBlock({ type: "image", source });
  const format = DOCUMENTS[type] ?? (TEXTUAL.test(type) ? "txt" : undefined);
  if (format === undefined) return undefined;
  return {
    document: {
      format,
      name: names.next(part.name),
      source: { bytes: source.data },
      ...(part.context === undefined ? {} : { context: part.context }),
      ...(part.citable === undefined ? {} : { citations: { enabled: part.citable } }),
    },
  };
}
