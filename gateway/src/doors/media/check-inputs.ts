import { table } from "../../table.ts";
import type { InputRule, InputRules } from "@yescale/contract/media";
import { imageSize } from "image-size";
import { parseJson } from "../../dialects/canonical/fields.ts";
import type { GatewayError } from "../../errors/gateway-error.ts";
import type { FormPart, JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { pictureTypeOf } from "../../vendors/_kit/pictures.ts";
import { picture, wrong } from "./inputs.ts";

/** Longest address that is taken. */
const ADDRESS_MAX = 8_192;
const MISSING = "is missing or no text.";
const TYPES = { string: "a string", number: "a number", integer: "a whole number", boolean: "a boolean", list: "a list", object: "an object", media: "an address or a data: URI", picture: "an address or a data: URI of a picture", bare: "an address or a picture in base64", file: "a picture in PNG, JPEG or WebP" } as const;
/** So many values are told; a longer list is its document's. */
const TOLD_MAX = 30;

/** Looks at inputs by what their vendor documents of them; members without a rule, and null, are the vendor's to judge. Throws GatewayError (invalidRequest), which names the member. */
export function checkInputs(input: JsonObject, rules: InputRules, above = ""): void {
  for (const [name, rule] of Object.entries(rules)) {
    const value = input[name];
    const param = `${above}${name}`;
    if (!isThere(value) || (rule.required && typeof value === "string" && value.trim() === "")) {
      if (rule.required) throw wrong(param, rule.type === "string" || rule.type === "media" ? MISSING : "is missing.");
      continue;
    }
    checkValue(value, rule, param);
    for (const other of rule.beside ?? []) if (!isThere(input[other])) throw wrong(param, `needs "${above}${other}".`);
    for (const other of rule.without ?? []) if (isThere(input[other])) throw wrong(param, `may not be said together with "${above}${other}".`);
    if (rule.toBeside && isThere(input[rule.toBeside.name]) && typeof value === "number" && value > rule.toBeside.to) throw wrong(param, `may be ${rule.toBeside.to} at most beside "${above}${rule.toBeside.name}".`);
  }
}

/** The members that say something: clients of some doors write `""` for what they leave out. */
export const spoken = (json: JsonObject): JsonObject => Object.fromEntries(Object.entries(json).filter(([, value]) => isThere(value) && value !== ""));

const isThere = (value: unknown): boolean => value !== undefined && value !== null;

function checkValue(value: unknown, rule: InputRule, param: string): void {
  const { or } = rule;
  if (or && !isOf(value, rule) && isOf(value, or)) return checkValue(value, or, param);
  const { type, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, words, form, least, most } = rule;
  if (!isOf(value, rule)) throw wrong(param, rule.required && type === "string" ? MISSING : `must be ${TYPES[type]}${or ? ` or ${TYPES[or.type]}` : ""}.`);
  if (words && !words.some((word) => word === value)) throw wrong(param, words.length > TOLD_MAX ? "is none of the values that it may have." : `must be one of ${words.join(", ")}.`);
  if (typeof value === "string") checkText(value, rule, param);
  const number = typeof value === "number" ? value : rule.written ? Number.parseFloat(String(value)) : undefined;
  if (number !== undefined && !(number >= from && number <= to)) throw wrong(param, Number.isFinite(from) && Number.isFinite(to) ? `must be from ${from} to ${to}.` : Number.isFinite(from) ? `must be ${from} at least.` : `must be ${to} at most.`);
  if (form && !form.test(String(value))) throw wrong(param, "is not written as it must be.");
  if (least !== undefined && typeof value === "string" && Array.from(value).length < least) throw wrong(param, `must have ${least} characters at least.`);
  if (most !== undefined && type === "string" && typeof value === "string" && Array.from(value).length > most) throw wrong(param, `may have ${most} characters at most.`);
  if (Array.isArray(value)) {
    if (value.length < from || value.length > to) throw wrong(param, `must have ${from === to ? from : `${Number.isFinite(from) ? from : 0} to ${to}`} entries.`);
    if (most !== undefined && value.reduce<number>((sum, one) => sum + (one instanceof Uint8Array ? one.length : 0), 0) > most) throw tooManyBytes(param, most);
    if (rule.of) for (const [index, one] of value.entries()) checkValue(one, rule.of, `${param}.${index}`);
  } else if (value instanceof Uint8Array) {
    if (!FILE_TYPES.has(pictureTypeOf(Buffer.from(value.subarray(0, START_BYTES)).toString("base64")))) throw wrong(param, `must be ${TYPES.file}.`);
    if (most !== undefined && value.length > most) throw tooManyBytes(param, most);
  } else if (rule.members && typeof value === "object" && value !== null) checkInputs(value as JsonObject, rule.members, `${param}.`);
}

const tooManyBytes = (param: string, most: number): GatewayError => wrong(param, `may have ${Math.floor(most / 1024 / 1024)} MB at most.`);
const FILE_TYPES = new Set(["image/png", "image/jpeg", "image/webp"]);
/** Bytes that a picture's type is read from. */
const START_BYTES = 300;

/** What a form says, as JSON would have it by what is documented of each field: numbers, truth values, JSON of objects and lists, `name[]` and repeated names as lists, files as their bytes. An empty text says nothing. */
export function formInputs(form: readonly FormPart[], rules: InputRules): JsonObject {
  return Object.fromEntries(
    Object.entries(rules).flatMap(([name, rule]) => {
      const item = rule.type === "list" ? (rule.of ?? rule) : rule;
      const values = form.filter((part) => part.name === name || part.name === `${name}[]`).flatMap((part) => ("bytes" in part ? [part.bytes] : part.value === "" ? [] : [valueOf(part.value, item)]));
      if (values.length === 0) return [];
      // Ideogram's lists of texts come as one text of JSON too.
      return [[name, rule.type === "list" ? values.flat() : values.at(-1)]];
    }),
  );
}

function valueOf(text: string, { type }: InputRule): unknown {
  if (type === "integer" || type === "number") return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (type === "object" || text.startsWith("[")) return parseJson(text) ?? text;
  return text;
}

/** Characters of base64 that a picture's sides are read from; those that stand further behind are the vendor's to judge. */
const SIDES_READ = 256 * 1024;
const SHORT_TYPES: Readonly<Record<string, string>> = table({ "image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WebP" });

function checkBytes(base64: string, { types, most, side, shape }: InputRule, param: string): void {
  if (types && !types.includes(pictureTypeOf(base64))) throw wrong(param, `must be a picture in ${types.map((type) => SHORT_TYPES[type] ?? type).join(" or ")}.`);
  if (most !== undefined && (base64.length / 4) * 3 > most) throw tooManyBytes(param, most);
  if (side === undefined && shape === undefined) return;
  const sides = sidesOf(Buffer.from(base64.slice(0, SIDES_READ), "base64"));
  if (!sides) return;
  const [short, long] = [Math.min(...sides), Math.max(...sides)];
  if (side !== undefined && short < side) throw wrong(param, `must have sides of ${side} pixels at least.`);
  if (shape !== undefined && long > short * shape) throw wrong(param, `may have a longer side of at most ${shape} times the shorter one.`);
}

function sidesOf(start: Buffer): [number, number] | undefined {
  try {
    const { width, height } = imageSize(start);
    return [width, height];
  } catch {
    return undefined;
  }
}

const WRITTEN = /^\d{1,6}(?:\.\d{1,6})?s?$/;

function isOf(value: unknown, { type, written }: InputRule): boolean {
  switch (type) {
    case "integer":
      return Number.isInteger(value) || (written === true && typeof value === "string" && WRITTEN.test(value) && Number.isInteger(Number.parseFloat(value)));
    case "number":
      return (typeof value === "number" && Number.isFinite(value)) || (written === true && typeof value === "string" && WRITTEN.test(value));
    case "list":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "boolean":
      return typeof value === "boolean";
    case "file":
      return value instanceof Uint8Array;
    default:
      return typeof value === "string";
  }
}

function checkText(value: string, rule: InputRule, param: string): void {
  const { type } = rule;
  if (type === "picture" || type === "bare") {
    const { uri } = picture(value, param, type === "bare");
    if (!/^https?:/i.test(uri)) checkBytes(uri.slice(uri.indexOf(",") + 1), rule, param);
  }
  // What a data: URI holds is looked at with all others (relay/given-inputs.ts).
  if (type === "media" && !/^data:/i.test(value) && !(/^https?:\/\//i.test(value) && value.length <= ADDRESS_MAX && URL.canParse(value))) throw wrong(param, `must be ${TYPES.media}.`);
}
