/** Who keeps files that requests name by an id of their own; of Google's the id is the whole address (`gs:`, Files API), which opens with Google's credential only. */
export type FileKeeper = "openai" | "anthropic" | "google";

/** Where the bytes of an image, sound, video or file are. */
export type MediaSource =
  | { kind: "base64"; mediaType: string; data: string }
  | { kind: "url"; url: string; mediaType?: string }
  /** a file uploaded to one vendor: means nothing elsewhere. `keeper`: whose files the caller's dialect names so */
  | { kind: "file-id"; id: string; mediaType?: string; keeper?: FileKeeper };

const DATA_URL = /^data:([^;,]*)((?:;[^;,]*)*),(.*)$/s;

/** A URL as a source: a `data:` URL (RFC 2397, base64 only) becomes its bytes, all else stays an address. */
export function mediaOfUrl(url: string): MediaSource {
  const found = url.startsWith("data:") ? DATA_URL.exec(url) : null;
  if (!found || !/;base64$/i.test(found[2] ?? "")) return { kind: "url", url };
  return { kind: "base64", mediaType: found[1] || "application/octet-stream", data: found[3] ?? "" };
}

/** The id of a file that lies at this keeper's; undefined for every other source. Ids of unknown origin are tried. */
export function fileIdAt(keeper: FileKeeper, source: MediaSource): string | undefined {
  return source.kind === "file-id" && (source.keeper ?? keeper) === keeper ? source.id : undefined;
}

/** The source as a URL (`data:` for bytes), or undefined for a file known to one vendor only. */
export function urlOfMedia(source: MediaSource): string | undefined {
  if (source.kind === "url") return source.url;
  return source.kind === "base64" ? `data:${source.mediaType};base64,${source.data}` : undefined;
}
