import { imageSize } from "image-size";
import type { MediaSource } from "../dialects/canonical/media.ts";

/**
 * What media count as, where nobody who knows can be asked. Images: OpenAI's rule of tiles (Images and vision guide, "Calculating costs", GPT-4o): scaled down into 2048 x 2048, then to
 * a shorter side of 768, 170 for each tile of 512 x 512 begun and 85 more; `detail: low` is 85. Sound: 10 a second (OpenAI, audio input). Film: 300 a second (Gemini, video
 * understanding). PDF: 1,500 a page, the least that Anthropic's guide says of one. Seconds and pages are guessed from the bytes, and are a fixed number where the bytes are elsewhere.
 */
const IMAGE_BASE = 85;
const IMAGE_TILE = 170;
const TILE_SIDE = 512;
const IMAGE_SIDE_MAX = 2_048;
const IMAGE_SHORT_SIDE_MAX = 768;
/** A square of 1024 is what most images are near to. */
const IMAGE_UNKNOWN = 765;

const SOUND_PER_SECOND = 10;
/** 16-bit samples at 24 kHz, as OpenAI's `pcm16` has them; compressed sound at 128 kbit/s. */
const SAMPLED_BYTES_PER_SECOND = 48_000;
const COMPRESSED_BYTES_PER_SECOND = 16_000;
const FILM_PER_SECOND = 300;
const FILM_BYTES_PER_SECOND = 250_000;
const SECONDS_UNKNOWN = 30;

const PAGE = 1_500;
const PAGE_BYTES = 50_000;
const PAGES_UNKNOWN = 4;

/** An image's size stands within its first bytes, after a preview at the worst. */
const IMAGE_HEAD_BASE64 = 128 * 1024;

export type MediaKind = "image" | "audio" | "video" | "file";

/** Tokens of one medium. `detail`: OpenAI's, of an image. */
export function mediaTokens(kind: MediaKind, source: MediaSource, detail?: string): number {
  switch (kindOf(kind, source)) {
    case "image":
      return detail === "low" ? IMAGE_BASE : imageTokens(source);
    case "audio":
      return Math.ceil(SOUND_PER_SECOND * seconds(source, /wav|wave|pcm|l16|aiff/i.test(source.kind === "base64" ? source.mediaType : "") ? SAMPLED_BYTES_PER_SECOND : COMPRESSED_BYTES_PER_SECOND));
    case "video":
      return Math.ceil(FILM_PER_SECOND * seconds(source, FILM_BYTES_PER_SECOND));
    default:
      return PAGE * (source.kind === "base64" ? Math.ceil(bytesOf(source.data) / PAGE_BYTES) : PAGES_UNKNOWN);
  }
}

/** A file may hold an image, sound or film. */
function kindOf(kind: MediaKind, source: MediaSource): MediaKind {
  const family = source.mediaType?.split("/")[0];
  return kind === "file" && (family === "image" || family === "audio" || family === "video") ? family : kind;
}

const bytesOf = (base64: string): number => Math.floor((base64.length * 3) / 4);
const seconds = (source: MediaSource, bytesPerSecond: number): number => (source.kind === "base64" ? bytesOf(source.data) / bytesPerSecond : SECONDS_UNKNOWN);

function imageTokens(source: MediaSource): number {
  if (source.kind !== "base64") return IMAGE_UNKNOWN;
  try {
    const { width, height } = imageSize(Buffer.from(source.data.slice(0, IMAGE_HEAD_BASE64), "base64"));
    const [long, short] = [Math.max(width, height), Math.min(width, height)];
    const scale = Math.min(1, IMAGE_SIDE_MAX / long);
    const further = Math.min(1, IMAGE_SHORT_SIDE_MAX / (short * scale));
    const tiles = [width, height].map((side) => Math.ceil((side * scale * further) / TILE_SIDE));
    return IMAGE_BASE + IMAGE_TILE * (tiles[0] as number) * (tiles[1] as number);
  } catch {
    // An image whose size cannot be seen: the vendor says what is wrong with it.
    return IMAGE_UNKNOWN;
  }
}
