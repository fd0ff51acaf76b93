import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { sql } from "kysely";
import { keyHash } from "../accounts/api-key.ts";
import { FakeClock } from "../clock/fake-clock.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { createUser } from "../store/queries/accounts.ts";
import { createKey, oneKey } from "../store/queries/keys.ts";
import { checkMoney, creditWallet } from "../store/queries/money.ts";
import type { NewTask } from "../store/queries/tasks.ts";
import { testDatabase } from "../testing/postgres.ts";
import { OneProcess, replicateChannel } from "./testing/one-process.ts";
import { type JobState, type LookMood, type OrderMood, ScriptedVendor } from "./testing/scripted-vendor.ts";

const { db, connection } = await testDatabase();
const vendor = new ScriptedVendor();
const clock = new FakeClock();
const folder = mkdtempSync(join(tmpdir(), "yescale-machine-"));
afterAll(async () => {
  await vendor.stop();
  rmSync(folder, { recursive: true, force: true });
});

const PRICE = 1_000_000;
const HOURS = 3_600_000;
const userId = (await createUser(db, { username: "machine", displayName: "", role: 1, accessKeyHash: keyHash("machine") })) ?? "";
const CREDIT = 1_000_000_000_000n;
await creditWallet(db, { userId, amountNano: CREDIT, kind: "credit", ref: "machine" });
const keyId = Number(await createKey(db, { userId, name: "k", hash: keyHash("machine-key"), visible: "sk-", group: "default", sandbox: false }));
const wallet = Number((await oneKey(db, keyId))?.wallet_budget);

/** What has been seen of tasks: an end that was seen once must stay. */
interface Model {
  ends: Map<string, string>;
  ids: string[];
}
interface Real {
  process: OneProcess;
  firstJob: number;
}

const start = (): Promise<OneProcess> => OneProcess.start({ db, connection, clock, folder }, [replicateChannel(vendor.url)]);

let made = 0;
function order(): NewTask {
  made += 1;
  return {
    id: crypto.randomUUID(), request_id: Bun.randomUUIDv7(), user_id: Number(userId), organisation_id: null, key_id: keyId, group_name: "default", sandbox: false, family: "replicate", platform: "replicate", action: "google/imagen-4", model: "imagen-4",
    parent_id: null, submitted_ms: clock.now(), deadline_ms: clock.now() + HOURS, due_ms: clock.now(), lane: "file:r", request: { withImages: false, native: { vendor: "replicate", request: { path: "/models/google/imagen-4/predictions", json: { input: { prompt: "a stone" } } } } },
    notify_url: null, callback_token: `${made}`.padStart(32, "t"), idempotency_key: null, request_hash: null, sources: [{ vendor: "replicate", model: "google/imagen-4" }], budgets: [wallet], hold_nano: PRICE,
    terms: { model: "imagen-4", priceVersion: "v", ratioMicro: 1_000_000, variant: "", classes: [{ class: "images", expected: 1, worst: 1, unitPricePico: String(PRICE * 1000) }] },
  };
}

/** What must hold whatever happens. */
async function sound(model: Model, { firstJob }: Real): Promise<void> {
  const rows = await db.selectFrom("tasks").select(["id", "state", "phase", "charge_nano", "callback_token", "request_id"]).execute();
  for (const { id, state, phase, charge_nano: charge } of rows.filter(({ id: one }) => model.ids.includes(one))) {
    const before = model.ends.get(id);
    if (before !== undefined) expect(`${state} ${charge}`).toBe(before);
    if (phase === "ended") model.ends.set(id, `${state} ${charge}`);
    expect([state, charge]).toEqual([state, state === "SUCCESS" ? String(PRICE) : "0"]);
  }
  const [books] = (await sql<{ held: string; open: string; balance: string; charged: string; logged: string; ended: string; twice: string }>`
    select (select held_nano from budgets where id = ${wallet}) as held, (select coalesce(sum(hold_nano), 0) from tasks where phase <> 'ended') as open, (select balance_nano from budgets where id = ${wallet}) as balance,
           (select coalesce(sum(charge_nano), 0) from tasks) as charged, (select count(*) from requests) as logged, (select count(*) from tasks where phase = 'ended') as ended,
           (select count(*) from (select ref from ledger where kind = 'charge' group by ref having count(*) > 1) x) as twice`.execute(db)).rows;
  expect(books).toMatchObject({ held: books?.open, balance: String(CREDIT - BigInt(books?.charged ?? 0)), logged: books?.ended, twice: "0" });
  // Nobody is asked twice for one task: this model has one source, and only what the vendor did not take is sent again.
  const asked = vendor.jobs.slice(firstJob).map(({ hook }) => hook.slice(0, 32));
  expect(new Set(asked).size).toBe(asked.length);
  // What was charged was made.
  for (const row of rows.filter(({ id, state }) => model.ids.includes(id) && state === "SUCCESS")) expect(vendor.jobs.find(({ hook }) => hook.startsWith(row.callback_token))?.state).toBe("succeeded");
}

