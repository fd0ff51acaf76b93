import { describe, expect, test } from "bun:test";
import { collectStream } from "../canonical/collect-stream.ts";
import { objectOf } from "../canonical/fields.ts";
import type { Part } from "../canonical/parts.ts";
import type { CanonicalResponse, Choice, FinishReason } from "../canonical/response.ts";
import type { StreamPart } from "../canonical/stream.ts";
import { writePart } from "./answer-parts.ts";
import { geminiCodec } from "./codec.ts";
import { contextOf } from "./testing/arbitraries.ts";
import { streamOf } from "./testing/stream-of.ts";
import { TextOffsets } from "./text-offsets.ts";

/** Answers constructed after SDK type GenerateContentResponse; the grounded one follows the guide's example for Google Search. */
const decode = (body: Record<string, unknown>): CanonicalResponse => geminiCodec.decodeResponse(body);
const answer = (parts: unknown[], more: object = {}) => ({ candidates: [{ content: { role: "model", parts }, finishReason: "STOP", index: 0, ...more }], responseId: "resp-1", modelVersion: "gemini-2.5-flash" });
const encodeChoice = (choice: Partial<Choice>, request: object = {}) =>
  geminiCodec.encodeResponse({ id: "", model: "m", choices: [{ index: 0, parts: [], finish: "stop", ...choice }], usage: undefined }, contextOf(request)) as { candidates?: Record<string, unknown>[]; promptFeedback?: unknown; responseId: string };

