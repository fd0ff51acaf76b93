import { describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { addMember, createOrganisation } from "../../store/queries/organisations.ts";
import { tasksQuery } from "../../store/queries/task-lists.ts";
import { eventually } from "../../testing/program.ts";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway();
const { api, db, newCaller, url } = gateway;
const operator = await newCaller("0", { role: 10 });
const caller = await newCaller("50");
const stranger = await newCaller("50");
type Body = Record<string, unknown>;

/** Sends a task to fal; waits for its end unless it never ends. Gives its id. */
async function send(who: { apiKey: string }, prompt: string, fault?: string): Promise<string> {
  const answer = await fetch(`${url}/fal-ai/recraft/v3/text-to-image`, { method: "POST", headers: { authorization: `Bearer ${who.apiKey}`, "content-type": "application/json", ...(fault === undefined ? {} : { "x-sandbox-fault": fault }) }, body: JSON.stringify({ prompt }) });
  const { task_id: id } = (await answer.json()) as { task_id: string };
  if (fault !== "never-ends") await fetch(`${url}/fal-ai/${id}?wait=10`, { headers: { authorization: `Bearer ${who.apiKey}` } });
  return id;
}
const now = (): number => Math.floor(Date.now() / 1000);
const list = async (who = caller, from = now() - 3_600, to = now() + 60): Promise<Body[]> => (await api<{ data: Body[] }>(`/yescale/task?start_timestamp=${from}&end_timestamp=${to}`, { as: who.accessKey })).body.data;
const [made, failed, running] = [await send(caller, "a stone"), await send(caller, "a river", "refuse"), await send(caller, "a hill", "never-ends")];
await send(stranger, "a tree");

describe("an account's tasks", () => {
  test("GET /yescale/task: the documented members, newest first, what was charged, what went back, what is held", async () => {
    const rows = await list();
    expect(rows.map((row) => row["task_id"])).toEqual([running, failed, made]);
    expect(Object.keys(rows[0] ?? {})).toEqual(["id", "task_id", "platform", "action", "model", "status", "progress", "submit_time", "start_time", "finish_time", "fail_reason", "quota", "refunded", "token_name", "group", "result_url"]);
    expect(rows[2]).toMatchObject({ platform: "fal-ai", action: "fal-recraft-v3-text-to-image", model: "fal-recraft-v3-text-to-image", status: "SUCCESS", progress: "100%", fail_reason: "", quota: 20_000, refunded: false, token_name: "key", group: "default", result_url: expect.stringContaining("/assets/") as string });
    expect(rows[1]).toMatchObject({ status: "FAILURE", progress: "100%", fail_reason: expect.stringMatching(/.../) as string, quota: 0, refunded: true, result_url: "" });
    expect(rows[0]).toMatchObject({ finish_time: 0, fail_reason: "", quota: 20_000, refunded: false, result_url: "" });
    expect(Number(rows[0]?.["id"]) > Number(rows[1]?.["id"])).toBe(true);
  });

  test("a time is asked for, and holds; it must be one", async () => {
    expect(await list(caller, 5, 10)).toEqual([]);
    for (const query of ["", "?start_timestamp=5", "?start_timestamp=10&end_timestamp=5", "?start_timestamp=a&end_timestamp=5", "?start_timestamp=-1&end_timestamp=5"])
      expect((await api(`/yescale/task${query}`, { as: caller.accessKey })).body, query).toMatchObject({ success: false });
    expect((await api("/yescale/task?start_timestamp=5", { as: caller.accessKey })).body).toEqual({ success: false, message: '"end_timestamp": is missing' });
  });

  test("V09: nobody sees another's tasks, by whatever id", async () => {
    expect((await list(stranger)).length).toBe(1);
    const page = (await api<{ data: { total: number; items: Body[] } }>(`/api/task/self?task_id=${made}`, { as: stranger.accessKey })).body.data;
    expect(page).toMatchObject({ total: 0, items: [] });
    expect((await api(`/api/admin/tasks/${made}`, { as: caller.accessKey })).status).toBe(403);
  });

  test("GET /api/task/self: pages and filters, empty ones among them", async () => {
    const ask = async (query: string): Promise<{ page: number; page_size: number; total: number; items: Body[] }> =>
      (await api<{ data: { page: number; page_size: number; total: number; items: Body[] } }>(`/api/task/self?${query}`, { as: caller.accessKey, headers: { "new-api-user": "7" } })).body.data;
    const ids = async (query: string): Promise<unknown[]> => (await ask(query)).items.map((row) => row["task_id"]);
    expect(await ask("p=1&page_size=2")).toMatchObject({ page: 1, page_size: 2, total: 3, items: [{ task_id: running, user_id: Number(caller.userId) }, { task_id: failed }] });
    expect(await ids("p=2&page_size=2")).toEqual([made]);
    expect(await ids("p=3&page_size=2")).toEqual([]);
    expect(await ids("status=FAILURE")).toEqual([failed]);
    expect(await ids("status=SUCCESS&platform=fal-ai&action=fal-recraft-v3-text-to-image&task_id=")).toEqual([made]);
    expect(await ids("platform=suno&status=")).toEqual([]);
    expect(await ids(`start_timestamp=${(now() - 3600) * 1000}&end_timestamp=${(now() + 60) * 1000}`)).toHaveLength(3);
    expect((await api("/api/task/self?status=DONE", { as: caller.accessKey })).status).toBe(400);
  });

  test("GET /api/mj/self: Midjourney's tasks only, as its clients know them", async () => {
    const other = await newCaller("5");
    await send(other, "a stone");
    const submit = (await (await fetch(`${url}/mj/submit/imagine`, { method: "POST", headers: { authorization: `Bearer ${other.apiKey}`, "content-type": "application/json" }, body: JSON.stringify({ prompt: "a boat", state: "s1" }) })).json()) as { result: string };
    const ask = async (query = ""): Promise<Body[]> => (await api<{ data: { items: Body[] } }>(`/api/mj/self?p=1&page_size=10${query}`, { as: other.accessKey })).body.data.items;
    expect(await eventually(async () => (await ask())[0]?.["status"] === "SUCCESS", 20_000)).toBe(true);
    expect(await ask()).toMatchObject([{ mj_id: submit.result, action: "IMAGINE", prompt: "a boat", state: "s1", code: 1, progress: "100%", quota: expect.any(Number) as number, buttons: expect.stringContaining("upsample") as string, image_url: expect.stringContaining("http") as string }]);
    expect(Number((await ask())[0]?.["submit_time"])).toBeGreaterThan(1e12);
    expect(await ask("&mj_id=1234")).toEqual([]);
  });
});

describe("operators", () => {
  const ask = <Answer = Body>(path: string, body?: Body) => api<Answer>(`/api/admin${path}`, { as: operator.accessKey, ...(body ? { method: "POST", body } : {}) });
  interface Page { data: Body[]; next: string | null }

  test("all tasks with filters, page by page; one with its attempts and lines", async () => {
    const ids = async (query: string): Promise<unknown[]> => (await ask<Page>(`/tasks?${query}`)).body.data.map((row) => row["id"]);
    expect(await ids(`user=${caller.userId}`)).toEqual([running, failed, made]);
    expect(await ids(`user=${caller.userId}&show=open`)).toEqual([running]);
    expect(await ids(`user=${caller.userId}&state=FAILURE&model=fal-recraft-v3-text-to-image&platform=fal-ai`)).toEqual([failed]);
    expect(await ids(`key=${caller.keyId}&state=SUCCESS`)).toEqual([made]);
    expect(await ids("organisation=1")).toEqual([]);
    const first = (await ask<Page>(`/tasks?user=${caller.userId}&limit=2`)).body;
    expect((await ask<Page>(`/tasks?user=${caller.userId}&limit=2&after=${first.next}`)).body).toMatchObject({ data: [{ id: made }], next: null });
    for (const query of ["user=x", "after=x", "show=all", "state=DONE", "limit=0"]) expect((await ask(`/tasks?${query}`)).status, query).toBe(400);
    const { body } = await ask(`/tasks/${made}`);
    expect(body).toMatchObject({ id: made, username: caller.username, state: "SUCCESS", phase: "ended", charge_usd: "0.04", held_usd: "0", late: null, deliveries: [] });
    expect([(body["lines"] as Body[]).length > 0, (body["outputs"] as Body[]).length]).toEqual([true, 1]);
    expect((await ask("/tasks/none")).status).toBe(404);
  });

  test("M05: a task is ended by an operator: the hold goes back once, and it stands in the audit log", async () => {
    const before = (await list())[0];
    expect(before?.["task_id"]).toBe(running);
    expect((await ask(`/tasks/${running}/end`, {})).status).toBe(400);
    expect((await ask(`/tasks/${running}/end`, { reason: "stuck" })).body as unknown).toEqual({ ending: true });
    expect(await eventually(async () => (await list())[0]?.["status"] === "FAILURE", 10_000)).toBe(true);
    expect((await list())[0]).toMatchObject({ quota: 0, refunded: true });
    expect((await ask(`/tasks/${running}/end`, { reason: "again" })).status).toBe(409);
    expect((await ask("/tasks/none/end", { reason: "stuck" })).status).toBe(404);
    expect((await ask<Page>("/audit?limit=1")).body.data).toMatchObject([{ action: "task.end", subject: `task:${running}` }]);
    expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  });

  test("what came late stands in the report until it has been looked at", async () => {
    await sql`insert into late_results (task_id, outputs, usage, cost_nano) values (${failed}, '[{"kind":"image","url":"https://vendor.example/x.png"}]', '{}', 40000000)`.execute(db);
    const report = async (): Promise<unknown> => (await ask<{ tasks: unknown }>("/reconciliation")).body.tasks;
    expect(await report()).toEqual({ open: 0, parked: 0, overdue: 0, late: 1, late_cost_usd: "0.04", wrong_holds: [] });
    expect((await ask<Page>("/tasks?show=late")).body.data.map((row) => row["id"])).toEqual([failed]);
    expect((await ask(`/tasks/${failed}`)).body["late"]).toMatchObject({ cost_usd: "0.04", settled: false });
    expect((await ask(`/tasks/${failed}/late`, { reason: "nothing to be done" })).status).toBe(200);
    expect((await ask(`/tasks/${failed}/late`, { reason: "again" })).status).toBe(404);
    expect(await report()).toMatchObject({ late: 0, late_cost_usd: "0" });
    const budget = await db.selectFrom("budgets").select("id").where("kind", "=", "wallet").where("owner_id", "=", caller.userId).executeTakeFirstOrThrow();
    await db.updateTable("budgets").set({ held_nano: "5" }).where("id", "=", budget.id).execute();
    expect(await report()).toMatchObject({ wrong_holds: [{ kind: "wallet", owner_id: Number(caller.userId), held_usd: "0.000000005", sum_usd: "0" }] });
    await db.updateTable("budgets").set({ held_nano: "0" }).where("id", "=", budget.id).execute();
  });

  test("an organisation's tasks are its own and its member's", async () => {
    const organisation = await createOrganisation(db, { name: "Works", ownerId: operator.userId });
    await addMember(db, organisation, stranger.userId, "member");
    await db.updateTable("tasks").set({ organisation_id: organisation }).where("user_id", "=", stranger.userId).execute();
    expect((await ask<Page>(`/tasks?organisation=${organisation}`)).body.data).toMatchObject([{ user_id: Number(stranger.userId), organisation_id: Number(organisation) }]);
  });
});

test("V37: a list of tasks is read along an index, however many others there are", async () => {
  const rows = 5_000;
  await sql`insert into tasks (id, request_id, user_id, key_id, group_name, sandbox, family, platform, action, model, state, phase, submitted_at, finished_at, deadline_at, request, callback_token, sources, budgets, hold_nano, terms)
    select 'made-' || u || '-' || g, uuid_at(ts), u, 1, 'default', false, 'fal', 'fal-ai', 'a', 'm', 'SUCCESS', 'ended', ts, ts, ts, '{}', 'token-' || u || '-' || g, '[]', '{}', 0, '{}'
      from unnest(${[900_001, 900_002]}::bigint[]) u cross join lateral (select g, to_timestamp(${now()}::bigint - 100000 - g) as ts from generate_series(1, ${rows}::int) g) s`.execute(db);
  await sql`analyze tasks`.execute(db);
  const plan = await tasksQuery(db, { owner: "900001" }, { limit: 100 }).explain();
  expect(JSON.stringify(plan)).toContain("Index Scan Backward using tasks_by_user_request");
});
