import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { sql } from "kysely";
import { keyHash } from "../../accounts/api-key.ts";
import { testDatabase } from "../../testing/postgres.ts";
import { createUser } from "./accounts.ts";
import { createKey, oneKey } from "./keys.ts";
import { checkMoney, creditWallet, registerProcess, takeLeases } from "./money.ts";
import { endTaskNow } from "./task-lists.ts";
import { acceptTasks, claimTurns, endTasks, FIRST_FENCE, freeTurns, type NewTask, noteTurns, type TaskEnd, taskOfUser, tasksById, wishCancel } from "./tasks.ts";

const { db } = await testDatabase();
let people = 0;
let made = 0;
/** Times are the processes' own: one that stands still. */
const NOW = Date.UTC(2026, 0, 1);

async function payer(creditNano: bigint, quotaNano?: bigint) {
  people += 1;
  const n = people;
  const userId = (await createUser(db, { username: `t${n}`, displayName: "", role: 1, accessKeyHash: keyHash(`ta${n}`) })) ?? "";
  await creditWallet(db, { userId, amountNano: creditNano, kind: "credit", ref: `task-credit-${n}` });
  const keyId = (await createKey(db, { userId, name: "k", hash: keyHash(`tk${n}`), visible: "sk-", group: "default", sandbox: false, ...(quotaNano === undefined ? {} : { quotaNano }) })) ?? "";
  const key = await oneKey(db, Number(keyId));
  const wallet = Number(key?.wallet_budget);
  return { userId: Number(userId), keyId: Number(keyId), wallet, budgets: key?.key_budget ? [wallet, Number(key.key_budget)] : [wallet] };
}
type Payer = Awaited<ReturnType<typeof payer>>;

function task(who: Payer, hold: number, more: Partial<NewTask> = {}): NewTask {
  made += 1;
  return {
    id: crypto.randomUUID(), request_id: Bun.randomUUIDv7(), user_id: who.userId, organisation_id: null, key_id: who.keyId, group_name: "default", sandbox: false, family: "fal", platform: "fal-ai", action: "fal-x", model: "m",
    parent_id: null, submitted_ms: NOW, deadline_ms: NOW + 3_600_000, due_ms: NOW, lane: "a", request: { withImages: false }, notify_url: null, callback_token: `token-${made}`, idempotency_key: null, request_hash: null,
    sources: [], budgets: who.budgets, hold_nano: hold, terms: {}, ...more,
  };
}

const accepted = async (who: Payer, hold: number, more: Partial<NewTask> = {}): Promise<string> => {
  const asked = task(who, hold, more);
  expect(await acceptTasks(db, [asked])).toEqual([{ outcome: "accepted", task: asked.id }]);
  return asked.id;
};

const ended = (id: string, charge: number, more: Partial<TaskEnd> = {}): TaskEnd => ({
  id, fence: null, state: charge > 0 ? "SUCCESS" : "FAILURE", at_ms: NOW + 1_000, charge, lines: charge > 0 ? [{ class: "request", amountNano: charge }] : [], status: charge > 0 ? 200 : 502, end_reason: charge > 0 ? "complete" : "upstream_error", ...more,
});

