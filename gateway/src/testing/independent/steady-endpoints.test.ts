import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { testGateway } from "../gateway.ts";
import { startSteady } from "./steady.ts";

/** What reaches OpenAI beyond chat's own callers, checked by somebody else against the request schemas that OpenAI published: translated conversations, and every other endpoint. */
const chat = await startSteady(join(import.meta.dir, "openai-chat.openapi.json"));
const others = await startSteady(join(import.meta.dir, "openai-endpoints.openapi.json"));
afterAll(() => Promise.all([chat.stop(), others.stop()]));

const CHAT = "gpt-4.1-mini", REASONING = "gpt-5.2";
const gateway = await testGateway((config) => {
  const channel = { vendor: "openai", credentials: ["sk-steady-0123456789"], modelMapping: {}, priority: 0, weight: 1, timeouts: { firstByteMs: 5_000, idleMs: 5_000 }, enabled: true };
  config.channels.push({ ...channel, name: "steady chat", priority: 10, baseUrl: chat.baseUrl, models: [CHAT] });
  config.channels.push({ ...channel, name: "steady", baseUrl: others.baseUrl });
});
const caller = await gateway.newCaller("100");

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const PDF = Buffer.from("%PDF-1.4\n%%EOF\n").toString("base64");
const SCHEMA = { type: "object", properties: { city: { type: "string" }, days: { type: "integer" } }, required: ["city"], additionalProperties: false };
const image = { type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } };
const WEATHER = { name: "get_weather", description: "Weather by city", input_schema: SCHEMA };

type Body = Record<string, unknown>;
const anthropic = (more: Body, ...content: unknown[]): Body => ({ max_tokens: 4_000, messages: [{ role: "user", content: [{ type: "text", text: "Hà Nội?" }, ...content] }], ...more });
const called = (id: string, content: unknown, error = false): Body[] => [
  { role: "user", content: "Weather?" },
  { role: "assistant", content: [{ type: "text", text: "I ask." }, { type: "tool_use", id, name: "get_weather", input: { city: "Hanoi" } }] },
  { role: "user", content: [{ type: "tool_result", tool_use_id: id, content, ...(error ? { is_error: true } : {}) }, { type: "text", text: "And?" }] },
];

/** By the SDK's types of `messages.create`. */
const ANTHROPIC: Record<string, Body> = {
  plain: anthropic({}),
  settings: anthropic({ system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }], temperature: 0.5, top_p: 0.9, stop_sequences: ["END"], metadata: { user_id: "u-1" }, service_tier: "auto" }),
  tools: anthropic({ tools: [WEATHER, { ...WEATHER, name: "strict", strict: true }, { name: "none", input_schema: { type: "object" } }] }),
  "any tool, one at a time": anthropic({ tools: [WEATHER], tool_choice: { type: "any", disable_parallel_tool_use: true } }),
  "one tool": anthropic({ tools: [WEATHER], tool_choice: { type: "tool", name: "get_weather" } }),
  "no tool": anthropic({ tools: [WEATHER], tool_choice: { type: "none" } }),
  "tool results": { max_tokens: 100, tools: [WEATHER], messages: called("toolu_1", "31") },
  "a tool's error": { max_tokens: 100, tools: [WEATHER], messages: called("toolu_1", "no such city", true) },
  "a tool's picture": { max_tokens: 100, tools: [WEATHER], messages: called("toolu_1", [{ type: "text", text: "see" }, image]) },
  "pictures and a PDF": anthropic({}, image, { type: "image", source: { type: "url", url: "https://example.com/cat.png" } }, { type: "document", title: "T", source: { type: "base64", media_type: "application/pdf", data: PDF } }, { type: "document", source: { type: "text", media_type: "text/plain", data: "words" } }),
  thinking: anthropic({ thinking: { type: "enabled", budget_tokens: 2_000 } }),
  "thinking by effort": anthropic({ thinking: { type: "adaptive" }, output_config: { effort: "max" } }),
  "thinking in the history": { max_tokens: 3_000, messages: [{ role: "user", content: "a" }, { role: "assistant", content: [{ type: "thinking", thinking: "hm", signature: "c2VhbGVk" }, { type: "redacted_thinking", data: "c2VhbGVk" }, { type: "text", text: "b" }] }, { role: "user", content: "c" }] },
  "structured output": anthropic({ output_config: { format: { type: "json_schema", schema: SCHEMA } } }),
};

