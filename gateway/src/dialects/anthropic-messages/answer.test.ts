import { describe, expect, test } from "bun:test";
import type { AnswerContext } from "../canonical/codec.ts";
import type { Part } from "../canonical/parts.ts";
import type { CanonicalResponse, FinishReason } from "../canonical/response.ts";
import { decodeResponse } from "./decode-answer.ts";
import { encodeResponse } from "./encode-answer.ts";

const CONTEXT: AnswerContext = { id: "0190a0b0-0000-7000-8000-000000000001", model: "claude-x", nowSeconds: 1_800_000_000, request: { model: "claude-x", stream: false, messages: [] } };
const answer = (parts: Part[], finish: FinishReason = "stop", more: Partial<CanonicalResponse> = {}): CanonicalResponse => ({ id: "chatcmpl-1", model: "gpt", choices: [{ index: 0, parts, finish }], usage: undefined, ...more });

/** Constructed after the documented answer of the web search tool (vendor's guide "Web search tool") and the SDK types. */
const SEARCHED = {
  id: "msg_01", type: "message", role: "assistant", model: "claude-opus-4-8",
  content: [
    { type: "thinking", thinking: "I should search.", signature: "EqQB" },
    { type: "redacted_thinking", data: "Emw" },
    { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "claude shannon birth date" }, caller: { type: "direct" } },
    { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [{ type: "web_search_result", url: "https://en.wikipedia.org/wiki/Claude_Shannon", title: "Claude Shannon", encrypted_content: "EqgfCi", page_age: "April 30, 2025" }] },
    { type: "text", text: "Claude Shannon was born on April 30, 1916", citations: [{ type: "web_search_result_location", url: "https://en.wikipedia.org/wiki/Claude_Shannon", title: "Claude Shannon", encrypted_index: "Eo8B", cited_text: "Claude Elwood Shannon (April 30, 1916" }] },
    { type: "text", text: "as the file says.", citations: [{ type: "page_location", cited_text: "c", document_index: 0, document_title: "doc", start_page_number: 1, end_page_number: 2, file_id: null }] },
    { type: "mcp_tool_use", id: "mcp_1", name: "x", server_name: "s", input: {} },
    { type: "tool_use", id: "toolu_1", name: "save", input: { date: "1916-04-30" } },
  ],
  stop_reason: "tool_use", stop_sequence: null,
  usage: { input_tokens: 105, output_tokens: 60, cache_read_input_tokens: 7, cache_creation_input_tokens: 4, cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 3 }, output_tokens_details: { thinking_tokens: 20 }, server_tool_use: { web_search_requests: 1 }, service_tier: "priority" },
};

describe("answers in the canonical form", () => {
  test("every kind of block", () => {
    const decoded = decodeResponse(SEARCHED);
    expect(decoded).toMatchObject({ id: "msg_01", model: "claude-opus-4-8", serviceTier: "priority" });
    expect(decoded.usage).toEqual({ input: 105, cacheRead: 7, cacheWrite: 1, cacheWriteHour: 3, output: 40, reasoning: 20, webSearch: 1 });
    expect(decoded.choices[0]?.finish).toBe("tool-calls");
    expect(decoded.choices[0]?.parts).toEqual([
      { type: "reasoning", text: "I should search.", signature: "EqQB", sealedBy: "anthropic-messages" },
      { type: "reasoning", text: "", encrypted: "Emw", sealedBy: "anthropic-messages" },
      { type: "hosted-call", id: "srvtoolu_1", tool: "web-search", name: "web_search", input: '{"query":"claude shannon birth date"}' },
      { type: "hosted-result", callId: "srvtoolu_1", tool: "web-search", sources: [{ url: "https://en.wikipedia.org/wiki/Claude_Shannon", title: "Claude Shannon", encrypted: "EqgfCi", pageAge: "April 30, 2025" }] },
      { type: "text", text: "Claude Shannon was born on April 30, 1916", citations: [{ url: "https://en.wikipedia.org/wiki/Claude_Shannon", title: "Claude Shannon", encrypted: "Eo8B", citedText: "Claude Elwood Shannon (April 30, 1916" }] },
      { type: "text", text: "as the file says.", citations: [{ citedText: "c", document: { index: 0, title: "doc", location: { type: "page_location", start_page_number: 1, end_page_number: 2 } } }] },
      { type: "opaque", dialect: "anthropic-messages", name: "mcp_tool_use", value: SEARCHED.content[6] },
      { type: "tool-call", id: "toolu_1", name: "save", arguments: '{"date":"1916-04-30"}' },
    ]);
  });

  test("and written again it says the same", () => {
    expect(encodeResponse(decodeResponse(SEARCHED), CONTEXT)).toMatchObject({ ...SEARCHED, model: "claude-x", stop_details: null });
  });

  test.each([
    ["web_search_tool_result", { type: "web_search_tool_result_error", error_code: "max_uses_exceeded" }, { tool: "web-search", isError: true, errorCode: "max_uses_exceeded" }],
    ["bash_code_execution_tool_result", { type: "bash_code_execution_result", stdout: "a", stderr: "b", return_code: 1, content: [] }, { tool: "code-execution", output: "a\nb", isError: true }],
    ["code_execution_tool_result", { type: "code_execution_result", stdout: "a", stderr: "", return_code: 0, content: [] }, { tool: "code-execution", output: "a" }],
    ["web_fetch_tool_result", { type: "web_fetch_result", url: "https://x.test", content: { type: "document", title: "T", source: { type: "text", media_type: "text/plain", data: "page" } } }, { tool: "web-fetch", output: "page", sources: [{ url: "https://x.test", title: "T" }] }],
  ])("result %s", (type, content, wanted) => {
    expect(decodeResponse({ content: [{ type, tool_use_id: "srvtoolu_1", content }] }).choices[0]?.parts).toEqual([{ type: "hosted-result", callId: "srvtoolu_1", ...wanted }] as never);
  });

  test.each<[unknown, FinishReason]>([
    ["end_turn", "stop"], ["max_tokens", "length"], ["stop_sequence", "stop-sequence"], ["tool_use", "tool-calls"], ["pause_turn", "pause"], ["refusal", "refusal"],
    ["model_context_window_exceeded", "context-length"], ["something_new", "stop"], [null, "stop"],
  ])("stop_reason %s", (stop_reason, finish) => expect(decodeResponse({ content: [], stop_reason }).choices[0]?.finish).toBe(finish));

  test("a refusal's own words, an error in a 200, a missing id", () => {
    expect(decodeResponse({ content: [], stop_reason: "refusal", stop_details: { type: "refusal", category: "bio", explanation: "No." } }).choices[0]?.parts).toEqual([{ type: "refusal", text: "No." }]);
    expect(decodeResponse({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }).choices).toEqual([{ index: 0, parts: [], finish: "error", finishDetail: "Overloaded" }]);
    expect(decodeResponse({ content: [{ type: "tool_use", name: "f" }] })).toMatchObject({ usage: undefined, choices: [{ parts: [{ id: "toolu_0", arguments: "{}" }] }] });
  });
});

