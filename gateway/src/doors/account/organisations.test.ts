import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { ORGANISATION_ROUTES } from "@yescale/contract";
import { eventually } from "../../testing/program.ts";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway();
const { api, newCaller, url } = gateway;
interface Organisation { id: number; name: string; role: string; balance_usd: string; used_usd: string; members: number }
type Body = Record<string, unknown>;
const BASE = "/api/account/organisations";
const chat = (key: string) =>
  fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body: JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content: "hi" }] }) });

/** An organisation with an owner, an admin and a member. */
async function works() {
  const [owner, admin, member] = [await newCaller("10"), await newCaller("0"), await newCaller("0")];
  const { id } = (await api<Organisation>(BASE, { method: "POST", as: owner.accessKey, body: { name: "Works" } })).body;
  for (const [who, role] of [[admin, "admin"], [member, "member"]] as const) {
    const { code } = (await api<{ code: string }>(`${BASE}/${id}/invitations`, { method: "POST", as: owner.accessKey, body: { role } })).body;
    expect((await api<Organisation>(`${BASE}/join`, { method: "POST", as: who.accessKey, body: { code } })).body).toMatchObject({ id, role });
  }
  return { id, owner, admin, member };
}

test("one wallet for several: money in, a key each, a cap, its log, and its end", async () => {
  const { id, owner, admin, member } = await works();
  expect((await api<Organisation>(`${BASE}/${id}/deposit`, { method: "POST", as: owner.accessKey, body: { usd: "4.5" } })).body).toMatchObject({ balance_usd: "4.5", members: 3 });
  expect((await api<Body>("/api/account", { as: owner.accessKey })).body["balance_usd"]).toBe("5.5");
  const { key, id: keyId } = (await api<{ key: string; id: number }>(`${BASE}/${id}/keys`, { method: "POST", as: member.accessKey, body: { name: "mine" } })).body;
  expect(await eventually(async () => (await chat(key)).status === 200)).toBe(true);
  // The member, whose own wallet is empty, spends up to his cap.
  await api(`${BASE}/${id}/members/${member.userId}`, { method: "PATCH", as: admin.accessKey, body: { cap_usd: "0.000000001" } });
  expect(await eventually(async () => (await chat(key)).status === 402)).toBe(true);
  const members = (await api<{ data: { username: string; role: string; cap_usd: string | null }[] }>(`${BASE}/${id}/members`, { as: member.accessKey })).body.data;
  expect(members.map(({ role, cap_usd }) => [role, cap_usd])).toEqual([["owner", null], ["admin", null], ["member", "0.000000001"]]);
  await api(`${BASE}/${id}/members/${member.userId}`, { method: "PATCH", as: admin.accessKey, body: { cap_usd: null } });
  expect(await eventually(async () => (await chat(key)).status === 200)).toBe(true);

  const log = (await api<{ data: { username: string; token_name: string; type: number }[] }>(`${BASE}/${id}/logs`, { as: admin.accessKey })).body.data;
  expect(log.filter((row) => row.type === 2).every((row) => row.username === member.username && row.token_name === "mine")).toBe(true);
  expect(log.filter((row) => row.type === 1)).toHaveLength(1);
  // The key is none of the account's own.
  expect((await api<{ data: object[] }>("/yescale/apikeylist", { as: member.accessKey })).body.data).toHaveLength(1);
  expect((await api(`/yescale/deletekey/${keyId}`, { method: "DELETE", as: member.accessKey })).status).toBe(404);
  const before = (await api<Organisation>(`${BASE}/${id}`, { as: owner.accessKey })).body;
  expect(Number(before.balance_usd) + Number(before.used_usd)).toBeCloseTo(4.5, 9);

  expect((await api(`${BASE}/${id}`, { method: "DELETE", as: owner.accessKey })).body as unknown).toEqual({ done: true });
  expect(await eventually(async () => (await chat(key)).status === 401)).toBe(true);
  expect(Number((await api<Body>("/api/account", { as: owner.accessKey })).body["balance_usd"])).toBeCloseTo(5.5 + Number(before.balance_usd), 9);
  expect((await api(`${BASE}/${id}`, { as: owner.accessKey })).status).toBe(404);
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});

