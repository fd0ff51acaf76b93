import { describe, expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";

/** Two accounts per vendor, the first one preferred, both played by the sandbox; faults are bound to the first one's key. */
const gateway = await testGateway((config, sandboxUrl) => {
  for (const vendor of ["openai", "anthropic", "gemini"])
    for (const [index, name] of ["first", "second"].entries())
      config.channels.push({
        name: `${vendor}-${name}`, vendor, baseUrl: `${sandboxUrl}/${vendor}`, credentials: [`sk-${name}-${vendor}`], modelMapping: {}, priority: 10 - index, weight: 1,
        timeouts: { firstByteMs: 600, idleMs: 400 }, enabled: true,
      });
});
const caller = await gateway.newCaller("1000");

const DIALECTS = {
  openai: (prompt: string, stream: boolean, model = "gpt-4.1-mini") => ({ path: "/v1/chat/completions", body: { model, stream, messages: [{ role: "user", content: prompt }] } }),
  anthropic: (prompt: string, stream: boolean, model = "claude-sonnet-4-5") => ({ path: "/v1/messages", body: { model, stream, max_tokens: 300, messages: [{ role: "user", content: prompt }] } }),
  gemini: (prompt: string, stream: boolean, model = "gemini-2.5-flash") => ({
    path: `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: { contents: [{ role: "user", parts: [{ text: prompt }] }] },
  }),
};
type Vendor = keyof typeof DIALECTS;
const VENDORS = Object.keys(DIALECTS) as Vendor[];

async function ask(vendor: Vendor, prompt: string, stream: boolean, options: { key?: string; signal?: AbortSignal } = {}) {
  const { path, body } = DIALECTS[vendor](prompt, stream);
  const key = options.key ?? caller.apiKey;
  const response = await fetch(`${gateway.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}`, "anthropic-version": "2023-06-01" },
    body: JSON.stringify(body),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  return response;
}

/** A caller of its own for one case, so that its rows are alone. */
const fresh = (): ReturnType<typeof gateway.newCaller> => gateway.newCaller("1000");
const firstKey = (vendor: Vendor): string => `only-key=sk-first-${vendor}`;

/** Faults that must be invisible to the caller: the second account answers. */
const INVISIBLE = ["status=500", "status=502", "status=503", "status=429;retry-after=1", "status=529", "status=401", "bad-key", "no-balance", "empty", "html", "hang", "error-in-stream=0", "cut=0", "cut-body", "stall=0"];

describe.each(VENDORS)("S02, S04, S14, M34: %s: failover until the first byte", (vendor) => {
  for (const stream of [false, true])
    for (const fault of INVISIBLE) {
      const streamOnly = /error-in-stream|^cut=|stall/.test(fault);
      if (streamOnly !== stream && (streamOnly || fault === "cut-body")) continue;
      test(`${fault}, ${stream ? "stream" : "whole"}`, async () => {
        const who = await fresh();
        resetHealth();
        const response = await ask(vendor, `count to 5 [[fault:${fault};${firstKey(vendor)}]]`, stream, { key: who.apiKey });
        const text = await response.text();
        expect(response.status, text).toBe(200);
        expect(text).toContain("5");
        const [row, ...more] = await gateway.rows(who.userId);
        expect(more).toEqual([]);
        expect(row).toMatchObject({ status: 200, end_reason: "complete", channel: `${vendor}-second`, estimated: false });
        expect(row?.attempts).toHaveLength(2);
        expect(BigInt(row?.charge_nano ?? "0")).toBeGreaterThan(0n);
      });
    }
});

/** Health remembers faults between cases; each case begins with both accounts well. */
function resetHealth(): void {
  gateway.channels.budget.refill();
  for (const vendor of VENDORS) gateway.channels.health.forget(`file:${vendor}-first`);
}

describe.each(VENDORS)("S01: %s: a stream that breaks after content", (vendor) => {
  test.each(["cut=3", "stall=3", "error-in-stream=3"])("%s ends with the dialect's error event and is billed by what was delivered", async (fault) => {
    const who = await fresh();
    resetHealth();
    const response = await ask(vendor, `write 60 words [[fault:${fault};${firstKey(vendor)}]]`, true, { key: who.apiKey });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain("error");
    expect(text).not.toContain("[DONE]");
    expect(text).not.toContain("message_stop");
    const [row] = await gateway.rows(who.userId);
    expect(row?.end_reason === "upstream_cut" || row?.end_reason === "upstream_error").toBe(true);
    const full = await fresh();
    await (await ask(vendor, "write 60 words", true, { key: full.apiKey })).text();
    const [whole] = await gateway.rows(full.userId);
    expect(BigInt(row?.charge_nano ?? "0")).toBeGreaterThan(0n);
    expect(BigInt(row?.charge_nano ?? "0")).toBeLessThan(BigInt(whole?.charge_nano ?? "0"));
  });

  test("no usage: counted by us, marked, never above the hold", async () => {
    const who = await fresh();
    const text = await (await ask(vendor, "write 40 words [[fault:no-usage]]", true, { key: who.apiKey })).text();
    expect(text).not.toContain("error");
    const [row] = await gateway.rows(who.userId);
    expect(row).toMatchObject({ end_reason: "complete", estimated: true });
    expect(BigInt(row?.charge_nano ?? "0")).toBeGreaterThan(0n);
  });

  test("S23, M03: a caller who leaves cancels the vendor's call and pays for what was delivered", async () => {
    const who = await fresh();
    const controller = new AbortController();
    const response = await ask(vendor, "write 5000 words [[fault:pace=5]]", true, { key: who.apiKey, signal: controller.signal });
    const reader = response.body?.getReader();
    for (let i = 0; i < 5; i += 1) await reader?.read();
    controller.abort();
    const [row] = await gateway.rows(who.userId);
    expect(row).toMatchObject({ end_reason: "client_gone" });
    expect(BigInt(row?.charge_nano ?? "0")).toBeGreaterThan(0n);
  });
});

describe.each(["gpt-4.1-mini", "claude-sonnet-4-5"])("S01: Responses: a stream of %s that breaks goes on from what was sent", (model) => {
  test.each(["cut=3", "error-in-stream=3"])("%s: one id, numbers without a gap, a code of the SDK's, every member that it demands", async (fault) => {
    const { apiKey } = await fresh();
    const response = await fetch(`${gateway.url}/v1/responses`, {
      method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}` }, body: JSON.stringify({ model, stream: true, input: `write 20 words [[fault:${fault}]]` }),
    });
    const events = (await response.text()).split("\n").filter((line) => line.startsWith("data: {")).map((line) => JSON.parse(line.slice(6)) as { type: string; sequence_number: number; response?: Record<string, unknown> });
    const [begun, failed] = ["response.created", "response.failed"].map((type) => events.find((event) => event.type === type)?.response);
    expect(failed).toMatchObject({ id: begun?.["id"], created_at: begun?.["created_at"], model, status: "failed", error: { code: "server_error" }, tools: [], tool_choice: "auto", parallel_tool_calls: true });
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_event, at) => at));
  });
});

