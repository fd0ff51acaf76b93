import { retryAfterMs, vendorHeaders } from "../egress/headers.ts";
import { openUpstream, type UpstreamCall, UpstreamFailure } from "../egress/upstream.ts";
import type { PreparedRequest } from "../dialects/canonical/dialect.ts";
import { redact, redactBody } from "../errors/redact.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { ownNames } from "../channels/own-names.ts";
import type { Target } from "../channels/plan.ts";
import type { FaultKind } from "../vendors/_kit/adapter.ts";
import { VENDORS } from "../vendors/registry.ts";
import type { Admission } from "./admission.ts";
import type { RelayCall, RelayServices } from "./call.ts";

/** Why one attempt came to nothing. `answer` is the vendor's own refusal, when it is the caller's to read. */
export class AttemptFailed extends Error {
  constructor(
    readonly kind: FaultKind | "network" | "timeout" | "aborted",
    message: string,
    readonly status?: number,
    readonly retryAfter?: number,
    readonly answer?: { status: number; body: string; contentType: string },
  ) {
    super(message);
  }

  /** Whether the fault is that of one credential: the channel's others may still serve. */
  get ofCredential(): boolean {
    return this.kind === "auth" || this.kind === "no_balance" || this.kind === "rate_limited" || this.kind === "denied";
  }
}

export interface Sent {
  call: UpstreamCall;
  prepared: PreparedRequest;
  /** whom health and `ownNames` mean by it */
  target: Target;
}

/** Sends the request to one target. Gives the answer's head when it is a 2xx; throws AttemptFailed for all else. */
export async function send(call: RelayCall, admission: Admission, target: Target, services: RelayServices): Promise<Sent> {
  const vendor = VENDORS.get(target.channel.vendor);
  if (!vendor) throw new AttemptFailed("server", `no adapter for vendor ${target.channel.vendor}`);
  const prepared = call.dialect.prepare(admission.scan, call.endpoint, upstreamName(admission, target));
  const headers = vendorHeaders(call.headers, target.channel.simulated);
  headers["content-type"] = "application/json";
  // A stream is metered event by event, so it comes uncompressed; a whole answer stays compressed if the caller takes it so.
  headers["accept-encoding"] = admission.facts.stream ? "identity" : (call.headers["accept-encoding"] ?? "identity");
  const credential = target.channel.credentials[target.key] ?? "";
  vendor.authorize(headers, credential);
  let upstream: UpstreamCall;
  try {
    upstream = await openUpstream(
      {
        url: vendor.address(target.channel.baseUrl, call.endpoint, target.upstreamModel, call.query),
        method: "POST",
        headers,
        body: prepared.body,
        firstByteMs: target.channel.timeouts.firstByteMs,
        idleMs: target.channel.timeouts.idleMs,
        proxy: target.channel.proxy,
        stream: admission.facts.stream,
        caller: call.caller,
      },
      services.egress,
    );
  } catch (error) {
    throw failed(error);
  }
  if (upstream.ok) return { call: upstream, prepared, target };
  throw refused(upstream, target, services);
}

/** The name for the vendor: the mapped one, or exactly what the caller wrote when nothing is mapped. */
function upstreamName(admission: Admission, target: Target): string {
  return target.upstreamModel === admission.model.id ? admission.facts.model : target.upstreamModel;
}

/** Anything thrown while reading from a vendor, as a failed attempt. */
export function failed(error: unknown): AttemptFailed {
  if (error instanceof AttemptFailed) return error;
  if (!(error instanceof UpstreamFailure)) return new AttemptFailed("server", error instanceof Error ? error.message : String(error));
  if (error.reason === "too_large") return new AttemptFailed("server", error.message);
  return new AttemptFailed(error.reason, error.message);
}

function refused(upstream: UpstreamCall, target: Target, services: RelayServices): AttemptFailed {
  const retryAfter = retryAfterMs((name) => upstream.header(name), services.clock.now());
  const contentType = upstream.header("content-type") ?? "";
  const { status } = upstream;
  const body = upstream.body().toString("utf8");
  const fault = VENDORS.get(target.channel.vendor)?.classify(status, body) ?? { kind: "server" as const, text: body };
  const secrets = ownNames(target.channel);
  const text = redact(fault.text, secrets);
  const answer = fault.kind === "caller" && status < 500 ? { status, body: redactBody(body, secrets), contentType } : undefined;
  return new AttemptFailed(fault.kind, text, status, retryAfter, answer);
}

/** Whether a refusal's text is a sentence for people, and not the page of some proxy. */
const isProse = (text: string): boolean => text !== "" && !/^\s*[<{[]/.test(text);

/** What the caller is told when no target answered: of all failures, the one that says most. */
export function finalError(failures: readonly AttemptFailed[]): GatewayError {
  const by = (kind: AttemptFailed["kind"]): AttemptFailed | undefined => failures.find((failure) => failure.kind === kind);
  const internalText = failures.map((failure) => `${failure.kind}: ${failure.message}`).join(" | ");
  const seconds = failures.flatMap((failure) => (failure.retryAfter === undefined ? [] : [failure.retryAfter / 1000]));
  const retryAfterSeconds = seconds.length > 0 ? Math.max(1, Math.ceil(Math.min(...seconds))) : undefined;
  const wait = (fallback: number) => ({ internalText, retryAfterSeconds: retryAfterSeconds ?? fallback });
  if (by("rate_limited")) return new GatewayError("rateLimited", wait(2));
  if (by("overloaded")) return new GatewayError("overloaded", wait(2));
  if (by("timeout")) return new GatewayError("upstreamTimeout", { internalText });
  if (by("server") ?? by("network")) return new GatewayError("badUpstream", { internalText, ...(retryAfterSeconds ? { retryAfterSeconds } : {}) });
  const denied = by("denied");
  // All that answered refused it alike: the vendor's own words (redacted already) say more than ours.
  if (denied) return new GatewayError("upstreamDenied", { internalText, ...(isProse(denied.message) ? { publicText: denied.message } : {}) });
  if (by("auth") ?? by("no_balance")) return new GatewayError("accountsOut", { internalText });
  if (by("no_model")) return new GatewayError("modelNotFound", { internalText, param: "model" });
  return new GatewayError("noChannel", wait(5));
}
