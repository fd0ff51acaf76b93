import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { keyHash } from "../accounts/api-key.ts";
import { FakeClock } from "../clock/fake-clock.ts";
import { createUser } from "../store/queries/accounts.ts";
import { createKey, oneKey } from "../store/queries/keys.ts";
import { checkMoney, creditWallet } from "../store/queries/money.ts";
import { testDatabase } from "../testing/postgres.ts";
import { OneProcess, replicateChannel } from "./testing/one-process.ts";
import { ScriptedVendor } from "./testing/scripted-vendor.ts";

const { db, connection } = await testDatabase();
const vendor = new ScriptedVendor();
const clock = new FakeClock();
const folder = mkdtempSync(join(tmpdir(), "yescale-engine-"));
const userId = (await createUser(db, { username: "engine", displayName: "", role: 1, accessKeyHash: keyHash("engine") })) ?? "";
await creditWallet(db, { userId, amountNano: 1_000_000_000_000n, kind: "credit", ref: "engine" });
const keyId = Number(await createKey(db, { userId, name: "k", hash: keyHash("engine-key"), visible: "sk-", group: "default", sandbox: false }));
const wallet = Number((await oneKey(db, keyId))?.wallet_budget);
const KEYS = ["r8-first", "r8-second", "r8-third"];
const channel = replicateChannel(vendor.url, KEYS);
const process = await OneProcess.start({ db, connection, clock, folder }, [channel]);
afterAll(async () => {
  await process.kill();
  await vendor.stop();
  rmSync(folder, { recursive: true, force: true });
});

let made = 0;
async function ordered(parent?: string): Promise<string> {
  made += 1;
  const id = crypto.randomUUID();
  await process.tasks.engine.moves.accept({
    id, request_id: Bun.randomUUIDv7(), user_id: Number(userId), organisation_id: null, key_id: keyId, group_name: "default", sandbox: false, family: "replicate", platform: "replicate", action: "m", model: "imagen-4",
    parent_id: parent ?? null, submitted_ms: clock.now(), deadline_ms: clock.now() + 3_600_000, due_ms: clock.now(), lane: "file:r", request: { withImages: false, native: { vendor: "replicate", request: { path: "/models/google/imagen-4/predictions", json: { input: {} } } } },
    notify_url: null, callback_token: `${made}`.padStart(32, "e"), idempotency_key: null, request_hash: null, sources: [{ vendor: "replicate", model: "google/imagen-4" }], budgets: [wallet], hold_nano: 1_000,
    terms: { model: "imagen-4", priceVersion: "v", ratioMicro: 1_000_000, variant: "", classes: [{ class: "images", expected: 1, worst: 1, unitPricePico: "1000000" }] },
  });
  await process.work();
  return id;
}
const row = (id: string) => db.selectFrom("tasks").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
const jobOf = (token: string) => vendor.jobs.find(({ hook }) => hook.startsWith(token));
async function later(seconds: number): Promise<void> {
  clock.advance(seconds * 1000);
  await process.work();
}

test("K05, K08: of several credentials a job is asked for with its own alone, and what follows it up goes to the same", async () => {
  const parent = await ordered();
  for (let look = 0; look < 5; look += 1) await later(30);
  const first = jobOf((await row(parent)).callback_token);
  expect([...(first?.askedWith ?? [])]).toEqual([first?.credential ?? ""]);
  for (let n = 0; n < 8; n += 1) expect(jobOf((await row(await ordered(parent))).callback_token)?.credential).toBe(first?.credential ?? "");
  const others = new Set<string>();
  for (let n = 0; n < 12; n += 1) others.add(jobOf((await row(await ordered())).callback_token)?.credential ?? "");
  expect(others.size).toBeGreaterThan(1);
});

const me = { userId: Number(userId) };
/** What comes of it while the process works. */
async function worked<Out>(asked: Promise<Out>): Promise<Out> {
  let done = false;
  void asked.finally(() => (done = true));
  for (; !done; await new Promise(setImmediate)) await process.work();
  return asked;
}
/** An order that is on its way until `slow` is resolved. */
async function sending(): Promise<{ id: string; order: Promise<string> }> {
  vendor.order = "slow";
  vendor.silent = Promise.withResolvers();
  vendor.slow = Promise.withResolvers();
  const order = ordered();
  await vendor.silent.promise;
  vendor.order = "ok";
  return { order, id: (await db.selectFrom("tasks").select("id").where("phase", "=", "sending").executeTakeFirstOrThrow()).id };
}

test("K20: a task that is stopped while it is being sent is stopped at its vendor as soon as that has it, also when its caller has given up waiting", async () => {
  process.channels.setFixed([channel]);
  const first = await sending();
  const stopping = process.tasks.cancel(me, first.id);
  await Bun.sleep(20);
  vendor.slow.resolve();
  await first.order;
  expect(["asked", "ended"]).toContain((await worked(stopping))?.stop ?? "");
  await process.work();
  expect(await row(first.id)).toMatchObject({ state: "CANCELLED", charge_nano: "0" });

  const second = await sending();
  expect(await process.tasks.cancel(me, second.id, 0)).toMatchObject({ stop: "later", task: { phase: "sending" } });
  vendor.slow.resolve();
  await second.order;
  await later(30);
  expect(jobOf((await row(second.id)).callback_token)?.state).toBe("canceled");
  expect(await row(second.id)).toMatchObject({ state: "CANCELLED", charge_nano: "0" });
});

