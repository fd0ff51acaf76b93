import { afterAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import type { CanonicalRequest } from "../canonical/request.ts";
import type { CanonicalResponse } from "../canonical/response.ts";
import type { StreamPart } from "../canonical/stream.ts";
import type { Part } from "../canonical/parts.ts";
import { packSeal } from "../canonical/foreign-seal.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { openaiResponsesCodec as codec } from "./codec.ts";
import { openaiResponses } from "./index.ts";
import { contextOf, streamOf } from "./testing/arbitraries.ts";

/** The official SDK judges what our encoders write: a server on loopback plays whatever the test sets. All answers are constructed. */
let play: { whole?: CanonicalResponse; stream?: StreamPart[]; raw?: string } = {};
let request: CanonicalRequest = { model: "m", stream: false, messages: [] };
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(incoming) {
    const body = (await incoming.json()) as Record<string, unknown>;
    request = codec.decodeRequest(body, {});
    const context = contextOf(request);
    if (body["stream"] !== true) return Response.json(codec.encodeResponse(play.whole as CanonicalResponse, context));
    const encoder = codec.streamEncoder(context, "sse");
    const text = (play.stream ?? []).map((part) => encoder.push(part) + encoder.ping()).join("") + (play.raw ?? encoder.flush());
    return new Response(text, { headers: { "content-type": "text/event-stream" } });
  },
});
afterAll(() => server.stop(true));
const client = new OpenAI({ baseURL: `http://127.0.0.1:${server.port}/v1`, apiKey: "sk-test", maxRetries: 0 });

const answer = (parts: Part[], more: Partial<CanonicalResponse["choices"][0]> = {}): CanonicalResponse => ({
  id: "msg_01", model: "claude", choices: [{ index: 0, parts, finish: "stop", ...more }],
  usage: { input: 10, cacheRead: 5, output: 7, reasoning: 3 },
});
const ALL: Part[] = [
  { type: "reasoning", text: "First I think.", signature: "sig", sealedBy: "anthropic-messages" },
  { type: "hosted-call", id: "srvtoolu_1", tool: "web-search", name: "web_search", input: '{"query":"bun"}' },
  { type: "hosted-result", callId: "srvtoolu_1", tool: "web-search", sources: [{ url: "https://e.com" }] },
  { type: "text", text: "Bun is fast. ", citations: [{ url: "https://e.com", title: "E", start: 0, end: 3 }] },
  { type: "text", text: "Very." },
  { type: "hosted-call", id: "c1", tool: "code-execution", name: "code_execution", input: '{"code":"1+1"}', language: "python" },
  { type: "hosted-result", callId: "c1", tool: "code-execution", output: "2" },
  { type: "image", source: { kind: "base64", mediaType: "image/png", data: "iVBORw0KGgo=" } },
  { type: "tool-call", id: "call_a", name: "get_weather", arguments: '{"city":"Paris"}', signature: "gem" },
  { type: "tool-call", id: "call_b", name: "mcp__files__list", arguments: "" },
  { type: "tool-call", id: "call_c", name: "apply_patch", arguments: '{"input":"*** Begin"}' },
];
const TOOLS = [
  { type: "function" as const, name: "get_weather", strict: true, parameters: { type: "object", properties: { city: { type: "string" } } } },
  { type: "custom" as const, name: "apply_patch" },
  { type: "namespace" as const, name: "mcp__files__", description: "d", tools: [{ type: "function" as const, name: "list" }] },
];

