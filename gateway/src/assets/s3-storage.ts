import { S3Client } from "bun";
import { AssetError, type AssetSource, type AssetStorage, measured, type Opened, type Written } from "./storage.ts";

/** How to reach a bucket; names as S3's own. */
export interface S3Settings {
  endpoint: string | undefined;
  bucket: string;
  region: string | undefined;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Pieces of an upload, in bytes: S3 takes none below 5 MiB, and 10,000 of these hold more than any file may have. */
const PART_BYTES = 8 * 1024 * 1024;
const KEY = /^assets\/(\d{8})\//;

/** Files in a bucket, under `assets/<day>/`. They are read through us, so that the bucket can stay private and the headers are ours. */
export class S3Storage implements AssetStorage {
  private readonly client: S3Client;

  constructor({ endpoint, bucket, region, accessKeyId, secretAccessKey }: S3Settings) {
    this.client = new S3Client({ bucket, accessKeyId, secretAccessKey, ...(endpoint === undefined ? {} : { endpoint }), ...(region === undefined ? {} : { region }) });
  }

  async write(name: string, day: string, source: AssetSource, bytesMax: number): Promise<Written> {
    let written: Written | undefined;
    const writer = this.client.file(keyOf(name, day)).writer({ partSize: PART_BYTES, queueSize: 1, retry: 3 });
    try {
      for await (const piece of measured(source, bytesMax, (result) => (written = result))) {
        // Bun gives a promise while its parts are under way: the source waits, and memory does not grow.
        await writer.write(piece);
      }
      await writer.end();
    } catch (error) {
      await Promise.resolve(writer.end(error instanceof Error ? error : new Error(String(error)))).catch(() => undefined);
      await this.client.delete(keyOf(name, day)).catch(() => undefined);
      throw error instanceof AssetError ? error : new AssetError("storage", error instanceof Error ? error.message : String(error));
    }
    if (!written) throw new AssetError("storage", "nothing was written");
    return written;
  }

  async open(name: string, day: string): Promise<Opened | undefined> {
    const key = keyOf(name, day);
    try {
      const { size } = await this.client.stat(key);
      return { size, body: (start, end) => this.client.file(key).slice(start, end).stream() };
    } catch (error) {
      if (error instanceof Error && "code" in error && (error.code === "NoSuchKey" || error.code === "UnknownError" || error.code === "NotFound")) return undefined;
      throw error;
    }
  }

  async sweep(gone: (day: string) => boolean): Promise<number> {
    let [removed, token]: [number, string | undefined] = [0, undefined];
    do {
      const page: Awaited<ReturnType<S3Client["list"]>> = await this.client.list({ prefix: "assets/", ...(token === undefined ? {} : { continuationToken: token }) });
      for (const { key } of page.contents ?? []) {
        const day = KEY.exec(key)?.[1];
        if (day === undefined || !gone(day)) continue;
        await this.client.delete(key);
        removed += 1;
      }
      token = page.isTruncated ? page.nextContinuationToken : undefined;
    } while (token !== undefined);
    return removed;
  }
}

const keyOf = (name: string, day: string): string => `assets/${day}/${name}`;
