/**
 * Makes a value that satisfies a JSON Schema (draft 2020-12) or Google's schema object (upper-case `type`, numbers as strings).
 */
import { asList, asNumber, asObject, asText, isObject, type JsonObject } from "./json.ts";

/** Deeper than this, optional parts are left out, so that a schema that refers to itself ends. */
const DEPTH_MAX = 6;

const FORMATS: Record<string, string> = {
  date: "2026-01-15",
  "date-time": "2026-01-15T09:30:00Z",
  time: "09:30:00Z",
  email: "sandbox@example.com",
  uri: "https://example.com/",
  url: "https://example.com/",
  uuid: "3f2b8c1e-5d4a-4b6f-9a7e-1c2d3e4f5a6b",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  hostname: "example.com",
  duration: "PT1H",
};

const bound = (schema: JsonObject, name: string): number | undefined =>
  asNumber(schema[name]) ?? (typeof schema[name] === "string" ? asNumber(Number(schema[name])) : undefined);

function resolve(schema: JsonObject, root: JsonObject): JsonObject {
  const reference = asText(schema["$ref"]);
  if (!reference.startsWith("#")) return schema;
  let found: unknown = root;
  for (const step of reference.slice(1).split("/").filter(Boolean))
    found = asObject(found)[step.replaceAll("~1", "/").replaceAll("~0", "~")];
  return asObject(found);
}

function sampleText(schema: JsonObject, subject: string): string {
  const format = FORMATS[asText(schema["format"])];
  if (format !== undefined) return format;
  const pattern = asText(schema["pattern"]);
  let text = subject;
  if (pattern !== "") {
    const candidates = [
      subject,
      "a",
      "A",
      "abc",
      "ABC",
      "1",
      "123",
      "12345",
      "a1",
      "A1",
      "ABC-123",
      "2026-01-15",
      "+15550100",
      "#aabbcc",
    ];
    text = candidates.find((candidate) => matches(pattern, candidate)) ?? subject;
  }
  const least = bound(schema, "minLength") ?? 0;
  const most = bound(schema, "maxLength") ?? Number.POSITIVE_INFINITY;
  while (text.length < least) text += text === "" ? "a" : ` ${text}`;
  return text.slice(0, Math.max(most, 0)).slice(0, Math.max(least, 200));
}

function matches(pattern: string, candidate: string): boolean {
  try {
    return new RegExp(pattern, "u").test(candidate);
  } catch {
    return false;
  }
}

function sampleNumber(schema: JsonObject, whole: boolean, wished: number | undefined): number {
  const above = bound(schema, "exclusiveMinimum");
  const below = bound(schema, "exclusiveMaximum");
  const least = Math.max(
    bound(schema, "minimum") ?? -Infinity,
    above === undefined ? -Infinity : above + (whole ? 1 : 0.5),
  );
  const most = Math.min(
    bound(schema, "maximum") ?? Infinity,
    below === undefined ? Infinity : below - (whole ? 1 : 0.5),
  );
  let value = Math.min(Math.max(wished ?? 1, least), most);
  const step = bound(schema, "multipleOf");
  if (step !== undefined && step > 0) value = Math.ceil(value / step) * step;
  return whole ? Math.ceil(value) : value;
}

function sampleObject(schema: JsonObject, root: JsonObject, wish: Wish, depth: number): JsonObject {
  const properties = asObject(schema["properties"]);
  const required = new Set(asList(schema["required"]).map(asText));
  const ordered = asList(schema["propertyOrdering"])
    .map(asText)
    .filter((name) => name in properties);
  const value: JsonObject = {};
  for (const name of new Set([...ordered, ...Object.keys(properties), ...required]))
    if (required.has(name) || depth < DEPTH_MAX / 2)
      value[name] = sample(asObject(properties[name]), root, wish, depth + 1);
  return value;
}

/** What the prompt offers to fill free fields with. */
export interface Wish {
  /** goes into free text fields */
  subject: string;
  /** goes into free number fields */
  number: number | undefined;
}

function typeOf(schema: JsonObject): string {
  const named = schema["type"];
  const types = (Array.isArray(named) ? named : [named]).map((type) => asText(type).toLowerCase());
  const type = types.find((name) => name !== "null" && name !== "") ?? types.find((name) => name !== "");
  if (type !== undefined) return type;
  if (isObject(schema["properties"])) return "object";
  if (schema["items"] !== undefined) return "array";
  return Object.keys(schema).length === 0 ? "any" : "string";
}

function sample(schemaOrReference: JsonObject, root: JsonObject, wish: Wish, depth: number): unknown {
  const schema = resolve(schemaOrReference, root);
  if ("const" in schema) return schema["const"];
  const choices = asList(schema["enum"]);
  if (choices.length > 0) return choices.find((choice) => choice === wish.subject) ?? choices[0];
  const branches = [...asList(schema["anyOf"]), ...asList(schema["oneOf"])].map(asObject);
  if (branches.length > 0) {
    const plain = branches.find((branch) => asText(branch["type"]).toLowerCase() !== "null");
    const branch =
      depth > DEPTH_MAX
        ? (branches.find((one) => asText(one["type"]).toLowerCase() === "null") ?? plain)
        : plain;
    return sample(branch ?? { type: "null" }, root, wish, depth + 1);
  }
  const parts = asList(schema["allOf"]).map((part) => resolve(asObject(part), root));
  if (parts.length > 0) {
    const properties = Object.assign({}, ...[schema, ...parts].map((part) => asObject(part["properties"])));
    const required = [schema, ...parts].flatMap((part) => asList(part["required"]));
    return sample(
      { ...Object.assign({}, ...parts), ...schema, allOf: [], properties, required },
      root,
      wish,
      depth,
    );
  }
  switch (typeOf(schema)) {
    case "object":
      return sampleObject(schema, root, wish, depth);
    case "array": {
      const fixed = asList(schema["prefixItems"]).map((item) =>
        sample(asObject(item), root, wish, depth + 1),
      );
      const wanted = Math.max(bound(schema, "minItems") ?? (depth > DEPTH_MAX ? 0 : 1), fixed.length);
      const count = Math.min(wanted, bound(schema, "maxItems") ?? wanted);
      const rest = Array.from({ length: Math.max(count - fixed.length, 0) }, (_, index) =>
        sample(
          asObject(schema["items"]),
          root,
          index === 0 ? wish : { ...wish, subject: `${wish.subject} ${index + 1}` },
          depth + 1,
        ),
      );
      return [...fixed, ...rest];
    }
    case "integer":
      return sampleNumber(schema, true, wish.number);
    case "number":
      return sampleNumber(schema, false, wish.number);
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return sampleText(schema, wish.subject);
  }
}

/**
 * Takes a schema and what to fill free fields with; gives a value that satisfies the schema. A `pattern` is met
 * only when one of a few common texts meets it.
 */
export function sampleOf(schema: JsonObject, wish: Wish): unknown {
  return sample(schema, schema, wish, 0);
}