function judge(response: { output: OpenAI.Responses.ResponseOutputItem[]; output_text: string; usage?: OpenAI.Responses.ResponseUsage; status?: string }): void {
  expect(response.status).toBe("completed");
  expect(response.output_text).toBe("Bun is fast. Very.");
  expect(response.output.map((item) => item.type)).toEqual(["reasoning", "web_search_call", "message", "code_interpreter_call", "image_generation_call", "function_call", "reasoning", "function_call", "custom_tool_call"]);
  expect(new Set(response.output.map((item) => item.id)).size).toBe(9);
  expect(response.output[0]).toMatchObject({ summary: [{ type: "summary_text", text: "First I think." }], encrypted_content: packSeal({ sealedBy: "anthropic-messages", signature: "sig" }) });
  expect(response.output[1]).toMatchObject({ id: "ws_srvtoolu_1", status: "completed", action: { type: "search", query: "bun", sources: [{ type: "url", url: "https://e.com" }] } });
  expect(response.output[2]).toMatchObject({ content: [{ type: "output_text", annotations: [{ type: "url_citation", url: "https://e.com", title: "E", start_index: 0, end_index: 3 }] }, { text: "Very." }] });
  expect(response.output[3]).toMatchObject({ code: "1+1", outputs: [{ type: "logs", logs: "2" }] });
  expect(response.output[4]).toMatchObject({ result: "iVBORw0KGgo=", status: "completed" });
  expect(response.output[5]).toMatchObject({ name: "get_weather", call_id: "call_a", arguments: '{"city":"Paris"}' });
  expect(response.output[7]).toMatchObject({ name: "list", namespace: "mcp__files__", call_id: "call_b", arguments: "{}" });
  expect(response.output[8]).toMatchObject({ name: "apply_patch", call_id: "call_c", input: "*** Begin" });
  expect(response.usage).toEqual({ input_tokens: 15, input_tokens_details: { cached_tokens: 5, cache_write_tokens: 0 }, output_tokens: 10, output_tokens_details: { reasoning_tokens: 3 }, total_tokens: 25 });
}

