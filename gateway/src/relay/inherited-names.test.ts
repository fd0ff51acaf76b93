import { expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";

/** Words that name a member of every JavaScript object, wherever a caller can put one: answered as any other unknown word is, never an error of ours, and no fault of the channel's. */
const gateway = await testGateway();
const caller = await gateway.newCaller("10");
const WORDS = ["constructor", "toString", "hasOwnProperty", "__proto__"];
const MESSAGES = [{ role: "user", content: "hi" }];
const F = { type: "object", properties: { a: { type: "string" } } };

const CASES: [name: string, path: string, body: (word: string) => string][] = [
  ["a member of chat", "/v1/chat/completions", (word) => `{"model":"claude-sonnet-4-5","messages":${JSON.stringify(MESSAGES)},"${word}":1}`],
  ["a member of messages", "/v1/messages", (word) => `{"model":"gpt-4.1-mini","max_tokens":10,"messages":${JSON.stringify(MESSAGES)},"${word}":1}`],
  ["a member of Responses", "/v1/responses", (word) => `{"model":"claude-sonnet-4-5","input":"hi","${word}":1}`],
  ["a member of completions", "/v1/completions", (word) => `{"model":"claude-sonnet-4-5","prompt":"hi","${word}":1}`],
  ["a setting of Gemini's", "/v1beta/models/gpt-4.1-mini:generateContent", (word) => `{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"${word}":1}}`],
  ["a tool of Responses", "/v1/responses", (word) => JSON.stringify({ model: "claude-sonnet-4-5", input: "hi", tools: [{ type: word }] })],
  ["a tool of chat", "/v1/chat/completions", (word) => JSON.stringify({ model: "gemini-2.5-flash", messages: MESSAGES, tools: [{ type: word }] })],
  ["a tool of messages", "/v1/messages", (word) => JSON.stringify({ model: "gpt-4.1-mini", max_tokens: 10, messages: MESSAGES, tools: [{ type: word, name: "x" }] })],
  ["a function's name, and its choice", "/v1/responses", (word) => JSON.stringify({ model: "gemini-2.5-flash", input: "hi", tools: [{ type: "function", name: word, parameters: F }], tool_choice: { type: "function", name: word } })],
  ["a member of a schema", "/v1/messages", (word) => `{"model":"gemini-2.5-flash","max_tokens":10,"messages":${JSON.stringify(MESSAGES)},"tools":[{"name":"f","input_schema":{"type":"object","${word}":1,"properties":{"${word}":{"type":"${word}","format":"${word}"}}}}]}`],
  ["a tier", "/v1/chat/completions", (word) => JSON.stringify({ model: "claude-sonnet-4-5", messages: MESSAGES, service_tier: word })],
  ["a quality of a picture", "/v1/images/generations", (word) => JSON.stringify({ model: "gpt-image-1", prompt: "x", quality: word })],
  ["a voice", "/v1/audio/speech", (word) => JSON.stringify({ model: "gemini-2.5-flash-preview-tts", input: "hi", voice: word })],
  ["a verb of Gemini's", "/v1beta/models/gemini-2.5-flash:", () => `{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}`],
];

test.each(CASES)("%s", async (name, path, body) => {
  for (const word of WORDS) {
    const address = path.endsWith(":") ? path + word : path;
    const response = await fetch(`${gateway.url}${address}`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body: body(word) });
    expect([name, word, response.status, response.status < 500 ? "" : await response.text()]).toEqual([name, word, expect.any(Number), ""]);
  }
});

test("no channel was blamed, and whatever was answered is charged as it should be", async () => {
  expect(gateway.channels.health.openCircuits()).toEqual([]);
  for (const row of await gateway.rows(caller.userId, 0)) if (row.status !== 200) expect(row.charge_nano).toBe("0");
  expect(await gateway.checkMoney()).toMatchObject({ wrongBalances: [], wrongCharges: [] });
});