describe.each(VENDORS)("%s: refusals", (vendor) => {
  test("V25: an empty wallet is refused with 402 before the vendor is asked", async () => {
    const who = await gateway.newCaller("0");
    gateway.sandbox.reset();
    const response = await ask(vendor, "hello", true, { key: who.apiKey });
    expect(response.status).toBe(402);
    expect(response.headers.get("x-should-retry")).toBe("false");
    const body = await response.text();
    expect(body).toContain({ openai: "insufficient_user_quota", anthropic: "billing_error", gemini: "RESOURCE_EXHAUSTED" }[vendor]);
    expect(gateway.seen()).toEqual([]);
    const [row] = await gateway.rows(who.userId);
    expect(row).toMatchObject({ status: 402, end_reason: "rejected", charge_nano: "0" });
  });

  test("V29: nothing of our account or its address reaches the caller", async () => {
    const response = await ask(vendor, "hello [[fault:status=400;leak]]", false);
    const text = await response.text();
    expect(response.status).toBe(400);
    expect(text).not.toMatch(/sk-first|sk-second|sk-leak|127\.0\.0\.1|https?:\/\/|vendor|example|Leaked|10\.20/);
  });

  test("all accounts down: the dialect's own error, nothing charged, told when to come back", async () => {
    const who = await fresh();
    resetHealth();
    const response = await ask(vendor, "hello [[fault:status=429;retry-after=7]]", false, { key: who.apiKey });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    const [row] = await gateway.rows(who.userId);
    expect(row).toMatchObject({ status: 429, charge_nano: "0" });
    gateway.channels.health.forget(`file:${vendor}-second`);
  });
});

test("M17: a key's limit is in money and counts what was settled, also where the first account failed", async () => {
  const QUOTA = 1_000_000n;
  const who = await gateway.newCaller("1000", { quotaNano: QUOTA });
  const statuses: number[] = [];
  for (let i = 0; i < 100 && statuses.at(-1) !== 402; i += 1) {
    resetHealth();
    const body = { model: "gpt-4.1-mini", stream: i % 2 === 0, max_tokens: 100, messages: [{ role: "user", content: `write ${i % 3 === 0 ? 90 : 5} words [[fault:status=500;${firstKey("openai")}]]` }] };
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${who.apiKey}` }, body: JSON.stringify(body) });
    await response.text();
    statuses.push(response.status);
  }
  const rows = await gateway.rows(who.userId, statuses.length);
  const charged = rows.reduce((sum, row) => sum + BigInt(row.charge_nano), 0n);
  const served = rows.filter((row) => row.status === 200);
  expect(served.every((row) => row.channel === "openai-second" && row.attempts.length === 2)).toBe(true);
  expect(statuses).toEqual([...served.map(() => 200), 402]);
  // It stops when what is left is less than the next request may cost (100 tokens of output and the prompt), not after so many calls.
  expect(charged).toBeLessThanOrEqual(QUOTA);
  expect(charged).toBeGreaterThan(QUOTA - 200_000n);
  const quota = await gateway.db.selectFrom("budgets").select("balance_nano").where("kind", "=", "key").where("owner_id", "=", who.keyId).executeTakeFirstOrThrow();
  expect(BigInt(quota.balance_nano)).toBe(QUOTA - charged);
});

test("after all of this every balance is the sum of its moves and every charge the sum of its lines (I1, I2, I4)", async () => {
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});
