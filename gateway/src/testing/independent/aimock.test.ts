import { afterAll, describe, expect, test } from "bun:test";
import AnthropicNew from "@anthropic-ai/sdk";
import { type Content, FunctionCallingConfigMode, GoogleGenAI } from "@google/genai";
import { LLMock } from "@copilotkit/aimock";
import AnthropicOld from "anthropic-sdk-0";
import OpenAI from "openai";
import { testGateway } from "../gateway.ts";

/**
 * The gateway between the vendors' SDKs and a vendor played by somebody else: aimock (MIT) was written without knowing this project, from
 * the SDKs' types and recorded answers. It refuses every credential but the one that the channels hold.
 *
 * Where aimock 1.43.0 itself leaves the vendors' wire (found by asking it directly):
 *   OpenAI     usage has no `*_details`, even if the fixture gives them
 *   Anthropic  `message_start` already tells the final `output_tokens`; usage has no cache fields; no `/v1/messages/count_tokens`
 *   Gemini     a function call ends with `finishReason: "FUNCTION_CALL"` (vendor: `STOP`); an error's `status` is the fixture's `type`
 *              (vendor: a google.rpc code); streams are SSE with or without `alt=sse` (vendor without: a JSON array); no `/v1` routes,
 *              no `:countTokens`
 *   all        a refused credential and an unknown route answer in OpenAI's form
 */
const UPSTREAM_KEY = "sk-aimock-upstream-0123456789";
const mock = await LLMock.create({ port: 0, host: "127.0.0.1", strict: true, chunkSize: 12, auth: { apiKeys: [UPSTREAM_KEY] } });
afterAll(() => mock.stop());

const MODELS = { openai: "gpt-4.1-mini", anthropic: "claude-sonnet-5", gemini: "gemini-2.5-flash" };
type Vendor = keyof typeof MODELS;
/** The vendors' list prices of these models in nano-dollars per token, written out so that the shipped catalog is checked too. */
const PRICES = { openai: { input: 400, output: 1_600 }, anthropic: { input: 2_000, output: 10_000 }, gemini: { input: 300, output: 2_500 } };

const gateway = await testGateway((config) => {
  for (const vendor of Object.keys(MODELS) as Vendor[])
    config.channels.push({
      name: `aimock-${vendor}`, vendor, baseUrl: vendor === "openai" ? `${mock.url}/v1` : mock.url, credentials: [UPSTREAM_KEY],
      modelMapping: {}, priority: 0, weight: 1, timeouts: { firstByteMs: 5_000, idleMs: 5_000 }, enabled: true,
    });
});

const TEXT = "Hanoi lies on the Red River; its old quarter has thirty-six streets.";
const CITY = { city: "Hanoi — Hà Nội" };
const CITY_SCHEMA = { type: "object" as const, properties: { city: { type: "string" } }, required: ["city"] };

/** aimock gives usage only under the names of the vendor that is asked, so every fixture stands once per vendor. */
const usageOf = (vendor: Vendor, input: number, output: number): Record<string, number> =>
  ({
    openai: { prompt_tokens: input, completion_tokens: output },
    anthropic: { input_tokens: input, output_tokens: output },
    gemini: { promptTokenCount: input, candidatesTokenCount: output },
  })[vendor];
for (const vendor of Object.keys(MODELS) as Vendor[]) {
  const model = MODELS[vendor];
  mock.on({ model, userMessage: "tell me of Hanoi" }, { content: TEXT, usage: usageOf(vendor, 1_234, 567) });
  mock.on({ model, userMessage: "weather", hasToolResult: false }, { toolCalls: [{ name: "get_weather", arguments: JSON.stringify(CITY) }], usage: usageOf(vendor, 301, 23) });
  mock.on({ model, userMessage: "weather", hasToolResult: true }, { content: "31 degrees.", usage: usageOf(vendor, 345, 9) });
  // The pause lets each chunk leave before the connection is destroyed; without it the vendor would fail before its first byte.
  mock.on({ model, userMessage: "break off" }, { content: TEXT.repeat(5), usage: usageOf(vendor, 1_234, 567) }, { truncateAfterChunks: 4, latency: 20 });
  mock.on({ model, userMessage: "bad request" }, { error: { message: "the temperature is out of range", type: "invalid_request_error", code: "bad_temperature" }, status: 400 });
  mock.on({ model, userMessage: "too fast" }, { error: { message: "slow down", type: "rate_limit_error" }, status: 429, retryAfter: 7 });
}