describe("reading", () => {
  test("thoughts, text, calls, usage", () => {
    const body = {
      ...answer([
        { text: "hm", thought: true },
        { text: "Hello" },
        { functionCall: { name: "get_weather", args: { city: "Oslo" } }, thoughtSignature: "c2ln" },
        { functionCall: { name: "get_weather", args: { city: "Rome" }, id: "vendor" } },
      ]),
      usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, thoughtsTokenCount: 3, totalTokenCount: 18, cachedContentTokenCount: 4, trafficType: "ON_DEMAND_FLEX" },
    };
    expect(decode(body)).toEqual({
      id: "resp-1",
      model: "gemini-2.5-flash",
      choices: [
        {
          index: 0,
          parts: [
            { type: "reasoning", text: "hm", sealedBy: "gemini" },
            { type: "text", text: "Hello" },
            { type: "tool-call", id: "call_0_get_weather_resp-1", name: "get_weather", arguments: '{"city":"Oslo"}', signature: "c2ln" },
            { type: "tool-call", id: "vendor", name: "get_weather", arguments: '{"city":"Rome"}' },
          ],
          finish: "tool-calls",
        },
      ],
      usage: { input: 6, inputAudio: 0, inputImage: 0, cacheRead: 4, output: 5, reasoning: 3, outputAudio: 0, outputImage: 0 },
      serviceTier: "flex",
    });
  });

  test("ids of calls differ between the answers of a conversation", () => {
    const idOf = (responseId: string | undefined, args: object) => {
      const part = decode({ ...answer([{ functionCall: { name: "f", args } }]), responseId }).choices[0]?.parts[0];
      return part?.type === "tool-call" ? part.id : "";
    };
    expect(new Set([idOf("a", {}), idOf("b", {}), idOf(undefined, {}), idOf(undefined, { x: 1 })]).size).toBe(4);
    expect(idOf("mAitaLmkHPPlz7IPvtfUqQ4".repeat(9), {})).toMatch(/^[\w-]{1,64}$/);
    expect(idOf("a", {})).toBe(idOf("a", {}));
  });

  test("pictures, sound, code, unknown parts", () => {
    const parts: Part[] = decode(
      answer([
        { inlineData: { mimeType: "image/png", data: "AAAA" }, thoughtSignature: "c2ln" },
        { inlineData: { mimeType: "audio/L16;rate=24000", data: "BBBB" } },
        { executableCode: { language: "PYTHON", code: "1" } },
        { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1" } },
        { newThing: { a: 1 } },
        { functionCall: {} },
        {},
        null,
        { text: "" },
      ]),
    ).choices[0]?.parts ?? [];
    expect(parts.map((part) => part.type)).toEqual(["image", "reasoning", "audio", "hosted-call", "hosted-result", "opaque"]);
    expect(parts[4]).toMatchObject({ callId: (parts[3] as { id: string }).id });
  });

  test.each<[string, FinishReason, string | undefined]>([
    ["STOP", "stop", undefined],
    ["MAX_TOKENS", "length", undefined],
    ["SAFETY", "content-filter", undefined],
    ["RECITATION", "content-filter", "RECITATION"],
    ["PROHIBITED_CONTENT", "content-filter", "PROHIBITED_CONTENT"],
    ["IMAGE_SAFETY", "content-filter", "IMAGE_SAFETY"],
    ["MALFORMED_FUNCTION_CALL", "error", "MALFORMED_FUNCTION_CALL"],
    ["NO_IMAGE", "error", "NO_IMAGE"],
    ["OTHER", "error", undefined],
    ["CONTINUATION", "pause", "CONTINUATION"],
    ["SOMETHING_NEW", "stop", "SOMETHING_NEW"],
  ])("finish %s", (word, finish, detail) => {
    const choice = decode(answer([{ text: "a" }], { finishReason: word })).choices[0];
    expect<unknown>([choice?.finish, choice?.finishDetail]).toEqual([finish, detail]);
    if (word !== "SOMETHING_NEW") expect(encodeChoice({ parts: [{ type: "text", text: "a" }], finish, ...(detail ? { finishDetail: detail } : {}) }).candidates?.[0]?.["finishReason"]).toBe(word);
  });

  test("a blocked prompt is an answer that says nothing", () => {
    expect(decode({ promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 } })).toMatchObject({
      choices: [{ index: 0, parts: [], finish: "content-filter", finishDetail: "PROHIBITED_CONTENT" }],
      usage: { input: 4 },
    });
  });

  test("grounding: bytes become UTF-16 units, searches and pages become the vendor's tools", () => {
    const text = "Zürich hat 10 °C 🌧️ heute.";
    const bytes = (piece: string) => Buffer.byteLength(text.slice(0, text.indexOf(piece)));
    const response = decode({
      ...answer([{ text: "thinking", thought: true }, { text }], {
        groundingMetadata: {
          webSearchQueries: ["wetter zürich", "temperatur zürich"],
          groundingChunks: [{ web: { uri: "https://a.example/", title: "A" } }, { retrievedContext: { title: "Doc", text: "aus dem Dokument" } }],
          groundingSupports: [
            { segment: { endIndex: Buffer.byteLength("Zürich"), text: "Zürich" }, groundingChunkIndices: [0] },
            { segment: { startIndex: bytes("🌧️"), endIndex: bytes(" heute"), partIndex: 1 }, groundingChunkIndices: [0, 1, 99] },
          ],
        },
        urlContextMetadata: { urlMetadata: [{ retrievedUrl: "https://b.example/", urlRetrievalStatus: "URL_RETRIEVAL_STATUS_ERROR" }] },
      }),
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 },
    });
    const [, said, ...hosted] = response.choices[0]?.parts ?? [];
    const cloud = { start: text.indexOf("🌧️"), end: text.indexOf(" heute") };
    expect(said).toEqual({
      type: "text",
      text,
      citations: [
        { url: "https://a.example/", title: "A", start: 0, end: 6 },
        { url: "https://a.example/", title: "A", ...cloud },
        { title: "Doc", citedText: "aus dem Dokument", ...cloud },
      ],
    });
    expect(hosted).toMatchObject([
      { type: "hosted-call", tool: "web-search", input: '{"query":"wetter zürich"}' },
      { type: "hosted-result", sources: [{ url: "https://a.example/", title: "A" }] },
      { type: "hosted-call", tool: "web-search" },
      { type: "hosted-result", sources: [] },
      { type: "hosted-call", tool: "url-context", input: '{"url":"https://b.example/"}' },
      { type: "hosted-result", tool: "url-context", isError: true, errorCode: "URL_RETRIEVAL_STATUS_ERROR" },
    ]);
    expect(response.usage?.webSearch).toBe(2);
  });
});

