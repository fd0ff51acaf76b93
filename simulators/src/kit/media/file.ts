/** Files of any kind by one wish: made when somebody asks for their bytes, so that a task keeps only the wish. */
import { picture, type PictureWish } from "./picture.ts";
import { sound, SOUND_TYPES, type SoundFormat } from "./sound.ts";
import { svg } from "./svg.ts";
import { video, type VideoWish } from "./video.ts";

/** Which file. */
export type FileWish =
  | ({ kind: "picture" } & PictureWish)
  | { kind: "drawing"; width: number; height: number; seed: string }
  | ({ kind: "video" } & VideoWish)
  | { kind: "sound"; duration: number; format: SoundFormat };

/** Takes a wish; gives the bytes, the same for the same wish. */
export async function fileOf(wish: FileWish): Promise<Uint8Array> {
  if (wish.kind === "picture") return picture(wish);
  if (wish.kind === "drawing") return svg(wish.width, wish.height, wish.seed);
  return wish.kind === "video" ? video(wish) : sound(wish.duration, wish.format);
}

/** Takes a wish; gives its media type. */
export function typeOf(wish: FileWish): string {
  if (wish.kind === "picture") return `image/${wish.format}`;
  if (wish.kind === "drawing") return "image/svg+xml";
  return wish.kind === "video" ? "video/mp4" : SOUND_TYPES[wish.format];
}

/** Takes a wish; gives the ending of its name, without a dot. */
export function endingOf(wish: FileWish): string {
  if (wish.kind === "picture") return wish.format === "jpeg" ? "jpg" : wish.format;
  if (wish.kind === "drawing") return "svg";
  return wish.kind === "video" ? "mp4" : wish.format;
}
