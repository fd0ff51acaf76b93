import { Base64Lifter } from "../dialects/canonical/base64-lifter.ts";
import { objectOf, parseJson } from "../dialects/canonical/fields.ts";
import { JsonScan } from "../dialects/canonical/json-scan.ts";
import type { CanonicalRequest } from "../dialects/canonical/request.ts";
import { StandIns } from "../dialects/canonical/stand-ins.ts";
import { NEEDS_BYTES, TOKEN_COUNTING } from "../dialects/registry.ts";
import type { Target } from "../channels/plan.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { VENDORS } from "../vendors/registry.ts";
import type { RelayCall, RelayServices } from "./call.ts";
import { FetchedFiles } from "./fetched-media.ts";
import type { BodyScan } from "./request-body.ts";
import { codecOf } from "./translation.ts";

/** Base64 is looked through in slices of this size, about a millisecond each, with others served in between. */
const LIFT_SLICE_BYTES = 1024 * 1024;

/** A body's JSON with stand-ins for its large base64. */
export interface LiftedJson {
  body: Record<string, unknown>;
  standIns: StandIns;
}

/** A request in the canonical form of its dialect's family. */
export interface CanonicalForm {
  request: unknown;
  /** what its large base64 was replaced by; of this form only */
  standIns: StandIns;
}

/** A secret for stand-ins: 122 random bits, in letters and digits. */
const newSecret = (): string => crypto.randomUUID().replaceAll("-", "");

/** The JSON of a call's body, its large base64 left where it lies; empty for a form. Rejects with GatewayError for what is no JSON. */
export async function liftedJson(call: RelayCall, scan: BodyScan): Promise<LiftedJson> {
  const standIns = new StandIns(newSecret());
  if (!(scan instanceof JsonScan) || scan.largeMedia.length === 0) return { body: wholeJson(call, scan), standIns };
  const lifter = new Base64Lifter(scan);
  while (!lifter.run(LIFT_SLICE_BYTES)) await new Promise<void>((resolve) => setImmediate(resolve));
  return { body: parsedObject(lifter.text(standIns)), standIns };
}

/** The same with nothing left out. */
export const wholeJson = (call: RelayCall, scan: BodyScan): Record<string, unknown> => (scan instanceof JsonScan ? parsedObject(call.body.toString("utf8")) : {});

function parsedObject(text: string): Record<string, unknown> {
  const parsed = parseJson(text);
  if (parsed === undefined) throw new GatewayError("invalidJson");
  return objectOf(parsed);
}

/** The canonical form of a request, whole. Throws GatewayError for what is wrong with the caller's words. */
export const wholeCanonicalRequest = (call: RelayCall, scan: BodyScan): unknown => decode(call, wholeJson(call, scan));

function decode(call: RelayCall, body: Record<string, unknown>): unknown {
  const address = { ...(call.endpoint.model === undefined ? {} : { model: call.endpoint.model }), ...(call.endpoint.stream === undefined ? {} : { stream: call.endpoint.stream }) };
  const counting = call.endpoint.billable ? undefined : TOKEN_COUNTING[call.dialect.id];
  return codecOf(call.dialect.id).decodeRequest(counting ? counting.conversation(body) : body, address);
}

/** One call's request as its targets need it: read once, and files that are named by address fetched once, however many are tried. */
export class CanonicalForms {
  private lifted: Promise<CanonicalForm> | undefined;
  private readonly files: FetchedFiles;

  constructor(
    private readonly call: RelayCall,
    private readonly scan: BodyScan,
    fetcher: RelayServices["fetcher"],
  ) {
    this.files = new FetchedFiles(fetcher, call.caller);
  }

  /**
   * The form for a target, with the bytes of media that its dialect does not fetch itself. `lift`: large base64 is left out; else the form is whole, at several times the memory. Rejects with
   * GatewayError for what is wrong with the caller's words, or with a file.
   */
  async for(target: Target, lift: boolean): Promise<CanonicalForm> {
    const base = lift ? await (this.lifted ??= this.lift()) : { request: wholeCanonicalRequest(this.call, this.scan), standIns: undefined };
    const standIns = base.standIns?.copy() ?? new StandIns(newSecret());
    const needsBytes = NEEDS_BYTES[target.dialect];
    if (!needsBytes) return { request: base.request, standIns };
    const traits = VENDORS.get(target.channel.vendor)?.traits?.(target.upstreamModel) ?? NO_TRAITS;
    const request = await this.files.into(base.request as CanonicalRequest, { needsBytes, traits }, (bytes) => (lift ? standIns.ofFile(bytes) : bytes.toString("base64")));
    return { request, standIns };
  }

  private async lift(): Promise<CanonicalForm> {
    const { body, standIns } = await liftedJson(this.call, this.scan);
    return { request: decode(this.call, body), standIns };
  }
}

const NO_TRAITS: ReadonlySet<string> = new Set();
