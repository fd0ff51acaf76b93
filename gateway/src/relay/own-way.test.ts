import { describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { testGateway } from "../testing/gateway.ts";

/** Vendors that speak OpenAI's chat in their own way; what their simulators refuse is constructed from their documents. */
const gateway = await testGateway();

const ask = (key: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
const MISTRAL = "mistral-large-2512";
const messages = [{ role: "user", content: "count to 4" }];

describe("a chat request that the vendor does not take as it stands is put into its words", () => {
  test("stream_options: the stream comes, with the usage that was asked for", async () => {
    const caller = await gateway.newCaller("10");
    const response = await ask(caller.apiKey, { model: MISTRAL, stream: true, stream_options: { include_usage: true }, messages });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    expect(text).toContain('"prompt_tokens"');
    expect(text).toEndWith("data: [DONE]\n\n");
  });

  test("a developer message reaches it as one of the system", async () => {
    const caller = await gateway.newCaller("10");
    const response = await ask(caller.apiKey, { model: MISTRAL, messages: [{ role: "developer", content: "Be brief." }, ...messages] });
    expect(response.status, await response.clone().text()).toBe(200);
  });

  test("what it cannot be told is named, and refused in strict mode", async () => {
    const caller = await gateway.newCaller("10");
    const body = { model: MISTRAL, seed: 1, logprobs: true, messages };
    const response = await ask(caller.apiKey, body);
    expect(response.status, await response.clone().text()).toBe(200);
    expect(response.headers.get("x-yescale-dropped")).toContain("logprobs");
    const strict = await ask(caller.apiKey, body, { "x-yescale-strict": "1" });
    expect(strict.status).toBe(400);
  });

  test("promise 2: a request without such words passes byte for byte", async () => {
    const caller = await gateway.newCaller("10");
    gateway.sandbox.reset();
    const body = `{ "model":"${MISTRAL}",  "messages":[{"role":"user","content":"count to 4"}], "temperature": 0.10 }`;
    await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body });
    expect(Buffer.from(gateway.seen()[0]?.body.base64 ?? "", "base64").toString()).toBe(body);
  });

  /** What OpenAI's SDK puts back of an answer of another vendor's, and a tool's result (constructed; ids and members as this gateway writes them). */
  const round = [
    { role: "user", content: "weather?" },
    {
      role: "assistant", content: null, refusal: null, annotations: [], reasoning_content: "Let me look.", reasoning_details: [{ type: "reasoning.text", text: "Let me look.", signature: "c2ln", format: "anthropic-claude-v1", index: 0 }],
      tool_calls: [{ id: "toolu_01sqod5NnaHrljuBCPHXAU2B", type: "function", function: { name: "get_weather", arguments: "{}" }, extra_content: { google: { thought_signature: "c2ln" } } }],
    },
    { role: "tool", tool_call_id: "toolu_01sqod5NnaHrljuBCPHXAU2B", content: "8 degrees" },
    { role: "user", content: "and now?" },
  ];
  const tools = [{ type: "function", function: { name: "get_weather", parameters: { type: "object", properties: {} } } }];
  const sent = (): { messages: Record<string, unknown>[] } & Record<string, unknown> => JSON.parse(Buffer.from(gateway.seen()[0]?.body.base64 ?? "", "base64").toString()) as { messages: Record<string, unknown>[] };

  test.each([MISTRAL, "llama-3.3-70b-versatile"])("S18: what another vendor's answer brought is taken out of the history: %s", async (model) => {
    const caller = await gateway.newCaller("10");
    gateway.sandbox.reset();
    const response = await ask(caller.apiKey, { model, messages: round, tools });
    expect(response.status, await response.clone().text()).toBe(200);
    expect(Object.keys(sent().messages[1] ?? {}).toSorted()).toEqual(["content", "role", "tool_calls"]);
  });

  test("S20: Mistral's ids have nine letters, the same at the call and its result, and somebody speaks between a tool and the user", async () => {
    const caller = await gateway.newCaller("10");
    gateway.sandbox.reset();
    await ask(caller.apiKey, { model: MISTRAL, messages: round, tools });
    const { messages: told } = sent();
    const [{ id = "" } = {}] = (told[1]?.["tool_calls"] ?? []) as { id?: string }[];
    expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(told.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant", "user"]);
    expect(told[2]?.["tool_call_id"]).toBe(id);
    const asked = { model: MISTRAL, max_tokens: 100, tools: [{ name: "get_weather", input_schema: { type: "object" } }], messages: [
      { role: "user", content: "weather?" }, { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "get_weather", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "8 degrees" }, { type: "text", text: "and now?" }] },
    ] };
    const response = await fetch(`${gateway.url}/v1/messages`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body: JSON.stringify(asked) });
    expect(response.status, await response.clone().text()).toBe(200);
  });

  test.each([
    ["sonar-pro", { tools }, "tools"],
    ["llama-3.3-70b-versatile", { messages: [{ role: "user", name: "bob", content: "hi" }] }, "name"],
    ["deepseek-v4-flash", { messages: [{ role: "user", content: [{ type: "text", text: "hi" }, { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } }] }] }, "image_url"],
    ["qwen-plus", { tools, tool_choice: "required" }, "tool_choice"],
    [MISTRAL, { logit_bias: { 1: 2 } }, "logit_bias"],
    ["sonar-pro", { functions: [{ name: "get_weather", parameters: { type: "object" } }] }, "functions"],
  ])("S18: %s cannot be told %j: named", async (model, more, named) => {
    const caller = await gateway.newCaller("10");
    const response = await ask(caller.apiKey, { model, messages, ...more });
    expect(response.status, await response.clone().text()).toBe(200);
    expect(response.headers.get("x-yescale-dropped")).toBe(named);
  });

  test.each([["grok-4.3", "minimal", "low"], ["kimi-k3", "medium", "low"], ["kimi-k3", "high", "high"]])("%s thinks at an effort that it knows: %s as %s", async (model, effort, told) => {
    const caller = await gateway.newCaller("10");
    gateway.sandbox.reset();
    const response = await ask(caller.apiKey, { model, messages, reasoning_effort: effort });
    expect(response.status, await response.clone().text()).toBe(200);
    expect(sent()["reasoning_effort"]).toBe(told);
  });

  test("S18: the legacy functions form, with a vendor that knows tools only", async () => {
    const caller = await gateway.newCaller("10");
    gateway.sandbox.reset();
    const functions = [{ name: "get_weather", parameters: { type: "object", properties: {} } }];
    const response = await ask(caller.apiKey, { model: MISTRAL, messages: [{ role: "user", content: "weather? call: get_weather" }], functions, function_call: { name: "get_weather" } });
    const { choices } = (await response.json()) as { choices: { finish_reason: string; message: Record<string, unknown> }[] };
    expect(choices).toMatchObject([{ finish_reason: "function_call", message: { function_call: { name: "get_weather" } } }]);
    expect(sent()).toMatchObject({ tools: [{ function: { name: "get_weather" } }] });
    expect(sent()["functions"]).toBeUndefined();
  });

  const LONG = `mcp__${"a".repeat(40)}__${"b".repeat(41)}`;
  test.each([
    ["gpt-5", LONG], ["gpt-4.1-mini", LONG], ["gemini-2.5-flash", LONG], ["llama-3.3-70b-versatile", LONG], ["global.anthropic.claude-sonnet-4-5-20250929-v1:0", LONG],
  ])("a function's name that the vendor does not take is told in another, and the caller reads its own: %s", async (model, name) => {
    const caller = await gateway.newCaller("10");
    for (const stream of [false, true]) {
      gateway.sandbox.reset();
      const body = {
        model, stream, max_tokens: 300, tools: [{ name, input_schema: { type: "object", properties: {} } }, { name: "other", input_schema: { type: "object" } }], tool_choice: { type: "tool", name },
        messages: [{ role: "user", content: "go" }, { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name, input: {} }] }, { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "ok" }] }],
      };
      const response = await fetch(`${gateway.url}/v1/messages`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body: JSON.stringify(body) });
      const text = await response.text();
      expect(response.status, text).toBe(200);
      expect(text).toContain(`"name":"${name}"`);
      const upstream = JSON.stringify(sent());
      expect(upstream).not.toContain(name);
      expect(new Set(upstream.match(/"name":"(mcp_[^"]*)"/g)).size).toBe(1);
    }
  });

  test("and a name of Gemini's with dots at OpenAI's and Anthropic's", async () => {
    const caller = await gateway.newCaller("10");
    for (const model of ["gpt-4.1-mini", "claude-sonnet-4-5"]) {
      gateway.sandbox.reset();
      const body = { contents: [{ role: "user", parts: [{ text: "go" }] }], tools: [{ functionDeclarations: [{ name: "fs.read:file-v1" }] }], toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["fs.read:file-v1"] } } };
      const response = await fetch(`${gateway.url}/v1beta/models/${model}:generateContent`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body: JSON.stringify(body) });
      const text = await response.text();
      expect(response.status, text).toBe(200);
      expect(text).toContain('"name":"fs.read:file-v1"');
      expect(JSON.stringify(sent())).toMatch(/"name":"fs_read_file-v1_[0-9a-f]{8}"/);
    }
  });

  test("the beginning of an answer is told to Mistral as one, whoever gives it", async () => {
    const caller = await gateway.newCaller("10");
    const begun = [{ role: "user", content: "count to 4" }, { role: "assistant", content: "1 2" }];
    for (const [path, more] of [["/v1/chat/completions", {}], ["/v1/messages", { max_tokens: 50 }]] as const) {
      gateway.sandbox.reset();
      const response = await fetch(`${gateway.url}${path}`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body: JSON.stringify({ model: MISTRAL, messages: begun, ...more }) });
      expect(response.status, await response.clone().text()).toBe(200);
      expect(sent().messages.at(-1)).toEqual({ role: "assistant", content: "1 2", prefix: true });
    }
  });

  test.each(["gpt-5", "gemini-2.5-flash", MISTRAL])("Anthropic's tool runner, which keeps its conversation in a thread, goes on without one: %s", async (model) => {
    const caller = await gateway.newCaller("10");
    const client = new Anthropic({ baseURL: gateway.url, apiKey: caller.apiKey, maxRetries: 0 });
    let runs = 0;
    const tool = { name: "get_weather", description: "weather", input_schema: { type: "object" as const, properties: {} }, run: () => String((runs += 1)), parse: (input: unknown) => input };
    const last = await client.beta.messages.toolRunner({ model, max_tokens: 300, max_iterations: 2, tools: [tool as never], messages: [{ role: "user", content: "call: get_weather" }], tool_choice: { type: "any" } });
    expect(runs).toBeGreaterThan(0);
    expect(last.content.length).toBeGreaterThan(0);
    const refused = await fetch(`${gateway.url}/v1/messages`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body: JSON.stringify({ model, max_tokens: 10, thread: { type: "continue", previous_message_id: "msg_1" }, messages }) });
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: { details: { error_code: "thread_unsupported_request" } } }]);
  });

  test("a refusal in the vendor's own form is told in the caller's", async () => {
    const caller = await gateway.newCaller("10");
    const response = await ask(caller.apiKey, { model: MISTRAL, messages: [] });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) as string } });
  });
});
