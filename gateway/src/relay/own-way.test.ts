import { describe, expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";

/** Vendors that speak OpenAI's chat in their own way; what their simulators refuse is constructed from their documents. */
const gateway = await testGateway();

const ask = (key: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
const MISTRAL = "mistral-large-2512";
const messages = [{ role: "user", content: "count to 4" }];

describe("a chat request that the vendor does not take as it stands is put into its words", () => {
  test("stream_options: the stream comes, with the usage that was asked for", async () => {
    const caller = await gateway.newCaller("10");
    const response = await ask(caller.apiKey, { model: MISTRAL, stream: true, stream_options: { include_usage: true }, messages });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    expect(text).toContain('"prompt_tokens"');
    expect(text).toEndWith("data: [DONE]\n\n");
  });

  test("a developer message reaches it as one of the system", async () => {
    const caller = await gateway.newCaller("10");
    const response = await ask(caller.apiKey, { model: MISTRAL, messages: [{ role: "developer", content: "Be brief." }, ...messages] });
    expect(response.status, await response.clone().text()).toBe(200);
  });

  test("what it cannot be told is named, and refused in strict mode", async () => {
    const caller = await gateway.newCaller("10");
    const body = { model: MISTRAL, seed: 1, logprobs: true, messages };
    const response = await ask(caller.apiKey, body);
    expect(response.status, await response.clone().text()).toBe(200);
    expect(response.headers.get("x-yescale-dropped")).toContain("logprobs");
    const strict = await ask(caller.apiKey, body, { "x-yescale-strict": "1" });
    expect(strict.status).toBe(400);
  });

  test("promise 2: a request without such words passes byte for byte", async () => {
    const caller = await gateway.newCaller("10");
    gateway.sandbox.reset();
    const body = `{ "model":"${MISTRAL}",  "messages":[{"role":"user","content":"count to 4"}], "temperature": 0.10 }`;
    await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body });
    expect(Buffer.from(gateway.seen()[0]?.body.base64 ?? "", "base64").toString()).toBe(body);
  });

  test("a refusal in the vendor's own form is told in the caller's", async () => {
    const caller = await gateway.newCaller("10");
    const response = await ask(caller.apiKey, { model: MISTRAL, messages: [] });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) as string } });
  });
});
