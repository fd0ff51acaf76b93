import { afterAll, expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";

/** An upstream that reports what no vendor could. */
const upstream = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: () =>
    new Response('{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1e25,"completion_tokens":1e300,"total_tokens":1e300}}', {
      headers: { "content-type": "application/json" },
    }),
});
afterAll(() => upstream.stop(true));
const gateway = await testGateway((config) =>
  config.channels.push({ name: "odd", vendor: "openai", baseUrl: `${upstream.url.origin}/v1`, credentials: ["sk-odd"], models: ["gpt-4.1-nano"], modelMapping: {}, priority: 10, weight: 1, timeouts: {}, enabled: true }),
);

const chat = (key: string, body: string) =>
  fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body });

test("M37, F09: a model name with NUL, half a surrogate pair, or a usage of 1e25 stops nobody's billing", async () => {
  const caller = await gateway.newCaller("100");
  for (const model of [String.raw`a\u0000b`, String.raw`\ud800x`, `${"y".repeat(199)}😀`]) expect((await chat(caller.apiKey, `{"model":"${model}","messages":[]}`)).status).toBe(404);
  const path = await fetch(`${gateway.url}/v1beta/models/a%00b:generateContent`, { method: "POST", headers: { "x-goog-api-key": caller.apiKey, "content-type": "application/json" }, body: '{"contents":[]}' });
  expect(path.status).toBe(404);
  expect((await chat(caller.apiKey, '{"model":"gpt-4.1-nano","messages":[]}')).status).toBe(200);
  const after = await fetch(`${gateway.url}/v1/messages`, {
    method: "POST",
    headers: { "x-api-key": caller.apiKey, "anthropic-version": "2023-06-01", "content-type": "application/json" },
    body: '{"model":"claude-sonnet-4-5","max_tokens":20,"messages":[{"role":"user","content":"hi"}]}',
  });
  expect(after.status).toBe(200);
  const rows = await gateway.rows(caller.userId, 6);
  expect(rows.map((row) => row.status)).toEqual([404, 404, 404, 404, 200, 200]);
  expect(rows.map((row) => row.model).slice(0, 2)).toEqual(["a\ufffdb", "\ufffdx"]);
  expect(BigInt(rows[5]?.charge_nano ?? 0)).toBeGreaterThan(0n);
  expect(await gateway.checkMoney()).toMatchObject({ wrongBalances: [], wrongCharges: [] });
});