const gemini = (more: Body, ...parts: unknown[]): Body => ({ contents: [{ role: "user", parts: [{ text: "Hà Nội?" }, ...parts] }], ...more });
const config = (generationConfig: Body): Body => gemini({ generationConfig });
const DECLARED = { functionDeclarations: [{ name: "get_weather", description: "Weather", parameters: { type: "OBJECT", properties: { city: { type: "STRING", nullable: true } }, required: ["city"] } }] };

/** By the SDK's types of `generateContent`. */
const GEMINI: Record<string, Body> = {
  plain: gemini({ systemInstruction: { parts: [{ text: "Be brief." }] } }),
  settings: config({ temperature: 0.5, topP: 0.9, maxOutputTokens: 500 }),
  tools: gemini({ tools: [DECLARED], toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["get_weather"] } } }),
  "no tools": gemini({ tools: [DECLARED], toolConfig: { functionCallingConfig: { mode: "NONE" } } }),
  "tool results": {
    tools: [DECLARED],
    contents: [
      { role: "user", parts: [{ text: "Weather?" }] },
      { role: "model", parts: [{ functionCall: { name: "get_weather", args: { city: "Hanoi" } } }, { functionCall: { name: "get_weather", args: { city: "Hue" } } }] },
      { role: "user", parts: [{ functionResponse: { name: "get_weather", response: { output: "31" }, parts: [{ inlineData: { mimeType: "image/png", data: PIXEL } }] } }, { functionResponse: { name: "get_weather", response: { error: "none" } } }] },
    ],
  },
  "pictures and a PDF": gemini({}, { inlineData: { mimeType: "image/png", data: PIXEL } }, { inlineData: { mimeType: "application/pdf", data: PDF } }),
  thinking: config({ thinkingConfig: { thinkingBudget: 4_096, includeThoughts: true } }),
  "structured output": config({ responseMimeType: "application/json", responseSchema: { type: "OBJECT", properties: { city: { type: "STRING" } }, required: ["city"] } }),
  "JSON mode": config({ responseMimeType: "application/json" }),
};

const responses = (more: Body): Body => ({ input: "Hanoi?", ...more });
/** By the SDK's types of `responses.create`; the tools of a vendor's own only where OpenAI is asked in its own dialect. */
const RESPONSES: Record<string, Body> = {
  plain: responses({ instructions: "Be brief.", max_output_tokens: 100, metadata: { a: "b" } }),
  "tools and items": responses({ tools: [{ type: "function", name: "get_weather", parameters: SCHEMA, strict: false }], input: [{ role: "user", content: "Weather?" }, { type: "function_call", call_id: "call_1", name: "get_weather", arguments: "{}" }, { type: "function_call_output", call_id: "call_1", output: "31" }] }),
  "sealed reasoning": responses({ store: false, include: ["reasoning.encrypted_content"], reasoning: { effort: "low", summary: "auto" } }),
  "hosted tools": responses({ tools: [{ type: "web_search" }, { type: "code_interpreter", container: { type: "auto" } }] }),
  "structured output": responses({ text: { format: { type: "json_schema", name: "weather", schema: SCHEMA, strict: false }, verbosity: "low" } }),
};

const HOSTED = { web_search: anthropic({ tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 3, user_location: { type: "approximate", city: "Hanoi", country: "VN" } }] }) };
const GOOGLE = { googleSearch: gemini({ tools: [{ googleSearch: {} }] }), codeExecution: gemini({ tools: [{ codeExecution: {} }] }) };

const post = (path: string, body: unknown): Promise<Response> => fetch(`${gateway.url}${path}`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body: JSON.stringify(body) });
const rows = (bodies: Record<string, Body>, model: string): [string, string, Body][] => Object.entries(bodies).map(([name, body]) => [name, model, body]);

async function accepted(asked: Promise<Response>, path: string): Promise<unknown> {
  for (const { verdicts } of [chat, others]) verdicts.length = 0;
  const response = await asked;
  const text = await response.text();
  const verdicts = [...chat.verdicts, ...others.verdicts];
  expect({ verdicts: verdicts.map(({ path: at, valid, faults }) => ({ path: at, valid, faults })), status: response.status, text: response.status === 200 ? "" : text }).toEqual({ verdicts: [{ path, valid: true, faults: [] }], status: 200, text: "" });
  return verdicts[0]?.body;
}

