import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import type { ChatCompletion, ChatCompletionCreateParamsNonStreaming } from "openai/resources/chat/completions";
import type { AnswerContext } from "../canonical/codec.ts";
import type { Part } from "../canonical/parts.ts";
import type { CanonicalResponse, FinishReason } from "../canonical/response.ts";
import type { StreamPart } from "../canonical/stream.ts";
import { openaiChatCodec as codec } from "./codec.ts";

/** OpenAI's own SDK as judge: what we write to callers, whole and as a stream, read by its types and its stream helper. Answers are constructed. */
const ANSWERS: Record<string, { parts: Part[]; finish: FinishReason }> = {
  text: { parts: [{ type: "reasoning", text: "hm", signature: "s", sealedBy: "anthropic-messages" }, { type: "text", text: "Hello there", citations: [{ url: "https://a.example", title: "A", start: 0, end: 5 }] }], finish: "stop" },
  tools: { parts: [{ type: "text", text: "I look." }, { type: "tool-call", id: "call_a", name: "weather", arguments: '{"city":"Huế"}' }, { type: "tool-call", id: "call_b", name: "now", arguments: "" }], finish: "tool-calls" },
  refusal: { parts: [{ type: "refusal", text: "I cannot." }], finish: "refusal" },
  json: { parts: [{ type: "text", text: '{"answer":42}' }], finish: "stop" },
  image: { parts: [{ type: "text", text: "See: " }, { type: "image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" } }], finish: "stop" },
  audio: { parts: [{ type: "audio", id: "au", source: { kind: "base64", mediaType: "audio/pcm", data: "AAAA" }, transcript: "Hello", expiresAt: 99 }], finish: "stop" },
};
const USAGE = { input: 10, inputAudio: 2, cacheRead: 5, output: 7, reasoning: 3, outputAudio: 1 };
const ID = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000";

function answerOf(name: string, choices: number): CanonicalResponse {
  const found = ANSWERS[name] ?? { parts: [], finish: "stop" as const };
  return { id: "", model: "v", choices: Array.from({ length: choices }, (_, index) => ({ index, ...found })), usage: USAGE };
}

/** The parts of every choice in turn, one letter group at a time, tool calls of a choice interleaved. */
function partsOf({ choices }: CanonicalResponse): StreamPart[] {
  const out: StreamPart[] = [{ type: "start", id: "", model: "v" }];
  const pieces = (text: string): string[] => text.match(/.{1,3}/gs) ?? [];
  for (const { index: choice, parts, finish } of choices) {
    const calls = parts.map((part, index) => ({ part, index })).filter(({ part }) => part.type === "tool-call");
    for (const [index, part] of parts.entries()) {
      const at = { choice, index };
      if (part.type === "tool-call") continue;
      if (part.type === "audio" && part.source.kind === "base64") {
        out.push({ type: "part-start", ...at, part: { type: "audio", source: { ...part.source, data: "" } } }, { type: "audio-delta", ...at, id: "au", data: "AAAA" }, { type: "audio-delta", ...at, transcript: "Hello", expiresAt: 99 }, { type: "part-end", ...at });
        continue;
      }
      if (!("text" in part)) {
        out.push({ type: "part-start", ...at, part }, { type: "part-end", ...at });
        continue;
      }
      out.push({ type: "part-start", ...at, part: part.type === "reasoning" ? { type: "reasoning", text: "", sealedBy: "anthropic-messages" } : { type: part.type, text: "" } });
      for (const text of pieces(part.text)) out.push({ type: "text-delta", ...at, text }, { type: "ping" });
      if (part.type === "reasoning") out.push({ type: "signature-delta", ...at, signature: "s" });
      if (part.type === "text") for (const citation of part.citations ?? []) out.push({ type: "citation", ...at, citation });
      out.push({ type: "part-end", ...at });
    }
    for (const { part, index } of calls) if (part.type === "tool-call") out.push({ type: "part-start", choice, index, part: { ...part, arguments: "" } });
    for (let at = 0; at < 10; at += 1)
      for (const { part, index } of calls) {
        const text = part.type === "tool-call" ? pieces(part.arguments)[at] : undefined;
        if (text) out.push({ type: "arguments-delta", choice, index, text });
      }
    for (const { index } of calls) out.push({ type: "part-end", choice, index });
    out.push({ type: "finish", choice, reason: finish });
  }
  return [...out, { type: "usage", usage: USAGE }, { type: "end" }];
}

let server: ReturnType<typeof Bun.serve>;
let client: OpenAI;

beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(incoming) {
      const request = codec.decodeRequest((await incoming.json()) as Record<string, unknown>, {});
      const context: AnswerContext = { id: ID, model: request.model, nowSeconds: 1_700_000_000, request };
      const [name = "", failure] = request.model.split("!");
      const answer = answerOf(name, request.choices ?? 1);
      if (!request.stream) return Response.json(codec.encodeResponse(answer, context));
      const encoder = codec.streamEncoder(context, "sse");
      const parts = failure ? [...partsOf(answer).slice(0, 4), { type: "error" as const, message: "gone", code: "upstream_stream_cut" }] : partsOf(answer);
      const wire = encoder.ping() + parts.map((part) => encoder.push(part)).join("") + encoder.flush();
      return new Response(wire, { headers: { "content-type": "text/event-stream" } });
    },
  });
  client = new OpenAI({ apiKey: "sk-test", baseURL: `http://127.0.0.1:${server.port}/v1`, maxRetries: 0 });
});
afterAll(() => server.stop(true));

const params = (model: string, more: Partial<ChatCompletionCreateParamsNonStreaming> = {}): ChatCompletionCreateParamsNonStreaming => ({ model, messages: [{ role: "user", content: "json please" }], ...more });
const both = async (model: string, more: Partial<ChatCompletionCreateParamsNonStreaming> = {}): Promise<ChatCompletion[]> => [
  await client.chat.completions.create(params(model, more)),
  await client.chat.completions.stream({ ...params(model, more), stream: true, stream_options: { include_usage: true } }).finalChatCompletion(),
];

const usage = { prompt_tokens: 17, completion_tokens: 11, total_tokens: 28, prompt_tokens_details: { cached_tokens: 5, audio_tokens: 2 }, completion_tokens_details: { reasoning_tokens: 3, audio_tokens: 1, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 } };

describe("the openai SDK reads what we write", () => {
  test("text, citations, usage, ids", async () => {
    for (const completion of await both("text")) {
      const [choice] = completion.choices;
      expect(completion).toMatchObject({ id: "chatcmpl-0199aaaabbbb7ccc8dddeeeeffff0000", model: "text", usage });
      expect(choice).toMatchObject({ finish_reason: "stop", message: { role: "assistant", content: "Hello there", refusal: null, annotations: [{ type: "url_citation", url_citation: { url: "https://a.example", title: "A", start_index: 0, end_index: 5 } }] } });
    }
  });

  test("parallel tools beside text; the helper's events come complete and in order", async () => {
    const tools = ["weather", "now"].map((name) => ({ type: "function" as const, function: { name, parameters: {}, strict: true } }));
    for (const completion of await both("tools", { tools }))
      expect(completion.choices[0]).toMatchObject({
        finish_reason: "tool_calls",
        message: { content: "I look.", tool_calls: [{ id: "call_a", type: "function", function: { name: "weather", arguments: '{"city":"Huế"}' } }, { id: "call_b", type: "function", function: { name: "now", arguments: "{}" } }] },
      });
  });

  test("several choices, each with its own role and end", async () => {
    for (const completion of await both("text", { n: 3 })) expect(completion.choices.map(({ index, message, finish_reason }) => [index, message.role, message.content, finish_reason])).toEqual([0, 1, 2].map((index) => [index, "assistant", "Hello there", "stop"]));
  });

  test("refusals, sound, images", async () => {
    for (const completion of await both("refusal")) expect(completion.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: null, refusal: "I cannot." } });
    for (const completion of await both("audio")) expect(completion.choices[0]?.message.audio).toEqual({ id: "au", data: "AAAA", transcript: "Hello", expires_at: 99 });
    for (const completion of await both("image")) expect(completion.choices[0]?.message).toMatchObject({ content: "See: ![image](data:image/png;base64,AAAA)", images: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }] });
  });

  test("structured output parses", async () => {
    const response_format = { type: "json_schema" as const, json_schema: { name: "a", strict: true, schema: { type: "object", properties: { answer: { type: "number" } }, required: ["answer"], additionalProperties: false } } };
    for (const completion of await both("json", { response_format })) expect(JSON.parse(completion.choices[0]?.message.content ?? "")).toEqual({ answer: 42 });
  });

  test("legacy functions get function_call", async () => {
    for (const completion of await both("tools", { functions: [{ name: "weather" }], function_call: "auto" }))
      expect(completion.choices[0]).toMatchObject({ finish_reason: "function_call", message: { function_call: { name: "weather", arguments: '{"city":"Huế"}' } } });
  });

  test("usage comes to those who ask only; thinking is read as DeepSeek's clients do", async () => {
    let thought = "";
    let sawUsage = false;
    for await (const chunk of await client.chat.completions.create({ ...params("text"), stream: true })) {
      sawUsage ||= "usage" in chunk;
      thought += (chunk.choices[0]?.delta as { reasoning_content?: string } | undefined)?.reasoning_content ?? "";
    }
    expect([thought, sawUsage]).toEqual(["hm", false]);
  });

  test("an error in mid-stream is thrown", async () => {
    const stream = client.chat.completions.stream({ ...params("text!cut"), stream: true });
    const thrown = await stream.finalChatCompletion().then(() => undefined, (error: unknown) => error);
    expect(thrown).toBeInstanceOf(OpenAI.APIError);
    expect(String(thrown)).toContain("gone");
  });
});
