import { retryAfterMs, sandboxHeaders, vendorHeaders } from "../egress/headers.ts";
import { openUpstream, type UpstreamCall } from "../egress/upstream.ts";
import type { Endpoint, VendorSide } from "../dialects/canonical/dialect.ts";
import type { BodyPieces } from "../dialects/canonical/body-pieces.ts";
import { VENDOR_SIDES } from "../dialects/registry.ts";
import { JsonScan } from "../dialects/canonical/json-scan.ts";
import { FormScan } from "../dialects/canonical/form-scan.ts";
import { redact } from "../errors/redact.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { ownNames } from "../channels/own-names.ts";
import type { Target } from "../channels/plan.ts";
import { VENDORS } from "../vendors/registry.ts";
import type { Admission } from "./admission.ts";
import { AttemptFailed, failed } from "./attempt-failed.ts";
import { authorize, AuthorizeFailed } from "./authorize.ts";
import type { RelayCall, RelayServices } from "./call.ts";
import { type Conversion, conversionFor, wantsConversion } from "./conversion.ts";
import { preparedBody } from "./request-body.ts";
import { refusalOf } from "./refusal.ts";
import { RequestTranslator } from "./request-translator.ts";
import { refusesSeals, withoutSeals } from "../dialects/openai-responses/without-seals.ts";
import { Translation } from "./translation.ts";

export interface Sent {
  call: UpstreamCall;
  /** the vendor's own dialect: what its answer is metered in */
  dialect: VendorSide;
  /** we asked for usage on the caller's behalf: the extra chunk is ours */
  hideUsage: boolean;
  /** the answer comes piece by piece */
  streamed: boolean;
  /** undefined: same dialect on both sides, bytes pass through */
  translation: Translation | undefined;
  /** set where the vendor has words of its own for a media call */
  conversion: Conversion | undefined;
  /** whom health and `ownNames` mean by it */
  target: Target;
}

/** What goes to a target: the caller's own bytes, or their translation. */
interface Outgoing {
  body: Buffer | BodyPieces;
  endpoint: Endpoint;
  query: string;
  headers: Record<string, string>;
  hideUsage: boolean;
  translation: Translation | undefined;
  conversion?: Conversion;
}

/** Sends the request to one target. Gives the answer's head when it is a 2xx; throws AttemptFailed for all else, GatewayError where no target could do better. */
export async function send(call: RelayCall, admission: Admission, target: Target, services: RelayServices): Promise<Sent> {
  const vendor = VENDORS.get(target.channel.vendor);
  if (!vendor) throw new AttemptFailed("server", `no adapter for vendor ${target.channel.vendor}`);
  const making = outgoing(call, admission, target, services);
  const { body, endpoint, query, headers, hideUsage, translation, conversion } = making instanceof Promise ? await making : making;
  const streamed = conversion === undefined && (admission.facts.stream || (translation === undefined && call.dialect.flows === true));
  const credential = target.channel.credentials[target.key] ?? "";
  const url = vendor.address(target.channel.baseUrl, endpoint, target.upstreamModel, query);
  const ask = async (sent: Buffer | BodyPieces): Promise<UpstreamCall> => {
    const signing = authorize(vendor, { method: "POST", url, headers, body: sent }, credential, { egress: services.egress, proxy: target.channel.proxy });
    if (signing) await signing;
    return openUpstream(
      {
        url,
        method: "POST",
        headers,
        body: sent,
        firstByteMs: target.channel.timeouts.firstByteMs,
        idleMs: target.channel.timeouts.idleMs,
        proxy: target.channel.proxy,
        stream: streamed,
        caller: call.caller,
      },
      services.egress,
    );
  };
  let upstream: UpstreamCall;
  try {
    upstream = await ask(body);
    // Sealed thinking belongs to the organisation that made it: of several accounts one may be asked with another's, and answers as well without.
    const unsealed = !upstream.ok && target.dialect === "openai-responses" && body instanceof Buffer && refusesSeals(upstream.status, upstream.body()) ? withoutSeals(body) : undefined;
    if (unsealed) upstream = await ask(unsealed);
  } catch (error) {
    throw error instanceof AuthorizeFailed ? new AttemptFailed(error.kind, redact(error.message, ownNames(target.channel))) : failed(error);
  }
  if (!upstream.ok) throw refused(upstream, target, call, admission, services);
  return { call: upstream, dialect: VENDOR_SIDES[target.dialect], hideUsage, streamed, translation, conversion, target };
}

