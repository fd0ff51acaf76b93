/** Real pictures: any decoder takes them. PNG is written here, the other formats by Bun's own encoder. */
import zlib from "node:zlib";

/** Which picture. */
export interface PictureWish {
  width: number;
  height: number;
  format: "png" | "jpeg" | "webp";
  /** one half is fully transparent (PNG and WebP) */
  transparent?: boolean;
  /** decides the two colours */
  seed: string;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(zlib.crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** Two colours, one bit a pixel (PNG specification, third edition, 11.2): squares of 64 pixels like a chess board. */
function png({ width, height, transparent, seed }: PictureWish): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 3, 0, 0, 0], 8);
  const hash = Bun.hash(seed);
  const colours = Buffer.from(Array.from({ length: 6 }, (_, index) => Number((hash >> BigInt(index * 8)) & 0xffn)));
  const stride = Math.ceil(width / 8);
  const rows = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < stride; x += 1) if (((x >> 3) + (y >> 6)) % 2 === 1) rows[y * (stride + 1) + 1 + x] = 0xff;
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("PLTE", colours),
    ...(transparent ? [chunk("tRNS", Buffer.from([0]))] : []),
    chunk("IDAT", zlib.deflateSync(rows, { level: 1 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Takes a wish; gives the file's bytes, the same for the same wish. */
export async function picture(wish: PictureWish): Promise<Uint8Array> {
  const bytes = png(wish);
  if (wish.format === "png") return bytes;
  const image = new Bun.Image(bytes);
  return wish.format === "jpeg" ? image.jpeg().bytes() : image.webp({ lossless: true }).bytes();
}

/** Takes a file's bytes; gives its format by the first bytes, `undefined` when it is none of the three. */
export function pictureFormat(bytes: Uint8Array): PictureWish["format"] | undefined {
  const start = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (start.startsWith("\x89PNG\r\n")) return "png";
  if (start.startsWith("\xff\xd8\xff")) return "jpeg";
  return start.startsWith("RIFF") && start.endsWith("WEBP") ? "webp" : undefined;
}
