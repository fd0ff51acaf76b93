import { lookup } from "node:dns/promises";
import { imageSize } from "image-size";
import { GatewayError } from "../errors/gateway-error.ts";
import { FetchRules } from "./guarded/fetch-rules.ts";
import { hop, HopError, type HopReader } from "./guarded/hop.ts";
import { ACCEPTED, fetchedType, type MediaKind } from "./guarded/media-kind.ts";
import { Slots } from "./guarded/slots.ts";
import { Stop } from "./guarded/stop.ts";
import { parseAddress, refusePrivate, type Resolve, targetOf } from "./guarded/target.ts";
import type { AnswerHead } from "./http1/answer-head.ts";
import type { Caller, Egress } from "./upstream.ts";

export interface FetchLimits {
  /** one medium. OpenAI takes 50 MB of images a request, Gemini 20 MB inline; 20 MiB is the largest that all take */
  bytesMax: number;
  /** all media of one request together: they stand in its body, which is bounded too */
  requestBytesMax: number;
  /** different addresses of one request. Anthropic takes 100 images a request */
  addressesMax: number;
  /** Anthropic refuses images of more than 8000 x 8000 */
  pixelsMax: number;
  redirectsMax: number;
  /** milliseconds from a hop's start to the head of its answer; name and connection included */
  firstByteMs: number;
  /** milliseconds for one medium, waiting for its turn included: OpenAI gives up a download about then */
  totalMs: number;
  /** downloads at a time, of a request and of the process: with `bytesMax` they bound the memory */
  atOncePerRequest: number;
  atOnce: number;
  /** downloads waiting for their turn in the process */
  lineMax: number;
}

export const FETCH_LIMITS: Readonly<FetchLimits> = {
  bytesMax: 20 * 1024 * 1024,
  requestBytesMax: 48 * 1024 * 1024,
  addressesMax: 100,
  pixelsMax: 64_000_000,
  redirectsMax: 5,
  firstByteMs: 10_000,
  totalMs: 30_000,
  atOncePerRequest: 4,
  atOnce: 32,
  lineMax: 256,
};

/** One medium that a caller names by its address. */
export interface MediaWant {
  url: string;
  kind: MediaKind;
}

export interface FetchedMedia {
  bytes: Buffer;
  /** seen from the bytes, not what the server says */
  mediaType: string;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** A caller waits for it. */
const RESOLVE_MS_MAX = 2_000;
const USER_AGENT = "YEScale-Fetch/1";

const resolveByName: Resolve = async (name) => (await lookup(name, { all: true })).map((found) => found.address);

/**
 * Fetches what callers name by address. Such an address is the caller's word, so it leads to the public internet only: the name is resolved once, every address is checked, the
 * connection goes to a checked one under the name's certificate, and each redirect is treated as a new address. No credential, cookie or header of the caller goes along, and the
 * environment's proxies are not asked. What comes back must be media: its text never reaches an error.
 */
export class GuardedFetcher {
  private readonly slots: Slots;
  private readonly limits: FetchLimits;

  /** `resolve`: the system's own resolver unless given. */
  constructor(
    private readonly egress: Egress,
    private readonly rules: FetchRules = new FetchRules(),
    limits: Partial<FetchLimits> = {},
    private readonly resolve: Resolve = resolveByName,
  ) {
    this.limits = { ...FETCH_LIMITS, ...limits };
    this.slots = new Slots(this.limits.atOnce, this.limits.lineMax);
  }

  /**
   * Fetches all media of one request, each address once, and gives them in the order of `wants`. Rejects with a GatewayError (mediaAddress, mediaDownload, mediaType, mediaTooLarge:
   * 400; rateLimited: 429) for the first that fails, and ends the others. `trusted`: an origin of the operator's own choice (a channel's), which may be private; the way there is all that
   * it opens, no credential goes along.
   */
  async fetchAll(wants: readonly MediaWant[], caller: Pick<Caller, "left">, trusted?: string): Promise<FetchedMedia[]> {
    const { limits } = this;
    const jobs = new Map<string, Promise<FetchedMedia>>();
    const stops: Stop[] = [];
    const turns = new Slots(limits.atOncePerRequest, limits.addressesMax);
    const budget = { left: limits.requestBytesMax };
    const keyOf = (want: MediaWant): string => `${want.kind} ${want.url}`;
    const different = new Set(wants.map(keyOf)).size;
    if (different > limits.addressesMax) throw new GatewayError("mediaAddress", { publicText: `A request may name at most ${limits.addressesMax} media addresses.` });
    for (const want of wants) {
      if (jobs.has(keyOf(want))) continue;
      const stop = new Stop(this.egress.deadlines, this.egress.clock, limits.totalMs, () => caller.left());
      stops.push(stop);
      const race = <T>(wanted: Promise<T>): Promise<T> => stop.race(wanted);
      jobs.set(keyOf(want), turns.run(() => this.slots.run(() => this.fetchOne(want, stop, budget, trusted), race), race));
    }
    try {
      return await Promise.all(wants.map((want) => jobs.get(keyOf(want)) as Promise<FetchedMedia>));
    } finally {
      for (const stop of stops) stop.stop(new GatewayError("mediaDownload", { internalText: "another medium of the request failed" }));
    }
  }

