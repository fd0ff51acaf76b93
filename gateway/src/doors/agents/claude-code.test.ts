import { describe, expect, test } from "bun:test";
import Anthropic from "anthropic-sdk-0";
import { testGateway } from "../../testing/gateway.ts";

/**
 * Claude Code's rounds. The fields are those that Claude Code 2.1.197 and 2.1.331 sent through a recording proxy (`-p`, ANTHROPIC_BASE_URL); the texts in them are
 * ours, since its prompts are not free.
 */
const gateway = await testGateway();

const BETAS = ["claude-code-20250219", "interleaved-thinking-2025-05-14", "context-management-2025-06-27", "effort-2025-11-24"];
const PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
const tool = (name: string, properties: object, required: string[]) => ({
  name,
  description: `${name}: as an agent describes it`,
  input_schema: { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object" as const, properties, required, additionalProperties: false },
});
const TOOLS = [
  tool("Bash", { command: { type: "string" }, description: { type: "string" }, timeout: { type: "number" }, run_in_background: { type: "boolean" } }, ["command"]),
  tool("Read", { file_path: { type: "string" }, offset: { type: "integer", minimum: 0, maximum: 9007199254740991 } }, ["file_path"]),
];

type Messages = Anthropic.Beta.BetaMessageParam[];

function ask(apiKey: string, model: string, messages: Messages, more: Partial<Anthropic.Beta.MessageCreateParams> = {}) {
  const client = new Anthropic({ authToken: apiKey, apiKey: null, baseURL: gateway.url, maxRetries: 0, defaultHeaders: { "x-app": "cli" } });
  const request = {
    model, messages, betas: BETAS, max_tokens: 64_000,
    system: [{ type: "text" as const, text: "x-anthropic-billing-header: cc_version=2.1.331" }, { type: "text" as const, text: "You help with code.", cache_control: { type: "ephemeral" as const } }],
    tools: TOOLS,
    metadata: { user_id: '{"device_id":"fa63","account_uuid":"","session_id":"d167"}' },
    thinking: { type: "adaptive", display: "summarized" },
    context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
    output_config: { effort: "high" },
    ...more,
  };
  return client.beta.messages.stream(request as unknown as Parameters<typeof client.beta.messages.stream>[0]).finalMessage();
}

const opening = (text: string): Messages => [
  { role: "user", content: [{ type: "text", text: "<system-reminder>\nToday is a day.\n</system-reminder>\n" }, { type: "text", text, cache_control: { type: "ephemeral" } }] },
  { role: "system", content: "Agents that may be started: none." } as unknown as Messages[0],
];

describe.each(["claude-opus-5-5", "gpt-5.2", "gpt-5.5", "gpt-6.1-sol", "gpt-4.1", "gemini-3.1-pro-preview", "gemini-2.5-flash"])("Claude Code with %s", (model) => {
  test("two tools at once, their results with a picture, and a last answer", async () => {
    const caller = await gateway.newCaller("10");
    const messages = opening('Call Bash with {"command":"cat note.txt"} and Read with {"file_path":"/red.png"}');
    const first = await ask(caller.apiKey, model, messages);
    expect(first.stop_reason).toBe("tool_use");
    const calls = first.content.filter((block) => block.type === "tool_use");
    expect(calls.map(({ name, input }) => ({ name, input }))).toEqual([
      { name: "Bash", input: { command: "cat note.txt" } },
      { name: "Read", input: { file_path: "/red.png" } },
    ]);
    expect(new Set(calls.map((call) => call.id)).size).toBe(2);
    const results: Anthropic.Beta.BetaToolResultBlockParam[] = [
      { type: "tool_result", tool_use_id: calls[0]?.id ?? "", content: "the secret word is heliotrope", is_error: false },
      { type: "tool_result", tool_use_id: calls[1]?.id ?? "", content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: PICTURE } }] },
    ];
    const last = await ask(caller.apiKey, model, [...messages, { role: "assistant", content: first.content as Anthropic.Beta.BetaContentBlockParam[] }, { role: "user", content: results }]);
    expect(last.stop_reason).toBe("end_turn");
    expect(last.content.map((block) => (block.type === "text" ? block.text : "")).join("")).toContain("heliotrope");
    const rows = await gateway.rows(caller.userId, 2);
    expect(rows.map(({ status, end_reason, anomaly, estimated }) => ({ status, end_reason, anomaly, estimated }))).toEqual(
      Array.from({ length: 2 }, () => ({ status: 200, end_reason: "complete", anomaly: null, estimated: false })),
    );
  });
});

describe("Claude Code with a GPT", () => {
  test("reasoning comes back to the vendor sealed, as it was", async () => {
    const caller = await gateway.newCaller("10");
    const messages = opening('Call Bash with {"command":"ls"}');
    const first = await ask(caller.apiKey, "gpt-5.5", messages);
    const call = first.content.find((block) => block.type === "tool_use");
    await ask(caller.apiKey, "gpt-5.5", [
      ...messages,
      { role: "assistant", content: first.content as Anthropic.Beta.BetaContentBlockParam[] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: call?.id ?? "", content: "note.txt" }] },
    ]);
    const sent = JSON.parse(Buffer.from(gateway.seen().at(-1)?.body.base64 ?? "", "base64").toString());
    expect(gateway.seen().at(-1)?.path).toBe("/v1/responses");
    const reasoning = sent.input.find((item: { type: string }) => item.type === "reasoning");
    expect(reasoning.encrypted_content).toBeString();
  });

  test("its web search asks OpenAI's own and gets the results", async () => {
    const caller = await gateway.newCaller("10");
    const found = await ask(caller.apiKey, "gpt-5.5", [{ role: "user", content: [{ type: "text", text: "Perform a web search for the query: news of the day. Do search" }] }], {
      tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 8 }],
      thinking: { type: "disabled" },
    });
    expect(found.content.map((block) => block.type)).toContain("web_search_tool_result");
  });

  test.each([["gpt-5.2", "xhigh"], ["gpt-5.1", "high"], ["gpt-5-mini", "high"]])("an effort that %s does not know becomes its nearest, %s", async (model, effort) => {
    const caller = await gateway.newCaller("10");
    await ask(caller.apiKey, model, opening("say hi"), { output_config: { effort: "max" } });
    const sent = JSON.parse(Buffer.from(gateway.seen().at(-1)?.body.base64 ?? "", "base64").toString());
    expect(sent).toMatchObject({ model, reasoning: { effort } });
  });
});
