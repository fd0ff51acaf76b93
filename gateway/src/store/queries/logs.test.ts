import { describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { keyHash } from "../../accounts/api-key.ts";
import { testDatabase } from "../../testing/postgres.ts";
import { createUser } from "./accounts.ts";
import { countLog, countWholeLog, type LogFilter, listLog, logQuery, skipLog } from "./logs.ts";
import { creditWallet } from "./money.ts";

const { db } = await testDatabase();
const [one, two, nobody] = await Promise.all(["one", "two", "nobody"].map((name) => createUser(db, { username: name, displayName: "", role: 1, accessKeyHash: keyHash(name) }).then((id) => id ?? "")));
const owner = { userId: one ?? "" };
/** Rows of each of two accounts, a second apart from each other, the newest now. */
const ROWS = 20_000;
const now = Math.floor(Date.now() / 1000);
await sql`insert into requests (id, at, user_id, key_id, group_name, dialect, endpoint, model, stream, sandbox, status, error_code, end_reason, attempts, first_byte_ms, duration_ms, usage, estimated, charge_nano, lines)
  select uuid_at(ts), ts, u, u * 10 + g % 3, 'default', 'openai-chat', 'chat', 'model-' || g % 5, false, false, case when g % 40 = 0 then 429 else 200 end, case when g % 40 = 0 then 'rate_limit_exceeded' end, 'complete', '[]', 1, 2, '{"input":3,"output":4}', false, 2000, '[]'
    from unnest(${[one, two]}::bigint[]) u cross join lateral (select g, to_timestamp(${now}::bigint - g) as ts from generate_series(0, ${ROWS}::int - 1) g) s`.execute(db);
await sql`insert into user_usage (user_id, used_nano, requests) select u, 0, ${ROWS}::int from unnest(${[one, two]}::bigint[]) u`.execute(db);
for (let i = 0; i < 5; i += 1) await creditWallet(db, { userId: owner.userId, amountNano: 1_000_000_000n, kind: "credit", ref: `c${i}`, reason: `gift ${i}` });
await creditWallet(db, { userId: owner.userId, amountNano: -500_000_000n, kind: "credit", ref: "back", reason: "a mistake" });
await sql`analyze requests, log_events`.execute(db);

interface PlanNode {
  "Node Type": string;
  "Index Name"?: string;
  "Relation Name"?: string;
  Plans?: PlanNode[];
}
/** How a list is read: every table with the way to its rows. */
async function plan(filter: LogFilter, before?: string): Promise<string[]> {
  const { rows } = await sql<{ "QUERY PLAN": [{ Plan: PlanNode }] }>`explain (format json) ${logQuery(filter, { before, limit: 100 })}`.execute(db);
  const ways = (node: PlanNode): string[] => [...(node["Relation Name"] === undefined ? [] : [`${node["Node Type"]} ${node["Index Name"] ?? ""} ${node["Relation Name"]}`]), ...(node.Plans ?? []).flatMap(ways)];
  return rows.flatMap((row) => row["QUERY PLAN"].flatMap((each) => ways(each.Plan)));
}

describe("V02, V37: a page is read along an index, whatever is asked and however much lies beside it", () => {
  test.each<[string, LogFilter, string[]]>([
    ["all", { owner }, ["requests_by_user"]],
    ["a model", { owner, model: "model-1" }, ["requests_by_model"]],
    ["a model that is none", { owner, model: "%_%_%" }, ["requests_by_model"]],
    ["errors", { owner, type: 5 }, ["requests_failed"]],
    ["errors of a model", { owner, type: 5, model: "model-1" }, ["requests_failed_by_model"]],
    ["consumption", { owner, type: 2 }, ["requests_by_user"]],
    ["a key", { owner, keyIds: [`${one}1`] }, ["requests_by_key"]],
    ["keys that have nothing", { owner, keyIds: ["998", "999"] }, ["requests_by_key", "requests_by_key"]],
    ["a time", { owner, fromSeconds: now - 100, toSeconds: now - 50 }, ["requests_by_user"]],
    ["somebody without any", { owner: { userId: nobody ?? "" } }, ["requests_by_user"]],
    ["an organisation", { owner: { organisationId: "1" } }, ["requests_by_organisation"]],
  ])("%s", async (_name, filter, indexes) => {
    const middle = await skipLog(db, { owner }, { count: ROWS / 2 });
    for (const before of [undefined, middle])
      expect((await plan(filter, before)).filter((way) => way.endsWith(" requests"))).toEqual(indexes.map((index) => `Index Scan ${index} requests`));
  });
});

describe("what the list holds", () => {
  test("requests and other events in the order of time, each once, page by page, for its owner only", async () => {
    const seen: { id: string; type: number; at: number }[] = [];
    for (let before: string | undefined; ; ) {
      const rows = await listLog(db, { owner }, { before, limit: 997 });
      seen.push(...rows.map((row) => ({ id: row.id, type: row.type, at: Number(row.at) })));
      if (rows.length < 997) break;
      before = rows.at(-1)?.id;
    }
    expect(seen.length).toBe(ROWS + 6);
    expect(new Set(seen.map((row) => row.id)).size).toBe(seen.length);
    expect(seen.every((row, i) => i === 0 || row.at <= (seen[i - 1]?.at ?? 0))).toBe(true);
    expect(seen.filter((row) => row.type === 1).length).toBe(5);
    expect(seen.filter((row) => row.type === 5).length).toBe(ROWS / 40);
    expect(await countWholeLog(db, owner.userId)).toBe(seen.length);
    for (const count of [1, 2, 6, 7, 1_000, seen.length]) expect(await skipLog(db, { owner }, { count }), String(count)).toBe(seen[count - 1]?.id);
    expect(await skipLog(db, { owner }, { count: seen.length + 1 })).toBeUndefined();
  });

  test("filters", async () => {
    const count = (more: Partial<LogFilter>): Promise<number> => countLog(db, { owner, ...more }, 1_000_000);
    expect(await count({ model: "model-1" })).toBe(ROWS / 5);
    expect(await count({ type: 5 })).toBe(ROWS / 40);
    expect(await count({ type: 2 })).toBe(ROWS - ROWS / 40);
    expect(await count({ type: 1 })).toBe(5);
    expect(await count({ type: 3 })).toBe(1);
    expect(await count({ type: 4 })).toBe(0);
    expect(await count({ type: 77 })).toBe(0);
    expect(await count({ type: 5, keyIds: [`${one}0`], model: "model-0" })).toBe((await count({ keyIds: [`${one}0`], model: "model-0" })) - (await count({ type: 2, keyIds: [`${one}0`], model: "model-0" })));
    expect(await count({ keyIds: [] })).toBe(0);
    expect((await count({ keyIds: [`${one}0`] })) + (await count({ keyIds: [`${one}1`] })) + (await count({ keyIds: [`${one}2`] }))).toBe(ROWS);
    expect(await count({ fromSeconds: now - 99, toSeconds: now - 50 })).toBe(50);
    expect(await count({ fromSeconds: 1e15, toSeconds: 1e15 })).toBe(0);
    expect(await countLog(db, { owner }, 123)).toBe(123);
    expect((await listLog(db, { owner: "everybody", model: "model-1" }, { limit: 3 })).map((row) => row.model)).toEqual(["model-1", "model-1", "model-1"]);
  });

  test("an event tells what came or went, and why", async () => {
    const events = (await listLog(db, { owner, type: 1 }, { limit: 9 })).concat(await listLog(db, { owner, type: 3 }, { limit: 9 }));
    expect(events.map((row) => `${row.content} ${row.amount_nano} ${row.user_id}`).toSorted()).toEqual([`a mistake -500000000 ${owner.userId}`, ...[0, 1, 2, 3, 4].map((i) => `gift ${i} 1000000000 ${owner.userId}`)]);
  });
});
