import { describe, expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";

const gateway = await testGateway();
const caller = await gateway.newCaller("10");

/** The same request to the sandbox itself, as a vendor's client would send it. */
const CALLS = [
  { name: "chat", vendor: "openai", path: "/v1/chat/completions", headers: { authorization: "Bearer KEY" }, body: { model: "gpt-4.1-mini", messages: [{ role: "user", content: "Say: é 漢 hello" }], unknown_field: { a: 1.0 } } },
  { name: "chat stream, usage asked", vendor: "openai", path: "/v1/chat/completions", headers: { authorization: "Bearer KEY" }, body: { model: "gpt-4.1-mini", stream: true, stream_options: { include_usage: true }, messages: [{ role: "user", content: "count to 7" }] } },
  { name: "messages", vendor: "anthropic", path: "/v1/messages", headers: { "x-api-key": "KEY", "anthropic-version": "2023-06-01" }, body: { model: "claude-sonnet-4-5", max_tokens: 50, messages: [{ role: "user", content: "count to 7" }] } },
  { name: "messages stream", vendor: "anthropic", path: "/v1/messages?beta=true", headers: { authorization: "Bearer KEY", "anthropic-version": "2026-10-21" }, body: { model: "claude-sonnet-4-5", max_tokens: 50, stream: true, messages: [{ role: "user", content: "count to 7" }] } },
  { name: "count_tokens", vendor: "anthropic", path: "/v1/messages/count_tokens", headers: { "x-api-key": "KEY", "anthropic-version": "2023-06-01" }, body: { model: "claude-sonnet-4-5", messages: [{ role: "user", content: "count to 7" }] } },
  { name: "generateContent", vendor: "gemini", path: "/v1beta/models/gemini-2.5-flash:generateContent", headers: { "x-goog-api-key": "KEY" }, body: { contents: [{ role: "user", parts: [{ text: "count to 7" }] }] } },
  { name: "streamGenerateContent sse, v1", vendor: "gemini", path: "/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse", headers: { "x-goog-api-key": "KEY" }, body: { contents: [{ role: "user", parts: [{ text: "count to 7" }] }] } },
  { name: "streamGenerateContent array", vendor: "gemini", path: "/v1beta/models/gemini-2.5-flash:streamGenerateContent", headers: { "x-goog-api-key": "KEY" }, body: { contents: [{ role: "user", parts: [{ text: "count to 7" }] }] } },
  { name: "countTokens", vendor: "gemini", path: "/v1beta/models/gemini-2.5-flash:countTokens", headers: { "x-goog-api-key": "KEY" }, body: { contents: [{ role: "user", parts: [{ text: "count to 7" }] }] } },
] as const;

describe("same dialect in and out: both bodies byte for byte (promise 2)", () => {
  test.each(CALLS.map((call) => [call.name, call] as const))("%s", async (_name, call) => {
    gateway.sandbox.reset();
    const headers = Object.fromEntries(Object.entries(call.headers).map(([name, value]) => [name, value.replace("KEY", caller.apiKey)]));
    const body = JSON.stringify(call.body, null, 1);
    const response = await fetch(`${gateway.url}${call.path}`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body });
    const received = Buffer.from(await response.arrayBuffer());
    expect(response.status, received.toString()).toBe(200);
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    const [seen] = gateway.seen();
    expect(seen?.vendor).toBe(call.vendor);
    expect(seen?.path).toBe(call.path);
    expect(Buffer.from(seen?.body.base64 ?? "", "base64").toString()).toBe(body);
    expect(received.toString()).toBe(Buffer.from(seen?.answer.base64 ?? "", "base64").toString());
    expect(JSON.stringify(seen)).not.toContain(caller.apiKey);
  });

  test("an OpenAI stream without usage asked: we ask, and keep the extra chunk", async () => {
    gateway.sandbox.reset();
    const body = JSON.stringify({ model: "gpt-4.1-mini", stream: true, messages: [{ role: "user", content: "count to 9" }] });
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body });
    const text = await response.text();
    const [seen] = gateway.seen();
    const sent = Buffer.from(seen?.answer.base64 ?? "", "base64").toString();
    expect(sent).toContain('"choices":[]');
    expect(text).not.toContain('"choices":[]');
    expect(text).toBe(sent.split("\n\n").filter((event) => !event.includes('"choices":[]')).join("\n\n"));
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });
});
