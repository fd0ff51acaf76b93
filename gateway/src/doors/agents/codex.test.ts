import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { testGateway } from "../../testing/gateway.ts";

/**
 * Codex CLI's rounds (`wire_api = "responses"`). The fields are those that Codex 0.169 sent through a recording proxy: tools in `tools` with models it does not know,
 * and among the input items (`additional_tools`) with its newest; its texts are shortened.
 */
const gateway = await testGateway();

type Items = OpenAI.Responses.ResponseInputItem[];

const EXEC_COMMAND = {
  type: "function", name: "exec_command", description: "Runs a command in a PTY.", strict: false,
  parameters: { type: "object", properties: { cmd: { type: "string" }, yield_time_ms: { type: "number" } }, required: ["cmd"], additionalProperties: false },
};
const AGENTS = {
  type: "namespace", name: "multi_agent_v1", description: "Tools for spawning and managing sub-agents.",
  tools: [{ type: "function", name: "close_agent", description: "Close an agent.", strict: false, parameters: { type: "object", properties: { target: { type: "string" } }, required: ["target"], additionalProperties: false } }],
};
const KNOWN_TOOLS = {
  type: "additional_tools", id: "at_1", role: "developer",
  tools: [{ type: "namespace", name: "functions", description: "", tools: [{ type: "custom", name: "exec", description: "Run JavaScript", format: { type: "text" } }] }],
};
const message = (role: string, text: string) => ({ type: "message", id: `msg_${role}`, role, content: [{ type: "input_text", text }] });

async function ask(apiKey: string, model: string, input: unknown[], tools?: unknown[]) {
  const client = new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0, defaultHeaders: { originator: "codex_exec", "session-id": "01a2" } });
  const request = {
    model, input, tool_choice: "auto", parallel_tool_calls: tools !== undefined, store: false, stream: true,
    ...(tools ? { tools } : {}),
    reasoning: tools ? { summary: "auto" } : { effort: "low", context: "all_turns" },
    include: ["reasoning.encrypted_content"],
    prompt_cache_key: "01a21087-a461-7922-9534-3e5adbba7a32",
    client_metadata: { session_id: "01a21087" },
  };
  const types: string[] = [];
  let done: OpenAI.Responses.Response | undefined;
  const items: OpenAI.Responses.ResponseOutputItem[] = [];
  for await (const event of await client.responses.create(request as unknown as OpenAI.Responses.ResponseCreateParamsStreaming)) {
    types.push(event.type);
    if (event.type === "response.output_item.done") items.push(event.item);
    if (event.type === "response.completed") done = event.response;
  }
  // Codex keeps the items of `output_item.done` and ends a turn at `response.completed` alone.
  expect(types[0]).toBe("response.created");
  expect(types.at(-1)).toBe("response.completed");
  expect(done?.usage?.total_tokens).toBeGreaterThan(0);
  return items;
}

const textOf = (items: OpenAI.Responses.ResponseOutputItem[]) =>
  items.flatMap((item) => (item.type === "message" ? item.content.map((part) => (part.type === "output_text" ? part.text : "")) : [])).join("");

describe.each(["gpt-5.2", "claude-sonnet-5", "gemini-3.1-pro-preview"])("Codex with %s", (model) => {
  const tools = [EXEC_COMMAND, AGENTS, { type: "web_search", external_web_access: true }];
  const opening = (text: string) => [message("developer", "You are a coding agent."), message("user", "<environment_context>\n<cwd>/w</cwd>\n</environment_context>"), message("user", text)];

  test("a command, its output, a last answer", async () => {
    const caller = await gateway.newCaller("10");
    const input = opening('Call exec_command with {"cmd":"cat note.txt"}');
    const first = await ask(caller.apiKey, model, input, tools);
    const call = first.find((item) => item.type === "function_call");
    expect(call).toMatchObject({ name: "exec_command", status: "completed" });
    expect(JSON.parse(call?.arguments ?? "")).toEqual({ cmd: "cat note.txt" });
    const output = { type: "function_call_output", id: "fco_1", call_id: call?.call_id, output: "Chunk ID: 1\nOutput:\nheliotrope\n" };
    const last = await ask(caller.apiKey, model, [...input, ...first, output], tools);
    expect(textOf(last)).toContain("heliotrope");
  });

  test("a tool of a namespace is called with its namespace, a picture is a tool's output", async () => {
    const caller = await gateway.newCaller("10");
    const prefix = model.startsWith("gpt") ? "multi_agent_v1close_agent" : "multi_agent_v1__close_agent";
    const input = opening(`Call ${prefix} with {"target":"a1"}`);
    const first = await ask(caller.apiKey, model, input, tools);
    const call = first.find((item) => item.type === "function_call");
    expect(call).toMatchObject({ name: "close_agent", namespace: "multi_agent_v1", arguments: '{"target":"a1"}' });
    const picture = { type: "input_image", image_url: "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC", detail: "high" };
    const last = await ask(caller.apiKey, model, [...input, ...first, { type: "function_call_output", call_id: call?.call_id, output: [picture] }], tools);
    expect(textOf(last)).toContain("close_agent answered");
  });
});

test.each(["gpt-6.1-sol", "gpt-6-luna"])("Codex with %s: a free-form tool among the input items", async (model) => {
  const caller = await gateway.newCaller("10");
  const input = [KNOWN_TOOLS, message("developer", "You are Codex."), message("user", 'Call functionsexec with {"input":"text(await tools.exec_command({cmd: 1}))"}')];
  const first = await ask(caller.apiKey, model, input);
  const call = first.find((item) => item.type === "custom_tool_call");
  expect(call).toMatchObject({ name: "exec", namespace: "functions", input: "text(await tools.exec_command({cmd: 1}))" });
  const last = await ask(caller.apiKey, model, [...input, ...first, { type: "custom_tool_call_output", call_id: call?.call_id, output: [{ type: "input_text", text: "heliotrope" }] }] as Items);
  expect(textOf(last)).toContain("heliotrope");
});
