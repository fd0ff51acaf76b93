import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { MediaSource } from "../canonical/media.ts";
import type { Message, Part } from "../canonical/parts.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import { geminiCodec } from "./codec.ts";
import { needsBytes } from "./media.ts";

/** Requests constructed as the other dialects' decoders give them; expected bodies by the SDK's types and the Gemini API guides. */
const hi: Message = { role: "user", parts: [{ type: "text", text: "hi" }] };
interface Options {
  model?: string;
  traits?: string[];
  reasons?: boolean;
}
const encode = (request: Partial<CanonicalRequest>, { model = "gemini-2.5-flash", traits = [], reasons = true }: Options = {}) =>
  geminiCodec.encodeRequest({ model: "public", stream: false, messages: [hi], ...request }, { model, maxOutputTokens: 65_536, reasons, traits: new Set(traits) });
const configOf = (request: Partial<CanonicalRequest>, options?: Options) => encode(request, options).body["generationConfig"];
const contentsOf = (messages: Message[], options?: Options) => encode({ messages }, options).body["contents"];
const user = (...parts: Part[]): Message => ({ role: "user", parts });
const model = (...parts: Part[]): Message => ({ role: "assistant", parts });
const call = (id: string, name: string, more: object = {}): Part => ({ type: "tool-call", id, name, arguments: "{}", ...more });
const result = (callId: string, text: string, more: object = {}): Part => ({ type: "tool-result", callId, parts: [{ type: "text", text }], ...more });

