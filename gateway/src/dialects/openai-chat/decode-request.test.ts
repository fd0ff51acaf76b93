import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../errors/gateway-error.ts";
import { cpuOf } from "../../testing/cpu.ts";
import { openaiChatCodec } from "./codec.ts";

/** Bodies constructed after the SDK types; those marked "documented" follow the vendor's guide named. */
const USER = { role: "user", content: "Hi" };
const decode = (body: Record<string, unknown>) => openaiChatCodec.decodeRequest({ model: "m", messages: [USER], ...body }, {});
const PNG = "data:image/png;base64,iVBORw0KGgo=";

describe("messages", () => {
  const messages = (...list: unknown[]) => decode({ messages: list }).messages;

  test("system, developer, names, several images, sound, PDF", () => {
    expect(
      messages(
        { role: "system", content: "S" },
        { role: "user", name: "ann", content: [{ type: "text", text: "T" }, { type: "image_url", image_url: { url: PNG, detail: "low" } }, { type: "image_url", image_url: { url: "https://example.com/a.png" } }, { type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } }, { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } }] },
        { role: "developer", content: [{ type: "text", text: "D", prompt_cache_breakpoint: { mode: "explicit" } }] },
      ),
    ).toEqual([
      { role: "system", parts: [{ type: "text", text: "S" }] },
      {
        role: "user",
        name: "ann",
        parts: [
          { type: "text", text: "T" },
          { type: "image", source: { kind: "base64", mediaType: "image/png", data: "iVBORw0KGgo=" }, detail: "low" },
          { type: "image", source: { kind: "url", url: "https://example.com/a.png" } },
          { type: "audio", source: { kind: "base64", mediaType: "audio/wav", data: "UklGRg==" } },
          { type: "file", source: { kind: "base64", mediaType: "application/pdf", data: "JVBERi0=" }, name: "a.pdf" },
        ],
      },
      { role: "developer", parts: [{ type: "text", text: "D", cache: {} }] },
    ]);
  });

  test("S18, S19: thinking, text and parallel calls of one turn stay together, results join", () => {
    const call = (id: string) => ({ id, type: "function", function: { name: "f", arguments: '{"a":1}' } });
    expect(
      messages(USER, { role: "assistant", content: "Let me see.", reasoning_content: "hm", tool_calls: [call("a"), call("b")] }, { role: "tool", tool_call_id: "b", content: "B" }, { role: "tool", tool_call_id: "a", content: [{ type: "text", text: "A" }] }).slice(1),
    ).toEqual([
      { role: "assistant", parts: [{ type: "reasoning", text: "hm" }, { type: "text", text: "Let me see." }, { type: "tool-call", id: "a", name: "f", arguments: '{"a":1}' }, { type: "tool-call", id: "b", name: "f", arguments: '{"a":1}' }] },
      { role: "tool", parts: [{ type: "tool-result", callId: "b", name: "f", parts: [{ type: "text", text: "B" }] }, { type: "tool-result", callId: "a", name: "f", parts: [{ type: "text", text: "A" }] }] },
    ]);
  });

  test("the legacy form: calls without ids are joined to their answers by name", () => {
    const request = decode({ functions: [{ name: "f", parameters: { type: "object" } }], function_call: { name: "f" }, messages: [USER, { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } }, { role: "function", name: "f", content: "1" }, { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } }, { role: "function", name: "f", content: "2" }] });
    const ids = request.messages.flatMap((message) => message.parts.map((part) => (part.type === "tool-call" ? part.id : part.type === "tool-result" ? part.callId : "")));
    expect(ids).toEqual(["", "call_function_1", "call_function_1", "call_function_2", "call_function_2"]);
    expect(request.toolChoice).toEqual({ mode: "tool", name: "f" });
    expect(request.fields).toMatchObject({ tools: "functions", toolChoice: "function_call" });
  });

  test("a call id may come again once it was answered, and gets a name of its own", () => {
    const turn = [{ role: "assistant", tool_calls: [{ id: "call_0", type: "function", function: { name: "f", arguments: "{}" } }] }, { role: "tool", tool_call_id: "call_0", content: "x" }];
    const ids = messages(USER, ...turn, ...turn).flatMap((message) => message.parts.map((part) => (part.type === "tool-call" ? part.id : part.type === "tool-result" ? part.callId : "")));
    expect(ids).toEqual(["", "call_0", "call_0", "call_0_2", "call_0_2"]);
  });

  test("sealed thinking comes back to its own vendor by reasoning_details (documented: OpenRouter, reasoning tokens)", () => {
    const details = [{ type: "reasoning.text", text: "think", signature: "sig", format: "anthropic-claude-v1", index: 0 }, { type: "reasoning.summary", summary: "sum", id: "rs_1", format: "openai-responses-v1", index: 1 }, { type: "reasoning.encrypted", data: "enc", id: "rs_1", format: "openai-responses-v1", index: 1 }];
    expect(messages(USER, { role: "assistant", content: "x", reasoning: "think", reasoning_details: details })[1]?.parts.slice(0, 2)).toEqual([
      { type: "reasoning", text: "think", signature: "sig", sealedBy: "anthropic-messages" },
      { type: "reasoning", text: "sum", summary: true, encrypted: "enc", id: "rs_1", sealedBy: "openai-responses" },
    ]);
  });

  test("a custom tool's call and result; Gemini's signature on a call (documented: Google's OpenAI compatibility)", () => {
    const parts = messages(USER, { role: "assistant", tool_calls: [{ id: "c", type: "custom", custom: { name: "sh", input: "ls" } }, { id: "d", type: "function", function: { name: "f", arguments: "" }, extra_content: { google: { thought_signature: "SIG" } } }] }, { role: "tool", tool_call_id: "c", content: "ok" });
    expect(parts[1]?.parts).toEqual([{ type: "tool-call", id: "c", name: "sh", arguments: "ls", custom: true }, { type: "tool-call", id: "d", name: "f", arguments: "{}", signature: "SIG" }]);
    expect(parts[2]?.parts).toEqual([{ type: "tool-result", callId: "c", name: "sh", custom: true, parts: [{ type: "text", text: "ok" }] }]);
  });

  test("an image of an earlier answer is an image again, once, though it stands there twice", () => {
    expect(messages(USER, { role: "assistant", content: `See ![image](${PNG}) there`, images: [{ type: "image_url", image_url: { url: PNG } }] })[1]?.parts).toEqual([{ type: "text", text: "See " }, { type: "image", source: { kind: "base64", mediaType: "image/png", data: "iVBORw0KGgo=" } }, { type: "text", text: " there" }]);
  });
});

