import { expect, test } from "bun:test";
import type { AnyCodec, AnyVendorCodec } from "./canonical/codec.ts";
import type { CanonicalRequest } from "./canonical/request.ts";
import { CODECS, VENDOR_CODECS } from "./registry.ts";

/** A chat caller's choice of a hosted tool by the function name that switches it on, beside a function of its own. */
const named = (name: string): object => ({ type: "function", function: { name } });
const choosing = (name: string): CanonicalRequest =>
  (CODECS["openai-chat"] as AnyCodec).decodeRequest({ model: "m", messages: [{ role: "user", content: "a" }], tools: [named("googleSearch"), named("codeExecution"), named("urlContext"), named("f")], tool_choice: named(name) }, {}) as CanonicalRequest;

test.each<[string, keyof typeof VENDOR_CODECS, string[], string, unknown, boolean]>([
  ["googleSearch", "anthropic-messages", [], "tool_choice", { type: "tool", name: "web_search" }, false],
  ["codeExecution", "anthropic-messages", [], "tool_choice", { type: "tool", name: "code_execution" }, false],
  ["googleSearch", "openai-responses", [], "tool_choice", { type: "allowed_tools", mode: "required", tools: [{ type: "web_search" }] }, false],
  ["codeExecution", "openai-responses", [], "tool_choice", { type: "allowed_tools", mode: "required", tools: [{ type: "code_interpreter" }] }, false],
  ["urlContext", "openai-responses", [], "tool_choice", undefined, true],
  ["googleSearch", "openai-chat", [], "tool_choice", undefined, true],
  ["googleSearch", "openai-chat", ["hosted-tool-names"], "tool_choice", named("googleSearch"), false],
  ["googleSearch", "gemini", [], "toolConfig", { functionCallingConfig: { mode: "AUTO" } }, true],
  ["codeExecution", "bedrock-converse", [], "toolChoice", undefined, true],
  ["f", "anthropic-messages", [], "tool_choice", { type: "tool", name: "f" }, false],
])("tool_choice %s at %s %j", (name, vendor, traits, member, wanted, told) => {
  const { body, dropped } = (VENDOR_CODECS[vendor] as AnyVendorCodec).encodeRequest(choosing(name), { model: vendor === "gemini" ? "gemini-3-flash" : "m", maxOutputTokens: 100, reasons: false, traits: new Set(traits) });
  expect((member === "toolChoice" ? (body["toolConfig"] as Record<string, unknown>) : body)[member]).toEqual(wanted as never);
  expect(dropped.includes("tool_choice")).toBe(told);
});

test("a choice of a hosted tool that is not offered is refused", () => {
  expect(() => (CODECS["openai-chat"] as AnyCodec).decodeRequest({ model: "m", messages: [{ role: "user", content: "a" }], tools: [named("f")], tool_choice: named("googleSearch") }, {})).toThrow("no function among the tools");
});
