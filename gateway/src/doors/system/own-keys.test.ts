import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { maskKey } from "../../accounts/api-key.ts";
import { eventually } from "../../testing/program.ts";
import { testGateway } from "../../testing/gateway.ts";

const { url, db, api, newCaller, checkMoney } = await testGateway();
const { accessKey } = await newCaller("5");
const other = await newCaller("5");

interface Row { id: number; key: string; name: string; status: number; group: string; remain_quota: number; unlimited_quota: boolean; expired_time: number; model_limits: string; model_limits_enabled: boolean; allow_ips: string }
const make = (body: Record<string, unknown>, as = accessKey) => api<{ success: boolean; message: string; data: Row }>("/yescale/createkey", { method: "POST", as, body });
const edit = (id: number, body: unknown, as = accessKey) => api<{ success: boolean; message: string }>(`/yescale/editkey/${id}`, { method: "PUT", as, body });
const row = async (id: number): Promise<Row | undefined> => (await api<{ data: Row[] }>("/yescale/apikeylist", { as: accessKey })).body.data.find((each) => each.id === id);
const chat = (key: string) =>
  fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body: JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content: "hi" }] }) });
const answers = (key: string, status: number): Promise<boolean> => eventually(async () => (await chat(key)).status === status);

describe("a key's life", () => {
  test("made, shown once, used, edited, deleted", async () => {
    const { body } = await make({ name: " first " });
    expect(body.data).toMatchObject({ name: "first", status: 1, group: "default", unlimited_quota: true, expired_time: -1, model_limits_enabled: false, model_limits: "", allow_ips: "" });
    expect(body.data.key).toMatch(/^sk-[A-Za-z0-9]{48}$/);
    expect(await answers(body.data.key, 200)).toBe(true);
    expect((await row(body.data.id))?.key).toBe(maskKey(body.data.key));

    expect((await edit(body.data.id, { status: 2, name: "renamed" })).body).toEqual({ success: true, message: "" });
    expect(await answers(body.data.key, 403)).toBe(true);
    expect(await row(body.data.id)).toMatchObject({ status: 2, name: "renamed", group: "default", unlimited_quota: true });
    await edit(body.data.id, { status: 1, model_limits_enabled: true, model_limits: "claude-sonnet-5, gpt-4.1-mini" });
    expect(await answers(body.data.key, 200)).toBe(true);
    expect(await row(body.data.id)).toMatchObject({ model_limits_enabled: true, model_limits: "claude-sonnet-5,gpt-4.1-mini" });
    await edit(body.data.id, { model_limits_enabled: false, allow_ips: "203.0.113.0/24\n198.51.100.7" });
    expect(await answers(body.data.key, 403)).toBe(true);
    expect((await row(body.data.id))?.allow_ips).toBe("203.0.113.0/24\n198.51.100.7");

    expect((await api(`/yescale/deletekey/${body.data.id}`, { method: "DELETE", as: accessKey })).body).toEqual({ message: "", success: true });
    expect(await answers(body.data.key, 401)).toBe(true);
    expect(await row(body.data.id)).toBeUndefined();
    expect((await api(`/yescale/deletekey/${body.data.id}`, { method: "DELETE", as: accessKey })).status).toBe(404);
  });

  test("an amount means a limit, which holds; editquota sets it absolutely and leaves unlimited_quota", async () => {
    const { data } = (await make({ name: "limited", remain_quota: 1 })).body;
    expect(data).toMatchObject({ unlimited_quota: false, remain_quota: 1 });
    expect(await answers(data.key, 402)).toBe(true);
    expect((await api(`/yescale/editquota/${data.id}`, { method: "PUT", as: accessKey, body: { remain_quota: 50_000_000 } })).body).toEqual({ message: "", success: true });
    expect(await row(data.id)).toMatchObject({ unlimited_quota: false, remain_quota: 50_000_000 });
    expect(await answers(data.key, 200)).toBe(true);
    await api(`/yescale/editquota/${data.id}`, { method: "PUT", as: accessKey, body: { remain_quota: 0 } });
    expect(await row(data.id)).toMatchObject({ remain_quota: 0, status: 4 });
    await edit(data.id, { unlimited_quota: true });
    expect(await row(data.id)).toMatchObject({ unlimited_quota: true, status: 1 });
    expect(await answers(data.key, 200)).toBe(true);
    // Limited again, and by nothing said: it has nothing left, rather than no limit.
    await edit(data.id, { unlimited_quota: false });
    expect(await row(data.id)).toMatchObject({ status: 4 });
    const unlimited = (await make({ name: "b", unlimited_quota: true, remain_quota: 113_777 })).body.data;
    expect(unlimited).toMatchObject({ unlimited_quota: true, remain_quota: 113_777 });
    expect((await make({ name: "c", unlimited_quota: false })).body.data).toMatchObject({ unlimited_quota: false, remain_quota: 0, status: 4 });
    expect(await checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  });

  test("expiry: told as -1 or a second, shown as expired when it is over", async () => {
    const soon = Math.floor(Date.now() / 1000) + 3_600;
    const { data } = (await make({ name: "dated", expired_time: soon })).body;
    expect(data).toMatchObject({ expired_time: soon, status: 1 });
    await edit(data.id, { expired_time: 1_000_000_000 });
    expect(await row(data.id)).toMatchObject({ status: 3 });
    expect(await answers(data.key, 401)).toBe(true);
    await edit(data.id, { expired_time: -1 });
    expect(await row(data.id)).toMatchObject({ status: 1, expired_time: -1 });
  });
});

describe("V09: keys of others do not exist", () => {
  test("none can be edited, given quota or deleted, and nothing of it changes", async () => {
    const before = (await api<{ data: Row[] }>("/yescale/apikeylist", { as: other.accessKey })).body.data;
    for (const [method, path, body] of [["PUT", "editkey", { status: 2 }], ["PUT", "editquota", { remain_quota: 5 }], ["DELETE", "deletekey", undefined]] as const) {
      expect(await api(`/yescale/${path}/${other.keyId}`, { method, as: accessKey, body }), path).toMatchObject({ status: 404, body: { success: false, message: "There is no such API key." } });
      expect((await api(`/yescale/${path}/999999999`, { method, as: accessKey, body })).status, path).toBe(404);
    }
    expect((await api<{ data: Row[] }>("/yescale/apikeylist", { as: other.accessKey })).body.data).toEqual(before);
  });
});

describe("what does not fit is refused by name and changes nothing", () => {
  test.each<[string, Record<string, unknown>]>([
    ["name", {}], ["name", { name: "" }], ["name", { name: "   " }], ["name", { name: "x".repeat(101) }], ["name", { name: 7 }],
    ["group", { name: "a", group: "no-such" }], ["group", { name: "a", group: "__proto__" }],
    ["remain_quota", { name: "a", remain_quota: -1 }], ["remain_quota", { name: "a", remain_quota: 0.5 }], ["remain_quota", { name: "a", remain_quota: 1e18 }], ["remain_quota", { name: "a", remain_quota: "5" }],
    ["expired_time", { name: "a", expired_time: 0 }], ["expired_time", { name: "a", expired_time: -2 }], ["expired_time", { name: "a", expired_time: 1_000_000_000 }], ["expired_time", { name: "a", expired_time: 1e15 }],
    ["allow_ips", { name: "a", allow_ips: "not-an-address" }], ["allow_ips", { name: "a", allow_ips: "10.0.0.0/33" }], ["allow_ips", { name: "a", allow_ips: "1.1.1.1,".repeat(501) }],
    ["model_limits", { name: "a", model_limits_enabled: true }], ["model_limits", { name: "a", model_limits_enabled: true, model_limits: " , " }], ["model_limits", { name: "a", model_limits: "no-such-model" }],
  ])("%s: %j", async (param, body) => {
    const { status, body: answer } = await make(body);
    expect([status, answer.success]).toEqual([400, false]);
    expect(answer.message).toMatch(new RegExp(`"${param}"|group|address|model|expired`));
  });

  test("texts that are no texts, bodies that are no objects", async () => {
    for (const body of ['{"name":"a\\u0000b"}', '{"name":"\\ud800"}', "null", "[]", '"name"', "{", "", "[".repeat(100_000)]) {
      const { status } = await api("/yescale/createkey", { method: "POST", as: accessKey, body });
      expect(status, body.slice(0, 30)).toBe(400);
    }
    expect((await make({ name: "Tên khóa 🔑" })).body.data.name).toBe("Tên khóa 🔑");
  });

  test("V11, M26: members that nobody may set are refused, whatever they are named, and change nothing", async () => {
    const { data } = (await make({ name: "plain" })).body;
    const shape = await db.selectFrom("api_keys").selectAll().where("id", "=", String(data.id)).executeTakeFirstOrThrow();
    const names = [...new Set([...Object.keys(shape), "balance_nano", "used_quota", "role", "owner_id", "userId", "DeletedAt", "key", "__proto__", "constructor"])].filter((name) => !["name", "status", "allow_ips", "model_limits"].includes(name));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null), fc.constant({})), async (name, value) => {
        for (const { status } of [await make(JSON.parse(`{"name":"x","${name}":${JSON.stringify(value)}}`) as Record<string, unknown>), await edit(data.id, JSON.parse(`{"${name}":${JSON.stringify(value)}}`))]) expect(status).toBe(400);
      }),
      { numRuns: 60 },
    );
    expect(await db.selectFrom("api_keys").selectAll().where("id", "=", String(data.id)).executeTakeFirstOrThrow()).toEqual(shape);
  });
});
