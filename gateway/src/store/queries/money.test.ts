import { describe, expect, test } from "bun:test";
import { keyHash } from "../../accounts/api-key.ts";
import type { SettlementRecord } from "../../wallet/record.ts";
import { testDatabase } from "../../testing/postgres.ts";
import { createUser, accountByAccessKey } from "./accounts.ts";
import { createKey, oneKey } from "./keys.ts";
import { isDataRefusal } from "../database.ts";
import { checkMoney, creditWallet, moveMoney, registerProcess, removeProcess, setCap, settleBatch, takeLeases } from "./money.ts";

const { db } = await testDatabase();
let users = 0;

async function payer(creditNano: bigint, quotaNano?: bigint) {
  users += 1;
  const n = users;
  const userId = (await createUser(db, { username: `u${n}`, displayName: "", role: 1, accessKeyHash: keyHash(`a${n}`) })) ?? "";
  await creditWallet(db, { userId, amountNano: creditNano, kind: "credit", ref: `credit-${n}` });
  const keyId = (await createKey(db, { userId, name: "k", hash: keyHash(`k${n}`), visible: "sk-", group: "default", sandbox: false, ...(quotaNano === undefined ? {} : { quotaNano }) })) ?? "";
  const key = await oneKey(db, Number(keyId));
  const processId = Bun.randomUUIDv7();
  await registerProcess(db, processId);
  return { userId, accessHash: keyHash(`a${n}`), keyId, wallet: Number(key?.wallet_budget), keyBudget: key?.key_budget ? Number(key.key_budget) : undefined, processId };
}

function record(from: { userId: string; keyId: string; wallet: number; keyBudget: number | undefined }, charge: number, id = Bun.randomUUIDv7() as string): string {
  const full: SettlementRecord = {
    id, at: Date.now(), user: Number(from.userId), key: Number(from.keyId), wallet: from.wallet, ...(from.keyBudget === undefined ? {} : { keyBudget: from.keyBudget }),
    group: "default", dialect: "openai-chat", endpoint: "chat", model: "m", stream: false, sandbox: false, status: 200, end: "complete", attempts: [], durationMs: 1,
    usage: { input: 1 }, estimated: false, charge, lines: charge > 0 ? [{ class: "input", units: 1, unitPricePico: "1", ratioMicro: 1_000_000, amountNano: charge }] : [], ip: "::1",
  };
  return JSON.stringify(full);
}

const balance = async (hash: Buffer): Promise<bigint> => BigInt((await accountByAccessKey(db, hash))?.balance_nano ?? "0");