describe("writing", () => {
  test("ids and the model's public name", () => {
    expect(encodeChoice({ parts: [{ type: "text", text: "a" }] })).toEqual({
      candidates: [{ content: { parts: [{ text: "a" }], role: "model" }, finishReason: "STOP", index: 0 }],
      modelVersion: "gemini-3.1-flash",
      responseId: "0197c2a8000070008000000000000001",
    } as never);
  });

  test("nothing said because of a filter is a blocked prompt", () => {
    expect(encodeChoice({ finish: "content-filter", finishDetail: "BLOCKLIST" })).toMatchObject({ promptFeedback: { blockReason: "BLOCKLIST" } });
    expect(encodeChoice({ finish: "content-filter", finishDetail: "content_filter" }).promptFeedback).toEqual({ blockReason: "SAFETY" });
    expect(encodeChoice({ finish: "refusal", parts: [{ type: "refusal", text: "no" }] }).candidates?.[0]).toMatchObject({ finishReason: "SAFETY", content: { parts: [{ text: "no" }] } });
  });

  test("thoughts only for those who asked; seals always, foreign ones in our envelope and with their words", () => {
    const parts: Part[] = [
      { type: "reasoning", text: "mine", signature: "c2ln", sealedBy: "gemini" },
      { type: "reasoning", text: "free" },
      { type: "reasoning", text: "theirs", signature: "EqoB", sealedBy: "anthropic-messages" },
      { type: "text", text: "a" },
    ];
    const partsOf = (show: "auto" | "none" | undefined) =>
      objectOf(encodeChoice({ parts }, show ? { reasoning: { show } } : { reasoning: {} }).candidates?.[0]?.["content"])["parts"] as Record<string, unknown>[];
    expect(partsOf(undefined)).toMatchObject([{ text: "", thoughtSignature: "c2ln" }, { text: "theirs", thought: true }, { text: "a" }]);
    expect(partsOf("none")).toHaveLength(3);
    expect(partsOf("auto").map((part) => part["text"])).toEqual(["mine", "free", "theirs", "a"]);
    // The client gives the parts back; Anthropic's seal is Anthropic's again, and Gemini itself never gets it.
    const back = geminiCodec.decodeRequest({ contents: [{ role: "user", parts: [{ text: "x" }] }, { role: "model", parts: partsOf("auto") }] }, { model: "m" });
    expect(back.messages[1]?.parts).toEqual([
      { type: "reasoning", text: "mine", signature: "c2ln", sealedBy: "gemini" },
      { type: "reasoning", text: "free", sealedBy: "gemini" },
      { type: "reasoning", text: "theirs", signature: "EqoB", sealedBy: "anthropic-messages" },
      { type: "text", text: "a" },
    ]);
  });

  test("texts with citations of their own (Anthropic's way) become one text with supports by byte", () => {
    const cite = (n: number) => ({ url: `https://e.example/${n}`, title: `T${n}`, citedText: "source words" });
    const parts: Part[] = [
      { type: "text", text: "Größe: " },
      { type: "text", text: "10 m", citations: [cite(1)] },
      { type: "text", text: ", schön.", citations: [cite(1), cite(2)] },
      { type: "hosted-call", id: "s", tool: "web-search", name: "web_search", input: '{"query":"größe"}' },
      { type: "hosted-result", callId: "s", tool: "web-search", sources: [{ url: "https://e.example/2", title: "T2" }] },
    ];
    const grounding = {
      groundingChunks: [{ web: { uri: "https://e.example/2", title: "T2" } }, { web: { uri: "https://e.example/1", title: "T1" } }],
      groundingSupports: [
        { segment: { startIndex: 9, endIndex: 13, text: "10 m" }, groundingChunkIndices: [1] },
        { segment: { startIndex: 13, endIndex: 22, text: ", schön." }, groundingChunkIndices: [1, 0] },
      ],
      webSearchQueries: ["größe"],
    };
    expect(encodeChoice({ parts }).candidates?.[0]).toEqual({ content: { parts: [{ text: "Größe: 10 m, schön." }], role: "model" }, finishReason: "STOP", index: 0, groundingMetadata: grounding });
    // The same as a stream, where the words of a segment are gone when its end is known.
    const encoder = geminiCodec.streamEncoder(contextOf(), "sse");
    let text = "";
    for (const part of streamOf({ id: "r", model: "m", choices: [{ index: 0, parts, finish: "stop" }], usage: undefined }, 2)) text += encoder.push(part);
    const last = JSON.parse(text.split("\n\n").at(-2)?.replace("data: ", "") ?? "") as { candidates: { groundingMetadata: { groundingSupports: { segment: object }[] } }[] };
    const told = structuredClone(grounding) as { groundingSupports: { segment: { text?: string } }[] };
    for (const support of told.groundingSupports) delete support.segment.text;
    expect<unknown>(last.candidates[0]?.groundingMetadata).toEqual(told);
  });

  test("broken arguments of a model do not break the answer", () => {
    expect(encodeChoice({ parts: [{ type: "tool-call", id: "1", name: "f", arguments: '{"a":' }] }).candidates?.[0]?.["content"]).toEqual({ role: "model", parts: [{ functionCall: { id: "1", name: "f", args: { arguments: '{"a":' } }, thoughtSignature: "skip_thought_signature_validator" }] });
  });

  test("usage with every count and modality", () => {
    const usage = { input: 10, inputAudio: 3, inputImage: 2, cacheRead: 4, cacheWrite: 1, output: 7, reasoning: 5, outputImage: 6 };
    expect(geminiCodec.encodeResponse({ id: "r", model: "m", choices: [], usage }, contextOf())["usageMetadata"]).toEqual({
      promptTokenCount: 20, candidatesTokenCount: 13, totalTokenCount: 38, cachedContentTokenCount: 4, cacheTokensDetails: [{ modality: "TEXT", tokenCount: 4 }],
      promptTokensDetails: [{ modality: "TEXT", tokenCount: 15 }, { modality: "AUDIO", tokenCount: 3 }, { modality: "IMAGE", tokenCount: 2 }],
      candidatesTokensDetails: [{ modality: "TEXT", tokenCount: 7 }, { modality: "IMAGE", tokenCount: 6 }], thoughtsTokenCount: 5,
    });
  });
});

