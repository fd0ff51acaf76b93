import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../errors/gateway-error.ts";
import { JSON_DEPTH_MAX } from "../canonical/json-scan.ts";
import { decodeRequest } from "./decode-request.ts";
import { FIELD_NAMES } from "./field-names.ts";
import { packCallSeal } from "../canonical/foreign-seal.ts";
import { foreignSignature } from "./seals.ts";

/** Bodies constructed after the SDK types (1.12, 0.137) and the vendor's documented examples. */
const decode = (body: object) => decodeRequest({ model: "claude-opus-4-8", max_tokens: 100, messages: [{ role: "user", content: "Hello, Claude" }], ...body });
const user = (...content: object[]) => decode({ messages: [{ role: "user", content }] }).messages[0]?.parts;

describe("requests in the canonical form", () => {
  test("the smallest one: a text is a list of one text", () => {
    expect(decode({})).toEqual({
      model: "claude-opus-4-8",
      stream: false,
      maxOutputTokens: 100,
      messages: [{ role: "user", parts: [{ type: "text", text: "Hello, Claude" }] }],
      fields: { ...FIELD_NAMES, maxOutputTokens: "max_tokens" },
    });
  });

  test("Claude Code: system blocks with cache marks, tools, adaptive thinking, effort, context management, metadata", () => {
    const request = decode({
      system: [{ type: "text", text: "You are Claude Code." }, { type: "text", text: "Rules.", cache_control: { type: "ephemeral", ttl: "1h" } }],
      tools: [{ name: "Bash", description: "Runs a command", input_schema: { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object", properties: { command: { type: "string" } }, required: ["command"], additionalProperties: false } }],
      thinking: { type: "adaptive" },
      output_config: { effort: "xhigh", format: { type: "json_schema", schema: { type: "object", properties: {} } } },
      context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
      metadata: { user_id: "user_1" },
      stream: true,
    });
    expect(request.messages[0]).toEqual({ role: "system", parts: [{ type: "text", text: "You are Claude Code." }, { type: "text", text: "Rules.", cache: { ttl: "1h" } }] });
    expect(request.tools?.[0]).toMatchObject({ type: "function", name: "Bash", parameters: { required: ["command"] } });
    expect(request).toMatchObject({ reasoning: { adaptive: true, effort: "xhigh" }, format: { type: "json-schema" }, user: "user_1", stream: true });
    expect(request.own).toEqual({ dialect: "anthropic-messages", values: {}, harmless: { context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] } } });
    expect(request.fields).toMatchObject({ reasoning: "thinking", format: "output_config.format", user: "metadata.user_id" });
  });

  test("a tool round: results stand in a message of their own, named after their call", () => {
    const { messages } = decode({
      messages: [
        { role: "user", content: "Weather?" },
        { role: "assistant", content: [{ type: "text", text: "Let me look." }, { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Hanoi" } }, { type: "tool_use", id: "toolu_2", name: "now", input: {} }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "31" }, { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } }] }, { type: "tool_result", tool_use_id: "toolu_2", content: "broken", is_error: true }, { type: "text", text: "Go on" }] },
      ],
    });
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "user"]);
    expect(messages[1]?.parts[1]).toEqual({ type: "tool-call", id: "toolu_1", name: "weather", arguments: '{"city":"Hanoi"}' });
    expect(messages[2]?.parts).toEqual([
      { type: "tool-result", callId: "toolu_1", name: "weather", parts: [{ type: "text", text: "31" }, { type: "image", source: { kind: "base64", mediaType: "image/png", data: "iVBORw0KGgo=" } }] },
      { type: "tool-result", callId: "toolu_2", name: "now", isError: true, parts: [{ type: "text", text: "broken" }] },
    ]);
  });

  test("SDK 1.x: system messages within the conversation keep their place", () => {
    const { messages } = decode({ messages: [{ role: "user", content: "a" }, { role: "system", content: "b" }, { role: "assistant", content: "c" }] });
    expect(messages.map(({ role }) => role)).toEqual(["user", "system", "assistant"]);
  });

  test.each([
    ["image by address", { type: "image", source: { type: "url", url: "https://x.test/a.png" } }, { type: "image", source: { kind: "url", url: "https://x.test/a.png" } }],
    ["image of the Files API", { type: "image", source: { type: "file", file_id: "file_1" } }, { type: "image", source: { kind: "file-id", id: "file_1", keeper: "anthropic" } }],
    ["PDF", { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" }, title: "t", context: "c", citations: { enabled: true } }, { type: "file", source: { kind: "base64", mediaType: "application/pdf", data: "JVBERi0=" }, name: "t", context: "c", citable: true }],
    ["plain text document", { type: "document", source: { type: "text", media_type: "text/plain", data: "hé" } }, { type: "file", source: { kind: "base64", mediaType: "text/plain", data: "aMOp" } }],
    ["document of blocks", { type: "document", source: { type: "content", content: [{ type: "text", text: "one" }] } }, { type: "text", text: "one" }],
    ["search result", { type: "search_result", title: "T", source: "https://x.test", content: [{ type: "text", text: "body" }] }, { type: "text", text: "T\nhttps://x.test\n\nbody" }],
    ["base64 with line breaks", { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBOR\nw0KGgo=\n" } }, { type: "image", source: { kind: "base64", mediaType: "image/png", data: "iVBORw0KGgo=" } }],
    ["unknown block", { type: "container_upload", file_id: "file_2" }, { type: "opaque", dialect: "anthropic-messages", name: "container_upload", value: { type: "container_upload", file_id: "file_2" } }],
  ])("block: %s", (_name, block, part) => expect(user(block)).toEqual([part] as never));

  test.each([
    ["auto", { type: "auto", disable_parallel_tool_use: true }, { toolChoice: { mode: "auto" }, parallelToolCalls: false }],
    ["any", { type: "any" }, { toolChoice: { mode: "required" } }],
    ["tool", { type: "tool", name: "f" }, { toolChoice: { mode: "tool", name: "f" } }],
    ["none", { type: "none" }, { toolChoice: { mode: "none" } }],
  ])("tool_choice %s", (_name, tool_choice, wanted) => expect(decode({ tool_choice })).toMatchObject(wanted));

  test.each([
    ["web_search_20250305", { max_uses: 3, allowed_domains: ["a.test"], user_location: { type: "approximate", city: "Hanoi", country: "VN" } }, { type: "web-search", maxUses: 3, allowedDomains: ["a.test"], userLocation: { city: "Hanoi", country: "VN" } }],
    ["web_search_20260318", { blocked_domains: ["b.test"], response_inclusion: "full" }, { type: "web-search", blockedDomains: ["b.test"] }],
    ["web_fetch_20260309", {}, { type: "url-context" }],
    ["code_execution_20250825", {}, { type: "code-execution" }],
    ["bash_20250124", {}, { type: "opaque", dialect: "anthropic-messages", name: "bash_20250124", value: { type: "bash_20250124", name: "t" } }],
  ])("server tool %s", (type, members, tool) => expect(decode({ tools: [{ type, name: "t", ...members }] }).tools).toEqual([tool] as never));

  test("limits of web_fetch are the dialect's own, and so reported elsewhere", () => {
    expect(decode({ tools: [{ type: "web_fetch_20250910", name: "web_fetch", max_uses: 2 }] }).own?.values).toEqual({ web_fetch: { max_uses: 2 } });
  });

  test.each([
    ["enabled", { thinking: { type: "enabled", budget_tokens: 2048, display: "omitted" } }, { budgetTokens: 2048, show: "none" }],
    ["disabled", { thinking: { type: "disabled" } }, { off: true }],
    ["adaptive, summarised", { thinking: { type: "adaptive", display: "summarized" } }, { adaptive: true, show: "auto" }],
    ["between tools", { thinking: { type: "between_tools" } }, { adaptive: true }],
    ["effort alone", { output_config: { effort: "low" } }, { effort: "low" }],
  ])("thinking: %s", (_name, body, reasoning) => expect(decode(body).reasoning).toEqual(reasoning as never));

  test("beta output_format is the format, too", () => {
    expect(decode({ output_format: { type: "json_schema", schema: { type: "object" } } })).toMatchObject({ format: { type: "json-schema" }, fields: { format: "output_format" } });
  });

  test("unknown members are the dialect's own, harmless ones apart", () => {
    expect(decode({ speed: "fast", mcp_servers: [], diagnostics: { previous_message_id: null }, cache_control: { type: "ephemeral" } }).own).toEqual({
      dialect: "anthropic-messages", values: { speed: "fast", mcp_servers: [] }, harmless: { diagnostics: { previous_message_id: null }, cache_control: { type: "ephemeral" } },
    });
  });
});

describe("thinking of earlier turns", () => {
  const assistant = (...content: object[]) => decode({ messages: [{ role: "user", content: "q" }, { role: "assistant", content }] }).messages[1]?.parts;

  test("Anthropic's own keeps its seal", () => {
    expect(assistant({ type: "thinking", thinking: "hm", signature: "EqQB" }, { type: "redacted_thinking", data: "Emw" })).toEqual([
      { type: "reasoning", text: "hm", signature: "EqQB", sealedBy: "anthropic-messages" },
      { type: "reasoning", text: "", encrypted: "Emw", sealedBy: "anthropic-messages" },
    ]);
  });

  test("S19: what another vendor sealed goes back to it, and what nobody sealed has no seal", () => {
    const sealed = { type: "reasoning", text: "hm", summary: true, encrypted: "gAAA", sealedBy: "openai-responses", id: "rs_1" } as const;
    const plain = { type: "reasoning", text: "hm" } as const;
    expect(assistant({ type: "thinking", thinking: "hm", signature: foreignSignature(sealed) }, { type: "thinking", thinking: "hm", signature: foreignSignature(plain) })).toEqual([sealed, plain]);
  });

  test("Gemini's signature of a call returns to the call", () => {
    const parts = assistant({ type: "redacted_thinking", data: packCallSeal("call_1", "CiQ") }, { type: "tool_use", id: "call_1", name: "f", input: {} });
    expect(parts).toEqual([{ type: "tool-call", id: "call_1", name: "f", arguments: "{}", signature: "CiQ" }]);
  });
});

describe("what is wrong with the caller's words", () => {
  const deep = (levels: number): object => {
    let schema: object = { type: "object" };
    for (let n = 0; n < levels; n += 1) schema = { type: "object", properties: { a: schema } };
    return schema;
  };
  const call = { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "f", input: {} }] };
  const result = (id: string) => ({ role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "x" }] });
  const ask = { role: "user", content: "q" };

  test.each<[string, object, string]>([
    ["no messages", { messages: [] }, "messages"],
    ["messages of a wrong type", { messages: {} }, "messages"],
    ["unknown role", { messages: [{ role: "tool", content: "x" }] }, "messages.0.role"],
    ["content of a wrong type", { messages: [{ role: "user", content: 1 }] }, "messages.0.content"],
    ["a block without type", { messages: [{ role: "user", content: [{ text: "x" }] }] }, "messages.0.content.0.type"],
    ["a text that is none", { messages: [{ role: "user", content: [{ type: "text", text: 5 }] }] }, "messages.0.content.0.text"],
    ["broken base64", { messages: [{ role: "user", content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "not base64!" } }] }] }, "messages.0.content.0.source.data"],
    ["padding in the middle", { messages: [{ role: "user", content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=aGk=aGk=" } }] }] }, "messages.0.content.0.source.data"],
    ["a data address", { messages: [{ role: "user", content: [{ type: "image", source: { type: "url", url: "data:image/png;base64,aGk=" } }] }] }, "messages.0.content.0.source.url"],
    ["a result without its call", { messages: [ask, call, result("t2")] }, "messages.2"],
    ["a call without its result", { messages: [ask, call, ask] }, "messages.2"],
    ["two results for one call", { messages: [ask, call, result("t1"), result("t1")] }, "messages.3"],
    ["two calls of one id", { messages: [ask, call, result("t1"), call] }, "messages.3"],
    ["a call by the user", { messages: [{ ...call, role: "user" }] }, "messages.0"],
    ["an image in the system prompt", { system: [{ type: "image", source: { type: "url", url: "https://x.test" } }] }, "system"],
    ["max_tokens of a wrong type", { max_tokens: "100" }, "max_tokens"],
    ["max_tokens beyond sense", { max_tokens: 1e15 }, "max_tokens"],
    ["temperature out of range", { temperature: 1.5 }, "temperature"],
    ["stop sequences of a wrong type", { stop_sequences: "x" }, "stop_sequences"],
    ["too many stop sequences", { stop_sequences: Array.from({ length: 5_000 }, String) }, "stop_sequences"],
    ["a tool without a schema", { tools: [{ name: "f" }] }, "tools.0.input_schema"],
    ["two tools of one name", { tools: [{ name: "f", input_schema: { type: "object" } }, { name: "f", input_schema: { type: "object" } }] }, "tools.1.name"],
    ["a schema too deep", { tools: [{ name: "f", input_schema: deep(JSON_DEPTH_MAX) }] }, "tools.0"],
    ["documents within documents", { messages: [{ role: "user", content: [{ type: "document", source: { type: "content", content: [{ type: "document", source: {} }] } }] }] }, "messages.0.content.0.source.content.0.type"],
    ["an unknown tool choice", { tool_choice: { type: "maybe" } }, "tool_choice.type"],
    ["a budget below the least", { thinking: { type: "enabled", budget_tokens: 10 } }, "thinking.enabled.budget_tokens"],
    ["an unknown effort", { output_config: { effort: "extreme" } }, "output_config.effort"],
    ["an unknown format", { output_config: { format: { type: "json_object" } } }, "output_config.format.type"],
  ])("%s", (_name, body, param) => {
    let thrown: unknown;
    try {
      decode(body);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(GatewayError);
    expect((thrown as GatewayError).kind.status).toBe(400);
    expect((thrown as GatewayError).param).toBe(param);
    expect((thrown as GatewayError).publicText).toContain(param);
  });
});
