import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { startSandbox, type Sandbox } from "../../server.ts";

let sandbox: Sandbox;
let client: OpenAI;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => Date.UTC(2026, 0, 1) });
  client = new OpenAI({ baseURL: `${sandbox.url}/openai/v1`, apiKey: "sk-test-1", maxRetries: 0 });
});
afterAll(() => sandbox.stop());

const user = (content: string) => [{ role: "user" as const, content }];
const weather = {
  type: "function" as const,
  function: {
    name: "get_weather",
    parameters: {
      type: "object",
      properties: {
        city: { type: "string" },
        days: { type: "integer", minimum: 1, maximum: 7 },
        unit: { type: "string", enum: ["c", "f"] },
      },
      required: ["city", "unit"],
    },
  },
};

async function streamed(body: Omit<OpenAI.ChatCompletionCreateParamsStreaming, "stream">) {
  let [text, deltas, usage, finish] = ["", 0, null as OpenAI.CompletionUsage | null, null as string | null];
  for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) {
    const [choice] = chunk.choices;
    text += choice?.delta.content ?? "";
    if (choice?.delta.content) deltas += 1;
    finish ??= choice?.finish_reason ?? null;
    usage = chunk.usage ?? usage;
  }
  return { text, deltas, usage, finish };
}

describe("chat", () => {
  test.each([
    ["say Good morning", "Good morning"],
    ["repeat: a  b\nc", "a  b\nc"],
    ["count to 5", "1, 2, 3, 4, 5"],
    ["What is 12 * 4?", "The answer is 48."],
    ["Hello!", "Hello! How can I help you today?"],
  ])("%p is answered by %p, whole and as a stream, with the same usage", async (prompt, answer) => {
    const whole = await client.chat.completions.create({ model: "gpt-4o", messages: user(prompt) });
    expect(whole.choices[0]?.message.content).toBe(answer);
    expect(whole.choices[0]?.finish_reason).toBe("stop");
    const stream = await streamed({
      model: "gpt-4o",
      messages: user(prompt),
      stream_options: { include_usage: true },
    });
    expect(stream.text).toBe(answer);
    expect(stream.usage).toEqual(whole.usage ?? null);
    expect(stream.deltas).toBe(whole.usage?.completion_tokens ?? -1);
  });

  test("usage comes only when asked for, and then every other chunk carries null", async () => {
    const raw = async (options: object) =>
      (
        await client.chat.completions
          .create({ model: "gpt-4o", messages: user("say a b"), stream: true, ...options })
          .asResponse()
      ).text();
    expect(await raw({})).not.toContain("usage");
    const lines = (await raw({ stream_options: { include_usage: true } })).trim().split("\n\n");
    expect(lines.at(-1)).toBe("data: [DONE]");
    expect(lines.at(-2)).toContain('"choices":[],"usage":{"prompt_tokens"');
    expect(lines.slice(0, -2).every((line) => line.endsWith(',"usage":null}'))).toBe(true);
    expect(lines[0]).toContain('"role":"assistant"');
  });

  test("max tokens, stop texts, n and words", async () => {
    const cut = await client.chat.completions.create({
      model: "gpt-4o",
      messages: user("write 50 words"),
      max_tokens: 7,
    });
    expect([cut.choices[0]?.finish_reason, cut.usage?.completion_tokens]).toEqual(["length", 7]);
    const stopped = await client.chat.completions.create({
      model: "gpt-4o",
      messages: user("count to 9"),
      stop: ["4"],
    });
    expect(stopped.choices[0]?.message.content).toBe("1, 2, 3, ");
    const many = await client.chat.completions.create({
      model: "gpt-4o",
      messages: user("Tell me about rivers"),
      n: 3,
    });
    expect(new Set(many.choices.map((choice) => choice.message.content)).size).toBe(3);
    const long = await streamed({
      model: "gpt-4o",
      messages: user("write 2000 words"),
      stream_options: { include_usage: true },
    });
    expect([long.deltas, long.usage?.completion_tokens, long.text.split(" ").length]).toEqual([
      2000, 2000, 2000,
    ]);
  });

  test("the stream helper assembles several choices", async () => {
    const stream = client.chat.completions.stream({ model: "gpt-4o", messages: user("say so"), n: 2 });
    const { choices } = await stream.finalChatCompletion();
    expect(choices.map((choice) => choice.message.content)).toEqual(["so", "so (alternative 2)"]);
  });

  test("reasoning models think, are billed for it, and refuse max_tokens", async () => {
    const answer = await client.chat.completions.create({
      model: "gpt-5-mini",
      messages: user("say yes"),
      reasoning_effort: "low",
    });
    expect(answer.usage?.completion_tokens_details?.reasoning_tokens).toBe(32);
    expect(answer.usage?.completion_tokens).toBe(33);
    const error = await client.chat.completions
      .create({ model: "o3", messages: user("x"), max_tokens: 5 })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ param: "max_tokens", code: "unsupported_parameter" });
  });

  test("pictures and sound are counted and mentioned", async () => {
    const ask = (parts: OpenAI.ChatCompletionContentPart[]) =>
      client.chat.completions.create({
        model: "gpt-4o",
        messages: [{ role: "user", content: [{ type: "text", text: "What is this?" }, ...parts] }],
      });
    const plain = await ask([]);
    const seen = await ask([
      { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=", detail: "low" } },
    ]);
    expect(seen.choices[0]?.message.content).toContain("picture");
    expect((seen.usage?.prompt_tokens ?? 0) - (plain.usage?.prompt_tokens ?? 0)).toBe(85);
    const heard = await ask([
      { type: "input_audio", input_audio: { data: "A".repeat(8532), format: "wav" } },
    ]);
    expect(heard.usage?.prompt_tokens_details?.audio_tokens).toBe(2);
    const spoken = await client.chat.completions.create({
      model: "gpt-4o-audio-preview",
      messages: user("say hi there"),
      modalities: ["text", "audio"],
      audio: { voice: "alloy", format: "wav" },
    });
    expect(spoken.choices[0]?.message.audio?.transcript).toBe("hi there");
    expect(spoken.usage?.completion_tokens_details?.audio_tokens).toBe(8);
  });

  test("a long prompt's repeated prefix is reported as cached", async () => {
    const ask = (end: string) =>
      client.chat.completions.create({ model: "gpt-4.1", messages: user(`${"river ".repeat(1500)}${end}`) });
    expect((await ask("first")).usage?.prompt_tokens_details?.cached_tokens).toBe(0);
    expect((await ask("second")).usage?.prompt_tokens_details?.cached_tokens).toBe(1408);
  });

  test("log probabilities", async () => {
    const answer = await client.chat.completions.create({
      model: "gpt-4o",
      messages: user("say a b"),
      logprobs: true,
      top_logprobs: 2,
      seed: 7,
    });
    expect(answer.choices[0]?.logprobs?.content?.map((one) => [one.token, one.top_logprobs.length])).toEqual([
      ["a", 2],
      [" b", 2],
    ]);
  });
});

