import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { jsonSchemaOutputFormat } from "@anthropic-ai/sdk/helpers/json-schema";
import Anthropic0 from "anthropic-sdk-0";
import type { AnswerContext } from "../canonical/codec.ts";
import type { CanonicalResponse } from "../canonical/response.ts";
import type { StreamPart } from "../canonical/stream.ts";
import { anthropicMessagesCodec as codec } from "./codec.ts";

/** Both generations of the vendor's SDK read what the encoders write; answers are constructed as other vendors' decoders give them. */
const CONTEXT: AnswerContext = { id: "0190a0b0-0000-7000-8000-000000000001", model: "gpt-x", nowSeconds: 1_800_000_000, request: { model: "gpt-x", stream: false, messages: [] } };

const ANSWER: CanonicalResponse = {
  id: "chatcmpl-1",
  model: "gpt-x-2026",
  choices: [{
    index: 0,
    finish: "tool-calls",
    parts: [
      { type: "reasoning", text: "Two cities, two calls.", summary: true, encrypted: "gAAA", sealedBy: "openai-responses", id: "rs_1" },
      { type: "hosted-call", id: "ws_1", tool: "web-search", name: "web_search_call", input: "weather" },
      { type: "hosted-result", callId: "ws_1", tool: "web-search", sources: [{ url: "https://x.test", title: "X" }] },
      { type: "text", text: "Let me look.", citations: [{ url: "https://x.test", title: "X", start: 0, end: 3 }] },
      { type: "tool-call", id: "call_1", name: "weather", arguments: '{"city":"Hanoi"}' },
      { type: "tool-call", id: "call_2", name: "weather", arguments: '{"city":"Huế"}' },
      { type: "tool-call", id: "call_3", name: "now", arguments: "" },
    ],
  }],
  usage: { input: 50, cacheRead: 20, output: 30, reasoning: 12, webSearch: 1 },
};

/** The same as a stream; the calls interleave. */
const STREAM: StreamPart[] = [
  { type: "start", id: "chatcmpl-1", model: "gpt-x-2026" },
  { type: "part-start", choice: 0, index: 0, part: { type: "reasoning", text: "", summary: true } },
  { type: "text-delta", choice: 0, index: 0, text: "Two cities, " },
  { type: "text-delta", choice: 0, index: 0, text: "two calls." },
  { type: "part-end", choice: 0, index: 0, part: { type: "reasoning", text: "Two cities, two calls.", summary: true, encrypted: "gAAA", sealedBy: "openai-responses", id: "rs_1" } },
  { type: "part-start", choice: 0, index: 1, part: { type: "hosted-call", id: "ws_1", tool: "web-search", name: "web_search_call", input: "" } },
  { type: "part-end", choice: 0, index: 1, part: { type: "hosted-call", id: "ws_1", tool: "web-search", name: "web_search_call", input: "weather" } },
  { type: "part-start", choice: 0, index: 2, part: { type: "hosted-result", callId: "ws_1", tool: "web-search", sources: [{ url: "https://x.test", title: "X" }] } },
  { type: "part-end", choice: 0, index: 2 },
  { type: "part-start", choice: 0, index: 3, part: { type: "text", text: "" } },
  { type: "text-delta", choice: 0, index: 3, text: "Let me " },
  { type: "text-delta", choice: 0, index: 3, text: "look." },
  { type: "citation", choice: 0, index: 3, citation: { url: "https://x.test", title: "X", start: 0, end: 3 } },
  { type: "part-end", choice: 0, index: 3 },
  { type: "part-start", choice: 0, index: 4, part: { type: "tool-call", id: "call_1", name: "weather", arguments: "" } },
  { type: "arguments-delta", choice: 0, index: 4, text: '{"city":' },
  { type: "part-start", choice: 0, index: 5, part: { type: "tool-call", id: "call_2", name: "weather", arguments: "" } },
  { type: "arguments-delta", choice: 0, index: 5, text: '{"city":"Hu' },
  { type: "arguments-delta", choice: 0, index: 4, text: '"Hanoi"}' },
  { type: "arguments-delta", choice: 0, index: 5, text: 'ế"}' },
  { type: "part-start", choice: 0, index: 6, part: { type: "tool-call", id: "call_3", name: "now", arguments: "" } },
  { type: "part-end", choice: 0, index: 4 },
  { type: "part-end", choice: 0, index: 5 },
  { type: "part-end", choice: 0, index: 6 },
  { type: "finish", choice: 0, reason: "tool-calls" },
  { type: "usage", usage: ANSWER.usage ?? {} },
  { type: "end" },
];

let server: ReturnType<typeof Bun.serve>;
let streamed: StreamPart[] = STREAM;
const received: Record<string, unknown>[] = [];
beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const body = (await request.json()) as Record<string, unknown>;
      received.push(body);
      if (body["stream"] !== true) return Response.json(codec.encodeResponse(ANSWER, CONTEXT));
      const encoder = codec.streamEncoder(CONTEXT, "sse");
      const text = [encoder.ping(), ...streamed.map((part) => encoder.push(part) + encoder.ping()), encoder.flush()].join("");
      return new Response(text, { headers: { "content-type": "text/event-stream" } });
    },
  });
});
afterAll(() => server.stop(true));

