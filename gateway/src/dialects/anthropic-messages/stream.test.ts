import { describe, expect, test } from "bun:test";
import type { AnswerContext } from "../canonical/codec.ts";
import { collectStream } from "../canonical/collect-stream.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import type { StreamPart, WireEvent } from "../canonical/stream.ts";
import { AnthropicStreamDecoder } from "./decode-stream.ts";
import { AnthropicStreamEncoder } from "./encode-stream.ts";

const CONTEXT: AnswerContext = { id: "0190a0b0-0000-7000-8000-000000000001", model: "claude-x", nowSeconds: 1_800_000_000, request: { model: "claude-x", stream: true, messages: [] } };
const event = (data: { type: string } & Record<string, unknown>): WireEvent => ({ event: data.type, data: JSON.stringify(data) });
const delta = (index: number, inner: object): WireEvent => event({ type: "content_block_delta", index, delta: inner });
const opened = (index: number, content_block: object): WireEvent => event({ type: "content_block_start", index, content_block });
const closed = (index: number): WireEvent => event({ type: "content_block_stop", index });
const START = event({ type: "message_start", message: { id: "msg_1", type: "message", role: "assistant", model: "claude-opus-4-8", content: [], stop_reason: null, usage: { input_tokens: 25, output_tokens: 1, service_tier: "standard" } } });
const finished = (stop_reason: string, usage: object = { output_tokens: 15 }): WireEvent => event({ type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage });
const STOP = event({ type: "message_stop" });

function decode(events: WireEvent[]): StreamPart[] {
  const decoder = new AnthropicStreamDecoder();
  return [...events.flatMap((one) => decoder.push(one)), ...decoder.flush()];
}

function encode(parts: StreamPart[], request: Partial<CanonicalRequest> = {}): { type: string; [name: string]: unknown }[] {
  const encoder = new AnthropicStreamEncoder({ ...CONTEXT, request: { ...CONTEXT.request, ...request } });
  const text = [...parts.map((part) => encoder.push(part)), encoder.flush()].join("");
  return text.split("\n\n").filter((block) => block !== "").map((block) => {
    const [name, data] = block.split("\n");
    const read = JSON.parse(data?.slice(6) ?? "") as { type: string };
    expect(name).toBe(`event: ${read.type}`);
    return read;
  });
}

