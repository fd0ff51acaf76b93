import { describe, expect, test } from "bun:test";
import AnthropicNew from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import AnthropicOld from "anthropic-sdk-0";
import OpenAI from "openai";
import { testGateway } from "../testing/gateway.ts";
import { setKeyStatus } from "../store/queries/keys.ts";

const gateway = await testGateway();
const caller = await gateway.newCaller("100");
const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}${path}`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}`, ...headers }, body });
const chat = (content = "hello") => JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content }] });

describe("official SDKs, unchanged but for the base URL", () => {
  test("openai: chat, stream, tools, models", async () => {
    const client = new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const whole = await client.chat.completions.create({ model: "gpt-4.1-mini", messages: [{ role: "user", content: "count to 4" }] });
    let text = "";
    for await (const chunk of await client.chat.completions.create({ model: "gpt-4.1-mini", stream: true, messages: [{ role: "user", content: "count to 4" }] })) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toBe(whole.choices[0]?.message.content ?? "");
    const called = await client.chat.completions.create({
      model: "gpt-4.1-mini", messages: [{ role: "user", content: "use get_weather for Hanoi" }],
      tools: [{ type: "function", function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } } }],
    });
    expect(called.choices[0]?.finish_reason).toBe("tool_calls");
    const models = await client.models.list();
    expect(models.data.map((model) => model.id)).toContain("gpt-4.1-mini");
    expect((await client.models.retrieve("gpt-4.1-mini")).id).toBe("gpt-4.1-mini");
  });

  test.each([["1.x", AnthropicNew], ["0.x", AnthropicOld as unknown as typeof AnthropicNew]])("anthropic %s: messages, stream, count_tokens, models", async (_version, Client) => {
    const client = new Client({ apiKey: caller.apiKey, baseURL: gateway.url, maxRetries: 0 });
    const request = { model: "claude-sonnet-5", max_tokens: 100, messages: [{ role: "user" as const, content: "count to 4" }] };
    const whole = await client.messages.create(request);
    const streamed = await client.messages.stream(request).finalMessage();
    expect(JSON.stringify(streamed.content)).toContain(JSON.stringify(whole.content[0]).slice(1, -1));
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
    expect((await client.messages.countTokens({ model: request.model, messages: request.messages })).input_tokens).toBeGreaterThan(0);
    const ids: string[] = [];
    for await (const model of client.models.list({ limit: 2 })) ids.push(model.id);
    expect(ids).toContain("claude-sonnet-5");
  });

  test("google genai: generate, stream, count, models", async () => {
    const client = new GoogleGenAI({ apiKey: caller.apiKey, httpOptions: { baseUrl: gateway.url } });
    const request = { model: "gemini-2.5-flash", contents: "count to 4" };
    const whole = await client.models.generateContent(request);
    let text = "";
    for await (const chunk of await client.models.generateContentStream(request)) text += chunk.text ?? "";
    expect(text).toBe(whole.text ?? "");
    expect((await client.models.countTokens(request)).totalTokens).toBeGreaterThan(0);
    const names: string[] = [];
    for await (const model of await client.models.list()) names.push(model.name ?? "");
    expect(names).toContain("models/gemini-2.5-flash");
  });
});

