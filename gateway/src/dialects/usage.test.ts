import { describe, expect, test } from "bun:test";
import { AnthropicUsage } from "./anthropic-messages/usage.ts";
import { anthropicMessages } from "./anthropic-messages/index.ts";
import { promptTokens, completionTokens } from "./canonical/usage.ts";
import type { StreamMeter } from "./canonical/dialect.ts";
import { scanJson } from "./canonical/json-scan.ts";
import { gemini } from "./gemini/index.ts";
import { readGeminiUsage } from "./gemini/usage.ts";
import { openaiChat } from "./openai-chat/index.ts";
import { readOpenAIUsage, writeOpenAIUsage } from "./canonical/openai-usage.ts";
import { deltaUsage } from "./anthropic-messages/encode-usage.ts";
import { writeGeminiUsage } from "./gemini/usage-metadata.ts";
import { openaiResponses } from "./openai-responses/index.ts";
import { writeResponsesUsage } from "./openai-responses/usage.ts";

/** Bodies constructed after the SDK types of the three vendors. */
describe("usage in classes that never overlap", () => {
  test("OpenAI: cached, audio and reasoning tokens lie inside the totals", () => {
    const read = readOpenAIUsage({ prompt_tokens: 100, completion_tokens: 50, prompt_tokens_details: { cached_tokens: 60, audio_tokens: 10 }, completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 5 } });
    expect(read?.usage).toEqual({ input: 30, inputAudio: 10, cacheRead: 60, output: 25, reasoning: 20, outputAudio: 5 });
  });

  test("M11: more cached than prompt tokens is clamped and told, never negative", () => {
    const read = readOpenAIUsage({ prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 50 } });
    expect(read?.anomaly).toContain("cached_tokens");
    expect(promptTokens(read?.usage ?? {})).toBe(10);
    expect(Object.values(read?.usage ?? {}).every((units) => units >= 0)).toBe(true);
  });

  test("pictures of the tool image_generation stand in tool_usage alone (constructed after the answers that sub2api#4644 quotes)", () => {
    const drawn = { image_gen: { input_tokens: 30, input_tokens_details: { image_tokens: 10, text_tokens: 20 }, output_tokens: 4_160, total_tokens: 4_190 } };
    const answer = { id: "resp_1", output: [], usage: { input_tokens: 50, output_tokens: 20 }, tool_usage: drawn };
    const [usage, pictures] = [{ input: 50, output: 20 }, { model: "gpt-image-1", usage: { input: 20, inputImage: 10, outputImage: 4_160 } }];
    expect(openaiResponses.readAnswer(Buffer.from(JSON.stringify(answer)))).toMatchObject({ usage, drawn: pictures });
    const meter = openaiResponses.meter();
    meter.event(`event: response.completed\ndata: ${JSON.stringify({ type: "response.completed", response: answer })}\n\n`);
    expect(meter.usage(0)).toEqual({ usage, drawn: pictures, estimated: false });
    const named = { ...answer, tools: [{ type: "image_generation", model: "gpt-image-1-mini" }], tool_usage: { image_gen: { output_tokens: 1e12 } } };
    expect(openaiResponses.readAnswer(Buffer.from(JSON.stringify(named))).drawn).toEqual({ model: "gpt-image-1-mini", usage: { input: 0, inputImage: 0, outputImage: 50_000 } });
  });

  test("Google's maps: their queries are none of the web's; events repeat what earlier ones told", () => {
    const grounding = (chunks: object[], queries: string[]) => [{ content: { parts: [{ text: "a" }] }, groundingMetadata: { groundingChunks: chunks, webSearchQueries: queries } }];
    const [maps, web] = [{ maps: { placeId: "p" } }, { web: { uri: "u" } }];
    const usage = (model: string, ...events: object[][]): object => {
      const meter = gemini.meter("sse", { model, stream: true, promptTokens: 1, maxOutputTokens: undefined, choices: 1 });
      for (const candidates of events) meter.event(`data: ${JSON.stringify({ candidates, usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2 } })}\n\n`);
      return meter.usage(1).usage;
    };
    expect(usage("gemini-2.5-flash", grounding([maps], ["a", "b"]), grounding([maps], ["a", "b"]))).toMatchObject({ mapsSearch: 1 });
    expect(usage("gemini-2.5-flash", grounding([maps], ["a", "b"]))).not.toHaveProperty("webSearch");
    expect(usage("gemini-3.5-flash", grounding([maps], ["a", "b"]))).toMatchObject({ mapsSearch: 2 });
    expect(usage("gemini-3.5-flash", grounding([maps], ["a"]), grounding([maps, web], ["a", "b"]))).toMatchObject({ mapsSearch: 1, webSearch: 2 });
  });

  test("OpenAI's search models look something up for every answer (pricing page); others do not", () => {
    const body = Buffer.from(JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content: "a" }, finish_reason: "stop" }], usage: { prompt_tokens: 5, completion_tokens: 2 } }));
    for (const [model, searches] of [["gpt-4o-search-preview", 1], ["gpt-5-search-api", 1], ["gpt-4o", undefined]] as const) {
      const facts = { model, stream: false, promptTokens: 5, maxOutputTokens: undefined, choices: 1 };
      expect(openaiChat.readAnswer(body, { contentType: "application/json", facts }).usage?.webSearch).toBe(searches);
      const meter = openaiChat.meter("sse", facts);
      meter.event('data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}\n\n');
      meter.event('data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}\n\n');
      expect(meter.usage(5).usage.webSearch).toBe(searches);
    }
  });

  test("M06: a count beyond every context is cut in all dialects", () => {
    const reads = [
      readOpenAIUsage({ prompt_tokens: 1e25, completion_tokens: 1e300 })?.usage,
      readGeminiUsage({ promptTokenCount: 1e25, candidatesTokenCount: 1e25 })?.usage,
    ];
    for (const usage of reads) expect([promptTokens(usage ?? {}), completionTokens(usage ?? {})]).toEqual([100_000_000, 100_000_000]);
  });

  test("M12, M14: Anthropic's last cumulative value counts, nothing is added up", () => {
    const usage = new AnthropicUsage();
    usage.merge({ input_tokens: 10, cache_read_input_tokens: 3, cache_creation_input_tokens: 9, cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 4 }, output_tokens: 1 });
    usage.merge({ output_tokens: 7 });
    usage.merge({ output_tokens: 12, input_tokens: 15, server_tool_use: { web_search_requests: 2 } });
    expect(usage.classes()).toEqual({ input: 15, cacheRead: 3, cacheWrite: 5, cacheWriteHour: 4, output: 12, reasoning: 0, webSearch: 2 });
  });

  test("Gemini: cached tokens inside, thoughts beside, modalities apart", () => {
    const read = readGeminiUsage({ promptTokenCount: 100, cachedContentTokenCount: 40, candidatesTokenCount: 20, thoughtsTokenCount: 8, promptTokensDetails: [{ modality: "TEXT", tokenCount: 70 }, { modality: "AUDIO", tokenCount: 30 }] });
    expect(read?.usage).toEqual({ input: 30, inputAudio: 30, inputImage: 0, cacheRead: 40, output: 20, reasoning: 8, outputAudio: 0, outputImage: 0 });
    expect(promptTokens(read?.usage ?? {})).toBe(100);
    expect(completionTokens(read?.usage ?? {})).toBe(28);
  });

  test("Gemini: cached sound and pictures are classes of their own, inside and out", () => {
    const report = {
      promptTokenCount: 1000, cachedContentTokenCount: 400, candidatesTokenCount: 20, totalTokenCount: 1020,
      promptTokensDetails: [{ modality: "TEXT", tokenCount: 700 }, { modality: "AUDIO", tokenCount: 200 }, { modality: "IMAGE", tokenCount: 100 }],
      cacheTokensDetails: [{ modality: "TEXT", tokenCount: 250 }, { modality: "AUDIO", tokenCount: 120 }, { modality: "IMAGE", tokenCount: 30 }],
      candidatesTokensDetails: [{ modality: "TEXT", tokenCount: 20 }],
    };
    const usage = readGeminiUsage(report)?.usage ?? {};
    expect(usage).toMatchObject({ input: 450, inputAudio: 80, inputImage: 70, cacheRead: 250, cacheReadAudio: 120, cacheReadImage: 30 });
    expect(promptTokens(usage)).toBe(1000);
    expect(writeGeminiUsage(usage)).toEqual(report);
    expect(writeOpenAIUsage(usage)).toMatchObject({ prompt_tokens: 1000, prompt_tokens_details: { cached_tokens: 400, audio_tokens: 200, image_tokens: 100 } });
    expect(writeResponsesUsage(usage)).toMatchObject({ input_tokens: 1000, input_tokens_details: { cached_tokens: 400, audio_tokens: 200, image_tokens: 100 } });
    expect(deltaUsage(usage)).toMatchObject({ input_tokens: 600, cache_read_input_tokens: 400 });
  });

  test("M14: zero usage beside content is no report", () => {
    const facts = openaiChat.readAnswer(Buffer.from(JSON.stringify({ choices: [{ message: { content: "some words" } }], usage: { prompt_tokens: 5, completion_tokens: 0 } })));
    expect(facts.usage).toBeUndefined();
    expect(facts.deliveredTokens).toBe(2);
  });
});

