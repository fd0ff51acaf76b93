import { objectOf } from "../canonical/fields.ts";
import { table } from "../../table.ts";

type Schema = Record<string, unknown>;

/** Members that count something: int64 in Google's JSON, so they may stand in quotes. */
const COUNTS: ReadonlySet<string> = new Set(["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"]);
/** snake_case spellings of the members of `Schema` (SDK type). */
const OTHER_SPELLING: Record<string, string> = table({
  any_of: "anyOf",
  max_items: "maxItems",
  max_length: "maxLength",
  max_properties: "maxProperties",
  min_items: "minItems",
  min_length: "minLength",
  min_properties: "minProperties",
  property_ordering: "propertyOrdering",
});

/**
 * Gemini's `Schema` (a subset of OpenAPI 3.0 with types in capitals) as a JSON schema: types in small letters, `nullable` as a null type, `propertyOrdering` as the order
 * of the properties, `example` as `examples`. Schemas that are JSON schema already stay as they are. The caller bounds the depth.
 */
export function fromSchemaSubset(value: unknown): Schema {
  const source = Object.fromEntries(Object.entries(objectOf(value)).map(([name, member]) => [OTHER_SPELLING[name] ?? name, member]));
  const entries: [string, unknown][] = [];
  for (const [name, member] of Object.entries(source)) {
    if (member === null || name === "nullable" || name === "propertyOrdering") continue;
    if (name === "type") entries.push([name, readType(member)]);
    else if (COUNTS.has(name)) entries.push([name, typeof member === "string" && member !== "" ? Number(member) : member]);
    else if (name === "format" && member === "enum") continue;
    else if (name === "example") entries.push(["examples", [member]]);
    else if (name === "items") entries.push([name, fromSchemaSubset(member)]);
    else if (name === "anyOf" && Array.isArray(member)) entries.push([name, member.map(fromSchemaSubset)]);
    else if (name === "properties") entries.push([name, readProperties(member, source["propertyOrdering"])]);
    else entries.push([name, member]);
  }
  const schema: Schema = Object.fromEntries(entries.filter(([, member]) => member !== undefined));
  return source["nullable"] === true ? nullable(schema) : schema;
}

function readType(type: unknown): unknown {
  if (Array.isArray(type)) return type.map(readType);
  if (typeof type !== "string") return type;
  return type === "TYPE_UNSPECIFIED" ? undefined : type.toLowerCase();
}

function readProperties(value: unknown, ordering: unknown): Schema {
  const properties = objectOf(value);
  const order = Array.isArray(ordering) ? ordering.filter((name): name is string => typeof name === "string" && Object.hasOwn(properties, name)) : [];
  const names = [...new Set([...order, ...Object.keys(properties)])];
  return Object.fromEntries(names.map((name) => [name, fromSchemaSubset(properties[name])]));
}

function nullable(schema: Schema): Schema {
  if (Array.isArray(schema["anyOf"])) return { ...schema, anyOf: [...schema["anyOf"], { type: "null" }] };
  const type = schema["type"];
  if (typeof type !== "string") return schema;
  const values = Array.isArray(schema["enum"]) && !schema["enum"].includes(null) ? { enum: [...schema["enum"], null] } : {};
  return { ...schema, type: [type, "null"], ...values };
}
