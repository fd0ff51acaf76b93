import { expect, test } from "bun:test";
import fc from "fast-check";
import { ACCEPTED, fetchedType, type MediaKind, sniffMedia } from "./media-kind.ts";

/** First bytes constructed from the formats' specifications. */
const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
const box = (brand: string): Buffer => bytes(`\0\0\0\x20ftyp${brand}\0\0\0\0`);
const STARTS: Record<string, Buffer[]> = {
  "image/png": [bytes("\x89PNG\r\n\x1a\n....")],
  "image/jpeg": [bytes("\xff\xd8\xff\xe0")],
  "image/gif": [bytes("GIF87a"), bytes("GIF89a")],
  "image/webp": [bytes("RIFF....WEBPVP8 ")],
  "image/heic": [box("heic"), box("heix")],
  "image/heif": [box("mif1")],
  "image/avif": [box("avif")],
  "application/pdf": [bytes("%PDF-1.7")],
  "audio/wav": [bytes("RIFF....WAVEfmt ")],
  "audio/mpeg": [bytes("ID3\x04"), bytes("\xff\xfb\x90\x44"), bytes("\xff\xf3\x40"), bytes("\xff\xf2\x40")],
  "audio/aac": [bytes("\xff\xf1\x50"), bytes("\xff\xf9\x50")],
  "audio/flac": [bytes("fLaC")],
  "audio/ogg": [bytes("OggS")],
  "audio/aiff": [bytes("FORM....AIFF"), bytes("FORM....AIFC")],
  "audio/mp4": [box("M4A ")],
  "video/mp4": [box("isom"), box("mp42"), box("avc1")],
  "video/quicktime": [box("qt  ")],
  "video/webm": [bytes("\x1a\x45\xdf\xa3\x93\x42\x82\x84webm")],
};

test("every format by its first bytes", () => {
  for (const [type, starts] of Object.entries(STARTS)) for (const start of starts) expect(sniffMedia(start)).toBe(type);
  for (const none of ["", "<html>", "{}", "RIFF....AVI ", "FORM....8SVX", "\x1a\x45\xdf\xa3\x93matroska", "\xff\xfe<\0", "\xff", "PK\x03\x04", "root:x:0", "\x89PNG\n"]) expect(sniffMedia(bytes(none))).toBeUndefined();
});

test.each<[MediaKind, string | null, string, string | undefined]>([
  ["image", "image/jpg", "image/png", "image/png"],
  ["image", "IMAGE/PNG; charset=x", "image/png", "image/png"],
  ["image", null, "image/webp", "image/webp"],
  ["image", "binary/octet-stream", "image/gif", "image/gif"],
  ["image", "text/plain", "image/png", undefined],
  ["image", "application/json", "image/png", undefined],
  ["image", "image/png", "application/pdf", undefined],
  ["image", "image/png", "audio/wav", undefined],
  ["audio", "audio/x-wav", "audio/wav", "audio/wav"],
  ["audio", "audio/webm", "video/webm", "audio/webm"],
  ["audio", "audio/x-m4a", "video/mp4", "audio/mp4"],
  ["audio", null, "video/mp4", "audio/mp4"],
  ["audio", "application/ogg", "audio/ogg", "audio/ogg"],
  ["audio", "video/ogg", "audio/ogg", "audio/ogg"],
  ["audio", "video/mp4", "video/mp4", undefined],
  ["audio", "image/png", "image/png", undefined],
  ["video", "video/mp4", "video/mp4", "video/mp4"],
  ["video", "audio/webm", "video/webm", undefined],
  ["file", "application/pdf", "application/pdf", "application/pdf"],
  ["file", "application/x-pdf", "application/pdf", "application/pdf"],
  ["file", "text/html", "application/pdf", undefined],
  ["file", "image/png", "image/png", "image/png"],
])("%s, declared %p, with the bytes of %s: %p", (kind, declared, bytesOf, type) => expect(fetchedType(kind, declared, STARTS[bytesOf]?.[0] as Buffer)).toBe(type));

test("text is a file if it says so and can be read as UTF-8; HTML is none", () => {
  expect(fetchedType("file", "text/csv; charset=utf-8", Buffer.from("a,ü"))).toBe("text/csv");
  for (const [declared, body] of [["text/html", "<p>"], ["text/plain", "a\0b"], ["text/plain", "\xff\xfe\xfd"], ["", "text"], ["image/png", "text"]] as const) expect(fetchedType("file", declared, bytes(body))).toBeUndefined();
  expect(fetchedType("image", "text/plain", Buffer.from("text"))).toBeUndefined();
});

test("whatever comes, the type is one that the kind accepts, or none", () => {
  const kinds = Object.keys(ACCEPTED) as MediaKind[];
  const starts = Object.values(STARTS).flat();
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.option(fc.string()), fc.oneof(fc.constantFrom(...starts), fc.uint8Array().map((array) => Buffer.from(array))), (kind, declared, body) => {
      const type = fetchedType(kind, declared, body);
      expect(type === undefined || ACCEPTED[kind].includes(type)).toBeTrue();
    }),
  );
});