describe("streams, read", () => {
  const event = (body: unknown) => ({ data: JSON.stringify(body) });
  const run = (...events: { data: string }[]): StreamPart[] => {
    const decoder = geminiCodec.streamDecoder();
    return [...events.flatMap((one) => decoder.push(one)), ...decoder.flush()];
  };
  const chunk = (parts: unknown[], more: object = {}, top: object = {}) => event({ candidates: [{ content: { parts, role: "model" }, index: 0, ...more }], responseId: "r", modelVersion: "v", ...top });

  test("order of events; finish and the last usage at the end", () => {
    expect(
      run(
        chunk([{ text: "th", thought: true }], {}, { usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1 } }),
        chunk([{ text: "Hel" }]),
        chunk([{ text: "lo" }], { finishReason: "STOP" }),
        chunk([{ functionCall: { name: "f", args: { a: 1 } } }], { finishReason: "STOP" }, { usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 9 } }),
      ),
    ).toEqual([
      { type: "start", id: "r", model: "v" },
      { type: "part-start", choice: 0, index: 0, part: { type: "reasoning", text: "", sealedBy: "gemini" } },
      { type: "text-delta", choice: 0, index: 0, text: "th" },
      { type: "part-end", choice: 0, index: 0 },
      { type: "part-start", choice: 0, index: 1, part: { type: "text", text: "" } },
      { type: "text-delta", choice: 0, index: 1, text: "Hel" },
      { type: "text-delta", choice: 0, index: 1, text: "lo" },
      { type: "part-end", choice: 0, index: 1 },
      { type: "part-start", choice: 0, index: 2, part: { type: "tool-call", id: "call_0_f_r", name: "f", arguments: "" } },
      { type: "arguments-delta", choice: 0, index: 2, text: '{"a":1}' },
      { type: "part-end", choice: 0, index: 2 },
      { type: "finish", choice: 0, reason: "tool-calls" },
      { type: "usage", usage: { input: 3, inputAudio: 0, inputImage: 0, cacheRead: 0, output: 9, reasoning: 0, outputAudio: 0, outputImage: 0 } },
      { type: "end" },
    ]);
  });

  test("a stream cut short finishes nothing", () => {
    expect(run(chunk([{ text: "Hel" }])).map((part) => part.type)).toEqual(["start", "part-start", "text-delta", "end"]);
    expect(run()).toEqual([{ type: "end" }]);
  });

  test("elements of the list with their brackets, a blocked prompt, an error, a broken event", () => {
    expect(run({ data: '[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}' }, { data: ',\r\n{"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}]}\n]' }).filter((part) => part.type === "text-delta")).toHaveLength(2);
    expect(run(event({ promptFeedback: { blockReason: "OTHER" } }))).toEqual([{ type: "start", id: "", model: "" }, { type: "finish", choice: 0, reason: "content-filter", detail: "OTHER" }, { type: "end" }]);
    expect(run(chunk([{ text: "a" }]), event({ error: { code: 503, message: "overloaded", status: "UNAVAILABLE" } }), chunk([{ text: "b" }])).at(-1)).toEqual({ type: "error", message: "overloaded", code: "UNAVAILABLE" });
    expect(run({ data: '{"candidates":[{' }).at(-1)?.type).toBe("error");
  });

  test("the citations of the end reach the text, before it ends", () => {
    const parts = run(chunk([{ text: "Zür" }]), chunk([{ text: "ich" }]), chunk([{ text: "", thoughtSignature: "c2ln" }], { finishReason: "STOP", groundingMetadata: { webSearchQueries: ["q"], groundingChunks: [{ web: { uri: "u", title: "t" } }], groundingSupports: [{ segment: { startIndex: 1, endIndex: 7 }, groundingChunkIndices: [0] }] } }));
    expect(parts.map((part) => part.type)).toEqual([
      "start", "part-start", "text-delta", "text-delta", "citation", "part-end", "part-start", "signature-delta", "part-end",
      "part-start", "arguments-delta", "part-end", "part-start", "part-end", "finish", "end",
    ]);
    expect(parts[4]).toEqual({ type: "citation", choice: 0, index: 0, citation: { url: "u", title: "t", start: 1, end: 6 } });
  });

  test("pieces of sound are one part", () => {
    const sound = (data: string) => chunk([{ inlineData: { mimeType: "audio/L16;rate=24000", data } }], { finishReason: "STOP" });
    const parts = run(sound("AAAA"), sound("BBBB"));
    expect(parts.map((part) => part.type)).toEqual(["start", "part-start", "audio-delta", "audio-delta", "part-end", "finish", "end"]);
    expect(collectStream(parts).choices[0]?.parts).toEqual([{ type: "audio", source: { kind: "base64", mediaType: "audio/L16;rate=24000", data: "AAAABBBB" } }]);
  });

  test("several candidates side by side", () => {
    const two = (a: string, b: string, end: object = {}) => event({ candidates: [a, b].map((text, index) => ({ index, content: { parts: [{ text }] }, ...end })) });
    const { choices } = collectStream(run(two("a", "x"), two("b", "y", { finishReason: "MAX_TOKENS" })));
    expect(choices).toMatchObject([{ index: 0, parts: [{ text: "ab" }], finish: "length" }, { index: 1, parts: [{ text: "xy" }], finish: "length" }]);
  });

  test("a long stream leaves nothing behind", () => {
    const decoder = geminiCodec.streamDecoder();
    const encoder = geminiCodec.streamEncoder(contextOf(), "sse");
    const text = "wörd ".repeat(20);
    const one = chunk([{ text }]);
    Bun.gc(true);
    const before = process.memoryUsage().heapUsed;
    let written = 0;
    for (let n = 0; n < 20_000; n += 1) for (const part of decoder.push(one)) written += encoder.push(part).length;
    Bun.gc(true);
    expect(written).toBeGreaterThan(20_000 * text.length);
    // Two million characters went by.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(8_000_000);
  });
});

