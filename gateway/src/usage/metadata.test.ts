import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { GatewayError } from "../errors/gateway-error.ts";
import { readMetadata } from "./metadata.ts";

describe("metadata", () => {
  test("a JSON object of short fields, its values as text; UTF-8 as it was meant", () => {
    expect(readMetadata('{"end_user_id":"u-1","tenant_id":7,"feature":"search","plan":true,"session_id":""}')).toEqual({ end_user_id: "u-1", tenant_id: "7", feature: "search", plan: "true", session_id: "" });
    expect(readMetadata("{}")).toEqual({});
    expect(readMetadata(Buffer.from('{"feature":"tìm kiếm"}').toString("latin1"))).toEqual({ feature: "tìm kiếm" });
  });

  test.each([
    ["nothing", "", "is not valid JSON"],
    ["text", "feature=search", "is not valid JSON"],
    ["null", "null", "is not valid JSON"],
    ["a list", '["a"]', "is no JSON object"],
    ["a number", "7", "is no JSON object"],
    ["six fields", '{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1}', "has 6 fields; 5 are the most"],
    ["a nested value", '{"a":{"b":1}}', 'the value of "a" must be a text, a number or a boolean'],
    ["null as a value", '{"a":null}', 'the value of "a" must be'],
    ["an empty name", '{"":1}', 'the field ""'],
    ["a name with a blank", '{"a b":1}', 'the field "a b"'],
    ["a long name", `{"${"a".repeat(41)}":1}`, "must be named by 1 to 40"],
    ["a long value", `{"a":"${"x".repeat(101)}"}`, 'the value of "a" has more than 100'],
    ["a NUL", String.raw`{"a":"\u0000"}`, "no text can have"],
    ["half a character", String.raw`{"a":"\ud800"}`, "no text can have"],
    ["a name of the language", '{"__proto__":"x"}', "must be named"],
    ["a megabyte", `{"a":"${"x".repeat(1_000_000)}"}`, "more than 2000 characters"],
  ])("%s is refused by name", (_name, text, why) => {
    let error: unknown;
    try {
      readMetadata(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(GatewayError);
    expect((error as GatewayError).publicText).toContain(why);
    expect((error as GatewayError).kind.status).toBe(400);
  });

  test("whatever is sent is either refused or what Postgres can keep", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: "binary" })), (text) => {
        try {
          const metadata = readMetadata(text);
          expect(Object.keys(metadata).length).toBeLessThanOrEqual(5);
          expect(JSON.stringify(metadata)).not.toMatch(/\\u(?:0000|d[89a-f])/);
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
