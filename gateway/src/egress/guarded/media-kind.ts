/** What is fetched; decides the types that are accepted. */
export type MediaKind = "image" | "audio" | "video" | "file";

const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/heic", "image/heif", "image/avif"];
const SOUNDS = ["audio/wav", "audio/mpeg", "audio/flac", "audio/ogg", "audio/aac", "audio/aiff", "audio/mp4", "audio/webm"];
const FILMS = ["video/mp4", "video/webm", "video/quicktime"];
/** Text has no magic numbers: it is what its server says, if it can be. HTML is not among them: an error page or a login is never the document that was meant. */
const TEXTS = ["text/plain", "text/markdown", "text/csv", "application/json"];

/** Media types that each kind accepts, by what the chat vendors take as input (OpenAI, Anthropic and Gemini guides to images, sound, video and PDF). */
export const ACCEPTED: Readonly<Record<MediaKind, readonly string[]>> = {
  image: IMAGES,
  audio: SOUNDS,
  video: FILMS,
  file: ["application/pdf", ...IMAGES, ...SOUNDS, ...FILMS, ...TEXTS],
};

/** What servers say of bytes they know nothing of. */
const UNKNOWN = new Set(["", "application/octet-stream", "binary/octet-stream", "application/binary", "application/download", "application/force-download"]);

const text = (bytes: Buffer, from: number, to: number): string => bytes.toString("latin1", from, to);

/** Type by the first bytes (the formats' own specifications; brands of ISO 14496-12 `ftyp`), or undefined. */
export function sniffMedia(bytes: Buffer): string | undefined {
  const start = text(bytes, 0, 4);
  if (text(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") return "image/png";
  if (start.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (/^GIF8[79]a/.test(text(bytes, 0, 6))) return "image/gif";
  if (text(bytes, 0, 5) === "%PDF-") return "application/pdf";
  if (start === "fLaC") return "audio/flac";
  if (start === "OggS") return "audio/ogg";
  if (start.startsWith("ID3")) return "audio/mpeg";
  const form = text(bytes, 8, 12);
  if (start === "RIFF") return form === "WEBP" ? "image/webp" : form === "WAVE" ? "audio/wav" : undefined;
  if (start === "FORM") return form === "AIFF" || form === "AIFC" ? "audio/aiff" : undefined;
  if (text(bytes, 4, 8) === "ftyp") return typeOfBrand(form);
  if (start === "\x1a\x45\xdf\xa3") return text(bytes, 4, 64).includes("webm") ? "video/webm" : undefined;
  if (bytes[0] === 0xff && bytes.length > 2) {
    const second = bytes[1] as number;
    // MPEG audio frames: eleven bits set, then version and layer; layer 0 is AAC's ADTS (ISO 13818-7).
    if ((second & 0xf6) === 0xf0) return "audio/aac";
    if ((second & 0xe6) === 0xe2 && (second & 0x18) !== 0x08) return "audio/mpeg";
  }
  return undefined;
}

function typeOfBrand(brand: string): string {
  if (/^(heic|heix|hevc|hevx|heim|heis)$/.test(brand)) return "image/heic";
  if (/^(mif1|msf1)$/.test(brand)) return "image/heif";
  if (/^avi[fs]$/.test(brand)) return "image/avif";
  if (/^M4[AB] $/.test(brand)) return "audio/mp4";
  return brand === "qt  " ? "video/quicktime" : "video/mp4";
}

/**
 * The media type of what was fetched, or undefined when it is none that `kind` accepts. The bytes decide; what the server declared (`content-type`) must not be of another
 * family, unless it says that it does not know. Sound in a container that may hold either is sound when declared so.
 */
export function fetchedType(kind: MediaKind, declaredHeader: string | null, bytes: Buffer): string | undefined {
  const declared = (declaredHeader?.split(";")[0] ?? "").trim().toLowerCase();
  const found = sniffMedia(bytes);
  const accepted = ACCEPTED[kind];
  if (found === undefined) return TEXTS.includes(declared) && accepted.includes(declared) && isText(bytes) ? declared : undefined;
  if (UNKNOWN.has(declared)) return soundOf(kind === "audio", found, accepted);
  const family = declared.split("/")[0];
  const type = soundOf(family === "audio", found, accepted);
  const sameFamily = type?.split("/")[0] === family || (found === "audio/ogg" && declared === "video/ogg") || declared === "application/ogg";
  return sameFamily ? type : undefined;
}

function soundOf(asSound: boolean, found: string, accepted: readonly string[]): string | undefined {
  const type = asSound && (found === "video/mp4" || found === "video/webm") ? found.replace("video", "audio") : found;
  return accepted.includes(type) ? type : undefined;
}

function isText(bytes: Buffer): boolean {
  if (bytes.includes(0)) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
