import { GatewayError } from "../../errors/gateway-error.ts";

type Json = Record<string, unknown>;

/** A 400 that names the field at fault. */
export function fault(param: string, text: string): GatewayError {
  return new GatewayError("invalidRequest", { publicText: text, param });
}

const wrong = (param: string, wanted: string): GatewayError => fault(param, `"${param}" must be ${wanted}.`);

/** True for what the OpenAI SDKs treat as not given. */
export const missing = (value: unknown): value is undefined | null => value === undefined || value === null;

/** Readers of a caller's members: undefined where missing or null, GatewayError for another type. `at`: path of the field for the error. */
export function textAt(value: unknown, at: string): string | undefined {
  if (missing(value)) return undefined;
  if (typeof value !== "string") throw wrong(at, "a text");
  return value;
}

export function flagAt(value: unknown, at: string): boolean | undefined {
  if (missing(value)) return undefined;
  if (typeof value !== "boolean") throw wrong(at, "true or false");
  return value;
}

export function numberAt(value: unknown, at: string, least: number, most: number): number | undefined {
  if (missing(value)) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value) || value < least || value > most)
    throw wrong(at, most === Infinity ? `a number of at least ${least}` : `a number from ${least} to ${most}`);
  return value;
}

export function wholeAt(value: unknown, at: string, least: number, most: number): number | undefined {
  if (missing(value)) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least || value > most)
    throw wrong(at, most >= Number.MAX_SAFE_INTEGER && !(typeof value === "number" && value > most) ? `a whole number of at least ${least}` : `a whole number from ${least} to ${most}`);
  return value;
}

export function wordAt<Word extends string>(value: unknown, at: string, words: readonly Word[]): Word | undefined {
  if (missing(value)) return undefined;
  const found = words.find((word) => word === value);
  if (found === undefined) throw wrong(at, `one of ${words.join(", ")}`);
  return found;
}

export function objectAt(value: unknown, at: string): Json | undefined {
  if (missing(value)) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) throw wrong(at, "an object");
  return value as Json;
}

export function listAt(value: unknown, at: string, most = Infinity): unknown[] | undefined {
  if (missing(value)) return undefined;
  if (!Array.isArray(value)) throw wrong(at, "a list");
  if (value.length > most) throw fault(at, `"${at}" may have ${most} entries at most.`);
  return value as unknown[];
}

/** As the reader given, but the member must be there. */
export function required<Value>(value: Value | undefined, at: string): Value {
  if (value === undefined) throw fault(at, `"${at}" is missing.`);
  return value;
}

/** The members of an object that have a value: exactOptionalPropertyTypes wants absent ones absent. */
export function defined<Shape extends object>(shape: { [Key in keyof Shape]: Shape[Key] | undefined }): Shape {
  const found: Partial<Shape> = {};
  for (const key of Object.keys(shape) as (keyof Shape)[]) {
    const value = shape[key];
    if (value !== undefined) found[key] = value;
  }
  return found as Shape;
}

/** Lenient readers of what vendors send: undefined for all that is not of the type. */
export const textIn = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
export const numberIn = (value: unknown): number | undefined => (typeof value === "number" && Number.isFinite(value) ? value : undefined);
export const listIn = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** What `read` finds in a list's entries, as far as `most`; entries in which it finds nothing (undefined) are passed over, and so is what is no list. */
export function foundIn<Found>(value: unknown, read: (entry: unknown, index: number) => Found | undefined, most = Infinity): Found[] {
  const found: Found[] = [];
  if (!Array.isArray(value)) return found;
  for (let index = 0; index < value.length && index < most; index += 1) {
    const one = read(value[index], index);
    if (one !== undefined) found.push(one);
  }
  return found;
}