describe("tools, forms and wishes", () => {
  test("functions named googleSearch and codeExecution, and web_search_options, are hosted tools", () => {
    const named = (name: string) => ({ type: "function", function: { name } });
    expect(decode({ tools: [named("googleSearch"), named("codeExecution"), named("f")] }).tools).toEqual([{ type: "web-search" }, { type: "code-execution" }, { type: "function", name: "f" }]);
    expect(decode({ web_search_options: { search_context_size: "high", user_location: { type: "approximate", approximate: { country: "VN" } } } }).tools).toEqual([{ type: "web-search", contextSize: "high", userLocation: { country: "VN" } }]);
  });

  test.each([
    ["auto", { mode: "auto" }],
    ["none", { mode: "none" }],
    ["required", { mode: "required" }],
    [{ type: "function", function: { name: "f" } }, { mode: "tool", name: "f" }],
    [{ type: "allowed_tools", allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "f" } }] } }, { mode: "allowed", names: ["f"], required: true }],
  ])("tool_choice %j", (tool_choice, expected) => {
    expect(decode({ tools: [{ type: "function", function: { name: "f" } }], tool_choice }).toolChoice as unknown).toEqual(expected);
  });

  test.each([
    [{ reasoning_effort: "high" }, { effort: "high" }],
    [{ reasoning_effort: "none" }, { effort: "none" }],
    [{ reasoning: { max_tokens: 2000, exclude: true } }, { budgetTokens: 2000, show: "none" }],
    [{ thinking: { type: "enabled", budget_tokens: 2048 } }, { budgetTokens: 2048 }],
    [{ thinking: { type: "disabled" } }, { off: true }],
    [{ enable_thinking: true, thinking_budget: 100 }, { budgetTokens: 100 }],
    [{ enable_thinking: true }, { adaptive: true }],
  ])("reasoning %j", (body, expected) => expect(decode(body).reasoning as unknown).toEqual(expected));

  test("all the small wishes, with the names they were asked under", () => {
    const request = decode({ stream: true, stream_options: { include_usage: true }, max_tokens: 5, temperature: 0, top_p: 0.5, top_k: 3, min_p: 0.1, presence_penalty: 1, frequency_penalty: -1, seed: 7, stop: "END", n: 2, logprobs: true, top_logprobs: 3, logit_bias: { "50256": -100 }, modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" }, verbosity: "low", safety_identifier: "u", metadata: { a: "b" }, service_tier: "flex", prompt_cache_key: "k", store: false, response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" }, strict: true } }, prediction: { type: "content", content: "x" }, client_metadata: {}, user: null });
    expect(request).toMatchObject({ stream: true, includeUsage: true, maxOutputTokens: 5, temperature: 0, topP: 0.5, topK: 3, minP: 0.1, presencePenalty: 1, frequencyPenalty: -1, seed: 7, stop: ["END"], choices: 2, logprobs: { top: 3 }, logitBias: { "50256": -100 }, modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" }, verbosity: "low", user: "u", metadata: { a: "b" }, serviceTier: "flex", promptCacheKey: "k", store: false, format: { type: "json-schema", name: "n", schema: { type: "object" }, strict: true } });
    expect(request.own).toEqual({ dialect: "openai-chat", values: { prediction: { type: "content", content: "x" } } });
    expect(request.fields).toMatchObject({ maxOutputTokens: "max_tokens", topK: "top_k", choices: "n", user: "safety_identifier", format: "response_format" });
  });

  test("null counts as missing everywhere", () => {
    const names = ["tools", "tool_choice", "stream", "stream_options", "temperature", "top_p", "stop", "n", "logprobs", "modalities", "audio", "metadata", "response_format", "reasoning_effort", "store", "user", "seed", "unknown_member"];
    expect(decode(Object.fromEntries(names.map((name) => [name, null])))).toEqual({ model: "m", stream: false, messages: [{ role: "user", parts: [{ type: "text", text: "Hi" }] }], fields: expect.any(Object) as never });
  });
});

