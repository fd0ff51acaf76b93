import { describe, expect, test } from "bun:test";
import { scanJson } from "../canonical/json-scan.ts";
import { packCallSeal, unpackSeal } from "../canonical/foreign-seal.ts";
import { anthropicMessages } from "./index.ts";
import { foreignSignature } from "./seals.ts";

const prepared = (body: object | string): string =>
  anthropicMessages.prepare(scanJson(Buffer.from(typeof body === "string" ? body : JSON.stringify(body))), { name: "messages", upstreamPath: "/v1/messages", billable: true }, "claude-x").body.toString();

describe("a conversation that changes from another vendor's model to Claude, passed through", () => {
  const foreign = foreignSignature({ type: "reasoning", text: "hm", signature: "s", sealedBy: "gemini" });
  const ask = { role: "user", content: "q" };

  test("loses the other's thinking, call signatures and hosted tools, and nothing else", () => {
    const call = { type: "tool_use", id: "call_1", name: "f", input: {} };
    const own = { type: "thinking", thinking: "t", signature: "EqQB" };
    const body = { model: "claude-x", messages: [
      ask,
      { role: "assistant", content: [{ type: "thinking", thinking: "hm", signature: foreign }, { type: "redacted_thinking", data: packCallSeal("call_1", "s") }, { type: "server_tool_use", id: "yescale1.ws_1", name: "web_search", input: {} }, { type: "web_search_tool_result", tool_use_id: "yescale1.ws_1", content: [] }, own, call] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: `"${foreign}` }] },
      { role: "assistant", content: [{ type: "thinking", thinking: "hm", signature: foreign }] },
      ask,
    ] };
    expect(JSON.parse(prepared(body))).toEqual({ model: "claude-x", messages: [ask, { role: "assistant", content: [own, call] }, body.messages[2], ask] });
  });

  test("S26: without such blocks every byte stays, even where a text speaks of them", () => {
    const text = '{ "model":"claude-x",  "messages":[{"role":"user","content":["yescale1."],"x":1.0}]}';
    expect(prepared(text)).toBe(text);
  });
});

test("our seals are those of the other dialects, too", () => {
  expect(unpackSeal(foreignSignature({ type: "reasoning", text: "", encrypted: "e", sealedBy: "openai-responses", id: "rs_1" }))).toEqual({ sealedBy: "openai-responses", encrypted: "e", id: "rs_1" });
  expect(unpackSeal(packCallSeal("c", "s"))).toEqual({ sealedBy: "gemini", signature: "s", callId: "c" });
});
