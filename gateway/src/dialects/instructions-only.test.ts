import { expect, test } from "bun:test";
import type { AnyCodec, AnyVendorCodec, RequestTarget } from "./canonical/codec.ts";
import { CODECS, VENDOR_CODECS } from "./registry.ts";

/** OpenAI answers a conversation of instructions alone; vendors that want somebody to speak are told them as a user's words. */
const target = (model: string): RequestTarget => ({ model, maxOutputTokens: 1_000, reasons: false, traits: new Set() });
const written = (vendor: "anthropic-messages" | "gemini" | "bedrock-converse", model: string, content: string): unknown =>
  (VENDOR_CODECS[vendor] as AnyVendorCodec).encodeRequest((CODECS["openai-chat"] as AnyCodec).decodeRequest({ model: "m", messages: [{ role: "system", content }] }, { model: "m", stream: false }), target(model)).body;

test.each([
  ["anthropic-messages", "claude-sonnet-4-5", { messages: [{ role: "user", content: "Say hello." }] }],
  ["gemini", "gemini-2.5-flash", { contents: [{ role: "user", parts: [{ text: "Say hello." }] }] }],
  ["bedrock-converse", "amazon.nova-pro-v1:0", { messages: [{ role: "user", content: [{ text: "Say hello." }] }] }],
] as const)("to %s", (vendor, model, expected) => {
  const body = written(vendor, model, "Say hello.");
  expect(body).toMatchObject(expected);
  expect(Object.keys(body as object).filter((name) => name.startsWith("system"))).toEqual([]);
  expect(() => written(vendor, model, "")).toThrow();
});
