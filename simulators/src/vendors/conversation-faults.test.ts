import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startSandbox, type Sandbox } from "../server.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => Date.UTC(2026, 0, 1) });
});
afterAll(() => sandbox.stop());

async function statusOf(path: string, body: object): Promise<number> {
  const key: Record<string, string> = path.startsWith("/openai") ? { authorization: "Bearer sk-test-1" } : path.startsWith("/gemini") ? { "x-goog-api-key": "test-key-1" } : { "x-api-key": "sk-ant-test-1", "anthropic-version": "2023-06-01" };
  const headers = { "content-type": "application/json", ...key };
  return (await fetch(`${sandbox.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) })).status;
}

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const TEXT = Buffer.from("hello, I am no picture").toString("base64");

const chat = (more: object) => statusOf("/openai/v1/chat/completions", { model: "gpt-4o", messages: [{ role: "user", content: "x" }], ...more });
const responses = (more: object) => statusOf("/openai/v1/responses", { model: "gpt-4o", input: "x", ...more });
const claude = (more: object) => statusOf("/anthropic/v1/messages", { model: "claude-sonnet-5", max_tokens: 50, messages: [{ role: "user", content: "x" }], ...more });
const gemini = (more: object) => statusOf("/gemini/v1beta/models/gemini-2.5-flash:generateContent", { contents: [{ role: "user", parts: [{ text: "x" }] }], ...more });

const call = (id: string) => ({ id, type: "function", function: { name: "f", arguments: "{}" } });
const use = (id: string) => ({ type: "tool_use", id, name: "f", input: {} });
const item = (call_id: string) => ({ type: "function_call", call_id, name: "f", arguments: "{}" });
const ask = { role: "user", content: "x" };

describe("pictures", () => {
  test.each([
    ["chat", (data: string) => chat({ messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${data}` } }] }] })],
    ["Responses", (data: string) => responses({ input: [{ role: "user", content: [{ type: "input_image", image_url: `data:image/png;base64,${data}` }] }] })],
    ["Messages", (data: string) => claude({ messages: [{ role: "user", content: [{ type: "image", source: { type: "base64", media_type: "image/png", data } }] }] })],
    ["Gemini", (data: string) => gemini({ contents: [{ role: "user", parts: [{ inlineData: { mimeType: "image/png", data } }] }] })],
  ])("%s", async (_name, send) => expect([await send(PNG), await send("R0lGODlhAQABAAAAACw="), await send(TEXT)]).toEqual([200, 200, 400]));
});

describe("results and their calls", () => {
  const chatRound = (calls: object[], id: string) => chat({ messages: [ask, { role: "assistant", tool_calls: calls }, { role: "tool", tool_call_id: id, content: "r" }] });
  const itemRound = (calls: object[], call_id: string) => responses({ input: [ask, ...calls, { type: "function_call_output", call_id, output: "r" }] });
  const claudeRound = (calls: object[], tool_use_id: string) => claude({ messages: [ask, { role: "assistant", content: calls }, { role: "user", content: [{ type: "tool_result", tool_use_id, content: "r" }] }] });

  test.each([
    ["chat", () => chatRound([call("a")], "a"), () => chatRound([call("a")], "b"), () => chatRound([call("a"), call("a")], "a")],
    ["Responses", () => itemRound([item("a")], "a"), () => itemRound([item("a")], "b"), () => itemRound([item("a"), item("a")], "a")],
    ["Messages", () => claudeRound([use("a")], "a"), () => claudeRound([use("a")], "b"), () => claudeRound([use("a"), use("a")], "a")],
  ])("%s: a result of no call, an id that comes twice", async (_name, fine, lost, twice) => expect([await fine(), await lost(), await twice()]).toEqual([200, 400, 400]));

  test("Gemini counts them", async () => {
    const round = (calls: number, results: number) =>
      gemini({
        contents: [
          { role: "user", parts: [{ text: "x" }] },
          { role: "model", parts: Array.from({ length: calls }, () => ({ functionCall: { name: "f", args: {} } })) },
          { role: "user", parts: Array.from({ length: results }, () => ({ functionResponse: { name: "f", response: {} } })) },
        ],
      });
    expect([await round(1, 1), await round(2, 2), await round(2, 1)]).toEqual([200, 200, 400]);
    expect(await gemini({ contents: [{ role: "user", parts: [{ functionResponse: { name: "f", response: {} } }] }] })).toBe(400);
  });
});

test("values of the wrong kind", async () => {
  expect(await chat({ tools: { a: 1 } })).toBe(400);
  expect([await chat({ stop: ["a", "b", "c", "d"] }), await chat({ stop: ["a", "b", "c", "d", "e"] })]).toEqual([200, 400]);
  expect(await claude({ temperature: "hot" })).toBe(400);
  expect([await gemini({ generationConfig: { temperature: "0.5" } }), await gemini({ generationConfig: { temperature: "hot" } }), await gemini({ generationConfig: { maxOutputTokens: 1.5 } })]).toEqual([200, 400, 400]);
});
