/** Checks an input against what a vendor documents. It says what is wrong where; each vendor has its own words for that. */
import { isObject, type JsonObject } from "./json.ts";
import { inputFile, isOfKind, type InputKind } from "./media/input-file.ts";

/** What one field takes. `null` counts as left out. */
export type Rule = { required?: boolean } & (
  | { is: "text"; least?: number; most?: number; values?: readonly string[]; pattern?: RegExp }
  | { is: "number" | "integer"; least?: number; most?: number; values?: readonly number[] }
  | { is: "flag" }
  /** an address or a data URI; raw base64 too where the vendor takes it, and addresses of its own; a file of a form comes as its bytes */
  | { is: "file"; kind: InputKind; base64?: boolean; also?: RegExp }
  | { is: "list"; of: Rule; least?: number; most?: number }
  | { is: "object"; fields?: Fields }
  /** one of several forms; the first one's problems are told when none fits */
  | { is: "either"; of: readonly Rule[] }
);

/** Fields by name. */
export type Fields = Readonly<Record<string, Rule>>;

/** One thing that is wrong. */
export interface Problem {
  path: (string | number)[];
  /** "type": another kind of value; "values": none of the allowed; "least", "most": out of range, too short, too long; "file": not of its kind; "gone": an address that cannot be loaded */
  what: "missing" | "type" | "values" | "least" | "most" | "pattern" | "file" | "gone";
  rule: Rule;
  value: unknown;
}

function typeFits(rule: Rule, value: unknown): boolean {
  switch (rule.is) {
    case "text":
      return typeof value === "string";
    case "file":
      return typeof value === "string" || value instanceof Uint8Array;
    case "number":
      return typeof value === "number" && Number.isFinite(value);
    case "integer":
      return Number.isInteger(value);
    case "flag":
      return typeof value === "boolean";
    case "list":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    default:
      return true;
  }
}

function check(rule: Rule, value: unknown, path: (string | number)[]): Problem[] {
  const wrong = (what: Problem["what"]): Problem[] => [{ path, what, rule, value }];
  if (rule.is === "either") {
    const tried = rule.of.map((one) => check(one, value, path));
    return tried.some((found) => found.length === 0) ? [] : (tried.find((_, index) => typeFits(rule.of[index] ?? rule, value)) ?? tried[0] ?? []);
  }
  if (!typeFits(rule, value)) return wrong("type");
  if (rule.is === "object") return rule.fields && isObject(value) ? problemsOf(rule.fields, value, path) : [];
  if (rule.is === "file") {
    if (value instanceof Uint8Array) return value.length > 0 && isOfKind(value, rule.kind) ? [] : wrong("file");
    const text = String(value);
    const found = rule.also?.test(text) ? "fits" : inputFile(text, rule.kind, rule.base64 === true);
    return found === "fits" ? [] : wrong(found);
  }
  if (rule.is === "flag") return [];
  if ((rule.is === "text" || rule.is === "number" || rule.is === "integer") && rule.values && !rule.values.some((one) => one === value)) return wrong("values");
  const size = typeof value === "number" ? value : typeof value === "string" || Array.isArray(value) ? value.length : 0;
  if (rule.least !== undefined && size < rule.least) return wrong("least");
  if (rule.most !== undefined && size > rule.most) return wrong("most");
  if (rule.is === "text" && rule.pattern && !rule.pattern.test(String(value))) return wrong("pattern");
  return rule.is === "list" && Array.isArray(value) ? value.flatMap((one, index) => check(rule.of, one, [...path, index])) : [];
}

/** Takes the fields and an input; gives all that is wrong, in the order of the fields. Members that no field names are let through. */
export function problemsOf(fields: Fields, input: JsonObject, path: (string | number)[] = []): Problem[] {
  return Object.entries(fields).flatMap(([name, rule]) => {
    const value = input[name];
    if (value === undefined || value === null) return rule.required ? [{ path: [...path, name], what: "missing" as const, rule, value }] : [];
    return check(rule, value, [...path, name]);
  });
}
