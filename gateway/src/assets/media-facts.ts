import { mp4Seconds } from "./mp4-seconds.ts";

/** What a film or a sound is, as far as its container tells. */
export interface MediaFacts {
  /** pixels */
  width?: number;
  height?: number;
  /** seconds, to the millisecond */
  duration?: number;
}

/** Reading must not take long: a file without an index is read to its end. */
const READ_MS_MAX = 10_000;

/** Reads sides and length of a film or a sound out of its container (MP4, WebM, MP3, WAV, FLAC, Ogg, ...). Nothing for what cannot be read. Never rejects. */
export async function mediaFacts(file: Blob, type: string): Promise<MediaFacts> {
  try {
    if (file.size === 0) return {};
    // Loaded when the first film comes: it costs 17 MB.
    const { parseBlob } = await import("music-metadata");
    const late = Bun.sleep(READ_MS_MAX).then(() => undefined);
    const found = await Promise.race([parseBlob(file.type === type ? file : new Blob([file], { type }), { duration: true, skipCovers: true }), late]);
    const picture = found?.format.trackInfo.find(({ video }) => video?.pixelWidth !== undefined)?.video;
    // The library has a film's length from its sound only, and most films have none.
    const duration = /^video\/(?:mp4|quicktime)$/.test(type) ? await mp4Seconds(file) : found?.format.duration;
    return {
      ...(picture?.pixelWidth && picture.pixelHeight ? { width: picture.pixelWidth, height: picture.pixelHeight } : {}),
      ...(duration !== undefined && Number.isFinite(duration) && duration > 0 ? { duration: Math.round(duration * 1000) / 1000 } : {}),
    };
  } catch {
    return {};
  }
}
