/** Conversation, completions and embeddings: pages 10 to 36, and those of the later additions. Bodies are built of the fields that the pages list; vendors' own forms may have more members than the pages name. */
import { z } from "zod";
import { exact, open, type Page, retired, seconds, some, text } from "./page.ts";

const usage = open({ prompt_tokens: z.int().positive(), completion_tokens: z.int().nonnegative(), total_tokens: z.int().positive() });
const completion = (message: z.ZodType, reason = "stop", count = 1) =>
  open({ id: some, object: z.literal("chat.completion"), created: seconds, model: some, choices: z.array(open({ index: z.int(), message, finish_reason: z.literal(reason) })).length(count), usage });
const said = open({ role: z.literal("assistant"), content: some });
/** Every event but the last has a choice; the last one is the usage that was asked for. */
const chunk = open({ id: some, object: z.literal("chat.completion.chunk"), created: seconds, model: some, choices: z.array(open({ index: z.int(), delta: open({}) })), usage: usage.nullish() });
const chunks = z.array(z.union([chunk, z.literal("[DONE]")])).min(3).refine((events) => events.at(-1) === "[DONE]" && events.some((event) => event !== "[DONE]" && event.choices.length === 0 && event.usage), "no usage before [DONE]");

const USER = [{ role: "user", content: "Hello!" }];
const WEATHER = { name: "get_weather", description: "The weather of a city", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false } };
const PERSON = { type: "json_schema", json_schema: { name: "person", strict: true, schema: { type: "object", properties: { name: { type: "string" }, age: { type: "integer" } }, required: ["name", "age"], additionalProperties: false } } };
const looked = (url: string) => [{ role: "user", content: [{ type: "text", text: "What is in this picture?" }, { type: "image_url", image_url: { url, detail: "low" } }] }];
const LINK = "https://example.com/stone.png";
const URI = "{given.picture}";

const chat = (page: string, model: string, json: object, answer: z.ZodType = completion(said)): Page => ({ page, method: "POST", path: "/v1/chat/completions", from: "fields", json: { model, messages: USER, ...json }, answer, charge: "usage" });
const STREAM = { stream: true, stream_options: { include_usage: true } };
const called = open({ role: z.literal("assistant"), tool_calls: z.array(open({ id: some, type: z.literal("function"), function: exact({ name: z.literal("get_weather"), arguments: some }) })).min(1) });

const claude = open({ id: some, type: z.literal("message"), role: z.literal("assistant"), model: some, content: z.array(open({ type: some })).min(1), stop_reason: some, usage: open({ input_tokens: z.int(), output_tokens: z.int() }) });
const messages = (page: string, json: object, answer: z.ZodType = claude): Page => ({ page, method: "POST", path: "/v1/messages", headers: { "x-api-key": "{given.key}", "anthropic-version": "2023-06-01" }, as: "nobody", from: "fields", json: { model: "claude-sonnet-4-5", max_tokens: 200, messages: USER, ...json }, answer, charge: "usage" });
const SEARCH = { messages: [{ role: "user", content: "Search the web for stones" }], tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 2 }] };
const claudeEvents = z.array(open({ type: some })).min(4).refine((events) => events[0]?.type === "message_start" && events.at(-1)?.type === "message_stop", "from message_start to message_stop");

const gemini = open({ candidates: z.array(open({ content: open({ parts: z.array(open({})).min(1), role: z.literal("model") }), finishReason: some })).min(1), usageMetadata: open({ promptTokenCount: z.int(), totalTokenCount: z.int() }) });
const google = (page: string, json: object, { model = "gemini-2.5-flash", verb = "generateContent", answer = gemini as z.ZodType, version = "v1beta" } = {}): Page => ({ page, method: "POST", path: `/${version}/models/${model}:${verb}`, headers: { "x-goog-api-key": "{given.key}" }, as: "nobody", from: "fields", json, answer, charge: "usage" });
const CONTENTS = [{ role: "user", parts: [{ text: "Hello!" }] }];

