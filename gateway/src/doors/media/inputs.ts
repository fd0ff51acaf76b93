import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { pictureTypeOf } from "../../vendors/_kit/pictures.ts";

/** What is wrong with a member. */
export const wrong = (param: string, text: string): GatewayError => new GatewayError("invalidRequest", { publicText: `"${param}" ${text}`, param });

/** Longest address that is taken. */
const ADDRESS_MAX = 8_192;
/** How much of a picture in base64 is looked at: its letters beyond that are the vendor's to judge. */
const LOOKED_AT = 2_000;

/**
 * A picture that is given: an http address or a `data:` URI of one; with `bare`, base64 alone too (as Kling takes it). Undefined where there is none. Gives what the caller wrote and the same as an address or URI. Throws
 * GatewayError for what is none of these.
 */
export function pictureIn(json: JsonObject, name: string, { bare = false } = {}): { given: string; uri: string } | undefined {
  const value = json[name];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw wrong(name, "must be a text.");
  return picture(value, name, bare);
}

/** The same of a text that is there. */
export function picture(given: string, name: string, bare = false): { given: string; uri: string } {
  if (/^https?:\/\//i.test(given)) {
    if (given.length > ADDRESS_MAX || !URL.canParse(given)) throw wrong(name, "is no address.");
    return { given, uri: given };
  }
  if (/^data:image\/[\w.+-]+;base64,[A-Za-z0-9+/=\s]+$/.test(given.slice(0, LOOKED_AT))) return { given, uri: given };
  const type = bare && /^[A-Za-z0-9+/=\s]+$/.test(given.slice(0, LOOKED_AT)) ? pictureTypeOf(given) : "";
  if (!type.startsWith("image/")) throw wrong(name, `must be an address or ${bare ? "a picture in base64" : "a data: URI of a picture"}.`);
  return { given, uri: `data:${type};base64,${given}` };
}

/** A number, also one that is written as a text (`"5"`, `"5s"`), as clients do. */
export function numberIn(json: JsonObject, name: string): number | undefined {
  const value = json[name];
  if (value === undefined || value === null || value === "") return undefined;
  const number = typeof value === "string" && /^\d{1,6}(?:\.\d{1,6})?s?$/.test(value) ? Number.parseFloat(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) throw wrong(name, "must be a number.");
  return number;
}

/** A text of a list of them. */
export function wordIn(json: JsonObject, name: string, words: readonly string[]): string | undefined {
  const value = json[name];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string" || !words.includes(value)) throw wrong(name, `must be one of ${words.join(", ")}.`);
  return value;
}

/** Only those members that are said. */
export function saidOnly<Value>(members: Record<string, Value | undefined>): Record<string, Value> {
  return Object.fromEntries(Object.entries(members).filter((entry): entry is [string, Value] => entry[1] !== undefined));
}

/** A model that a family's clients may name. Throws GatewayError modelNotFound for others, which other doors may have. */
export function modelOf(named: string, known: RegExp): string {
  if (!known.test(named)) throw new GatewayError("modelNotFound", { publicText: `The model "${named.slice(0, 100)}" does not exist here.`, param: "model" });
  return named;
}
