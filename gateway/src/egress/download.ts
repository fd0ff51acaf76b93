import { lookup } from "node:dns/promises";
import { GatewayError } from "../errors/gateway-error.ts";
import { FetchRules } from "./guarded/fetch-rules.ts";
import { hop, HopError, type HopReader } from "./guarded/hop.ts";
import { Stop } from "./guarded/stop.ts";
import { parseAddress, type Resolve, targetOf } from "./guarded/target.ts";
import type { AnswerHead } from "./http1/answer-head.ts";
import type { Egress } from "./upstream.ts";

export interface DownloadLimits {
  /** of the whole file */
  bytesMax: number;
  /** milliseconds for all of it */
  totalMs: number;
}

/** Milliseconds from a hop's start to the head of its answer. */
const FIRST_BYTE_MS = 20_000;
const REDIRECTS_MAX = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const USER_AGENT = "YEScale-Fetch/1";
/** A download that breaks off is taken up this often, after growing pauses from this. */
const RESUMES_MAX = 4;
const RESUME_PAUSE_MS = 250;
/** Bytes that came and are not taken yet, before the other side is stopped: a large file must not lie in memory (K22). */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

const resolveByName: Resolve = async (name) => (await lookup(name, { all: true })).map((found) => found.address);

/** What is downloaded: its type as the server says it, its bytes as they come. */
export interface Download {
  contentType: string;
  /** bytes, where the server says how many there are */
  length: number | undefined;
  bytes: AsyncIterable<Uint8Array>;
}

/**
 * Downloads files that vendors name, and posts notices to addresses that callers name. Files come piece by piece, so that memory does not grow with them. The address is a vendor's word: it leads to the public internet only, or to `trusted`, the origin of the channel that
 * was asked; each redirect is a new address. A credential (`own`) goes to `trusted` alone, and to no address that it sends us on to elsewhere.
 */
export class Downloader {
  constructor(
    private readonly egress: Egress,
    private readonly rules: FetchRules = new FetchRules(),
    private readonly resolve: Resolve = resolveByName,
  ) {}

  /** Posts to an address that a caller named; redirects are not followed. Gives the status. Rejects with GatewayError (mediaAddress, mediaDownload). */
  async post(address: string, headers: Record<string, string>, body: Buffer, totalMs: number): Promise<number> {
    const stop = new Stop(this.egress.deadlines, this.egress.clock, totalMs, () => false);
    try {
      const target = await stop.race(targetOf(parseAddress(address), this.rules, this.resolve));
      const reader = new StatusReader();
      await hop({ method: "POST", headers: { ...headers, connection: "close" }, body }, target, this.egress.pool, reader, stop);
      return reader.status;
    } catch (error) {
      throw error instanceof HopError ? new GatewayError("mediaDownload", { internalText: error.message }) : error;
    } finally {
      stop.stop(new GatewayError("mediaDownload", { internalText: "the notice is over" }));
    }
  }

  /**
   * Opens a file and gives it to `take`, whose answer it gives. A download that breaks off goes on where it was, if the file is certainly the same. Rejects with a GatewayError (mediaAddress, mediaDownload, mediaTooLarge) or
   * with what `take` throws; then nothing goes on. `own`: headers for the trusted origin alone.
   */
  async download<T>(address: string, limits: DownloadLimits, trusted: string | undefined, take: (file: Download) => Promise<T>, own: Readonly<Record<string, string>> = {}): Promise<T> {
    const stop = new Stop(this.egress.deadlines, this.egress.clock, limits.totalMs, () => false);
    const open = (from?: Part): Promise<Open> => this.open(parseAddress(address), limits.bytesMax, { trusted, own }, stop, from);
    try {
      const first = await open();
      return await take({ contentType: first.head.contentType, length: first.head.length, bytes: whole(first, open, (ms) => stop.race(Bun.sleep(ms))) });
    } finally {
      stop.stop(new GatewayError("mediaDownload", { internalText: "the download is over" }));
    }
  }

  /** Follows redirects to an answer with a body: the whole file, or what comes after `from`. */
  private async open(start: URL, bytesMax: number, { trusted, own }: { trusted: string | undefined; own: Readonly<Record<string, string>> }, stop: Stop, from?: Part): Promise<Open> {
    let url = start;
    for (let hops = 0; hops <= REDIRECTS_MAX; hops += 1) {
      stop.within(FIRST_BYTE_MS);
      const target = await stop.race(targetOf(url, this.rules, this.resolve, trusted));
      const pipe = new Pipe(bytesMax, () => stop.within(undefined));
      const range = from ? { range: `bytes=${from.at}-`, "if-range": from.mark } : {};
      const done = hop({ method: "GET", headers: { ...(trusted !== undefined && url.origin === trusted ? own : {}), "user-agent": USER_AGENT, accept: "*/*", "accept-encoding": "identity", connection: "close", ...range } }, target, this.egress.pool, pipe, stop);
      done.then(
        () => pipe.finish(),
        (error: unknown) => pipe.fail(error instanceof HopError ? new GatewayError("mediaDownload", { internalText: error.message }) : error),
      );
      const head = await pipe.opened;
      if (head.location === undefined) return { head, pipe };
      url = parseAddress(head.location, url);
    }
    throw new GatewayError("mediaDownload", { publicText: `The media address redirects more than ${REDIRECTS_MAX} times.` });
  }
}

