import { describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { createOrganisation } from "../../store/queries/organisations.ts";
import { Browser } from "../../testing/browser.ts";
import { eventually } from "../../testing/program.ts";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway();
const { api, db, newCaller, url } = gateway;
const PASSWORD = "correct horse 1";
const [operator, second, owner] = [await newCaller("0", { role: 10 }), await newCaller("0", { role: 10 }), await newCaller("0", { role: 100 })];
type Body = Record<string, unknown>;
const admin = <Answer = Body>(path: string, method = "GET", body?: unknown, as = operator.accessKey) => api<Answer>(`/api/admin${path}`, { method, as, ...(body === undefined ? {} : { body }) });
const chat = (key: string) =>
  fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body: JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content: "hi" }] }) });
interface Entry { action: string; subject: string; actor_id: number; before: Body | null; after: Body | null; request_id: string }
const audit = async (subject: string): Promise<Entry[]> => (await admin<{ data: Entry[] }>(`/audit?subject=${encodeURIComponent(subject)}`)).body.data;

describe("accounts", () => {
  test("are made, found by how a name or an address begins, changed, and each change is in the audit log", async () => {
    const made = await admin("/users", "POST", { username: "made-here", display_name: "Made Here", email: "Made@Example.com", password: PASSWORD });
    expect(made.body).toMatchObject({ username: "made-here", email: "made@example.com", email_verified: true, role: 1, status: 1, balance_usd: "0", has_password: true, has_access_key: false });
    const id = Number(made.body["id"]);
    expect((await new Browser(url).post("/api/auth/sign-in/email", { email: "made@example.com", password: PASSWORD })).status).toBe(200);
    const found = async (search: string): Promise<string[]> => (await admin<{ data: { username: string }[] }>(`/users?search=${encodeURIComponent(search)}`)).body.data.map((row) => row.username);
    expect([await found("MADE-h"), await found("made@ex"), await found(String(id)), await found("here"), await found("nobody")]).toEqual([["made-here"], ["made-here"], ["made-here"], [], []]);
    expect((await admin("/users", "POST", { username: "made-here" })).status).toBe(409);
    expect((await admin("/users", "POST", { username: "another", email: "MADE@example.com" })).status).toBe(409);
    const browser = new Browser(url);
    await browser.post("/api/auth/sign-in/username", { username: "made-here", password: PASSWORD });
    expect((await admin(`/users/${id}`, "PATCH", { status: 2, email: "other@example.com", display_name: "Secret Name" })).body).toMatchObject({ status: 2, email: "other@example.com" });
    expect((await browser.ask("/api/user/self")).status).toBe(403);
    expect((await admin(`/users/${id}`, "PATCH", { status: 1 })).status).toBe(200);
    const entries = await audit(`user:${id}`);
    expect(entries.map((entry) => entry.action)).toEqual(["user.change", "user.change", "user.add"]);
    expect(entries[1]).toMatchObject({ actor_id: Number(operator.userId), before: { status: 1, email: "(personal)" }, after: { status: 2, email: "(personal)", display_name: "(personal)" } });
    expect(JSON.stringify(entries)).not.toContain("Secret Name");
    expect((await admin("/users/999999", "PATCH", { status: 2 })).status).toBe(404);
  });

  test("lists are pages", async () => {
    const seen: number[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const { body }: { body: { data: { id: number }[]; next: string | null } } = await admin(`/users?limit=2${next === "" ? "" : `&after=${next}`}`);
      seen.push(...body.data.map((row) => row.id));
      next = body.next;
    }
    expect(seen).toEqual(seen.toSorted((a, b) => b - a));
    expect(new Set(seen).size).toBe(seen.length);
    expect((await admin<{ data: { role: number }[] }>("/users?role=10")).body.data.map((row) => row.role)).toEqual([10, 10]);
  });

  test("V02, V37: whatever is searched for among a hundred thousand, an index answers", async () => {
    // A hundred thousand notices of change are not what is measured here.
    await sql`alter table users disable trigger users_changed`.execute(db);
    await sql`insert into users (username, email) select 'bulk-' || g || repeat('_', 20), 'bulk' || g || '@example.org' from generate_series(1, 100000) g`.execute(db);
    await sql`alter table users enable trigger users_changed`.execute(db);
    await sql`analyze users, budgets`.execute(db);
    for (const search of ["%_%_%_%_%", "____________", "%%%%%%%%%%%%", "bulk-99999", "\\%", "a".repeat(100), "bulk-1", "99999"]) {
      const startedAt = performance.now();
      const { status, body } = await admin<{ data: { username: string }[] }>(`/users?search=${encodeURIComponent(search)}`);
      expect(performance.now() - startedAt, search).toBeLessThan(300);
      expect(status).toBe(200);
      if (/[%_\\]/.test(search)) expect(body.data, search).toEqual([]);
    }
    expect((await admin(`/users?search=${"a".repeat(101)}`)).status).toBe(400);
  });

  test("V11, V45: an operator changes nobody of his rank or above, and makes nobody one; an owner may", async () => {
    const user = await newCaller("0");
    for (const [method, path, body] of [
      ["PATCH", `/users/${second.userId}`, { status: 2 }], ["PATCH", `/users/${owner.userId}`, { display_name: "x" }], ["PATCH", `/users/${operator.userId}`, { role: 100 }], ["PATCH", `/users/${user.userId}`, { role: 10 }],
      ["PATCH", `/users/${user.userId}`, { role: 100 }], ["POST", "/users", { username: "op-two", role: 10 }], ["POST", `/users/${owner.userId}/reset`, { what: "password" }], ["POST", `/users/${second.userId}/reset`, { what: "access_key" }],
      ["DELETE", `/users/${user.userId}`, undefined], ["PATCH", "/settings", { sign_up: "open" }],
    ] as const)
      expect((await admin(path, method, body)).status, `${method} ${path}`).toBe(403);
    expect((await admin(`/users/${user.userId}`, "PATCH", { role: 10 }, owner.accessKey)).body["role"]).toBe(10);
    expect((await admin(`/users/${user.userId}`, "PATCH", { role: 1 }, owner.accessKey)).body["role"]).toBe(1);
    for (const role of [0, 2, 99, 101, 1000, -1, 10.5, "100", null]) expect((await admin(`/users/${user.userId}`, "PATCH", { role }, owner.accessKey)).status, String(role)).toBe(400);
    for (const extra of [{ balance_usd: "5" }, { id: 1 }, { access_key_hash: "x" }, { password: "x".repeat(10) }, { created_at: 1 }, { __proto__: { role: 100 }, roles: 1 }]) expect((await admin(`/users/${user.userId}`, "PATCH", extra, owner.accessKey)).status).toBe(400);
    // The gateway is never without an owner.
    expect((await admin(`/users/${owner.userId}`, "PATCH", { role: 1 }, owner.accessKey)).status).toBe(409);
    expect((await admin(`/users/${owner.userId}`, "PATCH", { status: 2 }, owner.accessKey)).status).toBe(409);
    expect((await admin(`/users/${owner.userId}`, "DELETE", undefined, owner.accessKey)).status).toBe(409);
    expect((await admin(`/users/${user.userId}`, "DELETE", undefined, owner.accessKey)).body).toEqual({ done: true });
    expect((await admin(`/users/${user.userId}`, "PATCH", { status: 1 }, owner.accessKey)).status).toBe(409);
    expect((await audit(`user:${user.userId}`)).map((entry) => entry.action)).toEqual(["user.remove", "user.change", "user.change"]);
  });

  test("V22: a reset ends all sessions, shows what is new once, and is in the audit log without it", async () => {
    const user = await newCaller("0", { password: PASSWORD });
    const browser = new Browser(url);
    await browser.post("/api/auth/sign-in/username", { username: user.username, password: PASSWORD });
    await browser.post("/api/auth/two-factor/enable", { password: PASSWORD });
    const { body } = await admin<{ password: string }>(`/users/${user.userId}/reset`, "POST", { what: "password" });
    expect((await browser.ask("/api/user/self")).status).toBe(401);
    expect((await new Browser(url).post("/api/auth/sign-in/username", { username: user.username, password: PASSWORD })).status).toBe(401);
    expect((await new Browser(url).post("/api/auth/sign-in/username", { username: user.username, password: body.password })).status).toBe(200);
    await admin(`/users/${user.userId}/reset`, "POST", { what: "two_factor" });
    expect(await db.selectFrom("auth_two_factors").selectAll().where("user_id", "=", user.userId).execute()).toEqual([]);
    const { access_key } = (await admin<{ access_key: string }>(`/users/${user.userId}/reset`, "POST", { what: "access_key" })).body;
    expect([(await api("/yescale/user", { as: user.accessKey })).status, (await api("/yescale/user", { as: access_key })).status]).toEqual([401, 200]);
    const entries = await audit(`user:${user.userId}`);
    expect(entries.map((entry) => entry.after)).toEqual([{ what: "access_key" }, { what: "two_factor" }, { what: "password" }]);
    expect(JSON.stringify(entries)).not.toContain(body.password);
  });
});

