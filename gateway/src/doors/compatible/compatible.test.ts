import { describe, expect, test } from "bun:test";
import { setKeyStatus } from "../../store/queries/keys.ts";
import { eventually } from "../../testing/program.ts";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway();
const { api, db, newCaller } = gateway;
const other = await newCaller("3");

const chat = (key: string, content = "hi") =>
  fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body: JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content }] }) });
const charged = async (userId: string): Promise<number> => (await gateway.rows(userId)).reduce((sum, row) => sum + Number(row.charge_nano), 0) / 1e9;
type Body = Record<string, unknown>;

describe("balance widgets, with an API key", () => {
  test("NextChat's way: limit less use is what is left; of the wallet for a key without a limit, of the key for one with", async () => {
    const caller = await newCaller("5");
    const limited = (await api<{ data: { key: string; id: number } }>("/yescale/createkey", { method: "POST", as: caller.accessKey, body: { name: "limited", remain_quota: 500_000 } })).body.data;
    await chat(caller.apiKey);
    const used = await charged(caller.userId);
    for (const prefix of ["/v1", ""]) {
      const { body: limit } = await api<{ hard_limit_usd: number; access_until: number }>(`${prefix}/dashboard/billing/subscription`, { as: caller.apiKey });
      const { body: use } = await api<{ total_usage: number }>(`${prefix}/dashboard/billing/usage?start_date=2026-01-01&end_date=2026-12-31`, { as: caller.apiKey });
      expect(limit.hard_limit_usd).toBeCloseTo(5, 9);
      expect(limit.hard_limit_usd - use.total_usage / 100).toBeCloseTo(5 - used, 9);
      expect(limit.access_until).toBe(0);
    }
    expect(await eventually(async () => (await chat(limited.key)).status === 200)).toBe(true);
    const grants = (await api<{ total_granted: number; total_used: number; total_available: number }>("/v1/dashboard/billing/credit_grants", { as: limited.key })).body;
    expect(grants.total_granted).toBeCloseTo(1, 9);
    expect(grants.total_used > 0 && grants.total_available < 1).toBe(true);
    expect(grants.total_used + grants.total_available).toBeCloseTo(grants.total_granted, 12);
    const { data } = (await api<{ data: Body }>("/api/usage/token/", { as: limited.key })).body;
    expect(data).toMatchObject({ object: "token_usage", name: "limited", unlimited_quota: false, model_limits: {}, model_limits_enabled: false, expires_at: 0 });
    expect(Number(data["total_granted"])).toBe(500_000);
    expect(Number(data["total_available"]) + Number(data["total_used"])).toBe(500_000);
    const rows = (await api<{ data: Body[] }>("/api/log/token", { as: limited.key })).body.data;
    expect(rows.map((row) => [row["token_name"], row["model_name"]])).toEqual([["limited", "gpt-4.1-mini"]]);
    expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  });

  test("no digit stands in an amount that nobody spent", async () => {
    const caller = await newCaller("100");
    for (let i = 0; i < 3; i += 1) await chat(caller.apiKey);
    const nano = (await gateway.rows(caller.userId, 3)).reduce((sum, row) => sum + BigInt(row.charge_nano), 0n);
    const { body: use } = await api<{ total_usage: number }>("/v1/dashboard/billing/usage", { as: caller.apiKey });
    expect(use.total_usage).toBe(Number(nano) / 1e7);
    expect((await api<{ hard_limit_usd: number }>("/v1/dashboard/billing/subscription", { as: caller.apiKey })).body.hard_limit_usd).toBe(100);
    expect((await api<{ total_granted: number }>("/v1/dashboard/billing/credit_grants", { as: caller.apiKey })).body.total_granted).toBe(100);
  });

  test("an expired, used up or disabled key may still ask; one that is none may not; an access key is none", async () => {
    const caller = await newCaller("1", { quotaNano: 0n, expiresAt: new Date(Date.now() - 1_000) });
    for (const path of ["/v1/dashboard/billing/subscription", "/v1/dashboard/billing/usage", "/api/usage/token", "/api/log/token"]) {
      expect((await api(path, { as: caller.apiKey })).status, path).toBe(200);
      for (const as of [caller.accessKey, "sk-none", undefined]) expect((await api(path, as === undefined ? {} : { as })).status, path).toBe(401);
    }
    await setKeyStatus(db, caller.keyId, 2);
    expect((await api("/api/usage/token", { as: caller.apiKey })).status).toBe(200);
    expect((await api<{ error: { code: string } }>("/v1/dashboard/billing/usage", { as: "sk-none" })).body.error.code).toBe("invalid_api_key");
  });
});