describe("answers for Anthropic's callers", () => {
  const content = (...parts: Part[]) => encodeResponse(answer(parts), CONTEXT)["content"];

  test("ids, model and usage", () => {
    expect(encodeResponse(answer([{ type: "text", text: "Hi" }], "stop", { usage: { input: 5, inputImage: 2, cacheRead: 3, cacheWrite: 1, cacheWriteHour: 2, output: 7, reasoning: 4, webSearch: 1 } }), CONTEXT)).toEqual({
      id: "msg_0190a0b0000070008000000000000001", type: "message", role: "assistant", model: "claude-x", content: [{ type: "text", text: "Hi" }],
      stop_reason: "end_turn", stop_sequence: null, stop_details: null, container: null, diagnostics: null,
      usage: {
        input_tokens: 7, output_tokens: 11, cache_read_input_tokens: 3, cache_creation_input_tokens: 3, cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 2 },
        output_tokens_details: { thinking_tokens: 4 }, server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 }, service_tier: "standard", inference_geo: null, speed: null,
      },
    });
  });

  test.each<[FinishReason, string]>([
    ["stop", "end_turn"], ["length", "max_tokens"], ["tool-calls", "tool_use"], ["stop-sequence", "stop_sequence"], ["content-filter", "refusal"], ["refusal", "refusal"],
    ["pause", "pause_turn"], ["context-length", "model_context_window_exceeded"], ["error", "end_turn"],
  ])("finish %s", (finish, reason) => expect(encodeResponse(answer([], finish), CONTEXT)["stop_reason"]).toBe(reason));

  test("S07: an answer with calls ends with tool_use, whatever the vendor called it", () => {
    expect(encodeResponse(answer([{ type: "tool-call", id: "c", name: "f", arguments: "{}" }]), CONTEXT)["stop_reason"]).toBe("tool_use");
  });

  test("a picture is shown in Markdown, a refusal and spoken words as text, empty text not at all", () => {
    expect(content({ type: "image", source: { kind: "base64", mediaType: "image/png", data: "aGk=" } }, { type: "refusal", text: "No." }, { type: "audio", source: { kind: "base64", mediaType: "audio/wav", data: "" }, transcript: "hello" }, { type: "text", text: "" })).toEqual([
      { type: "text", text: "![image](data:image/png;base64,aGk=)" }, { type: "text", text: "No." }, { type: "text", text: "hello" },
    ]);
  });

  test("other vendors' searches, code and thinking", () => {
    const blocks = content(
      { type: "reasoning", text: "hm" },
      { type: "hosted-call", id: "ws_1", tool: "web-search", name: "web_search_call", input: "weather" },
      { type: "hosted-call", id: "exec_1", tool: "code-execution", name: "executableCode", input: "print(1)", language: "python" },
      { type: "hosted-result", callId: "exec_1", tool: "code-execution", output: "1" },
      { type: "hosted-call", id: "fs_1", tool: "file-search", name: "file_search_call", input: "{}" },
      { type: "tool-call", id: "call_1", name: "f", arguments: "{}", signature: "CiQ" },
      { type: "opaque", dialect: "gemini", name: "x", value: {} },
    ) as Record<string, unknown>[];
    expect(blocks).toMatchObject([
      { type: "thinking", thinking: "hm" },
      { type: "server_tool_use", id: "yescale1.ws_1", name: "web_search", input: { query: "weather" } },
      { type: "server_tool_use", id: "yescale1.exec_1", name: "code_execution", input: { code: "print(1)" } },
      { type: "code_execution_tool_result", tool_use_id: "yescale1.exec_1", content: { type: "code_execution_result", stdout: "1" } },
      { type: "redacted_thinking" },
      { type: "tool_use", id: "call_1" },
    ]);
    expect(blocks[0]?.["signature"]).toStartWith("yescale1.");
    expect(decodeResponse({ content: blocks }).choices[0]?.parts.at(-1)).toEqual({ type: "tool-call", id: "call_1", name: "f", arguments: "{}", signature: "CiQ" });
  });
});
