import { describe, expect, test } from "bun:test";
import type { AnswerContext } from "../canonical/codec.ts";
import type { Part } from "../canonical/parts.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import type { Choice, FinishReason } from "../canonical/response.ts";
import { openaiChatCodec } from "./codec.ts";
import { readOpenAIUsage, writeOpenAIUsage } from "../canonical/openai-usage.ts";

const request: CanonicalRequest = { model: "public", stream: false, messages: [] };
const context: AnswerContext = { id: "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000", model: "public", nowSeconds: 1_700_000_000, request };
const decode = (message: Record<string, unknown>, finish = "stop", more: Record<string, unknown> = {}): Choice => {
  const [choice] = openaiChatCodec.decodeResponse({ id: "x", choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: finish }], ...more }).choices;
  if (!choice) throw new Error("no choice");
  return choice;
};
const encode = (parts: Part[], finish: FinishReason = "stop", of: Partial<CanonicalRequest> = {}) => {
  const body = openaiChatCodec.encodeResponse({ id: "", model: "vendor", choices: [{ index: 0, parts, finish }], usage: undefined }, { ...context, request: { ...request, ...of } });
  return (body["choices"] as { message: Record<string, unknown>; finish_reason: string }[])[0];
};

/** Answers constructed after the vendors' documents named. */
describe("answers of the family", () => {
  test("DeepSeek and most: reasoning_content; Groq, vLLM: reasoning", () => {
    for (const name of ["reasoning_content", "reasoning"]) expect(decode({ content: "9.11", [name]: "think" }).parts).toEqual([{ type: "reasoning", text: "think" }, { type: "text", text: "9.11" }]);
  });

  test("OpenRouter: details over the plain text, the plain text beside details that are all sealed", () => {
    const sealed = { type: "reasoning.encrypted", data: "enc", format: "anthropic-claude-v1", index: 0 };
    expect(decode({ content: "x", reasoning: "a", reasoning_details: [{ type: "reasoning.text", text: "a", signature: "s", format: "anthropic-claude-v1", index: 0 }] }).parts[0]).toEqual({ type: "reasoning", text: "a", signature: "s", sealedBy: "anthropic-messages" });
    expect(decode({ content: "x", reasoning: "a", reasoning_details: [sealed] }).parts.slice(0, 2)).toEqual([{ type: "reasoning", text: "a" }, { type: "reasoning", text: "", encrypted: "enc", sealedBy: "anthropic-messages" }]);
  });

  test("Mistral: content as a list with thinking", () => {
    expect(decode({ content: [{ type: "thinking", thinking: [{ type: "text", text: "hm" }] }, { type: "text", text: "yes" }] }).parts).toEqual([{ type: "reasoning", text: "hm" }, { type: "text", text: "yes" }]);
  });

  test("Perplexity: search_results and citations beside the choices; OpenAI: annotations", () => {
    const results = { citations: ["https://a.example", "https://b.example"], search_results: [{ title: "A", url: "https://a.example", date: "2025-01-01" }] };
    expect(decode({ content: "so [1][2]" }, "stop", results).parts).toEqual([{ type: "text", text: "so [1][2]", citations: [{ url: "https://a.example", title: "A" }, { url: "https://b.example" }] }]);
    expect(decode({ content: "cited", annotations: [{ type: "url_citation", url_citation: { url: "https://c.example", title: "C", start_index: 0, end_index: 5 } }] }).parts).toEqual([{ type: "text", text: "cited", citations: [{ url: "https://c.example", title: "C", start: 0, end: 5 }] }]);
  });

  test("calls without ids, with object arguments, without arguments, of the legacy form", () => {
    const call = (more: Record<string, unknown>) => ({ type: "function", ...more });
    expect(decode({ tool_calls: [call({ function: { name: "f", arguments: { a: 1 } } }), call({ id: "i", function: { name: "g", arguments: "" } })] }, "tool_calls").parts).toEqual([{ type: "tool-call", id: "call_0_0_x", name: "f", arguments: '{"a":1}' }, { type: "tool-call", id: "i", name: "g", arguments: "{}" }]);
    expect(decode({ function_call: { name: "f", arguments: "{}" } }, "function_call")).toMatchObject({ finish: "tool-calls", parts: [{ type: "tool-call", name: "f" }] });
  });

  test("an error or nonsense in place of an answer has no choices", () => {
    for (const body of [{ error: { message: "x" } }, {}, { choices: "no" }, { choices: [null, 5] }]) expect(() => openaiChatCodec.decodeResponse(body)).not.toThrow();
  });
});

describe("finish reasons", () => {
  test.each<[string, Record<string, unknown>, FinishReason, string | undefined]>([
    ["stop", { content: "x" }, "stop", undefined],
    ["length", { content: "x" }, "length", undefined],
    ["content_filter", { content: "" }, "content-filter", undefined],
    ["tool_calls", { tool_calls: [{ id: "a", function: { name: "f" } }] }, "tool-calls", undefined],
    ["stop", { tool_calls: [{ id: "a", function: { name: "f" } }] }, "tool-calls", undefined],
    ["stop", { refusal: "no" }, "refusal", undefined],
    ["insufficient_system_resource", { content: "x" }, "error", "insufficient_system_resource"],
    ["model_length", { content: "x" }, "context-length", "model_length"],
    ["something_new", { content: "x" }, "stop", "something_new"],
  ])("%s %j is %s", (word, message, finish, detail) => {
    const choice = decode(message, word);
    expect([choice.finish, choice.finishDetail]).toEqual([finish, detail]);
  });

  test.each<[FinishReason, Part[], string]>([
    ["stop", [], "stop"],
    ["stop-sequence", [], "stop"],
    ["pause", [], "stop"],
    ["length", [], "length"],
    ["context-length", [], "length"],
    ["content-filter", [], "content_filter"],
    ["refusal", [], "content_filter"],
    ["refusal", [{ type: "refusal", text: "no" }], "stop"],
    ["tool-calls", [{ type: "tool-call", id: "a", name: "f", arguments: "{}" }], "tool_calls"],
    ["error", [], "stop"],
  ])("%s is told as its word", (finish, parts, word) => expect(encode(parts, finish)?.finish_reason).toBe(word));
});

