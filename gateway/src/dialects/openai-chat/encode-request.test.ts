import { describe, expect, test } from "bun:test";
import type { Part } from "../canonical/parts.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import { openaiChatCodec } from "./codec.ts";

/** Canonical requests constructed as the decoders of the other dialects make them. */
const encode = (request: Partial<CanonicalRequest>, traits: string[] = [], target: { reasons?: boolean; maxOutputTokens?: number } = {}) =>
  openaiChatCodec.encodeRequest(
    { model: "public", stream: false, messages: [{ role: "user", parts: [{ type: "text", text: "Hi" }] }], ...request },
    { model: "upstream", maxOutputTokens: target.maxOutputTokens ?? 32_768, reasons: target.reasons ?? true, traits: new Set(traits) },
  );
const user = (...parts: Part[]): Partial<CanonicalRequest> => ({ messages: [{ role: "user", parts }] });
const f = { type: "function" as const, name: "f" };

describe("to OpenAI", () => {
  test("a stream asks for its usage; a length beyond what the model can give is cut, and named", () => {
    expect(encode({ stream: true, maxOutputTokens: 64_000 })).toEqual({ body: { model: "upstream", messages: [{ role: "user", content: "Hi" }], max_completion_tokens: 32_768, stream: true, stream_options: { include_usage: true } }, dropped: ["maxOutputTokens"] });
  });

  test("S18: a tool without parameters keeps an empty schema, and a closed one where strict", () => {
    expect(encode({ tools: [f, { ...f, name: "g", strict: true }] }).body["tools"]).toEqual([
      { type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } },
      { type: "function", function: { name: "g", strict: true, parameters: { type: "object", properties: {}, required: [], additionalProperties: false } } },
    ]);
  });

  test("images and errors of tool results are carried: the image follows when the turn's results are complete", () => {
    const { body, dropped } = encode({
      messages: [
        { role: "user", parts: [{ type: "text", text: "Look" }] },
        { role: "assistant", parts: [{ type: "text", text: "ok" }, { type: "tool-call", id: "a", name: "f", arguments: "{}" }, { type: "tool-call", id: "b", name: "f", arguments: "" }] },
        { role: "tool", parts: [{ type: "tool-result", callId: "a", parts: [{ type: "image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" } }] }, { type: "tool-result", callId: "b", isError: true, parts: [{ type: "text", text: "no such file" }] }] },
      ],
    });
    expect((body["messages"] as unknown[]).slice(1)).toEqual([
      { role: "assistant", content: "ok", tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }, { id: "b", type: "function", function: { name: "f", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "a", content: "The result follows below." },
      { role: "tool", tool_call_id: "b", content: "Error: no such file" },
      { role: "user", content: [{ type: "text", text: "From the result of tool call a:" }, { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }] },
    ]);
    expect(dropped).toEqual([]);
  });

  test("thinking of others is history, not a wish: left out without a word", () => {
    const { body, dropped } = encode({ messages: [{ role: "user", parts: [{ type: "text", text: "x" }] }, { role: "assistant", parts: [{ type: "reasoning", text: "t", signature: "s", sealedBy: "anthropic-messages" }, { type: "text", text: "y" }] }] });
    expect((body["messages"] as unknown[])[1]).toEqual({ role: "assistant", content: "y" });
    expect(dropped).toEqual([]);
  });

  test("a text document is put into the prompt, a PDF sent as a file", () => {
    const { body } = encode(user({ type: "file", name: "a.txt", source: { kind: "base64", mediaType: "text/plain", data: "aGVsbG8=" } }, { type: "file", source: { kind: "base64", mediaType: "application/pdf", data: "JVBERi0=" } }));
    expect(body["messages"]).toEqual([{ role: "user", content: [{ type: "text", text: '<document name="a.txt">\nhello\n</document>' }, { type: "file", file: { filename: "document.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } }] }]);
  });

  test("JSON mode where nobody speaks of JSON needs a word of it", () => {
    const { body } = encode({ format: { type: "json" } });
    expect(body["response_format"]).toEqual({ type: "json_object" });
    expect(JSON.stringify(body["messages"])).toMatch(/JSON/);
    expect((encode({ format: { type: "json" }, ...user({ type: "text", text: "as json" }) }).body["messages"] as unknown[]).length).toBe(1);
  });

  test("a schema without a name gets one, one with a name a proper one", () => {
    expect(encode({ format: { type: "json-schema", schema: { type: "object" } } }).body["response_format"]).toEqual({ type: "json_schema", json_schema: { name: "answer", schema: { type: "object" } } });
    expect(encode({ format: { type: "json-schema", schema: {}, name: "my schema!", strict: true } }).body["response_format"]).toMatchObject({ json_schema: { name: "my_schema_", strict: true } });
  });

  test("speech needs a voice and a format, and comes beside text; a voice of Gemini's is none of OpenAI's", () => {
    expect(encode({ modalities: ["audio"] })).toMatchObject({ dropped: [], body: { modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } } });
    expect(encode({ modalities: ["audio"], stream: true, audio: { voice: "Kore" }, fields: { "audio.voice": "speechConfig" } })).toMatchObject({ dropped: ["speechConfig"], body: { audio: { voice: "alloy", format: "pcm16" } } });
    expect(encode({ modalities: ["text", "audio"], audio: { voice: "ash", format: "mp3" } }).body).toMatchObject({ audio: { voice: "ash", format: "mp3" } });
  });

  test("metadata needs store, and is reported without; hints for caches are no wishes", () => {
    expect(encode({ metadata: { a: "b" }, store: false })).toMatchObject({ dropped: ["metadata"] });
    expect(encode({ metadata: { a: "b" } }).body).not.toHaveProperty("metadata");
    expect(encode({ metadata: { a: "b" }, store: true }).body).toMatchObject({ store: true, metadata: { a: "b" } });
  });

  test("what OpenAI has no word for is told in the caller's words", () => {
    const { body, dropped } = encode({
      topK: 40, minP: 0.1, stop: ["1", "2", "3", "4", "5"], serviceTier: "reserved", image: { size: "1K" }, modalities: ["text", "image"],
      tools: [{ type: "code-execution" }, { type: "web-search", maxUses: 3 }, { type: "opaque", dialect: "anthropic-messages", name: "bash_20250124", value: {} }],
      own: { dialect: "gemini", values: { safetySettings: [] } },
      fields: { topK: "generationConfig.topK", stop: "generationConfig.stopSequences" },
      ...user({ type: "video", source: { kind: "url", url: "https://example.com/v.mp4" } }, { type: "text", text: "x" }),
    });
    expect(dropped.toSorted()).toEqual(["bash_20250124", "generationConfig.stopSequences", "generationConfig.topK", "image", "minP", "modalities", "parts.video", "safetySettings", "serviceTier", "tools.code-execution", "tools.web-search.maxUses"]);
    expect(body).toMatchObject({ stop: ["1", "2", "3", "4"], web_search_options: {} });
    expect(body).not.toHaveProperty("tools");
  });

  test("own members of this dialect come back", () => {
    expect(encode({ own: { dialect: "openai-chat", values: { prediction: { type: "content", content: "x" } } } })).toMatchObject({ body: { prediction: { type: "content", content: "x" } }, dropped: [] });
  });
});

describe("traits of the family", () => {
  test.each<[string, Partial<CanonicalRequest>, Record<string, unknown>, string[]]>([
    ["max-tokens", { maxOutputTokens: 9 }, { max_tokens: 9 }, []],
    ["no-stream-options", { stream: true }, { stream: true }, []],
    ["no-strict", { tools: [{ ...f, strict: true }] }, { tools: [{ type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } }] }, []],
    ["no-parallel-tool-calls", { tools: [f], parallelToolCalls: false }, {}, ["parallelToolCalls"]],
    ["no-forced-tools", { tools: [f], toolChoice: { mode: "required" } }, { tool_choice: "auto" }, ["toolChoice"]],
    ["no-tools", { tools: [f], toolChoice: { mode: "required" } }, {}, ["tools", "toolChoice"]],
    ["no-allowed-tools", { tools: [f, { ...f, name: "g" }], toolChoice: { mode: "allowed", names: ["g"], required: true } }, { tool_choice: "required", tools: [{ type: "function", function: { name: "g", parameters: { type: "object", properties: {} } } }] }, []],
    ["no-sampling", { temperature: 0.2, topP: 1, presencePenalty: 0, logprobs: { top: 1 } }, {}, ["temperature", "logprobs"]],
    ["no-openai-extras", { verbosity: "low", user: "u", serviceTier: "flex", promptCacheKey: "k", store: true }, {}, ["verbosity", "serviceTier"]],
    ["top-k", { topK: 5 }, { top_k: 5 }, []],
    ["no-web-search", { tools: [{ type: "web-search" }] }, {}, ["tools.web-search"]],
    ["hosted-tool-names", { tools: [{ type: "web-search" }] }, { tools: [{ type: "function", function: { name: "googleSearch" } }] }, []],
    ["no-images", user({ type: "text", text: "a" }, { type: "image", source: { kind: "url", url: "https://example.com/a.png" } }), { messages: [{ role: "user", content: "a" }] }, ["parts.image"]],
    ["string-content", user({ type: "text", text: "a" }, { type: "text", text: "b" }), { messages: [{ role: "user", content: "a\n\nb" }] }, []],
    ["no-developer-role", { messages: [{ role: "developer", parts: [{ type: "text", text: "d" }] }] }, { messages: [{ role: "system", content: "d" }] }, []],
    ["cache-control", user({ type: "text", text: "a", cache: { ttl: "1h" } }), { messages: [{ role: "user", content: [{ type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1h" } }] }] }, []],
    ["reasoning-object", { reasoning: { budgetTokens: 2000 } }, { reasoning: { max_tokens: 2000 } }, []],
    ["enable-thinking", { reasoning: { effort: "low" } }, { enable_thinking: true, thinking_budget: 1024 }, []],
    ["enable-thinking", { reasoning: { off: true } }, { enable_thinking: false }, []],
    ["thinking-toggle", { reasoning: { off: true } }, { thinking: { type: "disabled" } }, []],
    ["thinking-toggle", { reasoning: { effort: "high", show: "auto" } }, { thinking: { type: "enabled" }, reasoning_effort: "high" }, []],
  ])("%s %j", (trait, request, expected, dropped) => {
    const { body, dropped: told } = encode(request, [trait]);
    expect(body).toMatchObject(expected);
    expect(told).toEqual(dropped);
    if (trait === "no-tools") expect(body).not.toHaveProperty("tools");
    if (trait === "no-strict") expect(JSON.stringify(body)).not.toContain("strict");
    for (const absent of ["stream_options", "parallel_tool_calls", "temperature", "top_p", "presence_penalty", "logprobs", "user", "store", "prompt_cache_key", "max_completion_tokens"])
      if (!(absent in expected)) expect(body).not.toHaveProperty(absent);
  });

  test("no-json-schema: JSON mode, and the schema in a system text after the others", () => {
    const { body, dropped } = encode({ format: { type: "json-schema", schema: { type: "object", required: ["a"] } }, messages: [{ role: "system", parts: [{ type: "text", text: "S" }] }, { role: "user", parts: [{ type: "text", text: "U" }] }] }, ["no-json-schema"]);
    expect(body["response_format"]).toEqual({ type: "json_object" });
    expect(JSON.stringify((body["messages"] as unknown[])[1])).toContain("required");
    expect((body["messages"] as { role: string }[]).map(({ role }) => role)).toEqual(["system", "system", "user"]);
    expect(dropped).toEqual([]);
  });

  test("reasoning-content: thinking goes back in tool turns only, and never empty (Moonshot, DeepSeek)", () => {
    const turn = (...parts: Part[]) => ({ role: "assistant" as const, parts });
    const call: Part = { type: "tool-call", id: "a", name: "f", arguments: "{}" };
    const { body } = encode({ messages: [turn({ type: "reasoning", text: "why" }, call), turn(call), turn({ type: "reasoning", text: "z" }, { type: "text", text: "t" })] }, ["reasoning-content"]);
    expect((body["messages"] as Record<string, unknown>[]).map((message) => message["reasoning_content"])).toEqual(["why", " ", undefined]);
  });

  test.each<[string[], CanonicalRequest["reasoning"], boolean, unknown, string[]]>([
    [[], { budgetTokens: 31_999 }, true, "high", []],
    [[], { off: true }, true, "none", []],
    [["effort:low", "effort:medium", "effort:high"], { effort: "max" }, true, "high", []],
    [["effort:low", "effort:medium", "effort:high"], { off: true }, true, "low", ["reasoning"]],
    [[], { effort: "high" }, false, undefined, ["reasoning"]],
    [[], { off: true }, false, undefined, []],
    [[], { adaptive: true }, true, undefined, []],
    [[], { effort: "low", show: "auto" }, true, "low", ["reasoning.show"]],
  ])("effort %j %j", (traits, reasoning, reasons, effort, dropped) => {
    const result = encode(reasoning === undefined ? {} : { reasoning }, traits, { reasons });
    expect(result.body["reasoning_effort"]).toBe(effort as string);
    expect(result.dropped).toEqual(dropped);
  });
});
