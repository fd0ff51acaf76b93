import { Anthropic } from "@anthropic-ai/sdk";
import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { setLimitRule } from "../store/queries/limits.ts";
import { testGateway } from "../testing/gateway.ts";
import { eventually } from "../testing/program.ts";

const FAILED_PER_MINUTE = 60;
const gateway = await testGateway((config) => (config.failedKeysPerMinute = FAILED_PER_MINUTE));
const { db } = gateway;
const MODEL = "gpt-4.1-mini";

const chat = (apiKey: string, more: object = {}): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}` }, body: JSON.stringify({ model: MODEL, messages: [{ role: "user", content: "hi" }], max_tokens: 20, ...more }) });

/** Sets a rule and waits until the gateway has it: it shows in the headers of an answer, or in a refusal. */
async function limited(rule: Parameters<typeof setLimitRule>[1]): Promise<void> {
  await setLimitRule(db, rule);
  await Bun.sleep(100);
}

describe("V37: limits at the doors", () => {
  test("exactly ten of fifty connections at once, the rest is refused in words and headers, and costs nothing", async () => {
    const caller = await gateway.newCaller("10");
    await limited({ scope: "key", subject: caller.keyId, requestsPerMinute: 10 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => chat(caller.apiKey)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(40);
    const [one] = refused as [Response];
    expect(await one.json()).toMatchObject({ error: { code: "rate_limit_exceeded", message: expect.stringMatching(/^The limit of this API key is 10 requests per minute\. Try again in \d+ s\. \(request/) as string } });
    expect(Number(one.headers.get("retry-after"))).toBeGreaterThan(50);
    expect(one.headers.get("x-ratelimit-limit-requests")).toBe("10");
    expect(one.headers.get("x-ratelimit-remaining-requests")).toBe("0");
    expect(one.headers.get("x-ratelimit-reset-requests")).toMatch(/^(1m[01]s|\d\ds)$/);
    const rows = await gateway.rows(caller.userId, 50);
    expect(rows.filter((row) => row.end_reason === "rejected" && row.charge_nano === "0" && row.error_code === "rate_limit_exceeded")).toHaveLength(40);
    await gateway.checkMoney();
  });

  test("a client that does not listen is refused as often as it asks, but does not fill the log", async () => {
    const caller = await gateway.newCaller("10");
    await limited({ scope: "key", subject: caller.keyId, requestsPerMinute: 1 });
    for (let i = 0; i < 6; i += 1) await Promise.all(Array.from({ length: 50 }, async () => (await chat(caller.apiKey)).body?.cancel()));
    await Bun.sleep(300);
    const rows = await gateway.rows(caller.userId, 101);
    expect(rows.length).toBeLessThanOrEqual(202);
    expect(rows.filter((row) => row.end_reason === "rejected").length).toBeGreaterThanOrEqual(100);
  });

  test("V37: one account at full speed does not hold up another one", async () => {
    const [busy, calm] = [await gateway.newCaller("10"), await gateway.newCaller("10")];
    await limited({ scope: "user", subject: busy.userId, concurrency: 2 });
    let flooding = true;
    const flood = Promise.all(Array.from({ length: 100 }, async () => {
      while (flooding) await (await chat(busy.apiKey)).text();
    }));
    const times: number[] = [];
    for (let i = 0; i < 40; i += 1) {
      const startedAt = performance.now();
      expect((await chat(calm.apiKey)).status).toBe(200);
      times.push(performance.now() - startedAt);
    }
    flooding = false;
    await flood;
    // A hundred callers at once share this machine's cores with it; each of its requests still gets through within a second.
    expect(times.toSorted((a, b) => a - b)[38]).toBeLessThan(1_000);
  });

  test("SDKs of OpenAI and Anthropic read what is left, Gemini's callers are told in its own error", async () => {
    const caller = await gateway.newCaller("10");
    await limited({ scope: "user", subject: caller.userId, requestsPerMinute: 3, tokensPerMinute: 100_000 });
    const openai = new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const { response } = await openai.chat.completions.create({ model: MODEL, messages: [{ role: "user", content: "hi" }], stream: true }).withResponse();
    await response.body?.cancel();
    expect(response.headers.get("x-ratelimit-remaining-requests")).toBe("2");
    expect(response.headers.get("x-ratelimit-limit-tokens")).toBe("100000");
    expect(Number(response.headers.get("x-ratelimit-remaining-tokens"))).toBeLessThan(100_000);
    const anthropic = new Anthropic({ apiKey: caller.apiKey, baseURL: gateway.url, maxRetries: 0 });
    const told = await anthropic.messages.create({ model: "claude-haiku-4-5", max_tokens: 20, messages: [{ role: "user", content: "hi" }] }).withResponse();
    expect(told.response.headers.get("anthropic-ratelimit-requests-limit")).toBe("3");
    expect(told.response.headers.get("anthropic-ratelimit-requests-remaining")).toBe("1");
    expect(told.response.headers.get("anthropic-ratelimit-requests-reset")).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(told.response.headers.get("x-ratelimit-limit-requests")).toBeNull();
    const gemini = (): Promise<Response> =>
      fetch(`${gateway.url}/v1beta/models/gemini-2.5-flash:generateContent`, { method: "POST", headers: { "content-type": "application/json", "x-goog-api-key": caller.apiKey }, body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: "hi" }] }] }) });
    const last = await gemini();
    expect(last.status).toBe(200);
    expect([...last.headers.keys()].filter((name) => name.includes("ratelimit"))).toEqual([]);
    const refused = await gemini();
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ error: { code: 429, status: "RESOURCE_EXHAUSTED" } });
    expect(await openai.chat.completions.create({ model: MODEL, messages: [{ role: "user", content: "hi" }] }).then(() => undefined, (error: unknown) => error)).toBeInstanceOf(OpenAI.RateLimitError);
    const anthropicError = await anthropic.messages.create({ model: "claude-haiku-4-5", max_tokens: 20, messages: [{ role: "user", content: "hi" }] }).then(() => undefined, (error: unknown) => error);
    expect(anthropicError).toBeInstanceOf(Anthropic.RateLimitError);
  });

  test("a place is free again however a request ends: in full, refused by the vendor, left by its caller, without money", async () => {
    const caller = await gateway.newCaller("10");
    await limited({ scope: "key", subject: caller.keyId, concurrency: 1 });
    const free = (): Promise<boolean> => eventually(async () => (await chat(caller.apiKey)).status === 200, 5_000);
    const slow = { stream: true, messages: [{ role: "user", content: "hi" }] };
    expect((await chat(caller.apiKey, { messages: [{ role: "user", content: "hi" }], temperature: 99 })).status).toBe(400);
    expect(await free()).toBe(true);
    for (let round = 0; round < 3; round += 1) {
      const leaving = new AbortController();
      const pending = fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", signal: leaving.signal, headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}`, "x-sandbox-fault": "hang" }, body: JSON.stringify({ model: MODEL, ...slow }) }).catch(() => undefined);
      expect(await eventually(async () => (await chat(caller.apiKey)).status === 429, 5_000)).toBe(true);
      leaving.abort();
      await pending;
      expect(await free()).toBe(true);
    }
    const poor = await gateway.newCaller("0");
    await limited({ scope: "key", subject: poor.keyId, concurrency: 1, requestsPerMinute: 2 });
    for (let i = 0; i < 4; i += 1) expect((await chat(poor.apiKey)).status).toBe(402);
  });

  test("M17: spend of a day is reserved, corrected by the charge, and ends with 402; a model's and a group's limit meet all its callers", async () => {
    const caller = await gateway.newCaller("10");
    await limited({ scope: "user", subject: caller.userId, spendPerDay: 2_000_000 });
    let served = 0;
    for (let i = 0; i < 200; i += 1) {
      const answer = await chat(caller.apiKey);
      if (answer.status === 402) {
        expect(await answer.json()).toMatchObject({ error: { code: "spend_limit_reached", message: expect.stringContaining("The limit of this account is $0.002 per day (UTC).") as string } });
        expect(answer.headers.get("x-should-retry")).toBe("false");
        break;
      }
      served += 1;
    }
    expect(served).toBeGreaterThan(5);
    const rows = await gateway.rows(caller.userId, served + 1);
    expect(rows.reduce((sum, row) => sum + Number(row.charge_nano), 0)).toBeLessThanOrEqual(2_000_000);
    const [one, two] = [await gateway.newCaller("10"), await gateway.newCaller("10")];
    await limited({ scope: "model", subject: "gpt-4.1-nano", requestsPerMinute: 1 });
    expect((await chat(one.apiKey, { model: "gpt-4.1-nano" })).status).toBe(200);
    expect((await chat(two.apiKey, { model: "gpt-4.1-nano" })).status).toBe(429);
    expect((await chat(two.apiKey)).status).toBe(200);
  });

  test("each key has the limit that stands for all, but for those with one of their own; a rule that is gone limits nobody", async () => {
    const [one, two] = [await gateway.newCaller("10"), await gateway.newCaller("10")];
    await limited({ scope: "key", subject: "*", requestsPerMinute: 1 });
    await limited({ scope: "key", subject: two.keyId, requestsPerMinute: 2 });
    expect([(await chat(one.apiKey)).status, (await chat(one.apiKey)).status]).toEqual([200, 429]);
    expect([(await chat(two.apiKey)).status, (await chat(two.apiKey)).status, (await chat(two.apiKey)).status]).toEqual([200, 200, 429]);
    await limited({ scope: "key", subject: "*" });
    expect((await chat(one.apiKey)).status).toBe(200);
  });

  test("a request that alone is beyond the limit of tokens is told so, and tokens count as they were used", async () => {
    const caller = await gateway.newCaller("10");
    await limited({ scope: "key", subject: caller.keyId, tokensPerMinute: 1_000 });
    const refused = await chat(caller.apiKey, { messages: [{ role: "user", content: "word ".repeat(5_000) }] });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("x-should-retry")).toBe("false");
    expect(((await refused.json()) as { error: { message: string } }).error.message).toMatch(/1000 tokens per minute; this request alone needs \d{4,}/);
    // What is assumed of an answer takes the whole limit at most.
    const answer = await chat(caller.apiKey, { max_tokens: 64_000 });
    expect(answer.status).toBe(200);
    const { usage } = (await answer.json()) as { usage: { total_tokens: number } };
    const next = await chat(caller.apiKey, { max_tokens: 100 });
    expect(next.status).toBe(200);
    await next.json();
    expect(1_000 - Number(next.headers.get("x-ratelimit-remaining-tokens"))).toBeGreaterThanOrEqual(usage.total_tokens + 100);
  });
});