describe("the official SDK reads", () => {
  test("a citation told before its words, as Anthropic does, is about all of them", async () => {
    const cited = { type: "citation" as const, choice: 0, index: 0, citation: { url: "https://e.com", title: "E" } };
    const said = (text: string) => ({ type: "text-delta" as const, choice: 0, index: 0, text });
    play = { stream: [{ type: "start", id: "msg_01", model: "claude" }, { type: "part-start", choice: 0, index: 0, part: { type: "text", text: "" } }, cited, said("Hi "), said("there"), { type: "part-end", choice: 0, index: 0 }, { type: "finish", choice: 0, reason: "stop" }, { type: "end" }] };
    const annotations = [{ type: "url_citation", url: "https://e.com", title: "E", start_index: 0, end_index: 8 }];
    const told: unknown[] = [];
    const stream = client.responses.stream({ model: "m", input: "hi" }).on("response.output_text.annotation.added", (event) => void told.push(event.annotation));
    expect((await stream.finalResponse()).output).toMatchObject([{ content: [{ text: "Hi there", annotations }] }]);
    expect(told).toMatchObject(annotations);
  });

  test("a whole answer with everything in it, and its strict tool's arguments parsed", async () => {
    play = { whole: answer(ALL, { finish: "tool-calls" }) };
    const response = await client.responses.parse({ model: "m", input: "hi", instructions: "Be brief.", tools: TOOLS });
    judge(response);
    expect(response.output[5]).toMatchObject({ parsed_arguments: { city: "Paris" } });
    expect(response).toMatchObject({ model: "m", object: "response", instructions: "Be brief.", error: null, tools: [{ name: "get_weather", strict: true }, { type: "custom" }, { type: "namespace" }] });
    expect(response.id).toMatch(/^resp_[0-9a-f]{32}$/);
  });

  test("the same as a stream, through the accumulator, event by event", async () => {
    play = { stream: streamOf(answer(ALL, { finish: "tool-calls" })) };
    const stream = client.responses.stream({ model: "m", input: "hi", tools: TOOLS });
    const seen: string[] = [];
    let text = "";
    stream.on("event", (event) => void seen.push(event.type));
    stream.on("response.output_text.delta", (event) => (text = event.snapshot));
    judge(await stream.finalResponse());
    expect(text).toBe("Very.");
    expect(seen.slice(0, 2)).toEqual(["response.created", "response.in_progress"]);
    expect(seen.at(-1)).toBe("response.completed");
    for (const type of [
      "response.reasoning_summary_part.added", "response.reasoning_summary_text.delta", "response.reasoning_summary_text.done", "response.reasoning_summary_part.done",
      "response.web_search_call.in_progress", "response.web_search_call.searching", "response.web_search_call.completed", "response.content_part.added",
      "response.output_text.delta", "response.output_text.annotation.added", "response.output_text.done", "response.content_part.done", "response.code_interpreter_call_code.done",
      "response.image_generation_call.completed", "response.function_call_arguments.delta", "response.function_call_arguments.done", "response.custom_tool_call_input.done", "response.output_item.done",
    ])
      expect(seen).toContain(type);
  });

  test("S20: parallel calls whose pieces are mixed, as OpenAI chat may stream them", async () => {
    const call = (index: number, args: string): StreamPart => ({ type: "arguments-delta", choice: 0, index, text: args });
    const begin = (index: number): StreamPart => ({ type: "part-start", choice: 0, index, part: { type: "tool-call", id: `call_${index}`, name: `f${index}`, arguments: "" } });
    play = { stream: [{ type: "start", id: "", model: "x" }, begin(0), call(0, '{"a"'), begin(1), call(1, '{"b":'), call(0, ":1}"), call(1, "2}"), { type: "part-end", choice: 0, index: 1 }, { type: "part-end", choice: 0, index: 0 }, { type: "finish", choice: 0, reason: "tool-calls" }, { type: "end" }] };
    const { output } = await client.responses.stream({ model: "m", input: "hi" }).finalResponse();
    expect(output.map((item) => item.type === "function_call" && [item.call_id, item.name, item.arguments])).toEqual([["call_0", "f0", '{"a":1}'], ["call_1", "f1", '{"b":2}']]);
  });

  test("a search without pages ends when the answer begins, and a late result is not told twice", async () => {
    const searched: Part = { type: "hosted-call", id: "s", tool: "web-search", name: "web_search", input: '{"query":"q"}' };
    play = { stream: streamOf(answer([searched, { type: "text", text: "x" }, { type: "hosted-result", callId: "s", tool: "web-search", sources: [] }])) };
    const { output } = await client.responses.stream({ model: "m", input: "hi" }).finalResponse();
    expect(output.map((item) => item.type)).toEqual(["web_search_call", "message"]);
  });

  test("pages without a search (Gemini's grounding) are a search of their own", async () => {
    const grounded: Part[] = [{ type: "text", text: "x" }, { type: "hosted-result", callId: "g", tool: "web-search", sources: [{ url: "https://e.com" }] }];
    play = { stream: streamOf(answer(grounded)), whole: answer(grounded) };
    const streamed = await client.responses.stream({ model: "m", input: "hi" }).finalResponse();
    const whole = await client.responses.create({ model: "m", input: "hi" });
    for (const { output } of [streamed, whole]) expect(output[1]).toMatchObject({ type: "web_search_call", action: { type: "search", sources: [{ url: "https://e.com" }] } });
  });

  test("structured output and refusals", async () => {
    const format = { type: "json_schema" as const, name: "n", schema: { type: "object" } };
    play = { whole: answer([{ type: "text", text: '{"a":1}' }]) };
    expect((await client.responses.create({ model: "m", input: "hi", text: { format } })).text).toEqual({ format, verbosity: "medium" });
    const refusing = answer([{ type: "refusal", text: "I cannot." }], { finish: "refusal" });
    play = { whole: refusing, stream: streamOf(refusing) };
    const whole = await client.responses.create({ model: "m", input: "hi" });
    const streamed = await client.responses.stream({ model: "m", input: "hi" }).finalResponse();
    for (const response of [whole, streamed]) expect([response.status, response.output[0]]).toMatchObject(["completed", { content: [{ type: "refusal", refusal: "I cannot." }] }]);
  });

  test.each([
    ["length", "incomplete", "max_output_tokens"],
    ["context-length", "incomplete", "max_output_tokens"],
    ["content-filter", "incomplete", "content_filter"],
    ["refusal", "incomplete", "content_filter"],
    ["stop", "completed", undefined],
    ["stop-sequence", "completed", undefined],
    ["pause", "completed", undefined],
  ] as const)("finish %s", async (finish, status, reason) => {
    const cut = answer([{ type: "text", text: "half" }], { finish });
    play = { whole: cut, stream: streamOf(cut) };
    const whole = await client.responses.create({ model: "m", input: "hi" });
    const streamed = await client.responses.stream({ model: "m", input: "hi" }).finalResponse();
    for (const response of [whole, streamed]) expect([response.status, response.incomplete_details?.reason, response.output_text]).toEqual([status, reason, "half"]);
  });

  test("S01: a stream that is cut off fails, and what was open does not look complete", async () => {
    play = { stream: streamOf(answer([{ type: "reasoning", text: "done" }, { type: "text", text: "half an answer" }])).slice(0, 7) };
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    const read = async (): Promise<void> => {
      for await (const event of await client.responses.create({ model: "m", input: "hi", stream: true })) events.push(event);
    };
    const error = await read().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ message: expect.stringContaining("before it was complete"), code: "upstream_stream_cut" });
    expect(events.at(-1)).toMatchObject({ type: "response.failed", response: { status: "failed", error: { code: "server_error" }, output: [{ type: "reasoning" }] } });
  });

  test("S21: no usage upstream, none invented", async () => {
    const { usage: _usage, ...silent } = answer([{ type: "text", text: "x" }]);
    play = { stream: streamOf({ ...silent, usage: undefined }) };
    expect((await client.responses.stream({ model: "m", input: "hi" }).finalResponse()).usage).toBeNull();
  });

  test("S08: parts without a start, and everything twice, still make one proper response", async () => {
    const parts = streamOf(answer([{ type: "text", text: "x" }]));
    play = { stream: [...parts.slice(1), ...parts] };
    expect((await client.responses.stream({ model: "m", input: "hi" }).finalResponse()).output_text).toBe("x");
  });

  test("the relay's own error inside a stream", async () => {
    const raw = openaiResponses.renderStreamError(new GatewayError("upstreamCut"), "0190a0b0-0000-7000-8000-000000000001", "sse");
    play = { stream: streamOf(answer([{ type: "text", text: "half" }])).slice(0, 3), raw };
    const error = await client.responses.stream({ model: "m", input: "hi" }).finalResponse().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect((error as Error).message).toContain("request id: 0190a0b0");
    const [failed, plain] = raw.split("\n\n").map((block) => JSON.parse(block.split("data: ")[1] ?? "{}"));
    expect(failed).toMatchObject({ type: "response.failed", response: { status: "failed", error: { code: "server_error", message: expect.stringContaining("0190a0b0") } } });
    expect(plain).toMatchObject({ type: "error", code: "upstream_stream_cut", error: { type: "server_error" } });
  });

  test("another vendor's seals come back with the next turn", async () => {
    play = { whole: answer(ALL, { finish: "tool-calls" }) };
    const first = await client.responses.create({ model: "m", input: "hi", tools: TOOLS, store: false, include: ["reasoning.encrypted_content"] });
    const outputs = first.output.flatMap((item) => (item.type === "function_call" ? [{ type: "function_call_output" as const, call_id: item.call_id, output: "ok" }] : []));
    await client.responses.create({ model: "m", input: [{ role: "user", content: "hi" }, ...(first.output as OpenAI.Responses.ResponseInput), ...outputs], tools: TOOLS });
    const [, model] = request.messages;
    expect(model?.parts.find((part) => part.type === "reasoning")).toMatchObject({ text: "First I think.", signature: "sig", sealedBy: "anthropic-messages" });
    expect(model?.parts.find((part) => part.type === "tool-call" && part.id === "call_a")).toMatchObject({ signature: "gem" });
    expect(request.messages[2]?.parts[1]).toMatchObject({ callId: "call_b", name: "mcp__files__list" });
  });
});