const generations = [
  ["1.12", (): Anthropic => new Anthropic({ apiKey: "sk-test", baseURL: `http://127.0.0.1:${server.port}`, maxRetries: 0 })],
  ["0.137", (): Anthropic => new Anthropic0({ apiKey: "sk-test", baseURL: `http://127.0.0.1:${server.port}`, maxRetries: 0 }) as unknown as Anthropic],
] as const;

describe.each(generations)("SDK %s", (_name, client) => {
  const ask = { model: "gpt-x", max_tokens: 100, messages: [{ role: "user" as const, content: "Weather in Hanoi and Huế?" }] };
  const wanted = {
    id: "msg_0190a0b0000070008000000000000001",
    model: "gpt-x",
    role: "assistant",
    stop_reason: "tool_use",
    content: [
      { type: "thinking", thinking: "Two cities, two calls.", signature: expect.stringMatching(/^yescale1\./) as string },
      { type: "server_tool_use", id: "yescale1.ws_1", name: "web_search", input: { query: "weather" } },
      { type: "web_search_tool_result", tool_use_id: "yescale1.ws_1", content: [{ type: "web_search_result", url: "https://x.test", title: "X" }] },
      { type: "text", text: "Let me look.", citations: [{ type: "web_search_result_location", url: "https://x.test", title: "X" }] },
      { type: "tool_use", id: "call_1", name: "weather", input: { city: "Hanoi" } },
      { type: "tool_use", id: "call_2", name: "weather", input: { city: "Huế" } },
      { type: "tool_use", id: "call_3", name: "now", input: {} },
    ],
    usage: { input_tokens: 50, cache_read_input_tokens: 20, output_tokens: 42, output_tokens_details: { thinking_tokens: 12 }, server_tool_use: { web_search_requests: 1 } },
  };

  test("a whole message", async () => {
    expect(await client().messages.create(ask)).toMatchObject(wanted);
  });

  test("MessageStream accumulates the same, with its events in order", async () => {
    streamed = STREAM;
    const stream = client().messages.stream(ask);
    const seen: string[] = [];
    stream.on("streamEvent", ({ type }) => seen.push(type)).on("text", (piece) => seen.push(piece));
    expect(await stream.finalMessage()).toMatchObject(wanted);
    expect(seen.filter((type) => type === "message_start" || type === "message_stop")).toEqual(["message_start", "message_stop"]);
    expect(seen.filter((type) => type.startsWith("Let") || type.startsWith("look"))).toEqual(["Let me ", "look."]);
    expect(seen.filter((type) => type === "content_block_start")).toHaveLength(7);
  });

  test("the raw event iterator ends by itself, an error in mid-stream is thrown", async () => {
    streamed = STREAM;
    let last = "";
    for await (const event of await client().messages.create({ ...ask, stream: true })) last = event.type;
    expect(last).toBe("message_stop");
    streamed = [...STREAM.slice(0, 3), { type: "error", message: "Overloaded", code: "overloaded_error" }];
    await expect(client().messages.stream(ask).finalMessage()).rejects.toThrow("Overloaded");
  });

  test("the next turn: the SDK's own content goes back, thinking and seal return to their vendor", async () => {
    const { content } = await client().messages.create(ask);
    const results = content.flatMap((block) => (block.type === "tool_use" ? [{ type: "tool_result" as const, tool_use_id: block.id, content: "31 °C" }] : []));
    await client().messages.create({ ...ask, messages: [...ask.messages, { role: "assistant", content }, { role: "user", content: results }] });
    const { messages } = codec.decodeRequest(received.at(-1) ?? {}, {});
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
    expect(messages[1]?.parts[0]).toEqual(ANSWER.choices[0]?.parts[0] as never);
    expect(messages[1]?.parts.filter(({ type }) => type === "tool-call")).toMatchObject([{ id: "call_1", arguments: '{"city":"Hanoi"}' }, { id: "call_2" }, { id: "call_3", arguments: "{}" }]);
    expect(messages[2]?.parts).toHaveLength(3);
    // And to Anthropic nothing of another vendor's seal is sent.
    const { body } = codec.encodeRequest({ model: "x", stream: false, messages }, { model: "claude-opus-4-8", maxOutputTokens: 100, reasons: true, traits: new Set() });
    expect(JSON.stringify(body)).not.toContain("gAAA");
    expect(JSON.stringify(body)).not.toContain("yescale1.");
  });
});

test("structured output by the SDK's own parser", async () => {
  streamed = [
    { type: "start", id: "x", model: "m" }, { type: "part-start", choice: 0, index: 0, part: { type: "text", text: "" } }, { type: "text-delta", choice: 0, index: 0, text: '{"city":"Hanoi"}' }, { type: "part-end", choice: 0, index: 0 }, { type: "finish", choice: 0, reason: "stop" }, { type: "end" },
  ];
  const format = jsonSchemaOutputFormat({ type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false });
  const message = await generations[0][1]().messages.stream({ model: "x", max_tokens: 10, messages: [{ role: "user", content: "q" }], output_config: { format } }).finalMessage();
  expect(message.parsed_output).toEqual({ city: "Hanoi" });
  expect(codec.decodeRequest(received.at(-1) ?? {}, {}).format).toEqual({ type: "json-schema", schema: { ...format.schema } });
});
