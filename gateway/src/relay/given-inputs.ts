import { GatewayError } from "../errors/gateway-error.ts";
import { sniffMedia } from "../egress/guarded/media-kind.ts";
import type { FormPart } from "../vendors/_kit/media/adapter.ts";
import type { ImagesRequest } from "../dialects/canonical/media-call.ts";
import type { JsonScan } from "../dialects/canonical/json-scan.ts";

/** One file of a request, as bytes: 25 MB of base64 hold 18.75; Recraft takes 5, Ideogram 10, Kling 10, Runway 16, OpenAI 25 at most. */
export const INPUT_BYTES_MAX = 25 * 1024 * 1024;
/** Different addresses in one request; more is no order, but a scan. */
const ADDRESSES_MAX = 64;
/** Characters of base64 that a type is read from. */
const START_CHARACTERS = 400;
/** Prompts of Midjourney begin with the addresses of their pictures. */
const ADDRESSES_IN_FRONT = /^\s*(?:https?:\/\/\S+(?:\s+|$))+/i;
const DATA_URI = /^data:([\w.+-]+\/[\w.+-]+)?((?:;[\w.+-]+=[^;,]*)*)(;base64)?,/i;
/** How archives and programs begin. */
const NO_MEDIA = ["PK\x03\x04", "\x1f\x8b", "MZ", "\x7fELF"];
/** In the place of a member's name: the door had another word for it. */
const WISH = " wish";
const MEDIA = /^(?:image|video|audio)\//i;

/** What a request gives to vendors: addresses to open, files within it. */
export interface GivenInputs {
  /** with the member that each stands in */
  addresses: Map<string, string>;
}

/** What a request says, in a vendor's words (`native`) or in nobody's. */
export interface Giving {
  native?: { request: { json?: object; form?: readonly FormPart[] } } | undefined;
  wish?: object | undefined;
}

/** Refuses what is no file of the kind that it says, or too large; gives the addresses. Throws GatewayError (mediaType, mediaTooLarge, mediaAddress). */
export function givenInputs({ native, wish }: Giving): GivenInputs {
  const addresses = new Map<string, string>();
  const text = (value: string, param: string): void => {
    if (value.startsWith("data:")) return refuseUri(value, param);
    if (value.length > START_CHARACTERS && overLimit((value.length / 4) * 3) && /^[A-Za-z0-9+/_-]+$/.test(value.slice(0, START_CHARACTERS))) throw tooLarge(param);
    const front = ADDRESSES_IN_FRONT.exec(value.slice(0, 100_000))?.[0];
    for (const address of front?.trim().split(/\s+/) ?? []) if (!addresses.has(address)) addresses.set(address, param);
  };
  const walk = (value: unknown, param: string, depth: number): void => {
    if (typeof value === "string") text(value, param);
    else if (Array.isArray(value)) for (const entry of value) walk(entry, param, depth + 1);
    // A member is told by its outermost name, below Replicate's `input` by its own.
    else if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) for (const [name, member] of Object.entries(value)) walk(member, param === WISH ? WISH : depth === 0 || param === "input" ? name : param, depth + 1);
  };
  walk(native?.request.json ?? {}, "", 0);
  for (const part of native?.request.form ?? []) if ("value" in part) text(part.value, part.name);
    else refuseFile(part);
  walk(wish ?? {}, WISH, 0);
  if (addresses.size > ADDRESSES_MAX) throw new GatewayError("mediaAddress", { publicText: `A request may name at most ${ADDRESSES_MAX} media addresses.` });
  return { addresses };
}

/** Rejects with GatewayError mediaAddress, naming the member, for an address that leads inside. `own`: our own address, whose kept files may be given again. */
export async function refuseInside({ addresses }: GivenInputs, own: string, refusePrivate: (address: string) => Promise<void>): Promise<void> {
  await Promise.all(
    [...addresses].map(async ([address, param]) => {
      if (address.startsWith(`${own}/assets/`)) return;
      try {
        await refusePrivate(address);
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        throw new GatewayError("mediaAddress", { publicText: param === WISH ? error.publicText : `"${param}": ${error.publicText}`, internalText: error.internalText, ...named(param) });
      }
    }),
  );
}

/**
 * The pictures of a request in OpenAI's form, held against the same rules. `scan`: the body of a JSON request, of which large files may have been taken out. Gives the addresses. Throws GatewayError likewise.
 */
export function givenPictures({ links, pictures, mask }: ImagesRequest, scan: JsonScan | undefined): GivenInputs {
  if (scan?.largeMedia.some(({ start, end }) => overLimit(((end - start) / 4) * 3))) throw tooLarge("image");
  const form = [...pictures, ...(mask ? [mask] : [])].map(({ bytes, contentType }): FormPart => ({ name: "image", filename: "image", type: contentType, bytes }));
  return givenInputs({ native: { request: { json: { image: links }, form } } });
}

function refuseUri(uri: string, param: string): void {
  const head = DATA_URI.exec(uri.slice(0, 1_000));
  if (!head) throw new GatewayError("mediaType", { publicText: `${calledIt(param)} is no complete data: URI.`, ...named(param) });
  const [whole, type = "text/plain", , base64] = head;
  if (base64 === undefined) return;
  if (overLimit(((uri.length - whole.length) / 4) * 3)) throw tooLarge(param);
  const start = uri.slice(whole.length, whole.length + START_CHARACTERS);
  if (!/^[A-Za-z0-9+/_-]*={0,2}\s*$/.test(start) || start === "") throw new GatewayError("mediaType", { publicText: `${calledIt(param)} is not base64.`, ...named(param) });
  refuseType(Buffer.from(start, "base64"), type, param);
}

function refuseFile({ name, type, bytes }: Extract<FormPart, { bytes: Buffer }>): void {
  if (overLimit(bytes.length)) throw tooLarge(name);
  refuseType(bytes.subarray(0, START_CHARACTERS), type, name);
}

/** Said to be a picture, film or sound, it must begin as some such does: a vendor would refuse it after the money is held. Which of them it is, its own bytes tell the vendor. */
function refuseType(start: Buffer, type: string, param: string): void {
  if (!MEDIA.test(type) || /^image\/svg/i.test(type)) return;
  const found = sniffMedia(start);
  // What begins as none that we know may be a rarer kind; a text, a page or an archive is none.
  if (found === undefined ? isReadable(start) || NO_MEDIA.some((sign) => start.toString("latin1", 0, 4).startsWith(sign)) : !MEDIA.test(found)) throw new GatewayError("mediaType", { publicText: `${calledIt(param)} is not of the type that it says (${type.slice(0, 50)}).`, ...named(param) });
}

const overLimit = (bytes: number): boolean => bytes > INPUT_BYTES_MAX;
const tooLarge = (param: string): GatewayError => new GatewayError("mediaTooLarge", { publicText: `${calledIt(param)} is larger than ${INPUT_BYTES_MAX / 1024 / 1024} MB.`, ...named(param) });

/** Nothing but text, up to the end of what is looked at. */
// oxlint-disable-next-line no-control-regex -- what text has none of
const isReadable = (bytes: Buffer): boolean => bytes.length > 0 && !/[\u0000-\u0008\u000e-\u001a\u001c-\u001f\ufffd]/.test(bytes.toString("utf8", 0, bytes.length - (bytes.length > 8 ? 4 : 0)));

const calledIt = (param: string): string => (param === WISH ? "A file that is given" : `"${param}"`);
const named = (param: string): { param?: string } => (param === WISH ? {} : { param });