describe("addresses and credentials", () => {
  test.each(["/v1/chat/completions", "/chat/completions", "/v1/v1/chat/completions", "//v1//chat/completions/", "/v1/chat/completions/chat/completions"])("%s works", async (path) => {
    expect((await post(path, chat())).status).toBe(200);
  });

  test.each([
    ["bearer", { authorization: "Bearer KEY" }],
    ["bare", { authorization: "KEY" }],
    ["Key", { authorization: "Key KEY" }],
    ["x-api-key", { "x-api-key": "KEY" }],
    ["x-goog-api-key", { "x-goog-api-key": "KEY" }],
  ] as const)("credential as %s", async (_name, headers) => {
    const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace("KEY", caller.apiKey)]));
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json", ...sent }, body: chat() });
    expect(response.status).toBe(200);
  });

  test("?key= works for Gemini and never reaches the vendor's address", async () => {
    gateway.sandbox.reset();
    const response = await fetch(`${gateway.url}/v1beta/models/gemini-2.5-flash:generateContent?key=${caller.apiKey}`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ contents: [{ parts: [{ text: "hi" }] }] }),
    });
    expect(response.status).toBe(200);
    expect(JSON.stringify(gateway.seen())).not.toContain(caller.apiKey);
  });

  test.each(["openai/gpt-oss-120b", "openai%2Fgpt-oss-120b", "accounts/fireworks/models/kimi-k3", "amazon.nova-pro-v1:0"])("a name with slashes or colons in Google's addresses: %s", async (model) => {
    const headers = { "content-type": "application/json", "x-goog-api-key": caller.apiKey };
    const response = await fetch(`${gateway.url}/v1beta/models/${model}:generateContent`, { method: "POST", headers, body: JSON.stringify({ contents: [{ parts: [{ text: "say yes" }] }] }) });
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining("yes")]);
    const found = await fetch(`${gateway.url}/v1beta/models/${model}`, { headers });
    expect([found.status, await found.json()]).toEqual([200, expect.objectContaining({ name: `models/${decodeURIComponent(model)}` })]);
  });

  test("a verb of Google's that is not served is not found", async () => {
    const response = await post("/v1beta/models/gemini-2.5-flash:makeCoffee", "{}");
    expect([response.status, await response.json()]).toEqual([404, { error: expect.objectContaining({ status: "NOT_FOUND" }) }]);
  });

  test("agents look first without a key: HEAD / and HEAD /api/hello", async () => {
    for (const path of ["/", "/api/hello"]) expect((await fetch(`${gateway.url}${path}`, { method: "HEAD" })).status).toBe(200);
  });

  test("the model list's shape follows the headers", async () => {
    const list = async (headers: Record<string, string>): Promise<Record<string, unknown>> => (await (await fetch(`${gateway.url}/v1/models`, { headers })).json()) as Record<string, unknown>;
    expect(await list({ authorization: `Bearer ${caller.apiKey}` })).toMatchObject({ object: "list" });
    expect(await list({ "x-api-key": caller.apiKey, "anthropic-version": "2023-06-01" })).toMatchObject({ has_more: false });
    expect(Object.keys(await list({ "x-goog-api-key": caller.apiKey }))).toEqual(["models"]);
  });
});

describe("bad requests get a precise error and cost nothing", () => {
  test.each([
    ["bad JSON", "/v1/chat/completions", '{"model":', {}, 400, "not valid JSON"],
    ["empty", "/v1/chat/completions", "", {}, 400, "empty"],
    ["no model", "/v1/chat/completions", '{"messages":[]}', {}, 400, "names no model"],
    ["unknown model", "/v1/chat/completions", '{"model":"gpt-99","messages":[]}', {}, 404, "gpt-99"],
    ["type", "/v1/chat/completions", "x", { "content-type": "image/png" }, 415, "application/json"],
    ["coding", "/v1/chat/completions", "x", { "content-encoding": "gzip" }, 415, "content-encoding"],
    ["route", "/v1/nothing", "{}", {}, 404, "nothing"],
    ["retired", "/v1beta/models/gemini-1.5-flash:generateContent", '{"contents":[]}', {}, 404, "retired"],
  ] as const)("%s", async (_name, path, body, headers, status, text) => {
    gateway.sandbox.reset();
    const response = await post(path, body, headers);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(text);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(response.headers.get("x-request-id")).not.toBeNull();
    expect(gateway.seen()).toEqual([]);
  });

  test("method: 405 with Allow", async () => {
    const response = await fetch(`${gateway.url}/v1/messages`);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
    expect(await response.json()).toMatchObject({ type: "error" });
  });

  test.each([["POST", "/healthz", "GET, HEAD"], ["POST", "/yescale/user", "GET, HEAD"], ["DELETE", "/yescale/apikeylist", "GET, HEAD"]])("%s %s: 405 with Allow", async (method, path, allow) => {
    const response = await fetch(`${gateway.url}${path}`, { method, headers: { authorization: `Bearer ${caller.accessKey}` } });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(allow);
    expect(response.headers.get("content-type")).toStartWith("application/json");
  });

  test("/v1beta/v1: a base URL and an SDK that both name a version", async () => {
    const response = await post("/v1beta/v1/models/gemini-2.5-flash:generateContent", JSON.stringify({ contents: [{ parts: [{ text: "hi" }] }] }));
    expect(response.status).toBe(200);
  });

  test("V08: a body beyond the limit is refused by its length, before it is read", async () => {
    const response = await post("/v1/chat/completions", "x".repeat(65 * 1024 * 1024));
    expect(response.status).toBe(413);
  });

  test.each(["Bearer", "Bearer ", "Bearer sk-", "sk-wrong", `Bearer ${"x".repeat(5_000)}`, "Bearer %00' OR 1=1--"])("V01, V13: credential %p is refused", async (authorization) => {
    expect((await post("/v1/chat/completions", chat(), { authorization })).status).toBe(401);
  });
});

