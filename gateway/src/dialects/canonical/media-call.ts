import type { Endpoint } from "./dialect.ts";
import type { Usage } from "./usage.ts";

/** Formats that speech comes in. `pcm`: 24,000 signed 16-bit little-endian samples a second, without a head. */
export type SpeechFormat = "mp3" | "opus" | "aac" | "flac" | "wav" | "pcm";

/** A text to be spoken, as OpenAI's endpoint asks for it. */
export interface SpeechRequest {
  text: string;
  /** a name of OpenAI's (`alloy`), or whatever the vendor calls its voices */
  voice: string;
  /** how to say it */
  instructions: string | undefined;
  format: SpeechFormat;
  /** 1 is normal */
  speed: number;
}

/** What was spoken. `format` may be another than the one asked for, where the vendor has no such. */
export interface SpeechAnswer {
  kind: "speech";
  sound: Buffer;
  format: SpeechFormat;
  /** undefined: the vendor reported none */
  usage: Usage | undefined;
}

/** A picture that a caller gave. */
export interface GivenPicture {
  contentType: string;
  bytes: Buffer;
  /** for a JSON body: the bytes as base64, or what stands for it there */
  base64(): string;
}

/** Pictures to be made or changed, as OpenAI's endpoints ask for them. */
export interface ImagesRequest {
  prompt: string;
  n: number;
  /** pixels; undefined: the model chooses */
  size: { width: number; height: number } | undefined;
  /** to be changed; empty: made from the prompt alone */
  pictures: GivenPicture[];
  /** pictures to be changed that stand somewhere else: addresses (https or data) as the caller wrote them */
  links: string[];
  mask: GivenPicture | undefined;
  /** members that the vendors below this form have no word for, by name, if the caller set them */
  extras: string[];
  /** all members as the caller wrote them, a form's as texts: for words of a vendor's own */
  members: Readonly<Record<string, unknown>>;
}

/** What was made. */
export interface ImagesAnswer {
  kind: "images";
  pictures: { base64: string; contentType: string }[];
  usage: Usage | undefined;
  /** what the price of this answer depends on, where the files tell it better than the request */
  options?: Readonly<Record<string, string>>;
}

/** The vendor's refusal inside a 200 answer: what it would have been with a status of its own. `policy`: its content policy speaks. */
export interface MediaRefusal {
  kind: "refused";
  status: number;
  body: string;
  policy: boolean;
}

/** A vendor's whole answer. */
export interface VendorAnswer {
  body: Buffer;
  contentType: string;
}

/** One call in a vendor's own words, and how to read its answer. Pure. */
export interface MediaCall<Answer> {
  endpoint: Endpoint;
  /** with its `?` */
  query: string;
  body: Record<string, unknown>;
  /** what the vendor cannot be told, in the caller's names */
  dropped: string[];
  /** Throws Error for what is no answer. */
  read(answer: VendorAnswer): Answer | MediaRefusal;
}
