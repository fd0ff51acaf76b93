import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { RequestTarget } from "../canonical/codec.ts";
import type { Message, Part } from "../canonical/parts.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import { cpuOf } from "../../testing/cpu.ts";
import { encodeRequest } from "./encode-request.ts";
import { claudeVersion } from "./model-traits.ts";

/** Requests constructed as the other dialects' decoders give them; wanted bodies after the SDK types. */
const NEW: RequestTarget = { model: "claude-opus-4-8", maxOutputTokens: 64_000, reasons: true, traits: new Set() };
const OLD: RequestTarget = { ...NEW, model: "claude-sonnet-4-5-20250929" };
const say = (text: string, role: Message["role"] = "user"): Message => ({ role, parts: [{ type: "text", text }] });
const request = (members: Partial<CanonicalRequest>): CanonicalRequest => ({ model: "x", stream: false, messages: [say("Hi")], ...members });
const encode = (members: Partial<CanonicalRequest>, target = NEW) => encodeRequest(request(members), target);
const call = (id: string): Part => ({ type: "tool-call", id, name: "f", arguments: '{"a":1}' });
const result = (callId: string, text = "ok"): Message => ({ role: "tool", parts: [{ type: "tool-result", callId, parts: [{ type: "text", text }] }] });
const messagesOf = (messages: Message[], target = NEW) => encode({ messages }, target).body["messages"];

test("the smallest request: max_tokens is always there", () => {
  expect(encode({})).toEqual({ body: { model: "claude-opus-4-8", max_tokens: 64_000, messages: [{ role: "user", content: "Hi" }] }, dropped: [] });
  expect(encode({ maxOutputTokens: 5, stream: true }).body).toMatchObject({ max_tokens: 5, stream: true });
  expect(encode({ maxOutputTokens: 1_000_000 }).body).toMatchObject({ max_tokens: 64_000 });
});

