import fc from "fast-check";

/** First bytes of each type (see canonical/media-signature.ts), as latin1. */
const HEADS: Record<string, string> = { "image/png": "\x89PNG\r\n\x1a\n", "image/jpeg": "\xff\xd8\xff", "image/gif": "GIF89a", "image/webp": "RIFF\0\0\0\0WEBP", "application/pdf": "%PDF-1.4\n" };

/** Base64 of bytes that begin as those of the type do; any bytes for types without a head of their own. */
export const mediaBytes = (mediaType: string): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: 1, maxLength: 6 }).map((rest) => Buffer.concat([Buffer.from(HEADS[mediaType] ?? "", "latin1"), rest]).toString("base64"));

/** A source of one of the types. */
export const mediaOf = (...mediaTypes: string[]): fc.Arbitrary<{ kind: "base64"; mediaType: string; data: string }> =>
  fc.constantFrom(...mediaTypes).chain((mediaType) => mediaBytes(mediaType).map((data) => ({ kind: "base64" as const, mediaType, data })));
