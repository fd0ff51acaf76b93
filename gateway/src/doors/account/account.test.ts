import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { emptyDeletedAccounts } from "../../store/queries/account-removal.ts";
import { addMember, createOrganisation } from "../../store/queries/organisations.ts";
import { Browser } from "../../testing/browser.ts";
import { eventually } from "../../testing/program.ts";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway((config) => {
  config.logAddresses = true;
});
const { api, dataDir, db, newCaller, url } = gateway;
const PASSWORD = "correct horse 1";
const chat = (key: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers }, body: JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content: "hi" }] }) });
type Body = Record<string, unknown>;

describe("an account's own affairs", () => {
  test("it reads itself, with what is left and spent to the last digit", async () => {
    const caller = await newCaller("1.5", { password: PASSWORD, email: "reads@example.com" });
    await chat(caller.apiKey);
    const { body } = await api<Body>("/api/account", { as: caller.accessKey });
    const [row] = await gateway.rows(caller.userId);
    expect(body).toMatchObject({ id: Number(caller.userId), username: caller.username, email: "reads@example.com", email_verified: true, role: 1, requests: 1, has_password: true, has_access_key: true, two_factor: false });
    expect(Number(body["balance_usd"]) * 1e9 + Number(row?.charge_nano)).toBeCloseTo(1.5e9, 3);
    expect(Number(body["used_usd"]) * 1e9).toBeCloseTo(Number(row?.charge_nano), 3);
  });

  test("it changes its names; a name that is taken is refused, whatever its letters", async () => {
    const [caller, other] = [await newCaller("0"), await newCaller("0")];
    const change = (body: unknown) => api<Body>("/api/account", { method: "PATCH", as: caller.accessKey, body });
    expect((await change({ display_name: "  Ann Ọ. 👩‍💻 ", username: "ann-o" })).body).toMatchObject({ display_name: "Ann Ọ. 👩‍💻", username: "ann-o" });
    expect((await change({ username: other.username })).status).toBe(409);
    for (const username of ["Ann", "a", "-ann", "a b", "x".repeat(31), "owner\u0000", "", 7, "ann/o"]) expect((await change({ username })).status, String(username)).toBe(400);
    for (const extra of [{ role: 100 }, { email: "x@example.com" }, { status: 1 }, { balance_usd: "5" }, { id: 1 }]) expect((await change({ display_name: "x", ...extra })).status).toBe(400);
    expect((await api<Body>("/api/account", { as: caller.accessKey })).body).toMatchObject({ display_name: "Ann Ọ. 👩‍💻", role: 1, email: "" });
  });

  test("V09: the ledger and a request with its lines are the account's own; they add up", async () => {
    const [caller, other] = [await newCaller("2"), await newCaller("2")];
    await chat(caller.apiKey);
    await chat(caller.apiKey);
    const [row] = await gateway.rows(caller.userId, 2);
    interface Entry { id: number; kind: string; amount_usd: string; ref: string }
    const entries: Entry[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const { body }: { body: { data: Entry[]; next: string | null } } = await api(`/api/account/ledger?limit=2${next === "" ? "" : `&after=${next}`}`, { as: caller.accessKey });
      entries.push(...body.data);
      next = body.next;
    }
    expect(entries.map((entry) => entry.kind)).toEqual(["charge", "charge", "credit"]);
    const balance = Number((await api<Body>("/api/account", { as: caller.accessKey })).body["balance_usd"]);
    expect(entries.reduce((sum, entry) => sum + Number(entry.amount_usd), 0)).toBeCloseTo(balance, 12);
    const { body } = await api<{ charge_usd: string; lines: { amountNano: number }[]; usage: object }>(`/api/account/requests/${row?.id}`, { as: caller.accessKey });
    expect(body.lines.reduce((sum, line) => sum + line.amountNano, 0)).toBe(Math.round(Number(body.charge_usd) * 1e9));
    expect(JSON.stringify(body)).not.toContain("sandbox-openai");
    expect((await api(`/api/account/requests/${row?.id}`, { as: other.accessKey })).status).toBe(404);
    expect((await api("/api/account/requests/nonsense", { as: caller.accessKey })).status).toBe(400);
  });

  test("an access key is made anew by a session, and taken away", async () => {
    const caller = await newCaller("0", { password: PASSWORD });
    const browser = new Browser(url);
    await browser.post("/api/auth/sign-in/username", { username: caller.username, password: PASSWORD });
    const { body } = await browser.post<{ access_key: string }>("/api/account/access-key");
    expect(body.access_key).toMatch(/^ak_[A-Za-z0-9]{48}$/);
    expect((await api("/yescale/user", { as: caller.accessKey })).status).toBe(401);
    expect((await api("/yescale/user", { as: body.access_key })).status).toBe(200);
    expect((await browser.ask("/api/account/access-key", { method: "DELETE" })).status).toBe(200);
    expect((await api("/yescale/user", { as: body.access_key })).status).toBe(401);
    expect((await db.selectFrom("users").select("access_key_hash").where("id", "=", caller.userId).executeTakeFirst())?.access_key_hash).toBeNull();
  });
});