interface Open {
  head: Head;
  pipe: Pipe;
}

/** Where a download goes on, and what says that the file is still the same (RFC 9110, 13.1.5). */
interface Part {
  at: number;
  mark: string;
}

/** All bytes of a file, over several answers where one breaks off. */
async function* whole(first: Open, open: (from: Part) => Promise<Open>, pause: (ms: number) => Promise<unknown>): AsyncGenerator<Uint8Array> {
  const { mark } = first.head;
  let { pipe } = first;
  let at = 0;
  for (let resumed = 0; ; resumed += 1) {
    try {
      for await (const piece of pipe) {
        at += piece.length;
        yield piece;
      }
      return;
    } catch (error) {
      if (!(error instanceof GatewayError) || error.gatewayErrorName !== "mediaDownload" || mark === undefined || at === 0 || resumed >= RESUMES_MAX) throw error;
      await pause(RESUME_PAUSE_MS * 2 ** resumed);
      const next = await open({ at, mark });
      // Another file, or the whole of it once more: what is there already does not fit.
      if (next.head.from !== at) throw error;
      ({ pipe } = next);
    }
  }
}

/** Takes the status of an answer and nothing else. */
class StatusReader implements HopReader {
  status = 0;
  head(head: AnswerHead): boolean {
    this.status = head.status;
    return false;
  }
  piece(): void {
    // no body is wanted
  }
}

interface Head {
  location?: string;
  contentType: string;
  length: number | undefined;
  /** where in the file the body begins */
  from: number;
  /** a strong validator, where the server takes ranges */
  mark: string | undefined;
}

/** Pieces that came and are not taken yet; while there are many of them the other side is stopped. */
class Pipe implements HopReader, AsyncIterable<Uint8Array> {
  private readonly gate = Promise.withResolvers<Head>();
  private readonly pieces: Buffer[] = [];
  private bytes = 0;
  private waiting = 0;
  private connection: { pause(): void; resume(): void } | undefined;
  private paused = false;
  private wake: (() => void) | undefined;
  private over = false;
  private failure: unknown;

  constructor(
    private readonly bytesMax: number,
    private readonly answered: () => void,
  ) {
    this.gate.promise.catch(() => undefined);
  }

  get opened(): Promise<Head> {
    return this.gate.promise;
  }

  flows(connection: { pause(): void; resume(): void }): void {
    this.connection = connection;
  }

  head(head: AnswerHead): boolean {
    this.answered();
    const location = REDIRECTS.has(head.status) ? head.header("location") : null;
    if (location !== null) {
      this.gate.resolve({ location, contentType: "", length: undefined, from: 0, mark: undefined });
      return false;
    }
    if (head.status < 200 || head.status > 299) throw new GatewayError("mediaDownload", { internalText: `status ${head.status}` });
    const declared = head.header("content-length");
    const length = declared === null ? undefined : Number(declared);
    if (length !== undefined && length > this.bytesMax) throw new GatewayError("mediaTooLarge");
    const from = head.status === 206 ? Number(/^bytes (\d+)-/.exec(head.header("content-range") ?? "")?.[1] ?? -1) : 0;
    this.bytes = Math.max(0, from);
    this.gate.resolve({ contentType: head.header("content-type") ?? "", length, from, mark: markOf(head) });
    return true;
  }

  piece(bytes: Buffer): void {
    this.bytes += bytes.length;
    if (this.bytes > this.bytesMax) throw new GatewayError("mediaTooLarge");
    this.pieces.push(bytes);
    this.waiting += bytes.length;
    if (this.waiting > WAITING_BYTES_MAX && !this.paused) {
      this.paused = true;
      this.connection?.pause();
    }
    this.wake?.();
  }

  finish(): void {
    this.over = true;
    this.gate.reject(new GatewayError("mediaDownload", { internalText: "no answer" }));
    this.wake?.();
  }

  fail(error: unknown): void {
    this.failure = error;
    this.over = true;
    this.gate.reject(error);
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (;;) {
      const next = this.pieces.shift();
      if (next) {
        this.waiting -= next.length;
        if (this.paused && this.waiting <= WAITING_BYTES_MAX / 2) {
          this.paused = false;
          this.connection?.resume();
        }
        yield next;
      } else if (this.failure !== undefined) throw this.failure;
      else if (this.over) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

/** What says that a file is the same byte for byte: a strong ETag, or else a date, of servers that take ranges. */
function markOf(head: AnswerHead): string | undefined {
  if (head.header("accept-ranges")?.toLowerCase() !== "bytes" && head.status !== 206) return undefined;
  const tag = head.header("etag");
  return tag !== null && !tag.startsWith("W/") ? tag : (head.header("last-modified") ?? undefined);
}
