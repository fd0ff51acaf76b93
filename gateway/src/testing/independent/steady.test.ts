import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import OpenAI from "openai";
import { testGateway } from "../gateway.ts";
import { startSteady } from "./steady.ts";

/** What the gateway sends to OpenAI, checked by somebody else against the request schemas that OpenAI published (see the document's `x-provenance`). */
const steady = await startSteady(join(import.meta.dir, "openai-chat.openapi.json"));
afterAll(() => steady.stop());

const MAPPED = "gpt-4.1-nano";
const gateway = await testGateway((config) => {
  config.channels.push({
    name: "steady", vendor: "openai", baseUrl: steady.baseUrl, credentials: ["sk-steady-0123456789"], modelMapping: { [MAPPED]: "our-own-nano" },
    priority: 0, weight: 1, timeouts: { firstByteMs: 5_000, idleMs: 5_000 }, enabled: true,
  });
});
const caller = await gateway.newCaller("10");
const client = new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });

const model = "gpt-4.1-mini";
const question = { role: "user" as const, content: "What is the weather in Hanoi — Hà Nội? 🌦" };
const weather: OpenAI.ChatCompletionTool = {
  type: "function",
  function: { name: "get_weather", description: "Weather by city", strict: true, parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false } },
};
const PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const REQUESTS: Record<string, OpenAI.ChatCompletionCreateParamsNonStreaming> = {
  plain: { model, messages: [question] },
  options: {
    model, messages: [{ role: "developer", content: "Be brief." }, { role: "system", content: "Be kind." }, { ...question, name: "ann" }],
    temperature: 0.5, top_p: 0.9, n: 2, stop: ["END", "\n\n"], seed: 7, max_completion_tokens: 64, presence_penalty: -1, frequency_penalty: 1, logit_bias: { "50256": -100 },
    logprobs: true, top_logprobs: 3, metadata: { case: "options" }, user: "u-1", store: false, service_tier: "default", reasoning_effort: "low",
  },
  tools: { model, messages: [question], tools: [weather], tool_choice: { type: "function", function: { name: "get_weather" } }, parallel_tool_calls: false },
  "tool results": {
    model, tools: [weather], tool_choice: "auto",
    messages: [
      question,
      { role: "assistant", content: null, tool_calls: [{ id: "call_1", type: "function", function: { name: "get_weather", arguments: '{"city":"Hanoi"}' } }] },
      { role: "tool", tool_call_id: "call_1", content: "31" },
    ],
  },
  vision: {
    model,
    messages: [{ role: "user", content: [{ type: "text", text: "What is this?" }, { type: "image_url", image_url: { url: PIXEL, detail: "low" } }, { type: "image_url", image_url: { url: "https://example.com/cat.png" } }] }],
  },
  "audio and file": {
    model,
    messages: [{ role: "user", content: [{ type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } }, { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } }] }],
  },
  "structured output": {
    model, messages: [question],
    response_format: { type: "json_schema", json_schema: { name: "weather", strict: true, schema: { type: "object", properties: { degrees: { type: "number" } }, required: ["degrees"], additionalProperties: false } } },
  },
  "JSON mode": { model, messages: [question], response_format: { type: "json_object" } },
};

describe.each(Object.entries(REQUESTS))("%s", (_name, request) => {
  test("whole: steady finds nothing, and not a member was added or lost", async () => {
    steady.verdicts.length = 0;
    const answer = await client.chat.completions.create(request);
    expect(answer.choices[0]?.message.content).toBe("Accepted.");
    expect(steady.verdicts).toEqual([{ path: "/v1/chat/completions", valid: true, faults: [], body: request }]);
  });

  test("streamed: steady finds nothing, and only the request for usage was added", async () => {
    steady.verdicts.length = 0;
    let text = "";
    for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toBe("Accepted.");
    expect(steady.verdicts).toEqual([{ path: "/v1/chat/completions", valid: true, faults: [], body: { ...request, stream: true, stream_options: { include_usage: true } } }]);
  });
});

test.each([undefined, {}, { include_obfuscation: false }, { include_usage: false }, { include_usage: true }])("the caller's own stream_options %j stay valid", async (options) => {
  steady.verdicts.length = 0;
  for await (const chunk of await client.chat.completions.create({ model, messages: [question], stream: true, ...(options ? { stream_options: options } : {}) })) expect(chunk.object).toBe("chat.completion.chunk");
  expect(steady.verdicts).toMatchObject([{ valid: true, faults: [], body: { stream_options: { ...options, include_usage: true } } }]);
});

test("a mapped model name: the body stays valid and nothing but the name differs", async () => {
  steady.verdicts.length = 0;
  await client.chat.completions.create({ ...REQUESTS["tools"], model: MAPPED } as OpenAI.ChatCompletionCreateParamsNonStreaming);
  expect(steady.verdicts).toEqual([{ path: "/v1/chat/completions", valid: true, faults: [], body: { ...REQUESTS["tools"], model: "our-own-nano" } }]);
});

/** Bodies that the gateway passes on as they are, so that the vendor may say what is wrong. */
describe("the control: steady does complain", () => {
  test.each([
    ["a word for a number", { model, messages: [question], temperature: "hot" }, "E3008 body.temperature"],
    ["a tool without a name", { model, messages: [question], tools: [{ type: "function", function: { description: "?" } }] }, "E3007 body.tools.0.function"],
    ["an unknown role", { model, messages: [{ role: "narrator", content: "Once" }] }, "E3011 body.messages.0.role"],
    ["an image without an address", { model, messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] }, "body.messages.0"],
    ["a schema without a name", { model, messages: [question], response_format: { type: "json_schema", json_schema: { schema: {} } } }, "body.response_format"],
    ["a word for a switch, streamed", { model, messages: [question], stream: true, stream_options: { include_obfuscation: "yes" } }, "E3008 body.stream_options.include_obfuscation"],
  ])("%s", async (_name, body, fault) => {
    steady.verdicts.length = 0;
    const who = await gateway.newCaller("1");
    const refused = await new OpenAI({ apiKey: who.apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 }).post("/chat/completions", { body }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
    expect(steady.verdicts).toMatchObject([{ valid: false }]);
    expect(steady.verdicts[0]?.faults.join("\n")).toContain(fault);
    const [row] = await gateway.rows(who.userId);
    expect(row).toMatchObject({ status: 400, charge_nano: "0" });
  });
});

test("every accepted answer was billed by the usage in it", async () => {
  const rows = await gateway.rows(caller.userId, 2 * Object.keys(REQUESTS).length + 6);
  expect(rows).toHaveLength(2 * Object.keys(REQUESTS).length + 6);
  for (const row of rows) {
    expect(row).toMatchObject({ status: 200, end_reason: "complete", channel: "steady", estimated: false });
    expect(row.usage).toMatchObject({ input: 21, output: 7 });
  }
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});