describe("settlement", () => {
  test("M04, M20: a record counts once, however often and beside whatever it is applied", async () => {
    const who = await payer(1_000_000n, 500_000n);
    const one = record(who, 300);
    const two = record(who, 200);
    expect(await settleBatch(db, who.processId, [one, one, two])).toBe(2);
    expect(await settleBatch(db, who.processId, [two, one])).toBe(0);
    expect(await balance(who.accessHash)).toBe(999_500n);
    expect(await checkMoney(db)).toMatchObject({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  });

  test("M04: a charge is taken from the one budget that pays and from every one that limits, whether the record lists them or an older version named one", async () => {
    const [who, other] = [await payer(1_000_000n, 500_000n), await payer(0n, 400_000n)];
    const { keyBudget, ...plain } = JSON.parse(record(who, 300)) as Record<string, unknown>;
    await settleBatch(db, who.processId, [JSON.stringify({ ...plain, caps: [keyBudget, other.keyBudget] }), record(who, 200)]);
    const left = async (id: number | undefined): Promise<string | undefined> => (await db.selectFrom("budgets").select("balance_nano").where("id", "=", String(id)).executeTakeFirst())?.balance_nano;
    expect([await left(who.wallet), await left(who.keyBudget), await left(other.keyBudget), await left(other.wallet)]).toEqual(["999500", "499500", "399700", "0"]);
    expect(await checkMoney(db)).toMatchObject({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  });

  test("batches of several processes at once neither deadlock nor lose a charge", async () => {
    const people = await Promise.all(Array.from({ length: 5 }, () => payer(1_000_000n)));
    const batches = Array.from({ length: 8 }, () => Array.from({ length: 100 }, (_, i) => record(people[i % 5] as (typeof people)[0], 10)));
    const applied = await Promise.all(batches.map((batch) => settleBatch(db, people[0]?.processId ?? "", batch)));
    expect(applied.reduce((sum, count) => sum + count, 0)).toBe(800);
    for (const person of people) expect(await balance(person.accessHash)).toBe(1_000_000n - 1_600n);
    expect((await checkMoney(db)).wrongBalances).toEqual([]);
  });

  test("M15: a charge above the lease takes it below zero once, and leaves the rest of the wallet usable", async () => {
    const who = await payer(100_000n);
    await takeLeases(db, who.processId, [{ budgetId: who.wallet, needNano: 1_000, wantNano: 1_000 }]);
    await settleBatch(db, who.processId, [record(who, 60_000)]);
    // The process knows a debt of 59,000 beside its next hold of 1,000.
    const [answer] = await takeLeases(db, who.processId, [{ budgetId: who.wallet, needNano: 60_000, wantNano: 60_000 }]);
    expect(answer).toMatchObject({ grantedNano: 60_000, balanceNano: 40_000 });
    // Together they never set aside more than there is.
    const other = Bun.randomUUIDv7();
    await registerProcess(db, other);
    expect((await takeLeases(db, other, [{ budgetId: who.wallet, needNano: 39_001, wantNano: 39_001 }]))[0]).toMatchObject({ grantedNano: 0 });
    expect((await takeLeases(db, other, [{ budgetId: who.wallet, needNano: 39_000, wantNano: 39_000 }]))[0]).toMatchObject({ grantedNano: 39_000 });
  });

  test("M37: a batch with one impossible record leaves nothing behind", async () => {
    const who = await payer(1_000n);
    const good = record(who, 10);
    await expect(settleBatch(db, who.processId, [good, good.replace(/"id":"[^"]+"/, '"id":"no-uuid"')])).rejects.toThrow();
    expect(await balance(who.accessHash)).toBe(1_000n);
  });

  test("M37: what Postgres says of an impossible record is known as a refusal of its data, for ever; other faults are not", async () => {
    const who = await payer(1_000n);
    const good = record(who, 10);
    const impossible = [
      good.replace('"model":"m"', String.raw`"model":"a\u0000b"`), good.replace('"model":"m"', String.raw`"model":"\ud800"`), good.replace('"charge":10', '"charge":1e25'),
      good.replace(/"wallet":\d+/, '"wallet":99999999'), "{",
    ];
    for (const text of impossible) expect(isDataRefusal(await settleBatch(db, who.processId, [record(who, 1), text]).catch((error: unknown) => error)), text).toBe(true);
    expect(isDataRefusal(Object.assign(new Error("deadlock detected"), { code: "40P01" }))).toBe(false);
    expect(isDataRefusal(Object.assign(new Error("no socket"), { code: "ENOENT" }))).toBe(false);
    expect(await balance(who.accessHash)).toBe(1_000n);
  });

  test("the ledger refuses to be changed", async () => {
    await payer(5n);
    await expect(db.updateTable("ledger").set({ reason: "x" }).execute()).rejects.toThrow("append-only");
    await expect(db.deleteFrom("ledger").execute()).rejects.toThrow("append-only");
  });

  test("M21: a billion dollars stay exact", async () => {
    const who = await payer(1_000_000_000_000_000_000n + 1n);
    await settleBatch(db, who.processId, [record(who, 7)]);
    expect(await balance(who.accessHash)).toBe(999_999_999_999_999_994n);
  });
});

describe("leases", () => {
  test("M15: 50 askers at once get no more than there is, on all budgets or on none", async () => {
    const who = await payer(1_000n, 100n);
    const asks = [{ budgetId: who.wallet, needNano: 30, wantNano: 30 }, { budgetId: who.keyBudget ?? 0, needNano: 30, wantNano: 30 }];
    const answers = await Promise.all(Array.from({ length: 50 }, () => takeLeases(db, who.processId, asks)));
    const granted = answers.filter((answer) => answer.every((entry) => entry.grantedNano >= 30));
    expect(granted.length).toBe(3);
    expect(answers.filter((answer) => new Set(answer.map((entry) => entry.grantedNano > 0)).size > 1)).toEqual([]);
  });

  test("F01, M18: a dead process's leases are free again", async () => {
    const who = await payer(100n);
    await takeLeases(db, who.processId, [{ budgetId: who.wallet, needNano: 100, wantNano: 100 }]);
    const other = Bun.randomUUIDv7();
    await registerProcess(db, other);
    const ask = [{ budgetId: who.wallet, needNano: 50, wantNano: 50 }];
    expect((await takeLeases(db, other, ask))[0]).toMatchObject({ grantedNano: 0, elsewhereNano: 100 });
    await removeProcess(db, who.processId);
    expect((await takeLeases(db, other, ask))[0]?.grantedNano).toBe(50);
    await expect(takeLeases(db, who.processId, ask)).rejects.toThrow("not registered");
  });
});

describe("moves", () => {
  test("V27: one refund, asked for 50 times at once, comes once; 50 charges at once lose none", async () => {
    const who = await payer(1_000n);
    const refund = { userId: who.userId, amountNano: 100n, kind: "refund", ref: "order-1" };
    const made = await Promise.all(Array.from({ length: 50 }, () => creditWallet(db, refund)));
    expect(made.filter(Boolean)).toHaveLength(1);
    const one = record(who, 7);
    const applied = await Promise.all(Array.from({ length: 50 }, (_, index) => settleBatch(db, who.processId, index % 2 === 0 ? [one] : [record(who, 3)])));
    expect(applied.reduce((sum, count) => sum + count, 0)).toBe(26);
    expect(await balance(who.accessHash)).toBe(1_100n - 7n - 75n);
    expect(await checkMoney(db)).toMatchObject({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  });

  test("M04: a move is made once per reference; a quota is set to an absolute value through the ledger", async () => {
    const who = await payer(100n, 50n);
    const credit = { userId: who.userId, amountNano: 25n, kind: "credit", ref: "again" };
    expect([await creditWallet(db, credit), await creditWallet(db, credit)]).toEqual([true, false]);
    expect(await balance(who.accessHash)).toBe(125n);
    for (const [remain, ref] of [[500n, "e1"], [20n, "e2"]] as const) await setCap(db, "key", who.keyId, remain, ref);
    const check = await checkMoney(db);
    expect(check).toMatchObject({ wrongBalances: [], totalNano: "0" });
    await expect(moveMoney(db, { from: String(who.wallet), to: String(who.wallet), amountNano: -5n, kind: "x", ref: "y" })).rejects.toThrow();
  });
});