test("V09, V45: whoever is no member is told that there is none, at every address of it", async () => {
  const { id, owner, member } = await works();
  const stranger = await newCaller("5");
  const { body: key } = await api<{ id: number }>(`${BASE}/${id}/keys`, { method: "POST", as: owner.accessKey, body: { name: "k" } });
  const { body: invitation } = await api<{ id: number }>(`${BASE}/${id}/invitations`, { method: "POST", as: owner.accessKey, body: {} });
  const bodies: Record<string, unknown> = { "": { name: "x" }, "/deposit": { usd: "1" }, "/members/{user_id}": { cap_usd: "1" }, "/invitations": {}, "/keys": { name: "x" }, "/keys/{key_id}": { name: "x" } };
  for (const route of Object.values(ORGANISATION_ROUTES)) {
    const rest = route.path.slice(BASE.length);
    if (!rest.startsWith("/{id}")) continue;
    const path = `${BASE}${rest.replace("{id}", String(id)).replace("{user_id}", member.userId).replace("{key_id}", String(key.id)).replace("{invitation_id}", String(invitation.id))}`;
    const body = "body" in route ? bodies[rest.slice("/{id}".length)] : undefined;
    expect((await api(path, { method: route.method.toUpperCase(), as: stranger.accessKey, ...(body === undefined ? {} : { body }) })).status, `${route.method} ${path}`).toBe(404);
  }
  expect((await api<Organisation>(`${BASE}/${id}`, { as: owner.accessKey })).body).toMatchObject({ name: "Works", members: 3, balance_usd: "0" });
  // Another organisation's key, member or invitation under one's own address.
  const mine = (await api<Organisation>(BASE, { method: "POST", as: stranger.accessKey, body: { name: "Mine" } })).body.id;
  for (const [method, path, body] of [["PATCH", `/keys/${key.id}`, { name: "x" }], ["DELETE", `/keys/${key.id}`, undefined], ["PATCH", `/members/${member.userId}`, { cap_usd: "0" }], ["DELETE", `/members/${member.userId}`, undefined], ["DELETE", `/invitations/${invitation.id}`, undefined]] as const)
    expect((await api(`${BASE}/${mine}${path}`, { method, as: stranger.accessKey, ...(body === undefined ? {} : { body }) })).status, path).toBe(404);
  expect((await api<{ data: object[] }>(`${BASE}/${id}/members`, { as: owner.accessKey })).body.data).toHaveLength(3);
});

test("V11, V45: a member and an admin cannot do what is above them, nor make themselves more", async () => {
  const { id, owner, admin, member } = await works();
  const at = (path: string, method: string, as: string, body?: unknown) => api(`${BASE}/${id}${path}`, { method, as, ...(body === undefined ? {} : { body }) }).then(({ status }) => status);
  const { body: ownersKey } = await api<{ id: number }>(`${BASE}/${id}/keys`, { method: "POST", as: owner.accessKey, body: { name: "owner's" } });
  for (const [path, method, body] of [["", "PATCH", { name: "x" }], ["", "DELETE", undefined], [`/members/${member.userId}`, "PATCH", { cap_usd: null }], [`/members/${member.userId}`, "PATCH", { role: "owner" }], [`/members/${admin.userId}`, "DELETE", undefined], ["/invitations", "GET", undefined], ["/invitations", "POST", {}], ["/logs", "GET", undefined]] as const)
    expect(await at(path, method, member.accessKey, body), `${method} ${path}`).toBe(403);
  expect(await at(`/keys/${ownersKey.id}`, "PATCH", member.accessKey, { status: 2 })).toBe(404);
  expect(await at(`/keys/${ownersKey.id}`, "DELETE", member.accessKey)).toBe(404);
  expect((await api<{ data: object[] }>(`${BASE}/${id}/keys`, { as: member.accessKey })).body.data).toEqual([]);
  for (const [path, method, body] of [["", "DELETE", undefined], [`/members/${admin.userId}`, "PATCH", { role: "owner" }], [`/members/${owner.userId}`, "PATCH", { cap_usd: "0" }], [`/members/${owner.userId}`, "DELETE", undefined], [`/members/${admin.userId}`, "PATCH", { cap_usd: null }], ["/invitations", "POST", { role: "admin" }]] as const)
    expect(await at(path, method, admin.accessKey, body), `${method} ${path}`).toBe(403);
  expect(await at(`/keys/${ownersKey.id}`, "PATCH", admin.accessKey, { name: "seen by admins" })).toBe(200);
  // The last owner neither leaves nor steps down; with another, he may.
  expect(await at(`/members/${owner.userId}`, "DELETE", owner.accessKey)).toBe(409);
  expect(await at(`/members/${owner.userId}`, "PATCH", owner.accessKey, { role: "member" })).toBe(409);
  // A change is made whole or not at all.
  expect(await at(`/members/${owner.userId}`, "PATCH", owner.accessKey, { role: "member", cap_usd: "5" })).toBe(409);
  expect((await api<{ data: Body[] }>(`${BASE}/${id}/members`, { as: owner.accessKey })).body.data[0]).toMatchObject({ role: "owner", cap_usd: null });
  expect(await at(`/members/${admin.userId}`, "PATCH", owner.accessKey, { role: "owner" })).toBe(200);
  expect(await Promise.all([at(`/members/${owner.userId}`, "DELETE", owner.accessKey), at(`/members/${admin.userId}`, "DELETE", admin.accessKey)]).then((both) => both.toSorted((a, b) => a - b))).toEqual([200, 409]);
});

