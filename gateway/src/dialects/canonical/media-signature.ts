/** Image types by their first bytes (PNG specification 5.2; JPEG ITU T.81; GIF89a; RIFF WebP container; ISO/IEC 23008-12 for HEIF and AVIF). `at`: where the bytes stand. */
const SIGNATURES: readonly { type: string; at: number; bytes: string }[] = [
  { type: "image/png", at: 0, bytes: "\x89PNG\r\n\x1a\n" },
  { type: "image/jpeg", at: 0, bytes: "\xff\xd8\xff" },
  { type: "image/gif", at: 0, bytes: "GIF8" },
  { type: "image/webp", at: 8, bytes: "WEBP" },
  ...["heic", "heix", "hevc", "hevx", "heim", "heis"].map((brand) => ({ type: "image/heic", at: 4, bytes: `ftyp${brand}` })),
  ...["mif1", "msf1"].map((brand) => ({ type: "image/heif", at: 4, bytes: `ftyp${brand}` })),
  ...["avif", "avis"].map((brand) => ({ type: "image/avif", at: 4, bytes: `ftyp${brand}` })),
];
const KNOWN_IMAGES: ReadonlySet<string> = new Set([...SIGNATURES.map(({ type }) => type), "image/jpg"]);
/** Base64 characters that hold every signature above. */
const HEAD_CHARACTERS = 32;
/** Readers look for the header of a PDF within its first 1,024 bytes (ISO 32000-1, implementation note 13). */
const PDF_HEAD_CHARACTERS = 1_368;

/**
 * The media type of base64 bytes that are said to be of `mediaType`: an image's true one where its first bytes tell another (vendors refuse the wrong one), the given one otherwise;
 * undefined for an image of a known type, or a PDF, whose bytes are none. Types without a signature here are believed.
 */
export function trueMediaType(mediaType: string, data: string): string | undefined {
  const type = (mediaType.split(";")[0] ?? "").trim().toLowerCase();
  if (type === "application/pdf") return headOf(data, PDF_HEAD_CHARACTERS).includes("%PDF-") ? mediaType : undefined;
  if (!KNOWN_IMAGES.has(type)) return mediaType;
  const head = headOf(data, HEAD_CHARACTERS);
  const found = SIGNATURES.filter(({ at, bytes }) => head.startsWith(bytes, at)).map((signature) => signature.type);
  // HEIC files may name the general brand of HEIF, and "jpg" is JPEG.
  const same = found.includes(type) || (type === "image/jpg" && found.includes("image/jpeg")) || (/^image\/(heic|heif|avif)$/.test(type) && /^image\/(heic|heif|avif)$/.test(found[0] ?? ""));
  return same ? mediaType : found[0];
}

const headOf = (data: string, characters: number): string => Buffer.from(data.slice(0, characters), "base64").toString("latin1");
