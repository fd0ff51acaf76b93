import { describe, expect, test } from "bun:test";
import AnthropicOld from "anthropic-sdk-0";
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { KEYS } from "../../../simulators/src/vendors/bedrock/signature.ts";
import { testGateway } from "../testing/gateway.ts";

/** Token counts in every dialect for every vendor's models, by the vendors' own counters. */
const gateway = await testGateway((config, sandboxUrl) => {
  config.vendors["bedrock"] = { credential: `${Object.keys(KEYS)[0]}:${Object.values(KEYS)[0]}`, baseUrl: `${sandboxUrl}/bedrock` };
  const channel = { modelMapping: {}, priority: 50, weight: 1, timeouts: {}, enabled: true };
  // Those of Azure and Vertex stand in the place of the accounts that the sandbox would have had.
  for (const vendor of ["openai", "gemini"]) config.channels.push({ ...channel, priority: 10, name: vendor, vendor, baseUrl: `${sandboxUrl}/${vendor}`, credentials: [`sk-${vendor}-0123456789`], ...(vendor === "openai" ? { models: ["gpt-4.1-mini"] } : {}) });
  config.channels.push({ ...channel, name: "vertex", vendor: "vertex", baseUrl: `${sandboxUrl}/vertex/v1/projects/acme/locations/us-central1`, credentials: ["ya-vertex-0123456789"], models: ["gemini-2.5-pro"] });
  config.channels.push({ ...channel, name: "azure", vendor: "azure", baseUrl: `${sandboxUrl}/azure`, credentials: ["azure-0123456789"], models: ["gpt-4.1"] });
  config.channels.push({ ...channel, name: "azure dated", vendor: "azure", baseUrl: `${sandboxUrl}/azure?api-version=2025-04-01-preview`, credentials: ["azure-0123456780"], models: ["gpt-4o"] });
});
const caller = await gateway.newCaller("10");
const { apiKey } = caller;

/** A model of each vendor, and where it counts. */
const MODELS: [string, RegExp][] = [
  ["gpt-4.1-mini", /^\/v1\/responses\/input_tokens$/],
  ["claude-sonnet-4-5", /^\/v1\/messages\/count_tokens$/],
  ["gemini-2.5-flash", /^\/v1beta\/models\/gemini-2\.5-flash:countTokens$/],
  ["gemini-2.5-pro", /^\/v1\/projects\/acme\/locations\/us-central1\/publishers\/google\/models\/gemini-2\.5-pro:countTokens$/],
  ["global.anthropic.claude-sonnet-4-5-20250929-v1:0", /^\/model\/anthropic\.claude-sonnet-4-5-20250929-v1%3A0\/count-tokens$/],
];
const TEXT = "Count to 7, and then tell me of Hanoi.";
const SYSTEM = "You are a pirate with a wooden leg, and speak accordingly.";
const PARAMETERS = { type: "object" as const, properties: { city: { type: "string", description: "a city of the world" } }, required: ["city"] };

/** Counts with the dialect's SDK: the text alone, or with system text and a tool where the SDK lets callers say them. */
const DIALECTS: Record<string, (model: string, full: boolean) => Promise<number | undefined>> = {
  async anthropic(model, full) {
    const client = new Anthropic({ apiKey, baseURL: gateway.url, maxRetries: 0 });
    const more = full ? { system: SYSTEM, tools: [{ name: "get_weather", input_schema: PARAMETERS }] } : {};
    return (await client.messages.countTokens({ model, messages: [{ role: "user", content: TEXT }], ...more })).input_tokens;
  },
  async "anthropic 0.x"(model, full) {
    const client = new AnthropicOld({ apiKey, baseURL: gateway.url, maxRetries: 0 });
    return (await client.messages.countTokens({ model, messages: [{ role: "user", content: TEXT }], ...(full ? { system: SYSTEM } : {}) })).input_tokens;
  },
  async gemini(model, full) {
    if (!full) return (await new GoogleGenAI({ apiKey, httpOptions: { baseUrl: gateway.url } }).models.countTokens({ model, contents: TEXT })).totalTokens;
    // The SDK refuses system text for this API; its wire takes it (https://ai.google.dev/api/tokens).
    const question = { generateContentRequest: { model: `models/${model}`, contents: [{ role: "user", parts: [{ text: TEXT }] }], systemInstruction: { parts: [{ text: SYSTEM }] } } };
    const response = await fetch(`${gateway.url}/v1beta/models/${model}:countTokens`, { method: "POST", headers: { "x-goog-api-key": apiKey, "content-type": "application/json" }, body: JSON.stringify(question) });
    return ((await response.json()) as { totalTokens: number }).totalTokens;
  },
  async openai(model, full) {
    const client = new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const more = full ? { instructions: SYSTEM, tools: [{ type: "function" as const, name: "get_weather", parameters: PARAMETERS, strict: false }] } : {};
    return (await client.responses.inputTokens.count({ model, input: TEXT, ...more })).input_tokens;
  },
};

