import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ApiError, FunctionCallingConfigMode, GoogleGenAI, ThinkingLevel, Type, type GenerateContentResponse } from "@google/genai";
import { startSandbox, type Sandbox } from "../../../../simulators/src/server.ts";
import { collectStream } from "../canonical/collect-stream.ts";
import { SseFramer } from "../canonical/framer.ts";
import { eventData } from "../canonical/event-text.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import type { CanonicalResponse } from "../canonical/response.ts";
import type { StreamPart } from "../canonical/stream.ts";
import { geminiCodec } from "./codec.ts";
import { contextOf } from "./testing/arbitraries.ts";
import { streamOf } from "./testing/stream-of.ts";

/** The official SDK reads what the codec writes, over a socket; what it sends is read by the codec. Answers are constructed as other dialects give them. */
let answer: CanonicalResponse;
let after: StreamPart[] | undefined;
let seen: CanonicalRequest[] = [];

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    const url = new URL(request.url);
    const stream = url.pathname.endsWith(":streamGenerateContent");
    const decoded = geminiCodec.decodeRequest((await request.json()) as Record<string, unknown>, { model: "m", stream });
    seen.push(decoded);
    const context = contextOf({ reasoning: { show: "auto" } });
    if (!stream) return Response.json(geminiCodec.encodeResponse(answer, context));
    const encoder = geminiCodec.streamEncoder(context, url.searchParams.get("alt") === "sse" ? "sse" : "json-array");
    let text = encoder.ping();
    for (const part of after ?? streamOf(answer, 3)) text += encoder.push(part) + (after ? "" : encoder.ping());
    return new Response(text + encoder.flush(), { headers: { "content-type": "text/event-stream" } });
  },
});
afterAll(() => server.stop(true));
const client = new GoogleGenAI({ apiKey: "k", httpOptions: { baseUrl: `http://127.0.0.1:${server.port}` } });

const RICH: CanonicalResponse = {
  id: "resp-1",
  model: "claude",
  choices: [
    {
      index: 0,
      parts: [
        { type: "reasoning", text: "Let me think.", signature: "EqoBsealed", sealedBy: "anthropic-messages" },
        { type: "text", text: "Es ist kühl in Zürich.", citations: [{ url: "https://a.example/", title: "A", start: 15, end: 21 }] },
        { type: "tool-call", id: "toolu_1", name: "get_weather", arguments: '{"city":"Zürich"}' },
        { type: "tool-call", id: "toolu_2", name: "get_time", arguments: "{}" },
        { type: "hosted-call", id: "s", tool: "web-search", name: "web_search", input: '{"query":"zürich"}' },
        { type: "hosted-result", callId: "s", tool: "web-search", sources: [{ url: "https://a.example/", title: "A" }] },
      ],
      finish: "tool-calls",
    },
  ],
  usage: { input: 11, cacheRead: 2, output: 7, reasoning: 5 },
};

async function streamed(): Promise<{ chunks: GenerateContentResponse[]; text: string; calls: unknown[] }> {
  const chunks: GenerateContentResponse[] = [];
  for await (const chunk of await client.models.generateContentStream({ model: "m", contents: "hi" })) chunks.push(chunk);
  return { chunks, text: chunks.map((chunk) => chunk.text ?? "").join(""), calls: chunks.flatMap((chunk) => chunk.functionCalls ?? []) };
}