test.each<[string, { meter(): StreamMeter }, (text: string) => string, object, object]>([
  ["Gemini", gemini, (text) => `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }], role: "model" }, index: 0 }], usageMetadata: { promptTokenCount: 100, cachedContentTokenCount: 40, totalTokenCount: 100 } })}\r\n\r\n`, { input: 60, cacheRead: 40 }, { output: 2 }],
  ["OpenAI", openaiChat as { meter(): StreamMeter }, (content) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: null }], usage: { prompt_tokens: 100, completion_tokens: 0, total_tokens: 100, prompt_tokens_details: { cached_tokens: 40 } } })}\n\n`, { input: 60, cacheRead: 40 }, { output: 2 }],
])("M03, M14: %s: a stream that breaks off bills the prompt as the vendor reported it, and what was delivered as we counted it", (_, dialect, event, prompt, output) => {
  const meter = dialect.meter();
  meter.event(event("some words"));
  const metered = meter.usage(7);
  expect(metered.estimated).toBe(true);
  expect(metered.usage).toMatchObject({ ...prompt, ...output });
});

describe("request for usage", () => {
  const prepare = (body: object | string) => openaiChat.prepare(scanJson(Buffer.from(typeof body === "string" ? body : JSON.stringify(body))), { name: "chat", upstreamPath: "", billable: true }, "gpt-4.1-mini");

  test("is added for a streaming caller who left it out, and nothing else changes", () => {
    const text = '{"model": "gpt-4.1-mini",  "stream":true, "messages":[],"x":1.0}';
    const prepared = prepare(text);
    expect(prepared.hideUsage).toBe(true);
    expect(prepared.body.toString()).toBe(text.replace('"stream":true', '"stream":true,"stream_options":{"include_usage":true}'));
  });

  test("joins other stream options", () => {
    expect(JSON.parse(prepare({ model: "gpt-4.1-mini", stream: true, messages: [], stream_options: { include_obfuscation: false } }).body.toString())).toMatchObject({ stream_options: { include_obfuscation: false, include_usage: true } });
  });

  test("leaves those alone who ask themselves, and those who do not stream", () => {
    for (const body of [{ model: "gpt-4.1-mini", stream: true, stream_options: { include_usage: true } }, { model: "gpt-4.1-mini" }]) {
      const prepared = prepare(body);
      expect(prepared.hideUsage).toBe(false);
      expect(prepared.body.toString()).toBe(JSON.stringify(body));
    }
  });
});

describe("what a request must have", () => {
  const endpoint = { name: "x", upstreamPath: "", billable: true };
  const read = (body: string) => openaiChat.readRequest(scanJson(Buffer.from(body)), endpoint);
  test.each([
    ['{"messages":[]}', "names no model"],
    ['{"model":5,"messages":[]}', '"model" must be'],
    ['{"model":"a"}', '"messages" is missing'],
    ['{"model":"a","messages":{}}', '"messages" must be a list'],
    ['{"model":"a","messages":[],"stream":"yes"}', '"stream" must be'],
    ['{"model":"a","messages":[],"max_tokens":-1}', '"max_tokens" must be'],
    ['{"model":"a","messages":[],"n":1.5}', '"n" must be'],
    ['{"model":"a","messages":[],"n":100000}', '"n" may be'],
    ['{"model":"a","messages":[],"model":"b"}', "given twice"],
  ])("V36: %s", (body, message) => expect(() => read(body)).toThrow(message));

  test("Anthropic wants max_tokens; Gemini wants contents", () => {
    expect(() => anthropicMessages.readRequest(scanJson(Buffer.from('{"model":"a","messages":[]}')), endpoint)).toThrow("max_tokens");
    expect(() => gemini.readRequest(scanJson(Buffer.from("{}")), { ...endpoint, model: "g" })).toThrow("contents");
  });
});
