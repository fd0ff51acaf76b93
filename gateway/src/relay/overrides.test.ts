import { expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";

const gateway = await testGateway();
const caller = await gateway.newCaller("10");
const gemini = { contents: [{ parts: [{ text: "count to 3" }] }] };

test("V03, V36: what would switch Gemini's usage off, override the call or carry another credential reaches no vendor; the charge is the reported one", async () => {
  gateway.sandbox.reset();
  const who = await gateway.newCaller("10");
  const response = await fetch(`${gateway.url}/v1beta/models/gemini-2.5-flash:streamGenerateContent?fields=candidates&access_token=zzz&%6Bey=yyy&alt=sse&$fields=a`, {
    method: "POST",
    headers: {
      "content-type": "application/json", "x-goog-api-key": who.apiKey, "x-goog-fieldmask": "candidates", "x-http-method-override": "GET", "idempotency-key": "mine",
      "x-portkey-custom-host": "http://elsewhere.test", "x-api-base": "http://elsewhere.test",
    },
    body: JSON.stringify({ ...gemini, api_base: "http://elsewhere.test", base_url: "http://elsewhere.test" }),
  });
  expect(response.status, await response.text()).toBe(200);
  const [seen, ...more] = gateway.seen();
  expect(more).toEqual([]);
  expect(seen?.path).toBe("/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
  expect(JSON.stringify([seen?.headers, seen?.path])).not.toMatch(/fieldmask|override|elsewhere|zzz|yyy|idempotency/i);
  expect(await gateway.rows(who.userId)).toMatchObject([{ status: 200, estimated: false }]);
});

test.each([
  ["openai", "/v1/chat/completions", { model: "gpt-4.1-mini", service_tier: "priority", messages: [{ role: "user", content: "hi" }] }, "service_tier"],
  ["anthropic", "/v1/messages", { model: "claude-sonnet-5", max_tokens: 9, speed: "fast", messages: [{ role: "user", content: "hi" }] }, "speed"],
  ["gemini", "/v1beta/models/gemini-2.5-flash:generateContent", { ...gemini, serviceTier: "priority" }, "serviceTier"],
])("V36: %s: a tier without a price is refused with 400 before the vendor is asked", async (_vendor, path, body, param) => {
  gateway.sandbox.reset();
  const response = await fetch(`${gateway.url}${path}`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}` }, body: JSON.stringify(body) });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain(param);
  expect(response.headers.get("x-should-retry")).toBe("false");
  expect(gateway.seen()).toEqual([]);
});