describe("the SDK reads", () => {
  const calls = [
    { id: "toolu_1", name: "get_weather", args: { city: "Zürich" } },
    { id: "toolu_2", name: "get_time", args: {} },
  ];
  const usage = { promptTokenCount: 13, cachedContentTokenCount: 2, candidatesTokenCount: 7, thoughtsTokenCount: 5, totalTokenCount: 25 };
  const support = { segment: { startIndex: 16, endIndex: 23, partIndex: 1 }, groundingChunkIndices: [0] };

  test("a whole answer", async () => {
    answer = RICH;
    const response = await client.models.generateContent({ model: "m", contents: "hi" });
    expect(response.text).toBe("Es ist kühl in Zürich.");
    expect(response.functionCalls).toEqual(calls);
    expect(response.candidates?.[0]?.content?.parts?.[0]).toMatchObject({ text: "Let me think.", thought: true });
    expect(response.candidates?.[0]?.groundingMetadata).toMatchObject({ webSearchQueries: ["zürich"], groundingChunks: [{ web: { uri: "https://a.example/" } }], groundingSupports: [support] });
    expect<unknown>(response.candidates?.[0]?.finishReason).toBe("STOP");
    expect(response.usageMetadata).toMatchObject(usage);
    expect([response.modelVersion, response.responseId]).toEqual(["gemini-3.1-flash", "resp-1"]);
  });

  test("the same as a stream, with keep-alives between all events", async () => {
    answer = RICH;
    const { chunks, text, calls: got } = await streamed();
    expect(text).toBe("Es ist kühl in Zürich.");
    expect(got).toEqual(calls);
    const thoughts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []).filter((part) => part.thought);
    expect(thoughts.map((part) => part.text).join("")).toBe("Let me think.");
    const last = chunks.at(-1);
    expect(last?.usageMetadata).toMatchObject(usage);
    expect(last?.candidates?.[0]).toMatchObject({ finishReason: "STOP", groundingMetadata: { groundingSupports: [support] } } as never);
    expect(chunks.slice(0, -1).every((chunk) => chunk.candidates?.[0]?.finishReason === undefined)).toBe(true);
    expect(new Set(chunks.flatMap((chunk) => chunk.responseId ?? []))).toEqual(new Set(["resp-1"]));
  });

  test("pictures, several candidates, a filtered answer", async () => {
    answer = { ...RICH, choices: [{ index: 0, parts: [{ type: "text", text: "here" }, { type: "image", source: { kind: "base64", mediaType: "image/png", data: "iVBORw0KGgo=" } }], finish: "stop" }, { index: 1, parts: [{ type: "text", text: "there" }], finish: "length" }] };
    const whole = await client.models.generateContent({ model: "m", contents: "hi" });
    expect(whole.candidates?.map((candidate) => [candidate.index, candidate.finishReason as string])).toEqual([[0, "STOP"], [1, "MAX_TOKENS"]]);
    expect(whole.data).toBe("iVBORw0KGgo=");
    answer = { ...RICH, choices: [{ index: 0, parts: [], finish: "content-filter" }] };
    expect((await client.models.generateContent({ model: "m", contents: "hi" })).promptFeedback?.blockReason as string).toBe("SAFETY");
    expect((await streamed()).chunks.at(-1)?.promptFeedback?.blockReason as string).toBe("SAFETY");
  });

  test("an error in mid-stream is thrown", async () => {
    after = [{ type: "start", id: "r", model: "m" }, { type: "part-start", choice: 0, index: 0, part: { type: "text", text: "Hel" } }, { type: "error", message: "cut", code: "UNAVAILABLE" }];
    const error = await streamed().catch((thrown: unknown) => thrown);
    after = undefined;
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 503 });
  });
});

describe("the codec reads", () => {
  test("what the SDK sends", async () => {
    answer = RICH;
    seen = [];
    await client.models.generateContent({
      model: "m",
      contents: [{ role: "user", parts: [{ text: "hi" }, { inlineData: { mimeType: "image/png", data: "iVBORw0KGgo=" } }, { fileData: { fileUri: "https://www.youtube.com/watch?v=1" }, videoMetadata: { startOffset: "1s" } }] }],
      config: {
        systemInstruction: "Be brief.",
        temperature: 0.1, topK: 4, candidateCount: 2, stopSequences: ["x"], seed: 3,
        thinkingConfig: { thinkingLevel: ThinkingLevel.LOW, includeThoughts: true },
        responseMimeType: "application/json",
        responseSchema: { type: Type.OBJECT, properties: { a: { type: Type.STRING } } },
        tools: [{ functionDeclarations: [{ name: "f", parametersJsonSchema: { type: "object" } }] }, { googleSearch: {} }],
        toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ["f"] } },
      },
    });
    expect(seen[0]).toMatchObject({
      stream: false,
      messages: [
        { role: "system", parts: [{ type: "text", text: "Be brief." }] },
        { role: "user", parts: [{ text: "hi" }, { type: "image" }, { type: "video" }, { type: "opaque", name: "videoMetadata" }] },
      ],
      temperature: 0.1, topK: 4, choices: 2, stop: ["x"], seed: 3,
      reasoning: { effort: "low", show: "auto" },
      format: { type: "json-schema", schema: { type: "object", properties: { a: { type: "string" } } } },
      tools: [{ name: "f", parameters: { type: "object" } }, { type: "web-search" }],
      toolChoice: { mode: "tool", name: "f" },
    });
  });

  test("the SDK's chat gives a streamed turn back in pieces; seal, ids and text are whole again", async () => {
    answer = RICH;
    const chat = client.chats.create({ model: "m" });
    for await (const _chunk of await chat.sendMessageStream({ message: "weather?" }));
    seen = [];
    await chat.sendMessage({ message: [{ functionResponse: { name: "get_time", response: { output: "9" } } }, { functionResponse: { name: "get_weather", response: { temp: 8 } } }] });
    expect(seen[0]?.messages).toEqual([
      { role: "user", parts: [{ type: "text", text: "weather?" }] },
      {
        role: "assistant",
        parts: [
          { type: "reasoning", text: "Let me think.", signature: "EqoBsealed", sealedBy: "anthropic-messages" },
          { type: "text", text: "Es ist kühl in Zürich." },
          { type: "tool-call", id: "toolu_1", name: "get_weather", arguments: '{"city":"Zürich"}' },
          { type: "tool-call", id: "toolu_2", name: "get_time", arguments: "{}" },
        ],
      },
      {
        role: "tool",
        parts: [
          { type: "tool-result", callId: "toolu_2", name: "get_time", parts: [{ type: "text", text: "9" }] },
          { type: "tool-result", callId: "toolu_1", name: "get_weather", parts: [{ type: "text", text: '{"temp":8}' }] },
        ],
      },
    ]);
  });
});

