import { describe, expect, test } from "bun:test";
import { testGateway } from "../../testing/gateway.ts";

/** Each redeems from an address of his own, unless told. */
const gateway = await testGateway((config) => (config.trustedProxies = ["127.0.0.1"]));
const { api, db, newCaller } = gateway;
const [operator, owner] = [await newCaller("0", { role: 10 }), await newCaller("0", { role: 100 })];
type Body = Record<string, unknown>;
interface Made { batch: { id: number; redeemed: number; disabled: boolean; expires_at: number | null }; codes: string[] }
const admin = <Answer = Body>(path: string, method = "GET", body?: unknown, as = operator.accessKey) => api<Answer>(`/api/admin/${path}`, { method, as, ...(body === undefined ? {} : { body }) });
const make = async (body: Body = {}, as?: string): Promise<Made> => (await admin<Made>("code-batches", "POST", { name: "spring", count: 1, usd: "5", ...body }, as)).body;
let addresses = 0;
const redeem = (code: string, as: string, from = `198.51.100.${(addresses += 1)}`) => api<{ amount_usd: string; balance_usd: string; error: { code: string; message: string } }>("/api/account/redeem", { method: "POST", as, body: { code }, headers: { "x-forwarded-for": from } });
const in1h = (): number => Math.floor(Date.now() / 1000) + 3_600;