describe("answers for callers", () => {
  test("other vendors' thinking is reasoning_content, its seal goes along", () => {
    expect(encode([{ type: "reasoning", text: "hm", signature: "sig", sealedBy: "anthropic-messages" }, { type: "text", text: "yes" }])?.message).toEqual({
      role: "assistant",
      content: "yes",
      refusal: null,
      reasoning_content: "hm",
      reasoning_details: [{ type: "reasoning.text", text: "hm", signature: "sig", format: "anthropic-claude-v1", index: 0 }],
    });
  });

  test("an image is Markdown and structured", () => {
    expect(encode([{ type: "text", text: "Here: " }, { type: "image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" } }])?.message).toEqual({
      role: "assistant",
      content: "Here: ![image](data:image/png;base64,AAAA)",
      refusal: null,
      images: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" }, index: 0 }],
    });
  });

  test("citations of several texts count from the whole content; a search that nothing cites gives its pages", () => {
    const cited: Part[] = [{ type: "text", text: "one " }, { type: "text", text: "two", citations: [{ url: "https://a.example", title: "A", start: 0, end: 3 }, { document: { index: 0 } }] }];
    expect(encode(cited)?.message["annotations"]).toEqual([{ type: "url_citation", url_citation: { url: "https://a.example", title: "A", start_index: 4, end_index: 7 } }]);
    expect(encode([{ type: "hosted-result", callId: "s", tool: "web-search", sources: [{ url: "https://b.example", title: "B" }] }, { type: "text", text: "so" }])?.message["annotations"]).toEqual([{ type: "url_citation", url_citation: { url: "https://b.example", title: "B", start_index: 0, end_index: 2 } }]);
  });

  test("code that the vendor ran is text of the answer", () => {
    const content = encode([{ type: "hosted-call", id: "c", tool: "code-execution", name: "code_execution", input: "print(1)", language: "python" }, { type: "hosted-result", callId: "c", tool: "code-execution", output: "1" }, { type: "text", text: "One." }])?.message["content"];
    expect(content).toBe("\n```python\nprint(1)\n```\n\n```output\n1\n```\nOne.");
  });

  test("legacy callers get function_call", () => {
    expect(encode([{ type: "tool-call", id: "a", name: "f", arguments: "{}" }], "tool-calls", { fields: { tools: "functions" } })).toMatchObject({ message: { content: null, function_call: { name: "f", arguments: "{}" } }, finish_reason: "function_call" });
  });

  test("an id is made from the request's, usage only told where there is one", () => {
    const body = openaiChatCodec.encodeResponse({ id: "", model: "v", choices: [], usage: undefined }, context);
    expect(body).toEqual({ id: "chatcmpl-0199aaaabbbb7ccc8dddeeeeffff0000", object: "chat.completion", created: 1_700_000_000, model: "public", choices: [] });
  });
});

describe("usage in odd places and words", () => {
  test.each<[string, Record<string, unknown>, Record<string, number>]>([
    ["DeepSeek", { prompt_tokens: 10, completion_tokens: 5, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6 }, { input: 6, cacheRead: 4, output: 5 }],
    ["Moonshot", { prompt_tokens: 10, completion_tokens: 5, cached_tokens: 4 }, { input: 6, cacheRead: 4, output: 5 }],
    ["xAI: reasoning beside completion_tokens", { prompt_tokens: 10, completion_tokens: 5, total_tokens: 35, completion_tokens_details: { reasoning_tokens: 20 } }, { input: 10, output: 5, reasoning: 20 }],
    ["OpenAI: reasoning inside", { prompt_tokens: 10, completion_tokens: 25, total_tokens: 35, completion_tokens_details: { reasoning_tokens: 20 } }, { input: 10, output: 5, reasoning: 20 }],
    ["OpenAI: tokens written to the cache", { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 5 } }, { input: 3, cacheRead: 2, cacheWrite: 5, output: 1 }],
    ["Perplexity", { prompt_tokens: 10, completion_tokens: 25, reasoning_tokens: 20, num_search_queries: 3 }, { input: 10, output: 5, reasoning: 20, webSearch: 3 }],
    ["OpenRouter: images", { prompt_tokens: 10, completion_tokens: 1300, completion_tokens_details: { image_tokens: 1290 } }, { input: 10, output: 10, outputImage: 1290 }],
  ])("%s", (_name, report, expected) => {
    const usage = readOpenAIUsage(report)?.usage ?? {};
    expect(Object.fromEntries(Object.entries(usage).filter(([, units]) => units > 0))).toEqual(expected);
    expect(readOpenAIUsage(writeOpenAIUsage(usage))?.usage).toEqual(usage);
  });
});
