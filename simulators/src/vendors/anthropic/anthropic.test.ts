import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import AnthropicOld from "anthropic-sdk-0";
import { startSandbox, type Sandbox } from "../../server.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => Date.UTC(2026, 0, 1) });
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

const options = () => ({ baseURL: `${sandbox.url}/anthropic`, apiKey: "sk-ant-test-1", maxRetries: 0 });
const model = "claude-sonnet-5";
const user = (content: string) => [{ role: "user" as const, content }];
const weather = {
  name: "get_weather",
  input_schema: {
    type: "object" as const,
    properties: { city: { type: "string" }, days: { type: "integer" } },
    required: ["city"],
  },
};

// the newest SDK speaks 2026-10-21, the older one 2023-06-01; both have the same methods for what is tested here
const generations: [string, () => Anthropic][] = [
  ["2026-10-21", () => new Anthropic(options())],
  ["2023-06-01", () => new AnthropicOld(options()) as unknown as Anthropic],
];

describe.each(generations)("header generation %s", (version, make) => {
  test("sends its version and credential", async () => {
    await make().messages.create({ model, max_tokens: 10, messages: user("hi") });
    const headers = new Headers(sandbox.requests()[0]?.["headers"] as [string, string][]);
    expect(headers.get("anthropic-version")).toBe(version);
    expect(headers.get(version === "2026-10-21" ? "authorization" : "x-api-key")).toContain("sk-ant-test-1");
  });

  test("whole and streamed answers agree in text and usage", async () => {
    const body = { model, max_tokens: 500, messages: user("count to 20") };
    const whole = await make().messages.create(body);
    let deltas = 0;
    const stream = make().messages.stream(body);
    for await (const event of stream) if (event.type === "content_block_delta") deltas += 1;
    const final = await stream.finalMessage();
    expect<unknown>(final.content).toEqual(whole.content);
    expect(final.usage).toEqual(whole.usage);
    expect(whole.content).toMatchObject([
      { type: "text", text: Array.from({ length: 20 }, (_, index) => index + 1).join(", ") },
    ]);
    expect([whole.stop_reason, deltas]).toEqual(["end_turn", whole.usage.output_tokens]);
  });

  test("max_tokens and stop_sequences", async () => {
    const cut = await make().messages.create({ model, max_tokens: 3, messages: user("write 9 words") });
    expect([cut.stop_reason, cut.usage.output_tokens]).toEqual(["max_tokens", 3]);
    const stopped = await make().messages.create({
      model,
      max_tokens: 99,
      messages: user("count to 9"),
      stop_sequences: ["5"],
    });
    expect([stopped.stop_reason, stopped.stop_sequence]).toEqual(["stop_sequence", "5"]);
  });

  test("tools: a round trip, whole and as a stream", async () => {
    const messages = user("Please get_weather for Lima, Rome and Oslo");
    const body = { model, max_tokens: 500, messages, tools: [weather] };
    const whole = await make().messages.create(body);
    const final = await make().messages.stream(body).finalMessage();
    expect(whole.stop_reason).toBe("tool_use");
    const uses = whole.content.flatMap((block) => (block.type === "tool_use" ? [block] : []));
    expect(uses.map((use) => use.input)).toEqual([
      { city: "Lima", days: 1 },
      { city: "Rome", days: 1 },
      { city: "Oslo", days: 1 },
    ]);
    expect(final.content.flatMap((block) => (block.type === "tool_use" ? [block.input] : []))).toEqual(
      uses.map((use) => use.input),
    );
    expect(final.usage).toEqual(whole.usage);
    const results = uses.map((use, index) => ({
      type: "tool_result" as const,
      tool_use_id: use.id,
      content: `${index}°`,
    }));
    const answer = await make().messages.create({
      ...body,
      messages: [...messages, { role: "assistant", content: uses }, { role: "user", content: results }],
    });
    expect(answer.content).toMatchObject([
      { type: "text", text: "get_weather answered: 0°\nget_weather answered: 1°\nget_weather answered: 2°" },
    ]);
    const one = await make().messages.create({
      ...body,
      tool_choice: { type: "any", disable_parallel_tool_use: true },
    });
    expect(one.content).toHaveLength(1);
    expect((await make().messages.create({ ...body, tool_choice: { type: "none" } })).stop_reason).toBe(
      "end_turn",
    );
  });

  test.each([
    [{ type: "enabled" as const, budget_tokens: 1024 }, 64],
    [{ type: "adaptive" as const }, 64],
    [{ type: "adaptive" as const, display: "omitted" as const }, 64],
  ])("thinking %p", async (thinking, tokens) => {
    const body = { model, max_tokens: 5000, messages: user("say done"), thinking };
    const whole = await make().messages.create(body);
    const kinds: string[] = [];
    const stream = make().messages.stream(body);
    for await (const event of stream)
      if (event.type === "content_block_delta" && kinds.at(-1) !== event.delta.type)
        kinds.push(event.delta.type);
    expect(whole.content.map((block) => block.type)).toEqual(["thinking", "text"]);
    expect(whole.usage.output_tokens_details?.thinking_tokens).toBe(tokens);
    expect(whole.usage.output_tokens).toBe(tokens + 1);
    expect(kinds).toEqual([
      ...("display" in thinking ? [] : ["thinking_delta"]),
      "signature_delta",
      "text_delta",
    ]);
    const final = await stream.finalMessage();
    expect(final.usage).toEqual(whole.usage);
    expect(final.content.map((block) => (block.type === "thinking" ? block.thinking : ""))).toEqual(
      whole.content.map((block) => (block.type === "thinking" ? block.thinking : "")),
    );
  });

  test("the vendor's own search: its call, what it found and the citation, whole and as a stream; counted apart", async () => {
    const body = { model, max_tokens: 500, messages: user("search the web for stones"), tools: [{ type: "web_search_20250305" as const, name: "web_search" as const }] };
    const whole = await make().messages.create(body);
    expect(whole.content.map(({ type }) => type)).toEqual(["server_tool_use", "web_search_tool_result", "text"]);
    expect(whole.usage.server_tool_use?.web_search_requests).toBe(1);
    const final = await make().messages.stream(body).finalMessage();
    expect(final.content[0]).toMatchObject({ type: "server_tool_use", name: "web_search", input: { query: "search the web for stones" } });
    expect(final.content[1]).toMatchObject({ type: "web_search_tool_result", content: [{ url: "https://example.com/found" }] });
    expect(final.content[2]).toMatchObject({ type: "text", citations: [{ type: "web_search_result_location", url: "https://example.com/found" }] });
    expect(final.usage.server_tool_use?.web_search_requests).toBe(1);
    const { usage, content } = await make().messages.create({ ...body, messages: user("hi") });
    expect([usage.server_tool_use, content.map(({ type }) => type)]).toEqual([null, ["text"]]);
  });

  test("pictures, structured output, token counts", async () => {
    const image = {
      type: "image" as const,
      source: { type: "base64" as const, media_type: "image/png" as const, data: "iVBORw0KGgo=" },
    };
    const messages = [
      { role: "user" as const, content: [image, { type: "text" as const, text: "What is it?" }] },
    ];
    const seen = await make().messages.create({ model, max_tokens: 99, messages });
    expect(seen.content).toMatchObject([{ text: expect.stringContaining("picture") }]);
    expect((await make().messages.countTokens({ model, messages })).input_tokens).toBe(
      seen.usage.input_tokens,
    );
    const schema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
    const made = await make().messages.create({
      model,
      max_tokens: 99,
      messages: user("Hello for Anna"),
      output_config: { format: { type: "json_schema", schema } },
    });
    expect(made.content).toMatchObject([{ text: '{"name":"Anna"}' }]);
  });

  test("cache: written first, read afterwards, split by life", async () => {
    const long = "river ".repeat(2000);
    const ask = (question: string) =>
      make().messages.create({
        model,
        max_tokens: 99,
        system: [
          { type: "text", text: long, cache_control: { type: "ephemeral", ttl: "1h" } },
          { type: "text", text: "short rules", cache_control: { type: "ephemeral" } },
        ],
        messages: user(question),
      });
    const [first, second] = [await ask("one"), await ask("two")];
    expect(first.usage).toMatchObject({
      cache_creation_input_tokens: 2003,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_1h_input_tokens: 2001, ephemeral_5m_input_tokens: 2 },
    });
    expect(second.usage).toMatchObject({
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 2003,
      input_tokens: 4,
    });
  });

  test("models: list over pages, get", async () => {
    const ids: string[] = [];
    for await (const one of make().models.list({ limit: 2 })) ids.push(one.id);
    expect(ids).toHaveLength(6);
    expect((await make().models.retrieve(ids[0] ?? "")).type).toBe("model");
  });

  test("error classes and bodies", async () => {
    const error = await make()
      .messages.create({ model: "claude-nonexistent", max_tokens: 9, messages: user("x") })
      .catch((e: unknown) => e);
    expect(error).toMatchObject({
      status: 404,
      type: "not_found_error",
      error: { type: "error", error: { message: "model: claude-nonexistent" } },
    });
    expect((error as { requestID: string }).requestID).toBe(
      (error as { error: { request_id: string } }).error.request_id,
    );
    const bad = (extra: object) =>
      make()
        .messages.create({ model, max_tokens: 2000, messages: user("x"), ...extra })
        .catch((e: unknown) => e);
    expect(await bad({ max_tokens: undefined })).toMatchObject({
      status: 400,
      error: { error: { message: "max_tokens: Field required" } },
    });
    expect(await bad({ thinking: { type: "enabled", budget_tokens: 10 } })).toMatchObject({ status: 400 });
    expect(await bad({ messages: [] })).toMatchObject({ status: 400 });
  });
});

test("keys, versions and beta paths on bare HTTP", async () => {
  const post = (headers: Record<string, string>, query = "") =>
    fetch(`${sandbox.url}/anthropic/v1/messages${query}`, {
      method: "POST",
      headers,
      body: JSON.stringify({ model, max_tokens: 9, messages: user("hi") }),
    });
  const key = { "x-api-key": "sk-ant-1234" };
  expect((await post({ ...key, "anthropic-version": "2023-06-01" }, "?beta=true")).status).toBe(200);
  const missing = await post(key);
  expect([missing.status, ((await missing.json()) as { error: object }).error]).toEqual([
    400,
    { type: "invalid_request_error", message: "anthropic-version: header is required" },
  ]);
  expect(missing.headers.get("request-id")).toStartWith("req_");
  expect((await post({ "anthropic-version": "2023-06-01" })).status).toBe(401);
  expect((await post({ "x-api-key": "nonsense", "anthropic-version": "2023-06-01" })).status).toBe(401);
});
