import { fileIdAt, type MediaSource } from "../canonical/media.ts";
import type { CacheMark, FilePart, ImagePart } from "../canonical/parts.ts";

type Words = Record<string, unknown>;

/** SDK: Base64ImageSource.media_type. */
const IMAGE_TYPES = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);
/** Types that are text, whatever their name. */
const TEXT_TYPE = /^text\/|^application\/(json|xml|yaml|x-yaml|javascript|sql|x-ndjson|toml|csv)\b|\+(json|xml)$/;
/** Ids of Anthropic's Files API; OpenAI's begin with "file-", Gemini's are addresses. */
const OWN_FILE_ID = /^file_/;
const isOwnFile = (source: MediaSource): boolean => OWN_FILE_ID.test(fileIdAt("anthropic", source) ?? "");

/** `cache_control` of a block. */
export function cacheControl(cache: CacheMark | undefined): Words {
  if (!cache) return {};
  return { cache_control: cache.ttl === undefined ? { type: "ephemeral" } : { type: "ephemeral", ttl: cache.ttl } };
}

/** An `image` block, or undefined for a picture that Anthropic does not take. */
export function imageBlock(part: Pick<ImagePart, "source" | "cache">): Words | undefined {
  const { source } = part;
  const rest = cacheControl(part.cache);
  if (source.kind === "url") return { type: "image", source: { type: "url", url: source.url }, ...rest };
  if (source.kind === "file-id") return isOwnFile(source) ? { type: "image", source: { type: "file", file_id: source.id }, ...rest } : undefined;
  const type = source.mediaType.toLowerCase() === "image/jpg" ? "image/jpeg" : source.mediaType.toLowerCase();
  if (!IMAGE_TYPES.has(type)) return undefined;
  return { type: "image", source: { type: "base64", media_type: type, data: source.data }, ...rest };
}

/** A `document` block (or an `image` for a picture sent as a file), or undefined for a file that Anthropic does not take. */
export function documentBlock(part: FilePart): Words | undefined {
  const { source: from } = part;
  if (from.mediaType !== undefined && IMAGE_TYPES.has(from.mediaType.toLowerCase())) return imageBlock(part);
  const source = documentSource(part);
  if (!source) return undefined;
  return {
    type: "document",
    source,
    ...(part.name === undefined ? {} : { title: part.name }),
    ...(part.context === undefined ? {} : { context: part.context }),
    ...(part.citable === undefined ? {} : { citations: { enabled: part.citable } }),
    ...cacheControl(part.cache),
  };
}

function documentSource({ source }: FilePart): Words | undefined {
  if (source.kind === "url") return { type: "url", url: source.url };
  if (source.kind === "file-id") return isOwnFile(source) ? { type: "file", file_id: source.id } : undefined;
  const type = source.mediaType.toLowerCase();
  if (type === "application/pdf") return { type: "base64", media_type: type, data: source.data };
  if (TEXT_TYPE.test(type)) return { type: "text", media_type: "text/plain", data: Buffer.from(source.data, "base64").toString("utf8") };
  return undefined;
}