/** The simulator of Google's API was written from its documents and not from this codec. */
describe("against the simulator", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => Date.UTC(2026, 0, 1) });
  });
  afterAll(() => sandbox.stop());

  async function ask(request: Partial<CanonicalRequest>, stream: boolean): Promise<CanonicalResponse> {
    const { body } = geminiCodec.encodeRequest(
      { model: "x", stream, messages: [{ role: "user", parts: [{ type: "text", text: "get_weather for Oslo and Rome" }] }], ...request },
      { model: "gemini-2.5-flash", maxOutputTokens: 1_000, reasons: true, traits: new Set() },
    );
    const response = await fetch(`${sandbox.url}/gemini/v1beta/models/gemini-2.5-flash:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`, { method: "POST", headers: { "x-goog-api-key": "test-key-1" }, body: JSON.stringify(body) });
    expect(response.status).toBe(200);
    if (!stream) return geminiCodec.decodeResponse((await response.json()) as Record<string, unknown>);
    const decoder = geminiCodec.streamDecoder();
    const parts: StreamPart[] = [];
    const { bytes, ends } = new SseFramer().push(Buffer.from(await response.arrayBuffer()));
    let from = 0;
    for (const end of ends) {
      parts.push(...decoder.push({ data: eventData(bytes.toString("latin1", from, end)) ?? "" }));
      from = end;
    }
    return collectStream([...parts, ...decoder.flush()]);
  }

  test.each([false, true])("calls and their results, thinking shown (stream: %p)", async (stream) => {
    const request: Partial<CanonicalRequest> = {
      tools: [{ type: "function", name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } }],
      reasoning: { budgetTokens: 10, show: "auto" },
    };
    const first = await ask(request, stream);
    const [choice] = first.choices;
    expect(choice?.finish).toBe("tool-calls");
    const [thought, ...calls] = choice?.parts ?? [];
    expect(thought?.type).toBe("reasoning");
    expect(calls.map((part) => part.type === "tool-call" && part.arguments)).toEqual(['{"city":"Oslo"}', '{"city":"Rome"}']);
    expect(first.usage).toMatchObject({ reasoning: 10 });
    const results = calls.map((part) => ({ type: "tool-result" as const, callId: part.type === "tool-call" ? part.id : "", parts: [{ type: "text" as const, text: "9 degrees" }] }));
    const messages = [{ role: "user" as const, parts: [{ type: "text" as const, text: "get_weather for Oslo and Rome" }] }, { role: "assistant" as const, parts: choice?.parts ?? [] }, { role: "tool" as const, parts: results }];
    const second = await ask({ ...request, messages }, stream);
    expect(second.choices[0]?.parts.at(-1)).toEqual({ type: "text", text: "get_weather answered: 9 degrees\nget_weather answered: 9 degrees" });
  });
});
