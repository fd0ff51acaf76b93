import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyHash } from "../accounts/api-key.ts";
import { FakeClock } from "../clock/fake-clock.ts";
import { createUser } from "../store/queries/accounts.ts";
import { createKey, oneKey } from "../store/queries/keys.ts";
import { creditWallet, removeProcess } from "../store/queries/money.ts";
import { freeTurns } from "../store/queries/tasks.ts";
import { testDatabase } from "../testing/postgres.ts";
import { eventually } from "../testing/program.ts";
import { Line } from "./testing/line.ts";
import { OneProcess, replicateChannel } from "./testing/one-process.ts";
import { ScriptedVendor } from "./testing/scripted-vendor.ts";

const { db, connection } = await testDatabase();
const vendor = new ScriptedVendor();
const clock = new FakeClock();
const folder = mkdtempSync(join(tmpdir(), "yescale-away-"));
const userId = (await createUser(db, { username: "away", displayName: "", role: 1, accessKeyHash: keyHash("away") })) ?? "";
await creditWallet(db, { userId, amountNano: 1_000_000_000_000n, kind: "credit", ref: "away" });
const keyId = Number(await createKey(db, { userId, name: "k", hash: keyHash("away-key"), visible: "sk-", group: "default", sandbox: false }));
const wallet = Number((await oneKey(db, keyId))?.wallet_budget);
const me = { userId: Number(userId) };
const line = await Line.open(connection);
/** A process whose way to the database may be cut, and one whose way is whole. */
const cut = await OneProcess.start({ db, connection: line.connection, clock, folder }, [replicateChannel(vendor.url)]);
const whole = await OneProcess.start({ db, connection, clock, folder }, [replicateChannel(vendor.url)]);
afterAll(async () => {
  line.mend();
  await Promise.all([cut.kill(), whole.kill(), vendor.stop()]);
  line.close();
  rmSync(folder, { recursive: true, force: true });
});

let made = 0;
async function accepted(): Promise<string> {
  made += 1;
  const id = crypto.randomUUID();
  await whole.tasks.engine.moves.accept({
    id, request_id: Bun.randomUUIDv7(), user_id: me.userId, organisation_id: null, key_id: keyId, group_name: "default", sandbox: false, family: "replicate", platform: "replicate", action: "m", model: "imagen-4",
    parent_id: null, submitted_ms: clock.now(), deadline_ms: clock.now() + 3_600_000, due_ms: clock.now(), lane: "file:r", request: { withImages: false, native: { vendor: "replicate", request: { path: "/models/google/imagen-4/predictions", json: { input: {} } } } },
    notify_url: null, callback_token: `${made}`.padStart(32, "a"), idempotency_key: null, request_hash: null, sources: [{ vendor: "replicate", model: "google/imagen-4" }], budgets: [wallet], hold_nano: 1_000,
    terms: { model: "imagen-4", priceVersion: "v", ratioMicro: 1_000_000, variant: "", classes: [{ class: "images", expected: 1, worst: 1, unitPricePico: "1000000" }] },
  });
  return id;
}
const row = (id: string) => db.selectFrom("tasks").selectAll().where("id", "=", id).executeTakeFirstOrThrow();

/** An order that the vendor answers while the database is away; the process has tried to write that. */
async function answeredMeanwhile(): Promise<{ id: string; step: Promise<void> }> {
  const id = await accepted();
  vendor.order = "slow";
  vendor.silent = Promise.withResolvers();
  vendor.slow = Promise.withResolvers();
  const step = cut.work();
  await vendor.silent.promise;
  line.cut();
  line.refused = 0;
  vendor.slow.resolve();
  expect(await eventually(() => line.refused > 0)).toBe(true);
  return { id, step };
}

test("K19, K24: what a vendor answers while the database is away is written when it is back", async () => {
  const { id, step } = await answeredMeanwhile();
  line.mend();
  await step;
  expect(await row(id)).toMatchObject({ phase: "running", vendor_ref: vendor.jobs.at(-1)?.id, attempts: [{ outcome: "accepted" }] });
});

test("K19, K24: also when somebody else took the turn in the meantime and could not find the order", async () => {
  const { id, step } = await answeredMeanwhile();
  await removeProcess(db, cut.id);
  await freeTurns(db, clock.now());
  for (let look = 0; look < 8; look += 1) {
    clock.advance(10_000);
    await whole.work();
  }
  expect(await row(id)).toMatchObject({ phase: "parked", vendor_ref: null });
  line.mend();
  await step;
  await whole.work();
  expect(await row(id)).toMatchObject({ phase: "running", vendor_ref: vendor.jobs.at(-1)?.id });
});

test("F07: who waits for a task waits on while the database is away, and hears of it when it is back; one who only asks is told", async () => {
  const id = await accepted();
  line.cut();
  line.refused = 0;
  const waiting = cut.tasks.wait(me, id, 30);
  expect(await eventually(() => line.refused > 0)).toBe(true);
  await expect(cut.tasks.get(me, id)).rejects.toThrow();
  await expect(cut.tasks.wait(me, id, 0)).rejects.toThrow();
  expect(await cut.tasks.next(me, { ...(await row(id)), id } as never, 0.01, () => false)).toMatchObject({ id });
  await whole.tasks.cancel(me, id, 0);
  await whole.work();
  line.mend();
  expect(await waiting).toMatchObject({ id, state: "CANCELLED" });
});
