import { describe, expect, test } from "bun:test";
import type { StreamPart } from "../canonical/stream.ts";
import { openaiResponsesCodec as codec } from "./codec.ts";
import { assembled } from "./testing/arbitraries.ts";
import { readResponsesUsage } from "./usage.ts";

/** Constructed in the order and with the members of the vendor's streaming reference (SDK type `ResponseStreamEvent`): thinking, a search, a cited text, a call. */
const CHAIN: Record<string, unknown>[] = [
  { type: "response.created", response: { id: "resp_1", object: "response", created_at: 1_741_290_958, status: "in_progress", model: "gpt-5", output: [], service_tier: "auto" } },
  { type: "response.in_progress", response: { id: "resp_1", status: "in_progress", output: [] } },
  { type: "response.output_item.added", output_index: 0, item: { id: "rs_1", type: "reasoning", summary: [] } },
  { type: "response.reasoning_summary_part.added", item_id: "rs_1", output_index: 0, summary_index: 0, part: { type: "summary_text", text: "" } },
  { type: "response.reasoning_summary_text.delta", item_id: "rs_1", output_index: 0, summary_index: 0, delta: "One", obfuscation: "xx" },
  { type: "response.reasoning_summary_text.done", item_id: "rs_1", output_index: 0, summary_index: 0, text: "One" },
  { type: "response.reasoning_summary_part.done", item_id: "rs_1", output_index: 0, summary_index: 0, part: { type: "summary_text", text: "One" } },
  { type: "response.reasoning_summary_part.added", item_id: "rs_1", output_index: 0, summary_index: 1, part: { type: "summary_text", text: "" } },
  { type: "response.reasoning_summary_text.delta", item_id: "rs_1", output_index: 0, summary_index: 1, delta: "Two" },
  { type: "response.output_item.done", output_index: 0, item: { id: "rs_1", type: "reasoning", summary: [{ type: "summary_text", text: "One" }, { type: "summary_text", text: "Two" }], encrypted_content: "gAAAA" } },
  { type: "response.output_item.added", output_index: 1, item: { id: "ws_1", type: "web_search_call", status: "in_progress", action: { type: "search" } } },
  { type: "response.web_search_call.in_progress", item_id: "ws_1", output_index: 1 },
  { type: "response.web_search_call.searching", item_id: "ws_1", output_index: 1 },
  { type: "response.web_search_call.completed", item_id: "ws_1", output_index: 1 },
  { type: "response.output_item.done", output_index: 1, item: { id: "ws_1", type: "web_search_call", status: "completed", action: { type: "search", queries: ["bun"], sources: [{ type: "url", url: "https://e.com" }] } } },
  { type: "response.output_item.added", output_index: 2, item: { id: "msg_1", type: "message", status: "in_progress", role: "assistant", content: [] } },
  { type: "response.content_part.added", item_id: "msg_1", output_index: 2, content_index: 0, part: { type: "output_text", text: "", annotations: [], logprobs: [] } },
  { type: "response.output_text.delta", item_id: "msg_1", output_index: 2, content_index: 0, delta: "Hi ", logprobs: [{ token: "Hi ", logprob: -0.1, bytes: [72, 105, 32], top_logprobs: [] }] },
  { type: "keepalive" },
  { type: "response.output_text.delta", item_id: "msg_1", output_index: 2, content_index: 0, delta: "there", logprobs: [] },
  { type: "response.output_text.annotation.added", item_id: "msg_1", output_index: 2, content_index: 0, annotation_index: 0, annotation: { type: "url_citation", url: "https://e.com", title: "E", start_index: 0, end_index: 2 } },
  { type: "response.output_text.done", item_id: "msg_1", output_index: 2, content_index: 0, text: "Hi there", logprobs: [] },
  { type: "response.content_part.done", item_id: "msg_1", output_index: 2, content_index: 0, part: { type: "output_text", text: "Hi there", annotations: [{ type: "url_citation", url: "https://e.com", title: "E", start_index: 0, end_index: 2 }] } },
  { type: "response.output_item.done", output_index: 2, item: { id: "msg_1", type: "message", status: "completed", role: "assistant", content: [{ type: "output_text", text: "Hi there", annotations: [{ type: "url_citation", url: "https://e.com", title: "E", start_index: 0, end_index: 2 }] }] } },
  { type: "response.output_item.added", output_index: 3, item: { id: "fc_1", type: "function_call", status: "in_progress", call_id: "call_1", name: "get_weather", arguments: "" } },
  { type: "response.function_call_arguments.delta", item_id: "fc_1", output_index: 3, delta: '{"city":' },
  { type: "response.function_call_arguments.delta", item_id: "fc_1", output_index: 3, delta: '"Paris"}' },
  { type: "response.function_call_arguments.done", item_id: "fc_1", output_index: 3, name: "get_weather", arguments: '{"city":"Paris"}' },
  { type: "response.output_item.done", output_index: 3, item: { id: "fc_1", type: "function_call", status: "completed", call_id: "call_1", name: "get_weather", arguments: '{"city":"Paris"}' } },
  { type: "response.a_future_event", output_index: 3, delta: "?" },
  { type: "response.completed", response: { id: "resp_1", status: "completed", error: null, incomplete_details: null, output: [{ type: "web_search_call", action: { type: "search" } }], usage: { input_tokens: 37, input_tokens_details: { cached_tokens: 7, cache_write_tokens: 0 }, output_tokens: 11, output_tokens_details: { reasoning_tokens: 4 }, total_tokens: 48 } } },
].map((event, index) => ({ ...event, sequence_number: index }));