describe("messages", () => {
  test("instructions from anywhere, neighbours of a role together, names reported", () => {
    const { body, dropped } = encode({
      messages: [
        { role: "system", parts: [{ type: "text", text: "a" }] },
        { role: "user", parts: [{ type: "text", text: "1" }], name: "ann" },
        { role: "developer", parts: [{ type: "text", text: "b" }] },
        user({ type: "text", text: "2" }),
        model({ type: "text", text: "3" }),
      ],
      fields: { "messages.name": "name" },
    });
    expect(body).toEqual({
      systemInstruction: { parts: [{ text: "a" }, { text: "b" }] },
      contents: [
        { role: "user", parts: [{ text: "1" }, { text: "2" }] },
        { role: "model", parts: [{ text: "3" }] },
      ],
    });
    expect(dropped).toEqual(["name"]);
  });

  test("instructions alone are spoken by the user", () => {
    expect(encode({ messages: [{ role: "system", parts: [{ type: "text", text: "a" }] }] }).body).toEqual({ contents: [{ role: "user", parts: [{ text: "a" }] }] });
    expect(() => encode({ messages: [] })).toThrow(GatewayError);
  });

  test("results of parallel calls come together, named after their calls", () => {
    expect(
      contentsOf([
        hi,
        model({ type: "text", text: "let me see" }, call("1", "f", { arguments: '{"a":1}' }), call("2", "g", { arguments: "" })),
        { role: "tool", parts: [result("2", '{"temp":20}')] },
        { role: "tool", parts: [result("1", "boom", { isError: true })] },
        user({ type: "text", text: "well?" }),
      ]),
    ).toEqual([
      { role: "user", parts: [{ text: "hi" }] },
      { role: "model", parts: [{ text: "let me see" }, { functionCall: { id: "1", name: "f", args: { a: 1 } } }, { functionCall: { id: "2", name: "g", args: {} } }] },
      {
        role: "user",
        parts: [{ functionResponse: { id: "2", name: "g", response: { temp: 20 } } }, { functionResponse: { id: "1", name: "f", response: { error: "boom" } } }, { text: "well?" }],
      },
    ]);
  });

  test.each<[string, unknown]>([
    ["plain", { output: "plain" }],
    ["[1]", { output: "[1]" }],
    ['{"a": 1}', { output: '{"a": 1}' }],
    ['{"output":1}', { output: '{"output":1}' }],
    ['{"big":12345678901234567890}', { output: '{"big":12345678901234567890}' }],
    ['{"a":[{"b":null}]}', { a: [{ b: null }] }],
  ])("the result %s keeps its words", (text, response) => {
    expect(contentsOf([model(call("1", "f")), { role: "tool", parts: [result("1", text)] }])).toMatchObject([{}, { parts: [{ functionResponse: { response } }] }]);
  });

  test("arguments that are no object are refused, free text of custom tools is wrapped", () => {
    expect(() => contentsOf([model(call("1", "f", { arguments: "{broken" }))])).toThrow("no JSON object");
    expect(contentsOf([model(call("2", "g", { arguments: "some text", custom: true }))])).toMatchObject([{ parts: [{ functionCall: { args: { input: "some text" } } }] }]);
  });

  test("a result without a call is refused", () => {
    expect(() => contentsOf([hi, { role: "tool", parts: [result("ghost", "x")] }])).toThrow(/ghost/);
  });

  test("pictures in results: inside for Gemini 3, behind for older models", () => {
    const messages: Message[] = [model(call("1", "f", { signature: "c2ln" })), { role: "tool", parts: [{ type: "tool-result", callId: "1", parts: [{ type: "text", text: "ok" }, { type: "image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" } }] }] }];
    const picture = { inlineData: { mimeType: "image/png", data: "AAAA" } };
    expect(contentsOf(messages, { model: "gemini-3-flash" })).toMatchObject([{}, { parts: [{ functionResponse: { parts: [picture] } }] }]);
    expect(contentsOf(messages)).toMatchObject([{}, { parts: [{ functionResponse: { response: { output: "ok" } } }, picture] }]);
  });

  test("Gemini 3 gets a stand-in on the first call that has no signature", () => {
    const parts = [model(call("1", "f"), call("2", "g")), { role: "tool" as const, parts: [result("1", "a"), result("2", "b")] }];
    expect(contentsOf(parts, { model: "gemini-3-pro-preview" })).toMatchObject([{ parts: [{ functionCall: { name: "f" }, thoughtSignature: "skip_thought_signature_validator" }, { functionCall: { name: "g" } }] }, {}]);
    expect(JSON.stringify(contentsOf(parts))).not.toContain("thoughtSignature");
    expect(JSON.stringify(contentsOf(parts, { traits: ["no-call-ids"] }))).not.toContain('"id"');
  });

  test("thinking: own seals return, others' do not, visible words do", () => {
    const thinking = model(
      { type: "reasoning", text: "mine", signature: "c2ln", sealedBy: "gemini" },
      { type: "reasoning", text: "theirs", signature: "x", sealedBy: "anthropic-messages" },
      { type: "reasoning", text: "", encrypted: "y", sealedBy: "openai-responses" },
      { type: "text", text: "ok" },
      { type: "reasoning", text: "", signature: "ZW5k", sealedBy: "gemini" },
    );
    expect(contentsOf([thinking])).toEqual([
      { role: "model", parts: [{ text: "mine", thought: true, thoughtSignature: "c2ln" }, { text: "theirs", thought: true }, { text: "ok" }, { text: "", thoughtSignature: "ZW5k" }] },
    ]);
    expect(contentsOf([thinking], { reasons: false })).toEqual([{ role: "model", parts: [{ text: "ok" }] }]);
    expect(encode({ messages: [thinking] }).dropped).toEqual([]);
  });

  test("a picture's seal goes back onto the picture", () => {
    const parts = [user({ type: "image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" } }, { type: "reasoning", text: "", signature: "c2ln", sealedBy: "gemini" })];
    expect(contentsOf(parts)).toEqual([{ role: "user", parts: [{ inlineData: { mimeType: "image/png", data: "AAAA" }, thoughtSignature: "c2ln" }] }]);
  });

  test("code that the model ran, refusals, others' searches", () => {
    const { body, dropped } = encode({
      messages: [
        model(
          { type: "hosted-call", id: "c", tool: "code-execution", name: "code_interpreter", input: '{"code":"1+1"}' },
          { type: "hosted-result", callId: "c", tool: "code-execution", output: "2" },
          { type: "hosted-call", id: "s", tool: "web-search", name: "web_search", input: '{"query":"x"}' },
          { type: "hosted-result", callId: "s", tool: "web-search", sources: [] },
          { type: "refusal", text: "no" },
        ),
      ],
    });
    expect(body["contents"]).toEqual([
      { role: "model", parts: [{ executableCode: { id: "c", language: "PYTHON", code: "1+1" } }, { codeExecutionResult: { id: "c", outcome: "OUTCOME_OK", output: "2" } }, { text: "no" }] },
    ]);
    expect(dropped).toEqual([]);
  });

  test("parts of other dialects are reported, Gemini's own restored", () => {
    const { body, dropped } = encode({
      messages: [user({ type: "video", source: { kind: "url", url: "gs://b/v.mp4", mediaType: "video/mp4" } }, { type: "opaque", dialect: "gemini", name: "videoMetadata", value: { videoMetadata: { fps: 5 } } }, { type: "opaque", dialect: "anthropic-messages", name: "container_upload", value: {} })],
    });
    expect(body["contents"]).toEqual([{ role: "user", parts: [{ fileData: { fileUri: "gs://b/v.mp4", mimeType: "video/mp4" }, videoMetadata: { fps: 5 } }] }]);
    expect(dropped).toEqual(["container_upload"]);
  });
});

