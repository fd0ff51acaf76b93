import { objectOf } from "../canonical/fields.ts";
import type { JsonSchema } from "../canonical/request.ts";

type Schema = Record<string, unknown>;

/** Schemas that one allOf may fold together, nested ones included: references can make it grow without end. */
const MERGED_MAX = 200;

/** What a local reference ("#/$defs/Name", RFC 6901) points at; undefined for what is not there or stands in another document. */
export function resolveRef(root: JsonSchema, ref: string): unknown {
  if (ref === "#") return root;
  if (!ref.startsWith("#/")) return undefined;
  let at: unknown = root;
  for (const step of ref.slice(2).split("/")) {
    const name = unescapeStep(step);
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Schema)[name];
  }
  return at;
}

function unescapeStep(step: string): string {
  const plain = step.replaceAll("~1", "/").replaceAll("~0", "~");
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

/** A schema with its `allOf` folded in: properties and required names together, of all else the last word. */
export function mergeAllOf(schema: Schema, root: JsonSchema, budget = { left: MERGED_MAX }): Schema {
  const { allOf, ...own } = schema;
  const parts = Array.isArray(allOf) ? allOf.slice(0, Math.max(0, budget.left)) : [];
  budget.left -= parts.length;
  let merged: Schema = {};
  for (const part of [...parts, own]) {
    const given = objectOf(part);
    const target = typeof given["$ref"] === "string" ? objectOf(resolveRef(root, given["$ref"])) : given;
    const one = target["allOf"] === undefined ? target : mergeAllOf(target, root, budget);
    const properties = { ...objectOf(merged["properties"]), ...objectOf(one["properties"]) };
    const required = [...new Set([...textsOf(merged["required"]), ...textsOf(one["required"])])];
    merged = { ...merged, ...one };
    if (Object.keys(properties).length > 0) merged["properties"] = properties;
    if (required.length > 0) merged["required"] = required;
  }
  return merged;
}

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : []);
