import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { sql } from "kysely";
import { EXPORT_COLUMNS, type ExportKind } from "../../store/queries/exports.ts";
import { createOrganisation } from "../../store/queries/organisations.ts";
import { creditWallet } from "../../store/queries/money.ts";
import { testGateway } from "../../testing/gateway.ts";
import { csvCell, csvLine } from "./csv.ts";

const gateway = await testGateway();
const { api, db, newCaller, url } = gateway;
const operator = await newCaller("0", { role: 10 });
const caller = await newCaller("10", { group: "claude" });
type Body = Record<string, unknown>;
const ask = <Answer = Body>(path: string) => api<Answer>(`/api/admin${path}`, { as: operator.accessKey });
const chat = (model: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json", ...headers }, body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }) });
interface Report { balances: { checked: number; wrong: Body[] }; charges: { checked: number; complete: boolean; wrong: string[] }; total: Record<string, string | number>; by_channel: Body[]; set_aside: number }

describe("reconciliation", () => {
  test("sound books agree; what was charged stands beside what the usage costs at list prices, by channel and model", async () => {
    await chat("claude-sonnet-5");
    await chat("claude-haiku-4-5");
    await gateway.rows(caller.userId, 2);
    const { body } = await ask<Report>("/reconciliation");
    expect(body).toMatchObject({ balances: { wrong: [] }, charges: { checked: 2, complete: true, wrong: [] }, set_aside: 0 });
    expect(body.balances.checked).toBeGreaterThan(1);
    // The group claude asks 1.75 times the list price.
    expect(Number(body.total["charged_usd"]) / Number(body.total["list_price_usd"])).toBeCloseTo(1.75, 3);
    expect(new Set(body.by_channel.map((row) => row["model"]))).toEqual(new Set(["claude-haiku-4-5", "claude-sonnet-5"]));
    expect(body.by_channel.reduce((sum, row) => sum + Number(row["charged_usd"]), 0)).toBeCloseTo(Number(body.total["charged_usd"]), 12);
    expect((await ask<Report>("/reconciliation?start_timestamp=5&end_timestamp=10")).body.charges.checked).toBe(0);
    expect((await ask("/reconciliation?start_timestamp=10&end_timestamp=5")).status).toBe(400);
  });

  test("a task whose count was agreed on and is not in its vendor's report costs its lines, the group's ratio taken out", async () => {
    const [row] = await gateway.rows(caller.userId);
    const become = (model: string, usage: object) => sql`update requests set model = ${model}, usage = ${JSON.stringify(usage)}::text::jsonb where id = ${row?.id}::uuid`.execute(db);
    await become("kling-v2-master", {});
    const film = (await ask<Report>("/reconciliation")).body.by_channel.find(({ model }) => model === "kling-v2-master");
    expect(Number(film?.["charged_usd"]) / Number(film?.["list_price_usd"])).toBeCloseTo(1.75, 3);
    await become(row?.model ?? "", row?.usage ?? {});
  });

  test("a balance, a charge or a line that somebody changed is found", async () => {
    const [row] = await gateway.rows(caller.userId);
    const wallet = await db.selectFrom("budgets").selectAll().where("kind", "=", "wallet").where("owner_id", "=", caller.userId).executeTakeFirstOrThrow();
    await db.updateTable("budgets").set({ balance_nano: String(BigInt(wallet.balance_nano) + 5n) }).where("id", "=", wallet.id).execute();
    expect((await ask<Report>("/reconciliation")).body.balances.wrong).toMatchObject([{ kind: "wallet", owner_id: Number(caller.userId) }]);
    await db.updateTable("budgets").set({ balance_nano: wallet.balance_nano }).where("id", "=", wallet.id).execute();
    await sql`update requests set charge_nano = charge_nano + 1 where id = ${row?.id}::uuid`.execute(db);
    expect((await ask<Report>("/reconciliation")).body.charges.wrong).toEqual([row?.id ?? ""]);
    await sql`update requests set charge_nano = charge_nano - 1 where id = ${row?.id}::uuid`.execute(db);
    expect((await ask<Report>("/reconciliation")).body).toMatchObject({ balances: { wrong: [] }, charges: { wrong: [] } });
  });
});

/** Cells of a file, read as RFC 4180 says. */
function read(csv: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    lines.at(-1)?.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
    if (end === "\r\n") lines.push([]);
    if (end === "") break;
  }
  return lines.slice(0, -1);
}

