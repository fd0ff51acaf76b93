import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "bun:test";
import { keyHash } from "../accounts/api-key.ts";
import { createLogger } from "../observe/log.ts";
import { createUser } from "../store/queries/accounts.ts";
import { createKey, oneKey } from "../store/queries/keys.ts";
import { checkMoney, creditWallet, registerProcess, settleBatch } from "../store/queries/money.ts";
import { countLog, countWholeLog } from "../store/queries/logs.ts";
import { addUpUsage, pruneRequests, type UsageFilter, usageSums, usedSince } from "../store/queries/usage.ts";
import { testDatabase } from "../testing/postgres.ts";
import type { SettlementRecord } from "../wallet/record.ts";
import { percentiles } from "./latency.ts";
import { RollUp } from "./roll-up.ts";

const { db } = await testDatabase();
const DAY = Date.UTC(2026, 10, 24);
const HOUR = 3_600_000;
let people = 0;

async function payer() {
  people += 1;
  const n = people;
  const userId = (await createUser(db, { username: `u${n}`, displayName: "", role: 1, accessKeyHash: keyHash(`a${n}`) })) ?? "";
  await creditWallet(db, { userId, amountNano: 1_000_000_000n, kind: "credit", ref: `credit-${n}` });
  const keyId = (await createKey(db, { userId, name: "k", hash: keyHash(`k${n}`), visible: "sk-", group: "default", sandbox: false })) ?? "";
  const processId = Bun.randomUUIDv7();
  await registerProcess(db, processId);
  return { userId, keyId, wallet: (await oneKey(db, Number(keyId)))?.wallet_budget ?? "0", processId };
}
type Who = Awaited<ReturnType<typeof payer>>;

function record(who: Who, at: number, more: Partial<SettlementRecord> = {}): string {
  const charge = more.charge ?? 10;
  const full: SettlementRecord = {
    id: Bun.randomUUIDv7("hex", at), at, user: Number(who.userId), key: Number(who.keyId), wallet: Number(who.wallet), group: "default", dialect: "openai-chat", endpoint: "chat", model: "m",
    channel: "c", stream: false, sandbox: false, status: 200, end: "complete", attempts: [], durationMs: 100, firstByteMs: 40, usage: { input: 7, cacheRead: 3, output: 5, reasoning: 1 }, estimated: false,
    charge, lines: charge > 0 ? [{ class: "input", units: 1, unitPricePico: "1", ratioMicro: 1_000_000, amountNano: charge }] : [], ...more,
  };
  return JSON.stringify(full);
}

const settle = (who: Who, records: string[]): Promise<number> => settleBatch(db, who.processId, records);
const sums = (who: Who, more: Partial<UsageFilter> = {}) => usageSums(db, { since: new Date(DAY), until: new Date(DAY + 24 * HOUR), span: "all", by: [], where: { user: who.userId }, sandbox: false, limit: 100, ...more });

