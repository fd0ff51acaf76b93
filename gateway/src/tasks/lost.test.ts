import { afterAll, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyHash } from "../accounts/api-key.ts";
import { FakeClock } from "../clock/fake-clock.ts";
import { createUser } from "../store/queries/accounts.ts";
import { createKey, oneKey } from "../store/queries/keys.ts";
import { checkMoney, creditWallet } from "../store/queries/money.ts";
import { testDatabase } from "../testing/postgres.ts";
import { OneProcess, replicateChannel } from "./testing/one-process.ts";

/** A vendor with Kling's wire, which knows films by our names for them: `lost` orders are answered with an intermediary's page, taken or not; `shownAt`: from when on (by the test's clock) it shows what it has. */
const kling = { orders: 0, lost: "no" as "no" | "taken" | "not taken", jobs: new Set<string>(), shownAt: 0, made: false };
const clock = new FakeClock();
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    const job = (id: string): Response => Response.json({ code: 0, message: "SUCCEED", data: { task_id: `k-${id}`, task_status: kling.made ? "succeed" : "submitted", task_result: { videos: [{ url: `${server.url.origin}/film.mp4`, duration: "5" }] } } });
    if (request.method === "POST") {
      kling.orders += 1;
      const { external_task_id: id } = (await request.json()) as { external_task_id: string };
      if (kling.lost !== "not taken") kling.jobs.add(id);
      return kling.lost === "no" ? job(id) : new Response("<html>bad gateway", { status: 502 });
    }
    const id = new URL(request.url).pathname.split("/").at(-1)?.replace(/^k-/, "") ?? "";
    return kling.jobs.has(id) && clock.now() >= kling.shownAt ? job(id) : Response.json({ code: 1203, message: "Task not found" }, { status: 404 });
  },
});
const { db, connection } = await testDatabase();
const folder = mkdtempSync(join(tmpdir(), "yescale-lost-"));
const userId = (await createUser(db, { username: "lost", displayName: "", role: 1, accessKeyHash: keyHash("lost") })) ?? "";
await creditWallet(db, { userId, amountNano: 1_000_000_000_000n, kind: "credit", ref: "lost" });
const keyId = Number(await createKey(db, { userId, name: "k", hash: keyHash("lost-key"), visible: "sk-", group: "default", sandbox: false }));
const wallet = Number((await oneKey(db, keyId))?.wallet_budget);
const channel = { ...replicateChannel(server.url.origin), id: "file:k", name: "k", vendor: "kling" };
const process = await OneProcess.start({ db, connection, clock, folder }, [channel]);
afterAll(async () => {
  await process.kill();
  await server.stop(true);
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  Object.assign(kling, { orders: 0, lost: "no", shownAt: 0, made: false });
  kling.jobs.clear();
});

let made = 0;
async function ordered(): Promise<string> {
  made += 1;
  const id = crypto.randomUUID();
  await process.tasks.engine.moves.accept({
    id, request_id: Bun.randomUUIDv7(), user_id: Number(userId), organisation_id: null, key_id: keyId, group_name: "default", sandbox: false, family: "kling", platform: "kling", action: "text2video", model: "kling-v1-6",
    parent_id: null, submitted_ms: clock.now(), deadline_ms: clock.now() + 3_600_000, due_ms: clock.now(), lane: "file:k", request: { withImages: false, native: { vendor: "kling", request: { path: "/v1/videos/text2video", json: { prompt: "a stone" } } } },
    notify_url: null, callback_token: `${made}`.padStart(32, "l"), idempotency_key: null, request_hash: null, sources: [{ vendor: "kling", model: "kling-v1-6" }], budgets: [wallet], hold_nano: 1_000,
    terms: { model: "kling-v1-6", priceVersion: "v", ratioMicro: 1_000_000, variant: "", classes: [{ class: "request", expected: 1, worst: 1, unitPricePico: "1000000" }] },
  });
  await process.work();
  return id;
}
const row = (id: string) => db.selectFrom("tasks").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
async function later(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    clock.advance(1_000);
    await process.work();
  }
}

test("K19: an order that the vendor says for 20 s that it does not have is sent again, once", async () => {
  kling.lost = "not taken";
  const id = await ordered();
  await later(15);
  expect([kling.orders, (await row(id)).phase]).toEqual([1, "unclear"]);
  kling.lost = "no";
  await later(15);
  expect([kling.orders, (await row(id)).phase, (await row(id)).vendor_ref]).toEqual([2, "running", `k-${id}`]);
  expect((await row(id)).attempts).toMatchObject([{ outcome: "unclear, never arrived", again: true }, { outcome: "accepted" }]);

  kling.lost = "not taken";
  const other = await ordered();
  await later(60);
  expect([kling.orders, await row(other)]).toMatchObject([4, { state: "FAILURE", error_kind: "server", charge_nano: "0" }]);
});

test("K19: a vendor that shows late what it has taken is asked for it until then, and it is not sent again", async () => {
  kling.lost = "taken";
  kling.shownAt = clock.now() + 8_000;
  const id = await ordered();
  await later(12);
  expect([kling.orders, (await row(id)).phase, (await row(id)).vendor_ref]).toEqual([1, "running", `k-${id}`]);
});

test("K19, M05: what shows after all, when its task has failed, is noted for the operator; the books are even", async () => {
  kling.lost = "taken";
  kling.shownAt = clock.now() + 65_000;
  kling.made = true;
  const id = await ordered();
  await later(60);
  expect(await row(id)).toMatchObject({ state: "FAILURE", vendor_ref: null });
  await later(70);
  expect(await db.selectFrom("late_results").select("task_id").where("task_id", "=", id).execute()).toEqual([{ task_id: id }]);
  expect(await checkMoney(db)).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});