describe("redemption codes", () => {
  test("are made in a batch, shown once, and redeemed once, however they are typed", async () => {
    const { batch, codes } = await make({ count: 3, usd: "12.500000001", expires_at: in1h() });
    expect(batch).toMatchObject({ name: "spring", amount_usd: "12.500000001", count: 3, redeemed: 0, disabled: false, created_by: Number(operator.userId) });
    expect(new Set(codes).size).toBe(3);
    for (const code of codes) expect(code).toMatch(/^(?:[2-9A-HJ-NP-Z]{5}-){3}[2-9A-HJ-NP-Z]{5}$/);
    const user = await newCaller("1");
    const [first = "", second = "", third = ""] = codes;
    expect((await redeem(` ${first.toLowerCase().replaceAll("-", " ")} `, user.accessKey)).body).toEqual({ amount_usd: "12.500000001", balance_usd: "13.500000001" } as never);
    expect(await redeem(first, user.accessKey)).toMatchObject({ status: 404, body: { error: { code: "not_found", param: "code" } } });
    // As clients of the family do it, in quota units.
    expect((await api("/api/user/topup", { method: "POST", as: user.accessKey, body: { key: second } })).body).toEqual({ success: true, message: "", data: 6_250_000 });
    expect(await api("/api/user/topup", { method: "POST", as: user.accessKey, body: { key: second } })).toMatchObject({ status: 404, body: { success: false } });
    const listed = (await admin<{ data: Body[] }>(`code-batches/${batch.id}/codes`)).body.data;
    expect(listed.map((row) => [row["redeemed_by"], row["redeemed_by_name"]])).toEqual([[Number(user.userId), user.username], [Number(user.userId), user.username], [null, null]]);
    expect(JSON.stringify(listed)).not.toContain(third.slice(0, 17));
    expect((await admin<{ data: Body[] }>("code-batches")).body.data[0]).toMatchObject({ id: batch.id, redeemed: 2 });
    // Nothing that redeems stands in the database.
    const stored = JSON.stringify(await db.selectFrom("redemption_codes").selectAll().execute());
    for (const code of codes) expect(stored).not.toContain(code.slice(0, 17));
    expect((await api<{ data: Body[] }>("/api/account/ledger", { as: user.accessKey })).body.data.map((row) => [row["kind"], row["amount_usd"]])).toEqual([["redemption", "12.500000001"], ["redemption", "12.500000001"], ["credit", "1"]]);
    expect((await admin<{ data: Body[] }>("audit?action=code.redeem")).body.data.map((row) => row["actor_id"])).toEqual([Number(user.userId), Number(user.userId)]);
    expect((await admin<{ data: Body[] }>(`audit?subject=code-batch:${batch.id}`)).body.data.map((row) => row["action"])).toEqual(["codes.add"]);
    expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  });

  test("V27: the same code 50 times at once, by one account and by many, is credited once", async () => {
    const { codes } = await make({ count: 2, usd: "7" });
    const user = await newCaller("0");
    const alone = await Promise.all(Array.from({ length: 50 }, () => redeem(codes[0] ?? "", user.accessKey, "203.0.113.1")));
    expect(alone.filter(({ status }) => status === 200)).toHaveLength(1);
    const people = await Promise.all(Array.from({ length: 50 }, () => newCaller("0")));
    const together = await Promise.all(people.map((each) => redeem(codes[1] ?? "", each.accessKey)));
    expect(together.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await db.selectFrom("ledger").select("seq").where("kind", "=", "redemption").where("amount_nano", "=", "7000000000").execute()).toHaveLength(2);
    expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  });

  test("are worth nothing when they are disabled, over, or their batch is stopped; an end can be moved", async () => {
    const user = await newCaller("0");
    const { batch, codes } = await make({ count: 4, expires_at: in1h() });
    const [{ id } = { id: 0 }] = (await admin<{ data: { id: number }[] }>(`code-batches/${batch.id}/codes`)).body.data;
    expect((await admin(`codes/${id}`, "PATCH", { disabled: true })).body).toEqual({ id, disabled: true });
    expect((await redeem(codes[0] ?? "", user.accessKey)).status).toBe(404);
    expect((await admin(`codes/${id}`, "PATCH", { disabled: false })).status).toBe(200);
    expect((await redeem(codes[0] ?? "", user.accessKey)).status).toBe(200);
    // A used code stays used.
    expect((await admin(`codes/${id}`, "PATCH", { disabled: true })).status).toBe(404);
    expect((await admin(`code-batches/${batch.id}`, "PATCH", { disabled: true })).body).toMatchObject({ disabled: true });
    expect((await redeem(codes[1] ?? "", user.accessKey)).status).toBe(404);
    expect((await admin(`code-batches/${batch.id}`, "PATCH", { disabled: false, name: "summer", expires_at: null })).body).toMatchObject({ disabled: false, name: "summer", expires_at: null });
    expect((await redeem(codes[1] ?? "", user.accessKey)).status).toBe(200);
    await db.updateTable("code_batches").set({ expires_at: new Date(Date.now() - 1_000) }).where("id", "=", String(batch.id)).execute();
    expect((await redeem(codes[2] ?? "", user.accessKey)).status).toBe(404);
    expect((await admin<{ data: Body[] }>(`audit?subject=code-batch:${batch.id}`)).body.data[0]).toMatchObject({ action: "codes.change", before: { disabled: true, name: "spring" }, after: { disabled: false, name: "summer", expires_at: null } });
  });

  test("as files: CSV with the codes when they are made, their states later, noted in the audit log", async () => {
    const made = await admin<string>("code-batches?format=csv", "POST", { name: "=cmd()", count: 2, usd: "3" });
    expect(made.headers.get("content-disposition")).toContain("codes-");
    const [head, first = "", second = "", end] = made.body.split("\r\n");
    expect([head, end]).toEqual(["id,code,amount_usd,expires_at", ""]);
    const codes = [first, second].map((line) => line.split(",")[1] ?? "");
    const user = await newCaller("0");
    expect((await redeem(codes[1] ?? "", user.accessKey)).body.balance_usd).toBe("3");
    const [batch] = (await admin<{ data: { id: number }[] }>("code-batches?limit=1")).body.data;
    const state = await admin<string>(`code-batches/${batch?.id}/export?format=csv`);
    expect(state.body.split("\r\n").slice(1, 3).map((line) => line.split(",").slice(1, 4))).toEqual([[`****-${codes[0]?.slice(-4)}`, "false", ""], [`****-${codes[1]?.slice(-4)}`, "false", user.userId]]);
    expect((await admin<Body[]>(`code-batches/${batch?.id}/export`)).body).toHaveLength(2);
    expect((await admin<{ data: Body[] }>(`audit?subject=code-batch:${batch?.id}`)).body.data.map((row) => row["action"])).toEqual(["export", "export", "codes.add"]);
  });

  test("nobody makes codes for himself, unless he is an owner", async () => {
    const { codes } = await make();
    expect((await redeem(codes[0] ?? "", operator.accessKey)).status).toBe(404);
    expect((await redeem(codes[0] ?? "", owner.accessKey)).status).toBe(200);
    const own = await make({}, owner.accessKey);
    expect((await redeem(own.codes[0] ?? "", owner.accessKey)).status).toBe(200);
  });

  test("V35: guessing is stopped, by account and by address; a good code is let in while there are tries left", async () => {
    const user = await newCaller("0");
    const { codes } = await make({ count: 30 });
    for (let i = 0; i < 19; i += 1) expect((await redeem(`AAAAA-AAAAA-AAAAA-AA${100 + i}`, user.accessKey, "203.0.113.2")).status).toBe(404);
    expect((await redeem(codes[0] ?? "", user.accessKey, "203.0.113.2")).status).toBe(200);
    // A good one begins the count anew; from elsewhere it is counted too.
    const statuses = [];
    for (let i = 0; i < 45; i += 1) statuses.push((await redeem(`AAAAA-AAAAA-AAAAA-AA${100 + i}`, user.accessKey, i % 2 === 0 ? "203.0.113.2" : undefined)).status);
    expect(statuses).toEqual([...Array<number>(40).fill(404), ...Array<number>(5).fill(429)]);
    expect(await redeem(codes[1] ?? "", user.accessKey)).toMatchObject({ status: 429, body: { error: { code: "rate_limit_exceeded" } } });
    // One address with many accounts.
    const people = await Promise.all(Array.from({ length: 16 }, () => newCaller("0")));
    const tried = await Promise.all(people.flatMap((each) => Array.from({ length: 20 }, (_, i) => redeem(`BBBBB-AAAAA-AAAAA-AA${100 + i}`, each.accessKey, "203.0.113.3"))));
    expect(tried.filter(({ status }) => status === 404)).toHaveLength(300);
    expect(tried.filter(({ status }) => status === 429)).toHaveLength(20);
  });

  test("amounts, counts and texts that do not fit are refused", async () => {
    for (const body of [{ usd: "0" }, { usd: "-5" }, { usd: "1e3" }, { usd: 5 }, { usd: "1.0000000001" }, { usd: "100000" }, { count: 0 }, { count: -1 }, { count: 1.5 }, { count: 10_001 }, { count: "5" }, { name: "" }, { name: "x".repeat(101) }, { name: "a\u0000" }, { expires_at: 1_000 }, { expires_at: -1 }, { amount_nano: 5 }])
      expect((await admin("code-batches", "POST", { name: "x", count: 1, usd: "5", ...body })).status, JSON.stringify(body)).toBe(400);
    for (const code of ["", "x".repeat(65), 5, null, { $gt: "" }]) expect((await api("/api/account/redeem", { method: "POST", as: owner.accessKey, body: { code } })).status, JSON.stringify(code)).toBe(400);
    expect((await admin("code-batches/999999", "PATCH", { disabled: true })).status).toBe(404);
    expect((await admin("code-batches/999999/codes")).status).toBe(404);
    expect((await admin("code-batches/999999/export")).status).toBe(404);
  });
});