type Caller = Awaited<ReturnType<typeof gateway.newCaller>>;
const callers: Caller[] = [];
async function newCaller(): Promise<Caller> {
  const who = await gateway.newCaller("10");
  callers.push(who);
  return who;
}
const openaiOf = (who: Caller): OpenAI => new OpenAI({ apiKey: who.apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
const geminiOf = (who: Caller): GoogleGenAI => new GoogleGenAI({ apiKey: who.apiKey, httpOptions: { baseUrl: gateway.url } });
const ANTHROPIC_SDKS = [["1.x", AnthropicNew], ["0.x", AnthropicOld as unknown as typeof AnthropicNew]] as const;

/** What the caller's rows and the ledger hold is exactly the tokens that aimock reported, at list price. */
async function expectBilled(who: Caller, vendor: Vendor, calls: readonly (readonly [input: number, output: number])[]): Promise<void> {
  const rows = await gateway.rows(who.userId, calls.length);
  expect(rows).toHaveLength(calls.length);
  for (const [index, [input, output]] of calls.entries()) {
    const row = rows[index];
    const nano = String(input * PRICES[vendor].input + output * PRICES[vendor].output);
    expect(row).toMatchObject({ status: 200, end_reason: "complete", channel: `aimock-${vendor}`, model: MODELS[vendor], estimated: false, anomaly: null, charge_nano: nano });
    expect(row?.usage).toMatchObject({ input, output });
    const moves = await gateway.db.selectFrom("ledger").select("amount_nano").where("ref", "=", row?.id ?? "").where("kind", "=", "charge").execute();
    expect(moves).toEqual([{ amount_nano: nano }]);
  }
}

async function expectFree(who: Caller, row: Record<string, unknown>): Promise<void> {
  const rows = await gateway.rows(who.userId);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ charge_nano: "0", ...row });
}

describe("openai", () => {
  const model = MODELS.openai;

  test("whole and streamed answers: the same text, billed as reported", async () => {
    const who = await newCaller();
    const messages = [{ role: "user" as const, content: "tell me of Hanoi" }];
    const whole = await openaiOf(who).chat.completions.create({ model, messages });
    expect(whole.choices[0]?.message.content).toBe(TEXT);
    expect(whole.usage).toMatchObject({ prompt_tokens: 1_234, completion_tokens: 567, total_tokens: 1_801 });

    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of await openaiOf(who).chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } })) chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(TEXT);
    expect(chunks.length).toBeGreaterThan(4);
    expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 1_234, completion_tokens: 567 });

    // Usage not asked for: aimock gives it because the gateway asks, and the caller sees none.
    const bare: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of await openaiOf(who).chat.completions.create({ model, messages, stream: true })) bare.push(chunk);
    expect(bare.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(TEXT);
    expect(bare.every((chunk) => chunk.choices.length === 1 && !chunk.usage)).toBe(true);
    await expectBilled(who, "openai", [[1_234, 567], [1_234, 567], [1_234, 567]]);
  });

  test("a tool call, streamed, and the answer to its result", async () => {
    const who = await newCaller();
    const tools = [{ type: "function" as const, function: { name: "get_weather", parameters: CITY_SCHEMA } }];
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "weather in Hanoi?" }];
    const first = await openaiOf(who).chat.completions.stream({ model, messages, tools }).finalChatCompletion();
    const call = first.choices[0]?.message.tool_calls?.[0];
    if (call?.type !== "function") throw new Error("no function call");
    expect(first.choices[0]?.finish_reason).toBe("tool_calls");
    expect(call.function.name).toBe("get_weather");
    expect(JSON.parse(call.function.arguments)).toEqual(CITY);
    const second = await openaiOf(who).chat.completions.create({
      model, tools,
      messages: [...messages, { role: "assistant", tool_calls: [{ id: call.id, type: "function", function: call.function }] }, { role: "tool", tool_call_id: call.id, content: "31" }],
    });
    expect(second.choices[0]?.message.content).toBe("31 degrees.");
    await expectBilled(who, "openai", [[301, 23], [345, 9]]);
  });

  test("a refusal keeps the vendor's words and costs nothing", async () => {
    const who = await newCaller();
    const refused = await openaiOf(who).chat.completions.create({ model, messages: [{ role: "user", content: "bad request" }] }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
    expect(refused).toMatchObject({ status: 400, code: "bad_temperature", type: "invalid_request_error" });
    expect(String(refused)).toContain("the temperature is out of range");
    await expectFree(who, { status: 400, end_reason: "upstream_error" });
  });
});

