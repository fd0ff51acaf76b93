import { type Caller, type Egress, openUpstream } from "./upstream.ts";

/** A token endpoint that gives nothing by then is down; the request that waits for it goes elsewhere. */
const EXCHANGE_MS = 15_000;
/** Others may wait for the same token, so one caller who leaves ends nothing. */
const NOBODY: Caller = { left: () => false, waits: () => undefined };

/** A small request of the gateway's own (an access token). Gives status and body whatever the status; rejects with UpstreamFailure. */
export async function exchange(
  request: { method: string; url: string; headers: Record<string, string>; body: Buffer },
  egress: Egress,
  proxy: string | undefined,
): Promise<{ status: number; body: string }> {
  const { url, headers, body } = request;
  const call = await openUpstream({ url, headers, body, method: "POST", firstByteMs: EXCHANGE_MS, idleMs: EXCHANGE_MS, proxy, stream: false, caller: NOBODY }, egress);
  return { status: call.status, body: call.body().toString("utf8") };
}
