import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import { geminiCodec } from "./codec.ts";

/** Bodies constructed after the examples of the Gemini API guides (text generation, function calling, structured output, thinking, grounding); types by the SDK. */
const decode = (body: Record<string, unknown>): CanonicalRequest => geminiCodec.decodeRequest(body, { model: "gemini-2.5-flash", stream: true });
const hello = [{ role: "user", parts: [{ text: "hi" }] }];
const withConfig = (generationConfig: Record<string, unknown>) => decode({ contents: hello, generationConfig });
const withParts = (...parts: unknown[]) => decode({ contents: [{ parts }] }).messages[0]?.parts;

function refusal(body: Record<string, unknown>): { param: string | null; text: string } {
  try {
    decode(body);
  } catch (error) {
    if (error instanceof GatewayError && error.kind.status === 400) return { param: error.param, text: error.publicText };
    throw error;
  }
  throw new Error("was not refused");
}

test("model and stream come from the address; a role left out is the user's", () => {
  expect(decode({ contents: [{ parts: [{ text: "hi" }] }] })).toMatchObject({ model: "gemini-2.5-flash", stream: true, messages: [{ role: "user", parts: [{ type: "text", text: "hi" }] }] });
  expect(geminiCodec.decodeRequest({ model: "models/x", contents: hello }, {})).toMatchObject({ model: "x", stream: false });
});

test("instructions lead the messages, in either spelling", () => {
  const wanted = [{ role: "system", parts: [{ type: "text", text: "Be brief." }] }, { role: "user" }];
  expect(decode({ contents: hello, systemInstruction: { parts: [{ text: "Be brief." }] } }).messages).toMatchObject(wanted);
  expect(decode({ contents: hello, system_instruction: { parts: [{ text: "Be brief." }] } }).messages).toMatchObject(wanted);
});

describe("parts", () => {
  test("media by their type, base64url as base64", () => {
    expect(withParts({ inlineData: { mimeType: "image/png", data: "iVBORw0KGgr-_w==" } })).toEqual([{ type: "image", source: { kind: "base64", mediaType: "image/png", data: "iVBORw0KGgr+/w==" } }]);
    expect(withParts({ inline_data: { mime_type: "audio/wav", data: "AAAA" } })).toMatchObject([{ type: "audio" }]);
    expect(withParts({ inlineData: { mimeType: "application/pdf", data: "JVBERi0=", displayName: "a.pdf" } })).toMatchObject([{ type: "file", name: "a.pdf" }]);
    expect(withParts({ fileData: { fileUri: "https://youtu.be/9hE5-98ZeCg" } })).toEqual([{ type: "video", source: { kind: "url", url: "https://youtu.be/9hE5-98ZeCg" } }]);
    expect(withParts({ fileData: { fileUri: "gs://b/x.mp3", mimeType: "audio/mpeg" } })).toMatchObject([{ type: "audio", source: { mediaType: "audio/mpeg" } }]);
  });

  test("what only modifies a part stands behind it, for Gemini alone", () => {
    expect(withParts({ fileData: { fileUri: "gs://b/v.mp4", mimeType: "video/mp4" }, videoMetadata: { startOffset: "10s" } })).toEqual([
      { type: "video", source: { kind: "file-id", id: "gs://b/v.mp4", keeper: "google", mediaType: "video/mp4" } },
      { type: "opaque", dialect: "gemini", name: "videoMetadata", value: { videoMetadata: { startOffset: "10s" } } },
    ]);
  });

  test("thoughts, signatures, code", () => {
    const { messages } = decode({
      contents: [
        ...hello,
        {
          role: "model",
          parts: [
            { text: "hm", thought: true },
            { executableCode: { language: "PYTHON", code: "print(1)" } },
            { codeExecutionResult: { outcome: "OUTCOME_FAILED", output: "boom" } },
            { text: "one", thoughtSignature: "c2lnbmVk" },
            { functionCall: { name: "f", args: { a: 1 } }, thoughtSignature: "Y2FsbA==" },
          ],
        },
        { role: "function", parts: [{ functionResponse: { name: "f", response: { output: "ok" } } }] },
      ],
    });
    expect(messages[1]?.parts).toEqual([
      { type: "reasoning", text: "hm", sealedBy: "gemini" },
      { type: "hosted-call", id: "code_0", tool: "code-execution", name: "code_execution", input: '{"code":"print(1)"}', language: "python" },
      { type: "hosted-result", callId: "code_0", tool: "code-execution", output: "boom", isError: true, errorCode: "OUTCOME_FAILED" },
      { type: "text", text: "one" },
      { type: "reasoning", text: "", signature: "c2lnbmVk", sealedBy: "gemini" },
      { type: "tool-call", id: "call_0_f", name: "f", arguments: '{"a":1}', signature: "Y2FsbA==" },
    ]);
    expect(messages[2]).toEqual({ role: "tool", parts: [{ type: "tool-result", callId: "call_0_f", name: "f", parts: [{ type: "text", text: "ok" }] }] });
  });

  test("results find their calls by id, else by name and order; text beside them is the user's", () => {
    const { messages } = decode({
      contents: [
        { role: "model", parts: [{ functionCall: { name: "f" } }, { functionCall: { name: "g", id: "x" } }, { functionCall: { name: "f", args: {} } }] },
        {
          role: "user",
          parts: [
            { functionResponse: { name: "g", id: "x", response: { error: "no" } } },
            { functionResponse: { name: "f", response: { temp: 20 } } },
            { functionResponse: { name: "f", response: {}, parts: [{ inlineData: { mimeType: "image/png", data: "iVBORw0KGgo=" } }] } },
            { text: "well?" },
          ],
        },
      ],
    });
    expect(messages[1]?.parts).toMatchObject([
      { callId: "x", isError: true, parts: [{ text: "no" }] },
      { callId: "call_0_f", parts: [{ text: '{"temp":20}' }] },
      { callId: "call_2_f", parts: [{ text: "{}" }, { type: "image" }] },
    ]);
    expect(messages[2]).toEqual({ role: "user", parts: [{ type: "text", text: "well?" }] });
  });

  test("the documented stand-in is no signature", () => {
    const { messages } = decode({ contents: [...hello, { role: "model", parts: [{ functionCall: { name: "f" }, thoughtSignature: "skip_thought_signature_validator" }] }] });
    expect(messages[1]?.parts[0]).not.toHaveProperty("signature");
  });
});

