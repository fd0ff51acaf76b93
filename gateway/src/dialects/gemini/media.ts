import { GatewayError } from "../../errors/gateway-error.ts";
import type { MediaSource } from "../canonical/media.ts";
import type { AudioPart, FilePart, ImagePart, VideoPart } from "../canonical/parts.ts";

const FILES_BASE = "https://generativelanguage.googleapis.com/v1beta/";
const FILE_NAME = /^files\/[\w-]+$/;
const YOUTUBE_HOSTS: ReadonlySet<string> = new Set(["youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be"]);

/**
 * Whether the bytes of a source must be fetched before a request can go to Gemini: `fileData` takes only what lies at Google (Files API, Cloud Storage) and
 * YouTube videos (Gemini API guide, "File input methods"). Bytes at hand and uploaded files need none.
 */
export function needsBytes(source: MediaSource): boolean {
  return source.kind === "url" && !isGoogleUri(source.url);
}

function isGoogleUri(address: string): boolean {
  return isKeptFile(address) || (isYouTube(address) && address.startsWith("https:"));
}

/** Whether an address is that of a file which Google keeps and gives to its owner only. */
function isKeptFile(address: string): boolean {
  if (address.startsWith("gs://")) return true;
  const url = URL.parse(address);
  return url?.protocol === "https:" && url.hostname === "generativelanguage.googleapis.com" && url.pathname.includes("/files/");
}

/** The source that a `fileUri` names. */
export function sourceOfUri(uri: string, mediaType: string | undefined): MediaSource {
  const type = mediaType ? { mediaType } : {};
  return isKeptFile(uri) ? { kind: "file-id", id: uri, keeper: "google", ...type } : { kind: "url", url: uri, ...type };
}

export type MediaPart = ImagePart | AudioPart | VideoPart | FilePart;

/** The part for media of a type; without one, a YouTube address is a video and all else a file. */
export function mediaPart(mediaType: string | undefined, source: MediaSource, name?: string): MediaPart {
  const kind = mediaType?.split("/")[0]?.toLowerCase() ?? (source.kind === "url" && isYouTube(source.url) ? "video" : "file");
  if (kind === "image" || kind === "audio" || kind === "video") return { type: kind, source };
  return name === undefined ? { type: "file", source } : { type: "file", source, name };
}

const isYouTube = (address: string): boolean => YOUTUBE_HOSTS.has(URL.parse(address)?.hostname ?? "");

/** A source as `inlineData` or `fileData`. Throws invalidRequest for what Gemini cannot reach; `what` names it in the caller's error. */
export function wireMedia(source: MediaSource, what: string): Record<string, unknown> {
  if (source.kind === "base64") return { inlineData: { mimeType: source.mediaType, data: source.data } };
  const kept = source.kind === "file-id" && source.keeper === "google" && isKeptFile(source.id);
  const uri = source.kind === "url" ? source.url : kept ? source.id : FILES_BASE + source.id;
  if (needsBytes(source) || (source.kind === "file-id" && !kept && !FILE_NAME.test(source.id)))
    throw new GatewayError("invalidRequest", {
      publicText:
        source.kind === "url"
          ? `The ${what} is given by an address that could not be fetched for this model. Send its bytes instead.`
          : `The ${what} is a file of another vendor, which this model cannot read. Send its bytes instead.`,
      param: "messages",
    });
  return { fileData: source.mediaType === undefined ? { fileUri: uri } : { fileUri: uri, mimeType: source.mediaType } };
}
