import { afterAll, describe, expect, test } from "bun:test";
import { startSandbox } from "../../../../simulators/src/server.ts";
import { openaiChatCodec } from "../../dialects/openai-chat/codec.ts";
import { CHAT_TRAITS } from "../../dialects/openai-chat/traits.ts";
import type { CanonicalRequest } from "../../dialects/canonical/request.ts";
import { VENDORS } from "../registry.ts";
import { HOSTED, LOCAL } from "./family.ts";
import { compatible } from "./index.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());

const ENDPOINT = { name: "chat", upstreamPath: "/chat/completions", billable: true };
/** A model of each that thinks, where it has one. */
const MODELS: Record<string, string> = {
  deepseek: "deepseek-v4-flash", xai: "grok-4.3", qwen: "qwen3-max", moonshot: "kimi-k2.6", doubao: "doubao-seed-1-8", mistral: "mistral-large-latest", groq: "openai/gpt-oss-120b",
  openrouter: "deepseek/deepseek-r1", together: "meta-llama/Llama-3.3-70B-Instruct-Turbo", fireworks: "accounts/fireworks/models/gpt-oss-120b", perplexity: "sonar-pro", ollama: "gpt-oss",
  vllm: "qwen3", lmstudio: "qwen3", llamacpp: "qwen3",
};

/** Everything that a demanding caller may ask of an ordinary conversation. */
const DEMANDING: CanonicalRequest = {
  model: "m",
  stream: false,
  messages: [
    { role: "developer", parts: [{ type: "text", text: "be brief" }] },
    { role: "user", parts: [{ type: "text", text: "call get_weather in Oslo" }], name: "anna" },
    { role: "assistant", parts: [{ type: "tool-call", id: "call_12345", name: "get_weather", arguments: '{"city":"Oslo"}' }] },
    { role: "tool", parts: [{ type: "tool-result", callId: "call_12345", name: "get_weather", parts: [{ type: "text", text: "4 degrees" }] }] },
  ],
  tools: [{ type: "function", name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } }, strict: true }],
  reasoning: { effort: "high" },
  maxOutputTokens: 900,
  temperature: 0.3,
  topP: 0.9,
  presencePenalty: 0.1,
  seed: 7,
  stop: ["END"],
  choices: 2,
  user: "u1",
  store: true,
  logprobs: { top: 2 },
};

