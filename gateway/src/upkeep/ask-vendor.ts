import type { Channel } from "../channels/channel.ts";
import { ownNames } from "../channels/own-names.ts";
import { type Caller, type Egress, openUpstream, UpstreamFailure } from "../egress/upstream.ts";
import { redact } from "../errors/redact.ts";
import { authorize, AuthorizeFailed } from "../relay/authorize.ts";
import { VENDORS } from "../vendors/registry.ts";

/** A vendor that does not answer a small question by then is not well. */
const ASK_MS_MAX = 15_000;
/** Of an answer that says no, what a person needs to read. */
const NOTE_LENGTH_MAX = 300;
const NOBODY: Caller = { left: () => false, waits: () => undefined };

/** What a vendor answered to a small free question. */
export interface VendorAnswer {
  ok: boolean;
  /** 0: there was no answer */
  status: number;
  body: string;
  /** why not, without secrets and addresses of ours */
  note: string;
  ms: number;
}

/** Asks a channel's vendor something free with one of its credentials, by the channel's own way out. Never rejects. */
export async function askVendor(channel: Channel, key: number, url: string, egress: Egress): Promise<VendorAnswer> {
  const startedAt = egress.clock.monotonic();
  const done = (status: number, body: string, note: string): VendorAnswer => ({
    ok: status >= 200 && status < 300,
    status,
    body,
    note: redact(note.slice(0, NOTE_LENGTH_MAX), ownNames(channel)),
    ms: Math.round(egress.clock.monotonic() - startedAt),
  });
  const vendor = VENDORS.get(channel.vendor);
  if (!vendor) return done(0, "", `there is no vendor "${channel.vendor}"`);
  const request = { method: "GET", url, headers: {} as Record<string, string>, body: Buffer.alloc(0) };
  try {
    await authorize(vendor, request, channel.credentials[key] ?? "", { egress, proxy: channel.proxy });
    const call = await openUpstream({ url, headers: request.headers, body: request.body, method: "GET", firstByteMs: ASK_MS_MAX, idleMs: ASK_MS_MAX, proxy: channel.proxy, stream: false, caller: NOBODY }, egress);
    const body = call.body().toString("utf8");
    return done(call.status, body, call.ok ? "" : body);
  } catch (error) {
    return done(0, "", error instanceof AuthorizeFailed || error instanceof UpstreamFailure ? error.message : String(error));
  }
}

/** Where the vendor of a channel is asked whether a credential is good; mostly its list of models. */
export function testAddress(channel: Channel): string {
  const vendor = VENDORS.get(channel.vendor);
  return vendor?.address(channel.baseUrl, { name: "test", upstreamPath: vendor.testPath, billable: false }, "", "") ?? "";
}