describe("tools", () => {
  const tools = [{ functionDeclarations: [{ name: "f", description: "d", parameters: { type: "OBJECT", properties: { a: { type: "STRING", nullable: true } } } }, { name: "g" }] }];

  test("every kind", () => {
    expect(
      decode({
        contents: hello,
        tools: [
          ...tools,
          { google_search: {} },
          { urlContext: {}, codeExecution: {} },
          { googleMaps: { enableWidget: true } },
          { function_declarations: [{ name: "h", parameters_json_schema: { type: "object", additionalProperties: false } }] },
        ],
      }).tools,
    ).toEqual([
      { type: "function", name: "f", description: "d", parameters: { type: "object", properties: { a: { type: ["string", "null"] } } } },
      { type: "function", name: "g" },
      { type: "web-search" },
      { type: "code-execution" },
      { type: "url-context" },
      { type: "opaque", dialect: "gemini", name: "googleMaps", value: { enableWidget: true } },
      { type: "function", name: "h", parameters: { type: "object", additionalProperties: false } },
    ]);
  });

  test.each<[Record<string, unknown>, unknown]>([
    [{ mode: "AUTO" }, { mode: "auto" }],
    [{ mode: "any" }, { mode: "required" }],
    [{ mode: "NONE" }, { mode: "none" }],
    [{ mode: "ANY", allowedFunctionNames: ["f"] }, { mode: "tool", name: "f" }],
    [{ mode: "ANY", allowed_function_names: ["f", "g"] }, { mode: "allowed", names: ["f", "g"], required: true }],
    [{ mode: "VALIDATED", allowedFunctionNames: ["f"] }, { mode: "allowed", names: ["f"], required: false }],
    [{ mode: "VALIDATED" }, { mode: "auto" }],
    [{}, undefined],
  ])("functionCallingConfig %j", (functionCallingConfig, wanted) => {
    const request = decode({ contents: hello, tools, toolConfig: { functionCallingConfig } });
    expect<unknown>(request.toolChoice).toEqual(wanted);
    const strict = functionCallingConfig["mode"] === "VALIDATED" ? true : undefined;
    expect(request.tools?.map((tool) => tool.type === "function" && tool.strict)).toEqual([strict, strict] as never);
  });

  test("older search, and members that only Gemini has", () => {
    const request = decode({ contents: hello, tools: [{ googleSearchRetrieval: { dynamicRetrievalConfig: { mode: "MODE_DYNAMIC" } } }, { googleSearch: { timeRangeFilter: { startTime: "2026-01-01T00:00:00Z" }, excludeDomains: ["a.com"] } }] });
    expect(request.tools).toEqual([{ type: "web-search" }, { type: "web-search", blockedDomains: ["a.com"] }]);
    expect(Object.keys(request.own?.values ?? {})).toEqual(["tools.googleSearchRetrieval.dynamicRetrievalConfig", "tools.googleSearch.timeRangeFilter"]);
  });
});