describe("keys", () => {
  test("a disabled key is refused in every process within a second", async () => {
    const who = await gateway.newCaller("1");
    const ask = async (): Promise<number> => (await post("/v1/chat/completions", chat(), { authorization: `Bearer ${who.apiKey}` })).status;
    expect(await ask()).toBe(200);
    await setKeyStatus(gateway.db, who.keyId, 2);
    const deadline = performance.now() + 1_000;
    let status = 200;
    while (status === 200 && performance.now() < deadline) status = await ask();
    expect(status).toBe(403);
  });

  test("limits: expiry, models, addresses, group, quota", async () => {
    const ask = async (key: string): Promise<number> => (await post("/v1/chat/completions", chat(), { authorization: `Bearer ${key}` })).status;
    expect(await ask((await gateway.newCaller("1", { expiresAt: new Date(Date.now() - 1) })).apiKey)).toBe(401);
    expect(await ask((await gateway.newCaller("1", { models: ["gpt-4o"] })).apiKey)).toBe(403);
    expect(await ask((await gateway.newCaller("1", { addresses: ["10.0.0.0/8", "2001:db8::/32"] })).apiKey)).toBe(403);
    expect(await ask((await gateway.newCaller("1", { addresses: ["127.0.0.0/8"] })).apiKey)).toBe(200);
    expect(await ask((await gateway.newCaller("1", { group: "claude" })).apiKey)).toBe(403);
    expect(await ask((await gateway.newCaller("1", { quotaNano: 10n })).apiKey)).toBe(402);
  });

  test("a limit written as a dated name: the list shows the model, and it answers by both names", async () => {
    const who = await gateway.newCaller("1", { models: ["claude-haiku-4-5-20251001"] });
    const list = (await (await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${who.apiKey}` } })).json()) as { data: { id: string }[] };
    expect(list.data).toHaveLength(1);
    const ask = async (model: string): Promise<number> =>
      (await post("/v1/messages", JSON.stringify({ model, max_tokens: 9, messages: [{ role: "user", content: "hi" }] }), { authorization: `Bearer ${who.apiKey}` })).status;
    expect([await ask("claude-haiku-4-5"), await ask("claude-haiku-4-5-20251001"), await ask("claude-sonnet-5")]).toEqual([200, 200, 403]);
  });

  test("a group's ratio multiplies the charge, and the lines sum to it", async () => {
    const [plain, vip] = [await gateway.newCaller("1"), await gateway.newCaller("1", { group: "openaivip" })];
    for (const who of [plain, vip]) expect((await post("/v1/chat/completions", chat("count to 20"), { authorization: `Bearer ${who.apiKey}` })).status).toBe(200);
    const [[one], [other]] = [await gateway.rows(plain.userId), await gateway.rows(vip.userId)];
    expect(Number(other?.charge_nano)).toBe(Number(one?.charge_nano) * 1.5);
  });

  test("a sandbox key reaches simulators and never costs anything", async () => {
    const who = await gateway.newCaller("0", { sandbox: true });
    expect((await post("/v1/chat/completions", chat(), { authorization: `Bearer ${who.apiKey}` })).status).toBe(200);
    const [row] = await gateway.rows(who.userId);
    expect(row).toMatchObject({ charge_nano: "0", sandbox: true, channel: "sandbox-openai" });
  });
});

describe("System API", () => {
  const get = async (path: string, key: string) => {
    const response = await fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
    return { status: response.status, body: (await response.json()) as { success: boolean; data: Record<string, unknown> & Record<string, unknown>[] } };
  };

  test("the account and its keys, with the access key only", async () => {
    const who = await gateway.newCaller("2", { quotaNano: 1_000_000_000n });
    await post("/v1/chat/completions", chat(), { authorization: `Bearer ${who.apiKey}` });
    const [row] = await gateway.rows(who.userId);
    const user = await get("/yescale/user", who.accessKey);
    expect(user.body).toMatchObject({ success: true, data: { access_token: who.accessKey, request_count: 1, role: 1 } });
    expect(Number(user.body.data["quota"])).toBe(Math.round((2e9 - Number(row?.charge_nano)) / 2_000));
    const list = await get("/yescale/apikeylist", who.accessKey);
    expect(list.body.data[0]).toMatchObject({ name: "key", status: 1, expired_time: -1, unlimited_quota: false, group: "default" });
    expect(JSON.stringify(list.body)).not.toContain(who.apiKey);
    expect((await get("/yescale/apikeylist?keyword=%25", who.accessKey)).body.data).toEqual([] as never);
    for (const key of [who.apiKey, "", "nonsense"]) expect((await get("/yescale/user", key)).status).toBe(401);
    expect((await post("/v1/chat/completions", chat(), { authorization: `Bearer ${who.accessKey}` })).status).toBe(401);
  });
});

test("health, readiness, metrics and the description answer without a key", async () => {
  for (const path of ["/healthz", "/readyz", "/metrics", "/openapi.json"]) expect((await fetch(`${gateway.url}${path}`)).status, path).toBe(200);
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain("yescale_requests_total");
});
