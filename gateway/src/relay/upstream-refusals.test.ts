import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";

/**
 * A vendor that answers what the case at hand says, and a second account that always answers well. Bodies are constructed after the vendors' documents;
 * the vendor's own address, key and headers are what a test may look for.
 */
let answer: (path: string, body: string) => Response = () => new Response("{}");
let elsewhere = 0;
const other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => ((elsewhere += 1), new Response("not here")) });
const vendor = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: async (request) => answer(new URL(request.url).pathname, await request.text()) });
const gateway = await testGateway((config, sandboxUrl) => {
  const channel = (name: string, vendorId: string, baseUrl: string, models: string[] | undefined, priority: number) =>
    config.channels.push({ name, vendor: vendorId, baseUrl, credentials: name.startsWith("odd") ? [`Zq1-first-${name}`, `Zq1-other-${name}`] : [`sk-${name}`], modelMapping: {}, priority, weight: 1, timeouts: {}, enabled: true, ...(models ? { models } : {}) });
  const odd = `http://127.0.0.1:${vendor.port}`;
  channel("odd-openai", "openai", `${odd}/v1`, ["gpt-4.1-mini", "gpt-4o"], 1);
  channel("odd-gemini", "gemini", odd, ["gemini-2.5-flash", "gemini-2.5-pro"], 1);
  channel("good-openai", "openai", `${sandboxUrl}/openai`, ["gpt-4.1-mini", "gpt-4.1-nano", "gpt-4.1"], 0);
  channel("odd-nameless", "openai", "http://no-such-host.invalid/v1", ["gpt-4.1-nano"], 1);
  channel("odd-closed", "openai", "http://127.0.0.1:1/v1", ["gpt-4.1"], 1);
  channel("odd-mistral", "mistral", `${odd}/v1`, ["mistral-large-2512"], 1);
  channel("odd-deepseek", "deepseek", `${odd}/v1`, ["deepseek-v4-flash"], 1);
  channel("odd-jina", "jina", odd, ["jina-embeddings-v3"], 1);
  channel("good-gemini", "gemini", `${sandboxUrl}/gemini`, ["gemini-2.5-flash"], 0);
});
const caller = await gateway.newCaller("100");
/** `alone`: a model that only the odd vendor serves. */
const ask = (vendorId: "openai" | "gemini", alone: boolean): Promise<Response> => {
  const [path, body] =
    vendorId === "openai"
      ? ["/v1/chat/completions", { model: alone ? "gpt-4o" : "gpt-4.1-mini", messages: [{ role: "user", content: "count to 3" }] }]
      : [`/v1beta/models/${alone ? "gemini-2.5-pro" : "gemini-2.5-flash"}:generateContent`, { contents: [{ parts: [{ text: "count to 3" }] }] }];
  return fetch(`${gateway.url}${path}`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}` }, body: JSON.stringify(body) });
};
const open = (): string[] => gateway.channels.health.openCircuits().map((circuit) => circuit.target);

beforeEach(() => {
  gateway.channels.budget.refill();
  for (const id of ["odd-openai", "odd-gemini", "odd-nameless", "odd-closed"]) gateway.channels.health.forget(`file:${id}`);
});
afterAll(() => Promise.all([vendor.stop(true), other.stop(true)]));

describe.each(["openai", "gemini"] as const)("%s", (vendorId) => {
  test.each([301, 302, 307, 308])("V03, F14: a redirect (%d) is not followed: another channel answers, and without one it is a 502", async (status) => {
    elsewhere = 0;
    answer = () => new Response(null, { status, headers: { location: `http://127.0.0.1:${other.port}/` } });
    expect((await ask(vendorId, false)).status).toBe(200);
    const alone = await ask(vendorId, true);
    expect(alone.status).toBe(502);
    expect(alone.headers.get("location")).toBeNull();
    expect(elsewhere).toBe(0);
  });

  test("a 403 of unknown reason: another account answers, and no credential is taken out for it", async () => {
    answer = () => Response.json({ error: { code: 403, message: "The caller does not have permission", status: "PERMISSION_DENIED", type: "x" } }, { status: 403 });
    expect((await ask(vendorId, false)).status).toBe(200);
    expect(open()).toEqual([]);
    const alone = await ask(vendorId, true);
    expect(alone.status).toBe(403);
    expect(await alone.text()).toContain("The caller does not have permission");
    expect(alone.headers.get("x-should-retry")).toBe("false");
    expect(open()).toEqual([]);
  });
});

