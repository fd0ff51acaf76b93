import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { startSandbox, type Sandbox } from "../../server.ts";
import { FAMILY } from "./quirks.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

/** A model of each that answers without thinking, if it has any such. */
const MODELS: Record<string, string> = {
  deepseek: "deepseek-chat", xai: "grok-3", qwen: "qwen-max", moonshot: "moonshot-v1-8k", doubao: "doubao-lite", mistral: "mistral-large-latest", groq: "llama-3.3-70b-versatile",
  openrouter: "meta-llama/llama-4", together: "meta-llama/Llama-3.3-70B-Instruct-Turbo", fireworks: "accounts/fireworks/models/llama", perplexity: "sonar", ollama: "llama3.2", vllm: "llama",
  lmstudio: "llama", llamacpp: "llama",
};
const clientOf = (name: string, prefix: string): OpenAI => new OpenAI({ apiKey: "sk-test-key-1", baseURL: `${sandbox.url}/${name}${prefix}`, maxRetries: 0 });

describe.each(FAMILY.map((quirks) => [quirks.name, quirks] as const))("%s with the openai SDK", (name, quirks) => {
  const model = MODELS[name] ?? "";
  const messages = [{ role: "user" as const, content: "count to 5" }];

  test.each(quirks.prefixes)("a whole answer and a stream agree under %p", async (prefix) => {
    const client = clientOf(name, prefix);
    const whole = await client.chat.completions.create({ model, messages });
    const stream = await client.chat.completions.create({ model, messages, stream: true, ...(quirks.refuses.includes("stream_options") ? {} : { stream_options: { include_usage: true } }) });
    let text = "";
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      usage = chunk.usage ?? usage;
    }
    expect(whole.choices[0]?.message.content).toBe("1, 2, 3, 4, 5");
    expect(text).toBe("1, 2, 3, 4, 5");
    expect(usage?.completion_tokens).toBe(whole.usage?.completion_tokens as number);
  });

  test("an empty account, in the vendor's words", async () => {
    const refusal = await clientOf(name, quirks.prefixes[0] ?? "").chat.completions.create({ model, messages: [{ role: "user", content: "x [[fault:no-balance]]" }] }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(OpenAI.APIError);
    expect((refusal as InstanceType<typeof OpenAI.APIError>).status).toBe(quirks.noMoney[0]);
  });
});

test("thinking is shown, switched off, and wanted back in tool turns", async () => {
  const client = clientOf("deepseek", "");
  // The SDK's promise is no plain one: `rejects` needs that.
  const ask = async (more: object) => await client.chat.completions.create({ model: "deepseek-v4-flash", messages: [{ role: "user", content: "say yes" }], ...more });
  expect((await ask({})).choices[0]?.message).toHaveProperty("reasoning_content");
  expect((await ask({ thinking: { type: "disabled" } })).choices[0]?.message).not.toHaveProperty("reasoning_content");
  const call = { id: "call_1", type: "function" as const, function: { name: "f", arguments: "{}" } };
  const turn = (reasoning: object) => ask({ messages: [{ role: "user", content: "go" }, { role: "assistant", content: null, tool_calls: [call], ...reasoning }, { role: "tool", tool_call_id: "call_1", content: "42" }] });
  await expect(turn({})).rejects.toThrow("reasoning_content");
  expect((await turn({ reasoning_content: "I think" })).choices[0]?.message.content).toContain("42");
});

test("what a vendor does not know is refused", async () => {
  const mistral = async (more: object) => await clientOf("mistral", "/v1").chat.completions.create({ model: "mistral-large-latest", messages: [{ role: "user", content: "hi" }], ...more });
  await expect(mistral({ seed: 1 })).rejects.toThrow("422");
  await expect(mistral({ max_completion_tokens: 5 })).rejects.toThrow("422");
  expect((await mistral({ max_tokens: 5 })).choices).toHaveLength(1);
});

test("servers of one's own ask for no key, all others do", async () => {
  const body = JSON.stringify({ model: "sonar", messages: [{ role: "user", content: "hi" }] });
  for (const { name, prefixes, keyless, badKey } of FAMILY) {
    const { status } = await fetch(`${sandbox.url}/${name}${prefixes[0]}/chat/completions`, { method: "POST", body });
    if (keyless) expect(status).toBe(200);
    else expect(status).toBe(badKey[0]);
  }
});
