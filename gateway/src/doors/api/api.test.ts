import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { API_ROUTES, type ApiRoute } from "@yescale/contract";
import { setUserStatus } from "../../store/queries/accounts.ts";
import { changeAudited } from "../../store/queries/audit.ts";
import { testGateway } from "../../testing/gateway.ts";
import { fromOwnPages } from "./same-origin.ts";

const { db, api, newCaller } = await testGateway();
const operator = await newCaller("0", { role: 10 });

describe("the contract", () => {
  test("every address of an operator stands under /api/admin, and the reverse", () => {
    for (const { path, who } of API_ROUTES) expect(path.startsWith("/api/admin/"), path).toBe(who === "operator" || who === "owner");
  });
  test("what changes something is no GET, unless it says so, and then a session must prove its page", () => {
    for (const route of API_ROUTES as ApiRoute[]) if (route.method === "get") expect(route.body, route.path).toBeUndefined();
  });
});

test("M38: nobody is paid for bringing somebody: a sign-up that names one is refused, nothing serves a referral, and no answer has a member for it", async () => {
  for (const member of ["aff_code", "aff", "referrer", "inviter_id"]) {
    const { status, body } = await api<{ message: string }>("/api/auth/sign-up/email", { method: "POST", body: { name: "a", email: "a@example.com", password: "correct horse 1", [member]: "x" } });
    expect([status, body.message.includes(member)], member).toEqual([400, true]);
  }
  for (const path of ["/api/user/aff", "/api/user/aff_transfer"]) expect((await api(path, { as: operator.accessKey })).status, path).toBe(404);
  expect(JSON.stringify(API_ROUTES.map((route) => [route.path, z.toJSONSchema(route.answer, { unrepresentable: "any", io: "input" })]))).not.toMatch(/"(aff|referr|inviter)/i);
});

describe("what every management route shares", () => {
  test("a query that does not fit is refused by name, in the words of the address", async () => {
    for (const limit of ["0", "-1", "1.5", "1e3", "9999999999999999", "many", ""]) {
      const { status, body } = await api<{ error: { param: string; code: string } }>(`/api/admin/audit?limit=${limit}`, { as: operator.accessKey });
      expect([status, body.error.code, body.error.param], limit).toEqual([400, "invalid_request", "limit"]);
    }
  });
  test("a character that Postgres does not take is refused, not passed on", async () => {
    expect((await api("/api/admin/audit?action=a%00b", { as: operator.accessKey })).status).toBe(400);
  });
  test("what says which part of a list, or whose rows, is no text of any form", async () => {
    for (const query of ["after=x", "after=-1", "after=1e3", "after=' or 1=1", "user=x", "key=0", "organisation=1;2"])
      for (const path of ["/api/admin/logs", "/api/admin/tasks", "/api/admin/users", "/api/admin/usage"]) {
        const { status, body } = await api<{ error?: { param: string } }>(`${path}?${encodeURI(query)}`, { as: operator.accessKey });
        if (status !== 200) expect([status, body.error?.param], path).toEqual([400, query.split("=")[0]]);
        else expect(path.endsWith("usage") ? query.startsWith("after") : path.endsWith("users") && !query.startsWith("after"), `${path} ${query}`).toBe(true);
      }
  });
  test("a name beats a placeholder whatever the method, and says which methods there are", async () => {
    const { status, headers } = await api("/api/token/batch", { as: operator.accessKey });
    expect([status, headers.get("allow")]).toEqual([405, "POST"]);
  });
  test("no answer is kept by a cache", async () => {
    expect((await api("/yescale/user", { as: operator.accessKey })).headers.get("cache-control")).toBe("no-store");
  });
  test("a slash at the end and none are one address, and neither is a redirect", async () => {
    expect((await api("/yescale/user/", { as: operator.accessKey })).status).toBe(200);
    expect((await api("//yescale//user", { as: operator.accessKey })).status).toBe(200);
  });
  test("a disabled account is refused, operators' addresses first by role", async () => {
    const other = await newCaller("0");
    expect((await api("/api/admin/audit", { as: other.accessKey })).status).toBe(403);
    await setUserStatus(db, other.userId, 2);
    expect(await api("/yescale/user", { as: other.accessKey })).toMatchObject({ status: 403, body: { success: false, message: "The account is disabled." } });
  });
});

describe("the audit log", () => {
  test("keeps what was noted in the same transaction, pages newest first, and cannot be changed", async () => {
    for (let i = 1; i <= 5; i += 1)
      await changeAudited(db, { actorId: operator.userId, requestId: `r${i}` }, [], (_tx, note) => Promise.resolve(note({ action: "test.change", subject: `thing:${i}`, before: { a: i }, after: { a: i + 1 } })));
    await changeAudited(db, { actorId: operator.userId, requestId: "r6" }, [], (_tx, note) => {
      note({ action: "test.change", subject: "thing:6" });
      return Promise.reject(new Error("no"));
    }).catch(() => undefined);
    const seen: string[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const { body }: { body: { data: { subject: string; actor: string }[]; next: string | null } } = await api(`/api/admin/audit?limit=2&action=test.change${next === "" ? "" : `&after=${next}`}`, { as: operator.accessKey });
      seen.push(...body.data.map((row) => row.subject));
      next = body.next;
    }
    expect(seen).toEqual(["thing:5", "thing:4", "thing:3", "thing:2", "thing:1"]);
    await expect(db.updateTable("audit_log").set({ subject: "thing:0" }).execute()).rejects.toThrow("append-only");
    await expect(db.deleteFrom("audit_log").execute()).rejects.toThrow("append-only");
    expect((await api("/api/admin/audit?after=x", { as: operator.accessKey })).status).toBe(400);
  });
});

describe("V22: a session's changes come from our own pages only", () => {
  const from = (headers: Record<string, string>, pages: string[] = []): boolean => fromOwnPages(new Request("http://gateway.example/api/x", { method: "POST", headers: { host: "gateway.example", ...headers } }), pages);
  test.each<[Record<string, string>, boolean]>([
    [{ "sec-fetch-site": "same-origin", origin: "https://gateway.example" }, true],
    [{ "sec-fetch-site": "same-site", origin: "https://evil.gateway.example" }, false],
    [{ "sec-fetch-site": "cross-site", origin: "https://evil.example" }, false],
    [{ "sec-fetch-site": "none" }, false],
    [{ "sec-fetch-site": "cross-site", origin: "https://gateway.example" }, false],
    [{ origin: "https://gateway.example" }, true],
    [{ origin: "http://gateway.example" }, true],
    [{ origin: "http://gateway.example.evil.example" }, false],
    [{ origin: "http://evil.example/gateway.example" }, false],
    [{ origin: "null" }, false],
    [{}, false],
    [{ referer: "https://gateway.example/" }, false],
  ])("%j: %p", (headers, allowed) => expect(from(headers)).toBe(allowed));
  test("another origin of ours is let in by its whole name", () => {
    expect(from({ origin: "https://console.example", "sec-fetch-site": "cross-site" }, ["https://console.example"])).toBe(true);
    expect(from({ origin: "https://console.example.evil.example", "sec-fetch-site": "cross-site" }, ["https://console.example"])).toBe(false);
  });
});

