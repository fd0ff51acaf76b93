import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { GatewayError } from "../../errors/gateway-error.ts";
import { fromSchemaSubset } from "./schema-json.ts";
import { toSchemaSubset } from "./schema-subset.ts";

const subset = (schema: Record<string, unknown>) => toSchemaSubset(schema).schema;
const lost = (schema: Record<string, unknown>) => toSchemaSubset(schema).lost;

/** Schemas constructed from the keywords of JSON Schema 2020-12; expected forms by SDK type `Schema`. */
describe("JSON schema to Gemini's subset", () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      "annotations and keywords the API refuses are left out",
      { $schema: "https://json-schema.org/draft/2020-12/schema", $id: "x", type: "object", additionalProperties: false, properties: { a: { type: "string", default: "x", examples: ["y"] } }, required: ["a", "ghost"] },
      { type: "OBJECT", properties: { a: { type: "STRING" } }, required: ["a"] },
    ],
    ["a type list with null is nullable", { type: ["string", "null"] }, { type: "STRING", nullable: true }],
    ["several types are branches", { type: ["string", "integer", "null"], description: "d" }, { nullable: true, description: "d", anyOf: [{ type: "STRING" }, { type: "INTEGER" }] }],
    ["const is an enum", { const: "a" }, { type: "STRING", enum: ["a"] }],
    ["null in an enum is nullable", { enum: ["a", null] }, { type: "STRING", enum: ["a"], nullable: true }],
    ["numbers cannot be listed but bounded", { type: "integer", enum: [1, 3] }, { type: "INTEGER", minimum: 1, maximum: 3 }],
    ["one branch beside null is that branch", { anyOf: [{ type: "array", items: { type: "number" } }, { type: "null" }] }, { type: "ARRAY", items: { type: "NUMBER" }, nullable: true }],
    ["oneOf is anyOf", { oneOf: [{ type: "string" }, { type: "boolean" }] }, { anyOf: [{ type: "STRING" }, { type: "BOOLEAN" }] }],
    ["allOf is folded", { allOf: [{ type: "object", properties: { a: { type: "string" } }, required: ["a"] }, { properties: { b: { type: "integer" } } }] }, { type: "OBJECT", properties: { a: { type: "STRING" }, b: { type: "INTEGER" } }, required: ["a"] }],
    ["references are written out", { type: "object", properties: { p: { $ref: "#/$defs/P", description: "who" } }, $defs: { P: { type: "object", properties: { n: { type: "string" } } } } }, { type: "OBJECT", properties: { p: { type: "OBJECT", properties: { n: { type: "STRING" } }, description: "who" } } }],
    ["pointers are unescaped", { type: "object", properties: { p: { $ref: "#/definitions/a~1b" } }, definitions: { "a/b": { type: "string" } } }, { type: "OBJECT", properties: { p: { type: "STRING" } } }],
    ["only known formats stay", { type: "string", format: "uri" }, { type: "STRING" }],
    ["date-time stays", { type: "string", format: "date-time" }, { type: "STRING", format: "date-time" }],
    ["lists need items", { type: "array" }, { type: "ARRAY", items: { type: "STRING" } }],
    ["exclusive bounds of whole numbers", { type: "integer", exclusiveMinimum: 0, exclusiveMaximum: 10 }, { type: "INTEGER", minimum: 1, maximum: 9 }],
    ["a type is implied by its keywords", { properties: { a: { minimum: 1 } } }, { type: "OBJECT", properties: { a: { type: "NUMBER", minimum: 1 } } }],
  ])("%s", (_name, schema, wanted) => expect(subset(schema)).toEqual(wanted));

  test("what restricted something and has no word is named", () => {
    expect(lost({ type: "object", patternProperties: { "^a": {} }, additionalProperties: { type: "string" } }).sort()).toEqual(["additionalProperties", "patternProperties"]);
    expect(lost({ type: "array", uniqueItems: true, items: { not: {} } }).sort()).toEqual(["not", "uniqueItems"]);
    expect(lost({ type: "string", default: "a", $comment: "b" })).toEqual([]);
  });

  test("a type that refers to itself is cut", () => {
    const tree = { type: "object", properties: { left: { $ref: "#" }, value: { type: "string" } } };
    const text = JSON.stringify(subset(tree));
    expect(text.match(/"value"/g)).toHaveLength(3);
    expect(lost(tree)).toEqual(["$ref"]);
  });

  test("references that multiply are refused, not written out", () => {
    const $defs: Record<string, unknown> = { a0: { type: "string" } };
    for (let n = 1; n <= 30; n += 1) $defs[`a${n}`] = { type: "object", properties: { x: { $ref: `#/$defs/a${n - 1}` }, y: { $ref: `#/$defs/a${n - 1}` } } };
    expect(() => subset({ $ref: "#/$defs/a30", $defs })).toThrow(GatewayError);
    const circle: Record<string, unknown> = { allOf: [{ $ref: "#" }, { $ref: "#" }, { $ref: "#" }] };
    expect(subset(circle)).toBeDefined();
  });

  test("any JSON as a schema gives a schema or a GatewayError", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("type", "properties", "items", "anyOf", "allOf", "$ref", "enum", "required", "const", "oneOf"), fc.jsonValue({ maxDepth: 3 })), (schema) => {
        expect(typeof subset(schema)).toBe("object");
      }),
      { numRuns: 200 },
    );
  });
});

describe("Gemini's subset to JSON schema", () => {
  test("types, null, order, counts in quotes, snake_case", () => {
    expect(
      fromSchemaSubset({
        type: "OBJECT",
        propertyOrdering: ["b", "a"],
        properties: { a: { type: "STRING", nullable: true, enum: ["x"], format: "enum" }, b: { type: "ARRAY", min_items: "2", items: { type: "INTEGER" }, example: [1] } },
        required: ["a"],
      }),
    ).toEqual({
      type: "object",
      properties: { b: { type: "array", minItems: 2, items: { type: "integer" }, examples: [[1]] }, a: { type: ["string", "null"], enum: ["x", null] } },
      required: ["a"],
    });
    expect(Object.keys(fromSchemaSubset({ propertyOrdering: ["b", "a"], properties: { a: {}, b: {} } })["properties"] as object)).toEqual(["b", "a"]);
    expect(fromSchemaSubset({ any_of: [{ type: "STRING" }], nullable: true })).toEqual({ anyOf: [{ type: "string" }, { type: "null" }] });
  });

  test("there and back", () => {
    const schema = { type: "object", properties: { city: { type: "string", description: "where" }, days: { type: ["integer", "null"], minimum: 1 }, tags: { type: "array", items: { type: "string" }, maxItems: 3 } }, required: ["city"] };
    expect(fromSchemaSubset(subset(schema))).toEqual(schema);
  });

  test("a property called __proto__ stays a property", () => {
    const schema = fromSchemaSubset(JSON.parse('{"properties":{"__proto__":{"type":"STRING"}}}') as object);
    expect(JSON.stringify(schema)).toBe('{"properties":{"__proto__":{"type":"string"}}}');
    expect(({} as Record<string, unknown>)["type"]).toBeUndefined();
  });
});