describe("export", () => {
  const file = (path: string): Promise<Response> => fetch(`${url}/api/admin/export/${path}`, { headers: { authorization: operator.accessKey } });

  test("lists as CSV and as JSON, with exact amounts, without secrets; each is noted", async () => {
    await createOrganisation(db, { name: "Works", ownerId: caller.userId });
    await creditWallet(db, { userId: caller.userId, amountNano: 1n, kind: "credit", ref: "tiny" });
    for (const what of ["users", "organisations", "requests", "ledger", "audit"]) {
      const csv = await file(what);
      expect([csv.status, csv.headers.get("content-type"), csv.headers.get("content-disposition")]).toEqual([200, "text/csv; charset=utf-8; header=present", `attachment; filename="${what}.csv"`]);
      const [names = [], ...lines] = read(await csv.text());
      const rows = (await (await file(`${what}?format=json`)).json()) as Body[];
      expect(Object.keys(rows[0] ?? {})).toEqual(names);
      // Exports are noted in the audit log themselves, each before or after it is read.
      const others = (actions: readonly unknown[]): number => actions.filter((action) => action !== "export").length;
      expect(others(rows.map((row) => row["action"])), what).toBe(others(lines.map((line) => line[names.indexOf("action")])));
      for (const secret of [caller.apiKey, caller.accessKey, "argon2", "hash"]) expect(JSON.stringify(rows).includes(secret), `${what} ${secret}`).toBe(false);
    }
    const users = (await (await file("users?format=json")).json()) as Body[];
    const { balance_nano } = await db.selectFrom("budgets").select("balance_nano").where("kind", "=", "wallet").where("owner_id", "=", caller.userId).executeTakeFirstOrThrow();
    expect(Math.round(Number(users.find((row) => String(row["id"]) === caller.userId)?.["balance_usd"]) * 1e9)).toBe(Number(balance_nano));
    expect((await ask<{ data: { subject: string }[] }>("/audit?action=export&limit=1")).body.data[0]?.subject).toBe("export:users");
  });

  test("more rows than one part, and nothing of a time that has none", async () => {
    await sql`alter table users disable trigger users_changed`.execute(db);
    await sql`insert into users (username) select 'many-' || g from generate_series(1, 2500) g`.execute(db);
    await sql`alter table users enable trigger users_changed`.execute(db);
    const ids = read(await (await file("users")).text()).slice(1).map(([id]) => Number(id));
    expect(ids.length).toBe(2_502);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(await (await file("requests?end_timestamp=1000&format=json")).json()).toEqual([]);
    for (const what of ["requests", "ledger", "audit", "orders"]) expect(read(await (await file(`${what}?end_timestamp=1000`)).text()), what).toEqual([[...EXPORT_COLUMNS[what as ExportKind]]]);
    expect((await file("secrets")).status).toBe(400);
    expect((await file("users?format=xml")).status).toBe(400);
  });

  test("V17: no cell is a formula, and every text comes back as it was, but for the quote that keeps it text", () => {
    for (const text of ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(\"http://evil.example\",\"x\")", "|calc", "%0A=1"]) {
      const [[cell = ""] = []] = read(csvLine([text, "x"]));
      expect(cell, text).toBe(`'${text}`);
    }
    for (const number of ["-1", "-0.000000001", "5", 7, -2.5]) expect(csvCell(number)).toBe(String(number));
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 2, maxLength: 5 }), (cells) => {
        const [line = []] = read(csvLine(cells));
        return line.every((cell, i) => !/^[=+\-@\t\r\n|%]/.test(cell) || /^-?\d+(\.\d+)?$/.test(cell) ? cell === cells[i] || cell === `'${cells[i]}` : false) && line.length === cells.length;
      }),
    );
  });
});
