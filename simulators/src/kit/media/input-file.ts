/** Files that come with an input: an address, which the sandbox never opens, or the bytes themselves, which are looked at. */
import { pictureFormat } from "./picture.ts";

/** What a file shall be. */
export type InputKind = "picture" | "video" | "sound" | "any";

/** An address with one of these words cannot be loaded; the rule is ours. */
const UNLOADABLE = /nonexist|not-exist|unreachable/i;

function soundFormat(bytes: Buffer): boolean {
  const start = bytes.toString("latin1", 0, 4);
  return ["RIFF", "fLaC", "OggS"].includes(start) || start.startsWith("ID3") || (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe0) === 0xe0);
}

/** Takes bytes; tells whether they begin as a file of that kind does. */
export function isOfKind(bytes: Uint8Array, kind: InputKind): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // MP4 and QuickTime begin with a box, WebM and Matroska with an EBML head
  const isVideo = buffer.toString("latin1", 4, 8) === "ftyp" || buffer.toString("hex", 0, 4) === "1a45dfa3";
  if (kind === "picture") return pictureFormat(bytes) !== undefined;
  if (kind === "video") return isVideo;
  return kind === "sound" ? soundFormat(buffer) || isVideo : buffer.length > 0;
}

/** Takes a data URI; gives its bytes, `undefined` when it is none or broken. */
export function dataOf(uri: string): Uint8Array | undefined {
  const found = /^data:[^,]*;base64,([A-Za-z0-9+/_-]+=*)\s*$/.exec(uri);
  return found?.[1] === undefined ? undefined : Buffer.from(found[1], "base64");
}

/** Takes a value, what it shall be and whether base64 without a head is taken; tells whether it fits, is another file, or cannot be loaded. */
export function inputFile(value: string, kind: InputKind, base64: boolean): "fits" | "file" | "gone" {
  if (/^https?:\/\/[^/\s]+/i.test(value)) return UNLOADABLE.test(value) ? "gone" : "fits";
  const bytes = value.startsWith("data:") ? dataOf(value) : base64 && /^[A-Za-z0-9+/]+=*$/.test(value) ? Buffer.from(value, "base64") : undefined;
  return bytes && bytes.length >= 12 && isOfKind(bytes, kind) ? "fits" : "file";
}

/** Takes base64; tells whether its bytes begin as a picture that models of conversation read: PNG, JPEG, WebP, GIF, HEIC, AVIF. */
export function isPicture(base64: string): boolean {
  const bytes = Buffer.from(base64.slice(0, 64), "base64");
  return isOfKind(bytes, "picture") || bytes.toString("latin1", 0, 4) === "GIF8" || bytes.toString("latin1", 4, 8) === "ftyp";
}