function outgoing(call: RelayCall, admission: Admission, target: Target, services: RelayServices): Outgoing | Promise<Outgoing> {
  if (wantsConversion(call, target)) return converted(call, admission, target, services);
  return target.dialect === call.dialect.id && !conflicting(call, admission, target) ? unchanged(call, admission, target) : translated(call, admission, target, services);
}

/** Whether the vendor speaks the caller's dialect in a way of its own that this request does not fit. */
function conflicting(call: RelayCall, { scan }: Admission, target: Target): boolean {
  const vendor = VENDORS.get(target.channel.vendor);
  if (!vendor?.ownWay || !(scan instanceof JsonScan) || !call.dialect.conflicts) return false;
  return call.dialect.conflicts(scan, vendor.traits?.(target.upstreamModel) ?? new Set());
}

async function converted(call: RelayCall, admission: Admission, target: Target, services: RelayServices): Promise<Outgoing> {
  const conversion = await conversionFor(call, admission, target, services);
  const headers: Record<string, string> = { "content-type": "application/json", accept: "*/*", "accept-encoding": "identity", "user-agent": "yescale" };
  if (target.channel.simulated) Object.assign(headers, sandboxHeaders(call.headers));
  const { body, endpoint, query } = conversion;
  return { body, endpoint, query, headers, hideUsage: false, translation: undefined, conversion };
}

function unchanged(call: RelayCall, admission: Admission, target: Target): Outgoing {
  const { body, hideUsage } = preparedBody(call, admission.scan, upstreamName(admission, target), VENDORS.get(target.channel.vendor)?.traits?.(target.upstreamModel));
  const headers = vendorHeaders(call.headers, target.channel.simulated);
  // A form's type carries its boundary; JSON is sent under many names.
  headers["content-type"] = admission.scan instanceof FormScan ? (call.headers["content-type"] ?? "") : "application/json";
  // A stream is metered event by event, so it comes uncompressed; a whole answer stays compressed if the caller takes it so.
  headers["accept-encoding"] = admission.facts.stream || call.dialect.flows ? "identity" : (call.headers["accept-encoding"] ?? "identity");
  return { body, endpoint: call.endpoint, query: call.query, headers, hideUsage, translation: undefined };
}

/** Headers of another dialect mean nothing to the vendor, so none of the caller's goes along. */
async function translated(call: RelayCall, admission: Admission, target: Target, services: RelayServices): Promise<Outgoing> {
  const translation = new Translation(call, admission, target, Math.floor(services.clock.now() / 1000));
  const translator = (admission.translator ??= new RequestTranslator(call, admission.scan, services));
  const words = translator.speak(translation.speaking);
  const spoken = words instanceof Promise ? await words : words;
  translation.spoken(spoken);
  const headers: Record<string, string> = { "content-type": "application/json", accept: admission.facts.stream ? "text/event-stream" : "application/json", "accept-encoding": "identity", "user-agent": "yescale" };
  if (target.channel.simulated) Object.assign(headers, sandboxHeaders(call.headers));
  const { endpoint, query } = translation;
  return { body: spoken.body, endpoint, query, headers, hideUsage: false, translation };
}

/** The name for the vendor: the mapped one, or exactly what the caller wrote when nothing is mapped. */
function upstreamName(admission: Admission, target: Target): string {
  return target.upstreamModel === admission.model.id ? admission.facts.model : target.upstreamModel;
}

function refused(upstream: UpstreamCall, target: Target, call: RelayCall, { facts }: Admission, services: RelayServices): AttemptFailed {
  const retryAfter = retryAfterMs((name) => upstream.header(name), services.clock.now());
  const body = upstream.body();
  const contentType = upstream.header("content-type") ?? "";
  const failure = refusalOf(upstream.status, body.toString("utf8"), contentType, target, retryAfter);
  // Some vendors bill what they refuse, and say so where an answer has its usage.
  if (call.endpoint.billable) failure.usage = VENDOR_SIDES[target.dialect].readAnswer(body, { contentType, facts }).usage;
  return failure;
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
  if (failures.length > 0 && failures.every((failure) => failure.ours)) return new GatewayError("internal", { internalText });
  if (by("server") ?? by("network")) return new GatewayError("badUpstream", { internalText, ...(retryAfterSeconds ? { retryAfterSeconds } : {}) });
  const denied = by("denied");
  // All that answered refused it alike: the vendor's own words (redacted already) say more than ours.
  if (denied) return new GatewayError("upstreamDenied", { internalText, ...(isProse(denied.message) ? { publicText: denied.message } : {}) });
  if (by("auth") ?? by("no_balance")) return new GatewayError("accountsOut", { internalText });
  if (by("no_model")) return new GatewayError("modelNotFound", { internalText, param: "model" });
  return new GatewayError("noChannel", wait(5));
}
