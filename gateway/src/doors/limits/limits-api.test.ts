import { describe, expect, test } from "bun:test";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway();
const operator = await gateway.newCaller("1");
await gateway.db.updateTable("users").set({ role: 10 }).where("id", "=", operator.userId).execute();

const call = async (accessKey: string, method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> & { data: Record<string, unknown>[] } }> => {
  const response = await fetch(`${gateway.url}${path}`, { method, headers: { authorization: `Bearer ${accessKey}`, "content-type": "application/json" }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const answer = { status: response.status, body: (await response.json()) as never };
  // A change is told to every process within a second.
  if (method !== "GET") await Bun.sleep(100);
  return answer;
};
const chats = async (apiKey: string, count: number): Promise<number[]> => {
  const statuses = [];
  for (let i = 0; i < count; i += 1)
    statuses.push((await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}` }, body: JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content: "hi" }] }) })).status);
  return statuses;
};

describe("limits by their routes", () => {
  test("an owner limits his own keys, V09: and nobody else's; an operator's limit holds beside it and cannot be loosened", async () => {
    const [caller, other] = [await gateway.newCaller("10"), await gateway.newCaller("10")];
    expect((await call(other.accessKey, "PUT", `/yescale/keylimits/${caller.keyId}`, { requests_per_minute: 0 })).status).toBe(404);
    expect((await call(caller.accessKey, "PUT", `/yescale/keylimits/${caller.keyId}`, { requests_per_minute: 1, usd_per_day: "0.5" })).status).toBe(200);
    expect(await chats(caller.apiKey, 2)).toEqual([200, 429]);
    expect((await call(operator.accessKey, "PUT", `/api/admin/limits/key/${caller.keyId}`, { requests_per_minute: 3, concurrency: 4 })).body).toMatchObject({
      scope: "key", subject: caller.keyId, set_by: "operator", requests_per_minute: 3, tokens_per_minute: null, requests_per_day: null, concurrency: 4, usd_per_day: null, usd_per_month: null,
    });
    await call(caller.accessKey, "PUT", `/yescale/keylimits/${caller.keyId}`, { requests_per_minute: 1_000_000 });
    expect(await chats(caller.apiKey, 3)).toEqual([200, 200, 429]);
    expect((await call(caller.accessKey, "GET", "/yescale/limits")).body.data).toMatchObject([
      { subject: caller.keyId, set_by: "owner", requests_per_minute: 1_000_000, usd_per_day: null },
      { subject: caller.keyId, set_by: "operator", requests_per_minute: 3, concurrency: 4 },
    ]);
    expect((await call(other.accessKey, "GET", "/yescale/limits")).body.data).toEqual([]);
  });

  test("V12: others' limits are for operators; what they change stands in the audit log", async () => {
    const caller = await gateway.newCaller("10");
    for (const [method, path] of [["GET", "/api/admin/limits"], ["PUT", `/api/admin/limits/user/${caller.userId}`], ["DELETE", `/api/admin/limits/user/${caller.userId}`]] as const)
      expect((await call(caller.accessKey, method, path, method === "PUT" ? {} : undefined)).status).toBe(403);
    await call(operator.accessKey, "PUT", `/api/admin/limits/user/${caller.userId}`, { requests_per_day: 1 });
    expect(await chats(caller.apiKey, 2)).toEqual([200, 429]);
    expect((await call(operator.accessKey, "GET", "/api/admin/limits?scope=user")).body.data).toMatchObject([{ subject: caller.userId, requests_per_day: 1 }]);
    expect((await call(operator.accessKey, "DELETE", `/api/admin/limits/user/${caller.userId}`)).body).toMatchObject({ deleted: true });
    expect((await call(operator.accessKey, "DELETE", `/api/admin/limits/user/${caller.userId}`)).status).toBe(404);
    expect(await chats(caller.apiKey, 1)).toEqual([200]);
    const audit = (await call(operator.accessKey, "GET", `/api/admin/audit?subject=user:${caller.userId}`)).body.data;
    expect(audit.map(({ action }) => action)).toEqual(["limit.remove", "limit.set"]);
    expect(audit[1]).toMatchObject({ before: null, after: { requests_per_day: 1 } });
  });

  test.each([
    ["an unknown scope", "/api/admin/limits/planet/1", { concurrency: 1 }],
    ["a name for an id", "/api/admin/limits/user/bob", { concurrency: 1 }],
    ["a fraction", "/api/admin/limits/user/1", { concurrency: 1.5 }],
    ["a negative number", "/api/admin/limits/user/1", { requests_per_minute: -1 }],
    ["more than there are", "/api/admin/limits/user/1", { requests_per_minute: 1e12 }],
    ["negative dollars", "/api/admin/limits/user/1", { usd_per_day: "-1" }],
    ["dollars as a number", "/api/admin/limits/user/1", { usd_per_day: 5 }],
    ["a kind that does not exist", "/api/admin/limits/user/1", { requests_per_second: 1 }],
    ["V11: somebody else's hand", "/api/admin/limits/user/1", { set_by: "owner" }],
  ])("%s is refused", async (_name, path, body) => {
    expect((await call(operator.accessKey, "PUT", path, body)).status).toBe(400);
  });
});
