import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { KEYS } from "../../../simulators/src/vendors/bedrock/signature.ts";
import { testGateway } from "../testing/gateway.ts";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048, privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } });
const [keyId, secret] = Object.entries(KEYS)[0] ?? [];
const own = { modelMapping: {}, priority: 0, weight: 1, timeouts: {}, enabled: true };

const gateway = await testGateway((config, url) => {
  config.vendors["vertex"] = { credential: JSON.stringify({ client_email: "a@b", private_key: privateKey, token_uri: `${url}/vertex/token` }), baseUrl: `${url}/vertex/v1/projects/p/locations/global` };
  config.vendors["bedrock"] = { credential: `${keyId}:${secret}`, baseUrl: `${url}/bedrock` };
  config.vendors["azure"] = { credential: "azure-key", baseUrl: `${url}/azure?api-version=2024-10-21` };
  config.models.push({ id: "llama3.2", vendor: "ollama", prices: { input: "1", output: "2" } });
  config.channels.push({ ...own, name: "mine", vendor: "ollama", baseUrl: `${url}/ollama`, credentials: [], models: ["llama3.2"] });
});
const caller = await gateway.newCaller("10");
const openai = new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
const anthropic = new Anthropic({ apiKey: caller.apiKey, baseURL: gateway.url, maxRetries: 0 });

describe.each([
  ["vertex", "gemini-2.5-flash"],
  ["bedrock", "global.anthropic.claude-sonnet-4-5-20250929-v1:0"],
  ["azure", "gpt-4.1-mini"],
  ["ollama", "llama3.2"],
  ["deepseek", "deepseek-v4-flash"],
  ["mistral", "mistral-large-2512"],
  ["xai", "grok-4.3"],
  ["groq", "openai/gpt-oss-120b"],
  ["perplexity", "sonar"],
])("%s: %s", (vendor, model) => {
  test("an OpenAI caller and an Anthropic caller, whole and streamed, billed by the vendor's usage", async () => {
    const { userId, apiKey } = await gateway.newCaller("10");
    const [chat, messages] = [openai.withOptions({ apiKey }), anthropic.withOptions({ apiKey })];
    const ask = { model, messages: [{ role: "user" as const, content: "count to 4" }] };
    gateway.sandbox.reset();
    expect((await chat.chat.completions.create(ask)).choices[0]?.message.content).toBe("1, 2, 3, 4");
    let text = "";
    for await (const chunk of await chat.chat.completions.create({ ...ask, stream: true })) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toBe("1, 2, 3, 4");
    const whole = await messages.messages.create({ ...ask, max_tokens: 500 });
    expect(whole.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("")).toBe("1, 2, 3, 4");
    expect((await messages.messages.stream({ ...ask, max_tokens: 500 }).finalMessage()).content.at(-1)).toMatchObject({ type: "text", text: "1, 2, 3, 4" });
    expect(new Set(gateway.seen().map((seen) => seen.vendor))).toEqual(new Set([vendor]));
    const rows = await gateway.rows(userId, 4);
    expect(rows.map((row) => Number(row.charge_nano) > 0)).toEqual([true, true, true, true]);
  });
});
