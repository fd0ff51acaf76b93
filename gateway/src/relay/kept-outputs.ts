import { type PictureLink, pictureLinks, withPictureLinks } from "../dialects/openai-images/links.ts";
import type { KeptPicture } from "../dialects/openai-images/images-form.ts";
import type { RelayCall, RelayServices } from "./call.ts";

/** Names the addresses of an answer (from 0) that are still the vendor's, since their pictures could not be copied. */
export const NOT_KEPT_HEADER = "x-yescale-not-kept";
/** Addresses of one answer that are copied; no vendor gives more pictures. */
const LINKS_MAX = 16;
/** Copies at a time: each may have as many bytes as the fetcher takes. */
const AT_ONCE = 4;

/** What stands before `/assets/...` for the caller of a call. */
export const ownUrl = (call: RelayCall, services: Pick<RelayServices, "assetUrl">): string =>
  services.assetUrl ?? `${call.headers["x-forwarded-proto"] === "https" ? "https" : "http"}://${call.headers["host"] ?? "127.0.0.1"}`;

/** Keeps a picture under an address of ours. Throws AssetError. */
export async function keepPicture(call: RelayCall, bytes: Buffer, contentType: string, services: RelayServices): Promise<KeptPicture> {
  const base = ownUrl(call, services);
  const { name, expiresAt } = await services.assets.put(bytes, contentType);
  return { url: `${base}/assets/${name}`, ...(expiresAt === undefined ? {} : { expires_at: Math.floor(expiresAt / 1000) }) };
}

/**
 * An images answer whose addresses are ours: vendors' end after an hour or a day. A picture that cannot be copied keeps the vendor's address, and the header says so; the answer is
 * made and paid for. `channelUrl`: where the vendor itself was asked; addresses of that origin may lead where the channel leads, all others to the public internet only. Undefined
 * where there is nothing to copy. Never rejects.
 */
export async function withKeptLinks(body: Buffer, channelUrl: string, call: RelayCall, services: RelayServices): Promise<{ body: Buffer; headers: Record<string, string> } | undefined> {
  const links = pictureLinks(body);
  if (links.length === 0) return undefined;
  const waiting = links.slice(0, LINKS_MAX);
  const kept: { link: PictureLink; picture: KeptPicture }[] = [];
  const work = async (): Promise<void> => {
    for (let link = waiting.shift(); link; link = waiting.shift()) {
      const picture = await copied(link.url, channelUrl, call, services);
      if (picture) kept.push({ link, picture });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const left = links.filter((link) => !kept.some((one) => one.link === link)).map(({ index }) => index);
  return { body: withPictureLinks(body, kept), headers: left.length === 0 ? {} : { [NOT_KEPT_HEADER]: left.join(", ") } };
}

async function copied(url: string, channelUrl: string, call: RelayCall, services: RelayServices): Promise<KeptPicture | undefined> {
  try {
    const [fetched] = await services.fetcher.fetchAll([{ url, kind: "image" }], call.caller, URL.parse(channelUrl)?.origin);
    return fetched && (await keepPicture(call, fetched.bytes, fetched.mediaType, services));
  } catch (error) {
    services.log.warn({ requestId: call.id, error: error instanceof Error ? error.message : String(error) }, "a vendor's picture could not be copied");
    return undefined;
  }
}