async function send(id: string, body: object, credential = "sk-test-key-1", fault?: string): Promise<{ status: number; text: string }> {
  const vendor = VENDORS.get(id);
  const headers: Record<string, string> = { "content-type": "application/json", ...(fault ? { "x-sandbox-fault": fault } : {}) };
  vendor?.authorize(headers, credential);
  const response = await fetch(vendor?.address(`${sandbox.url}/${id}`, ENDPOINT, "", "?x=1") ?? "", { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, text: await response.text() };
}

describe.each(compatible.map((vendor) => [vendor.id, vendor] as const))("%s, played by its simulator", (id, vendor) => {
  const model = MODELS[id] ?? "";
  const target = { model, maxOutputTokens: 8_000, reasons: true, traits: vendor.traits?.(model) ?? new Set<string>() };

  test("takes a demanding request, written with its traits", async () => {
    // Perplexity has no tools of the caller's.
    const { tools: _, ...plain } = DEMANDING;
    const request: CanonicalRequest = id === "perplexity" ? { ...plain, messages: DEMANDING.messages.slice(0, 2) } : DEMANDING;
    const { body } = openaiChatCodec.encodeRequest(request, target);
    const { status, text } = await send(id, body);
    expect(status, text).toBe(200);
    const answer = openaiChatCodec.decodeResponse(JSON.parse(text));
    expect(answer.usage).toBeDefined();
    expect(answer.choices[0]?.finish).toBe("stop");
  });

  test("streams with usage, thinking counted once", async () => {
    const { body } = openaiChatCodec.encodeRequest({ model: "m", stream: true, messages: [{ role: "user", parts: [{ type: "text", text: "count to 5" }] }], reasoning: { effort: "low" } }, target);
    const { status, text } = await send(id, body);
    expect(status, text).toBe(200);
    const decoder = openaiChatCodec.streamDecoder();
    const parts = text.split("\n\n").filter((event) => event.startsWith("data:")).flatMap((event) => decoder.push({ data: event.slice("data: ".length) }));
    parts.push(...decoder.flush());
    const said = parts.flatMap((part) => (part.type === "text-delta" ? [part] : []));
    const visible = said.filter((part) => parts.some((other) => other.type === "part-start" && other.index === part.index && other.part.type === "text"));
    expect(visible.map((part) => part.text).join("")).toBe("1, 2, 3, 4, 5");
    const usage = parts.findLast((part) => part.type === "usage");
    expect(usage?.type === "usage" && (usage.usage.output ?? 0) + (usage.usage.reasoning ?? 0)).toBe(9 + (said.length - visible.length));
    expect(parts.at(-1)?.type).toBe("end");
  });

  test("its refusals mean what they are", async () => {
    const body = { model, messages: [{ role: "user", content: "hi" }] };
    for (const [fault, kind] of [["bad-key", "auth"], ["no-balance", "no_balance"], ["status=429", "rate_limited"], ["status=503", "overloaded"], ["status=500", "server"], ["status=400", "caller"], ["status=404", "no_model"]] as const) {
      const { status, text } = await send(id, body, "sk-test-key-1", fault);
      expect(`${fault} ${vendor.classify(status, text).kind}`).toBe(`${fault} ${kind}`);
    }
  });

  test("an empty credential is no header", () => {
    const headers: Record<string, string> = {};
    vendor.authorize(headers, "");
    expect(headers).toEqual({});
  });
});

test("the table: known traits only, versions at the end of addresses, no address for one's own servers", () => {
  for (const { traits, models } of [...HOSTED, ...LOCAL])
    for (const trait of [...traits, ...(models ?? []).flatMap(([, more]) => more)]) expect(trait.startsWith("effort:") || (CHAT_TRAITS as readonly string[]).includes(trait), trait).toBe(true);
  for (const vendor of HOSTED) expect(`${vendor.baseUrl}`).toMatch(/^https:\/\/[^/]+(\/.*v\d+)?$/);
  for (const vendor of LOCAL) expect([vendor.baseUrl, vendor.keyless]).toEqual(["", true]);
});

test.each([
  ["qwen", "https://dashscope.aliyuncs.com/compatible-mode/v1/", "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions"],
  ["doubao", "https://ark.cn-beijing.volces.com", "https://ark.cn-beijing.volces.com/api/v3/chat/completions"],
  ["perplexity", "https://api.perplexity.ai", "https://api.perplexity.ai/chat/completions"],
  ["openrouter", "https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/chat/completions"],
  ["ollama", "http://localhost:11434", "http://localhost:11434/v1/chat/completions"],
])("%s at %s", (id, base, address) => {
  expect(VENDORS.get(id)?.address(base, ENDPOINT, "m", "?key=x")).toBe(address);
});

test.each([
  ["gpt-4.1-mini", ["no-web-search"], ["no-sampling"]],
  ["o3", ["no-sampling", "no-stop", "effort:high"], ["effort:minimal"]],
  ["o4-mini-2025-04-16", ["no-stop"], []],
  ["o3-mini", ["no-sampling", "effort:low"], ["no-stop"]],
  ["o1", ["no-sampling", "no-web-search"], ["no-stop"]],
  ["gpt-5", ["no-sampling", "effort:minimal"], ["effort:none", "no-stop"]],
  ["gpt-5-mini-2025-08-07", ["effort:minimal"], ["effort:none"]],
  ["gpt-5.1", ["effort:none"], ["effort:minimal"]],
  ["gpt-5.4", ["effort:xhigh"], []],
  ["gpt-5-chat-latest", ["no-web-search"], ["no-sampling"]],
  ["gpt-4o-search-preview", ["no-sampling"], ["no-web-search"]],
  ["my-finetune", ["no-web-search"], ["no-sampling"]],
])("OpenAI's %s has %p, not %p", (model, has, hasNot) => {
  const traits = VENDORS.get("openai")?.traits?.(model) ?? new Set();
  for (const trait of has) expect(traits.has(trait), trait).toBe(true);
  for (const trait of hasNot) expect(traits.has(trait), trait).toBe(false);
});