describe.each(ANTHROPIC_SDKS)("anthropic %s", (_version, Client) => {
  const model = MODELS.anthropic;
  const clientOf = (who: Caller) => new Client({ apiKey: who.apiKey, baseURL: gateway.url, maxRetries: 0 });

  test("whole and streamed answers: the same text, billed as reported", async () => {
    const who = await newCaller();
    const request = { model, max_tokens: 1_000, messages: [{ role: "user" as const, content: "tell me of Hanoi" }] };
    const whole = await clientOf(who).messages.create(request);
    expect(whole.content).toMatchObject([{ type: "text", text: TEXT }]);
    expect(whole.usage).toMatchObject({ input_tokens: 1_234, output_tokens: 567 });
    const stream = clientOf(who).messages.stream(request);
    let deltas = 0;
    stream.on("text", () => (deltas += 1));
    const streamed = await stream.finalMessage();
    expect(streamed.content).toMatchObject([{ type: "text", text: TEXT }]);
    expect(deltas).toBeGreaterThan(4);
    expect(streamed.usage).toMatchObject({ input_tokens: 1_234, output_tokens: 567 });
    await expectBilled(who, "anthropic", [[1_234, 567], [1_234, 567]]);
  });

  test("a tool call, streamed, and the answer to its result", async () => {
    const who = await newCaller();
    const tools = [{ name: "get_weather", input_schema: CITY_SCHEMA }];
    const question = { role: "user" as const, content: "weather in Hanoi?" };
    const first = await clientOf(who).messages.stream({ model, max_tokens: 100, tools, messages: [question] }).finalMessage();
    const call = first.content[0];
    if (call?.type !== "tool_use") throw new Error("no tool call");
    expect(first.stop_reason).toBe("tool_use");
    expect(call).toMatchObject({ name: "get_weather", input: CITY });
    const second = await clientOf(who).messages.create({
      model, max_tokens: 100, tools,
      messages: [question, { role: "assistant", content: [{ type: "tool_use", id: call.id, name: call.name, input: call.input }] }, { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "31" }] }],
    });
    expect(second.content).toMatchObject([{ type: "text", text: "31 degrees." }]);
    await expectBilled(who, "anthropic", [[301, 23], [345, 9]]);
  });

  test("a refusal keeps the vendor's words and costs nothing", async () => {
    const who = await newCaller();
    const refused = await clientOf(who).messages.create({ model, max_tokens: 100, messages: [{ role: "user", content: "bad request" }] }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Client.BadRequestError);
    expect(refused).toMatchObject({ status: 400, error: { type: "error", error: { type: "invalid_request_error", message: "the temperature is out of range" } } });
    await expectFree(who, { status: 400, end_reason: "upstream_error" });
  });

  test("count_tokens, which aimock lacks: our own count, marked as one, nothing charged, and messages go on", async () => {
    const messages = [{ role: "user" as const, content: "tell me of Hanoi" }];
    // The second time health knows already that nobody counts there.
    for (const _time of [1, 2]) {
      const who = await newCaller();
      const { data, response } = await clientOf(who).messages.countTokens({ model, messages }).withResponse();
      expect(data.input_tokens).toBeWithin(5, 20);
      expect(response.headers.get("x-yescale-estimated")).toBe("1");
      await expectFree(who, { status: 200, endpoint: "count_tokens", estimated: true });
    }
    // A server without token counting still serves the model: agents count before they ask.
    const next = await newCaller();
    expect((await clientOf(next).messages.create({ model, max_tokens: 1_000, messages })).content).toMatchObject([{ text: TEXT }]);
    await expectBilled(next, "anthropic", [[1_234, 567]]);
    gateway.channels.health.forget("file:aimock-anthropic");
  });
});

