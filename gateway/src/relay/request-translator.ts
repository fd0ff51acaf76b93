import type { BodyPieces } from "../dialects/canonical/body-pieces.ts";
import { JsonScan } from "../dialects/canonical/json-scan.ts";
import type { MediaSource } from "../dialects/canonical/media.ts";
import { mediaToResolve, type RemoteMedia, withMedia } from "../dialects/canonical/remote-media.ts";
import type { CanonicalRequest } from "../dialects/canonical/request.ts";
import { NEEDS_BYTES } from "../dialects/registry.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { LoneWorker, WorkerFailure, type WorkerLimits } from "../workers/lone-worker.ts";
import type { RelayCall, RelayServices } from "./call.ts";
import { FetchedFiles } from "./fetched-media.ts";
import { type LiftedBody, liftedBody, newStandIns } from "./lifted-body.ts";
import type { BodyScan } from "./request-body.ts";
import { parsedBody, readRequest, type Reading, type Speaking, type TranslatedRequest, writeRequest } from "./translate-request.ts";
import type { TranslationJob, TranslationResult } from "./translation-worker.ts";

/** Bodies with more JSON than this (large base64 apart) are translated in a worker: here they would hold up all others for longer than some milliseconds. */
const TRANSLATED_HERE_BYTES_MAX = 192 * 1024;

/** A body of 64 MB takes about 3 s, so that one account may have the last of its own half a minute later. A worker takes 50 MB of memory, more while it has large bodies. */
const LIMITS: WorkerLimits = { queueMax: 128, accountQueueMax: 16, waitMs: 30_000, jobMs: 30_000, idleMs: 60_000 };

export type TranslationWorker = LoneWorker<TranslationJob, TranslationResult>;
export const newTranslationWorker = (): TranslationWorker => new LoneWorker(new URL("./translation-worker.ts", import.meta.url), LIMITS);

/** What goes to a vendor. */
export interface SpokenRequest extends Omit<TranslatedRequest, "json"> {
  body: Buffer | BodyPieces;
}

/** One call's request, to be put into the words of one target after another: read once where it is small, and files that are named by address fetched once. */
export class RequestTranslator {
  private files: FetchedFiles | undefined;
  private readonly reading: Reading;
  private readonly large: boolean;
  private lifted: LiftedBody | Promise<LiftedBody> | undefined;
  private request: { of: LiftedBody; canonical: unknown } | undefined;

  constructor(
    private readonly call: RelayCall,
    private readonly scan: BodyScan,
    private readonly services: Pick<RelayServices, "fetcher" | "translationWorker">,
  ) {
    this.reading = { caller: call.dialect.id, counting: !call.endpoint.billable, address: call.endpoint };
    this.large = scan instanceof JsonScan && scan.bytes.length - scan.largeMedia.reduce((sum, { start, end }) => sum + end - start, 0) > TRANSLATED_HERE_BYTES_MAX;
  }

  /** At once where the body is small and says all itself. Throws or rejects with GatewayError for what is wrong with the caller's words or with a file, and for what cannot be expressed at all. */
  speak(speaking: Speaking): SpokenRequest | Promise<SpokenRequest> {
    const body = (this.lifted ??= liftedBody(this.call, this.scan));
    if (this.large || body instanceof Promise || this.wanted(body, speaking).length > 0) return this.speakLater(body, speaking);
    const { json, dropped, answerable } = writeRequest(this.canonical(body), speaking);
    return { body: json, dropped, answerable };
  }

  private async speakLater(body: LiftedBody | Promise<LiftedBody>, speaking: Speaking): Promise<SpokenRequest> {
    const spoken = await this.from(await body, speaking, true);
    if (spoken) return spoken;
    // The codec looked into what had been left out.
    const whole = await this.from({ text: this.call.body.toString("utf8") }, speaking, false);
    if (!whole) throw new GatewayError("internal", { internalText: "a translation of the whole request lost a part of it" });
    return whole;
  }

  /** The canonical request, with nothing left out. Throws GatewayError. */
  whole(): unknown {
    return readRequest(parsedBody(this.call.body.toString("utf8")), this.reading);
  }

  /** Undefined when a stand-in was lost on the way. `lift`: large files are left out too. */
  private async from(body: LiftedBody, speaking: Speaking, lift: boolean): Promise<SpokenRequest | undefined> {
    const standIns = body.standIns?.copy() ?? newStandIns();
    const base64 = (file: Buffer): string => (lift ? standIns.ofFile(file) : file.toString("base64"));
    const { json, ...rest } = await (this.large ? this.elsewhere(body, speaking, base64) : this.here(body, speaking, base64));
    const restored = standIns.restore(json);
    return restored && { ...rest, body: restored };
  }

  private async here(body: LiftedBody, speaking: Speaking, base64: (file: Buffer) => string): Promise<TranslatedRequest> {
    const canonical = this.canonical(body);
    const wanted = this.wanted(body, speaking);
    return writeRequest(wanted.length === 0 ? canonical : withMedia(canonical as CanonicalRequest, await this.fetched(wanted, base64)), speaking);
  }

  private canonical(body: LiftedBody): unknown {
    if (this.request?.of !== body) this.request = { of: body, canonical: readRequest(parsedBody(body.text), this.reading) };
    return this.request.canonical;
  }

  /** The files that a vendor wants the bytes of. */
  private wanted(body: LiftedBody, { vendor, target }: Speaking): RemoteMedia[] {
    const needsBytes = NEEDS_BYTES[vendor];
    return needsBytes ? mediaToResolve(this.canonical(body) as CanonicalRequest, needsBytes, target.traits) : [];
  }

  private async elsewhere(body: LiftedBody, speaking: Speaking, base64: (file: Buffer) => string): Promise<TranslatedRequest> {
    let media: ReadonlyMap<string, MediaSource> = new Map();
    for (;;) {
      const text = new Uint8Array(Buffer.from(body.text));
      const result = await this.asked({ text, reading: this.reading, speaking, media });
      if ("error" in result) throw new GatewayError(result.error.name, { publicText: result.error.publicText, internalText: result.error.internalText, ...(result.error.param === null ? {} : { param: result.error.param }) });
      if ("json" in result) return { ...result, json: Buffer.from(result.json.buffer, result.json.byteOffset, result.json.byteLength) };
      if (media.size > 0) throw new GatewayError("internal", { internalText: "fetched files were not taken" });
      media = await this.fetched(result.wanted, base64);
    }
  }

  private fetched(wanted: readonly RemoteMedia[], base64: (file: Buffer) => string): Promise<ReadonlyMap<string, MediaSource>> {
    return (this.files ??= new FetchedFiles(this.services.fetcher, this.call.caller)).sources(wanted, base64);
  }

  private async asked(job: TranslationJob): Promise<TranslationResult> {
    try {
      return await this.services.translationWorker.run(this.call.key.walletBudget, job, [job.text.buffer as ArrayBuffer]);
    } catch (failure) {
      if (!(failure instanceof WorkerFailure)) throw failure;
      throw new GatewayError(failure.reason === "busy" ? "overloaded" : failure.reason === "closed" ? "shuttingDown" : "internal", { internalText: failure.message, retryAfterSeconds: 2 });
    }
  }
}
