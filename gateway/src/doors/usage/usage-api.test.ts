import { describe, expect, test } from "bun:test";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway();
const chat = (apiKey: string, headers: Record<string, string> = {}, body: object = {}): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}`, ...headers }, body: JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content: "hi" }], ...body }) });
const get = async (accessKey: string, path: string): Promise<{ status: number; body: { data: Record<string, unknown>[]; message?: string } }> => {
  const response = await fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${accessKey}` } });
  return { status: response.status, body: (await response.json()) as never };
};
const METADATA = "x-yescale-metadata";

describe("own usage", () => {
  test("stands there at once, by day and model, in dollars and quota, with times; V09: and nobody else's", async () => {
    const [caller, other] = [await gateway.newCaller("10"), await gateway.newCaller("10")];
    for (let i = 0; i < 3; i += 1) await (await chat(caller.apiKey)).text();
    await (await chat(caller.apiKey, {}, { model: "gpt-4.1-nano", stream: true })).text();
    expect((await chat(caller.apiKey, {}, { model: "nothing" })).status).toBe(404);
    await (await chat(other.apiKey)).text();
    const { status, body } = await get(caller.accessKey, "/yescale/usage?by=model");
    expect(status).toBe(200);
    const by = Object.fromEntries(body.data.map((row) => [row["model"], row]));
    expect(by["gpt-4.1-mini"]).toMatchObject({ requests: 3, rejected: 0, errors: 0, duration_ms: { p50: expect.any(Number) as number }, first_byte_ms: { p99: expect.any(Number) as number } });
    expect(by["gpt-4.1-nano"]).toMatchObject({ requests: 1 });
    expect(by["nothing"]).toMatchObject({ requests: 0, rejected: 1, spend_usd: "0", duration_ms: null });
    const rows = await gateway.rows(caller.userId, 5);
    const nano = rows.reduce((sum, row) => sum + BigInt(row.charge_nano), 0n);
    const [all] = (await get(caller.accessKey, "/yescale/usage?span=all")).body.data;
    expect(all).toMatchObject({ start: null, requests: 4, rejected: 1 });
    expect(BigInt(Math.round(Number(all?.["spend_usd"]) * 1e9))).toBe(nano);
    expect(all?.["prompt_tokens"]).toBe(rows.reduce((sum, row) => sum + ((row.usage as { input?: number }).input ?? 0), 0));
    expect((await get(caller.accessKey, `/yescale/usage?by=key&key=${other.keyId}`)).body.data).toEqual([]);
    expect((await get(caller.accessKey, "/yescale/usage?user=1&by=user")).status).toBe(400);
  });

  test("by what was said of the requests; malformed words are refused by name and cost nothing", async () => {
    const caller = await gateway.newCaller("10");
    expect((await chat(caller.apiKey, { [METADATA]: '{"feature":"search","tenant_id":"a"}' })).status).toBe(200);
    expect((await chat(caller.apiKey, { [METADATA]: '{"feature":"chat"}' }, { stream: true })).status).toBe(200);
    gateway.sandbox.reset();
    const refused = await chat(caller.apiKey, { [METADATA]: "feature=search" });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { code: "invalid_request", param: "X-YEScale-Metadata", message: expect.stringContaining("is not valid JSON") as string } });
    expect(gateway.seen()).toEqual([]);
    await gateway.rows(caller.userId, 3);
    const [found] = (await get(caller.accessKey, `/yescale/usage?span=all&metadata=${encodeURIComponent('{"feature":"search"}')}`)).body.data;
    expect(found).toMatchObject({ requests: 1 });
    expect((await get(caller.accessKey, "/yescale/usage?metadata=x")).status).toBe(400);
    const logs = (await get(caller.accessKey, `/yescale/logs?metadata=${encodeURIComponent('{"feature":"search","tenant_id":"a"}')}`)).body.data;
    expect(logs.map((row) => JSON.parse(String(row["other"])) as { metadata: unknown })).toMatchObject([{ metadata: { feature: "search", tenant_id: "a" } }]);
    expect((await get(caller.accessKey, `/yescale/logs?metadata=${encodeURIComponent('{"feature":"none"}')}`)).body.data).toEqual([]);
    expect((await get(caller.accessKey, "/yescale/logs?metadata=x")).status).toBe(400);
    // The vendor never hears of it.
    await chat(caller.apiKey, { [METADATA]: '{"feature":"search"}' });
    expect(gateway.seen().at(-1)?.headers.some(([name]) => name.toLowerCase().includes("yescale"))).toBe(false);
  });

  test("by the hour in the family's own form", async () => {
    const caller = await gateway.newCaller("10");
    await (await chat(caller.apiKey)).text();
    const { body } = await get(caller.accessKey, "/api/data/self/?start_timestamp=0");
    expect(body).toMatchObject({ success: true, data: [{ model_name: "gpt-4.1-mini", count: 1, quota: expect.any(Number) as number, token_used: expect.any(Number) as number }] });
    expect(Number(body.data[0]?.["created_at"]) % 3600).toBe(0);
  });
});

test("V12: usage of all is for operators, by user and channel too", async () => {
  const [caller, operator] = [await gateway.newCaller("10"), await gateway.newCaller("10")];
  await (await chat(caller.apiKey)).text();
  expect((await get(caller.accessKey, "/api/admin/usage")).status).toBe(403);
  await gateway.db.updateTable("users").set({ role: 10 }).where("id", "=", operator.userId).execute();
  const { status, body } = await get(operator.accessKey, `/api/admin/usage?by=user,channel,model&user=${caller.userId}&span=hour`);
  expect(status).toBe(200);
  expect(body.data).toMatchObject([{ user: caller.userId, model: "gpt-4.1-mini", channel: expect.stringContaining("openai") as string, requests: 1 }]);
  expect((await get(operator.accessKey, "/api/admin/usage?by=secret")).status).toBe(400);
});