const claim = (more: Partial<Parameters<typeof claimTurns>[1]> = {}) => claimTurns(db, { nowMs: NOW, leaseMs: 60_000, most: 1_000, laneMost: 1_000, full: [], ...more });
const fenceOf = async (id: string, nowMs = NOW): Promise<number> => (await claim({ nowMs })).find(({ taskId }) => taskId === id)?.fence ?? -1;
const money = async (budget: number): Promise<[balance: number, held: number]> => {
  const { rows } = await sql<{ balance_nano: string; held_nano: string }>`select balance_nano, held_nano from budgets where id = ${budget}`.execute(db);
  return [Number(rows[0]?.balance_nano), Number(rows[0]?.held_nano)];
};
/** What every test leaves must hold: nothing is held but by open tasks, and the ledger adds up. */
async function soundBooks(): Promise<void> {
  const { rows } = await sql`select b.id from budgets b where b.held_nano <> coalesce((select sum(t.hold_nano) from tasks t where t.phase <> 'ended' and b.id = any (t.budgets)), 0)`.execute(db);
  expect(rows).toEqual([]);
  expect(await checkMoney(db)).toMatchObject({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
}

describe("holds", () => {
  test("K06, M29: an accepted task has its row, hold and turn; a refused one has nothing", async () => {
    const who = await payer(1_000n, 500n);
    const id = await accepted(who, 400);
    expect(await Promise.all(who.budgets.map(money))).toEqual([[1_000, 400], [500, 400]]);
    const refused = task(who, 200);
    expect(await acceptTasks(db, [refused])).toEqual([{ outcome: "insufficient", budget: who.budgets[1] ?? 0, elsewhereNano: 0, freeNano: 100 }]);
    expect(await tasksById(db, [refused.id])).toEqual([]);
    expect((await claim()).filter(({ taskId }) => taskId === id || taskId === refused.id).map(({ taskId }) => taskId)).toEqual([id]);
    expect(await Promise.all(who.budgets.map(money))).toEqual([[1_000, 400], [500, 400]]);
    await soundBooks();
  });

  test("M27: parallel submits on a small balance: exactly those that it holds are accepted", async () => {
    const who = await payer(1_000n);
    const answers = (await Promise.all(Array.from({ length: 10 }, () => acceptTasks(db, Array.from({ length: 5 }, () => task(who, 100)))))).flat();
    expect(answers.filter(({ outcome }) => outcome === "accepted").length).toBe(10);
    expect(await money(who.wallet)).toEqual([1_000, 1_000]);
    await soundBooks();
  });

  test("V27: what a task holds is free for no lease, and what is leased for no task", async () => {
    const who = await payer(1_000n);
    const processId = Bun.randomUUIDv7();
    await registerProcess(db, processId);
    await accepted(who, 700);
    expect(await takeLeases(db, processId, [{ budgetId: who.wallet, needNano: 400, wantNano: 400 }])).toMatchObject([{ grantedNano: 0, freeNano: 300 }]);
    expect(await takeLeases(db, processId, [{ budgetId: who.wallet, needNano: 300, wantNano: 300 }])).toMatchObject([{ grantedNano: 300 }]);
    expect(await acceptTasks(db, [task(who, 1)])).toMatchObject([{ outcome: "insufficient", elsewhereNano: 300 }]);
    await soundBooks();
  });

  test("K10, M27: one idempotency key makes one task, also from many processes at once; another request under it is a conflict", async () => {
    const who = await payer(1_000n);
    const asked = Array.from({ length: 20 }, () => task(who, 100, { idempotency_key: "once", request_hash: "h" }));
    const answers = (await Promise.all(asked.map((one) => acceptTasks(db, [one])))).flat();
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual(["accepted", ...Array.from({ length: 19 }, () => "known" as const)]);
    expect(new Set(answers.map((answer) => ("task" in answer ? answer.task : ""))).size).toBe(1);
    expect(await acceptTasks(db, [task(who, 100, { idempotency_key: "once", request_hash: "other" })])).toMatchObject([{ outcome: "conflict" }]);
    expect(await money(who.wallet)).toEqual([1_000, 100]);
    const other = await payer(1_000n);
    expect(await acceptTasks(db, [task(other, 100, { idempotency_key: "once", request_hash: "other" })])).toMatchObject([{ outcome: "accepted" }]);
  });

  test("the same key twice in one batch, also of a test key, which locks no budget", async () => {
    const who = await payer(0n);
    const twins = [0, 1].map(() => task(who, 0, { budgets: [], sandbox: true, idempotency_key: "twins", request_hash: "h" }));
    expect(await acceptTasks(db, twins)).toEqual([{ outcome: "accepted", task: twins[0]?.id ?? "" }, { outcome: "known", task: twins[0]?.id ?? "" }]);
  });
});

describe("ends", () => {
  test("M05, F05: a task ends once, however many end it at once: one charge, one release, one row of the log", async () => {
    const who = await payer(1_000n, 800n);
    const id = await accepted(who, 300);
    const counts = await Promise.all(Array.from({ length: 30 }, (_, index) => endTasks(db, [ended(id, index % 2 === 0 ? 250 : 0)]).then((done) => done.size)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
    const [row] = await tasksById(db, [id]);
    const charge = Number(row?.charge_nano);
    expect(await Promise.all(who.budgets.map(money))).toEqual([[1_000 - charge, 0], [800 - charge, 0]]);
    expect(await db.selectFrom("requests").select("charge_nano").where("id", "=", row?.request_id ?? "").execute()).toEqual([{ charge_nano: String(charge) }]);
    expect((await claim()).some(({ taskId }) => taskId === id)).toBe(false);
    await soundBooks();
  });

  test("M28, I6: a failure frees every budget that held, and no state moves afterwards", async () => {
    const who = await payer(1_000n, 500n);
    const id = await accepted(who, 400);
    const fence = await fenceOf(id);
    await endTasks(db, [ended(id, 0)]);
    expect(await Promise.all(who.budgets.map(money))).toEqual([[1_000, 0], [500, 0]]);
    await noteTurns(db, [{ id, fence, at_ms: NOW, due_ms: NOW, changed: true, state: "IN_PROGRESS", phase: "running", progress: 50, progress_estimated: false }]);
    expect(await endTasks(db, [ended(id, 100)])).toEqual(new Set());
    expect((await tasksById(db, [id]))[0]).toMatchObject({ state: "FAILURE", phase: "ended", charge_nano: "0" });
    await soundBooks();
  });

  test("L7, M35: what was charged stands in the log with its lines, and the ledger names the same request", async () => {
    const who = await payer(1_000n);
    const id = await accepted(who, 300);
    await endTasks(db, [ended(id, 120, { usage: { images: 3 }, price_version: "v1" })]);
    const [row] = await tasksById(db, [id]);
    const [log] = await db.selectFrom("requests").selectAll().where("id", "=", row?.request_id ?? "").execute();
    expect(log).toMatchObject({ charge_nano: "120", price_version: "v1", usage: { images: 3 }, dialect: "fal", endpoint: "fal-x", model: "m", end_reason: "complete" });
    expect(await money(who.wallet)).toEqual([880, 0]);
    await soundBooks();
  });

  test("many tasks of shared wallets, accepted and ended by several processes at once, neither deadlock nor lose a coin", async () => {
    const all = await Promise.all(Array.from({ length: 3 }, () => payer(100_000n, 90_000n)));
    const work = async (seed: number): Promise<void> => {
      for (let round = 0; round < 8; round += 1) {
        const batch = Array.from({ length: 6 }, (_, index) => task(all[(seed + index) % 3] as Payer, 50 + index));
        await acceptTasks(db, batch);
        await endTasks(db, batch.toReversed().map(({ id }, index) => ended(id, index % 2 === 0 ? 40 : 0)));
      }
    };
    await Promise.all([0, 1, 2, 3].map(work));
    for (const who of all) expect((await money(who.wallet))[1]).toBe(0);
    await soundBooks();
  });
});

test("K20: a cancel that was decided while the task waited ends nothing that has been sent since: the vendor may have it", async () => {
  const who = await payer(1_000n);
  const id = await accepted(who, 300);
  const fence = await fenceOf(id);
  await noteTurns(db, [{ id, fence, at_ms: NOW, due_ms: NOW + 90_000, changed: true, anew: true, state: "SUBMITTED", phase: "sending" }]);
  expect(await endTasks(db, [ended(id, 0, { state: "CANCELLED" })])).toEqual(new Set());
  expect((await tasksById(db, [id]))[0]).toMatchObject({ state: "SUBMITTED", phase: "sending" });
  expect(await money(who.wallet)).toEqual([1_000, 300]);
});

test("K20: who is about to send a task that its caller wants stopped loses his turn; who waits for the answer to an order keeps it", async () => {
  const who = await payer(1_000n);
  const sent = await accepted(who, 300);
  const sentFence = await fenceOf(sent);
  const unsent = await accepted(who, 300);
  const unsentFence = await fenceOf(unsent);
  const send = (id: string, fence: number) => noteTurns(db, [{ id, fence, at_ms: NOW, due_ms: NOW + 90_000, changed: true, anew: true, holds: true, state: "SUBMITTED", phase: "sending" }]);
  await send(sent, sentFence);
  expect([await wishCancel(db, unsent, NOW), await wishCancel(db, sent, NOW), await wishCancel(db, "nothing", NOW)]).toEqual(["waiting", "sending", undefined]);
  expect((await send(unsent, unsentFence)).noted).toEqual(new Set());
  expect((await noteTurns(db, [{ id: sent, fence: sentFence, at_ms: NOW, due_ms: NOW + 5_000, changed: true, state: "QUEUED", phase: "running" }])).noted).toEqual(new Set([sent]));
  expect((await tasksById(db, [unsent, sent])).map(({ cancel }) => cancel)).toEqual(["wished", "wished"]);
});

describe("turns", () => {
  test("K24: who accepts a task may have its first turn at once; nobody else gets it, until the lease is over or the process is gone", async () => {
    const who = await payer(1_000n);
    const [here, gone] = [Bun.randomUUIDv7(), Bun.randomUUIDv7()];
    await registerProcess(db, here);
    const lane = crypto.randomUUID();
    const ids = [await accepted(who, 1, { lane, holder: here, due_ms: NOW + 60_000 }), await accepted(who, 1, { lane, holder: gone, due_ms: NOW + 60_000 })];
    const claimed = async (nowMs = NOW): Promise<string[]> => (await claim({ nowMs })).filter((turn) => turn.lane === lane).map(({ taskId }) => taskId);
    expect(await claimed()).toEqual([]);
    await freeTurns(db, NOW);
    expect(await claimed()).toEqual([ids[1] ?? ""]);
    expect((await noteTurns(db, [{ id: ids[0] ?? "", fence: FIRST_FENCE, at_ms: NOW, due_ms: NOW, changed: false }])).noted).toEqual(new Set([ids[0] ?? ""]));
    expect(await claimed()).toEqual([ids[0] ?? ""]);
  });

  test("K24: a turn that was taken again counts no more for who had it before, neither for a note nor for an end", async () => {
    const who = await payer(1_000n);
    const id = await accepted(who, 100);
    const first = await fenceOf(id);
    expect(await fenceOf(id)).toBe(-1);
    const second = await fenceOf(id, NOW + 60_001);
    expect(second).toBeGreaterThan(first);
    expect(await noteTurns(db, [{ id, fence: first, at_ms: NOW, due_ms: NOW, changed: true, state: "QUEUED", phase: "running", vendor_ref: "old" }])).toEqual({ noted: new Set(), news: [] });
    expect(await endTasks(db, [ended(id, 100, { fence: first })])).toEqual(new Set());
    expect((await tasksById(db, [id]))[0]).toMatchObject({ state: "NOT_START", vendor_ref: null });
    expect(await endTasks(db, [ended(id, 60, { fence: second })])).toEqual(new Set([id]));
    expect(await money(who.wallet)).toEqual([940, 0]);
  });

  test("an operator's end is not put off by the look that is under way: a turn comes back due at the deadline as it stands then", async () => {
    const who = await payer(1_000n);
    const id = await accepted(who, 10);
    const fence = await fenceOf(id);
    expect(await endTaskNow(db, id, new Date(NOW))).toBe(true);
    await noteTurns(db, [{ id, fence, at_ms: NOW, due_ms: NOW + 60_000, changed: false }]);
    expect(await fenceOf(id)).toBeGreaterThan(fence);
    await endTasks(db, [ended(id, 0)]);
    await soundBooks();
  });

  test("K24, F24: askers at once share the due turns, and none is given twice", async () => {
    const who = await payer(1_000n);
    const lane = crypto.randomUUID();
    const ids = await Promise.all(Array.from({ length: 60 }, () => accepted(who, 1, { lane })));
    const taken = (await Promise.all(Array.from({ length: 8 }, () => claim({ most: 20 })))).flat().filter((turn) => turn.lane === lane).map(({ taskId }) => taskId);
    expect(new Set(taken).size).toBe(taken.length);
    while (taken.length < 60) {
      const more = (await claim()).filter((turn) => turn.lane === lane);
      if (more.length === 0) break;
      taken.push(...more.map(({ taskId }) => taskId));
    }
    expect(taken.sort()).toEqual([...ids].sort());
  });

  test("K01, K02: a lane with many old turns leaves the others their share, and a full lane gets nothing", async () => {
    const who = await payer(10_000n);
    const [slow, quick] = [`slow-${crypto.randomUUID()}`, `quick-${crypto.randomUUID()}`];
    for (let index = 0; index < 30; index += 1) await accepted(who, 1, { lane: slow, due_ms: NOW - 100_000 });
    await accepted(who, 1, { lane: quick, due_ms: NOW - 1 });
    const lanes = async (full: string[]): Promise<string[]> => (await claim({ laneMost: 4, full })).map(({ lane }) => lane).filter((lane) => lane === slow || lane === quick);
    expect((await lanes([])).sort()).toEqual([quick, slow, slow, slow, slow].sort());
    expect(await lanes([slow])).toEqual([]);
    expect(await lanes([])).toEqual([slow, slow, slow, slow]);
  });

  test("K25, K16: whatever order readings come in, the state only moves forward and the progress never falls", async () => {
    const RANK = { NOT_START: 0, SUBMITTED: 1, QUEUED: 2, IN_PROGRESS: 3 } as const;
    const who = await payer(1_000_000n);
    const reading = fc.record({ state: fc.constantFrom("SUBMITTED", "QUEUED", "IN_PROGRESS" as const), progress: fc.integer({ min: 0, max: 99 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(reading, { minLength: 1, maxLength: 8 }), async (readings) => {
        const id = await accepted(who, 1, { lane: "model" });
        const fence = await fenceOf(id);
        let model = { state: "NOT_START" as keyof typeof RANK, progress: 0 };
        for (const { state, progress } of readings) {
          await noteTurns(db, [{ id, fence, at_ms: NOW, due_ms: NOW + 1e9, changed: true, state, phase: "running", progress, progress_estimated: false }]);
          model = { state: RANK[state] > RANK[model.state] ? state : model.state, progress: Math.max(model.progress, progress) };
          expect((await tasksById(db, [id]))[0]).toMatchObject(model);
        }
      }),
      { numRuns: 25 },
    );
  });

  test("K04: a look without news frees the turn and names the next, be it alone or among others; the row stays as it is", async () => {
    const who = await payer(1_000n);
    const ids = [await accepted(who, 1), await accepted(who, 1)];
    const fences = new Map((await claim()).map(({ taskId, fence }) => [taskId, fence]));
    expect(await noteTurns(db, ids.map((id) => ({ id, fence: fences.get(id) ?? -1, at_ms: NOW, due_ms: NOW + 5_000, changed: false })))).toEqual({ noted: new Set(ids), news: [] });
    const turns = await db.selectFrom("task_turns").selectAll().where("task_id", "in", ids).execute();
    expect(turns.map(({ due_at, holder, taken }) => [due_at.getTime(), holder, taken])).toEqual([[NOW + 5_000, null, 1], [NOW + 5_000, null, 1]]);
    expect((await tasksById(db, ids)).map(({ state, phase }) => [state, phase])).toEqual([["NOT_START", "waiting"], ["NOT_START", "waiting"]]);
  });

  test("a task that goes to another target forgets the vendor's id and memory of the last, and keeps what callers saw", async () => {
    const who = await payer(1_000n);
    const id = await accepted(who, 1);
    const fence = await fenceOf(id);
    await noteTurns(db, [{ id, fence, at_ms: NOW, due_ms: NOW, changed: true, state: "IN_PROGRESS", phase: "running", progress: 70, progress_estimated: false, vendor_ref: "r1", memo: { a: 1 }, answer: { b: 2 } }]);
    await noteTurns(db, [{ id, fence, at_ms: NOW, due_ms: NOW, changed: true, anew: true, state: "SUBMITTED", phase: "waiting", progress: 10, progress_estimated: true }]);
    expect((await tasksById(db, [id]))[0]).toMatchObject({ state: "IN_PROGRESS", progress: 70, phase: "waiting", vendor_ref: null, memo: null, answer: null });
  });

  test("K10: one id at a vendor's account belongs to one task", async () => {
    const who = await payer(1_000n);
    const [one, two] = [await accepted(who, 1), await accepted(who, 1)];
    const turns = new Map((await claim()).map(({ taskId, fence }) => [taskId, fence]));
    const note = (id: string) => noteTurns(db, [{ id, fence: turns.get(id) ?? -1, at_ms: NOW, due_ms: NOW, changed: true, state: "QUEUED", phase: "running", channel: "c", credential: "k", vendor_ref: "same" }]);
    await note(one);
    await expect(note(two)).rejects.toThrow(/tasks_by_vendor_ref/);
    expect((await tasksById(db, [two]))[0]).toMatchObject({ state: "NOT_START", vendor_ref: null });
  });
});

test("V09: a task is its user's, and an unknown one looks the same as another's", async () => {
  const [who, other] = [await payer(1_000n), await payer(1_000n)];
  const id = await accepted(who, 1);
  expect((await taskOfUser(db, who.userId, id))?.id).toBe(id);
  expect(await taskOfUser(db, other.userId, id)).toBeUndefined();
  expect(await taskOfUser(db, other.userId, crypto.randomUUID())).toBeUndefined();
});
