import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { toResponseInputItems } from "openai/lib/responses/ResponseInputItems";
import { startSandbox, type Sandbox } from "../../../server.ts";
import { rawPost } from "../../../testing/raw.ts";

let sandbox: Sandbox;
let client: OpenAI;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => Date.UTC(2026, 0, 1) });
  client = new OpenAI({ baseURL: `${sandbox.url}/openai/v1`, apiKey: "sk-test-1", maxRetries: 0 });
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

type Params = OpenAI.Responses.ResponseCreateParamsNonStreaming;
const ask = (body: Params) => client.responses.create(body);
const refused = (body: Params) => ask(body).catch((error: unknown) => error);
const weather = {
  type: "function" as const,
  name: "get_weather",
  strict: false,
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

describe("answers", () => {
  test.each([
    ["say Good morning", "Good morning"],
    ["count to 5", "1, 2, 3, 4, 5"],
    ["What is 12 * 4?", "The answer is 48."],
  ])("%p is answered by %p, whole and as a stream, with the same usage", async (input, answer) => {
    const whole = await ask({ model: "gpt-4o", input });
    expect([whole.output_text, whole.status]).toEqual([answer, "completed"]);
    const stream = client.responses.stream({ model: "gpt-4o", input });
    let deltas = 0;
    stream.on("response.output_text.delta", () => (deltas += 1));
    const final = await stream.finalResponse();
    expect([final.output_text, final.usage]).toEqual([answer, whole.usage]);
    expect(deltas).toBe(whole.usage?.output_tokens ?? -1);
  });

  test("the whole chain of events, numbered, ends with the response itself", async () => {
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    const stream = await client.responses.create({
      model: "gpt-5-mini",
      input: "search for Bun",
      stream: true,
      tools: [{ type: "web_search" }],
      reasoning: { effort: "low", summary: "auto" },
      include: ["reasoning.encrypted_content", "web_search_call.action.sources"],
    });
    for await (const event of stream) events.push(event);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    const once = events.map((event) => event.type).filter((type, at, all) => type !== all[at - 1]);
    expect(once).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.reasoning_summary_part.added",
      "response.reasoning_summary_text.delta",
      "response.reasoning_summary_text.done",
      "response.reasoning_summary_part.done",
      "response.output_item.done",
      "response.output_item.added",
      "response.web_search_call.in_progress",
      "response.web_search_call.searching",
      "response.web_search_call.completed",
      "response.output_item.done",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.annotation.added",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    const last = events.at(-1);
    expect(last?.type === "response.completed" && last.response.output.map((item) => item.type)).toEqual([
      "reasoning",
      "web_search_call",
      "message",
    ]);
  });

  test("thinking: summary and seal only when asked for, tokens counted", async () => {
    const plain = await ask({ model: "gpt-5-mini", input: "say yes", reasoning: { effort: "low" } });
    expect(plain.output[0]).toMatchObject({ type: "reasoning", summary: [] });
    expect(plain.output[0]).not.toHaveProperty("encrypted_content");
    expect(plain.usage?.output_tokens_details.reasoning_tokens).toBe(32);
    expect(plain.usage?.output_tokens).toBe(33);
    const none = await ask({ model: "gpt-5-mini", input: "say yes", reasoning: { effort: "none" } });
    expect(none.output).toHaveLength(1);
  });

  test("a limit cuts the answer: incomplete, whole and as a stream", async () => {
    const body = { model: "gpt-4o", input: "write 50 words", max_output_tokens: 20 };
    const whole = await ask(body);
    const final = await client.responses.stream(body).finalResponse();
    for (const response of [whole, final])
      expect([response.status, response.incomplete_details, response.usage?.output_tokens]).toEqual([
        "incomplete",
        { reason: "max_output_tokens" },
        20,
      ]);
  });

  test("structured output, log probabilities, pictures, cached prompts", async () => {
    const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
    const parsed = await client.responses.parse({
      model: "gpt-4o",
      input: "41 things",
      text: { format: { type: "json_schema", name: "n", schema } },
    });
    expect(JSON.parse(parsed.output_text)).toEqual({ n: 41 });
    const probable = await ask({
      model: "gpt-4o",
      input: "say a b",
      top_logprobs: 2,
      include: ["message.output_text.logprobs"],
    });
    expect(probable.output[0]).toMatchObject({ content: [{ logprobs: [{ token: "a" }, { token: " b" }] }] });
    const seen = await ask({
      model: "gpt-4o",
      input: [
        {
          role: "user",
          content: [
            { type: "input_text", text: "What is it?" },
            { type: "input_image", detail: "low", image_url: "data:image/png;base64,iVBORw0KGgo=" },
          ],
        },
      ],
    });
    expect(seen.output_text).toContain("picture");
    await ask({ model: "gpt-4.1", input: "river ".repeat(1500) });
    const again = await ask({ model: "gpt-4.1", input: "river ".repeat(1500) });
    expect(again.usage?.input_tokens_details.cached_tokens).toBeGreaterThan(1000);
  });
});

describe("tools", () => {
  test("a round as an agent makes it: nothing stored, everything sent back", async () => {
    const shared = {
      model: "gpt-5-codex",
      tools: [weather],
      store: false,
      include: ["reasoning.encrypted_content" as const],
    };
    const input: OpenAI.Responses.ResponseInput = [{ role: "user", content: "get_weather in Paris and Oslo" }];
    const first = await client.responses.stream({ ...shared, input }).finalResponse();
    const calls = first.output.filter((item) => item.type === "function_call");
    expect(calls.map((call) => call.arguments)).toEqual(['{"city":"Paris"}', '{"city":"Oslo"}']);
    const second = await ask({
      ...shared,
      input: [
        ...input,
        ...toResponseInputItems(first.output),
        ...calls.map((call) => ({ type: "function_call_output" as const, call_id: call.call_id, output: "mild" })),
      ],
    });
    expect(second.output_text).toBe("get_weather answered: mild\nget_weather answered: mild");
  });

  test("free-text tools, namespaces, and every tool_choice", async () => {
    const patch = { type: "custom" as const, name: "apply_patch" };
    const free = await client.responses
      .stream({ model: "gpt-4o", input: "apply_patch for Readme", tools: [patch] })
      .finalResponse();
    expect(free.output[0]).toMatchObject({ type: "custom_tool_call", name: "apply_patch", input: "Readme" });
    const group = { type: "namespace" as const, name: "mcp__w__", description: "d", tools: [weather] };
    const grouped = await ask({ model: "gpt-4o", input: "mcp__w__get_weather in Rome", tools: [group] });
    expect(grouped.output[0]).toMatchObject({ name: "get_weather", namespace: "mcp__w__" });
    const kind = async (tool_choice: Params["tool_choice"], input: string) =>
      (await ask({ model: "gpt-4o", input, tools: [weather], ...(tool_choice ? { tool_choice } : {}) })).output[0]?.type;
    expect(await kind("none", "get_weather in Rome")).toBe("message");
    expect(await kind("required", "hi")).toBe("function_call");
    expect(await kind({ type: "function", name: "get_weather" }, "hi")).toBe("function_call");
    const allowed = { type: "allowed_tools" as const, mode: "required" as const, tools: [{ type: "function", name: "get_weather" }] };
    expect(await kind(allowed, "hi")).toBe("function_call");
  });
});

describe("stored responses", () => {
  test("a conversation goes on by the id alone; it can be read again, replayed and forgotten", async () => {
    const first = await ask({ model: "gpt-5-mini", input: "get_weather in Paris", tools: [weather] });
    const call = first.output.find((item) => item.type === "function_call");
    const second = await ask({
      model: "gpt-5-mini",
      previous_response_id: first.id,
      input: [{ type: "function_call_output", call_id: call?.call_id ?? "", output: "mild" }],
      tools: [weather],
    });
    expect(second.output_text).toBe("get_weather answered: mild");
    expect(await client.responses.retrieve(second.id)).toEqual(second);
    const replayed = client.responses.stream({ response_id: second.id, starting_after: 3 });
    expect((await replayed.finalResponse()).output_text).toBe(second.output_text);
    const kinds: string[] = [];
    for await (const item of client.responses.inputItems.list(second.id)) kinds.push(String(item.type));
    expect(kinds).toEqual(["function_call_output", "function_call", "reasoning", "message"]);
    await client.responses.delete(first.id);
    expect(await client.responses.retrieve(first.id).catch((error: unknown) => error)).toMatchObject({ status: 404 });
    const stranger = client.withOptions({ apiKey: "sk-other" });
    expect(await stranger.responses.retrieve(second.id).catch((error: unknown) => error)).toMatchObject({ status: 404 });
  });

  test("store: false keeps nothing, and thinking without its seal is not found again", async () => {
    const answer = await ask({ model: "gpt-5-mini", input: "say yes", store: false });
    const lost = { status: 400, code: "previous_response_not_found", param: "previous_response_id" };
    expect(await refused({ model: "gpt-5", input: "x", previous_response_id: answer.id })).toMatchObject(lost);
    const input = [...toResponseInputItems(answer.output), { role: "user" as const, content: "x" }];
    expect(await refused({ model: "gpt-5", input })).toMatchObject({ status: 404, param: "input" });
  });
});

test("what is refused", async () => {
  const reasoning = { type: "reasoning" as const, id: "rs_1", summary: [], encrypted_content: "yescale1.x" };
  const call = { type: "function_call" as const, call_id: "c", name: "f", arguments: "{}" };
  const cases: [Partial<Params>, object][] = [
    [{ input: [reasoning] }, { status: 400, code: "invalid_encrypted_content" }],
    [{ input: [{ type: "function_call_output", call_id: "c", output: "x" }] }, { status: 400, param: "input" }],
    [{ input: [call] }, { status: 400, param: "input" }],
    [{ input: [{ ...call, id: "item_1" }] }, { status: 400, param: "input[0].id" }],
    [{ input: [{ role: "robot" as "user", content: "x" }] }, { status: 400, param: "input[0].role" }],
    [{ max_output_tokens: 5 }, { status: 400, code: "integer_below_min_value" }],
    [{ model: "gpt-5", temperature: 0.5 }, { status: 400, param: "temperature" }],
    [{ reasoning: { effort: "low" } }, { status: 400, param: "reasoning.effort" }],
    [{ tools: [{ ...weather, name: "no spaces" }] }, { status: 400, param: "tools[0].name" }],
    [{ text: { format: { type: "json_object" } } }, { status: 400, param: "input" }],
    [{ model: "no-such" }, { status: 404, code: "model_not_found" }],
  ];
  for (const [change, error] of cases)
    expect(await refused({ model: "gpt-4o", input: "hi", ...change })).toMatchObject(error);
});

describe("faults", () => {
  const raw = (fault: string, stream = true) =>
    rawPost(
      sandbox.url,
      "/openai/v1/responses",
      { model: "gpt-4o", input: "count to 6", stream },
      { authorization: "Bearer sk-test-1", "x-sandbox-fault": fault },
      500,
    );
  const deltas = (body: string) => body.match(/^event: response\.output_text\.delta$/gm)?.length ?? 0;

  test("every kind that concerns a stream's events", async () => {
    const cut = await raw("cut=3");
    expect([cut.ending, deltas(cut.body)]).toEqual(["reset", 3]);
    const stalled = await raw("stall=2");
    expect([stalled.ending, deltas(stalled.body)]).toEqual(["open", 2]);
    const broken = await raw("error-in-stream=2;leak");
    expect([deltas(broken.body), broken.body.match(/^event: .*$/gm)?.slice(-2)]).toEqual([
      2,
      ["event: error", "event: response.failed"],
    ]);
    expect(broken.body).toContain("internal-vendor");
    expect((await raw("missing-end")).body).not.toContain("response.completed");
    const silent = (await raw("no-usage")).body.split("data: ").at(-1) ?? "";
    expect(JSON.parse(silent)).toMatchObject({ type: "response.completed", response: { usage: null } });
    expect(deltas((await raw("duplicate-frame=6")).body)).toBe(12);
    expect((await raw("split=3")).ending).toBe("complete");
    expect((await raw("huge-event=5000")).body).toContain(" ".repeat(5000));
  });

  test("statuses, usage of zero, and the sums", async () => {
    expect((await raw("status=429;retry-after=7", false)).text.toLowerCase()).toContain("retry-after: 7");
    expect(JSON.parse((await raw("no-balance", false)).body).error.code).toBe("insufficient_quota");
    expect(JSON.parse((await raw("usage-zero", false)).body).usage.output_tokens).toBe(0);
    sandbox.reset();
    await raw("pace=0");
    expect(sandbox.requests()[0]).toMatchObject({ contentTokensSent: 11, usage: { output_tokens: 11 } });
  });
});