describe("streams, written", () => {
  const write = (framing: "sse" | "json-array", ...parts: StreamPart[]): string => {
    const encoder = geminiCodec.streamEncoder(contextOf(), framing);
    return parts.map((part) => encoder.push(part)).join("") + encoder.flush();
  };
  const start: StreamPart = { type: "start", id: "r", model: "m" };
  const open = (index: number, part: Part): StreamPart => ({ type: "part-start", choice: 0, index, part });

  test("calls that interleave come whole, each when it ends", () => {
    const text = write(
      "json-array",
      start,
      open(0, { type: "tool-call", id: "a", name: "f", arguments: "" }),
      open(1, { type: "tool-call", id: "b", name: "g", arguments: "" }),
      { type: "arguments-delta", choice: 0, index: 1, text: '{"x"' },
      { type: "arguments-delta", choice: 0, index: 0, text: "{}" },
      { type: "arguments-delta", choice: 0, index: 1, text: ":1}" },
      { type: "part-end", choice: 0, index: 0 },
      { type: "part-end", choice: 0, index: 1 },
      { type: "finish", choice: 0, reason: "tool-calls" },
      { type: "usage", usage: { input: 1, output: 2 } },
      { type: "end" },
    );
    const list = JSON.parse(text) as { candidates: { content: { parts: unknown[] }; finishReason?: string }[]; usageMetadata?: object }[];
    expect(list.map((item) => item.candidates[0]?.content.parts[0])).toMatchObject([{ functionCall: { id: "a", name: "f", args: {} } }, { functionCall: { id: "b", name: "g", args: { x: 1 } } }, { text: "" }]);
    expect(list.at(-1)).toMatchObject({ candidates: [{ finishReason: "STOP" }], usageMetadata: { totalTokenCount: 3 } });
  });

  test("the list is whole JSON in every case", () => {
    expect(JSON.parse(write("json-array"))).toEqual([]);
    expect(JSON.parse(write("json-array", start, { type: "end" }))).toEqual([]);
    expect(JSON.parse(write("json-array", start, { type: "error", message: "boom" }))).toEqual([{ error: { code: 503, message: "boom", status: "UNAVAILABLE" } }]);
    expect(JSON.parse(write("json-array", start, open(0, { type: "text", text: "a" }), { type: "ping" }, { type: "error", message: "boom", code: "RESOURCE_EXHAUSTED" }))).toMatchObject([{}, { error: { code: 429 } }]);
  });

  test("after an error or the end nothing is written", () => {
    const encoder = geminiCodec.streamEncoder(contextOf(), "sse");
    expect(encoder.push({ type: "error", message: "boom" })).toContain("boom");
    expect(encoder.push({ type: "end" }) + encoder.flush() + encoder.ping()).toBe("");
  });

  test("a filter that let nothing through, and several choices", () => {
    expect(write("sse", start, { type: "finish", choice: 0, reason: "content-filter" }, { type: "end" })).toContain('"promptFeedback":{"blockReason":"SAFETY"}');
    const both = write("json-array", start, open(0, { type: "text", text: "a" }), { type: "part-start", choice: 1, index: 0, part: { type: "text", text: "b" } }, { type: "finish", choice: 0, reason: "stop" }, { type: "finish", choice: 1, reason: "length" }, { type: "usage", usage: { input: 1 } });
    expect(JSON.parse(both)).toMatchObject([{}, {}, { candidates: [{ index: 0, finishReason: "STOP" }] }, { candidates: [{ index: 1, finishReason: "MAX_TOKENS" }], usageMetadata: {} }]);
  });
});

