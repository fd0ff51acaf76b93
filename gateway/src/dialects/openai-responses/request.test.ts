import { describe, expect, test } from "bun:test";
import { packSeal } from "../canonical/foreign-seal.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import { cpuOf } from "../../testing/cpu.ts";
import { openaiResponsesCodec as codec } from "./codec.ts";
import { joinedName } from "./namespaces.ts";
import { TARGET } from "./testing/arbitraries.ts";

const decode = (body: Record<string, unknown>): CanonicalRequest => codec.decodeRequest({ model: "m", input: "hi", ...body }, {});
const encode = (request: Partial<CanonicalRequest>, traits: string[] = [], reasons = true) =>
  codec.encodeRequest({ model: "m", stream: false, messages: [{ role: "user", parts: [{ type: "text", text: "hi" }] }], ...request }, { ...TARGET, reasons, traits: new Set(traits) });
const input = (...items: unknown[]) => decode({ input: items }).messages;

/** Constructed after what Codex CLI sends (its open source, `ResponsesApiRequest`): a second turn, with everything replayed. */
const CODEX = {
  model: "gpt-5-codex",
  instructions: "You are Codex.",
  input: [
    { type: "message", role: "developer", content: [{ type: "input_text", text: "<permissions>" }] },
    { type: "message", role: "user", content: [{ type: "input_text", text: "list files" }, { type: "input_image", image_url: "data:image/png;base64,iVBORw0KGgo=" }] },
    { type: "reasoning", summary: [{ type: "summary_text", text: "**Listing**" }], encrypted_content: "gAAAAB-opaque" },
    { type: "message", role: "assistant", phase: "commentary", content: [{ type: "output_text", text: "I will look." }] },
    { type: "function_call", name: "shell", arguments: '{"command":["ls"]}', call_id: "call_1" },
    { type: "function_call", name: "list", namespace: "mcp__files__", arguments: "{}", call_id: "call_2" },
    { type: "custom_tool_call", status: "completed", call_id: "call_3", name: "apply_patch", input: "*** Begin Patch" },
    { type: "local_shell_call", call_id: "call_4", status: "completed", action: { type: "exec", command: ["ls"], env: {} } },
    { type: "function_call_output", call_id: "call_1", output: "a.txt" },
    { type: "function_call_output", call_id: "call_2", output: [{ type: "input_text", text: "seen" }, { type: "input_image", image_url: "https://example.com/shot.png" }] },
    { type: "custom_tool_call_output", call_id: "call_3", output: "Done" },
    { type: "local_shell_call_output", id: "call_4", output: "a.txt" },
  ],
  tools: [
    { type: "function", name: "shell", description: "Runs", strict: false, parameters: { type: "object", properties: { command: { type: "array", items: { type: "string" } } } } },
    { type: "custom", name: "apply_patch", description: "Patches", format: { type: "grammar", syntax: "lark", definition: "start: /.+/" } },
    { type: "web_search", external_web_access: true, search_context_size: "low" },
    { type: "local_shell" },
    { type: "namespace", name: "mcp__files__", description: "Files", tools: [{ type: "function", name: "list", strict: false, parameters: { type: "object", properties: {} } }] },
  ],
  tool_choice: "auto",
  parallel_tool_calls: true,
  reasoning: { effort: "medium", summary: "auto" },
  store: false,
  stream: true,
  include: ["reasoning.encrypted_content"],
  prompt_cache_key: "session",
  client_metadata: { "x-codex-installation-id": "i" },
  text: { verbosity: "low" },
};