describe("media", () => {
  test.each<[MediaSource, boolean]>([
    [{ kind: "url", url: "https://example.com/a.png" }, true],
    [{ kind: "url", url: "http://generativelanguage.googleapis.com/v1beta/files/x" }, true],
    [{ kind: "url", url: "https://generativelanguage.googleapis.com.evil.example/files/x" }, true],
    [{ kind: "url", url: "data:text/plain,hello" }, true],
    [{ kind: "url", url: "not a url" }, true],
    [{ kind: "url", url: "https://generativelanguage.googleapis.com/v1beta/files/x" }, false],
    [{ kind: "url", url: "gs://bucket/x" }, false],
    [{ kind: "url", url: "https://www.youtube.com/watch?v=1" }, false],
    [{ kind: "base64", mediaType: "image/png", data: "AAAA" }, false],
    [{ kind: "file-id", id: "file-1" }, false],
  ])("%j needs bytes: %p", (source, wanted) => expect(needsBytes(source)).toBe(wanted));

  test("addresses outside Google and other vendors' files are refused", () => {
    expect(() => contentsOf([user({ type: "image", source: { kind: "url", url: "https://example.com/a.png" } })])).toThrow(GatewayError);
    expect(() => contentsOf([user({ type: "file", source: { kind: "file-id", id: "file-abc123" } })])).toThrow(/another vendor/);
    expect(contentsOf([user({ type: "file", source: { kind: "file-id", id: "files/abc", mediaType: "application/pdf" } })])).toEqual([
      { role: "user", parts: [{ fileData: { fileUri: "https://generativelanguage.googleapis.com/v1beta/files/abc", mimeType: "application/pdf" } }] },
    ]);
  });

  test("low detail of all pictures is the resolution of the request", () => {
    const image = (detail?: string): Part => ({ type: "image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" }, ...(detail ? { detail } : {}) });
    expect(configOf({ messages: [user(image("low"), image("low"))] })).toEqual({ mediaResolution: "MEDIA_RESOLUTION_LOW" });
    expect(configOf({ messages: [user(image("high"), image("auto"))] })).toBeUndefined();
    expect(encode({ messages: [user(image("low"), image("high"))], fields: { "parts.image.detail": "detail" } }).dropped).toEqual(["detail"]);
  });
});