describe.each(Object.keys(DIALECTS))("S27: %s", (dialect) => {
  const count = DIALECTS[dialect] as (typeof DIALECTS)[string];
  test.each(MODELS)("of %s: the vendor's own number, asked for where it counts and nowhere else, free", async (model, path) => {
    gateway.sandbox.reset();
    const plain = await count(model, false);
    expect(plain).toBeGreaterThan(5);
    const full = await count(model, true);
    expect(full).toBeGreaterThan((plain ?? 0) + 10);
    const seen = gateway.seen();
    expect(seen).toHaveLength(2);
    for (const [index, { path: asked, answer }] of seen.entries()) {
      expect(asked).toMatch(path);
      const said = JSON.parse(Buffer.from(answer.base64, "base64").toString()) as Record<string, number>;
      expect(said["input_tokens"] ?? said["totalTokens"] ?? said["inputTokens"]).toBe([plain, full][index] ?? -1);
    }
  });
});

/** Azure has no such address (https://learn.microsoft.com/answers/questions/5889782). */
test.each([["gpt-4.1", "/openai/v1/responses/input_tokens"], ["gpt-4o", "/openai/responses/input_tokens?api-version=2025-04-01-preview"]])("of %s on Azure: estimated, and marked so", async (model, path) => {
  for (const [address, body] of [["/v1/responses/input_tokens", { model, input: TEXT }], ["/v1/messages/count_tokens", { model, messages: [{ role: "user", content: TEXT }] }]] as const) {
    gateway.sandbox.reset();
    const response = await fetch(`${gateway.url}${address}`, { method: "POST", headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" }, body: JSON.stringify(body) });
    expect([response.status, response.headers.get("x-yescale-estimated")]).toEqual([200, "1"]);
    expect(((await response.json()) as { input_tokens: number }).input_tokens).toBeGreaterThan(5);
    expect(gateway.seen()[0]?.path).toBe(path);
  }
});

test("what Bedrock does not count is estimated, and marked so", async () => {
  const response = await fetch(`${gateway.url}/v1/messages/count_tokens`, { method: "POST", headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" }, body: JSON.stringify({ model: "amazon.nova-pro-v1:0", messages: [{ role: "user", content: TEXT }] }) });
  expect([response.status, response.headers.get("x-yescale-estimated")]).toEqual([200, "1"]);
  expect(gateway.seen().at(-1)?.path).toBe("/model/amazon.nova-pro-v1%3A0/count-tokens");
});

describe("bad input", () => {
  const post = async (path: string, body: object) => {
    const response = await fetch(`${gateway.url}${path}`, { method: "POST", headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" }, body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as unknown, estimated: response.headers.get("x-yescale-estimated") };
  };

  test.each([
    ["no messages", "/v1/messages/count_tokens", { model: "gpt-4.1-mini" }, { type: "error", error: { type: "invalid_request_error" } }],
    ["a role nobody has", "/v1/messages/count_tokens", { model: "gpt-4.1-mini", messages: [{ role: "wizard", content: "x" }] }, { type: "error", error: { type: "invalid_request_error" } }],
    ["no contents", "/v1beta/models/claude-sonnet-4-5:countTokens", {}, { error: { status: "INVALID_ARGUMENT" } }],
    ["contents of a wrong type inside", "/v1beta/models/claude-sonnet-4-5:countTokens", { generateContentRequest: { contents: 7 } }, { error: { status: "INVALID_ARGUMENT" } }],
    ["no input", "/v1/responses/input_tokens", { model: "gemini-2.5-flash" }, { error: { type: "invalid_request_error" } }],
    ["no model", "/v1/responses/input_tokens", { input: "x" }, { error: { code: "missing_model" } }],
  ])("%s", async (_name, path, body, expected) => {
    const answer = await post(path, body);
    expect(answer).toMatchObject({ status: 400, body: expected, estimated: null });
  });

  test("a model that nobody knows is not estimated", async () => {
    expect(await post("/v1/messages/count_tokens", { model: "gpt-none", messages: [{ role: "user", content: "x" }] })).toMatchObject({ status: 404, estimated: null });
  });

  test("the tokens of a conversation that is kept here count its earlier turns", async () => {
    const client = new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    for (const [model] of MODELS) {
      const first = await client.responses.create({ model, input: TEXT });
      const alone = await client.responses.inputTokens.count({ model, input: "Go on." });
      const after = await client.responses.inputTokens.count({ model, input: "Go on.", previous_response_id: first.id });
      expect(after.input_tokens).toBeGreaterThan(alone.input_tokens + 10);
    }
  });
});