describe("generationConfig", () => {
  test("every member that others know, with the caller's names", () => {
    const request = withConfig({
      temperature: 0.5, top_p: 0.9, topK: 40, candidateCount: 2, max_output_tokens: "100", stopSequences: ["END"], seed: 7, presencePenalty: 1, frequencyPenalty: -1,
      responseLogprobs: true, logprobs: 3, responseModalities: ["TEXT", "IMAGE"], imageConfig: { aspectRatio: "16:9", imageSize: "2K" },
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } },
    });
    expect(request).toMatchObject({
      temperature: 0.5, topP: 0.9, topK: 40, choices: 2, maxOutputTokens: 100, stop: ["END"], seed: 7, presencePenalty: 1, frequencyPenalty: -1,
      logprobs: { top: 3 }, modalities: ["text", "image"], image: { aspectRatio: "16:9", size: "2K" }, audio: { voice: "Kore" },
    });
    expect(request.own).toBeUndefined();
    expect(request.fields).toMatchObject({ choices: "generationConfig.candidateCount", stop: "generationConfig.stopSequences", topK: "generationConfig.topK" });
  });

  test.each<[Record<string, unknown>, unknown]>([
    [{ responseMimeType: "application/json" }, { type: "json" }],
    [{ responseMimeType: "application/json", responseSchema: { type: "ARRAY", items: { type: "STRING" } } }, { type: "json-schema", schema: { type: "array", items: { type: "string" } } }],
    [{ responseMimeType: "application/json", responseJsonSchema: { type: "object" } }, { type: "json-schema", schema: { type: "object" } }],
    [{ responseMimeType: "text/plain" }, undefined],
  ])("format of %j", (config, wanted) => expect<unknown>(withConfig(config).format).toEqual(wanted));

  test.each<[Record<string, unknown>, unknown]>([
    [{ thinkingBudget: 0 }, { off: true }],
    [{ thinkingBudget: -1, includeThoughts: true }, { budgetTokens: -1, show: "auto" }],
    [{ thinking_budget: 2048 }, { budgetTokens: 2048, show: "none" }],
    [{ thinkingLevel: "HIGH", includeThoughts: false }, { effort: "high", show: "none" }],
    [{ thinkingLevel: "minimal" }, { effort: "minimal" }],
  ])("thinkingConfig %j", (thinkingConfig, wanted) => expect<unknown>(withConfig({ thinkingConfig }).reasoning).toEqual(wanted));

  test("what only Gemini has keeps its path", () => {
    const request = decode({
      contents: hello,
      safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
      cachedContent: "cachedContents/x",
      toolConfig: { retrievalConfig: { languageCode: "de" } },
      generationConfig: { mediaResolution: "MEDIA_RESOLUTION_LOW", responseMimeType: "text/x.enum", responseSchema: { type: "STRING", enum: ["a"] }, speechConfig: { languageCode: "de-DE" }, imageConfig: { personGeneration: "ALLOW_ALL" }, responseModalities: ["VIDEO"] },
    });
    expect(Object.keys(request.own?.values ?? {}).sort()).toEqual([
      "cachedContent", "generationConfig.imageConfig.personGeneration", "generationConfig.mediaResolution", "generationConfig.responseMimeType", "generationConfig.responseModalities",
      "generationConfig.responseSchema", "generationConfig.speechConfig", "safetySettings", "toolConfig.retrievalConfig",
    ]);
    expect(request.format).toBeUndefined();
  });

  test("empty lists (LangChain sends safetySettings: []) are no wish", () => expect(decode({ contents: hello, safetySettings: [] }).own).toBeUndefined());
});

test("service tier and labels", () => {
  expect(decode({ contents: hello, serviceTier: "flex", labels: { team: "a" } })).toMatchObject({ serviceTier: "flex", metadata: { team: "a" }, fields: { metadata: "labels" } });
  expect(decode({ contents: hello, service_tier: "STANDARD" }).serviceTier).toBe("default");
});

