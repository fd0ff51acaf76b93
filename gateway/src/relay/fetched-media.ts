import type { MediaSource } from "../dialects/canonical/media.ts";
import { mediaToResolve, type NeedsBytes, remoteMediaKey, withMedia } from "../dialects/canonical/remote-media.ts";
import type { CanonicalRequest } from "../dialects/canonical/request.ts";
import type { GuardedFetcher } from "../egress/guarded-fetch.ts";
import type { Caller } from "../egress/upstream.ts";

/** Files that one call names by address: each fetched once, when the first target needs its bytes. */
export class FetchedFiles {
  private readonly files = new Map<string, { mediaType: string; bytes: Buffer }>();

  constructor(
    private readonly fetcher: GuardedFetcher,
    private readonly caller: Pick<Caller, "left">,
  ) {}

  /**
   * The request with the bytes of all media that the vendor's dialect does not fetch itself (`rule`: its own, and the target's traits), as `base64` writes them. Rejects with the fetcher's
   * GatewayErrors. The same request where there is nothing to fetch.
   */
  async into(request: CanonicalRequest, rule: { needsBytes: NeedsBytes; traits: ReadonlySet<string> }, base64: (bytes: Buffer) => string): Promise<CanonicalRequest> {
    const wanted = mediaToResolve(request, rule.needsBytes, rule.traits);
    if (wanted.length === 0) return request;
    const unknown = wanted.filter((media) => !this.files.has(remoteMediaKey(media)));
    const fetched = await this.fetcher.fetchAll(unknown, this.caller);
    for (const [index, media] of unknown.entries()) this.files.set(remoteMediaKey(media), fetched[index] as (typeof fetched)[number]);
    const sources = new Map<string, MediaSource>();
    for (const media of wanted) {
      const file = this.files.get(remoteMediaKey(media));
      if (file) sources.set(remoteMediaKey(media), { kind: "base64", mediaType: file.mediaType, data: base64(file.bytes) });
    }
    return withMedia(request, sources);
  }
}
