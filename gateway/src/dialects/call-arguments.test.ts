import { expect, test } from "bun:test";
import { GatewayError } from "../errors/gateway-error.ts";
import type { AnyCodec, AnyVendorCodec } from "./canonical/codec.ts";
import { CODECS, VENDOR_CODECS } from "./registry.ts";

const TARGET = { model: "m", maxOutputTokens: 100, reasons: false, traits: new Set<string>() };
const refusal = (act: () => unknown): [string, string | null | undefined] => {
  try {
    act();
  } catch (error) {
    if (error instanceof GatewayError) return [error.publicText, error.param];
    throw error;
  }
  return ["taken", undefined];
};

test.each([["anthropic-messages"], ["gemini"], ["bedrock-converse"]] as const)("arguments of the history that are no JSON object are refused by name: %s", (vendor) => {
  const encode = (request: unknown): unknown => (VENDOR_CODECS[vendor] as AnyVendorCodec).encodeRequest(request, TARGET);
  const history = (text: string) => (CODECS["openai-chat"] as AnyCodec).decodeRequest({ model: "m", messages: [{ role: "user", content: "a" }, { role: "assistant", tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: text } }] }, { role: "tool", tool_call_id: "c1", content: "r" }] }, {});
  for (const text of ["{bad", "[1]", `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`]) expect(refusal(() => encode(history(text)))).toEqual(['"messages": the arguments of the tool call "c1" of "f" are no JSON object.', "messages"]);
  for (const text of ["", "{}", '{"a":1}']) expect(refusal(() => encode(history(text)))[0]).toBe("taken");
  const items = (CODECS["openai-responses"] as AnyCodec).decodeRequest({ model: "m", input: [{ role: "user", content: "a" }, { type: "function_call", call_id: "c1", name: "f", arguments: "{bad" }, { type: "function_call_output", call_id: "c1", output: "r" }] }, {});
  expect(refusal(() => encode(items))[1]).toBe("input");
});

test("an empty input is refused by its name", () => {
  expect(refusal(() => (CODECS["openai-responses"] as AnyCodec).decodeRequest({ model: "m", input: [] }, {}))).toEqual(['"input" is empty.', "input"]);
});
