import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonScan } from "./json-scan.ts";

/** Longest model name anybody uses, with room to spare. */
const MODEL_LENGTH_MAX = 200;
/** More answers than this in one request is a mistake. */
const CHOICES_MAX = 128;

export const wrongType = (name: string, wanted: string): GatewayError =>
  new GatewayError("invalidRequest", { publicText: `"${name}" must be ${wanted}.`, param: name });

/**
 * The model a request names. A name given twice is refused: we would price one and the vendor might serve the other.
 * Throws missingModel or invalidRequest.
 */
export function readModel(scan: JsonScan): string {
  refuseTwice(scan, "model");
  const model = scan.value("model");
  if (model === undefined || model === "") throw new GatewayError("missingModel", { param: "model" });
  if (typeof model !== "string") throw wrongType("model", "a text");
  if (model.length > MODEL_LENGTH_MAX) throw new GatewayError("modelNotFound", { param: "model" });
  return model;
}

/** An object's entry for a word from outside; undefined for words that merely name a member of every object ("constructor", "__proto__"). Constants are made so that they need no such question (`table.ts`). */
export const ownOf = <T>(table: Readonly<Record<string, T>>, word: string): T | undefined => (Object.hasOwn(table, word) ? table[word] : undefined);

/** A member that must be a list; throws when it is missing or something else. */
export function requireList(scan: JsonScan, name: string): void {
  const type = scan.type(name);
  if (type === undefined) throw new GatewayError("invalidRequest", { publicText: `"${name}" is missing.`, param: name });
  if (type !== "array") throw wrongType(name, "a list");
}

/** An optional true or false; null counts as missing. */
export function readFlag(scan: JsonScan, name: string): boolean {
  refuseTwice(scan, name);
  const value = scan.value(name);
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw wrongType(name, "true or false");
  return value;
}

/** An optional whole number of at least 1; null counts as missing. */
export function readCount(scan: JsonScan, name: string): number | undefined {
  const type = scan.type(name);
  if (type === undefined || type === "null") return undefined;
  if (type !== "number") throw wrongType(name, "a whole number");
  return countOf(scan.value(name), name);
}

/** As large as a count on the wire is with Google (int32). More is a mistake, and is told as one instead of being cut to what the model can. */
const COUNT_MAX = 2_147_483_647;

/** A given value as a whole number of at least 1; undefined and null give undefined. */
export function countOf(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1) throw wrongType(name, "a whole number of at least 1");
  if (value > COUNT_MAX) throw tooMany(name, COUNT_MAX, value);
  return value;
}

export function limitChoices(choices: number | undefined, name: string): number {
  if (choices !== undefined && choices > CHOICES_MAX)
    throw tooMany(name, CHOICES_MAX, choices);
  return choices ?? 1;
}

/** A count beyond its greatest value, told with both. */
const tooMany = (name: string, most: number, value: number): GatewayError => new GatewayError("invalidRequest", { publicText: `"${name}" may be ${most} at most, and is ${value}.`, param: name });

/** Refuses a member that stands in the object twice. */
export function refuseTwice(scan: JsonScan, name: string): void {
  if (scan.count(name) > 1)
    throw new GatewayError("invalidRequest", { publicText: `"${name}" is given twice.`, param: name });
}

/** An object out of anything parsed; empty for all else. */
export function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** JSON.parse that gives undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A text out of anything parsed: texts as they are, nothing as `otherwise`, all else as JSON. */
export function textOf(value: unknown, otherwise: string): string {
  if (value === undefined || value === null) return otherwise;
  return typeof value === "string" ? value : JSON.stringify(value);
}