describe("turns", () => {
  test("one role's messages are merged, tool results stand first", () => {
    expect(messagesOf([say("a"), say("b"), { role: "assistant", parts: [call("c1"), call("c2")] }, say("and?"), result("c1"), result("c2"), say("more")])).toEqual([
      { role: "user", content: [{ type: "text", text: "a" }, { type: "text", text: "b" }] },
      { role: "assistant", content: [{ type: "tool_use", id: "c1", name: "f", input: { a: 1 } }, { type: "tool_use", id: "c2", name: "f", input: { a: 1 } }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content: "ok" }, { type: "tool_result", tool_use_id: "c2", content: "ok" }, { type: "text", text: "and?" }, { type: "text", text: "more" }] },
    ]);
  });

  test("S18: text beside tool calls and tool results with pictures and errors", () => {
    expect(messagesOf([say("q"), { role: "assistant", parts: [{ type: "text", text: "Look:" }, call("c1")] }, { role: "tool", parts: [{ type: "tool-result", callId: "c1", isError: true, parts: [{ type: "text", text: "no" }, { type: "image", source: { kind: "base64", mediaType: "image/jpg", data: "aGk=" } }] }] }])).toEqual([
      { role: "user", content: "q" },
      { role: "assistant", content: [{ type: "text", text: "Look:" }, { type: "tool_use", id: "c1", name: "f", input: { a: 1 } }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", is_error: true, content: [{ type: "text", text: "no" }, { type: "image", source: { type: "base64", media_type: "image/jpeg", data: "aGk=" } }] }] },
    ]);
  });

  test("ids of other vendors are rewritten alike for call and result, and stay apart", () => {
    const body = messagesOf([say("q"), { role: "assistant", parts: [call("functions.f:0"), call("functions_f:0")] }, result("functions.f:0"), result("functions_f:0")]);
    expect(body).toMatchObject([{}, { content: [{ id: "functions_f_0" }, { id: "functions_f_0_2" }] }, { content: [{ tool_use_id: "functions_f_0" }, { tool_use_id: "functions_f_0_2" }] }]);
  });

  test("arguments that are no object are refused, free text of custom tools is wrapped", () => {
    const input = (part: Partial<Extract<Part, { type: "tool-call" }>>) => messagesOf([say("q"), { role: "assistant", parts: [{ type: "tool-call", id: "c", name: "f", arguments: "", ...part }] }]);
    expect(input({})).toMatchObject([{}, { content: [{ input: {} }] }]);
    expect(() => input({ arguments: '{"a":' })).toThrow("no JSON object");
    expect(input({ arguments: "ls -l", custom: true })).toMatchObject([{}, { content: [{ input: { input: "ls -l" } }] }]);
  });

  test("empty texts and trailing spaces of a turn to be continued are not sent", () => {
    expect(messagesOf([say("a"), say(""), say("b  \n", "assistant")])).toEqual([{ role: "user", content: "a" }, { role: "assistant", content: "b" }]);
  });

  test("nothing to answer, or a result without its call, is refused", () => {
    expect(() => encode({ messages: [say("", "user")] })).toThrow(GatewayError);
    expect(() => encode({ messages: [say("a"), result("c9")] })).toThrow(GatewayError);
  });
});

describe("system prompts", () => {
  test("leading ones stand apart, marks and all", () => {
    expect(encode({ messages: [say("a", "system"), say("Hi")] }).body["system"]).toBe("a");
    expect(encode({ messages: [{ role: "developer", parts: [{ type: "text", text: "a", cache: { ttl: "1h" } }] }, say("b", "system"), say("Hi")] }).body["system"]).toEqual([
      { type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1h" } },
      { type: "text", text: "b" },
    ]);
  });

  test.each<[string, Message[], string[]]>([
    ["behind a user turn", [say("u"), say("s", "system"), say("a", "assistant"), say("u")], ["user", "system", "assistant", "user"]],
    ["before a user turn: moves behind it", [say("u"), say("a", "assistant"), say("s", "system"), say("u")], ["user", "assistant", "user", "system"]],
    ["several become one", [say("u"), say("s", "system"), say("s", "developer")], ["user", "system"]],
    ["between two of the user: behind both", [say("u"), say("s", "system"), say("u")], ["user", "system"]],
  ])("later ones on a model that takes them: %s", (_name, messages, roles) => {
    expect((messagesOf(messages) as { role: string }[]).map(({ role }) => role)).toEqual(roles);
  });

  test("later ones join the leading ones elsewhere", () => {
    expect(encode({ messages: [say("u"), say("s", "system"), say("u2")] }, OLD).body).toMatchObject({ system: "s", messages: [{ role: "user" }] });
    expect(encode({ messages: [say("u"), say("a", "assistant"), say("s", "system")] }).body).toMatchObject({ system: "s" });
  });
});

describe("media", () => {
  const block = (part: Part) => {
    const { body, dropped } = encode({ messages: [{ role: "user", parts: [{ type: "text", text: "see" }, part] }] });
    const [message] = body["messages"] as { content: unknown }[];
    return { block: Array.isArray(message?.content) ? message.content[1] : undefined, dropped };
  };
  test.each<[string, Part, object | undefined, string[]]>([
    ["image by address", { type: "image", source: { kind: "url", url: "https://x.test" }, cache: {} }, { type: "image", source: { type: "url", url: "https://x.test" }, cache_control: { type: "ephemeral" } }, []],
    ["image with detail", { type: "image", source: { kind: "url", url: "https://x.test" }, detail: "low" }, { type: "image", source: { type: "url", url: "https://x.test" } }, ["detail"]],
    ["image of a kind nobody takes", { type: "image", source: { kind: "base64", mediaType: "image/svg+xml", data: "PA==" } }, undefined, ["parts.image"]],
    ["file of OpenAI's", { type: "file", source: { kind: "file-id", id: "file-abc" } }, undefined, ["parts.file"]],
    ["file of Anthropic's", { type: "file", source: { kind: "file-id", id: "file_abc" } }, { type: "document", source: { type: "file", file_id: "file_abc" } }, []],
    ["PDF", { type: "file", source: { kind: "base64", mediaType: "application/pdf", data: "JVBERi0=" }, name: "a.pdf", citable: true }, { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" }, title: "a.pdf", citations: { enabled: true } }, []],
    ["text file", { type: "file", source: { kind: "base64", mediaType: "text/csv", data: "YSxi" } }, { type: "document", source: { type: "text", media_type: "text/plain", data: "a,b" } }, []],
    ["picture as a file", { type: "file", source: { kind: "base64", mediaType: "image/png", data: "aGk=" } }, { type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } }, []],
    ["sound", { type: "audio", source: { kind: "base64", mediaType: "audio/wav", data: "aGk=" } }, undefined, ["parts.audio"]],
    ["film", { type: "video", source: { kind: "url", url: "https://x.test" } }, undefined, ["parts.video"]],
  ])("%s", (_name, part, wanted, dropped) => expect(block(part)).toEqual({ block: wanted, dropped } as never));

  test("the caller's own name is reported", () => {
    const { dropped } = encode({ messages: [{ role: "user", parts: [{ type: "text", text: "a" }, { type: "video", source: { kind: "url", url: "u" } }] }], fields: { "parts.video": "video_url" } });
    expect(dropped).toEqual(["video_url"]);
  });
});

describe("tools", () => {
  const f = { type: "function", name: "f" } as const;
  test("S18: a tool without parameters, a strict one, a free-text one", () => {
    expect(encode({ tools: [f, { ...f, name: "g", description: "d", parameters: { type: "object", properties: {} }, strict: true, cache: {} }, { type: "custom", name: "c" }] }).body["tools"]).toEqual([
      { name: "f", input_schema: { type: "object", properties: {} } },
      { name: "g", description: "d", input_schema: { type: "object", properties: {} }, strict: true, cache_control: { type: "ephemeral" } },
      { name: "c", input_schema: { type: "object", properties: { input: { type: "string" } }, required: ["input"], additionalProperties: false } },
    ]);
  });

  test.each<[string, Partial<CanonicalRequest>, object | undefined, number]>([
    ["auto", { toolChoice: { mode: "auto" } }, { type: "auto" }, 2],
    ["none", { toolChoice: { mode: "none" }, parallelToolCalls: false }, { type: "none" }, 2],
    ["required, one at a time", { toolChoice: { mode: "required" }, parallelToolCalls: false }, { type: "any", disable_parallel_tool_use: true }, 2],
    ["one tool", { toolChoice: { mode: "tool", name: "g" } }, { type: "tool", name: "g" }, 2],
    ["some tools only", { toolChoice: { mode: "allowed", names: ["g"], required: true } }, { type: "any" }, 1],
    ["one at a time", { parallelToolCalls: false }, { type: "auto", disable_parallel_tool_use: true }, 2],
    ["nothing said", { parallelToolCalls: true }, undefined, 2],
  ])("choice: %s", (_name, members, choice, count) => {
    const { body, dropped } = encode({ tools: [f, { ...f, name: "g" }], ...members });
    expect(body["tool_choice"]).toEqual(choice as never);
    expect(body["tools"]).toHaveLength(count);
    expect(dropped).toEqual([]);
  });

  test("a choice without tools is not sent, and told if it was a wish", () => {
    expect(encode({ toolChoice: { mode: "auto" } })).toEqual(encode({}));
    expect(encode({ toolChoice: { mode: "required" }, fields: { toolChoice: "tool_choice" } }).dropped).toEqual(["tool_choice"]);
  });

  test("server tools", () => {
    const { body, dropped } = encode({ tools: [{ type: "web-search", maxUses: 2, allowedDomains: ["a"], blockedDomains: ["b"], contextSize: "high", userLocation: { city: "Huế" } }, { type: "url-context" }, { type: "code-execution" }, { type: "opaque", dialect: "openai-responses", name: "computer_use_preview", value: {} }] });
    expect(body["tools"]).toEqual([
      { type: "web_search_20250305", name: "web_search", max_uses: 2, allowed_domains: ["a"], user_location: { type: "approximate", city: "Huế" } },
      { type: "web_fetch_20250910", name: "web_fetch" },
      { type: "code_execution_20250825", name: "code_execution" },
    ]);
    expect(dropped).toEqual(["search_context_size", "blocked_domains", "computer_use_preview"]);
  });
});

describe("thinking", () => {
  const forced = { tools: [{ type: "function", name: "f" }], toolChoice: { mode: "required" } } satisfies Partial<CanonicalRequest>;
  test.each<[string, Partial<CanonicalRequest>, RequestTarget, object, string[]]>([
    ["effort on a new model", { reasoning: { effort: "minimal" } }, NEW, { thinking: { type: "adaptive" }, output_config: { effort: "low" } }, []],
    ["budget without a word on display", { reasoning: { budgetTokens: 20_000 } }, NEW, { thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "high" } }, []],
    ["budget on a new model", { reasoning: { budgetTokens: 20_000, show: "auto" } }, NEW, { thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "high" } }, []],
    ["as the model likes", { reasoning: { budgetTokens: -1 } }, NEW, { thinking: { type: "adaptive" } }, []],
    ["off", { reasoning: { effort: "none" } }, NEW, { thinking: { type: "disabled" } }, []],
    ["effort on an old model", { reasoning: { effort: "medium" } }, OLD, { thinking: { type: "enabled", budget_tokens: 8_192 } }, []],
    ["budget on an old model", { reasoning: { budgetTokens: 3_000, show: "none" } }, OLD, { thinking: { type: "enabled", budget_tokens: 3_000, display: "omitted" } }, []],
    ["adaptive on an old model", { reasoning: { adaptive: true, effort: "high" } }, OLD, { thinking: { type: "enabled", budget_tokens: 24_576 } }, []],
    ["effort beyond the limit", { reasoning: { effort: "high" }, maxOutputTokens: 4_096 }, OLD, { max_tokens: 4_096, thinking: { type: "enabled", budget_tokens: 3_072 } }, []],
    ["budget beyond the limit", { reasoning: { budgetTokens: 9_000 }, maxOutputTokens: 4_096 }, OLD, { thinking: { type: "enabled", budget_tokens: 4_095 } }, ["reasoning"]],
    ["no room for a budget", { reasoning: { effort: "low" }, maxOutputTokens: 1_024 }, OLD, {}, ["reasoning"]],
    ["a forced call on a new model", { reasoning: { effort: "high" }, ...forced }, NEW, { output_config: { effort: "high" }, tool_choice: { type: "any" } }, ["reasoning"]],
    ["a forced call on an old model", { reasoning: { effort: "high" }, ...forced }, OLD, { tool_choice: { type: "any" } }, ["reasoning"]],
    ["a model that does not reason", { reasoning: { effort: "high" } }, { ...NEW, reasons: false }, {}, ["reasoning"]],
    ["off on a model that does not reason", { reasoning: { off: true } }, { ...NEW, reasons: false }, {}, []],
    ["a trait against the name", { reasoning: { budgetTokens: 2_000 } }, { ...NEW, traits: new Set(["no-adaptive-thinking", "budget-thinking"]) }, { thinking: { type: "enabled", budget_tokens: 2_000 } }, []],
  ])("%s", (_name, members, target, wanted, dropped) => {
    const encoded = encode(members, target);
    expect(encoded.dropped).toEqual(dropped);
    expect(encoded.body).toMatchObject(wanted);
    if (!("thinking" in wanted)) expect(encoded.body["thinking"]).toBeUndefined();
  });

  test("a tool turn that was not thought about goes on without a budget", () => {
    const messages: Message[] = [say("q"), { role: "assistant", parts: [call("c1")] }, result("c1")];
    expect(encode({ messages, reasoning: { effort: "high" } }, OLD)).toMatchObject({ dropped: ["reasoning"] });
    const thought: Part = { type: "reasoning", text: "hm", signature: "sig", sealedBy: "anthropic-messages" };
    expect(encode({ messages: [say("q"), { role: "assistant", parts: [thought, call("c1")] }, result("c1")], reasoning: { effort: "high" } }, OLD).body).toMatchObject({
      thinking: { type: "enabled" },
      messages: [{}, { content: [{ type: "thinking", thinking: "hm", signature: "sig" }, { type: "tool_use" }] }, {}],
    });
  });

  test("other vendors' thinking is left out without a report", () => {
    const parts: Part[] = [{ type: "reasoning", text: "hm", signature: "x", sealedBy: "gemini" }, { type: "text", text: "a" }];
    expect(encode({ messages: [say("q"), { role: "assistant", parts }, say("q")] })).toMatchObject({ dropped: [], body: { messages: [{}, { content: "a" }, {}] } });
  });
});

describe("sampling", () => {
  test.each<[string, Partial<CanonicalRequest>, RequestTarget, object, string[]]>([
    ["on an old model", { temperature: 0.5, topK: 40 }, OLD, { temperature: 0.5, top_k: 40 }, []],
    ["OpenAI's range", { temperature: 1.6 }, OLD, { temperature: 1 }, ["temperature"]],
    ["both", { temperature: 0.5, topP: 0.9 }, OLD, { temperature: 0.5 }, ["topP"]],
    ["both, one of them the default", { temperature: 0.1, topP: 1 }, OLD, { temperature: 0.1 }, []],
    ["both on a model that takes both", { temperature: 0.5, topP: 0.9 }, { ...OLD, model: "claude-3-haiku-20240307" }, { temperature: 0.5, top_p: 0.9 }, []],
    ["on a new model", { temperature: 0.5, topP: 0.5, topK: 3 }, NEW, {}, ["temperature", "topP", "topK"]],
    ["defaults on a new model", { temperature: 1, topP: 1 }, NEW, {}, []],
    ["beside thinking", { temperature: 0.5, topP: 0.97, topK: 3, reasoning: { effort: "low" } }, OLD, { top_p: 0.97 }, ["temperature", "topK"]],
  ])("%s", (_name, members, target, wanted, dropped) => {
    const encoded = encode(members, target);
    expect(encoded.dropped).toEqual(dropped);
    const { temperature, top_p, top_k } = encoded.body;
    expect(JSON.parse(JSON.stringify({ temperature, top_p, top_k }))).toEqual(wanted);
  });
});

describe("formats", () => {
  test("a schema: closed objects, refused constraints told in the description", () => {
    const schema = { type: "object", properties: { n: { type: "integer", minimum: 1, description: "How many" }, list: { type: "array", items: { oneOf: [{ type: "string", format: "uuid" }, { type: "object", properties: {} }] }, minItems: 3 } }, required: ["n"] };
    expect(encode({ format: { type: "json-schema", schema, name: "x", strict: true } })).toMatchObject({
      dropped: [],
      body: { output_config: { format: { type: "json_schema", schema: {
        type: "object", additionalProperties: false, required: ["n"],
        properties: { n: { type: "integer", description: "How many\n\n{minimum: 1}" }, list: { type: "array", description: "{minItems: 3}", items: { anyOf: [{ type: "string", format: "uuid" }, { type: "object", properties: {}, additionalProperties: false }] } } },
      } } } },
    });
  });

  test("an open object, JSON mode, and a model without formats are told", () => {
    expect(encode({ format: { type: "json-schema", schema: { type: "object", additionalProperties: { type: "string" } } }, fields: { format: "response_format" } }).dropped).toEqual(["response_format"]);
    expect(encode({ format: { type: "json" } })).toMatchObject({ dropped: ["format"], body: { system: expect.stringContaining("one JSON object") as string } });
    expect(encode({ format: { type: "json-schema", schema: { required: ["city"] } } }, { ...OLD, model: "claude-sonnet-4-20250514" })).toMatchObject({ dropped: ["format"], body: { system: expect.stringContaining('{"required":["city"]}') as string } });
  });
});

test("what Anthropic has no word for is told; what asks for nothing is not", () => {
  expect(encode({ seed: 1, minP: 0.1, presencePenalty: 1, frequencyPenalty: 1, choices: 2, logprobs: { top: 1 }, logitBias: { "1": 1 }, modalities: ["text", "audio"], verbosity: "low", serviceTier: "flex", stop: ["\n", "END"], fields: { choices: "n", minP: "min_p" } })).toMatchObject({
    dropped: ["stop", "serviceTier", "min_p", "presencePenalty", "frequencyPenalty", "seed", "n", "logprobs", "logitBias", "modalities", "verbosity"],
    body: { stop_sequences: ["END"] },
  });
  expect(encode({ presencePenalty: 0, frequencyPenalty: 0, choices: 1, logitBias: {}, modalities: ["text"], store: false, promptCacheKey: "k", includeUsage: true, verbosity: "medium" })).toEqual(encode({}));
  expect(encode({ metadata: { user_id: "u" } })).toMatchObject({ dropped: [], body: { metadata: { user_id: "u" } } });
  expect(encode({ metadata: { a: "b" } }).dropped).toEqual(["metadata"]);
});

test("values of the dialect's own return, others' are told by name", () => {
  const harmless = { context_management: { edits: [] } };
  expect(encode({ own: { dialect: "anthropic-messages", values: { speed: "fast", "output_config.task_budget": { type: "tokens", total: 5 } }, harmless } })).toMatchObject({ dropped: [], body: { speed: "fast", ...harmless, output_config: { task_budget: { type: "tokens", total: 5 } } } });
  expect(encode({ own: { dialect: "gemini", values: { safetySettings: [] }, harmless: { labels: {} } } })).toEqual({ ...encode({}), dropped: ["safetySettings"] });
});

test("hosted tools of Anthropic's come back as they were; of others' the code remains", () => {
  const history = (id: string): Part[] => [
    { type: "hosted-call", id, tool: "code-execution", name: "code_execution", input: '{"code":"1+1"}', language: "python" },
    { type: "hosted-result", callId: id, tool: "code-execution", output: "2" },
  ];
  expect(messagesOf([say("q"), { role: "assistant", parts: history("srvtoolu_1") }, say("q")])).toMatchObject([{}, { content: [
    { type: "server_tool_use", id: "srvtoolu_1", name: "code_execution", input: { code: "1+1" } },
    { type: "code_execution_tool_result", tool_use_id: "srvtoolu_1", content: { type: "code_execution_result", stdout: "2", return_code: 0 } },
  ] }, {}]);
  expect(messagesOf([say("q"), { role: "assistant", parts: history("ci_1") }, say("q")])).toMatchObject([{}, { content: [{ text: "```python\n1+1\n```" }, { text: "```\n2\n```" }] }, {}]);
});

test.each([
  ["claude-opus-4-6", 406], ["claude-sonnet-4-20250514", 400], ["claude-3-5-haiku-latest", 305], ["claude-3-haiku-20240307", 300], ["claude-haiku-4-5-20251001", 405],
  ["claude-fable-5-2", 502], ["claude-opus-5", 500], ["claude-mythos-preview", 9_900], ["anthropic.claude-sonnet-4-5-20250929-v1:0", 405], ["claude-opus-4@20250514", 400],
  ["deepseek-chat", undefined],
])("version of %s", (model, version) => expect(claudeVersion(model)).toBe(version as never));

test("absurd counts cost no more than they must: 50,000 calls whose ids all become one", () => {
  const ids = Array.from({ length: 50_000 }, (_, n) => n.toString(2).padStart(16, "0").replaceAll("1", ".").replaceAll("0", ":"));
  const messages: Message[] = [say("q"), { role: "assistant", parts: ids.map(call) }, say("and"), ...ids.map((id) => result(id))];
  const { value, ms } = cpuOf(() => encode({ messages }));
  const [, asked, answered] = value.body["messages"] as { content: Record<string, unknown>[] }[];
  expect(ms).toBeLessThan(5_000);
  expect(new Set(asked?.content.map(({ id }) => id)).size).toBe(50_000);
  expect(answered?.content.map(({ tool_use_id }) => tool_use_id).slice(0, -1)).toEqual(asked?.content.map(({ id }) => id) ?? []);
});