test("an amount is more than nothing and no more than there is, from 50 connections at once too", async () => {
  const { id, owner } = await works();
  const deposit = (usd: unknown, as = owner.accessKey) => api(`${BASE}/${id}/deposit`, { method: "POST", as, body: { usd } }).then(({ status }) => status);
  for (const usd of ["0", "-1", "0.0000000001", "1e3", "Infinity", "NaN", "", " 1", "1,5", "9999999999", 5, null, "0x10"]) expect(await deposit(usd), String(usd)).toBe(400);
  expect(await deposit("10.000000001")).toBe(402);
  const statuses = await Promise.all(Array.from({ length: 50 }, () => deposit("0.3")));
  expect(statuses.filter((status) => status === 200)).toHaveLength(33);
  expect(statuses.filter((status) => status === 402)).toHaveLength(17);
  expect((await api<Organisation>(`${BASE}/${id}`, { as: owner.accessKey })).body.balance_usd).toBe("9.9");
  expect((await api<Body>("/api/account", { as: owner.accessKey })).body["balance_usd"]).toBe("0.1");
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});

test("a deposit takes what requests under way do not need, and waits for what processes had set aside", async () => {
  const { id, owner } = await works();
  expect((await chat(owner.apiKey)).status).toBe(200);
  const balance = Number((await api<Body>("/api/account", { as: owner.accessKey })).body["balance_usd"]);
  expect((await api<Organisation>(`${BASE}/${id}/deposit`, { method: "POST", as: owner.accessKey, body: { usd: balance.toFixed(9) } })).status).toBe(200);
  expect(await eventually(async () => (await chat(owner.apiKey)).status === 402)).toBe(true);
});

describe("V35: invitations", () => {
  test("are good once, for some days, until taken back, and are not guessed", async () => {
    const { id, owner } = await works();
    const [first, second] = [await newCaller("0"), await newCaller("0")];
    const invite = (body: object = {}) => api<{ code: string; id: number }>(`${BASE}/${id}/invitations`, { method: "POST", as: owner.accessKey, body }).then(({ body: made }) => made);
    const join = (code: string, as: string) => api(`${BASE}/join`, { method: "POST", as, body: { code } }).then(({ status }) => status);
    const one = await invite();
    expect(await Promise.all([join(one.code, first.accessKey), join(one.code, second.accessKey)]).then((both) => both.toSorted((a, b) => a - b))).toEqual([200, 404]);
    const two = await invite();
    expect((await api(`${BASE}/${id}/invitations/${two.id}`, { method: "DELETE", as: owner.accessKey })).status).toBe(200);
    expect(await join(two.code, second.accessKey)).toBe(404);
    const three = await invite();
    await gateway.db.updateTable("organisation_invitations").set({ expires_at: new Date(Date.now() - 1_000) }).where("id", "=", String(three.id)).execute();
    expect(await join(three.code, second.accessKey)).toBe(404);
    const guesses = await Promise.all(Array.from({ length: 30 }, (_, i) => join(`guess${i}`, second.accessKey)));
    expect(guesses.filter((status) => status === 429).length).toBeGreaterThan(5);
    expect(JSON.stringify(await gateway.db.selectFrom("organisation_invitations").selectAll().execute())).not.toContain(one.code);
  });

  test("one with an address goes there by mail", async () => {
    const { id, owner } = await works();
    const { code } = (await api<{ code: string }>(`${BASE}/${id}/invitations`, { method: "POST", as: owner.accessKey, body: { email: "guest@example.com" } })).body;
    const folder = join(gateway.dataDir, "mail");
    expect(readdirSync(folder).some((name) => readFileSync(join(folder, name), "utf8").includes(code))).toBe(true);
  });
});