describe("what is refused, and under which name", () => {
  const deep = (levels: number): unknown => {
    let schema: unknown = {};
    for (let at = 0; at < levels; at += 1) schema = { a: schema };
    return schema;
  };
  const image = (url: unknown) => ({ messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }] });
  const calls = (...ids: string[]) => ({ messages: [USER, { role: "assistant", tool_calls: ids.map((id) => ({ id, type: "function", function: { name: "f", arguments: "{}" } })) }] });
  test.each<[string, Record<string, unknown>, string]>([
    ["no model", { model: "" }, "model"],
    ["no messages", { messages: [] }, "messages"],
    ["messages no list", { messages: {} }, "messages"],
    ["unknown role", { messages: [{ role: "robot", content: "x" }] }, "messages[0].role"],
    ["no content", { messages: [{ role: "user" }] }, "messages[0].content"],
    ["content a number", { messages: [{ role: "user", content: 5 }] }, "messages[0].content"],
    ["unknown part", { messages: [{ role: "user", content: [{ type: "smell" }] }] }, "messages[0].content[0].type"],
    ["image in system", { messages: [{ role: "system", content: [{ type: "image_url", image_url: { url: PNG } }] }] }, "messages[0].content[0].type"],
    ["broken data URL", image("data:image/png,xyz"), "messages[0].content[0].image_url.url"],
    ["bad base64", image("data:image/png;base64,%%%%"), "messages[0].content[0].image_url.url"],
    ["empty base64", image("data:image/png;base64,"), "messages[0].content[0].image_url.url"],
    ["no image", image("data:text/html;base64,aGk="), "messages[0].content[0].image_url.url"],
    ["file address", image("file:///etc/passwd"), "messages[0].content[0].image_url.url"],
    ["result without call", { messages: [USER, { role: "tool", tool_call_id: "x", content: "1" }] }, "messages[1].tool_call_id"],
    ["function result without call", { messages: [USER, { role: "function", name: "x", content: "1" }] }, "messages[1].name"],
    ["call id twice", calls("a", "a"), "messages[1].tool_calls[1].id"],
    ["tool without name", { tools: [{ type: "function", function: {} }] }, "tools[0].function.name"],
    ["tool twice", { tools: [{ type: "function", function: { name: "f" } }, { type: "function", function: { name: "f" } }] }, "tools"],
    ["choice of no tool", { tools: [{ type: "function", function: { name: "f" } }], tool_choice: { type: "function", function: { name: "g" } } }, "tool_choice"],
    ["choice without tools", { tool_choice: "required" }, "tool_choice"],
    ["schema too deep", { tools: [{ type: "function", function: { name: "f", parameters: deep(2_000) } }] }, "tools[0].function.parameters"],
    ["absurd n", { n: 1e9 }, "n"],
    ["absurd top_logprobs", { logprobs: true, top_logprobs: 1000 }, "top_logprobs"],
    ["many stops", { stop: Array.from({ length: 1000 }, () => "x") }, "stop"],
    ["stream a text", { stream: "yes" }, "stream"],
    ["temperature", { temperature: 3 }, "temperature"],
    ["max_tokens", { max_tokens: 0 }, "max_tokens"],
    ["effort", { reasoning_effort: "very" }, "reasoning_effort"],
    ["format", { response_format: { type: "xml" } }, "response_format.type"],
    ["metadata", { metadata: { a: 1 } }, "metadata.a"],
  ])("%s", (_name, body, param) => {
    const thrown = (() => {
      try {
        decode(body);
      } catch (error) {
        return error;
      }
      return undefined;
    })();
    expect(thrown).toBeInstanceOf(GatewayError);
    const error = thrown as GatewayError;
    expect(error.param).toBe(param);
    expect(error.kind.status).toBe(400);
    if (param !== "model") expect(error.publicText).toMatch(/"|tool|call/);
  });

  test("10 MB of Markdown borders and of base64 is read in one pass", () => {
    const text = "![](".repeat(1_000_000) + "](data:image/".repeat(200_000);
    const read = cpuOf(() => {
      decode({ messages: [USER, { role: "assistant", content: text }] });
      decode(image(`data:image/png;base64,iVBORw0KGgoA${"A".repeat(9_999_988)}`));
    });
    expect(read.ms).toBeLessThan(2_000);
  });
});