describe("tools", () => {
  const f = { type: "function" as const, name: "f", description: "d", parameters: { type: "object", properties: { a: { type: ["string", "null"], default: "x" } } } };
  const g = { type: "function" as const, name: "g" };

  test("JSON schema as it is, or the subset where the vendor knows no other", () => {
    expect(encode({ tools: [f, g] }).body["tools"]).toEqual([{ functionDeclarations: [{ name: "f", description: "d", parametersJsonSchema: f.parameters }, { name: "g" }] }]);
    expect(encode({ tools: [f, { ...g, parameters: { type: "object", properties: {} } }] }, { traits: ["schema-subset"] }).body["tools"]).toEqual([
      { functionDeclarations: [{ name: "f", description: "d", parameters: { type: "OBJECT", properties: { a: { type: "STRING", nullable: true } } } }, { name: "g" }] },
    ]);
    const tuple = { ...f, parameters: { type: "object", properties: { a: { not: { type: "string" } } } } };
    expect(encode({ tools: [tuple] }, { traits: ["schema-subset"] }).dropped).toEqual(["tools.parameters"]);
  });

  test("custom tools are functions with one text", () => {
    const { body, dropped } = encode({ tools: [{ type: "custom", name: "patch", description: "d", format: { type: "grammar" } }] });
    expect(body["tools"]).toMatchObject([{ functionDeclarations: [{ name: "patch", parametersJsonSchema: { required: ["input"] } }] }]);
    expect(dropped).toEqual(["tools.format"]);
  });

  test("hosted tools; what a search cannot be told is reported", () => {
    const { body, dropped } = encode({
      tools: [{ type: "web-search", maxUses: 3, blockedDomains: ["a.com"] }, { type: "url-context" }, { type: "code-execution" }, { type: "opaque", dialect: "anthropic-messages", name: "computer_20250124", value: {} }],
    });
    expect(body["tools"]).toEqual([{ googleSearch: {} }, { urlContext: {} }, { codeExecution: {} }]);
    expect(dropped).toEqual(["tools.web-search.maxUses", "tools.web-search.blockedDomains", "computer_20250124"]);
    expect(encode({ tools: [{ type: "web-search", blockedDomains: ["a.com"] }] }, { traits: ["domains"] }).body["tools"]).toEqual([{ googleSearch: { excludeDomains: ["a.com"] } }]);
  });

  test("Gemini 2 takes functions or Google's tools, and no JSON beside either", () => {
    const request = { tools: [f, { type: "web-search" as const }], format: { type: "json" as const }, fields: { "tools.web-search": "web_search_options", format: "response_format" } };
    const told = encode(request);
    expect(told.dropped.toSorted()).toEqual(["response_format", "web_search_options"]);
    expect(told.body).toMatchObject({ systemInstruction: { parts: [{ text: expect.stringContaining("one JSON object") as string }] } });
    expect(told.body).not.toHaveProperty("generationConfig.responseMimeType");
    expect(encode(request, { model: "gemini-3-flash" })).toMatchObject({ dropped: [], body: { tools: [{}, { googleSearch: {} }], generationConfig: { responseMimeType: "application/json" } } });
  });

  test.each<[Partial<CanonicalRequest>, unknown, string[]]>([
    [{ toolChoice: { mode: "auto" } }, { mode: "AUTO" }, []],
    [{ toolChoice: { mode: "none" } }, { mode: "NONE" }, []],
    [{ toolChoice: { mode: "required" } }, { mode: "ANY" }, []],
    [{ toolChoice: { mode: "tool", name: "g" } }, { mode: "ANY", allowedFunctionNames: ["g"] }, []],
    [{ toolChoice: { mode: "allowed", names: ["f", "g"], required: true } }, { mode: "ANY", allowedFunctionNames: ["f", "g"] }, []],
    [{ toolChoice: { mode: "allowed", names: ["f"], required: false } }, { mode: "VALIDATED", allowedFunctionNames: ["f"] }, []],
    [{ toolChoice: { mode: "tool", name: "web_search" } }, { mode: "AUTO" }, ["tool_choice"]],
    [{ tools: [{ ...f, strict: true }] }, { mode: "VALIDATED" }, []],
    [{ tools: [{ ...f, strict: true }], toolChoice: { mode: "required" } }, { mode: "ANY" }, []],
    [{}, undefined, []],
  ])("choice %j", (request, functionCallingConfig, wanted) => {
    const { body, dropped } = encode({ tools: [f, g], fields: { toolChoice: "tool_choice" }, ...request });
    expect<unknown>(body["toolConfig"]).toEqual(functionCallingConfig ? { functionCallingConfig } : undefined);
    expect(dropped).toEqual(wanted);
  });

  test("without the VALIDATED mode strict is reported", () => {
    expect(encode({ tools: [{ ...f, strict: true }] }, { traits: ["no-strict"] }).dropped).toEqual(["tools.strict"]);
  });
});