test("K20: what nobody has yet, and what nobody can tell who has, ends at once", async () => {
  vendor.order = "lost";
  const parked = await ordered();
  vendor.order = "ok";
  for (let look = 0; look < 6; look += 1) await later(10);
  expect((await row(parked)).phase).toBe("parked");
  const orders = vendor.jobs.length;
  vendor.order = "busy";
  const waiting = await ordered();
  vendor.order = "ok";
  for (const id of [parked, waiting]) {
    expect(await worked(process.tasks.cancel(me, id))).toMatchObject({ stop: "ended", task: { state: "CANCELLED", charge_nano: "0" } });
  }
  expect(vendor.jobs.length).toBe(orders);
  await later(120);
});

test("K20: a vendor that gives no answer is asked again with each look; one that refuses is believed, and the caller is told", async () => {
  const id = await ordered();
  vendor.cancelling = "down";
  expect((await process.tasks.cancel(me, id, 0))?.stop).toBe("later");
  await later(30);
  expect(await row(id)).toMatchObject({ phase: "running", cancel: "unheard" });
  vendor.cancelling = "refuse";
  await later(30);
  const job = jobOf((await row(id)).callback_token);
  expect(await process.tasks.cancel(me, id, 0)).toMatchObject({ stop: "later", task: { cancel: "wished" } });
  expect(await worked(process.tasks.cancel(me, id))).toMatchObject({ stop: "refused", task: { phase: "running" } });
  vendor.cancelling = "ok";
  if (job) vendor.move(job, "succeeded");
  await later(60);
  expect(await row(id)).toMatchObject({ state: "SUCCESS", charge_nano: "1000" });
});

test("K07: a channel that is gone ends no task: it goes on when the channel is back, and else the deadline ends it with everything given back", async () => {
  const [back, never] = [await ordered(), await ordered()];
  process.channels.setFixed([]);
  for (let look = 0; look < 5; look += 1) await later(60);
  expect([(await row(back)).phase, (await row(never)).phase]).toEqual(["running", "running"]);
  process.channels.setFixed([channel]);
  const job = jobOf((await row(back)).callback_token);
  if (job) vendor.move(job, "succeeded");
  await later(60);
  expect(await row(back)).toMatchObject({ state: "SUCCESS", charge_nano: "1000" });
  process.channels.setFixed([]);
  await later(3_700);
  expect(await row(never)).toMatchObject({ state: "FAILURE", error_kind: "timeout", charge_nano: "0" });
  process.channels.setFixed([channel]);
});

test("an order that is answered with its end is known by the vendor's name for it, and a file of no byte is no output: its address stays, and it is copied later", async () => {
  vendor.order = "done";
  vendor.emptyFiles = true;
  const id = await ordered();
  vendor.order = "ok";
  const ended = await row(id);
  expect([ended.state, ended.vendor_ref, ended.outputs]).toEqual(["SUCCESS", jobOf(ended.callback_token)?.id as string, [expect.objectContaining({ where: "vendor", url: `${vendor.url}/file.png` })]]);
  vendor.emptyFiles = false;
  await later(60);
  expect((await row(id)).outputs).toEqual([expect.objectContaining({ where: "kept", size: 70 })]);
});

test("K07: jobs of a credential that was switched off, and of a channel that was deleted, go on to their end; nothing new is ordered there", async () => {
  process.channels.setFixed([]);
  const stored = { ...channel, credentials: ["r8-old"] };
  process.channels.setStored(new Map([[1, stored]]));
  const [rotated, deleted] = [await ordered(), await ordered()];
  process.channels.changed(1, { ...stored, credentials: ["r8-new"], resting: ["r8-old"] });
  const made = async (id: string): Promise<string> => {
    const job = jobOf((await row(id)).callback_token);
    if (job) vendor.move(job, "succeeded");
    await later(60);
    return (await row(id)).state;
  };
  expect(await made(rotated)).toBe("SUCCESS");
  expect((jobOf((await row(await ordered())).callback_token))?.credential).toBe("r8-new");
  process.channels.changed(1, undefined);
  const orders = vendor.jobs.length;
  const unserved = await ordered();
  expect(await made(deleted)).toBe("SUCCESS");
  expect([...(jobOf((await row(deleted)).callback_token)?.askedWith ?? [])]).toEqual(["r8-old"]);
  expect([(await row(unserved)).state, vendor.jobs.length]).toEqual(["FAILURE", orders]);
  process.channels.setStored(new Map());
  process.channels.setFixed([channel]);
});

test("M07: an end that the books refuse is repeated: the work is charged once they take it, and once", async () => {
  const id = await ordered();
  const job = jobOf((await row(id)).callback_token);
  if (job) vendor.move(job, "succeeded");
  await sql`alter table ledger rename to ledger_away`.execute(db);
  await later(30);
  expect(await row(id)).toMatchObject({ phase: "running", charge_nano: "0" });
  await sql`alter table ledger_away rename to ledger`.execute(db);
  await later(30);
  expect(await row(id)).toMatchObject({ state: "SUCCESS", charge_nano: "1000" });
  expect((await db.selectFrom("ledger").selectAll().where("ref", "=", (await row(id)).request_id).execute()).length).toBe(1);
  expect(await checkMoney(db)).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});