describe("F21: a flood of invalid keys", () => {
  test("at the management routes too, where a valid access key from the same address is served", async () => {
    const caller = await gateway.newCaller("10");
    const user = (accessKey: string): Promise<Response> => fetch(`${gateway.url}/yescale/user`, { headers: { authorization: `Bearer ${accessKey}` } });
    const answers = await Promise.all(Array.from({ length: 300 }, (_, index) => user(`ak_wrong${index}`)));
    const told = answers.filter(({ status }) => status === 429);
    // A flood that a minute ends in has the number of two.
    expect(told.length).toBeGreaterThanOrEqual(300 - 2 * FAILED_PER_MINUTE);
    expect(Number(told[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await told[0]?.json()).toMatchObject({ success: false });
    expect((await user(caller.accessKey)).status).toBe(200);
  });

  test("is told to wait, while a valid key from the same address is served", async () => {
    const caller = await gateway.newCaller("10");
    // Known to the gateway before the flood: how soon a new key is known is another test's subject.
    expect(await eventually(async () => (await chat(caller.apiKey)).status === 200, 5_000)).toBe(true);
    const statuses = new Map<number, number>();
    const answers = await Promise.all(Array.from({ length: 400 }, (_, index) => chat(`sk-wrong${index}`)));
    for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    expect(statuses.get(429)).toBeGreaterThanOrEqual(200);
    expect((statuses.get(401) ?? 0) + (statuses.get(429) ?? 0)).toBe(400);
    const told = answers.find(({ status }) => status === 429);
    expect(Number(told?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await chat(caller.apiKey)).status).toBe(200);
    expect((await fetch(`${gateway.url}/v1/messages`, { method: "POST", headers: { "x-api-key": "wrong" } })).status).toBe(429);
  });
});