describe("tools", () => {
  test("a round trip, whole and as a stream", async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = user("Use get_weather for Paris and Oslo");
    const whole = await client.chat.completions.create({ model: "gpt-4o", messages, tools: [weather] });
    const calls = whole.choices[0]?.message.tool_calls ?? [];
    expect(whole.choices[0]?.finish_reason).toBe("tool_calls");
    expect(
      calls.map((call) => (call.type === "function" ? JSON.parse(call.function.arguments) : null)),
    ).toEqual([
      { city: "Paris", days: 1, unit: "c" },
      { city: "Oslo", days: 1, unit: "c" },
    ]);
    const final = await client.chat.completions
      .stream({ model: "gpt-4o", messages, tools: [weather] })
      .finalChatCompletion();
    expect(
      final.choices[0]?.message.tool_calls?.map((call) =>
        call.type === "function" ? call.function.arguments : "",
      ),
    ).toEqual(calls.map((call) => (call.type === "function" ? call.function.arguments : "")));
    const results = calls.map((call, index) => ({
      role: "tool" as const,
      tool_call_id: call.id,
      content: `${20 + index} degrees`,
    }));
    const answer = await client.chat.completions.create({
      model: "gpt-4o",
      messages: [...messages, { role: "assistant", tool_calls: calls }, ...results],
      tools: [weather],
    });
    expect(answer.choices[0]?.message.content).toBe(
      "get_weather answered: 20 degrees\nget_weather answered: 21 degrees",
    );
  });

  test("tool_choice none, required and named; parallel off; legacy functions", async () => {
    const ask = (extra: object, content = "get_weather in Rome and Oslo") =>
      client.chat.completions.create({
        model: "gpt-4o",
        messages: user(content),
        tools: [weather],
        ...extra,
      });
    expect((await ask({ tool_choice: "none" })).choices[0]?.message.tool_calls).toBeUndefined();
    expect((await ask({ tool_choice: "required" }, "hi")).choices[0]?.finish_reason).toBe("tool_calls");
    expect(
      (await ask({ tool_choice: { type: "function", function: { name: "get_weather" } } }, "hi")).choices[0]
        ?.finish_reason,
    ).toBe("stop");
    expect((await ask({ parallel_tool_calls: false })).choices[0]?.message.tool_calls).toHaveLength(1);
    const legacy = await client.chat.completions.create({
      model: "gpt-4o",
      messages: user("get_weather in Rome"),
      functions: [weather.function],
    });
    expect(legacy.choices[0]?.finish_reason).toBe("function_call");
    expect(JSON.parse(legacy.choices[0]?.message.function_call?.arguments ?? "")).toMatchObject({
      city: "Rome",
    });
  });
});

