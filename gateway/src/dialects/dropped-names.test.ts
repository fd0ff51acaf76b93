import { expect, test } from "bun:test";
import type { AnyCodec, AnyVendorCodec, RequestTarget } from "./canonical/codec.ts";
import { CODECS, VENDOR_CODECS } from "./registry.ts";

/** What a target cannot be told is named as the caller wrote it, one name per field whatever the target. Requests constructed by the SDKs' types. */
type Caller = "openai-chat" | "openai-responses" | "anthropic-messages" | "gemini";
type Vendor = Caller | "bedrock-converse";

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const PDF = Buffer.from("%PDF-1.4\n%%EOF\n").toString("base64");
const MODELS: Record<Vendor, string> = { "openai-chat": "gpt-5", "openai-responses": "gpt-5", "anthropic-messages": "claude-sonnet-4-5", gemini: "gemini-3.1-flash", "bedrock-converse": "amazon.nova-pro-v1:0" };

function encoded(caller: Caller, body: Record<string, unknown>, vendor: Vendor, traits: string[] = []): { body: unknown; dropped: string[] } {
  const target: RequestTarget = { model: MODELS[vendor], maxOutputTokens: 64_000, reasons: true, traits: new Set(traits) };
  const request = (CODECS[caller] as AnyCodec).decodeRequest({ model: "m", ...body }, { model: "m", stream: false });
  return (VENDOR_CODECS[vendor] as AnyVendorCodec).encodeRequest(request, target);
}

const dropped = (...wish: Parameters<typeof encoded>): string[] => encoded(...wish).dropped.toSorted();

const chat = (...content: unknown[]): Record<string, unknown> => ({ messages: [{ role: "user", content: [{ type: "text", text: "a" }, ...content] }] });
const anthropic = (...content: unknown[]): Record<string, unknown> => ({ max_tokens: 50, messages: [{ role: "user", content: [{ type: "text", text: "a" }, ...content] }] });
const gemini = (...parts: unknown[]): Record<string, unknown> => ({ contents: [{ role: "user", parts: [{ text: "a" }, ...parts] }] });
const responses = (...content: unknown[]): Record<string, unknown> => ({ input: [{ role: "user", content: [{ type: "input_text", text: "a" }, ...content] }] });

