import { afterAll, describe, expect, test } from "bun:test";
import { AzureOpenAI } from "openai";
import { startSandbox } from "../../../../simulators/src/server.ts";
import { azure } from "./index.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const CHAT = { name: "chat", upstreamPath: "/chat/completions", billable: true };
const RESPONSES = { name: "responses", upstreamPath: "/responses", billable: true };
const DATED = "https://acme.openai.azure.com/?api-version=2024-10-21";

test.each([
  [DATED, CHAT, "https://acme.openai.azure.com/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21"],
  [DATED, RESPONSES, "https://acme.openai.azure.com/openai/responses?api-version=2024-10-21"],
  ["https://acme.openai.azure.com", CHAT, "https://acme.openai.azure.com/openai/v1/chat/completions"],
  ["https://acme.services.ai.azure.com/openai/v1/", RESPONSES, "https://acme.services.ai.azure.com/openai/v1/responses"],
])("%s", (base, endpoint, address) => {
  expect(azure.address(base, endpoint, "my gpt", "?api-version=1999-01-01&key=x")).toBe(address);
});

test("credentials: a key in its own header, a token as a bearer's", () => {
  const [key, token]: Record<string, string>[] = [{}, {}];
  azure.authorize(key as Record<string, string>, "0123456789abcdef");
  azure.authorize(token as Record<string, string>, "eyJh.eyJi.c2ln");
  expect([key, token]).toEqual([{ "api-key": "0123456789abcdef" }, { authorization: "Bearer eyJh.eyJi.c2ln" }]);
});

test("the environment's version joins the address", () => {
  const settle = (baseUrl: string, version?: string) => azure.environment.settle?.({ credential: "k", baseUrl }, (name) => (name === "OPENAI_API_VERSION" ? version : undefined)).baseUrl;
  expect(settle("https://a.openai.azure.com", "2024-10-21")).toBe("https://a.openai.azure.com/?api-version=2024-10-21");
  expect(settle("https://a.openai.azure.com")).toBe("https://a.openai.azure.com");
  expect(settle("https://a.openai.azure.com?api-version=x", "2024-10-21")).toBe("https://a.openai.azure.com/?api-version=x");
});

describe("against the simulator, which the official client confirms", () => {
  const client = new AzureOpenAI({ endpoint: `${sandbox.url}/azure`, apiKey: "azure-key-1", apiVersion: "2024-10-21", deployment: "gpt-4.1", maxRetries: 0 });
  const messages = [{ role: "user" as const, content: "count to 4" }];

  test("AzureOpenAI: whole, stream and content filter", async () => {
    expect((await client.chat.completions.create({ model: "gpt-4.1", messages })).choices[0]?.message.content).toBe("1, 2, 3, 4");
    let text = "";
    for await (const chunk of await client.chat.completions.create({ model: "gpt-4.1", messages, stream: true })) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toBe("1, 2, 3, 4");
    const refusal = await client.chat.completions.create({ model: "gpt-4.1", messages: [{ role: "user", content: "[[violence]]" }] }).then(undefined, (error: unknown) => error);
    expect(refusal).toMatchObject({ status: 400, code: "content_filter" });
  });

  const ask = async (base: string, model: string, content: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string; path: string }> => {
    sandbox.reset();
    azure.authorize(headers, "azure-key-1");
    const response = await fetch(azure.address(base, CHAT, model, ""), { method: "POST", headers, body: JSON.stringify({ model, messages: [{ role: "user", content }] }) });
    return { status: response.status, text: await response.text(), path: String(sandbox.requests()[0]?.["path"]) };
  };

  test.each([`${sandbox.url}/azure`, `${sandbox.url}/azure?api-version=2024-10-21`])("our addresses reach it: %s", async (base) => {
    expect(await ask(base, "my-deployment", "say yes")).toMatchObject({ status: 200 });
  });

  test.each([
    ["gpt-4.1", "[[violence]]", {}, "caller"],
    ["no-such-unknown", "hi", {}, "no_model"],
    ["gpt-4.1", "hi", { "x-sandbox-fault": "bad-key" }, "auth"],
    ["gpt-4.1", "hi", { "x-sandbox-fault": "status=429" }, "rate_limited"],
    ["gpt-4.1", "hi", { "x-sandbox-fault": "no-balance" }, "no_balance"],
    ["gpt-4.1", "hi", { "x-sandbox-fault": "status=503" }, "overloaded"],
  ])("%s %p %p is %s", async (model, content, headers, kind) => {
    const { status, text } = await ask(`${sandbox.url}/azure?api-version=2024-10-21`, model, content, headers);
    expect(azure.classify(status, text).kind).toBe(kind as never);
  });
});
