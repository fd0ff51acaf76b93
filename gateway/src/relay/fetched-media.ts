import { mediaToResolve, type NeedsBytes, remoteMediaKey, withMedia } from "../dialects/canonical/remote-media.ts";
import type { CanonicalRequest } from "../dialects/canonical/request.ts";
import type { GuardedFetcher } from "../egress/guarded-fetch.ts";
import type { Caller } from "../egress/upstream.ts";

/**
 * The request with the bytes of all media that the vendor's dialect does not fetch itself (`rule`: its own, and the target's traits). Rejects with the fetcher's GatewayErrors. The same request where
 * there is nothing to fetch.
 */
export async function withFetchedMedia(request: CanonicalRequest, rule: { needsBytes: NeedsBytes; traits: ReadonlySet<string> }, fetcher: GuardedFetcher, caller: Pick<Caller, "left">): Promise<CanonicalRequest> {
  const wanted = mediaToResolve(request, rule.needsBytes, rule.traits);
  if (wanted.length === 0) return request;
  const fetched = await fetcher.fetchAll(wanted, caller);
  return withMedia(
    request,
    new Map(fetched.map(({ mediaType, bytes }, index) => [remoteMediaKey(wanted[index] as (typeof wanted)[number]), { kind: "base64", mediaType, data: bytes.toString("base64") }])),
  );
}
