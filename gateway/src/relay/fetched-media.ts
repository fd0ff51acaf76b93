import type { MediaSource } from "../dialects/canonical/media.ts";
import { type RemoteMedia, remoteMediaKey } from "../dialects/canonical/remote-media.ts";
import type { GuardedFetcher } from "../egress/guarded-fetch.ts";
import type { Caller } from "../egress/upstream.ts";

/** Files that one call names by address: each fetched once, when the first target needs its bytes, since its vendor does not fetch it itself. */
export class FetchedFiles {
  private readonly files = new Map<string, { mediaType: string; bytes: Buffer }>();

  constructor(
    private readonly fetcher: GuardedFetcher,
    private readonly caller: Pick<Caller, "left">,
  ) {}

  /** The bytes of media as sources, as `base64` writes them, by `remoteMediaKey`. Rejects with the fetcher's GatewayErrors. */
  async sources(wanted: readonly RemoteMedia[], base64: (bytes: Buffer) => string): Promise<ReadonlyMap<string, MediaSource>> {
    const unknown = wanted.filter((media) => !this.files.has(remoteMediaKey(media)));
    const fetched = await this.fetcher.fetchAll(unknown, this.caller);
    for (const [index, media] of unknown.entries()) this.files.set(remoteMediaKey(media), fetched[index] as (typeof fetched)[number]);
    const sources = new Map<string, MediaSource>();
    for (const key of wanted.map(remoteMediaKey)) {
      const file = this.files.get(key);
      if (file) sources.set(key, { kind: "base64", mediaType: file.mediaType, data: base64(file.bytes) });
    }
    return sources;
  }
}
