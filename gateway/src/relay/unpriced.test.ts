import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { DialectId } from "../dialects/canonical/dialect.ts";
import { scanJson } from "../dialects/canonical/json-scan.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { refuseUnpriced } from "./unpriced.ts";

const verdict = (dialect: DialectId, body: string): string | undefined => {
  try {
    refuseUnpriced(scanJson(Buffer.from(body)), dialect);
    return undefined;
  } catch (error) {
    return error instanceof GatewayError ? `${error.kind.status} ${error.param}` : String(error);
  }
};

describe("V36: what the vendor charges by another price than ours is refused, by name", () => {
  test.each<[DialectId, string, unknown]>([
    ["openai-chat", "service_tier", "priority"],
    ["openai-chat", "service_tier", "flex"],
    ["openai-chat", "service_tier", "scale"],
    ["openai-chat", "service_tier", "anything new"],
    ["openai-chat", "service_tier", ["auto"]],
    ["anthropic-messages", "service_tier", "flex"],
    ["anthropic-messages", "speed", "fast"],
    ["anthropic-messages", "inference_geo", "us"],
    ["anthropic-messages", "fallbacks", [{ model: "claude-opus-4-1" }]],
    ["anthropic-messages", "fallbacks", "default"],
    ["gemini", "serviceTier", "priority"],
    ["gemini", "service_tier", "flex"],
    ["gemini", "serviceTier", "PRIORITY"],
  ])("%s %s %p", (dialect, name, value) => {
    expect(verdict(dialect, JSON.stringify({ a: 1, [name]: value }))).toBe(`400 ${name}`);
  });

  test.each<[DialectId, string, unknown]>([
    ["openai-chat", "service_tier", "auto"],
    ["openai-chat", "service_tier", "default"],
    ["openai-chat", "service_tier", null],
    ["openai-chat", "speed", "fast"],
    ["anthropic-messages", "service_tier", "auto"],
    ["anthropic-messages", "service_tier", "standard_only"],
    ["anthropic-messages", "speed", "standard"],
    ["anthropic-messages", "inference_geo", "global"],
    ["anthropic-messages", "fallbacks", null],
    ["anthropic-messages", "fallbacks", []],
    ["gemini", "serviceTier", "standard"],
    ["gemini", "serviceTier", "SERVICE_TIER_STANDARD"],
  ])("the ordinary price, or no word of that vendor's: %s %s %p goes on", (dialect, name, value) => {
    expect(verdict(dialect, JSON.stringify({ a: 1, [name]: value }))).toBeUndefined();
  });

  test("twice, escaped, before or after: no way of writing it comes through", () => {
    for (const body of ['{"service_tier":"priority","service_tier":"auto"}', '{"service_tier":"auto","service_tier":"priority"}', '{"service\\u005ftier":"priority"}', '{"service_tier":"prior\\u0069ty"}'])
      expect(verdict("openai-chat", body), body).toBe("400 service_tier");
  });

  test("only the outermost members count: a tool may have an argument of that name", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => verdict("openai-chat", JSON.stringify({ messages: [{ service_tier: "priority", value }], metadata: { speed: "fast" } })) === undefined));
  });
});

test("searches of other sources than Google's own, which Vertex AI bills otherwise, are refused by name; functions of that name are not", () => {
  expect(verdict("gemini", JSON.stringify({ tools: [{ googleSearch: {} }, { enterpriseWebSearch: {} }] }))).toBe("400 tools[1].enterpriseWebSearch");
  expect(verdict("gemini", JSON.stringify({ tools: [{ googleSearch: {} }, { googleMaps: {} }, { functionDeclarations: [{ name: "enterpriseWebSearch" }] }] }))).toBeUndefined();
});
