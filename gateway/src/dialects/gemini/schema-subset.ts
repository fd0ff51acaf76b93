import { GatewayError } from "../../errors/gateway-error.ts";
import { objectOf } from "../canonical/fields.ts";
import type { JsonSchema } from "../canonical/request.ts";
import { mergeAllOf, resolveRef } from "./schema-refs.ts";
import { table } from "../../table.ts";

type Schema = Record<string, unknown>;

/** Sub-schemas one schema may grow to when its references are written out: without a bound a few lines can become gigabytes. */
const NODES_MAX = 5_000;
/** A type that refers to itself is written out so often before it is cut. */
const RECURSION_MAX = 2;

const KEPT = ["title", "description", "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties", "minimum", "maximum", "pattern", "propertyOrdering"];
/** `format` values that the API takes per type; it answers 400 to others. */
const FORMATS: Record<string, string[]> = table({ STRING: ["enum", "date-time"], NUMBER: ["float", "double"], INTEGER: ["int32", "int64"] });
/** Keywords that restrict what is valid and have no word in the subset. */
const RESTRICTING = [
  "not", "if", "then", "else", "patternProperties", "propertyNames", "dependentRequired", "dependentSchemas", "dependencies",
  "contains", "uniqueItems", "multipleOf", "unevaluatedProperties", "prefixItems",
];

/**
 * A JSON schema in the subset of OpenAPI 3.0 that Gemini's `parameters` and `responseSchema` take (SDK type `Schema`): references written out, type lists and null
 * as `nullable`, const as enum, oneOf as anyOf, allOf merged; annotations and keywords the API refuses are left out. `lost` names the keywords among
 * them that restricted something. Throws invalidRequest for a schema that would grow without end.
 */
export function toSchemaSubset(schema: JsonSchema): { schema: Schema; lost: string[] } {
  const writer = new SubsetWriter(schema);
  const written = writer.write(schema, []);
  return { schema: written, lost: [...writer.lost] };
}

class SubsetWriter {
  readonly lost = new Set<string>();
  private readonly root: JsonSchema;
  private nodes = 0;

  constructor(root: JsonSchema) {
    this.root = root;
  }

  /** `refs`: the references being written out, outermost first */
  write(value: unknown, refs: string[]): Schema {
    this.nodes += 1;
    if (this.nodes > NODES_MAX)
      throw new GatewayError("invalidRequest", { publicText: `A schema has more than ${NODES_MAX} parts once its references are written out.`, param: "tools" });
    const given = objectOf(value);
    if (typeof given["$ref"] === "string") return this.writeRef(given["$ref"], given, refs);
    const source = Array.isArray(given["allOf"]) ? mergeAllOf(given, this.root) : given;
    for (const keyword of RESTRICTING) if (source[keyword] !== undefined && source[keyword] !== false) this.lost.add(keyword);

    const result: Schema = {};
    for (const name of KEPT) if (source[name] !== undefined) result[name] = source[name];
    const types = typesOf(source);
    if (types.includes("null") || source["nullable"] === true) result["nullable"] = true;
    const real = types.filter((type) => type !== "null");
    if (real.length > 1) return { ...result, anyOf: real.map((type) => this.write({ ...source, type, title: undefined, description: undefined, nullable: undefined }, refs)) };

    const branches = listOf(source["anyOf"] ?? source["oneOf"]);
    if (branches) return this.writeBranches(branches, result, refs);
    const type = real[0]?.toUpperCase() ?? impliedType(source);
    if (type === undefined) return { ...result, ...(result["nullable"] ? { type: "STRING" } : { anyOf: ["STRING", "NUMBER", "BOOLEAN"].map((name) => ({ type: name })) }) };
    result["type"] = type;
    if (typeof source["format"] === "string" && FORMATS[type]?.includes(source["format"])) result["format"] = source["format"];
    this.writeEnum(source, type, result);
    this.writeBounds(source, type, result);
    if (type === "OBJECT") this.writeObject(source, result, refs);
    if (type === "ARRAY") result["items"] = this.writeItems(source, refs);
    return result;
  }

