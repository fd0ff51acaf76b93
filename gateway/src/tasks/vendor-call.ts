import { ownNames } from "../channels/own-names.ts";
import type { TaskTarget } from "../channels/task-plan.ts";
import { openUpstream, UpstreamFailure } from "../egress/upstream.ts";
import { redact } from "../errors/redact.ts";
import { authorize, AuthorizeFailed } from "../relay/authorize.ts";
import { type FaultKind, trimSlashes, type VendorAdapter } from "../vendors/_kit/adapter.ts";
import type { StandIns } from "../dialects/canonical/stand-ins.ts";
import type { MediaAdapter, VendorAnswer, VendorCall } from "../vendors/_kit/media/adapter.ts";
import { VENDORS } from "../vendors/registry.ts";
import type { TaskServices } from "./services.ts";
import { bodyOf } from "./vendor-body.ts";

/** No answer to a call. `unsent`: the vendor cannot have read it; otherwise nobody knows. */
export class CallFailed extends Error {
  constructor(
    readonly kind: FaultKind | "network" | "timeout",
    message: string,
    readonly unsent: boolean,
  ) {
    super(message);
  }
}

/** The caller of a task has left long ago: nothing that happens at a door ends a vendor's call. */
export const NOBODY = { left: () => false, waits: () => undefined };

/** A vendor that makes things as tasks. */
export interface MediaVendor {
  vendor: VendorAdapter;
  media: MediaAdapter;
}

export function mediaVendor(id: string): MediaVendor | undefined {
  const vendor = VENDORS.get(id);
  return vendor?.media && { vendor, media: vendor.media };
}

/** Whether the answer to an order is its end: nothing can be asked about it afterwards. */
export const endsAtOnce = ({ media }: MediaVendor, model: string): boolean => media.poll === undefined || media.atOnce?.(model) === true;

/** The address of a file that is read with the target's credential, and the headers that carry it. Rejects with an Error where there is no credential to be had. */
export async function authorizedFile(path: string, { channel, key }: Pick<TaskTarget, "channel" | "key">, services: TaskServices): Promise<{ url: string; headers: Record<string, string> }> {
  const vendor = VENDORS.get(channel.vendor);
  if (!vendor) throw new CallFailed("server", `no adapter for vendor ${channel.vendor}`, true);
  const url = addressOf(path, vendor.media?.baseUrl?.(channel.baseUrl) ?? channel.baseUrl);
  const headers: Record<string, string> = {};
  await authorize(vendor, { method: "GET", url, headers, body: Buffer.alloc(0) }, channel.credentials[key] ?? "", { egress: services.egress, proxy: channel.proxy });
  return { url, headers };
}

/** Sends a call of an adapter's with the target's address and credential. Gives the answer whatever its status; rejects with CallFailed. `once`: it must not reach the vendor twice; `files`: those of the order, which the call may name by stand-ins. */
export async function callVendor(call: VendorCall, target: Pick<TaskTarget, "channel" | "key">, { timeoutMs, once, headers: more, files }: { timeoutMs: number; once?: boolean; headers?: Record<string, string>; files?: StandIns }, services: TaskServices): Promise<VendorAnswer> {
  const { channel } = target;
  const vendor = VENDORS.get(channel.vendor);
  if (!vendor) throw new CallFailed("server", `no adapter for vendor ${channel.vendor}`, true);
  const url = addressOf(call.path, vendor.media?.baseUrl?.(channel.baseUrl) ?? channel.baseUrl);
  const { body, type } = bodyOf(call, files);
  const headers: Record<string, string> = { accept: "application/json", "accept-encoding": "identity", "user-agent": "yescale", ...(type === undefined ? {} : { "content-type": type }), ...call.headers, ...more };
  if (body === undefined && call.method !== "GET") headers["content-length"] = "0";
  try {
    await authorize(vendor, { method: call.method, url, headers, body: body ?? Buffer.alloc(0) }, channel.credentials[target.key] ?? "", { egress: services.egress, proxy: channel.proxy });
  } catch (error) {
    throw error instanceof AuthorizeFailed
      ? new CallFailed(error.kind, redact(error.message, ownNames(channel)), true)
      : new CallFailed("network", error instanceof Error ? error.message : String(error), true);
  }
  try {
    const upstream = await openUpstream(
      { url, method: call.method, headers, ...(body === undefined ? {} : { body }), ...(once ? { once: true } : {}), firstByteMs: timeoutMs, idleMs: timeoutMs, proxy: channel.proxy, stream: false, caller: NOBODY },
      services.egress,
    );
    return { status: upstream.status, header: (name) => upstream.header(name), body: upstream.body() };
  } catch (error) {
    if (!(error instanceof UpstreamFailure)) throw error;
    throw new CallFailed(error.reason === "timeout" ? "timeout" : "network", redact(error.message, ownNames(channel)), error.unsent);
  }
}

/** A path below the base URL; a whole address only if it leads to the same origin, since the credential goes along. Throws CallFailed. */
function addressOf(path: string, baseUrl: string): string {
  if (path.startsWith("/")) return `${trimSlashes(baseUrl)}${path}`;
  if (URL.parse(path)?.origin !== URL.parse(baseUrl)?.origin) throw new CallFailed("server", "the vendor sent us to another origin than the channel's", true);
  return path;
}