describe("credit and debit", () => {
  const balance = async (id: string): Promise<unknown> => (await admin(`/users/${id}`)).body["balance_usd"];
  test("M26: go through the ledger with a reason, once per reference, beside edits and charges", async () => {
    const user = await newCaller("1");
    const credit = (body: unknown, as = operator.accessKey) => admin<{ credited: boolean; balance_usd: string }>(`/users/${user.userId}/credit`, "POST", body, as);
    expect((await credit({ usd: "12.5", reason: "welcome", ref: "order-7" })).body).toEqual({ credited: true, balance_usd: "13.5" });
    expect((await credit({ usd: "12.5", reason: "welcome", ref: "order-7" })).body).toEqual({ credited: false, balance_usd: "13.5" });
    expect((await credit({ usd: "-3.000000001", reason: "a mistake" })).body).toEqual({ credited: true, balance_usd: "10.499999999" });
    for (const body of [{ usd: "1" }, { usd: "1", reason: "" }, { usd: "1", reason: "  " }, { usd: "0", reason: "x" }, { usd: "1e5", reason: "x" }, { usd: "0.0000000001", reason: "x" }, { usd: 5, reason: "x" }, { usd: "NaN", reason: "x" }, { usd: "9999999999", reason: "x" }, { usd: "1", reason: "x", balance: 1 }, { usd: "1", reason: "a\u0000b" }])
      expect((await credit(body)).status, JSON.stringify(body)).toBe(400);
    expect(await balance(user.userId)).toBe("10.499999999");
    const { data } = (await admin<{ data: Body[] }>(`/users/${user.userId}/ledger`)).body;
    expect(data.map((entry) => [entry["kind"], entry["amount_usd"], entry["reason"]])).toEqual([["operator", "-3.000000001", "a mistake"], ["operator", "12.5", "welcome"], ["credit", "1", ""]]);
    expect((await audit(`user:${user.userId}`)).map((entry) => [entry.action, entry.after?.["credited"]])).toEqual([["wallet.debit", true], ["wallet.credit", false], ["wallet.credit", true]]);
    // The account's own log shows it.
    expect((await api<{ data: { type: number; content: string; quota: number }[] }>("/yescale/logs", { as: user.accessKey })).body.data.map((row) => [row.type, row.content, row.quota])).toEqual([[3, "a mistake", -1_500_000], [1, "welcome", 6_250_000], [1, "credit", 500_000]]);

    // Edits of the profile, charges and credits at once.
    await Promise.all([
      ...Array.from({ length: 20 }, () => chat(user.apiKey)),
      ...Array.from({ length: 20 }, (_, i) => admin(`/users/${user.userId}`, "PATCH", { display_name: `n${i}` })),
      ...Array.from({ length: 20 }, () => credit({ usd: "0.1", reason: "drip" })),
    ]);
    const rows = await gateway.rows(user.userId, 20);
    const charged = rows.reduce((sum, row) => sum + Number(row.charge_nano), 0);
    expect(await eventually(async () => Math.abs(Number(await balance(user.userId)) * 1e9 - (10_499_999_999 + 2e9 - charged)) < 2)).toBe(true);
    expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  });

  test("V39: what a wallet cannot hold is refused in words, and changes nothing; others are credited as ever", async () => {
    const [rich, other] = [await newCaller("0"), await newCaller("0")];
    const credit = (id: string, usd: string) => admin(`/users/${id}/credit`, "POST", { usd, reason: "x" });
    const statuses: number[] = [];
    for (let i = 0; i < 11; i += 1) statuses.push((await credit(rich.userId, "999999999.999999999")).status);
    expect(statuses).toEqual([...Array<number>(9).fill(200), 409, 409]);
    expect(await balance(rich.userId)).toBe("8999999999.999999991");
    expect((await credit(other.userId, "999999999.999999999")).status).toBe(200);
    expect((await audit(`user:${rich.userId}`)).filter(({ action }) => action === "wallet.credit")).toHaveLength(9);
    for (const [who, usd] of [[rich.userId, "-999999999.999999999"], [other.userId, "-999999999.999999999"]] as const) expect((await credit(who, usd)).status).toBe(200);
    expect(await gateway.checkMoney()).toMatchObject({ wrongBalances: [], totalNano: "0" });
  });

  test("the same reference 50 times at once is credited once", async () => {
    const user = await newCaller("0");
    const answers = await Promise.all(Array.from({ length: 50 }, () => admin<{ credited: boolean }>(`/users/${user.userId}/credit`, "POST", { usd: "1", reason: "x", ref: "one" })));
    expect(answers.filter(({ body }) => body.credited)).toHaveLength(1);
    expect(await balance(user.userId)).toBe("1");
  });

  test("no operator gives to himself; an owner may; an organisation's wallet is credited like any", async () => {
    expect((await admin(`/users/${operator.userId}/credit`, "POST", { usd: "5", reason: "me" })).status).toBe(403);
    expect((await admin(`/users/${second.userId}/credit`, "POST", { usd: "5", reason: "colleague" })).status).toBe(200);
    expect((await admin(`/users/${owner.userId}/credit`, "POST", { usd: "5", reason: "me" }, owner.accessKey)).status).toBe(200);
    const id = await createOrganisation(db, { name: "Works", ownerId: owner.userId });
    expect((await admin(`/organisations/${id}/credit`, "POST", { usd: "7", reason: "order 8" })).body).toEqual({ credited: true, balance_usd: "7" });
    // Nor does he give to himself by way of an organisation, which he could end and inherit.
    const his = await createOrganisation(db, { name: "his", ownerId: operator.userId });
    expect((await admin(`/organisations/${his}/credit`, "POST", { usd: "7", reason: "for me" })).status).toBe(403);
    expect((await admin(`/organisations/${his}/credit`, "POST", { usd: "7", reason: "by a second one" }, second.accessKey)).status).toBe(200);
    expect((await admin<{ data: Body[] }>("/organisations?search=WOR")).body.data).toMatchObject([{ id: Number(id), balance_usd: "7", members: 1, status: 1 }]);
    expect((await admin(`/organisations/${id}`, "PATCH", { status: 2 })).body["status"]).toBe(2);
    expect((await audit(`organisation:${id}`)).map((entry) => entry.action)).toEqual(["organisation.change", "wallet.credit"]);
  });
});

