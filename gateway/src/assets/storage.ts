/** Why a file could not be kept. */
export class AssetError extends Error {
  constructor(
    readonly reason: "too_large" | "no_space" | "storage",
    message: string,
  ) {
    super(message);
  }
}

/** Bytes to keep: whole, or as they come. */
export type AssetSource = Uint8Array | AsyncIterable<Uint8Array>;

/** What is known of a file that was kept. */
export interface Written {
  bytes: number;
  /** SHA-256 in hex */
  sha256: string;
}

/** A part of a file for a reader; `end` is exclusive. */
export interface Opened {
  /** of the whole file */
  size: number;
  /** Gives the bytes from `start` to `end`. */
  body(start: number, end: number): ReadableStream<Uint8Array> | Blob;
}

/** Where files lie. Names are ours (`newAssetName`); nothing else reaches a storage. */
export interface AssetStorage {
  /** Keeps a file whole or not at all. Throws AssetError. */
  write(name: string, day: string, source: AssetSource, bytesMax: number): Promise<Written>;
  open(name: string, day: string): Promise<Opened | undefined>;
  /** Removes all files of days for which `gone` is true; gives how many days or files went. */
  sweep(gone: (day: string) => boolean): Promise<number>;
}

const SLICE_BYTES = 1024 * 1024;

/** Gives the pieces of a source while it counts and digests them; throws AssetError beyond the limit. */
export async function* measured(source: AssetSource, bytesMax: number, done: (written: Written) => void): AsyncGenerator<Uint8Array> {
  const hash = new Bun.CryptoHasher("sha256");
  let bytes = 0;
  for await (const piece of source instanceof Uint8Array ? sliced(source) : source) {
    bytes += piece.length;
    if (bytes > bytesMax) throw new AssetError("too_large", `a file of more than ${bytesMax} bytes`);
    hash.update(piece);
    yield piece;
  }
  done({ bytes, sha256: hash.digest("hex") });
}

/** A file in memory is digested piece by piece, so that others are served in between. */
function* sliced(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length || at === 0; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}