  /** Refuses an address that a vendor shall open and that leads inside. A name that cannot be resolved in time passes. Rejects with GatewayError mediaAddress. */
  async refusePrivate(url: string): Promise<void> {
    const stop = new Stop(this.egress.deadlines, this.egress.clock, RESOLVE_MS_MAX, () => false);
    const late = new GatewayError("mediaDownload", { internalText: "not resolved in time" });
    try {
      await refusePrivate(url, this.rules, (name) => stop.race(this.resolve(name)));
    } finally {
      stop.stop(late);
    }
  }

  private async fetchOne(want: MediaWant, stop: Stop, budget: { left: number }, trusted: string | undefined): Promise<FetchedMedia> {
    const { limits } = this;
    const headers = { "user-agent": USER_AGENT, accept: ACCEPTED[want.kind].join(", "), "accept-encoding": "identity", connection: "close" };
    let url = parseAddress(want.url);
    for (let hops = 0; hops <= limits.redirectsMax; hops += 1) {
      stop.within(limits.firstByteMs);
      const target = await stop.race(targetOf(url, this.rules, this.resolve, trusted));
      const reader = new MediaReader(want.kind, limits, budget, () => stop.within(undefined));
      try {
        await hop({ method: "GET", headers }, target, this.egress.pool, reader, stop);
      } catch (error) {
        throw error instanceof HopError ? new GatewayError("mediaDownload", { internalText: error.message }) : error;
      }
      if (reader.location === undefined) return reader.media();
      url = parseAddress(reader.location, url);
    }
    throw new GatewayError("mediaDownload", { publicText: `The media address redirects more than ${limits.redirectsMax} times.` });
  }
}

/** Takes one answer: a redirect's address, or the medium as it comes. */
class MediaReader implements HopReader {
  location: string | undefined;
  private declared: string | null = null;
  private readonly pieces: Buffer[] = [];
  private length = 0;

  constructor(
    private readonly kind: MediaKind,
    private readonly limits: FetchLimits,
    private readonly budget: { left: number },
    private readonly answered: () => void,
  ) {}

  head(head: AnswerHead): boolean {
    this.answered();
    if (REDIRECTS.has(head.status)) {
      const location = head.header("location");
      if (location === null) throw new GatewayError("mediaDownload", { internalText: "a redirect without an address" });
      this.location = location;
      return false;
    }
    if (head.status !== 200) throw new GatewayError("mediaDownload", { publicText: `The server at the media address answered with status ${head.status}.` });
    // Asked for as it is: an encoded one could be a thousand times larger than what came.
    if (!/^(identity)?$/i.test(head.header("content-encoding") ?? "")) throw new GatewayError("mediaDownload", { internalText: "the medium came encoded" });
    this.declared = head.header("content-type");
    this.take(Number(head.header("content-length") ?? "0"), false);
    return true;
  }

  piece(bytes: Buffer): void {
    this.take(bytes.length, true);
    this.pieces.push(bytes);
  }

  /** The medium, checked. Throws GatewayError when it is not what was wanted. */
  media(): FetchedMedia {
    const bytes = Buffer.concat(this.pieces);
    const mediaType = fetchedType(this.kind, this.declared, bytes);
    if (mediaType === undefined) throw new GatewayError("mediaType");
    if (mediaType.startsWith("image/")) this.checkPixels(bytes);
    return { bytes, mediaType };
  }

  /** Counts bytes that have come (`booked`) or are promised. */
  private take(count: number, booked: boolean): void {
    const { bytesMax } = this.limits;
    if (this.length + count > bytesMax) throw new GatewayError("mediaTooLarge", { publicText: `What lies at the media address is larger than ${bytesMax} bytes.` });
    if (count > this.budget.left) throw new GatewayError("mediaTooLarge", { publicText: `The media of the request are larger than ${this.limits.requestBytesMax} bytes together.` });
    if (!booked) return;
    this.length += count;
    this.budget.left -= count;
  }

  private checkPixels(bytes: Buffer): void {
    const { width, height } = sizeOf(bytes);
    if (width * height > this.limits.pixelsMax) throw new GatewayError("mediaTooLarge", { publicText: `The image at the media address has more than ${this.limits.pixelsMax} pixels.` });
  }
}

function sizeOf(bytes: Buffer): { width: number; height: number } {
  try {
    return imageSize(bytes);
  } catch (error) {
    throw new GatewayError("mediaType", { internalText: `no readable image: ${error instanceof Error ? error.message : String(error)}` });
  }
}