describe("settings", () => {
  test.each<[Options, CanonicalRequest["reasoning"] & object, unknown, boolean]>([
    [{}, { effort: "low" }, { includeThoughts: true, thinkingBudget: 1_024 }, false],
    [{}, { effort: "max", show: "auto" }, { includeThoughts: true, thinkingBudget: 24_576 }, false],
    [{ model: "gemini-2.5-pro" }, { budgetTokens: 50 }, { includeThoughts: true, thinkingBudget: 128 }, false],
    [{ model: "gemini-2.5-pro" }, { off: true }, { thinkingBudget: 128 }, true],
    [{}, { effort: "none" }, { thinkingBudget: 0 }, false],
    [{}, { adaptive: true }, { includeThoughts: true, thinkingBudget: -1 }, false],
    [{ model: "gemini-3-flash" }, { budgetTokens: 10_000 }, { includeThoughts: true, thinkingLevel: "MEDIUM" }, false],
    [{ model: "gemini-3-flash" }, { effort: "xhigh" }, { includeThoughts: true, thinkingLevel: "HIGH" }, false],
    [{ model: "gemini-3-flash" }, { off: true }, { thinkingLevel: "MINIMAL" }, true],
    [{ model: "gemini-3.1-pro-preview" }, { effort: "minimal" }, { includeThoughts: true, thinkingLevel: "LOW" }, false],
    [{ model: "gemini-3-flash" }, { adaptive: true }, { includeThoughts: true }, false],
    [{ traits: ["thinking-level"] }, { effort: "medium" }, { includeThoughts: true, thinkingLevel: "MEDIUM" }, false],
    [{ model: "gemini-3-flash", traits: ["thinking-budget"] }, { effort: "medium" }, { includeThoughts: true, thinkingBudget: 8_192 }, false],
    [{}, { effort: "low", show: "none" }, { includeThoughts: false, thinkingBudget: 1_024 }, false],
    [{ reasons: false }, { effort: "high" }, undefined, true],
    [{ reasons: false }, { off: true, show: "auto" }, undefined, false],
  ])("thinking %j %j", (options, reasoning, thinkingConfig, told) => {
    const { body, dropped } = encode({ reasoning, fields: { reasoning: "reasoning_effort" } }, options);
    expect<unknown>(body["generationConfig"]).toEqual(thinkingConfig ? { thinkingConfig } : undefined);
    expect(dropped).toEqual(told ? ["reasoning_effort"] : []);
  });

  test("format", () => {
    const schema = { type: "object", properties: { a: { const: 1 } } };
    expect(configOf({ format: { type: "json-schema", schema, name: "x", strict: true, description: "d" } })).toEqual({ responseMimeType: "application/json", responseJsonSchema: { ...schema, description: "d" } });
    expect(configOf({ format: { type: "json-schema", schema } }, { traits: ["schema-subset"] })).toEqual({
      responseMimeType: "application/json",
      responseSchema: { type: "OBJECT", properties: { a: { type: "NUMBER", minimum: 1, maximum: 1 } } },
    });
  });

  test("numbers, speech, pictures", () => {
    expect(
      configOf({ temperature: 0, topP: 1, topK: 3, choices: 2, maxOutputTokens: 9, seed: 5, presencePenalty: 1, frequencyPenalty: 2, logprobs: { top: 2 }, modalities: ["text", "image"], audio: { voice: "Kore", format: "pcm16" }, image: { size: "1536x1024" } }),
    ).toEqual({
      temperature: 0, topP: 1, topK: 3, candidateCount: 2, maxOutputTokens: 9, seed: 5, presencePenalty: 1, frequencyPenalty: 2, responseLogprobs: true, logprobs: 2, responseModalities: ["TEXT", "IMAGE"],
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } }, imageConfig: { aspectRatio: "3:2", imageSize: "1K" },
    });
  });

  test.each<[string, CanonicalRequest["modalities"], string[] | undefined]>([
    ["gemini-2.5-flash", undefined, undefined],
    ["gemini-2.0-flash-exp-image-generation", undefined, ["TEXT", "IMAGE"]],
    ["gemini-2.5-flash-image", undefined, ["TEXT", "IMAGE"]],
    ["gemini-2.5-flash-image", ["image"], ["IMAGE"]],
    ["gemini-2.5-flash-preview-tts", undefined, ["AUDIO"]],
    ["gemini-2.5-flash-preview-tts", ["text", "audio"], ["AUDIO"]],
  ])("%s asked for %j answers with %j", (name, modalities, responseModalities) => {
    expect<unknown>(configOf(modalities ? { modalities } : {}, { model: name })).toEqual(responseModalities ? { responseModalities } : undefined);
  });

  test("what has no word is reported in the caller's words, decoration is not", () => {
    const { body, dropped } = encode({
      minP: 0.1, logitBias: { "1": 2 }, verbosity: "low", parallelToolCalls: false, tools: [{ type: "function", name: "f" }], seed: 2 ** 40, stop: ["1", "2", "3", "4", "5", "6"], audio: { voice: "alloy", format: "mp3" },
      user: "u", metadata: { a: "b" }, store: false, promptCacheKey: "k", includeUsage: true, serviceTier: "scale",
      own: { dialect: "openai-chat", values: { prediction: {} }, harmless: { store: true } },
      fields: { minP: "min_p", logitBias: "logit_bias", parallelToolCalls: "parallel_tool_calls", serviceTier: "service_tier" },
    });
    expect([...dropped].sort()).toEqual(["audio.format", "audio.voice", "logit_bias", "metadata", "min_p", "parallel_tool_calls", "prediction", "seed", "service_tier", "stop", "verbosity"]);
    expect(Object.keys(body).sort()).toEqual(["contents", "generationConfig", "tools"]);
  });

  test("tiers, labels where they are taken, Gemini's own members", () => {
    expect(encode({ serviceTier: "default" }).body["serviceTier"]).toBe("standard");
    expect(encode({ serviceTier: "auto" })).toMatchObject({ dropped: [] });
    expect(encode({ metadata: { team: "a", Bad: "x" } }, { traits: ["labels"] }).body["labels"]).toEqual({ team: "a" });
    const values = JSON.parse('{"safetySettings":[1],"generationConfig.__proto__":{"polluted":1},"generationConfig.imageConfig.personGeneration":"ALLOW_ALL","contents[0].parts[0].foo":1,"tools.googleSearch.searchTypes":{}}') as Record<string, unknown>;
    const { body, dropped } = encode({ tools: [{ type: "web-search" }], own: { dialect: "gemini", values } });
    expect(body).toMatchObject({ safetySettings: [1], tools: [{ googleSearch: { searchTypes: {} } }], generationConfig: { imageConfig: { personGeneration: "ALLOW_ALL" } } });
    expect(dropped).toEqual(["contents[0].parts[0].foo"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