const sound = { type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } };
const spoken = { messages: [{ role: "user", content: "a" }, { role: "assistant", content: null, audio: { id: "audio_1" } }, { role: "user", content: "b" }] };
const picture = { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}`, detail: "high" } };
const document = { type: "document", title: "T", citations: { enabled: true }, source: { type: "base64", media_type: "application/pdf", data: PDF } };
const clip = { inlineData: { mimeType: "video/mp4", data: "AAAA" } };
const named = { messages: [{ role: "user", content: "a", name: "ann" }] };
const ask = { tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 3 }], ...anthropic() };
const heard = { contents: [{ role: "user", parts: [{ text: "q" }] }, { role: "model", parts: [{ functionCall: { id: "t", name: "f", args: {} } }] }, { role: "user", parts: [{ functionResponse: { id: "t", name: "f", response: {}, parts: [{ inlineData: { mimeType: "audio/wav", data: "UklGRg==" } }] } }] }] };
const F = { type: "function", function: { name: "f", parameters: { type: "object" } } };

test.each<[string, Caller, Record<string, unknown>, Vendor, string[]]>([
  ["sound", "openai-chat", chat(sound), "anthropic-messages", ["input_audio"]],
  ["sound", "openai-chat", chat(sound), "openai-responses", ["input_audio"]],
  ["what was said aloud before", "openai-chat", spoken, "anthropic-messages", ["audio"]],
  ["what was said aloud before", "openai-chat", spoken, "bedrock-converse", ["audio"]],
  ["what was said aloud before", "openai-chat", spoken, "openai-responses", ["audio"]],
  ["what was said aloud before", "openai-chat", spoken, "gemini", ["audio"]],
  ["a search that may not look at pages as they are now", "openai-responses", { ...responses(), tools: [{ type: "web_search", external_web_access: false }] }, "anthropic-messages", ["web_search.external_web_access"]],
  ["a search that may not look at pages as they are now", "openai-responses", { ...responses(), tools: [{ type: "web_search", external_web_access: false }] }, "gemini", ["web_search.external_web_access"]],
  ["a search that may, as usual", "openai-responses", { ...responses(), tools: [{ type: "web_search", external_web_access: true }] }, "gemini", []],
  ["a search result to be cited", "anthropic-messages", anthropic({ type: "search_result", source: "https://e.com", title: "T", content: [{ type: "text", text: "a" }], citations: { enabled: true } }), "gemini", ["search_result.citations"]],
  ["a document of blocks to be cited", "anthropic-messages", anthropic({ type: "document", title: "T", citations: { enabled: true }, source: { type: "content", content: [{ type: "text", text: "a" }] } }), "openai-chat", ["document.citations"]],
  ["what was said aloud before, and sound", "openai-chat", { messages: [...spoken.messages, { role: "user", content: [sound] }] }, "anthropic-messages", ["audio", "input_audio"]],
  ["an image's detail", "openai-chat", chat(picture), "anthropic-messages", ["image_url.detail"]],
  ["an image's detail", "openai-chat", chat(picture), "gemini", ["image_url.detail"]],
  ["an image's detail", "openai-chat", chat(picture), "bedrock-converse", ["image_url.detail"]],
  ["an image's detail", "openai-responses", responses({ type: "input_image", image_url: `data:image/png;base64,${PNG}`, detail: "high" }), "anthropic-messages", ["input_image.detail"]],
  ["a participant's name", "openai-chat", named, "anthropic-messages", ["name"]],
  ["a participant's name", "openai-chat", named, "gemini", ["name"]],
  ["a participant's name", "openai-chat", named, "openai-responses", ["name"]],
  ["a participant's name", "openai-chat", named, "bedrock-converse", ["name"]],
  ["metadata", "openai-chat", { ...chat(), metadata: { team: "a" } }, "anthropic-messages", ["metadata"]],
  ["metadata", "openai-chat", { ...chat(), metadata: { team: "a" } }, "gemini", ["metadata"]],
  ["labels", "gemini", { ...gemini(), labels: { team: "a" } }, "anthropic-messages", ["labels"]],
  ["web search, by its options", "openai-chat", { ...chat(), web_search_options: { search_context_size: "high" } }, "bedrock-converse", ["web_search_options"]],
  ["web search, by its options", "openai-chat", { ...chat(), web_search_options: { search_context_size: "high" } }, "gemini", ["web_search_options.search_context_size"]],
  ["web search, by its options", "openai-chat", { ...chat(), web_search_options: { search_context_size: "high" } }, "anthropic-messages", ["web_search_options.search_context_size"]],
  ["hosted tools, by name", "openai-chat", { ...chat(), tools: [F, { type: "function", function: { name: "googleSearch" } }, { type: "function", function: { name: "urlContext" } }] }, "bedrock-converse", ["googleSearch", "urlContext"]],
  ["citations", "anthropic-messages", anthropic(document), "openai-chat", ["citations.enabled"]],
  ["citations", "anthropic-messages", anthropic(document), "openai-responses", ["citations.enabled"]],
  ["citations and title", "anthropic-messages", anthropic(document), "gemini", ["citations.enabled", "document.title"]],
  ["citations and title of a file in a tool's result", "anthropic-messages", { max_tokens: 50, messages: [{ role: "user", content: "a" }, { role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input: {} }] }, { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: [document] }] }] }, "gemini", ["citations.enabled", "document.title"]],
  ["sound in a tool's result", "gemini", heard, "openai-responses", ["inlineData"]],
  ["sound in a tool's result, which is sound to chat", "gemini", heard, "openai-chat", []],
  ["uses of a search", "anthropic-messages", ask, "gemini", ["max_uses"]],
  ["uses of a search", "anthropic-messages", ask, "openai-responses", ["max_uses"]],
  ["uses of a search", "anthropic-messages", ask, "openai-chat", ["max_uses"]],
  ["a search", "anthropic-messages", ask, "bedrock-converse", ["web_search"]],
  ["a video in bytes", "gemini", gemini(clip), "openai-chat", ["inlineData"]],
  ["a video by address", "gemini", gemini({ fileData: { fileUri: "https://youtu.be/x" } }), "openai-chat", ["fileData"]],
  ["a search", "gemini", { ...gemini(), tools: [{ googleSearch: {} }, { codeExecution: {} }] }, "bedrock-converse", ["codeExecution", "googleSearch"]],
  ["a summary", "openai-responses", { ...responses(), reasoning: { effort: "low", summary: "auto" } }, "openai-chat", ["reasoning.summary"]],
  ["thoughts", "gemini", { ...gemini(), generationConfig: { thinkingConfig: { includeThoughts: true } } }, "openai-chat", ["generationConfig.thinkingConfig.includeThoughts"]],
  ["a file kept at OpenAI", "openai-chat", chat({ type: "file", file: { file_id: "file_abc" } }), "anthropic-messages", ["file"]],
  ["a file kept at OpenAI", "openai-responses", responses({ type: "input_image", file_id: "file_abc" }), "anthropic-messages", ["input_image"]],
  ["a file kept at Anthropic", "anthropic-messages", anthropic({ type: "document", source: { type: "file", file_id: "file_abc" } }), "openai-chat", ["document"]],
  ["files kept at Anthropic", "anthropic-messages", anthropic({ type: "document", source: { type: "file", file_id: "file_abc" } }, { type: "image", source: { type: "file", file_id: "file_abc" } }), "openai-responses", ["document", "image"]],
  ["files kept at Google", "gemini", gemini({ fileData: { fileUri: "https://generativelanguage.googleapis.com/v1beta/files/abc", mimeType: "image/png" } }), "openai-responses", ["fileData"]],
  ["files kept at Google", "gemini", gemini({ fileData: { fileUri: "https://generativelanguage.googleapis.com/v1beta/files/abc", mimeType: "application/pdf" } }), "anthropic-messages", ["fileData"]],
  ["files kept at Google", "gemini", gemini({ fileData: { fileUri: "gs://bucket/a.png", mimeType: "image/png" } }), "openai-chat", ["fileData"]],
  ["files kept at Google, in Google's own words", "gemini", gemini({ fileData: { fileUri: "gs://bucket/a.png", mimeType: "image/png" } }), "gemini", []],
  ["files of a container", "openai-responses", { ...responses(), tools: [{ type: "code_interpreter", container: { type: "auto", file_ids: ["file_abc"] } }] }, "anthropic-messages", ["code_interpreter.container"]],
  ["files of a container", "openai-responses", { ...responses(), tools: [{ type: "code_interpreter", container: "cntr_abc" }] }, "gemini", ["code_interpreter.container"]],
  ["files of a container, in another request of its own dialect", "openai-responses", { ...responses(), tools: [{ type: "code_interpreter", container: "cntr_abc" }] }, "openai-responses", []],
  ["a container as usual", "openai-responses", { ...responses(), tools: [{ type: "code_interpreter", container: { type: "auto" } }] }, "gemini", []],
  ["a prompt that is to be cut", "anthropic-messages", { ...anthropic(), context_management: { edits: [{ type: "clear_tool_uses_20250919" }] } }, "openai-responses", ["context_management"]],
  ["thinking that is to be cut", "anthropic-messages", { ...anthropic(), context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] } }, "openai-responses", []],
  ["keeping a chat", "openai-chat", { ...chat(), store: true }, "anthropic-messages", ["store"]],
  ["keeping a chat", "openai-chat", { ...chat(), store: true }, "gemini", ["store"]],
  ["keeping a chat", "openai-chat", { ...chat(), store: true }, "bedrock-converse", ["store"]],
  ["keeping a response, which is done here", "openai-responses", { ...responses(), store: true }, "anthropic-messages", []],
  ["not keeping a chat", "openai-chat", { ...chat(), store: false }, "anthropic-messages", []],
  ["the standard tier", "anthropic-messages", { ...anthropic(), service_tier: "standard_only" }, "openai-chat", []],
  ["the standard tier", "anthropic-messages", { ...anthropic(), service_tier: "standard_only" }, "bedrock-converse", []],
  ["a file kept at OpenAI, in another dialect of its own", "openai-chat", chat({ type: "file", file: { file_id: "file_abc" } }), "openai-responses", []],
])("%s, from %s", (_name, caller, body, vendor, names) => {
  expect([vendor, ...dropped(caller, body, vendor)]).toEqual([vendor, ...names]);
});

test("a file's name is no wish where it is none", () => {
  expect(dropped("openai-chat", chat({ type: "file", file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${PDF}` } }), "gemini")).toEqual([]);
});

