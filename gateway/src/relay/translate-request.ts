import { objectOf, parseJson } from "../dialects/canonical/fields.ts";
import type { AnyCodec, AnyVendorCodec, RequestTarget } from "../dialects/canonical/codec.ts";
import { CHAT_DIALECTS, type DialectId, type VendorDialectId } from "../dialects/canonical/dialect.ts";
import type { CanonicalRequest } from "../dialects/canonical/request.ts";
import { withTakenNames } from "../dialects/canonical/tool-names.ts";
import { CODECS, TOKEN_COUNTING, VENDOR_CODECS } from "../dialects/registry.ts";
import { GatewayError } from "../errors/gateway-error.ts";

/** Pure, and the same in the serving thread and in the worker for large bodies. */

/** How a body is read. */
export interface Reading {
  caller: DialectId;
  /** what the address says: Gemini names model and verb there */
  address: { model?: string; stream?: boolean };
  /** the body asks for a number of tokens */
  counting: boolean;
}

/** Whom a request is put into words for. */
export interface Speaking {
  vendor: VendorDialectId;
  target: RequestTarget;
  counting: boolean;
}

/** A request in the vendor's words. */
export interface TranslatedRequest {
  /** JSON */
  json: Buffer;
  /** what the vendor's dialect cannot express, in the caller's names */
  dropped: string[];
  /** what encoders of answers read of the canonical request */
  answerable: unknown;
}

/** A body's JSON object; empty for JSON that is none. Throws GatewayError for what is no JSON. */
export function parsedBody(text: string): Record<string, unknown> {
  const parsed = parseJson(text);
  if (parsed === undefined) throw new GatewayError("invalidJson");
  return objectOf(parsed);
}

/** A body in the canonical form of its dialect's family. Throws GatewayError for what is wrong with the caller's words. */
export function readRequest(body: Record<string, unknown>, { caller, address, counting }: Reading): unknown {
  const question = counting ? TOKEN_COUNTING[caller] : undefined;
  return codecOf(caller).decodeRequest(question ? question.conversation(body) : body, address);
}

/** A canonical request in a vendor's words. Throws GatewayError when it cannot be expressed at all. */
export function writeRequest(request: unknown, { vendor, target, counting }: Speaking): TranslatedRequest {
  const named = CHAT_DIALECTS.has(vendor) ? withTakenNames(request as CanonicalRequest, vendor) : request;
  const { body, dropped } = vendorCodecOf(vendor).encodeRequest(named, target);
  const question = counting ? TOKEN_COUNTING[vendor] : undefined;
  return { json: Buffer.from(JSON.stringify(question ? question.question(body, target.model, target.traits) : body)), dropped, answerable: answerable(request) };
}

/** All of it but the messages, which would lie in memory as long as the answer takes. */
function answerable(request: unknown): unknown {
  return Array.isArray(objectOf(request)["messages"]) ? { ...objectOf(request), messages: [] } : request;
}

/** The codec of a dialect that can be translated. Throws GatewayError for any other. */
export function codecOf(dialect: DialectId): AnyCodec {
  const codec = CODECS[dialect];
  if (!codec) throw new GatewayError("internal", { internalText: `no codec for ${dialect}` });
  return codec;
}

export function vendorCodecOf(dialect: VendorDialectId): AnyVendorCodec {
  const codec = VENDOR_CODECS[dialect];
  if (!codec) throw new GatewayError("internal", { internalText: `no codec for ${dialect}` });
  return codec;
}