describe("streams in the canonical form", () => {
  /** The documented streaming example with extended thinking and tool use (vendor's guide "Streaming messages"), shortened. */
  test("thinking, text, a tool call", () => {
    const parts = decode([
      START, opened(0, { type: "thinking", thinking: "", signature: "" }), event({ type: "ping" }), delta(0, { type: "thinking_delta", thinking: "Let me " }), delta(0, { type: "thinking_delta", thinking: "see." }),
      delta(0, { type: "signature_delta", signature: "EqQB" }), closed(0),
      opened(1, { type: "text", text: "" }), delta(1, { type: "text_delta", text: "Okay" }), delta(1, { type: "citations_delta", citation: { type: "web_search_result_location", url: "https://x.test", title: null, cited_text: "c", encrypted_index: "E" } }), closed(1),
      opened(2, { type: "tool_use", id: "toolu_1", name: "get_weather", input: {} }), delta(2, { type: "input_json_delta", partial_json: "" }), delta(2, { type: "input_json_delta", partial_json: '{"location": "San' }), delta(2, { type: "input_json_delta", partial_json: ' Francisco"}' }), closed(2),
      finished("tool_use", { output_tokens: 89, output_tokens_details: { thinking_tokens: 9 } }), STOP,
    ]);
    expect(parts.map(({ type }) => type)).toEqual([
      "start", "usage", "part-start", "ping", "text-delta", "text-delta", "signature-delta", "part-end", "part-start", "text-delta", "citation", "part-end", "part-start", "arguments-delta", "arguments-delta", "part-end", "finish", "usage", "end",
    ]);
    expect(collectStream(parts)).toEqual({
      id: "msg_1", model: "claude-opus-4-8", serviceTier: "standard",
      choices: [{ index: 0, finish: "tool-calls", parts: [
        { type: "reasoning", text: "Let me see.", signature: "EqQB", sealedBy: "anthropic-messages" },
        { type: "text", text: "Okay", citations: [{ url: "https://x.test", citedText: "c", encrypted: "E" }] },
        { type: "tool-call", id: "toolu_1", name: "get_weather", arguments: '{"location": "San Francisco"}' },
      ] }],
      usage: { input: 25, cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0, output: 80, reasoning: 9, webSearch: 0 },
    });
  });

  test("server tools and hidden thinking come whole; a tool without input has {}", () => {
    const { choices } = collectStream(decode([
      START, opened(0, { type: "redacted_thinking", data: "Emw" }), closed(0), opened(1, { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} }), delta(1, { type: "input_json_delta", partial_json: '{"query":"x"}' }), closed(1),
      opened(2, { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] }), closed(2), opened(3, { type: "tool_use", id: "toolu_1", name: "now", input: {} }), closed(3), opened(4, { type: "future_block", x: 1 }), closed(4), finished("pause_turn"), STOP,
    ]));
    expect(choices[0]).toEqual({ index: 0, finish: "pause", parts: [
      { type: "reasoning", text: "", encrypted: "Emw", sealedBy: "anthropic-messages" },
      { type: "hosted-call", id: "srvtoolu_1", tool: "web-search", name: "web_search", input: '{"query":"x"}' },
      { type: "hosted-result", callId: "srvtoolu_1", tool: "web-search", sources: [] },
      { type: "tool-call", id: "toolu_1", name: "now", arguments: "{}" },
      { type: "opaque", dialect: "anthropic-messages", name: "future_block", value: { type: "future_block", x: 1 } },
    ] });
  });

  test("lenient: no start, no block start, no block stop, unknown events and deltas", () => {
    const parts = decode([delta(0, { type: "text_delta", text: "Hi" }), event({ type: "news" }), delta(0, { type: "new_delta" }), { data: "not json" }, finished("end_turn"), STOP, STOP]);
    expect(parts.map(({ type }) => type)).toEqual(["start", "part-start", "text-delta", "part-end", "finish", "usage", "end"]);
  });

  test("S01: a stream that breaks off has no end; one that only lacks its last event has", () => {
    expect(decode([START, opened(0, { type: "text", text: "" }), delta(0, { type: "text_delta", text: "Hi" })]).at(-1)).toMatchObject({ type: "text-delta" });
    expect(decode([START, finished("end_turn")]).at(-1)).toEqual({ type: "end" });
  });

  test("an error in mid-stream, and a piece that cannot be read, end everything", () => {
    expect(decode([START, event({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }), STOP]).slice(2)).toEqual([{ type: "error", message: "Overloaded", code: "overloaded_error" }]);
    expect(decode([START, { event: "content_block_delta", data: '{"type":"content_bl' }, STOP]).slice(2)).toMatchObject([{ type: "error" }]);
  });
});