describe("phone apps and chained gateways, with the access key", () => {
  const headers = { "new-api-user": "424242" };
  test("the account; New-Api-User says nothing", async () => {
    const caller = await newCaller("2.5");
    const { body } = await api<Body>("/api/user/self", { as: caller.accessKey, headers });
    expect(body).toEqual({ success: true, message: "", data: { id: Number(caller.userId), username: expect.any(String) as string, display_name: "", role: 1, status: 1, email: "", quota: 1_250_000, used_quota: 0, request_count: 0, group: "default" } });
    expect((await fetch(`${gateway.url}/api/user/self/`, { headers: { authorization: caller.accessKey, ...headers }, redirect: "manual" })).status).toBe(200);
    const names = (await api<{ data: string[] }>("/api/user/models", { as: caller.accessKey })).body.data;
    expect(names).toContain("gpt-4.1-mini");
    expect((await api<{ data: Record<string, string[]> }>("/api/models", { as: caller.accessKey })).body.data["OpenAI"]).toContain("gpt-4.1-mini");
  });

  test("a new access key takes the old one's place at once", async () => {
    const caller = await newCaller("1");
    const { data } = (await api<{ data: string }>("/api/user/token", { as: caller.accessKey })).body;
    expect((await api("/yescale/user", { as: caller.accessKey })).status).toBe(401);
    expect((await api("/yescale/user", { as: data })).status).toBe(200);
  });

  test("keys: made, listed by pages, searched, changed, deleted", async () => {
    const caller = await newCaller("1");
    const as = caller.accessKey;
    const made: { id: number; key: string }[] = [];
    for (let i = 1; i <= 5; i += 1)
      made.push((await api<{ data: { id: number; key: string } }>("/api/token/", { method: "POST", as, body: { name: `n${i}`, remain_quota: 0, unlimited_quota: true, expired_time: -1, model_limits_enabled: false, model_limits: "", allow_ips: null, group: "default", something: "new" } })).body.data);
    expect(made[0]?.key).toMatch(/^sk-[A-Za-z0-9]{48}$/);
    interface Page { data: { page: number; page_size: number; total: number; items: (Body & { id: number; name: string; key: string })[] } }
    const list = async (query: string): Promise<Page["data"]> => (await api<Page>(`/api/token/${query}`, { as })).body.data;
    expect(await list("?p=1&page_size=2")).toMatchObject({ page: 1, page_size: 2, total: 6, items: [{ name: "n5" }, { name: "n4" }] });
    expect((await list("?p=3&size=2")).items.map((row) => row.name)).toEqual(["n1", "key"]);
    expect(await list("?p=0")).toMatchObject({ page: 1, page_size: 20, total: 6 });
    expect((await list("?p=9")).items).toEqual([]);
    expect((await list("search?keyword=n3")).items.map((row) => row.name)).toEqual(["n3"]);
    expect((await list(`search?keyword=&token=${made[1]?.key}`)).items.map((row) => row.name)).toEqual(["n2"]);
    const one = (await api<{ data: Body & { id: number } }>(`/api/token/${made[2]?.id}`, { as })).body.data;
    expect(one).toMatchObject({ name: "n3", status: 1, unlimited_quota: true, expired_time: -1, remain_quota: 0 });
    // The whole row comes back, with one member changed.
    expect((await api<{ data: Body }>("/api/token/", { method: "PUT", as, body: { ...one, name: "renamed" } })).body.data).toEqual({ ...one, name: "renamed" });
    expect((await api<{ data: Body }>("/api/token/?status_only=true", { method: "PUT", as, body: { id: one.id, status: 2, name: "ignored" } })).body.data).toMatchObject({ status: 2, name: "renamed" });
    expect((await api<{ data: Body }>("/api/token/", { method: "PUT", as, body: { id: one.id, remain_quota: 7, unlimited_quota: false, status: 1 } })).body.data).toMatchObject({ status: 1, remain_quota: 7, unlimited_quota: false });
    expect((await api(`/api/token/${made[0]?.id}`, { method: "DELETE", as })).body).toEqual({ success: true, message: "" });
    expect((await api<Body>("/api/token/batch", { method: "POST", as, body: { ids: [made[0]?.id, made[1]?.id, made[2]?.id, Number(other.keyId)] } })).body["data"]).toBe(2);
    expect((await list("")).items.map((row) => row.name)).toEqual(["n5", "n4", "key"]);
  });

  test("V09, V11: another's key does not exist, and a row's owner or spending is not the client's to say", async () => {
    const caller = await newCaller("1");
    const as = caller.accessKey;
    for (const [method, path, body] of [["GET", `/api/token/${other.keyId}`, undefined], ["DELETE", `/api/token/${other.keyId}`, undefined], ["PUT", "/api/token/", { id: Number(other.keyId), status: 2 }]] as const)
      expect((await api(path, { method, as, body })).status, `${method} ${path}`).toBe(404);
    const [row] = (await api<{ data: { items: Body[] } }>("/api/token/", { as })).body.data.items;
    const { body } = await api<{ data: Body }>("/api/token/", { method: "PUT", as, body: { ...row, name: "mine", user_id: Number(other.userId), used_quota: -5, key: "sk-chosen", role: 100, organisation_id: 1, created_time: 1 } });
    expect(body.data).toEqual({ ...row, name: "mine" });
    expect((await chat(other.apiKey)).status).toBe(200);
  });

  test("an empty group is the one that keys are in anyway; a key that went below nothing can be sent back as it was shown", async () => {
    const caller = await newCaller("1");
    const as = caller.accessKey;
    const { data } = (await api<{ data: Body & { id: number } }>("/api/token/", { method: "POST", as, body: { name: "w", remain_quota: 5, expired_time: -1, unlimited_quota: false, model_limits_enabled: false, model_limits: "", allow_ips: "", group: "" } })).body;
    expect(data).toMatchObject({ group: "default", remain_quota: 5 });
    expect((await api<{ data: Body }>("/api/token/", { method: "PUT", as, body: { id: data.id, group: "openai" } })).body.data).toMatchObject({ group: "openai" });
    expect((await api<{ data: Body }>("/api/token/", { method: "PUT", as, body: { id: data.id, group: "" } })).body.data).toMatchObject({ group: "default" });
    await db.updateTable("budgets").set({ balance_nano: "-4000" }).where("kind", "=", "key").where("owner_id", "=", String(data.id)).execute();
    const row = (await api<{ data: Body }>(`/api/token/${data.id}`, { as })).body.data;
    expect(row["remain_quota"]).toBe(-2);
    expect((await api<{ data: Body }>("/api/token/", { method: "PUT", as, body: { ...row, name: "w2" } })).body.data).toEqual({ ...row, name: "w2" });
    expect((await api("/api/token/", { method: "PUT", as, body: { ...row, remain_quota: -1 } })).status).toBe(400);
  });

  test("a key that has expired can be sent back as it was shown, and is not renewed by it", async () => {
    const caller = await newCaller("1", { expiresAt: new Date(Date.now() - 60_000), quotaNano: 0n });
    const [row] = (await api<{ data: { items: Body[] } }>("/api/token/", { as: caller.accessKey })).body.data.items;
    expect(row?.["status"]).toBe(3);
    expect((await api<{ data: Body }>("/api/token/", { method: "PUT", as: caller.accessKey, body: { ...row, name: "old" } })).body.data).toEqual({ ...row, name: "old" });
  });

  test("the log and its sums", async () => {
    const caller = await newCaller("1");
    const as = caller.accessKey;
    await chat(caller.apiKey);
    await chat(caller.apiKey);
    await chat("sk-none");
    const page = (await api<{ data: { total: number; items: Body[] } }>("/api/log/self?p=1&page_size=2&type=2", { as })).body.data;
    expect([page.total, page.items.length]).toEqual([2, 2]);
    for (const row of page.items) expect([row["user_id"], row["token_id"], Number.isInteger(row["use_time"])]).toEqual([Number(caller.userId), Number(caller.keyId), true]);
    const used = await gateway.rows(caller.userId, 2);
    const quota = Math.round(used.reduce((sum, row) => sum + Number(row.charge_nano), 0) / 2000);
    const sums = async (query: string): Promise<Body> => (await api<{ data: Body }>(`/api/log/self/stat${query}`, { as })).body.data;
    expect(await sums("")).toMatchObject({ quota, rpm: 2 });
    expect(Number((await sums(""))["tpm"])).toBe(page.items.reduce((sum, row) => sum + Number(row["prompt_tokens"]) + Number(row["completion_tokens"]), 0));
    expect(await sums("?token_name=key&model_name=gpt-4.1-mini")).toMatchObject({ quota });
    expect(await sums("?model_name=claude-sonnet-5")).toMatchObject({ quota: 0 });
    expect(await sums("?username=somebody")).toEqual({ quota: 0, rpm: 0, tpm: 0 });
  });
});