test("structured output satisfies its schema", async () => {
  const schema = {
    type: "object",
    properties: {
      name: { type: "string" },
      age: { type: ["integer", "null"] },
      tags: { type: "array", items: { $ref: "#/$defs/tag" } },
    },
    required: ["name", "age", "tags"],
    additionalProperties: false,
    $defs: { tag: { enum: ["a", "b"] } },
  };
  const answer = await client.chat.completions.create({
    model: "gpt-4o",
    messages: user("A person of 41"),
    response_format: { type: "json_schema", json_schema: { name: "p", strict: true, schema } },
  });
  expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toEqual({
    name: "A person of 41",
    age: 41,
    tags: ["a"],
  });
  const free = await client.chat.completions.create({
    model: "gpt-4o",
    messages: user("say ok"),
    response_format: { type: "json_object" },
  });
  expect(JSON.parse(free.choices[0]?.message.content ?? "")).toEqual({ answer: "ok" });
});

test("models and error classes", async () => {
  const ids: string[] = [];
  for await (const model of client.models.list()) ids.push(model.id);
  expect(ids).toContain("gpt-4o");
  expect((await client.models.retrieve("gpt-4o")).object).toBe("model");
  const create = (model: string, extra: object = {}) =>
    client.chat.completions.create({ model, messages: user("x"), ...extra }).catch((e: unknown) => e);
  expect(await create("no-such-model")).toMatchObject({
    status: 404,
    code: "model_not_found",
    type: "invalid_request_error",
  });
  expect(await create("gpt-4o", { temperature: 3 })).toMatchObject({
    status: 400,
    param: "temperature",
    code: "decimal_above_max_value",
  });
  expect(await create("gpt-4o", { messages: [] })).toMatchObject({
    status: 400,
    param: "messages",
    code: "empty_array",
  });
  const stranger = await client
    .withOptions({ apiKey: "wrong" })
    .models.list()
    .catch((e: unknown) => e);
  expect(stranger).toBeInstanceOf(OpenAI.AuthenticationError);
  expect(stranger).toMatchObject({ code: "invalid_api_key" });
  const keyless = await fetch(`${sandbox.url}/openai/v1/models`);
  expect([keyless.status, Object.keys(((await keyless.json()) as { error: object }).error)]).toEqual([
    401,
    ["message", "type", "param", "code"],
  ]);
});