describe("streams for Anthropic's callers", () => {
  const text = (index: number, ...pieces: string[]): StreamPart[] => [
    { type: "part-start", choice: 0, index, part: { type: "text", text: "" } },
    ...pieces.map((piece): StreamPart => ({ type: "text-delta", choice: 0, index, text: piece })),
    { type: "part-end", choice: 0, index },
  ];
  const START_PART: StreamPart = { type: "start", id: "chatcmpl-1", model: "gpt" };
  const call = (index: number): StreamPart => ({ type: "part-start", choice: 0, index, part: { type: "tool-call", id: `call_${index}`, name: "f", arguments: "" } });
  const args = (index: number, piece: string): StreamPart => ({ type: "arguments-delta", choice: 0, index, text: piece });
  const end = (index: number): StreamPart => ({ type: "part-end", choice: 0, index });

  test("exact order, usage at the start where it is known, cumulative at the end", () => {
    const events = encode([START_PART, { type: "usage", usage: { input: 9 } }, ...text(0, "Hi", " you"), { type: "ping" }, { type: "finish", choice: 0, reason: "stop-sequence", stopSequence: "END" }, { type: "usage", usage: { input: 9, output: 3 } }, { type: "end" }, { type: "ping" }]);
    expect(events.map(({ type }) => type)).toEqual(["message_start", "content_block_start", "content_block_delta", "content_block_delta", "content_block_stop", "ping", "message_delta", "message_stop"]);
    expect(events[0]).toMatchObject({ message: { id: "msg_0190a0b0000070008000000000000001", model: "claude-x", role: "assistant", content: [], stop_reason: null, usage: { input_tokens: 9, output_tokens: 0 } } });
    expect(events[6]).toMatchObject({ delta: { stop_reason: "stop_sequence", stop_sequence: "END" }, usage: { input_tokens: 9, output_tokens: 3 } });
  });

  test("S06, S20: parallel calls that interleave become blocks one after another, arguments whole", () => {
    const events = encode([START_PART, ...text(0, "a"), call(1), args(1, '{"a"'), call(2), args(2, '{"b":'), args(1, ":1}"), args(2, "2}"), call(3), end(2), end(1), args(3, "{}"), end(3), { type: "finish", choice: 0, reason: "tool-calls" }, { type: "end" }]);
    const blocks = events.filter(({ type }) => type.startsWith("content_block")).map(({ type, index, delta: inner }) => [type.slice(14), index, (inner as { partial_json?: string } | undefined)?.partial_json]);
    expect(blocks.slice(3)).toEqual([
      ["start", 1, undefined], ["delta", 1, '{"a"'], ["delta", 1, ":1}"], ["stop", 1, undefined],
      ["start", 2, undefined], ["delta", 2, '{"b":'], ["delta", 2, "2}"], ["stop", 2, undefined],
      ["start", 3, undefined], ["delta", 3, "{}"], ["stop", 3, undefined],
    ]);
  });

  test("free text of a custom tool flows as JSON, cut anywhere", () => {
    const events = encode([START_PART, { type: "part-start", choice: 0, index: 0, part: { type: "tool-call", id: "c", name: "sh", arguments: "", custom: true } }, args(0, 'echo "\ud83d'), args(0, '\ude00"\n'), end(0), { type: "finish", choice: 0, reason: "tool-calls" }, { type: "end" }]);
    const json = events.flatMap(({ delta: inner }) => (inner as { partial_json?: string } | undefined)?.partial_json ?? []).join("");
    expect(JSON.parse(json)).toEqual({ input: 'echo "😀"\n' });
  });

  test("S08: one message_start even for a stream without a start, one end even for two", () => {
    expect(encode([...text(0, "a"), { type: "finish", choice: 0, reason: "stop" }, { type: "end" }, { type: "end" }]).map(({ type }) => type)).toEqual(["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"]);
  });

  test("S01: a cut stream ends with an error, an error with its type", () => {
    expect(encode([START_PART, ...text(0, "a")]).at(-1)).toMatchObject({ type: "error", error: { type: "api_error" } });
    expect(encode([START_PART, { type: "error", message: "busy", code: "overloaded_error" }])).toMatchObject([{ type: "error", error: { type: "overloaded_error", message: "busy" } }]);
  });

  test("S18: sources told behind everything else reach a text while only calls have followed it, else they stand in a text of their own", () => {
    const cite = (index: number, url: string): StreamPart => ({ type: "citation", choice: 0, index, citation: { url, title: "T", start: 0, end: 1 } });
    const rest: StreamPart[] = [{ type: "finish", choice: 0, reason: "tool-calls" }, { type: "end" }];
    const shown = (parts: StreamPart[], request: Partial<CanonicalRequest>): unknown[] =>
      encode([START_PART, ...parts, ...rest], request).filter(({ type }) => type.startsWith("content_block")).map(({ type, index, delta: inner }) => [type.slice(14), index, (inner as { citation?: { url: string } } | undefined)?.citation?.url]);
    const called = [...text(0, "a"), call(1), args(1, "{}"), end(1), cite(0, "u")];
    expect(shown(called, { tools: [{ type: "web-search" }] })).toEqual([["start", 0, undefined], ["delta", 0, undefined], ["delta", 0, "u"], ["stop", 0, undefined], ["start", 1, undefined], ["delta", 1, undefined], ["stop", 1, undefined]]);
    expect(shown(called, {}).slice(-3)).toEqual([["start", 2, undefined], ["delta", 2, "u"], ["stop", 2, undefined]]);
    expect(shown([...text(0, "a"), call(1), args(1, "{}"), end(1), ...text(2, "b"), cite(0, "u"), cite(2, "v")], { tools: [{ type: "web-search" }] }).slice(-7)).toEqual([
      ["start", 2, undefined], ["delta", 2, undefined], ["delta", 2, "v"], ["stop", 2, undefined], ["start", 3, undefined], ["delta", 3, "u"], ["stop", 3, undefined],
    ]);
  });

  test("other choices have no place", () => {
    expect(encode([START_PART, ...text(0, "a"), { type: "part-start", choice: 1, index: 0, part: { type: "text", text: "" } }, { type: "finish", choice: 0, reason: "stop" }, { type: "finish", choice: 1, reason: "length" }, { type: "end" }]).filter(({ type }) => type === "content_block_start")).toHaveLength(1);
  });
});
