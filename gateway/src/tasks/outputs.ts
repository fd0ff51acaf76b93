import { AssetError } from "../assets/storage.ts";
import { imageSize } from "image-size";
import { type MediaFacts, mediaFacts } from "../assets/media-facts.ts";
import { readable } from "../assets/readable.ts";
import type { TaskTarget } from "../channels/task-plan.ts";
import { sniffMedia } from "../egress/guarded/media-kind.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { MediaOutput } from "../vendors/_kit/media/adapter.ts";
import { signedExpiry } from "./signed-expiry.ts";
import type { Step } from "./step.ts";
import type { TaskOutput } from "./task.ts";
import { authorizedFile, mediaVendor } from "./vendor-call.ts";

/** One output: an hour of film in 4K has less. */
const OUTPUT_BYTES_MAX = 4 * 1024 * 1024 * 1024;
/** Copying may hold up the end of a task for this long, all outputs together; what is not here by then keeps the vendor's address and is copied later. */
const COPY_MS_MAX = 60_000;
/** Tries of one file meanwhile, after growing pauses from this. */
const COPIES_MAX = 4;
const COPY_PAUSE_MS = 500;
/** What is copied after the end has this long, all outputs together. */
export const COPY_LATER_MS_MAX = 1_200_000;
/** Outputs of one task that are copied at a time. */
const AT_ONCE = 4;
/** The beginning of a file that its type and size are read from. */
const HEAD_BYTES = 64 * 1024;

/** What no output is, as its server says it or as it begins. */
const NO_OUTPUT = /^(?:text\/html|application\/(?:json|xml|problem\+json))\b/i;
const PAGE = /^\s*<(?:!doctype html|html)/i;

/** The outputs as callers see them, each copied to our store at once where that succeeds. Never rejects. */
export async function keepOutputs({ task, services }: Pick<Step, "task" | "services">, made: readonly MediaOutput[], place: Pick<TaskTarget, "channel" | "key">): Promise<TaskOutput[]> {
  const kept: TaskOutput[] = made.map(() => ({ kind: "text", where: "lost" }));
  const until = services.clock.monotonic() + COPY_MS_MAX;
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < made.length; index = next++) {
      const output = made[index] as MediaOutput;
      kept[index] = await keepOne(output, place, task.upstream_model ?? "", until, services, (error) => services.log.warn({ task: task.id, error: error instanceof Error ? error.message : String(error) }, "an output could not be copied"));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return kept;
}

async function keepOne(output: MediaOutput, place: Pick<TaskTarget, "channel" | "key">, model: string, until: number, services: Step["services"], failed: (error: unknown) => void): Promise<TaskOutput> {
  const { kind, url, bytes, text, role, also, mime, duration } = output;
  const told = { kind, ...(role === undefined ? {} : { role }), ...(also === undefined ? {} : { also }), ...(duration === undefined ? {} : { duration }) };
  if (text !== undefined) return { ...told, text, where: "kept" };
  const hidden = isPrivate(output);
  try {
    if (bytes) return { ...told, ...(await keepBytes(bytes, mime, services)) };
    if (url === undefined) return { ...told, where: "lost" };
    const { url: address, headers } = hidden ? await authorizedFile(url, place, services) : { url, headers: {} };
    const kept = await copy({ url: address, headers }, mime, URL.parse(place.channel.baseUrl)?.origin, until, services);
    return { ...sizeTold(output), ...told, ...kept, ...(hidden ? {} : { vendorUrl: url }) };
  } catch (error) {
    failed(error);
    if (url === undefined || hidden) return { ...told, where: "lost" };
    const expiresAt = output.expiresAt ?? signedExpiry(url) ?? documentedEnd(place.channel.vendor, model, services.clock.now());
    return { ...sizeTold(output), ...told, url, vendorUrl: url, where: "vendor", ...(mime === undefined ? {} : { mime }), ...(expiresAt === undefined ? {} : { expiresAt }) };
  }
}

/** When a vendor's address ends that says nothing itself: the documented life, counted from now, which is when the job was seen to have ended (Unix milliseconds). */
function documentedEnd(vendor: string, model: string, now: number): number | undefined {
  const hours = mediaVendor(vendor)?.media.outputHours?.(model);
  return hours === undefined ? undefined : now + hours * 3_600_000;
}

/** Whether only the account's own credential opens it. */
export const isPrivate = ({ url }: MediaOutput): boolean => url?.startsWith("/") === true;