/** Long enough to cost one unit of quota. */
const LONG = "a red stone ".repeat(60);
const embedding = open({ object: z.literal("embedding"), index: z.int(), embedding: z.array(z.number()).min(8) });

export const CHAT_PAGES: readonly Page[] = [
  chat("11 Create chat completion (streaming)", "gpt-4.1-mini", { ...STREAM, temperature: 0.5, top_p: 1, max_tokens: 50, stop: ["###"], presence_penalty: 0, frequency_penalty: 0, user: "u-1" }, chunks),
  chat("12 Create chat completion (non-streaming)", "gpt-4.1-mini", { stream: false }),
  ...["/chat/completions", "/v1/v1/chat/completions", "/v1/chat/completions/chat/completions"].map((path): Page => ({ ...chat(`2 Quick Start Guide: the base URL spelt so that clients ask ${path}`, "gpt-4.1-mini", {}), path })),
  { ...chat("1.2 Two credentials: a bare key", "gpt-4.1-mini", {}), headers: { authorization: "{given.key}" }, as: "nobody" },
  chat("13 Create chat image recognition (streaming)", "gpt-4o", { ...STREAM, messages: looked(LINK) }, chunks),
  chat("14 Create chat image recognition (streaming) base64", "gpt-4o", { ...STREAM, messages: looked(URI) }, chunks),
  chat("15 Create chat image recognition (non-streaming)", "gpt-4o", { messages: looked(LINK) }),
  chat("16 Function calling", "gpt-4.1-mini", { messages: [{ role: "user", content: "What is the weather in Paris?" }], tools: [{ type: "function", function: { ...WEATHER, strict: true } }], tool_choice: "required" }, completion(called, "tool_calls")),
  chat("17 N choices", "gpt-4.1-mini", { n: 2 }, completion(said, "stop", 2)),
  chat("18 Create chat function call: tools", "gpt-4.1-mini", { tools: [{ type: "function", function: WEATHER }], tool_choice: { type: "function", function: { name: "get_weather" } } }, completion(called)),
  chat("18 Create chat function call: functions", "gpt-4.1-mini", { functions: [WEATHER], function_call: { name: "get_weather" } }, completion(open({ role: z.literal("assistant"), function_call: exact({ name: z.literal("get_weather"), arguments: some }) }))),
  chat("19 Create structured output", "gpt-4.1-mini", { response_format: PERSON }, completion(open({ role: z.literal("assistant"), content: z.string().transform((json): unknown => JSON.parse(json)).pipe(exact({ name: text, age: z.int() })) }))),
  chat("19 Create structured output: json_object", "gpt-4.1-mini", { messages: [{ role: "user", content: "A person as JSON" }], response_format: { type: "json_object" } }, completion(open({ role: z.literal("assistant"), content: z.string().transform((json): unknown => JSON.parse(json)).pipe(open({})) }))),
  { page: "21 Creation completed", method: "POST", path: "/v1/completions", from: "fields", json: { model: "gpt-3.5-turbo-instruct", prompt: "Say this is a test", max_tokens: 20, temperature: 0, top_p: 1, stop: ["###"] }, answer: open({ id: some, object: z.literal("text_completion"), created: seconds, model: some, choices: z.array(open({ text, index: z.int(), logprobs: z.null(), finish_reason: some })).length(1), usage }), charge: "usage" },
  { page: "23 Create embed", method: "POST", path: "/v1/embeddings", from: "fields", json: { model: "text-embedding-3-small", input: [LONG, "a tree"], encoding_format: "float", user: "u-1" }, answer: open({ object: z.literal("list"), data: z.array(embedding).length(2), model: some, usage: open({ prompt_tokens: z.int(), total_tokens: z.int() }) }), charge: "usage" },
  { page: "23 Create embed: base64", method: "POST", path: "/v1/embeddings", from: "fields", json: { model: "text-embedding-3-small", input: LONG, encoding_format: "base64", dimensions: 256 }, answer: open({ object: z.literal("list"), data: z.array(open({ object: z.literal("embedding"), index: z.literal(0), embedding: z.base64() })).length(1), model: some }), charge: "usage" },
  { page: "List models", method: "GET", path: "/v1/models", from: "fields", answer: open({ object: z.literal("list"), data: z.array(open({ id: some, object: z.literal("model"), created: z.int(), owned_by: text })).min(100) }), charge: "free" },
  { page: "List models: one", method: "GET", path: "/v1/models/gpt-4.1-mini", from: "fields", answer: open({ id: z.literal("gpt-4.1-mini"), object: z.literal("model") }), charge: "free" },

  messages("24 Messages (official Anthropic format)", { system: "Be short.", temperature: 0.5, top_k: 5, stop_sequences: ["###"], metadata: { user_id: "u-1" } }),
  { ...messages("Anthropic Claude: count_tokens", {}, exact({ input_tokens: z.int().positive() })), path: "/v1/messages/count_tokens", charge: "free" },
  messages("24 Messages (official Anthropic format): stream", { stream: true }, claudeEvents),
  messages("24 Messages (official Anthropic format): thinking", { max_tokens: 3_000, thinking: { type: "enabled", budget_tokens: 1_024 } }),
  messages("25 Messages (Image Recognition)", { messages: [{ role: "user", content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "{given.base64}" } }, { type: "text", text: "What is this?" }] }] }),
  messages("26 Messages (function call)", { tools: [{ name: "get_weather", description: "The weather of a city", input_schema: WEATHER.parameters }], tool_choice: { type: "any" } }, claude.extend({ content: z.array(open({ type: some })).refine((blocks) => blocks.some(({ type }) => type === "tool_use"), "no tool_use"), stop_reason: z.literal("tool_use") })),
  messages("27 Messages (Web search)", SEARCH, claude.extend({ content: z.array(open({ type: some })).refine((blocks) => ["server_tool_use", "web_search_tool_result"].every((wanted) => blocks.some(({ type }) => type === wanted)), "no search"), usage: open({ server_tool_use: open({ web_search_requests: z.int().positive() }) }) })),
  messages("27 Messages (Web search): stream", { stream: true, ...SEARCH }, claudeEvents.refine((events) => JSON.stringify(events).includes('"type":"web_search_tool_result"'), "no search")),
  chat("28 Claude: create chat completion, streaming", "claude-sonnet-4-5", STREAM, chunks),
  chat("29 Claude: create chat completion, non-streaming", "claude-sonnet-4-5", {}),
  chat("30 Claude: create chat image recognition, streaming", "claude-sonnet-4-5", { ...STREAM, messages: looked(URI) }, chunks),
  chat("31 Claude: create chat image recognition, non-streaming", "claude-sonnet-4-5", { messages: looked(URI) }),

  retired("32 Gemini Image creation interface: the documented model is gone", "/v1/chat/completions", { model: "gemini-2.0-flash-exp-image-generation", messages: USER }),
  chat("32 Gemini Image creation interface", "gemini-2.5-flash-image", { messages: [{ role: "user", content: "Draw a red stone" }] }, completion(open({ role: z.literal("assistant"), content: z.string().regex(/!\[[^\]]*\]\((?:https?:\/\/|data:image\/)[^)]+\)/), images: z.array(open({ type: z.literal("image_url"), image_url: open({ url: some }) })).min(1) }))),
  chat("33 Chat interface", "gemini-2.5-flash", {}),
  chat("34 Image recognition interface", "gemini-2.5-flash", { messages: looked(URI) }),
  chat("35 Function calling – Google Search", "gemini-2.5-flash", { messages: [{ role: "user", content: "Search for stones" }], tools: [{ type: "function", function: { name: "googleSearch" } }] }, completion(open({ role: z.literal("assistant"), content: some, annotations: z.array(open({ type: z.literal("url_citation") })).min(1) }))),
  chat("36 Function calling – codeExecution", "gemini-2.5-flash", { messages: [{ role: "user", content: "Run code: 2+2" }], tools: [{ type: "function", function: { name: "codeExecution" } }] }),
  chat("DeepSeek v3.1", "deepseek-v3.1", {}),
  { page: "OpenAI Responses", method: "POST", path: "/v1/responses", from: "fields", json: { model: "gpt-4.1-mini", input: "Hello!" }, answer: open({ id: some, object: z.literal("response"), status: z.literal("completed"), model: some, output: z.array(open({ type: some })).min(1), usage: open({ input_tokens: z.int(), output_tokens: z.int() }) }), charge: "usage" },
  { page: "OpenAI Responses: stream", method: "POST", path: "/v1/responses", from: "fields", json: { model: "gpt-4.1-mini", input: "Hello!", stream: true }, answer: z.array(open({ type: some })).refine((events) => events[0]?.type === "response.created" && events.at(-1)?.type === "response.completed", "from response.created to response.completed"), charge: "usage" },
  google("Gemini official endpoint: Text generation", { contents: CONTENTS, systemInstruction: { parts: [{ text: "Be short." }] } }),
  { ...google("1.2 Two credentials: the key in Gemini's query", { contents: CONTENTS }, { verb: "generateContent?key={given.key}" }), headers: {} },
  google("Gemini official endpoint: Text generation, below /v1", { contents: CONTENTS }, { version: "v1" }),
  google("Gemini official endpoint: Text generation, stream", { contents: CONTENTS }, { verb: "streamGenerateContent?alt=sse", answer: z.array(open({ candidates: z.array(open({})) })).min(2) }),
  google("Gemini official endpoint: Thinking with Gemini 2.5", { contents: CONTENTS, generationConfig: { thinkingConfig: { thinkingBudget: 1_024, includeThoughts: true } } }),
  google("Gemini official endpoint: Structured output", { contents: CONTENTS, generationConfig: { responseMimeType: "application/json", responseSchema: { type: "OBJECT", properties: { name: { type: "STRING" } }, required: ["name"] } } }),
  google("Gemini official endpoint: Function calling", { contents: CONTENTS, tools: [{ functionDeclarations: [{ name: "get_weather", parameters: { type: "OBJECT", properties: { city: { type: "STRING" } } } }] }], toolConfig: { functionCallingConfig: { mode: "ANY" } } }),
  google("Gemini official endpoint: Grounding with Google Search", { contents: [{ role: "user", parts: [{ text: "Search for stones" }] }], tools: [{ google_search: {} }] }, { answer: gemini.extend({ candidates: z.array(open({ groundingMetadata: open({ webSearchQueries: z.array(some).min(1), groundingChunks: z.array(open({ web: open({ uri: some }) })).min(1) }) })).length(1) }) }),
  google("Gemini official endpoint: URL context", { contents: [{ role: "user", parts: [{ text: "What does https://example.com/ say?" }] }], tools: [{ url_context: {} }] }),
  google("Gemini official endpoint: Gemini TTS", { contents: CONTENTS, generationConfig: { responseModalities: ["AUDIO"], speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } } } }, { model: "gemini-2.5-flash-preview-tts", answer: open({ candidates: z.array(open({ content: open({ parts: z.array(open({ inlineData: open({ mimeType: z.string().startsWith("audio/"), data: z.base64() }) })).min(1) }) })).min(1) }) }),
  google("Gemini official endpoint: Gemini Embedding", { content: { parts: [{ text: LONG }] } }, { model: "gemini-embedding-001", verb: "embedContent", answer: open({ embedding: open({ values: z.array(z.number()).min(8) }) }) }),
  google("Gemini official endpoint: Gemini Embedding, several", { requests: [{ model: "models/gemini-embedding-001", content: { parts: [{ text: LONG }] } }] }, { model: "gemini-embedding-001", verb: "batchEmbedContents", answer: open({ embeddings: z.array(open({ values: z.array(z.number()).min(8) })).length(1) }) }),
  { ...google("Gemini official endpoint: countTokens", { contents: CONTENTS }, { verb: "countTokens", answer: open({ totalTokens: z.int().positive() }) }), charge: "free" },
  chat("119 Sample Code for gpt-4o-audio", "gpt-4o-audio-preview", { modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } }, completion(open({ role: z.literal("assistant"), audio: open({ id: some, data: z.base64() }) }))),
];