test.each([
  ["F15", "a name that does not resolve", "gpt-4.1-nano"],
  ["F13", "a port where nobody listens", "gpt-4.1"],
])("%s: %s: another channel answers, within a second", async (_id, _what, model) => {
  const startedAt = performance.now();
  for (let i = 0; i < 7; i += 1) {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}` }, body: JSON.stringify({ model, messages: [{ role: "user", content: "count to 3" }] }),
    });
    expect(response.status, await response.text()).toBe(200);
  }
  expect(performance.now() - startedAt).toBeLessThan(7_000);
});

test("a 403 for a file of somebody else is the caller's to read: no other account is asked, nothing is taken out", async () => {
  let asked = 0;
  answer = () => ((asked += 1), Response.json({ error: { code: 403, message: "You do not have permission to access the File abc or it may not exist.", status: "PERMISSION_DENIED" } }, { status: 403 }));
  for (let i = 0; i < 7; i += 1) {
    const response = await ask("gemini", false);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("the File abc");
  }
  expect(asked).toBe(7);
  expect(open()).toEqual([]);
});

test("V29: a refusal that names the channel's keys, the asked one and the others, and its address: none of them reaches the caller", async () => {
  const message = `key Zq1-first-odd-openai or Zq1-other-odd-openai at 127.0.0.1:${vendor.port} (http://127.0.0.1:${vendor.port}/v1) is not the matter`;
  answer = () => Response.json({ error: { message, type: "invalid_request_error", param: "127.0.0.1", code: "x" } }, { status: 400 });
  const response = await ask("openai", true);
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: { message: "key [redacted] or [redacted] at [redacted] ([redacted]) is not the matter", type: "invalid_request_error", param: "[redacted]", code: "x" } });
});

test("S19: thinking that another of OpenAI's organisations sealed: the request goes once more without it (the refusal as openai/codex#13724 quotes it)", async () => {
  const seen: Record<string, unknown>[][] = [];
  answer = (_path, body) => {
    const { input } = JSON.parse(body) as { input: Record<string, unknown>[] };
    seen.push(input);
    if (input.some((item) => item["encrypted_content"] !== undefined))
      return Response.json({ error: { message: "The encrypted content gAAA could not be verified. Reason: Encrypted content organization_id did not match the target organization.", type: "invalid_request_error", param: null, code: "invalid_encrypted_content" } }, { status: 400 });
    return Response.json({ id: "resp_1", object: "response", status: "completed", output: [{ type: "message", id: "msg_2", role: "assistant", status: "completed", content: [{ type: "output_text", text: "hi", annotations: [] }] }], usage: { input_tokens: 5, output_tokens: 1 } });
  };
  const input = [
    { role: "user", content: "a" }, { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA" },
    { type: "function_call", id: "fc_1", call_id: "c", name: "f", arguments: "{}" }, { type: "function_call_output", call_id: "c", output: "ok" },
  ];
  const response = await fetch(`${gateway.url}/v1/responses`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}` }, body: JSON.stringify({ model: "gpt-4o", store: false, input }) });
  expect(response.status, await response.clone().text()).toBe(200);
  expect(seen.map((items) => items.map((item) => [item["type"] ?? item["role"], item["id"]]))).toEqual([
    [["user", undefined], ["reasoning", "rs_1"], ["function_call", "fc_1"], ["function_call_output", undefined]],
    [["user", undefined], ["function_call", undefined], ["function_call_output", undefined]],
  ]);
  expect(open()).toEqual([]);
});

describe("refusals in forms of their own are told in the caller's words", () => {
  const messages = [{ role: "user", content: "x" }];
  const detail = [{ type: "extra_forbidden", loc: ["body", "messages", 1, "x"], msg: "Extra inputs are not permitted", input: "x" }];
  test.each([
    ["odd-mistral", "/v1/chat/completions", { model: "mistral-large-2512", messages }, { object: "error", message: { detail }, type: "invalid_request_error" }, "messages.1.x: Extra inputs are not permitted"],
    ["odd-deepseek", "/v1/chat/completions", { model: "deepseek-v4-flash", messages }, { error_msg: "Failed to deserialize the JSON body" }, "Failed to deserialize the JSON body"],
    ["odd-jina", "/v1/embeddings", { model: "jina-embeddings-v3", input: [[1, 2], [3]] }, { detail: [{ type: "string_type", loc: ["body", "input", 0], msg: "Input should be a valid string" }] }, "input.0: Input should be a valid string"],
  ])("%s", async (_name, path, body, refusal, told) => {
    answer = () => Response.json(refusal, { status: 422 });
    const response = await fetch(`${gateway.url}${path}`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}` }, body: JSON.stringify(body) });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining(told) as string, type: "invalid_request_error" } });
  });

  test("V29: whose account was asked is nobody's to read (OpenRouter)", async () => {
    answer = () => Response.json({ error: { message: "Provider returned error", code: 400 }, user_id: "user_abc" }, { status: 400 });
    const response = await ask("openai", true);
    expect(await response.text()).not.toContain("user_abc");
  });
});

test("a test key's faults do not shut the simulator for others", async () => {
  const tester = await gateway.newCaller("0", { sandbox: true });
  const send = (fault?: string): Promise<Response> =>
    fetch(`${gateway.url}/v1/messages`, {
      method: "POST", headers: { "content-type": "application/json", "x-api-key": fault === undefined ? caller.apiKey : tester.apiKey, "anthropic-version": "2023-06-01", ...(fault ? { "x-sandbox-fault": fault } : {}) },
      body: JSON.stringify({ model: "claude-sonnet-5", max_tokens: 9, messages: [{ role: "user", content: "hello" }] }),
    });
  for (const fault of ["bad-key", "no-balance", "status=500"]) expect((await send(fault)).ok).toBe(false);
  expect((await send()).status).toBe(200);
});
