import { describe, expect, test } from "bun:test";
import type { AnswerContext } from "../canonical/codec.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import type { StreamPart } from "../canonical/stream.ts";
import { openaiChatCodec } from "./codec.ts";

/** Chunks constructed after the SDK type ChatCompletionChunk and the vendors' documents named. */
const chunk = (delta: Record<string, unknown>, finish: string | null = null, more: Record<string, unknown> = {}) => ({ id: "c1", object: "chat.completion.chunk", created: 5, model: "v", choices: [{ index: 0, delta, finish_reason: finish }], ...more });
const start: StreamPart = { type: "start", id: "c1", model: "v", created: 5 };
const decode = (...events: unknown[]): StreamPart[] => {
  const decoder = openaiChatCodec.streamDecoder();
  return [...events.flatMap((event) => decoder.push({ data: typeof event === "string" ? event : JSON.stringify(event) })), ...decoder.flush()];
};

const request: CanonicalRequest = { model: "public", stream: true, messages: [] };
const context: AnswerContext = { id: "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000", model: "public", nowSeconds: 7, request };
const encode = (parts: StreamPart[], of: Partial<CanonicalRequest> = {}): { text: string; deltas: unknown[]; last: unknown } => {
  const encoder = openaiChatCodec.streamEncoder({ ...context, request: { ...request, ...of } }, "sse");
  const text = parts.map((part) => encoder.push(part)).join("") + encoder.flush();
  const events = text.split("\n\n").filter((event) => event.startsWith("data: {")).map((event) => JSON.parse(event.slice(6)) as { choices?: { delta: unknown }[] });
  return { text, deltas: events.flatMap((event) => (event.choices ?? []).map(({ delta }) => delta)), last: events.at(-1) };
};
const at = { choice: 0, index: 0 };

