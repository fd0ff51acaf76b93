/** Content encodings, for whole bodies and for streams that are flushed event by event. */
import zlib from "node:zlib";
import type { Transform } from "node:stream";

type Coding = "gzip" | "br" | "zstd" | "deflate";
const isCoding = (name: string): name is Coding => ["gzip", "br", "zstd", "deflate"].includes(name);

/** Takes the wished coding and the request's accept-encoding; gives the coding to use, `undefined` for none. */
export function codingFor(wished: string | null, accepted: string | null): Coding | undefined {
  if (wished === null || !isCoding(wished) || accepted === null) return undefined;
  const offered = accepted.split(",").map((part) => part.split(";")[0]?.trim().toLowerCase());
  return offered.includes(wished) || offered.includes("*") ? wished : undefined;
}

/** Takes a coding and a whole body; gives the coded bytes. */
export function encodeWhole(coding: Coding, body: Uint8Array): Uint8Array {
  if (coding === "gzip") return zlib.gzipSync(body);
  if (coding === "br") return zlib.brotliCompressSync(body);
  return coding === "zstd" ? zlib.zstdCompressSync(body) : zlib.deflateSync(body);
}

/** Codes a stream; what `push` gives can be decoded up to its last byte. */
export interface StreamEncoder {
  /** Takes text; gives its coded bytes, flushed. */
  push(text: string | Uint8Array): Promise<Uint8Array>;
  /** Gives the closing bytes. */
  end(): Promise<Uint8Array>;
}

const makers: Record<
  Coding,
  () => { stream: Transform & { flush(kind: number, done: () => void): void }; flush: number }
> = {
  gzip: () => ({ stream: zlib.createGzip(), flush: zlib.constants.Z_SYNC_FLUSH }),
  deflate: () => ({ stream: zlib.createDeflate(), flush: zlib.constants.Z_SYNC_FLUSH }),
  br: () => ({ stream: zlib.createBrotliCompress(), flush: zlib.constants.BROTLI_OPERATION_FLUSH }),
  zstd: () => ({ stream: zlib.createZstdCompress(), flush: zlib.constants.ZSTD_e_flush }),
};

/** Takes a coding; gives an encoder for one stream. */
export function streamEncoder(coding: Coding): StreamEncoder {
  const { stream, flush } = makers[coding]();
  const pieces: Uint8Array[] = [];
  stream.on("data", (piece: Uint8Array) => pieces.push(piece));
  const take = (): Uint8Array => new Uint8Array(Buffer.concat(pieces.splice(0)));
  return {
    push: (text) =>
      new Promise((resolve) => {
        stream.write(text);
        stream.flush(flush, () => resolve(take()));
      }),
    end: () =>
      new Promise((resolve) => {
        stream.once("end", () => resolve(take()));
        stream.end();
      }),
  };
}