/** Copies a file, again after a failure while there is time. Rejects with GatewayError or AssetError. */
async function copy({ url, headers = {} }: { url: string; headers?: Readonly<Record<string, string>> }, mime: string | undefined, trusted: string | undefined, until: number, services: Step["services"]): Promise<Omit<TaskOutput, "kind">> {
  const { clock } = services;
  for (let tries = 1; ; tries += 1) {
    try {
      return await services.downloader.download(url, { bytesMax: OUTPUT_BYTES_MAX, totalMs: Math.max(1, until - clock.monotonic()) }, trusted, async (file) => {
        const { first, all } = await headOf(file.bytes);
        const type = typeOf(first, file.contentType, mime);
        if (first.length === 0) throw new GatewayError("mediaDownload", { internalText: "an empty file came" });
        // A page in the place of a film: an error, or a login (V40).
        if (NO_OUTPUT.test(file.contentType) || PAGE.test(first.toString("latin1", 0, 512))) throw new GatewayError("mediaDownload", { internalText: `a page of type ${file.contentType} came` });
        return placed(await services.assets.put(all, type, OUTPUT_BYTES_MAX), type, first, services);
      }, headers);
    } catch (error) {
      const pause = COPY_PAUSE_MS * 2 ** (tries - 1);
      const passes = error instanceof GatewayError && error.gatewayErrorName === "mediaDownload";
      if (!passes || tries >= COPIES_MAX || clock.monotonic() + pause >= until) throw error;
      await Bun.sleep(pause);
    }
  }
}

/**
 * Copies once more what could not be copied when the task ended; nobody waits for it. Gives the outputs with what came of it, and whether one may still come. Never rejects.
 */
export async function copyLater({ task, services }: Pick<Step, "task" | "services">, channelUrl: string): Promise<{ outputs: TaskOutput[]; more: boolean }> {
  const until = services.clock.monotonic() + COPY_LATER_MS_MAX;
  let more = false;
  const outputs: TaskOutput[] = [];
  for (const output of task.outputs) {
    const { vendorUrl, expiresAt } = output;
    if (output.where !== "vendor" || vendorUrl === undefined || (expiresAt !== undefined && expiresAt <= services.clock.now())) {
      outputs.push(output);
      continue;
    }
    try {
      const { expiresAt: _, ...rest } = output;
      outputs.push({ ...rest, ...(await copy({ url: vendorUrl }, output.mime, URL.parse(channelUrl)?.origin, until, services)), vendorUrl });
    } catch (error) {
      services.log.warn({ task: task.id, error: error instanceof Error ? error.message : String(error) }, "an output could not be copied later either");
      outputs.push(output);
      more = true;
    }
  }
  return { outputs, more };
}

const sizeTold = ({ width, height }: MediaOutput): Partial<TaskOutput> => (width === undefined || height === undefined ? {} : { width, height });

async function keepBytes(bytes: Buffer, mime: string | undefined, services: Step["services"]): Promise<Omit<TaskOutput, "kind">> {
  if (bytes.length === 0) throw new AssetError("storage", "an empty file is no output");
  const first = bytes.subarray(0, HEAD_BYTES);
  const type = typeOf(first, "", mime);
  return placed(await services.assets.put(bytes, type), type, first, services);
}

async function placed(asset: { name: string; bytes: number; expiresAt: number | undefined }, type: string, first: Buffer, services: Step["services"]): Promise<Omit<TaskOutput, "kind">> {
  return {
    url: `${services.publicUrl()}/assets/${asset.name}`, where: "kept", mime: type, size: asset.bytes, ...(/^(?:video|audio)\//.test(type) ? await factsOf(asset.name, type, services) : sidesOf(first, type)),
    ...(asset.expiresAt === undefined ? {} : { expiresAt: asset.expiresAt }),
  };
}

/** The bytes decide what it is; where they say nothing, the vendor or its server does. */
function typeOf(first: Buffer, declared: string, told: string | undefined): string {
  const bare = (declared.split(";")[0] ?? "").trim().toLowerCase();
  return sniffMedia(first) ?? (first.toString("utf8", 0, 256).includes("<svg") ? "image/svg+xml" : undefined) ?? told ?? (bare === "" ? "application/octet-stream" : bare);
}

async function factsOf(name: string, type: string, { assets }: Step["services"]): Promise<MediaFacts> {
  const opened = await assets.open(name);
  return opened ? mediaFacts(readable(opened, type), type) : {};
}

function sidesOf(first: Buffer, type: string): { width?: number; height?: number } {
  if (!type.startsWith("image/")) return {};
  try {
    const { width, height } = imageSize(first);
    return { width, height };
  } catch {
    return {};
  }
}

/** The first bytes of a file, and all of it again. */
async function headOf(bytes: AsyncIterable<Uint8Array>): Promise<{ first: Buffer; all: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const pieces: Uint8Array[] = [];
  let length = 0;
  let done = false;
  while (length < HEAD_BYTES && !done) {
    const next = await iterator.next();
    if (next.done) done = true;
    else {
      pieces.push(next.value);
      length += next.value.length;
    }
  }
  const all = async function* (): AsyncGenerator<Uint8Array> {
    yield* pieces;
    while (!done) {
      const next = await iterator.next();
      if (next.done) return;
      yield next.value;
    }
  };
  return { first: Buffer.concat(pieces).subarray(0, HEAD_BYTES), all: all() };
}
