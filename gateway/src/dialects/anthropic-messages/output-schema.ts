type Words = Record<string, unknown>;

/** SDK lib/transform-json-schema: the string formats that structured outputs know. */
const FORMATS = new Set(["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"]);
/** Constraints that structured outputs refuse; the model reads them in the description instead, as Anthropic's SDK does it. */
const REFUSED = new Set([
  "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "maxItems", "uniqueItems", "contains", "minContains",
  "maxContains", "minProperties", "maxProperties", "patternProperties", "propertyNames", "dependentRequired", "dependentSchemas", "if", "then", "else", "not", "prefixItems",
  "unevaluatedProperties", "unevaluatedItems",
]);

const isObject = (value: unknown): value is Words => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A JSON schema as `output_config.format` takes it: objects closed, refused constraints told in the description. `narrowed`: members that the schema left open
 * can no longer be given.
 */
export function outputSchema(schema: Words): { schema: Words; narrowed: boolean } {
  const notes = { narrowed: false };
  return { schema: adapt(schema, notes), narrowed: notes.narrowed };
}

function adapt(schema: Words, notes: { narrowed: boolean }): Words {
  const adapted: Words = {};
  const told: string[] = [];
  for (const [name, value] of Object.entries(schema)) {
    const refused = REFUSED.has(name) || (name === "format" && !FORMATS.has(String(value))) || (name === "minItems" && value !== 0 && value !== 1);
    if (refused) told.push(`${name}: ${JSON.stringify(value)}`);
    else if (name === "$schema" || name === "additionalProperties") continue;
    else adapted[name === "oneOf" && schema["anyOf"] === undefined ? "anyOf" : name] = adaptMember(name, value, notes);
  }
  if (isObjectSchema(schema)) {
    const extra = schema["additionalProperties"];
    if (extra !== undefined && extra !== false) notes.narrowed = true;
    adapted["additionalProperties"] = false;
  }
  if (told.length > 0) adapted["description"] = [schema["description"], `{${told.join(", ")}}`].filter((text) => typeof text === "string").join("\n\n");
  return adapted;
}

const isObjectSchema = (schema: Words): boolean =>
  schema["type"] === "object" || isObject(schema["properties"]) || (Array.isArray(schema["type"]) && schema["type"].includes("object"));

function adaptMember(name: string, value: unknown, notes: { narrowed: boolean }): unknown {
  switch (name) {
    case "properties":
    case "$defs":
    case "definitions":
      return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, isObject(inner) ? adapt(inner, notes) : inner])) : value;
    case "items":
      return isObject(value) ? adapt(value, notes) : value;
    case "anyOf":
    case "oneOf":
    case "allOf":
      return Array.isArray(value) ? value.map((inner) => (isObject(inner) ? adapt(inner, notes) : inner)) : value;
    default:
      return value;
  }
}