describe("reading", () => {
  test("thinking, text, finish, usage, end", () => {
    expect(decode(chunk({ role: "assistant", content: "" }), chunk({ reasoning_content: "hm" }), chunk({ content: "a" }), chunk({ content: "b" }), chunk({}, "stop"), { ...chunk({}), choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } }, "[DONE]", chunk({ content: "late" }))).toEqual([
      start,
      { type: "part-start", ...at, part: { type: "reasoning", text: "" } },
      { type: "text-delta", ...at, text: "hm" },
      { type: "part-end", ...at },
      { type: "part-start", choice: 0, index: 1, part: { type: "text", text: "" } },
      { type: "text-delta", choice: 0, index: 1, text: "a" },
      { type: "text-delta", choice: 0, index: 1, text: "b" },
      { type: "part-end", choice: 0, index: 1 },
      { type: "finish", choice: 0, reason: "stop" },
      { type: "usage", usage: { input: 1, inputAudio: 0, cacheRead: 0, output: 2, reasoning: 0, outputAudio: 0 } },
      { type: "end" },
    ]);
  });

  const callsOf = (parts: StreamPart[]) => {
    const calls = parts.flatMap((part) => (part.type === "part-start" && part.part.type === "tool-call" ? [{ index: part.index, id: part.part.id, name: part.part.name, text: "" }] : []));
    for (const part of parts) if (part.type === "arguments-delta") for (const call of calls) if (call.index === part.index) call.text += part.text;
    return calls.map(({ id, name, text }) => [id, name, text]);
  };
  const piece = (index: number | undefined, text: string | undefined, id?: string, name?: string) => ({ ...(index === undefined ? {} : { index }), ...(id ? { id, type: "function" } : {}), function: { ...(name ? { name } : {}), ...(text === undefined ? {} : { arguments: text }) } });
  const calls = (...pieces: unknown[]) => chunk({ tool_calls: pieces });

  test.each<[string, unknown[]]>([
    ["one after the other", [calls(piece(0, "", "a", "f")), calls(piece(0, '{"x":')), calls(piece(0, "1}")), calls(piece(1, "{}", "b", "g"))]],
    ["interleaved", [calls(piece(0, "", "a", "f"), piece(1, "", "b", "g")), calls(piece(1, "{")), calls(piece(0, '{"x":1}'), piece(1, "}"))]],
    ["S20: all under index 0", [calls(piece(0, '{"x":1}', "a", "f")), calls(piece(0, "{}", "b", "g"))]],
    ["without an index", [calls(piece(undefined, '{"x":', "a", "f")), calls(piece(undefined, "1}")), calls(piece(undefined, "{}", "b", "g"))]],
    ["id and name repeated in every piece", [calls(piece(0, '{"x":', "a", "f")), calls(piece(0, "1}", "a", "f")), calls(piece(1, "{", "b", "g")), calls(piece(1, "}", "b", "g"))]],
    ["the name after the id, arguments before the name", [calls(piece(0, '{"x":', "a")), calls(piece(0, "1}", undefined, "f")), calls(piece(1, undefined, "b", "g"))]],
    ["S07: text and call in one chunk", [chunk({ content: "t", tool_calls: [piece(0, '{"x":1}', "a", "f")] }), calls(piece(1, "", "b", "g"))]],
  ])("parallel calls %s", (_name, events) => {
    const parts = decode(...events, chunk({}, "tool_calls"), "[DONE]");
    expect(callsOf(parts)).toEqual([["a", "f", '{"x":1}'], ["b", "g", "{}"]]);
    expect(parts.filter((part) => part.type === "part-start").length).toBe(parts.filter((part) => part.type === "part-end").length);
    expect(parts.at(-2)).toEqual({ type: "finish", choice: 0, reason: "tool-calls" });
  });

  test("a call ends when the next begins, if its arguments are whole", () => {
    const kinds = decode(calls(piece(0, '{"x":', "a", "f")), calls(piece(0, "1}")), calls(piece(1, "{", "b", "g")), calls(piece(1, "}")), chunk({}, "tool_calls")).map((part) => ("index" in part ? `${part.type} ${part.index}` : part.type));
    expect(kinds).toEqual(["start", "part-start 0", "arguments-delta 0", "arguments-delta 0", "part-end 0", "part-start 1", "arguments-delta 1", "arguments-delta 1", "part-end 1", "finish", "end"]);
  });

  test("calls without ids get ids of their own; the legacy form", () => {
    expect(callsOf(decode(calls(piece(0, "{}", undefined, "f")), calls(piece(1, "{}", undefined, "g")), chunk({}, "stop")))).toEqual([["call_0_0_c1", "f", "{}"], ["call_0_1_c1", "g", "{}"]]);
    expect(callsOf(decode(chunk({ function_call: { name: "f", arguments: "" } }), chunk({ function_call: { arguments: '{"a":1}' } }), chunk({}, "function_call")))).toEqual([["call_0_0_c1", "f", '{"a":1}']]);
  });

  test("S06: arguments split at every byte are the same", () => {
    const text = '{"a":"é\\n","b":[1,2]}';
    const pieces = text.split("").map((letter) => calls(piece(0, letter)));
    expect(callsOf(decode(calls(piece(0, "", "a", "f")), ...pieces, chunk({}, "tool_calls")))).toEqual([["a", "f", text]]);
  });

  test("OpenRouter: details with text, signature and sealed data", () => {
    const detail = (entry: Record<string, unknown>) => chunk({ reasoning: entry["text"], reasoning_details: [{ format: "anthropic-claude-v1", index: 0, ...entry }] });
    expect(decode(detail({ type: "reasoning.text", text: "a" }), detail({ type: "reasoning.text", text: "b" }), detail({ type: "reasoning.text", signature: "sig" }), chunk({ content: "x" }), chunk({}, "stop")).slice(1, 6)).toEqual([
      { type: "part-start", ...at, part: { type: "reasoning", text: "", sealedBy: "anthropic-messages" } },
      { type: "text-delta", ...at, text: "a" },
      { type: "text-delta", ...at, text: "b" },
      { type: "signature-delta", ...at, signature: "sig" },
      { type: "part-end", ...at },
    ]);
  });

  test("Perplexity repeats its sources in every chunk: told once, with the text", () => {
    const more = { citations: ["https://a.example"], usage: { prompt_tokens: 1, completion_tokens: 1 } };
    expect(decode(chunk({ content: "a" }, null, more), chunk({ content: "b" }, null, more), chunk({}, "stop", more), "[DONE]").filter((part) => part.type === "citation")).toEqual([{ type: "citation", ...at, citation: { url: "https://a.example" } }]);
  });

  test("Moonshot and Groq put usage elsewhere", () => {
    const usage = { prompt_tokens: 3, completion_tokens: 4 };
    for (const last of [{ ...chunk({}), choices: [{ index: 0, delta: {}, finish_reason: "stop", usage }] }, chunk({}, "stop", { x_groq: { usage } })])
      expect(decode(chunk({ content: "a" }), last).find((part) => part.type === "usage")).toMatchObject({ usage: { input: 3, output: 4 } });
  });

  test("errors in mid-stream end everything; so does an event that is no JSON", () => {
    expect(decode(chunk({ content: "a" }), { error: { message: "Overloaded", code: 529, type: "overloaded" } }, chunk({ content: "b" }), "[DONE]").at(-1)).toEqual({ type: "error", message: "Overloaded", code: "529" });
    expect(decode(chunk({ content: "a" }), { ...chunk({ content: "" }, "error"), error: { code: "server_error", message: "Provider disconnected" } }).at(-1)).toMatchObject({ type: "error", message: "Provider disconnected" });
    expect(decode(chunk({ content: "a" }), '{"id": "c1", "cho').at(-1)).toMatchObject({ type: "error" });
  });

  test("S01: a cut stream does not end; one that only lacks its [DONE] does", () => {
    expect(decode(chunk({ content: "a" })).some((part) => part.type === "end" || part.type === "finish")).toBe(false);
    expect(decode(chunk({ content: "a" }), chunk({}, "stop")).at(-1)).toEqual({ type: "end" });
  });

  test("Azure's first chunk without id and choices, and comments without data, are nothing", () => {
    expect(decode({ id: "", choices: [], prompt_filter_results: [] }, "", chunk({ content: "a" }))[0]).toEqual({ type: "ping" });
  });

  test("sound in pieces, ending without a finish reason", () => {
    const parts = decode(chunk({ role: "assistant", audio: { id: "au", transcript: "Hel" } }), chunk({ audio: { data: "AAAA" } }), chunk({ audio: { transcript: "lo" } }), chunk({ audio: { expires_at: 9 } }), "[DONE]");
    expect(parts.filter((part) => part.type === "audio-delta")).toEqual([
      { type: "audio-delta", ...at, id: "au", transcript: "Hel" },
      { type: "audio-delta", ...at, data: "AAAA" },
      { type: "audio-delta", ...at, transcript: "lo" },
      { type: "audio-delta", ...at, expiresAt: 9 },
    ]);
    expect(parts.slice(-2)).toEqual([{ type: "finish", choice: 0, reason: "stop" }, { type: "end" }]);
  });
});