test.each([...rows({ ...ANTHROPIC, ...HOSTED }, REASONING), ...rows(ANTHROPIC, CHAT)])("Anthropic's %s, to %s", async (_name, model, body) => {
  await accepted(post("/v1/messages", { model, ...body }), model === CHAT ? "/v1/chat/completions" : "/v1/responses");
});

test.each([...rows({ ...GEMINI, ...GOOGLE }, REASONING), ...rows(GEMINI, CHAT)])("Gemini's %s, to %s", async (_name, model, body) => {
  await accepted(post(`/v1beta/models/${model}:generateContent`, body), model === CHAT ? "/v1/chat/completions" : "/v1/responses");
});

test.each(rows(RESPONSES, REASONING))("Responses' own %s, to %s", async (_name, model, body) => {
  await accepted(post("/v1/responses", { model, ...body }), "/v1/responses");
});

test("Responses that go on from an answer that is kept here", async () => {
  const first = (await (await post("/v1/responses", { model: REASONING, input: "a" })).json()) as { id: string };
  expect(await accepted(post("/v1/responses", { model: REASONING, input: "b", previous_response_id: first.id }), "/v1/responses")).toMatchObject({ input: expect.any(Array) });
});

test.each<[string, string, Body]>([
  ["embeddings", "/v1/embeddings", { model: "text-embedding-3-small", input: ["a", "b"], dimensions: 256, encoding_format: "base64", user: "u" }],
  ["embeddings of tokens", "/v1/embeddings", { model: "text-embedding-3-small", input: [[1, 2], [3]] }],
  ["Gemini's embeddings", "/v1beta/models/text-embedding-3-small:batchEmbedContents", { requests: [{ model: "models/text-embedding-3-small", content: { parts: [{ text: "a" }] }, outputDimensionality: 256 }] }],
  ["completions", "/v1/completions", { model: "gpt-3.5-turbo-instruct", prompt: ["a"], max_tokens: 5, stop: ["x"], logprobs: 2, echo: true }],
  ["moderations", "/v1/moderations", { model: "omni-moderation-latest", input: [{ type: "text", text: "a" }, { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } }] }],
  ["pictures", "/v1/images/generations", { model: "gpt-image-1", prompt: "a cat", size: "1024x1024", quality: "low", n: 2, background: "transparent", output_format: "webp", output_compression: 50, moderation: "low" }],
  ["speech", "/v1/audio/speech", { model: "gpt-4o-mini-tts", voice: "alloy", input: "hi", instructions: "softly", response_format: "mp3", speed: 1.5 }],
])("%s", async (_name, path, body) => {
  await accepted(post(path, body), path.startsWith("/v1beta") ? "/v1/embeddings" : path);
});

const file = (bytes: string, name: string, type: string): File => new File([Buffer.from(bytes, "base64")], name, { type });
test.each<[string, string, [string, string | File][]]>([
  ["transcriptions", "/v1/audio/transcriptions", [["model", "gpt-4o-mini-transcribe"], ["file", file("UklGRg==", "a.wav", "audio/wav")], ["language", "en"], ["response_format", "json"], ["include[]", "logprobs"]]],
  ["translations", "/v1/audio/translations", [["model", "whisper-1"], ["file", file("UklGRg==", "a.wav", "audio/wav")], ["response_format", "json"]]],
  ["edits of pictures", "/v1/images/edits", [["model", "gpt-image-1"], ["prompt", "a hat"], ["image[]", file(PIXEL, "a.png", "image/png")], ["image[]", file(PIXEL, "b.png", "image/png")], ["size", "1024x1024"]]],
])("the form of %s", async (_name, path, fields) => {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  await accepted(fetch(`${gateway.url}${path}`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}` }, body: form }), path);
});

test("the control: steady does complain of each endpoint", async () => {
  for (const [path, body] of [["/v1/embeddings", { model: "text-embedding-3-small", input: "a", encoding_format: "words" }], ["/v1/responses", { model: REASONING, input: "a", truncation: "perhaps" }], ["/v1/images/generations", { model: "gpt-image-1", prompt: "a", background: "red" }]] as const) {
    others.verdicts.length = 0;
    await post(path, body);
    expect(others.verdicts).toMatchObject([{ path, valid: false }]);
  }
});