describe("what Codex sends", () => {
  const request = codec.decodeRequest(CODEX, {});

  test("becomes one conversation", () => {
    expect(request.messages.map((message) => message.role)).toEqual(["system", "developer", "user", "assistant", "tool", "user"]);
    expect(request.messages[3]?.parts).toEqual([
      { type: "reasoning", text: "**Listing**", summary: true, encrypted: "gAAAAB-opaque", sealedBy: "openai-responses" },
      { type: "text", text: "I will look." },
      { type: "tool-call", id: "call_1", name: "shell", arguments: '{"command":["ls"]}' },
      { type: "tool-call", id: "call_2", name: "mcp__files__list", arguments: "{}" },
      { type: "tool-call", id: "call_3", name: "apply_patch", arguments: "*** Begin Patch", custom: true },
      { type: "opaque", dialect: "openai-responses", name: "local_shell_call", value: CODEX.input[7] },
    ]);
    expect(request.messages[4]?.parts[1]).toEqual({
      type: "tool-result", callId: "call_2", name: "mcp__files__list",
      parts: [{ type: "text", text: "seen" }, { type: "image", source: { kind: "url", url: "https://example.com/shot.png" } }],
    });
  });

  test("keeps every wish, and no decoration", () => {
    expect(request).toMatchObject({ stream: true, store: false, promptCacheKey: "session", verbosity: "low", parallelToolCalls: true, toolChoice: { mode: "auto" }, reasoning: { effort: "medium", show: "auto", sealed: true } });
    expect(request.own).toBeUndefined();
    expect(request.tools?.map((tool) => ("name" in tool ? tool.name : tool.type))).toEqual(["shell", "apply_patch", "web-search", "local_shell", "mcp__files__list"]);
  });

  test("goes back to OpenAI as it came, but for decoration", () => {
    const { body, dropped } = codec.encodeRequest(request, { ...TARGET, model: "gpt-5-codex" });
    expect(dropped).toEqual([]);
    const { client_metadata: _metadata, input: items, tools: _tools, ...rest } = CODEX;
    const { input: sent, tools: _sentTools, ...others } = body;
    expect(others).toEqual({ ...rest, include: ["reasoning.encrypted_content", "web_search_call.action.sources"] });
    // A message's phase and a call's status are decoration; a picture's detail is said; what the model said stands as the text alone, which needs no id.
    const expected = items.map(({ phase: _phase, ...item }: Record<string, unknown>) => {
      if (item["type"] === "custom_tool_call") delete item["status"];
      if (item["role"] === "assistant") return { ...item, content: "I will look." };
      return JSON.parse(JSON.stringify(item).replaceAll(/("image_url":"[^"]+")/g, '$1,"detail":"auto"')) as unknown;
    });
    expect(sent).toEqual(expected);
    expect(body["tools"]).toContainEqual(CODEX.tools[4]);
  });
});

describe("input", () => {
  test.each([
    ["a text", { role: "user", content: "x" }, [{ type: "text", text: "x" }]],
    ["a file as a data URL", { role: "user", content: [{ type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" }] }, [{ type: "file", name: "a.pdf", source: { kind: "base64", mediaType: "application/pdf", data: "JVBERi0=" } }]],
    ["a file as bare base64", { role: "user", content: [{ type: "input_file", filename: "a.txt", file_data: "aGk=" }] }, [{ type: "file", name: "a.txt", source: { kind: "base64", mediaType: "text/plain", data: "aGk=" } }]],
    ["a file's address", { role: "user", content: [{ type: "input_file", file_url: "https://example.com/a.pdf" }] }, [{ type: "file", source: { kind: "url", url: "https://example.com/a.pdf" } }]],
    ["a stored picture", { role: "user", content: [{ type: "input_image", file_id: "file-1", detail: "low" }] }, [{ type: "image", source: { kind: "file-id", id: "file-1", keeper: "openai" }, detail: "low" }]],
    ["sound", { role: "user", content: [{ type: "input_audio", input_audio: { data: "AAAA", format: "mp3" } }] }, [{ type: "audio", source: { kind: "base64", mediaType: "audio/mpeg", data: "AAAA" } }]],
    ["a breakpoint of the cache", { role: "user", content: [{ type: "input_text", text: "x", prompt_cache_breakpoint: { mode: "explicit" } }] }, [{ type: "text", text: "x", cache: {} }]],
    ["a refusal", { type: "message", id: "msg_1", role: "assistant", status: "completed", content: [{ type: "refusal", refusal: "no" }] }, [{ type: "refusal", text: "no" }]],
    ["a cited text", { role: "assistant", content: [{ type: "output_text", text: "ab", annotations: [{ type: "url_citation", url: "https://e.com", title: "t", start_index: 0, end_index: 1 }] }] }, [{ type: "text", text: "ab", citations: [{ url: "https://e.com", title: "t", start: 0, end: 1 }] }]],
    ["a search", { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "q", sources: [{ type: "url", url: "https://e.com" }] } }, [{ type: "hosted-call", id: "ws_1", tool: "web-search", name: "web_search", input: '{"query":"q"}' }, { type: "hosted-result", callId: "ws_1", tool: "web-search", sources: [{ url: "https://e.com" }] }]],
    ["code that ran", { type: "code_interpreter_call", id: "ci_1", status: "completed", code: "1+1", container_id: "c", outputs: [{ type: "logs", logs: "2" }] }, [{ type: "hosted-call", id: "ci_1", tool: "code-execution", name: "code_interpreter", input: '{"code":"1+1"}', language: "python" }, { type: "hosted-result", callId: "ci_1", tool: "code-execution", output: "2" }]],
    ["a picture the model made", { type: "image_generation_call", id: "ig_1", status: "completed", result: "AAAA" }, [{ type: "image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" } }]],
    ["raw thinking", { type: "reasoning", id: "rs_1", summary: [], content: [{ type: "reasoning_text", text: "hm" }] }, [{ type: "reasoning", text: "hm", id: "rs_1" }]],
    ["an item of the future", { type: "new_call", id: "n_1" }, [{ type: "opaque", dialect: "openai-responses", name: "new_call", value: { type: "new_call", id: "n_1" } }]],
    ["a reference", { id: "msg_9" }, [{ type: "opaque", dialect: "openai-responses", name: "item_reference", value: { id: "msg_9" } }]],
  ])("%s", (_name, item, parts) => expect(input(item)[0]?.parts as unknown).toEqual(parts));

  test("tools among the items are offered like the others, each once", () => {
    const tool = { type: "function", name: "f", parameters: { type: "object" } };
    const request = decode({ tools: [tool], input: [{ role: "user", content: "x" }, { type: "additional_tools", role: "developer", tools: [tool, { ...tool, name: "g" }] }] });
    expect(request.tools?.map((one) => "name" in one && one.name)).toEqual(["f", "g"]);
  });

  test("another vendor's seals come out of our envelopes: thinking, and the signature of a call, before or after it", () => {
    const sealed = (seal: Parameters<typeof packSeal>[0]) => ({ type: "reasoning", summary: [], encrypted_content: packSeal(seal) });
    const call = (id: string) => ({ type: "function_call", call_id: id, name: "f", arguments: "{}" });
    const [message] = input(
      { ...sealed({ sealedBy: "anthropic-messages", signature: "sig" }), summary: [{ type: "summary_text", text: "thought" }] },
      sealed({ sealedBy: "gemini", signature: "g1", callId: "1" }), call("1"), call("2"), sealed({ sealedBy: "gemini", signature: "g2", callId: "2" }),
    );
    expect(message?.parts).toEqual([
      { type: "reasoning", text: "thought", summary: true, signature: "sig", sealedBy: "anthropic-messages" },
      { type: "tool-call", id: "1", name: "f", arguments: "{}", signature: "g1" },
      { type: "tool-call", id: "2", name: "f", arguments: "{}", signature: "g2" },
    ]);
  });

  test("an earlier turn kept elsewhere may hold the call of an output", () => {
    const request = decode({ previous_response_id: "resp_1", input: [{ type: "function_call_output", call_id: "c", output: "x" }] });
    expect(request.own).toEqual({ dialect: "openai-responses", values: { previous_response_id: "resp_1" } });
    expect(request.messages).toEqual([{ role: "tool", parts: [{ type: "tool-result", callId: "c", parts: [{ type: "text", text: "x" }] }] }]);
  });

  test("what only OpenAI does is kept under its name; what says nothing is not", () => {
    const { own } = decode({ background: true, truncation: "auto", prompt: { id: "p" }, conversation: "conv_1", moderation: null, max_tool_calls: 3, new_field: 1, prompt_cache_retention: "24h", stream_options: { include_obfuscation: false } });
    expect(own?.values).toEqual({ background: true, truncation: "auto", prompt: { id: "p" }, conversation: "conv_1", max_tool_calls: 3, new_field: 1 });
    expect(decode({ background: false, truncation: "disabled", include: ["file_search_call.results"] }).own).toBeUndefined();
  });

  test("every form of tool_choice", () => {
    const tools = [{ type: "function", name: "f" }, { type: "custom", name: "c" }, { type: "namespace", name: "ns", description: "", tools: [{ type: "function", name: "g" }] }];
    const choice = (value: unknown) => decode({ tools, tool_choice: value }).toolChoice;
    expect(choice("required")).toEqual({ mode: "required" });
    expect(choice({ type: "function", name: "f" })).toEqual({ mode: "tool", name: "f" });
    expect(choice({ type: "custom", name: "c" })).toEqual({ mode: "tool", name: "c" });
    expect(choice({ type: "function", name: "g" })).toEqual({ mode: "tool", name: "ns__g" });
    expect(choice({ type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }, { type: "web_search" }] })).toEqual({ mode: "allowed", names: ["f"], required: false });
    expect(decode({ tools, tool_choice: { type: "file_search" } }).own?.values).toEqual({ tool_choice: { type: "file_search" } });
  });

  test("safety_identifier is user by its new name", () => {
    expect(decode({ safety_identifier: "u" })).toMatchObject({ user: "u", fields: { user: "safety_identifier" } });
    expect(decode({ safety_identifier: "s", user: "u" })).toMatchObject({ user: "u", own: { values: { safety_identifier: "s" } } });
  });
});

describe("V36: what is refused", () => {
  const call = { type: "function_call", call_id: "c", name: "f", arguments: "{}" };
  const image = (url: string) => ({ input: [{ role: "user", content: [{ type: "input_image", image_url: url }] }] });
  test.each([
    [{ model: undefined }, "names no model", "model"],
    [{ model: 5 }, '"model" must be a text', "model"],
    [{ input: undefined }, '"input" is missing', "input"],
    [{ input: 5 }, '"input" must be a list', "input"],
    [{ input: ["x"] }, '"input[0]" must be an object', "input[0]"],
    [{ input: [{ role: "robot", content: "x" }] }, 'is "robot"', "input[0].role"],
    [{ input: [{ role: "user", content: [{ type: "image_url" }] }] }, 'is "image_url"', "input[0].content[0].type"],
    [{ input: [{ type: "function_call_output", call_id: "c", output: "x" }] }, "No tool call found", "input[0].call_id"],
    [{ input: [call, call] }, "id of an earlier call", "input[1].call_id"],
    [{ input: [{ ...call, arguments: {} }] }, '"input[0].arguments" must be a text', "input[0].arguments"],
    [{ input: [call, { type: "function_call_output", call_id: "c", output: [{ type: "refusal", refusal: "x" }] }] }, "texts, images and files only", "input[1].output"],
    [image("data:image/png;base64,***"), "not base64", "input[0].content[0].image_url"],
    [image("data:text/plain;base64,aGk="), "no image", "input[0].content[0].image_url"],
    [image("data:image/png,raw"), "base64 data URL", "input[0].content[0].image_url"],
    [image("file:///etc/passwd"), "http(s) address", "input[0].content[0].image_url"],
    [{ input: [{ role: "user", content: [{ type: "input_image" }] }] }, 'needs "image_url"', "input[0].content[0]"],
    [{ input: [{ role: "user", content: [{ type: "input_file", file_data: "not base64!" }] }] }, "neither base64", "input[0].content[0].file_data"],
    [{ tools: {} }, '"tools" must be a list', "tools"],
    [{ tools: [{ type: "function" }] }, '"tools[0].name" is missing', "tools[0].name"],
    [{ tools: [{ type: "function", name: "f", parameters: "x" }] }, "must be an object", "tools[0].parameters"],
    [{ tool_choice: "maybe" }, "must be one of", "tool_choice"],
    [{ temperature: 3 }, "from 0 to 2", "temperature"],
    [{ top_p: "1" }, "must be a number", "top_p"],
    [{ max_output_tokens: 0.5 }, "whole number", "max_output_tokens"],
    [{ top_logprobs: 400 }, "whole number from 0 to 20", "top_logprobs"],
    [{ text: { format: { type: "json_schema", name: "n" } } }, "must be an object", "text.format.schema"],
    [{ reasoning: { effort: "huge" } }, "must be one of", "reasoning.effort"],
    [{ metadata: { a: 1 } }, "must be a text", "metadata.a"],
    [{ stream: "yes" }, "must be true or false", "stream"],
    [{ truncation: "some" }, "must be one of", "truncation"],
  ])("%j", (change, message, param) => {
    let error: unknown;
    try {
      decode(change as Record<string, unknown>);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ param, kind: { status: 400 } });
    expect((error as Error).message).toContain(message);
  });

  test("ten megabytes of text that claims to be a picture is refused at once", () => {
    const refused = cpuOf(() => expect(() => decode(image(`data:image/png;base64,${"A".repeat(9_999_999)}!`))).toThrow("not base64"));
    expect(refused.ms).toBeLessThan(1_000);
  });
});

describe("requests of other dialects", () => {
  test("what cannot be said is reported in the caller's words", () => {
    const { body, dropped } = encode({
      topK: 4, minP: 0.1, seed: 1, stop: ["x"], choices: 2, logitBias: { a: 1 }, presencePenalty: 1, frequencyPenalty: 0, modalities: ["text", "audio"], maxOutputTokens: 5,
      tools: [{ type: "url-context" }, { type: "opaque", dialect: "anthropic-messages", name: "computer_20250124", value: {} }, { type: "web-search", maxUses: 3 }],
      own: { dialect: "gemini", values: { safetySettings: [] } },
      fields: { stop: "stop_sequences", "tools.url-context": "url_context", "tools.web-search.maxUses": "max_uses", maxOutputTokens: "max_tokens" },
    });
    expect(dropped.toSorted()).toEqual(["choices", "computer_20250124", "logitBias", "max_tokens", "max_uses", "minP", "modalities", "presencePenalty", "safetySettings", "seed", "stop_sequences", "topK", "url_context"]);
    expect(body).toMatchObject({ max_output_tokens: 16, tools: [{ type: "web_search" }], include: ["reasoning.encrypted_content", "web_search_call.action.sources"], store: false });
  });

  test("values that mean nothing are no wish", () => {
    expect(encode({ presencePenalty: 0, frequencyPenalty: 0, choices: 1, logitBias: {}, reasoning: { off: true } }, [], false).dropped).toEqual([]);
  });

  test("S18: a function without parameters stays a function; strict is told", () => {
    expect(encode({ tools: [{ type: "function", name: "f" }] }).body["tools"]).toEqual([{ type: "function", name: "f", parameters: { type: "object", properties: {} }, strict: false }]);
  });

  test.each([
    [{ budgetTokens: 0 }, { effort: "none" }],
    // A budget is Anthropic's way to ask for visible thinking.
    [{ budgetTokens: 2_000 }, { effort: "low", summary: "auto" }],
    [{ budgetTokens: 2_000, show: "none" as const }, { effort: "low" }],
    [{ budgetTokens: 10_000, show: "auto" as const }, { effort: "medium", summary: "auto" }],
    [{ budgetTokens: 200_000 }, { effort: "high", summary: "auto" }],
    [{ budgetTokens: -1 }, undefined],
    [{ adaptive: true }, undefined],
    [{ off: true }, { effort: "none" }],
    [{ effort: "minimal" as const, show: "none" as const }, { effort: "minimal" }],
  ])("thinking %j", (reasoning, wire) => {
    expect(encode({ reasoning }).body["reasoning"] as unknown).toEqual(wire);
    expect(encode({ reasoning }, [], false).body["reasoning"]).toBeUndefined();
  });

  test("a tool that failed is told in the words of its result: Responses have no mark for it", () => {
    const failed = (...parts: ({ type: "text"; text: string } | { type: "image"; source: { kind: "url"; url: string } })[]) =>
      encode({ messages: [{ role: "assistant", parts: [{ type: "tool-call", id: "c", name: "f", arguments: "{}" }] }, { role: "tool", parts: [{ type: "tool-result", callId: "c", isError: true, parts }] }] }).body["input"];
    expect(failed({ type: "text", text: "no such file" })).toMatchObject([{}, { output: "Error: no such file" }]);
    expect(failed({ type: "text", text: "error 5" })).toMatchObject([{}, { output: "error 5" }]);
    expect(failed()).toMatchObject([{}, { output: "Error" }]);
    expect(failed({ type: "image", source: { kind: "url", url: "https://e.com/a.png" } })).toMatchObject([{}, { output: [{ type: "input_text", text: "Error" }, { type: "input_image" }] }]);
  });

  test("a model that does not think: the wish is reported", () => expect(encode({ reasoning: { effort: "high" } }, [], false).dropped).toEqual(["reasoning"]));

  test("thinking sealed by another vendor is history, not a wish", () => {
    const { body, dropped } = encode({ messages: [{ role: "user", parts: [{ type: "text", text: "a" }] }, { role: "assistant", parts: [{ type: "reasoning", text: "hm", signature: "s", sealedBy: "anthropic-messages" }, { type: "text", text: "b" }] }] });
    expect([body["input"], dropped]).toEqual([[{ type: "message", role: "user", content: [{ type: "input_text", text: "a" }] }, { type: "message", role: "assistant", content: "b" }], []]);
  });

  test("media that have no place are reported; sound goes where it is taken", () => {
    const audio = { type: "audio" as const, source: { kind: "base64" as const, mediaType: "audio/wav", data: "AAAA" } };
    const messages = [{ role: "user" as const, name: "ann", parts: [{ type: "text" as const, text: "q" }, audio, { type: "video" as const, source: { kind: "url" as const, url: "https://e.com/v.mp4" } }] }];
    expect(encode({ messages }).dropped).toEqual(["messages.name", "parts.audio", "parts.video"]);
    expect(encode({ messages }, ["input-audio"]).body["input"]).toMatchObject([{ content: [{ text: "q" }, { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } }] }]);
    // Where nothing else is left there is nothing to answer.
    expect(() => encode({ messages: [{ role: "user", parts: [audio] }] })).toThrow("at least one message with content");
  });

  test("traits", () => {
    const request = { temperature: 0.2, topP: 1, tools: [{ type: "function" as const, name: "f" }], logprobs: { top: 2 }, messages: [{ role: "developer" as const, parts: [{ type: "text" as const, text: "d", cache: {} }] }] };
    const { body, dropped } = encode(request, ["no-sampling", "no-strict", "no-store", "no-include", "no-developer", "cache-breakpoints"]);
    expect(dropped).toEqual(["logprobs", "temperature"]);
    for (const name of ["temperature", "top_p", "store", "include"]) expect(body).not.toHaveProperty(name);
    expect(body["tools"]).toEqual([{ type: "function", name: "f", parameters: { type: "object", properties: {} } }]);
    expect(body["input"]).toEqual([{ type: "message", role: "system", content: [{ type: "input_text", text: "d", prompt_cache_breakpoint: { mode: "explicit" } }] }]);
  });

  test("searches and code of other vendors stay in the history in a form that OpenAI takes", () => {
    const { body } = encode({
      messages: [{ role: "user", parts: [{ type: "text", text: "q" }] }, { role: "assistant", parts: [
        { type: "hosted-call", id: "srvtoolu_1", tool: "web-search", name: "web_search", input: '{"query":"bun"}' },
        { type: "hosted-result", callId: "srvtoolu_1", tool: "web-search", sources: [{ url: "https://e.com", encrypted: "x" }] },
        { type: "hosted-call", id: "c", tool: "code-execution", name: "code_execution", input: '{"code":"1+1"}', language: "python" },
        { type: "hosted-result", callId: "c", tool: "code-execution", output: "2" },
      ] }],
    });
    expect((body["input"] as unknown[]).slice(1)).toEqual([
      { id: "ws_srvtoolu_1", type: "web_search_call", status: "completed", action: { type: "search", query: "bun", queries: ["bun"], sources: [{ type: "url", url: "https://e.com" }] } },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "```python\n1+1\n```" }, { type: "output_text", text: "Output of the code:\n2" }] },
    ]);
  });

  test("a hosted tool that must be used is the only one allowed", () => {
    expect(encode({ tools: [{ type: "web-search" }], toolChoice: { mode: "tool", name: "web_search" } }).body["tool_choice"]).toEqual({ type: "allowed_tools", mode: "required", tools: [{ type: "web_search" }] });
  });
});

test("joined names fit every vendor and stay apart", () => {
  expect(joinedName("mcp__a__", "b")).toBe("mcp__a__b");
  expect(joinedName("a", "b")).toBe("a__b");
  const [one, two] = ["x", "y"].map((end) => joinedName("n".repeat(60), `tool_${end}`));
  expect(one).toHaveLength(64);
  expect(one).not.toBe(two);
});