describe("usage", () => {
  let who: Who;
  beforeEach(async () => void (who = await payer()));

  test("what has no first byte, as a task, tells of none, in sums and in rows", async () => {
    await settle(who, [record(who, DAY + 1, { firstByteMs: undefined, metadata: { feature: "film" } })]);
    await addUpUsage(db);
    for (const more of [{}, { metadata: { feature: "film" } }]) {
      const [all] = await sums(who, more);
      expect(percentiles(all?.durations ?? [])?.p50).toBe(98.7);
      expect(percentiles(all?.firstBytes ?? [])).toBeNull();
    }
  });

  test("is summed by hour and by day, by model and channel, with refusals and failures apart and times as percentiles", async () => {
    await settle(who, [
      record(who, DAY + 1), record(who, DAY + 2, { model: "n" }), record(who, DAY + HOUR, { charge: 30, durationMs: 1_000, firstByteMs: 500 }),
      record(who, DAY + HOUR, { end: "rejected", status: 429, charge: 0, usage: {} }), record(who, DAY + HOUR, { end: "upstream_error", status: 502, charge: 0, usage: {}, channel: "d" }),
      record(who, DAY + 25 * HOUR, { charge: 500 }), record(who, DAY + 1, { sandbox: true, charge: 0 }),
    ]);
    await addUpUsage(db);
    const [all] = await sums(who);
    expect(all).toMatchObject({ start: null, of: {}, requests: 4, rejected: 1, errors: 1, chargeNano: 50n, promptTokens: 30, completionTokens: 18, cachedTokens: 9 });
    // Within the width of a bucket of 100, 1,000 and 500 ms.
    expect(percentiles(all?.durations ?? [])).toEqual({ p50: 98.7, p90: 939, p99: 939 });
    expect(percentiles(all?.firstBytes ?? [])?.p99).toBe(470);
    const hours = await sums(who, { span: "hour", by: ["model", "channel"] });
    expect(hours.map(({ start, of, requests }) => [start?.getTime(), of, requests])).toEqual([
      [DAY + HOUR, { model: "m", channel: "c" }, 1], [DAY + HOUR, { model: "m", channel: "d" }, 1], [DAY, { model: "m", channel: "c" }, 1], [DAY, { model: "n", channel: "c" }, 1],
    ]);
    expect(await sums(who, { span: "day", until: new Date(DAY + 48 * HOUR) })).toMatchObject([{ start: new Date(DAY + 24 * HOUR), chargeNano: 500n }, { start: new Date(DAY), chargeNano: 50n }]);
    expect(await sums(who, { sandbox: true })).toMatchObject([{ requests: 1, chargeNano: 0n }]);
    expect(await sums(who, { where: { user: who.userId, model: "n" } })).toMatchObject([{ requests: 1 }]);
  });

  test("F24: counts each request once, while batches come in from all sides and several processes add up", async () => {
    const others = await Promise.all([payer(), payer(), payer()]);
    let settling = true;
    const adding = Promise.all([0, 1, 2].map(async () => {
      while (settling) await addUpUsage(db);
    }));
    await Promise.all([who, ...others].flatMap((one) => Array.from({ length: 6 }, async () => {
      for (let batch = 0; batch < 10; batch += 1) await settle(one, Array.from({ length: 20 }, (_, index) => record(one, DAY + index * 60_000)));
    }))).finally(() => (settling = false));
    await adding;
    await addUpUsage(db);
    for (const one of [who, ...others]) expect(await sums(one)).toMatchObject([{ requests: 1_200, chargeNano: 12_000n, promptTokens: 12_000 }]);
  });

  test("F05: a process that dies while it adds up leaves nothing of it: the mark and the sums go together", async () => {
    await settle(who, [record(who, DAY), record(who, DAY)]);
    await db.transaction().execute(async (tx) => {
      await addUpUsage(tx);
      throw new Error("killed");
    }).catch(() => undefined);
    expect(await sums(who)).toEqual([]);
    await addUpUsage(db);
    await addUpUsage(db);
    expect(await sums(who)).toMatchObject([{ requests: 2, chargeNano: 20n }]);
  });

  test("what a subject has used since midnight holds sums and what is not in them yet", async () => {
    await settle(who, [record(who, DAY - 1), record(who, DAY), record(who, DAY + 5, { end: "rejected", charge: 0 })]);
    await addUpUsage(db);
    await settle(who, [record(who, DAY + HOUR, { charge: 5 })]);
    expect(await usedSince(db, "key", who.keyId, "requests", new Date(DAY))).toBe(2);
    expect(await usedSince(db, "user", who.userId, "spend", new Date(DAY))).toBe(15);
    expect(await usedSince(db, "key", "999999", "spend", new Date(DAY))).toBe(0);
  });

  test("outlives the log, whose old rows go only when they are in the sums; the ledger still adds up", async () => {
    const old = Array.from({ length: 3 }, () => record(who, DAY));
    await settle(who, old);
    await addUpUsage(db);
    await settle(who, [record(who, DAY + 1), record(who, DAY + 24 * HOUR)]);
    expect(await pruneRequests(db, new Date(DAY + HOUR))).toBeGreaterThanOrEqual(3);
    expect(await db.selectFrom("requests").select("at").where("user_id", "=", who.userId).execute()).toHaveLength(2);
    await new RollUp(db, createLogger("silent"), 1, () => DAY + 25 * HOUR).prune();
    await addUpUsage(db);
    await new RollUp(db, createLogger("silent"), 1, () => DAY + 25 * HOUR).prune();
    expect(await db.selectFrom("requests").select("at").where("user_id", "=", who.userId).execute()).toHaveLength(1);
    // What the log counts is what it holds.
    expect(await countWholeLog(db, who.userId)).toBe(await countLog(db, { owner: { userId: who.userId } }, 1_000));
    expect(await sums(who)).toMatchObject([{ requests: 4, chargeNano: 40n }]);
    expect(await checkMoney(db)).toMatchObject({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
    // A request that is settled again, since its journal was read twice, is charged by nobody: the ledger knows it.
    await expect(settle(who, [old[0] as string])).rejects.toThrow("ledger");
  });

  test("by what callers said of their requests, from the log", async () => {
    const said = (metadata: Record<string, string>, more: object = {}): string => JSON.stringify({ ...(JSON.parse(record(who, DAY + 1)) as object), metadata, ...more });
    await settle(who, [said({ feature: "search", tenant_id: "a" }), said({ feature: "search", tenant_id: "b" }, { charge: 0, lines: [], end: "rejected" }), said({ feature: "chat" }), record(who, DAY + 1)]);
    await addUpUsage(db);
    expect(await sums(who, { metadata: { feature: "search" } })).toMatchObject([{ requests: 1, rejected: 1, chargeNano: 10n, promptTokens: 20 }]);
    expect(await sums(who, { metadata: { feature: "search", tenant_id: "a" }, span: "hour", by: ["model"] })).toMatchObject([{ start: new Date(DAY), of: { model: "m" }, requests: 1, durations: [{ bucket: 22, count: 0 }, { bucket: 27, count: 1 }] }]);
    expect(await sums(who, { metadata: { feature: "%" } })).toEqual([]);
    const [row] = await sql<{ metadata: unknown }>`select metadata from requests where metadata ->> 'feature' = 'chat' and user_id = ${who.userId}::bigint`.execute(db).then(({ rows }) => rows);
    expect(row?.metadata).toEqual({ feature: "chat" });
  });
});
