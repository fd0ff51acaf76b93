import { table } from "../../table.ts";
/** Short names of sound formats, as OpenAI's `input_audio.format` and `audio.format` write them, and their media types (IANA, RFC 3003 for MP3). */
const SOUND: [string, string][] = [
  ["wav", "audio/wav"],
  ["mp3", "audio/mpeg"],
  ["flac", "audio/flac"],
  ["opus", "audio/opus"],
  ["ogg", "audio/ogg"],
  ["aac", "audio/aac"],
  ["m4a", "audio/mp4"],
  ["webm", "audio/webm"],
  ["aiff", "audio/aiff"],
  ["pcm16", "audio/pcm"],
];
const OTHER_NAMES: Record<string, string> = table({ "audio/x-wav": "wav", "audio/wave": "wav", "audio/mp3": "mp3", "audio/x-m4a": "m4a", "audio/l16": "pcm16" });

/** The media type of a sound format's short name; `audio/<name>` for one unknown. */
export function mediaTypeOfSound(format: string): string {
  return SOUND.find(([name]) => name === format)?.[1] ?? `audio/${format}`;
}

/** The short name of a sound's media type (parameters ignored), or undefined. */
export function soundFormatOf(mediaType: string): string | undefined {
  const plain = (mediaType.split(";")[0] ?? "").trim().toLowerCase();
  return SOUND.find(([, type]) => type === plain)?.[0] ?? OTHER_NAMES[plain];
}

/** First base64 characters of sound files: RIFF, ID3 and MPEG frames, fLaC, OggS. */
const SOUND_STARTS: [string, string][] = [
  ["UklGR", "audio/wav"],
  ["SUQz", "audio/mpeg"],
  ["//u", "audio/mpeg"],
  ["//v", "audio/mpeg"],
  ["ZkxhQ", "audio/flac"],
  ["T2dnU", "audio/ogg"],
  ["//F", "audio/aac"],
  ["//E", "audio/aac"],
];

/** The media type of base64 sound by its first bytes; bare samples (`audio/pcm`) where there is no known header. */
export function sniffSound(data: string): string {
  return SOUND_STARTS.find(([start]) => data.startsWith(start))?.[1] ?? "audio/pcm";
}

const BY_ENDING: Record<string, string> = table({ pdf: "application/pdf", txt: "text/plain", md: "text/markdown", csv: "text/csv", html: "text/html", json: "application/json" });

/** A file's media type by its name's ending, or undefined. */
export function mediaTypeOfName(name: string): string | undefined {
  return BY_ENDING[/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ""];
}

/** The usual ending of a file of that type, or undefined. */
export function endingOf(mediaType: string): string | undefined {
  return Object.keys(BY_ENDING).find((ending) => BY_ENDING[ending] === mediaType);
}

/** Whether a file of that type can be put into a prompt as its text. */
export function isTextual(mediaType: string): boolean {
  return /^(text\/|application\/(json|xml|yaml|x-yaml|javascript|x-javascript|sql)\b)/i.test(mediaType);
}
