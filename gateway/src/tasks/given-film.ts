import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MediaFacts, mediaFacts } from "../assets/media-facts.ts";
import { sniffMedia } from "../egress/guarded/media-kind.ts";
import { Slots } from "../egress/guarded/slots.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { TaskServices } from "./services.ts";

/** A film that is only measured: Topaz takes up to 500 MB by the short way. It passes through a file, never memory. */
const FILM_BYTES_MAX = 512 * 1024 * 1024;
/** A caller waits for it. */
const FILM_MS_MAX = 60_000;
/** Films that are measured at a time, and that wait: they stand on the disk meanwhile. */
const FILMS_AT_ONCE = 4;
const FILMS_WAITING = 32;
/** The beginning that a type is read from. */
const HEAD_BYTES = 4_096;

const slots = new Slots(FILMS_AT_ONCE, FILMS_WAITING);

/**
 * Length and sides of a film that a caller gives, by its address (the public internet, or a kept output of ours) or as a `data:` URI: what its price depends on. Rejects with GatewayError for an address that may not be asked or leads
 * nowhere, and for what is no film whose length can be read.
 */
export async function filmFacts(url: string, { downloader, publicUrl }: Pick<TaskServices, "downloader" | "publicUrl">): Promise<MediaFacts & { duration: number }> {
  const facts = await (url.startsWith("data:") ? inUri(url) : slots.run(() => downloaded(url, downloader, new URL(publicUrl()).origin), (wanted) => wanted));
  if (facts.duration === undefined) throw new GatewayError("invalidRequest", { publicText: "The given video is no film whose length can be read, and the price depends on it." });
  return { ...facts, duration: facts.duration };
}

function inUri(uri: string): Promise<MediaFacts> {
  const bytes = Buffer.from(uri.slice(uri.indexOf(",") + 1), "base64");
  return mediaFacts(new Blob([new Uint8Array(bytes)]), sniffMedia(bytes) ?? "");
}

async function downloaded(url: string, downloader: TaskServices["downloader"], own: string): Promise<MediaFacts> {
  const folder = await mkdtemp(join(tmpdir(), "yescale-film-"));
  try {
    return await downloader.download(url, { bytesMax: FILM_BYTES_MAX, totalMs: FILM_MS_MAX }, own, async ({ bytes }) => {
      const path = join(folder, "film");
      const file = Bun.file(path).writer();
      let head = Buffer.alloc(0);
      for await (const piece of bytes) {
        if (head.length < HEAD_BYTES) head = Buffer.concat([head, piece]).subarray(0, HEAD_BYTES);
        await file.write(piece);
      }
      await file.end();
      return mediaFacts(Bun.file(path), sniffMedia(head) ?? "");
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