const PARTS = [
  { type: "reasoning", text: "One\n\nTwo", summary: true, encrypted: "gAAAA", sealedBy: "openai-responses", id: "rs_1" },
  { type: "hosted-call", id: "ws_1", tool: "web-search", name: "web_search", input: '{"query":"bun"}' },
  { type: "hosted-result", callId: "ws_1", tool: "web-search", sources: [{ url: "https://e.com" }] },
  { type: "text", text: "Hi there", citations: [{ url: "https://e.com", title: "E", start: 0, end: 2 }] },
  { type: "tool-call", id: "call_1", name: "get_weather", arguments: '{"city":"Paris"}' },
];

function read(events: readonly unknown[], named = false): StreamPart[] {
  const decoder = codec.streamDecoder();
  const parts = events.flatMap((event) => decoder.push({ data: typeof event === "string" ? event : JSON.stringify(event), ...(named ? { event: (event as { type: string }).type } : {}) }));
  return [...parts, ...decoder.flush()];
}

describe("a stream of the vendor's", () => {
  const want = { id: "resp_1", model: "gpt-5", created: 1_741_290_958, serviceTier: "auto", usage: { input: 30, cacheRead: 7, output: 7, reasoning: 4, webSearch: 1 } };

  test("the whole chain", () => {
    const got = assembled(read(CHAIN));
    expect(got).toMatchObject(want);
    expect(got.choices as unknown).toEqual([{ index: 0, parts: PARTS, finish: "tool-calls", logprobs: [{ token: "Hi ", logprob: -0.1, bytes: [72, 105, 32] }] }]);
  });

  test("every event twice is the same answer", () => expect(assembled(read(CHAIN.flatMap((event) => [event, event])))).toEqual(assembled(read(CHAIN))));

  test("a server that sends items only when they are done, without numbers", () => {
    const lean = CHAIN.filter((event) => /created|output_item\.done|completed/.test(String(event["type"]))).map(({ sequence_number: _number, ...event }) => event);
    const { logprobs: _logprobs, ...choice } = assembled(read(CHAIN)).choices[0] ?? {};
    expect(assembled(read(lean)).choices[0] as unknown).toEqual(choice);
  });

  test("a server that sends only the end", () => {
    const output = CHAIN.filter((event) => event["type"] === "response.output_item.done").map((event) => event["item"]);
    expect(assembled(read([{ type: "response.completed", response: { id: "resp_1", status: "completed", output } }])).choices[0]?.parts as unknown).toEqual(PARTS);
  });

  test("types told only by the event line", () => expect(assembled(read(CHAIN, true))).toEqual(assembled(read(CHAIN))));

  test.each([
    [{ type: "error", code: "rate_limit_exceeded", message: "Slow down.", param: null }, { message: "Slow down.", code: "rate_limit_exceeded" }],
    [{ type: "error", error: { type: "server_error", code: null, message: "Sorry." } }, { message: "Sorry.", code: "server_error" }],
    [{ type: "response.failed", response: { status: "failed", error: { code: "server_error", message: "Broken." } } }, { message: "Broken.", code: "server_error" }],
    [{ type: "response.failed" }, { message: "the model's vendor reported an error" }],
  ])("an error ends it: %j", (event, error) => expect(read([CHAIN[0], event, CHAIN[4]]).slice(1) as unknown).toEqual([{ type: "error", ...error }]));

  test("a broken event: told when a piece is lost, passed over when nothing is", () => {
    const decoder = codec.streamDecoder();
    expect(decoder.push({ event: "response.in_progress", data: '{"type":"resp' })).toEqual([]);
    expect(decoder.push({ event: "response.output_text.delta", data: '{"type":"resp' })).toMatchObject([{ type: "error" }]);
    expect(decoder.push({ event: "response.output_text.delta", data: JSON.stringify(CHAIN[17]) })).toEqual([]);
  });

  test("S01: an end that does not come is no end", () => {
    const parts = read(CHAIN.slice(0, 20));
    expect(parts.some((part) => part.type === "finish" || part.type === "end")).toBe(false);
  });

  test("S09: nothing is kept of a long stream", () => {
    const decoder = codec.streamDecoder();
    for (const event of CHAIN.slice(0, 17)) decoder.push({ data: JSON.stringify(event) });
    const data = JSON.stringify({ type: "response.output_text.delta", output_index: 2, content_index: 0, delta: "x".repeat(1_000) });
    for (let i = 0; i < 20_000; i += 1) decoder.push({ data });
    expect(JSON.stringify(decoder, (_key, value: unknown) => (value instanceof Map || value instanceof Set ? [...value] : value)).length).toBeLessThan(5_000);
  });
});