describe("refused, with the field at fault", () => {
  test.each<[Record<string, unknown>, string, RegExp]>([
    [{}, "contents", /missing/],
    [{ contents: "hi" }, "contents", /list/],
    [{ contents: [] }, "contents", /empty/],
    [{ contents: [{ role: "assistant", parts: [{ text: "x" }] }] }, "contents[0].role", /"model"/],
    [{ contents: [{ parts: [] }] }, "contents[0].parts", /empty/],
    [{ contents: [{ parts: [{}] }] }, "contents[0].parts[0]", /empty/],
    [{ contents: [{ parts: ["x"] }] }, "contents[0].parts[0]", /object/],
    [{ contents: [{ parts: [{ text: 1 }] }] }, "contents[0].parts[0].text", /text/],
    [{ contents: [{ parts: [{ text: "a", inlineData: { mimeType: "image/png", data: "AAAA" } }] }] }, "contents[0].parts[0]", /both text and inlineData/],
    [{ contents: [{ parts: [{ inlineData: { mimeType: "image/png", data: "data:image/png;base64,AAAA" } }] }] }, "contents[0].parts[0].inlineData.data", /base64/],
    [{ contents: [{ parts: [{ inlineData: { data: "AAAA" } }] }] }, "contents[0].parts[0].inlineData.mimeType", /missing/],
    [{ contents: [{ parts: [{ functionResponse: { name: "f", response: {} } }] }] }, "contents[0].parts[0].functionResponse", /no call of "f"/],
    [{ contents: [{ parts: [{ functionCall: { name: "f" } }] }] }, "contents[0]", /only the model/],
    [{ contents: [{ role: "model", parts: [{ functionCall: { name: "f", id: "1" } }, { functionCall: { name: "g", id: "1" } }] }] }, "contents[0].parts[1].functionCall.id", /earlier call/],
    [{ contents: [{ role: "model", parts: [{ functionCall: { name: "f" } }] }, { parts: [{ functionResponse: { name: "f" } }, { functionResponse: { name: "f" } }] }] }, "contents[1].parts[1].functionResponse", /no call/],
    [{ contents: hello, generationConfig: { temperature: "hot" } }, "generationConfig.temperature", /number/],
    [{ contents: hello, generationConfig: { maxOutputTokens: 0 } }, "generationConfig.maxOutputTokens", /whole number/],
    [{ contents: hello, generationConfig: { candidateCount: 1e9 } }, "generationConfig.candidateCount", /128/],
    [{ contents: hello, generationConfig: { topP: 1, top_p: 1 } }, "generationConfig.topP", /twice/],
    [{ contents: hello, generationConfig: { thinkingConfig: { thinkingLevel: "EXTREME" } } }, "generationConfig.thinkingConfig.thinkingLevel", /MINIMAL/],
    [{ contents: hello, generationConfig: { thinkingConfig: { thinkingLevel: "LOW", thinkingBudget: 5 } } }, "generationConfig.thinkingConfig.thinkingLevel", /exclude/],
    [{ contents: hello, generationConfig: { responseSchema: {}, responseJsonSchema: {} } }, "generationConfig.responseJsonSchema", /exclude/],
    [{ contents: hello, tools: [{ functionDeclarations: [{ name: "f" }, { name: "f" }] }] }, "tools", /twice/],
    [{ contents: hello, tools: [{ functionDeclarations: [{}] }] }, "tools[0].functionDeclarations[0].name", /missing/],
    [{ contents: hello, toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["ghost"] } } }, "toolConfig.functionCallingConfig.allowedFunctionNames", /ghost/],
    [{ contents: hello, toolConfig: { functionCallingConfig: { mode: "MAYBE" } } }, "toolConfig.functionCallingConfig.mode", /AUTO/],
    [{ contents: hello, systemInstruction: "be brief" }, "systemInstruction", /object/],
    [{ contents: hello, serviceTier: "gold" }, "serviceTier", /flex/],
  ])("%j", (body, param, text) => {
    const found = refusal(body);
    expect(found.param).toBe(param);
    expect(found.text).toMatch(text);
  });

  test("a schema nested without end", () => {
    let deep: unknown = {};
    for (let n = 0; n < 100_000; n += 1) deep = { a: deep };
    expect(refusal({ contents: [{ parts: [{ text: "a" }] }], tools: [{ functionDeclarations: [{ name: "f", parameters: deep }] }] }).text).toMatch(/nested too deeply: 512/);
  });
});