  private writeRef(ref: string, given: Schema, refs: string[]): Schema {
    const target = resolveRef(this.root, ref);
    const said = Object.fromEntries(["title", "description"].filter((name) => given[name] !== undefined).map((name) => [name, given[name]]));
    if (target === undefined || refs.filter((open) => open === ref).length >= RECURSION_MAX) {
      this.lost.add("$ref");
      return { ...said, type: "OBJECT" };
    }
    return { ...this.write(target, [...refs, ref]), ...said };
  }

  private writeBranches(branches: unknown[], result: Schema, refs: string[]): Schema {
    const isNull = (branch: unknown): boolean => objectOf(branch)["type"] === "null" || objectOf(branch)["const"] === null;
    if (branches.some(isNull)) result["nullable"] = true;
    const real = branches.filter((branch) => !isNull(branch)).map((branch) => this.write(branch, refs));
    // One branch beside null is that branch, nullable: the API knows no null type.
    return real.length === 1 ? { ...real[0], ...result } : { ...result, anyOf: real };
  }

  private writeEnum(source: Schema, type: string, result: Schema): void {
    const values = source["const"] !== undefined ? [source["const"]] : listOf(source["enum"]);
    if (!values) return;
    if (values.includes(null)) result["nullable"] = true;
    const real = values.filter((value) => value !== null);
    if (type === "STRING") result["enum"] = real.map(String);
    // Only texts may be listed; the bounds of listed numbers can still be told.
    else if ((type === "INTEGER" || type === "NUMBER") && real.every((value) => typeof value === "number") && real.length > 0) {
      result["minimum"] = Math.min(...real);
      result["maximum"] = Math.max(...real);
      if (real.length > 1) this.lost.add("enum");
    } else this.lost.add("enum");
  }

  private writeBounds(source: Schema, type: string, result: Schema): void {
    for (const [keyword, bound, step] of [["exclusiveMinimum", "minimum", 1], ["exclusiveMaximum", "maximum", -1]] as const) {
      const value = source[keyword];
      if (typeof value !== "number") continue;
      result[bound] = type === "INTEGER" ? value + step : value;
      if (type !== "INTEGER") this.lost.add(keyword);
    }
  }

  private writeObject(source: Schema, result: Schema, refs: string[]): void {
    const properties = Object.entries(objectOf(source["properties"]));
    if (objectOf(source["additionalProperties"])["type"] !== undefined) this.lost.add("additionalProperties");
    if (properties.length === 0) return;
    result["properties"] = Object.fromEntries(properties.map(([name, schema]) => [name, this.write(schema, refs)]));
    // A required name without its property is refused.
    const required = listOf(source["required"])?.filter((name) => typeof name === "string" && Object.hasOwn(objectOf(source["properties"]), name));
    if (required && required.length > 0) result["required"] = required;
  }

  private writeItems(source: Schema, refs: string[]): Schema {
    const tuple = listOf(source["prefixItems"]) ?? listOf(source["items"]);
    if (tuple) return tuple.length === 1 ? this.write(tuple[0], refs) : { anyOf: tuple.map((item) => this.write(item, refs)) };
    // The API demands `items`.
    return source["items"] === undefined ? { type: "STRING" } : this.write(source["items"], refs);
  }
}

const listOf = (value: unknown): unknown[] | undefined => (Array.isArray(value) ? value : undefined);

const typesOf = (source: Schema): string[] =>
  (Array.isArray(source["type"]) ? source["type"] : [source["type"]]).filter((type): type is string => typeof type === "string").map((type) => type.toLowerCase());

function impliedType(source: Schema): string | undefined {
  if (source["properties"] !== undefined || source["additionalProperties"] !== undefined) return "OBJECT";
  if (source["items"] !== undefined || source["prefixItems"] !== undefined) return "ARRAY";
  const values = source["const"] !== undefined ? [source["const"]] : listOf(source["enum"]);
  const first = values?.find((value) => value !== null);
  if (typeof first === "string" || source["pattern"] !== undefined) return "STRING";
  if (typeof first === "number" || source["minimum"] !== undefined || source["maximum"] !== undefined) return "NUMBER";
  return typeof first === "boolean" ? "BOOLEAN" : undefined;
}