describe("a whole answer of the vendor's", () => {
  const whole = (more: Record<string, unknown>) => codec.decodeResponse({ id: "resp_1", model: "m", status: "completed", output: [], ...more }).choices[0];

  test.each([
    [{ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }, { finish: "length" }],
    [{ status: "incomplete", incomplete_details: { reason: "content_filter" } }, { finish: "content-filter" }],
    [{ status: "incomplete", incomplete_details: { reason: "new" } }, { finish: "length", finishDetail: "new" }],
    [{ status: "failed", error: { code: "server_error", message: "x" } }, { finish: "error", finishDetail: "server_error" }],
    [{ status: "cancelled" }, { finish: "error", finishDetail: "cancelled" }],
    [{ output: [{ type: "message", content: [{ type: "refusal", refusal: "no" }] }] }, { finish: "refusal" }],
    [{ output: [{ type: "custom_tool_call", call_id: "c", name: "f", input: "x" }] }, { finish: "tool-calls" }],
    [{}, { finish: "stop" }],
  ])("%j", (more, finish) => expect(whole(more) as unknown).toMatchObject(finish));

  test("pages that were opened, files that were searched, code, pictures, the unknown", () => {
    const opaque = { type: "mcp_call", id: "mcp_1" };
    expect(whole({ output: [
      { type: "web_search_call", id: "ws_1", action: { type: "open_page", url: "https://e.com" }, status: "failed" },
      { type: "file_search_call", id: "fs_1", queries: ["a"], results: [{ filename: "f.txt", text: "t" }] },
      { type: "image_generation_call", id: "ig_1", result: "AAAA", output_format: "webp" },
      { type: "function_call", name: "list", namespace: "ns", arguments: "{}" },
      opaque, { type: "reasoning", id: "rs", summary: [] }, {},
    ] })?.parts as unknown).toEqual([
      { type: "hosted-call", id: "ws_1", tool: "web-search", name: "web_search", input: '{"url":"https://e.com"}' },
      { type: "hosted-result", callId: "ws_1", tool: "web-search", sources: [], isError: true },
      { type: "hosted-call", id: "fs_1", tool: "file-search", name: "file_search", input: '{"queries":["a"]}' },
      { type: "hosted-result", callId: "fs_1", tool: "file-search", output: "f.txt: t" },
      { type: "image", source: { kind: "base64", mediaType: "image/webp", data: "AAAA" } },
      { type: "tool-call", id: "call_3_resp_1", name: "ns__list", arguments: "{}" },
      { type: "opaque", dialect: "openai-responses", name: "mcp_call", value: opaque },
    ]);
  });
});

describe("usage", () => {
  test("M11: more cached than input tokens is clamped and told", () => {
    const read = readResponsesUsage({ input_tokens: 10, input_tokens_details: { cached_tokens: 50, cache_write_tokens: 9 }, output_tokens: 2, output_tokens_details: { reasoning_tokens: 5 } });
    expect(read).toEqual({ usage: { input: 0, cacheRead: 10, output: 0, reasoning: 2 }, anomaly: "cached_tokens 50 > input_tokens 10" });
  });

  test("S21: nothing reported is nothing", () => expect(readResponsesUsage(null)).toBeUndefined());
});