describe("writing", () => {
  const text: StreamPart[] = [{ type: "start", id: "", model: "v" }, { type: "part-start", ...at, part: { type: "text", text: "" } }, { type: "text-delta", ...at, text: "Hi" }, { type: "part-end", ...at }, { type: "finish", choice: 0, reason: "stop" }, { type: "usage", usage: { input: 3, cacheRead: 2, output: 1 } }, { type: "end" }];

  test("the very bytes; usage only to those who asked, null before it", () => {
    const head = '"id":"chatcmpl-0199aaaabbbb7ccc8dddeeeeffff0000","object":"chat.completion.chunk","created":7,"model":"public","choices":[';
    expect(encode(text).text).toBe(
      `data: {${head}{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]}\n\n` +
        `data: {${head}{"index":0,"delta":{"content":"Hi"},"logprobs":null,"finish_reason":null}]}\n\n` +
        `data: {${head}{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`,
    );
    const asked = encode(text, { includeUsage: true });
    expect(asked.text.split('"usage":null').length).toBe(4);
    expect(asked.last).toMatchObject({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6, prompt_tokens_details: { cached_tokens: 2 } } });
  });

  test("S21: no usage where the vendor told none", () => {
    expect(encode(text.filter((part) => part.type !== "usage"), { includeUsage: true }).last).toMatchObject({ choices: [{ finish_reason: "stop" }] });
  });

  test("S01: neither an error nor a cut stream ends with [DONE]; a complete one is closed", () => {
    expect(encode([...text.slice(0, 3), { type: "error", message: "gone", code: "upstream_stream_cut" }]).text).toEndWith('data: {"error":{"message":"gone","type":"server_error","param":null,"code":"upstream_stream_cut"}}\n\n');
    expect(encode(text.slice(0, 3)).text).not.toContain("[DONE]");
    expect(encode(text.slice(0, 5)).text).toEndWith("data: [DONE]\n\n");
  });

  test("S08: the role once per choice, whatever comes first", () => {
    const { deltas } = encode([{ type: "part-start", choice: 1, index: 0, part: { type: "text", text: "" } }, { type: "text-delta", choice: 1, index: 0, text: "x" }, { type: "finish", choice: 1, reason: "stop" }, { type: "start", id: "late", model: "v" }, { type: "end" }]);
    expect(deltas.filter((delta) => (delta as Record<string, unknown>)["role"] === "assistant").length).toBe(1);
  });

  test("parallel calls that interleave are written one after the other; a call without parameters has an object", () => {
    const call = (index: number, id: string): StreamPart => ({ type: "part-start", choice: 0, index, part: { type: "tool-call", id, name: `n${id}`, arguments: "" } });
    const { deltas } = encode([call(3, "a"), call(4, "b"), { type: "arguments-delta", choice: 0, index: 4, text: "{" }, { type: "arguments-delta", choice: 0, index: 4, text: "}" }, { type: "part-end", choice: 0, index: 4 }, { type: "part-end", choice: 0, index: 3 }, { type: "finish", choice: 0, reason: "tool-calls" }, { type: "end" }]);
    expect(deltas.slice(1, -1)).toEqual([
      { tool_calls: [{ index: 0, id: "a", type: "function", function: { name: "na", arguments: "" } }] },
      { tool_calls: [{ index: 0, function: { arguments: "{}" } }] },
      { tool_calls: [{ index: 1, id: "b", type: "function", function: { name: "nb", arguments: "" } }] },
      { tool_calls: [{ index: 1, function: { arguments: "{}" } }] },
    ]);
  });

  test("what a part's end alone tells is told", () => {
    const whole = (index: number, head: StreamPart & { type: "part-start" }, part: (StreamPart & { type: "part-end" })["part"]): StreamPart[] => [{ ...head, index }, { type: "part-end", choice: 0, index, ...(part ? { part } : {}) }];
    const { deltas } = encode([
      ...whole(0, { type: "part-start", ...at, part: { type: "reasoning", text: "" } }, { type: "reasoning", text: "sum", summary: true, id: "rs", encrypted: "enc", sealedBy: "openai-responses" }),
      ...whole(1, { type: "part-start", ...at, part: { type: "text", text: "" } }, { type: "text", text: "all" }),
      ...whole(2, { type: "part-start", ...at, part: { type: "tool-call", id: "a", name: "f", arguments: "" } }, { type: "tool-call", id: "a", name: "f", arguments: '{"a":1}' }),
    ]);
    const common = { id: "rs", format: "openai-responses-v1", index: 0 };
    expect(deltas.slice(1)).toEqual([
      { reasoning_content: "sum", reasoning_details: [{ type: "reasoning.summary", summary: "sum", ...common }] },
      { reasoning_details: [{ type: "reasoning.encrypted", data: "enc", ...common }] },
      { content: "all" },
      { tool_calls: [{ index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"a":1}' } }] },
    ]);
  });

  test("a ping is a comment", () => expect(openaiChatCodec.streamEncoder(context, "sse").ping()).toBe(": ping\n\n"));
});