test.each<[Caller, Record<string, unknown>, Vendor, unknown]>([
  ["anthropic-messages", { ...anthropic(), service_tier: "standard_only" }, "openai-chat", "default"],
  ["anthropic-messages", { ...anthropic(), service_tier: "standard_only" }, "openai-responses", "default"],
  ["anthropic-messages", { ...anthropic(), service_tier: "auto" }, "openai-responses", "auto"],
])("%s: a tier is told in OpenAI's words", (caller, body, vendor, tier) => {
  expect(encoded(caller, body, vendor).body).toHaveProperty("service_tier", tier);
});

test.each<[string, Record<string, unknown>, boolean]>([
  ["the word json", { ...gemini(), generationConfig: { responseMimeType: "application/json" } }, true],
  ["the word json, which instructions alone do not bring into the input", { ...gemini(), systemInstruction: { parts: [{ text: "Answer in JSON." }] }, generationConfig: { responseMimeType: "application/json" } }, true],
  ["nothing where the word is there", { ...gemini({ text: "as json" }), generationConfig: { responseMimeType: "application/json" } }, false],
])("JSON mode of Responses is told %s", (_name, body, added) => {
  const { input } = encoded("gemini", body, "openai-responses").body as { input: { role?: string }[] };
  expect(JSON.stringify(input)).toMatch(/json/i);
  expect(input.some(({ role }) => role === "developer")).toBe(added);
});

test("a document of blocks keeps its title", () => {
  const { body } = encoded("anthropic-messages", anthropic({ type: "document", title: "TT", source: { type: "content", content: [{ type: "text", text: "c1" }, { type: "text", text: "c2" }] } }), "gemini");
  expect(JSON.stringify(body)).toContain('{"text":"TT"},{"text":"c1"},{"text":"c2"}');
});

test("what was said aloud goes on as its words (constructed: an answer of gpt-4o-audio put back whole)", () => {
  const messages = [{ role: "user", content: "a" }, { role: "assistant", content: null, audio: { id: "audio_1", data: "UklGRg==", transcript: "hi", expires_at: 1 } }, { role: "user", content: "b" }];
  for (const vendor of ["gemini", "anthropic-messages", "openai-responses"] as const) {
    const { body, dropped: lost } = encoded("openai-chat", { messages }, vendor);
    expect([JSON.stringify(body).includes('"hi"'), JSON.stringify(body).includes("UklGR"), lost]).toEqual([true, false, []]);
  }
  expect(JSON.stringify(encoded("openai-chat", { messages }, "openai-chat", ["no-openai-extras"]).body)).toContain('"content":"hi"');
});