/** An order that a transfer paid which says who sent it, and the transfer. */
async function paidByTransfer(userId: string, sender: string): Promise<void> {
  const id = Bun.randomUUIDv7();
  const now = new Date();
  await db
    .insertInto("orders")
    .values({ id, number: "YSPAID0000", user_id: userId, organisation_id: null, method: "bank", state: "paid", usd_nano: "1", bonus_ppm: 0, bonus_nano: "0", currency: "VND", digits: 0, rate_micro: "1", amount_minor: "1", paid_minor: "1", created_at: now, expires_at: now })
    .execute();
  await db.insertInto("payment_events").values({ source: "bank", external_id: "1", kind: "transfer", verdict: "paid", state: "done", order_id: id, content: `${sender} chuyen tien YSPAID0000`, reference: `FT.${sender}`, account: "0123" }).execute();
}

describe("deletion", () => {
  test("what is personal is gone from every table; ledger and charges stay, and the money agrees", async () => {
    const canary = "canary-7f3a";
    const caller = await newCaller("50", { password: PASSWORD, email: `${canary}@example.com`, name: `${canary} key`, addresses: ["127.0.0.1", "203.0.113.77"] });
    await api("/api/account", { method: "PATCH", as: caller.accessKey, body: { display_name: canary, username: `${canary}` } });
    await chat(caller.apiKey, { "x-yescale-metadata": JSON.stringify({ end_user_id: canary }) });
    const browser = new Browser(url);
    await browser.ask("/api/auth/sign-in/username", { method: "POST", body: { username: canary, password: PASSWORD }, headers: { "user-agent": canary } });
    await browser.post("/api/auth/two-factor/enable", { password: PASSWORD });
    const task = async (fault?: string): Promise<string> => {
      const answer = await fetch(`${url}/fal-ai/recraft/v3/text-to-image`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json", "idempotency-key": `${canary}-${fault}`, ...(fault ? { "x-sandbox-fault": fault } : {}) }, body: JSON.stringify({ prompt: `a ${canary}`, notify_hook: `https://${canary}.example/` }) });
      return ((await answer.json()) as { task_id: string }).task_id;
    };
    const organisation = await api<{ id: number }>("/api/account/organisations", { method: "POST", as: caller.accessKey, body: { name: `${canary} Ltd` } });
    await api(`/api/account/organisations/${organisation.body.id}`, { method: "DELETE", as: caller.accessKey });
    const host = await newCaller("0");
    const hosts = await api<{ id: number }>("/api/account/organisations", { method: "POST", as: host.accessKey, body: { name: "host" } });
    await api(`/api/account/organisations/${hosts.body.id}/invitations`, { method: "POST", as: host.accessKey, body: { email: `${canary}@example.com` } });
    await db.insertInto("sign_up_invitations").values({ code_hash: Buffer.alloc(32, 7), email: `${canary}@example.com`, invited_by: host.userId, expires_at: new Date() }).execute();
    await paidByTransfer(caller.userId, canary);
    const done = await task();
    await fetch(`${url}/task/${done}?wait=10`, { headers: { authorization: `Bearer ${caller.apiKey}` } });
    const running = await task("never-ends");
    const [before] = await gateway.rows(caller.userId, 2);
    expect([before?.ip, JSON.stringify(before)]).toEqual(["127.0.0.1", expect.stringContaining(canary) as string]);

    // A mail that no server was there for, and a request whose bodies are kept.
    await db.updateTable("users").set({ email_verified: true }).where("id", "=", caller.userId).execute();
    expect((await api("/api/account/balance-notice", { method: "PUT", as: caller.accessKey, body: { below_usd: "1000" } })).status).toBe(200);
    const mails = (): string[] => (existsSync(join(dataDir, "mail")) ? readdirSync(join(dataDir, "mail")).map((name) => readFileSync(join(dataDir, "mail", name), "utf8")).filter((text) => text.includes(canary)) : []);
    expect(await eventually(() => Promise.resolve(mails().length > 0), 15_000)).toBe(true);
    expect((await api(`/yescale/keycapture/${caller.keyId}`, { method: "PUT", as: caller.accessKey, body: { days: 7 } })).status).toBe(200);
    expect(await eventually(async () => (await chat(caller.apiKey)).ok && (await db.selectFrom("captured_bodies").select("user_id").where("user_id", "=", caller.userId).execute()).length > 0, 15_000)).toBe(true);

    const remove = (body: unknown) => api("/api/account", { method: "DELETE", as: caller.accessKey, body });
    expect((await remove({ username: canary })).status).toBe(403);
    expect((await remove({ username: canary, password: "wrong one 2" })).status).toBe(403);
    expect((await remove({ username: "another", password: PASSWORD })).status).toBe(400);
    expect((await remove({ username: canary, password: PASSWORD })).body as unknown).toEqual({ deleted: true });

    expect((await api("/yescale/user", { as: caller.accessKey })).status).toBe(401);
    expect((await browser.ask("/api/user/self")).status).toBe(401);
    expect((await chat(caller.apiKey)).status).toBe(401);
    expect((await new Browser(url).post("/api/auth/sign-in/username", { username: canary, password: PASSWORD })).status).toBe(401);
    expect([mails(), await db.selectFrom("captured_bodies").select("user_id").where("user_id", "=", caller.userId).execute()]).toEqual([[], []]);
    // Tasks under way end, give back what they held, and are emptied by the hourly sweep.
    const stateOf = async (id: string) => db.selectFrom("tasks").select(["phase", "state"]).where("id", "=", id).executeTakeFirst();
    expect(await eventually(async () => (await stateOf(running))?.phase === "ended", 15_000)).toBe(true);
    await db.deleteFrom("task_turns").where("task_id", "=", running).execute();
    // A request that was under way ends now.
    await db.updateTable("requests").set({ ip: "203.0.113.77", metadata: JSON.stringify({ end_user_id: canary }) }).where("id", "=", before?.id ?? "").execute();
    await emptyDeletedAccounts(db);
    expect([await stateOf(done), await stateOf(running)]).toEqual([{ phase: "ended", state: "SUCCESS" }, { phase: "ended", state: "FAILURE" }]);
    const { rows: tables } = await sql<{ name: string }>`select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(db);
    for (const { name } of tables) {
      const { rows } = await sql<{ n: string }>`select count(*) as n from ${sql.table(name)} t where t::text ilike ${`%${canary}%`} or (${name} <> 'api_keys' and t::text like '%203.0.113.77%')`.execute(db);
      expect(rows[0]?.n, `${name} still knows`).toBe("0");
    }
    const [after] = (await gateway.rows(caller.userId, 3)).filter((row) => row.id === before?.id);
    expect(after).toMatchObject({ charge_nano: before?.charge_nano as string, ip: null, metadata: null });
    expect(await db.selectFrom("users").select(["username", "status", "email"]).where("id", "=", caller.userId).executeTakeFirst()).toEqual({ username: `deleted-${caller.userId}`, status: 3, email: "" });
    expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
    // The address is free again.
    expect(await newCaller("0", { email: `${canary}@example.com` })).toBeTruthy();
  });

  test("in a fresh session no password is asked for; in an old one it is", async () => {
    const caller = await newCaller("0", { password: PASSWORD });
    const browser = new Browser(url);
    await browser.post("/api/auth/sign-in/username", { username: caller.username, password: PASSWORD });
    await db.updateTable("auth_sessions").set({ created_at: new Date(Date.now() - 2 * 3_600_000) }).where("user_id", "=", caller.userId).execute();
    expect((await browser.ask("/api/account", { method: "DELETE", body: { username: caller.username } })).status).toBe(403);
    await browser.post("/api/auth/sign-in/username", { username: caller.username, password: PASSWORD });
    expect((await browser.ask("/api/account", { method: "DELETE", body: { username: caller.username } })).status).toBe(200);
  });

  test("the last owner, of the gateway or of an organisation, stays", async () => {
    const owner = await newCaller("0", { role: 100, password: PASSWORD });
    const remove = (who: { accessKey: string; username: string }) => api("/api/account", { method: "DELETE", as: who.accessKey, body: { username: who.username, password: PASSWORD } });
    expect((await remove(owner)).status).toBe(409);
    const caller = await newCaller("0", { password: PASSWORD });
    const organisation = await createOrganisation(db, { name: "Works", ownerId: caller.userId });
    expect((await remove(caller)).status).toBe(409);
    await addMember(db, organisation, owner.userId, "owner");
    expect((await remove(caller)).status).toBe(200);
    // Of two owners who leave at once, one stays.
    const second = await newCaller("0", { role: 100, password: PASSWORD });
    await db.deleteFrom("members").execute();
    const statuses = await Promise.all([remove(owner), remove(second)]);
    expect(statuses.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  });
});
