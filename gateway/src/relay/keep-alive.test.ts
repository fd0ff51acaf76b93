import { describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { testGateway } from "../testing/gateway.ts";

/** Keep-alives every 100 ms; two accounts per vendor, so that a slow first one can still fail over. Vendors are slow by the sandbox's faults. */
const gateway = await testGateway((config, sandboxUrl) => {
  config.keepAliveMs = 100;
  for (const vendor of ["openai", "anthropic", "gemini"])
    for (const [index, name] of ["first", "second"].entries())
      config.channels.push({
        name: `${vendor}-${name}`, vendor, baseUrl: `${sandboxUrl}/${vendor}`, credentials: [`sk-${name}-${vendor}`], modelMapping: {}, priority: 10 - index, weight: 1,
        timeouts: { firstByteMs: 700, idleMs: 5_000 }, enabled: true,
      });
});
const caller = await gateway.newCaller("100");
const SLOW = "[[fault:hang;only-key=sk-first-";

const PATHS: Record<string, [string, (prompt: string) => object]> = {
  openai: ["/v1/chat/completions", (content) => ({ model: "gpt-4.1-mini", stream: true, messages: [{ role: "user", content }] })],
  anthropic: ["/v1/messages", (content) => ({ model: "claude-sonnet-4-5", max_tokens: 300, stream: true, messages: [{ role: "user", content }] })],
  gemini: ["/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", (text) => ({ contents: [{ role: "user", parts: [{ text }] }] })],
};

async function ask(vendor: string, prompt: string): Promise<Response> {
  const [path, body] = PATHS[vendor] ?? ["", () => ({})];
  return fetch(`${gateway.url}${path}`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}` }, body: JSON.stringify(body(prompt)) });
}

describe.each(Object.keys(PATHS))("S12, S22: %s", (vendor) => {
  test("a silent vendor: the line is kept alive, and another target still answers", async () => {
    const response = await ask(vendor, `count to 5 ${SLOW}${vendor}]]`);
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text).toMatch(vendor === "anthropic" ? /^event: ping\n/ : vendor === "openai" ? /^: keep-alive\n\n/ : /^data: \{"candidates":\[\{"content":\{"parts":\[\{"text":""\}\],"role":"model"\},"index":0\}\]\}\n\n/);
    expect(text).toContain("5");
    expect(text).not.toContain('"error"');
  });

  test("silence between events: S13: a ping stands between whole events only", async () => {
    const text = await (await ask(vendor, "count to 5 [[fault:pace=130]]")).text();
    expect(text).toContain("5");
    for (const event of text.split(/\r?\n\r?\n/)) if (event.includes("data: {")) expect(() => JSON.parse(event.slice(event.indexOf("data: {") + 6)) as unknown).not.toThrow();
  });
});

test("when all fail after the head has gone out, the stream ends with the dialect's error event", async () => {
  const response = await ask("openai", "x [[fault:hang]]");
  expect(response.status).toBe(200);
  const text = await response.text();
  expect(text).toContain("upstream_timeout");
  expect(text).not.toContain("[DONE]");
});

test.each(Object.keys(PATHS))("%s: a refusal that comes after the head is told in the vendor's words", async (vendor) => {
  const prompt = "x [[fault:status=400;slow-first-byte=300]]";
  const [path, body] = PATHS[vendor] ?? ["", () => ({})];
  const plain = { ...body(prompt), stream: false };
  const headers = { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}` };
  const refusal = await fetch(`${gateway.url}${path.replace("streamGenerateContent?alt=sse", "generateContent")}`, { method: "POST", headers, body: JSON.stringify(plain) });
  const { error } = (await refusal.json()) as { error: { message: string } };
  const response = await ask(vendor, prompt);
  expect([refusal.status, response.status]).toEqual([400, 200]);
  expect(await response.text()).toContain(JSON.stringify(error.message.replace(/ \(request id: .*/, "")).slice(1, -1));
});

test("the official SDKs take keep-alives without harm", async () => {
  const openai = new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  const chat = await openai.chat.completions.stream({ model: "gpt-4.1-mini", messages: [{ role: "user", content: `count to 5 ${SLOW}openai]]` }] }).finalContent();
  expect(chat).toContain("5");
  const response = await openai.responses.stream({ model: "gpt-4.1-mini", input: `count to 5 ${SLOW}openai]]`, store: false }).finalResponse();
  expect(response.output_text).toContain("5");
  const anthropic = new Anthropic({ apiKey: caller.apiKey, baseURL: gateway.url, maxRetries: 0 });
  const message = await anthropic.messages.stream({ model: "claude-sonnet-4-5", max_tokens: 300, messages: [{ role: "user", content: `count to 5 ${SLOW}anthropic]]` }] }).finalText();
  expect(message).toContain("5");
  const google = new GoogleGenAI({ apiKey: caller.apiKey, httpOptions: { baseUrl: gateway.url } });
  let text = "";
  for await (const chunk of await google.models.generateContentStream({ model: "gemini-2.5-flash", contents: `count to 5 ${SLOW}gemini]]` })) text += chunk.text ?? "";
  expect(text).toContain("5");
});