type Move = fc.AsyncCommand<Model, Real>;
const step = (name: string, run: (model: Model, real: Real) => Promise<void>): Move => ({
  check: () => true,
  async run(model, real) {
    await run(model, real);
    await sound(model, real);
  },
  toString: () => name,
});
const accept = async (model: Model, real: Real): Promise<void> => {
  const asked = order();
  expect(await real.process.tasks.engine.moves.accept(asked)).toEqual({ outcome: "accepted", task: asked.id });
  model.ids.push(asked.id);
};
/** The n-th newest job of a run. */
const jobOf = (real: Real, n: number) => vendor.jobs.slice(real.firstJob).toReversed()[n];

const submits = (mood: OrderMood): Move => step(`submit(${mood})`, async (model, real) => {
  vendor.order = mood;
  await accept(model, real);
  await real.process.work();
  vendor.order = "ok";
});
const looks = (mood: LookMood, seconds: number): Move => step(`look(${mood}, ${seconds} s)`, async (_, real) => {
  vendor.look = mood;
  clock.advance(seconds * 1000);
  await real.process.work();
  vendor.look = "ok";
});
const vendorSays = (n: number, state: JobState): Move => step(`vendor(${n}, ${state})`, async (_, real) => {
  const job = jobOf(real, n);
  if (job) vendor.move(job, state);
});
/** A history that chance may leave out: what is made is paid. */
const MADE = [submits("ok"), vendorSays(0, "succeeded"), looks("ok", 70)];

const moves = [
  fc.constantFrom<OrderMood>("ok", "ok", "ok", "refuse", "busy", "broken", "lost").map(submits),
  fc.tuple(fc.constantFrom<LookMood>("ok", "down", "page"), fc.integer({ min: 1, max: 70 })).map(([mood, seconds]) => looks(mood, seconds)),
  fc.tuple(fc.nat(1), fc.constantFrom<JobState>("processing", "succeeded", "succeeded", "failed", "canceled")).map(([n, state]) => vendorSays(n, state)),
  fc.tuple(fc.nat(1), fc.boolean()).map(([n, forged]) => step(`notice(${n}${forged ? ", forged" : ""})`, async (_, real) => {
    const job = jobOf(real, n);
    if (!job) return;
    const { name, ...notice } = vendor.notice(job, clock.now(), forged);
    await real.process.tasks.notice(name, notice).catch((error: unknown) => expect(error).toBeInstanceOf(GatewayError));
    await real.process.work();
  })),
  fc.nat(2).map((n) => step(`cancel(${n})`, async ({ ids }, real) => {
    const id = ids.toReversed()[n];
    if (id !== undefined) await real.process.tasks.cancel({ userId: Number(userId) }, id, 0);
    await real.process.work();
  })),
  fc.constant(step("deadline", async (_, real) => {
    clock.advance(HOURS + 1000);
    await real.process.work();
  })),
  fc.constant(step("kill between accepting and sending", async (model, real) => {
    await accept(model, real);
    await real.process.kill();
    real.process = await start();
    await real.process.work();
  })),
  fc.constant(step("kill while the vendor has the order", async (model, real) => {
    vendor.order = "silent";
    vendor.silent = Promise.withResolvers();
    await accept(model, real);
    const dying = real.process.work().catch(() => undefined);
    // With the account out of breath nothing is sent.
    await Promise.race([vendor.silent.promise, dying]);
    vendor.order = "ok";
    await real.process.kill();
    real.process = await start();
    await real.process.work();
    void dying;
  })),
];

test("M05, M09, K19, K20, I6: whatever happens in whatever order: the ledger is what was charged, nothing is ordered twice, each end is one and stays; late results are noted", async () => {
  const history = async (commands: Iterable<Move>): Promise<void> => {
    const real: Real = { process: await start(), firstJob: vendor.jobs.length };
    const model: Model = { ends: new Map(), ids: [] };
    try {
      await fc.asyncModelRun(() => ({ model, real }), commands);
      // In the end the vendor makes all that it has, and time runs out for the rest.
      clock.advance(HOURS + 1000);
      await real.process.work();
      await sound(model, real);
      for (const job of vendor.jobs.slice(real.firstJob)) vendor.move(job, "succeeded");
      for (let hour = 0; hour < 26; hour += 1) {
        clock.advance(HOURS);
        await real.process.work();
      }
      await sound(model, real);
      expect(await db.selectFrom("tasks").select("id").where("phase", "<>", "ended").execute()).toEqual([]);
      expect(await db.selectFrom("task_turns").select("task_id").execute()).toEqual([]);
      expect(await checkMoney(db)).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
    } finally {
      await real.process.kill();
    }
  };
  await history(MADE);
  await fc.assert(fc.asyncProperty(fc.commands(moves, { maxCommands: 24, size: "max" }), history), { numRuns: 30 });
  // The runs came to every end there is, and to results that were late.
  const states = await db.selectFrom("tasks").select("state").distinct().execute();
  expect(states.map(({ state }) => state).toSorted()).toEqual(["CANCELLED", "FAILURE", "SUCCESS"]);
  expect((await db.selectFrom("late_results").select("task_id").execute()).length).toBeGreaterThan(0);
}, 240_000);