test("positions in texts of every width", () => {
  const text = "aé日👩‍🚀z".repeat(50);
  const offsets = new TextOffsets();
  for (let at = 0; at < text.length; at += 3) offsets.add(text.slice(at, at + 3));
  for (let unit = 0; unit <= text.length; unit += 1) {
    if (text.charCodeAt(unit) >= 0xdc00 && text.charCodeAt(unit) <= 0xdfff) continue;
    const byte = Buffer.byteLength(text.slice(0, unit));
    expect([offsets.byteOf(unit), offsets.unitOf(byte)]).toEqual([byte, unit]);
  }
  expect([offsets.byteOf(1e9), offsets.unitOf(1e9)]).toEqual([Buffer.byteLength(text), text.length]);
});

test("bare samples of another vendor are named as Gemini names them, whole and streamed", () => {
  const mimeType = "audio/L16;codec=pcm;rate=24000";
  const source = { kind: "base64" as const, mediaType: "audio/pcm", data: "AAAA" };
  expect(writePart({ type: "audio", source })).toEqual({ inlineData: { mimeType, data: "AAAA" } });
  expect(writePart({ type: "audio", source: { ...source, mediaType: "audio/wav" } })).toEqual({ inlineData: { mimeType: "audio/wav", data: "AAAA" } });
  const encoder = geminiCodec.streamEncoder(contextOf(), "sse");
  const sent = [
    { type: "start" as const, id: "i", model: "m" },
    { type: "part-start" as const, choice: 0, index: 0, part: { type: "audio" as const, source: { ...source, data: "" } } },
    { type: "audio-delta" as const, choice: 0, index: 0, data: "AAAA" },
  ].map((part) => encoder.push(part)).join("");
  expect(sent).toContain(JSON.stringify({ inlineData: { mimeType, data: "AAAA" } }));
});