describe("google genai", () => {
  const model = MODELS.gemini;

  test("whole and streamed answers: the same text, billed as reported", async () => {
    const who = await newCaller();
    const request = { model, contents: "tell me of Hanoi" };
    const whole = await geminiOf(who).models.generateContent(request);
    expect(whole.text).toBe(TEXT);
    expect(whole.usageMetadata).toMatchObject({ promptTokenCount: 1_234, candidatesTokenCount: 567, totalTokenCount: 1_801 });
    const texts: string[] = [];
    for await (const chunk of await geminiOf(who).models.generateContentStream(request)) texts.push(chunk.text ?? "");
    expect(texts.join("")).toBe(TEXT);
    expect(texts.length).toBeGreaterThan(4);
    await expectBilled(who, "gemini", [[1_234, 567], [1_234, 567]]);
  });

  test("a function call, streamed, and the answer to its result", async () => {
    const who = await newCaller();
    const config = {
      tools: [{ functionDeclarations: [{ name: "get_weather", parametersJsonSchema: CITY_SCHEMA }] }],
      toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } },
    };
    const question: Content = { role: "user", parts: [{ text: "weather in Hanoi?" }] };
    const calls = [];
    for await (const chunk of await geminiOf(who).models.generateContentStream({ model, config, contents: [question] })) calls.push(...(chunk.functionCalls ?? []));
    expect(calls).toMatchObject([{ name: "get_weather", args: CITY }]);
    const second = await geminiOf(who).models.generateContent({
      model, config: { tools: config.tools },
      contents: [question, { role: "model", parts: [{ functionCall: { name: "get_weather", args: CITY } }] }, { role: "user", parts: [{ functionResponse: { name: "get_weather", response: { degrees: 31 } } }] }],
    });
    expect(second.text).toBe("31 degrees.");
    await expectBilled(who, "gemini", [[301, 23], [345, 9]]);
  });

  test("a refusal keeps the vendor's words and costs nothing", async () => {
    const who = await newCaller();
    const refused = await geminiOf(who).models.generateContent({ model, contents: "bad request" }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 400 });
    expect(String(refused)).toContain("the temperature is out of range");
    await expectFree(who, { status: 400, end_reason: "upstream_error" });
  });
});

describe("in every dialect", () => {
  const ask = (vendor: Vendor, prompt: string, stream: boolean, who: Caller): Promise<Response> => {
    const messages = [{ role: "user", content: prompt }];
    const [path, body] = {
      openai: ["/v1/chat/completions", { model: MODELS.openai, stream, messages }],
      anthropic: ["/v1/messages", { model: MODELS.anthropic, stream, max_tokens: 1_000, messages }],
      gemini: [`/v1beta/models/${MODELS.gemini}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`, { contents: [{ role: "user", parts: [{ text: prompt }] }] }],
    }[vendor] as [string, object];
    return fetch(`${gateway.url}${path}`, {
      method: "POST", body: JSON.stringify(body),
      headers: { "content-type": "application/json", authorization: `Bearer ${who.apiKey}`, "anthropic-version": "2023-06-01" },
    });
  };

  test.each(Object.keys(MODELS) as Vendor[])("%s: a connection lost in mid-stream ends with an error event and is billed by what arrived", async (vendor) => {
    const who = await newCaller();
    const response = await ask(vendor, "break off", true, who);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain("Hanoi");
    expect(text).toContain('"error"');
    expect(text).not.toContain("[DONE]");
    const [row] = await gateway.rows(who.userId);
    expect(row).toMatchObject({ end_reason: "upstream_cut", estimated: true });
    const charge = Number(row?.charge_nano);
    expect(charge).toBeGreaterThan(0);
    expect(charge).toBeLessThan(1_234 * PRICES[vendor].input + 567 * PRICES[vendor].output);
    gateway.channels.health.forget(`file:aimock-${vendor}`);
  });

  test.each(Object.keys(MODELS) as Vendor[])("%s: a rate limit is told on, with the vendor's Retry-After, and costs nothing", async (vendor) => {
    const who = await newCaller();
    const response = await ask(vendor, "too fast", false, who);
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("7");
    expect(await response.text()).not.toContain(mock.url);
    await expectFree(who, { status: 429 });
    gateway.channels.health.forget(`file:aimock-${vendor}`);
  });
});

test("aimock saw the vendors' own paths and nothing of the callers' credentials; the books balance", async () => {
  const requests = mock.getRequests();
  expect(new Set(requests.map((request) => request.path.split("?")[0]))).toEqual(
    new Set(["/v1/chat/completions", "/v1/messages", `/v1beta/models/${MODELS.gemini}:generateContent`, `/v1beta/models/${MODELS.gemini}:streamGenerateContent`]),
  );
  // aimock blanks `authorization` in its journal; but it let nothing through that bore another credential than its own.
  const sent = JSON.stringify(requests);
  for (const { apiKey } of callers) expect(sent).not.toContain(apiKey);
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});