describe("requests of all", () => {
  test("are listed with channel and attempts, which callers are not shown; by user, model, channel, failure and time", async () => {
    const user = await newCaller("1");
    await chat(user.apiKey);
    await fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${user.apiKey}`, "content-type": "application/json" }, body: JSON.stringify({ model: "no-such", messages: [] }) });
    const list = async (query: string): Promise<Body[]> => (await admin<{ data: Body[] }>(`/logs?${query}`)).body.data;
    const all = await list(`user=${user.userId}`);
    expect(all.map((row) => [row["model"], row["status"], row["username"], row["key"], row["channel"]])).toEqual([["no-such", 404, user.username, "key", null], ["gpt-4.1-mini", 200, user.username, "key", "sandbox-openai"]]);
    expect(await list(`user=${user.userId}&failed=true`)).toHaveLength(1);
    expect(await list(`user=${user.userId}&channel=sandbox-openai`)).toHaveLength(1);
    expect(await list(`user=${user.userId}&model=claude-sonnet-5`)).toEqual([]);
    expect(await list(`key=${user.keyId}&start_timestamp=${Math.floor(Date.now() / 1000) - 60}`)).toHaveLength(2);
    expect(await list(`key=${user.keyId}&end_timestamp=1000`)).toEqual([]);
    const detail = (await admin<{ attempts: Body[]; lines: Body[]; charge_usd: string }>(`/logs/${all[1]?.["id"] as string}`)).body;
    expect(detail.attempts).toMatchObject([{ channel: "sandbox-openai", outcome: "ok" }]);
    expect(detail.lines.reduce((sum, line) => sum + Number(line["amountNano"]), 0)).toBe(Math.round(Number(detail.charge_usd) * 1e9));
    for (const query of ["user=x", "user=1;drop", "key=-1", "after=x", "status=1", "limit=0"]) expect((await admin(`/logs?${query}`)).status, query).toBe(400);
  });
});

describe("settings and what everybody is told", () => {
  test("an owner sets, all processes follow, the audit log has before and after", async () => {
    const status = async (): Promise<Body> => (await api<{ data: Body }>("/api/status")).body.data;
    expect(await status()).toMatchObject({ quota_per_unit: 500_000, system_name: "YEScale", register_enabled: false, display_in_currency: true });
    const set = (body: unknown) => admin<{ settings: Body; set_here: string[] }>("/settings", "PATCH", body, owner.accessKey);
    expect((await set({ system_name: "Acme AI", sign_up: "open", notice: "**Hello**", about: "About us", home_page_content: "Home", top_up_link: "https://pay.example/" })).body.set_here.toSorted()).toEqual(["about", "home_page_content", "notice", "sign_up", "system_name", "top_up_link"]);
    expect(await status()).toMatchObject({ system_name: "Acme AI", register_enabled: true, top_up_link: "https://pay.example/" });
    expect([(await api<Body>("/api/notice")).body["data"], (await api<Body>("/api/about")).body["data"], (await api<Body>("/api/home_page_content")).body["data"]]).toEqual(["**Hello**", "About us", "Home"]);
    expect((await new Browser(url).post("/api/auth/sign-up/email", { name: "x", email: "x@example.com", password: PASSWORD })).status).toBe(200);
    expect((await set({ sign_up: null, system_name: null })).body.settings).toMatchObject({ sign_up: "closed", system_name: "YEScale", notice: "**Hello**" });
    expect((await audit("settings"))[0]).toMatchObject({ action: "settings.change", before: { sign_up: "open", system_name: "Acme AI" }, after: { sign_up: null, system_name: null } });
    for (const body of [{ sign_up: "maybe" }, { starting_credit_usd: "-1" }, { starting_credit_usd: 1 }, { logo: "javascript:alert(1)" }, { unknown: "x" }, { system_name: "" }]) expect((await set(body)).status, JSON.stringify(body)).toBe(400);
  });

  test("announcements stand for their time", async () => {
    const now = Math.floor(Date.now() / 1000);
    const made = (await admin<{ id: number }>("/announcements", "POST", { title: "Maintenance", text: "Tonight", level: "warning" })).body;
    await admin("/announcements", "POST", { title: "Later", starts_at: now + 3_600 });
    await admin("/announcements", "POST", { title: "Over", starts_at: now - 7_200, ends_at: now - 3_600 });
    const shown = async (): Promise<string[]> => (await api<{ data: { announcements: { title: string }[] } }>("/api/status")).body.data.announcements.map(({ title }) => title);
    expect(await eventually(async () => (await shown()).join() === "Maintenance")).toBe(true);
    expect((await admin(`/announcements/${made.id}`, "PUT", { title: "Done" })).body["title"]).toBe("Done");
    expect(await eventually(async () => (await shown()).join() === "Done")).toBe(true);
    expect((await admin(`/announcements/${made.id}`, "DELETE")).status).toBe(200);
    expect(await eventually(async () => (await shown()).length === 0)).toBe(true);
    expect((await admin("/announcements", "POST", { title: "x", starts_at: 5, ends_at: 4 })).status).toBe(400);
    expect((await audit(`announcement:${made.id}`)).map((entry) => entry.action)).toEqual(["announcement.remove", "announcement.change", "announcement.add"]);
  });

  test("invitations are made, listed, taken back; the code is shown once", async () => {
    const made = (await admin<{ id: number; code: string }>("/invitations", "POST", { note: "for Bea", days: 3 })).body;
    expect(made.code).toMatch(/^[A-Za-z0-9]{24}$/);
    const listed = (await admin<{ data: Body[] }>("/invitations")).body.data;
    expect(listed[0]).toMatchObject({ id: made.id, note: "for Bea", used_by: null });
    expect(JSON.stringify(listed)).not.toContain(made.code);
    expect((await admin(`/invitations/${made.id}`, "DELETE")).status).toBe(200);
    expect((await admin(`/invitations/${made.id}`, "DELETE")).status).toBe(404);
  });
});
