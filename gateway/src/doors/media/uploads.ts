import { AssetError } from "../../assets/storage.ts";
import type { Asset } from "../../assets/asset-store.ts";
import { sniffMedia } from "../../egress/guarded/media-kind.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { INPUT_BYTES_MAX } from "../../relay/given-inputs.ts";
import { ASSETS_PREFIX } from "../route-rules.ts";
import type { MediaCall, MediaTools } from "./family.ts";

/** What an account may leave here in an hour, by each process: it costs nothing, and is kept as long as outputs are. */
const BYTES_AN_HOUR = 512 * 1024 * 1024;
const HOUR_MS = 3_600_000;

/** How much each account has left here in this hour. */
export class UploadAllowance {
  private hour = 0;
  private readonly taken = new Map<number, number>();

  /** Takes so many bytes of an account's allowance. Throws GatewayError rateLimited when it has not as many left. `now`: Unix milliseconds. */
  take(userId: number, bytes: number, now: number): void {
    const hour = Math.floor(now / HOUR_MS);
    if (hour !== this.hour) {
      this.hour = hour;
      this.taken.clear();
    }
    const sum = (this.taken.get(userId) ?? 0) + bytes;
    if (sum > BYTES_AN_HOUR) throw new GatewayError("rateLimited", { publicText: `An account may upload ${BYTES_AN_HOUR / 1024 / 1024} MB an hour.`, retryAfterSeconds: Math.ceil(((hour + 1) * HOUR_MS - now) / 1000) });
    this.taken.set(userId, sum);
  }
}

/** A file that a caller leaves here to name it in later orders. */
export interface Upload extends Asset {
  url: string;
  type: string;
}

/**
 * Keeps a file under an address of ours, which orders may name and vendors fetch. By its own bytes it must be of one of the `kinds` (`image`, `video`, `audio`). Rejects with GatewayError: `param` is what callers call it.
 */
export async function upload(bytes: Buffer, kinds: readonly string[], param: string, { key, origin }: Pick<MediaCall, "key" | "origin">, { assets, uploads, now }: Pick<MediaTools, "assets" | "uploads" | "now">): Promise<Upload> {
  const type = sniffMedia(bytes);
  if (type === undefined || !kinds.includes(type.split("/")[0] ?? "")) throw new GatewayError("mediaType", { publicText: `"${param}" is no file of the kind ${kinds.join(", ")}.`, param });
  if (bytes.length > INPUT_BYTES_MAX) throw new GatewayError("mediaTooLarge", { publicText: `"${param}" is larger than ${INPUT_BYTES_MAX / 1024 / 1024} MB.`, param });
  uploads.take(key.userId, bytes.length, now());
  try {
    const asset = await assets.put(bytes, type, INPUT_BYTES_MAX);
    return { ...asset, type, url: `${origin}${ASSETS_PREFIX}${asset.name}` };
  } catch (error) {
    throw error instanceof AssetError ? new GatewayError("databaseDown", { internalText: `an upload could not be kept: ${error.message}`, retryAfterSeconds: 30 }) : error;
  }
}
