/** What a picture, a film or a sound is for in what is to be made. `input`: it is what is worked on. */
export type MediaRole = "input" | "first_frame" | "last_frame" | "reference" | "style" | "character" | "mask" | "person" | "garment";

/** Something given: an http(s) address or a `data:` URI. */
export interface GivenMedia {
  url: string;
  role: MediaRole;
}

/**
 * What a caller wants made, in no vendor's words: what a door of one family says to the adapters of all others. Every member but `kind` may be missing; an adapter says which of those that are there its
 * vendor cannot be told (`encodeWish`).
 */
export interface MediaWish {
  kind: "image" | "video" | "audio" | "music" | "text";
  prompt?: string;
  negativePrompt?: string;
  images?: GivenMedia[];
  videos?: GivenMedia[];
  audios?: GivenMedia[];
  /** pixels */
  size?: { width: number; height: number };
  /** `16:9` */
  aspectRatio?: string;
  /** `720p`, `1080p`, `4k`; of pictures `1K`, `2K`, `4K` */
  resolution?: string;
  /** seconds */
  duration?: number;
  fps?: number;
  /** how many are wanted */
  count?: number;
  seed?: number;
  /** `low`, `medium`, `high`, `standard`, `hd`, ... as the caller wrote it */
  quality?: string;
  style?: string;
  /** a vendor's own grade of service: `std`, `pro` */
  mode?: string;
  /** `png`, `jpeg`, `webp`, `mp4`, `mp3` */
  outputFormat?: string;
  background?: string;
  /** how far a given picture may be changed, 0 to 1 */
  strength?: number;
  /** how closely the prompt is followed; each vendor has a scale of its own */
  guidance?: number;
  /** the vendor may write the prompt better */
  enhancePrompt?: boolean;
  /** a film with sound */
  sound?: boolean;
  watermark?: boolean;
  /** of speech */
  voice?: string;
  speed?: number;
  language?: string;
  /** what the door knows by names of its own, for adapters that know them too */
  others?: Readonly<Record<string, unknown>>;
}
