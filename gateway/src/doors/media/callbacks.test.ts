import { describe, expect, test } from "bun:test";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway();
const caller = await gateway.newCaller("10");
const headers = { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" };

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await fetch(`${gateway.url}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return (await answer.json()) as T;
}
const row = (id: string) => gateway.db.selectFrom("tasks").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
async function until(id: string, phase: string) {
  for (let i = 0; i < 200; i += 1) {
    const found = await row(id);
    if (found.phase === phase) return found;
    await Bun.sleep(25);
  }
  throw new Error(`task ${id} is still ${(await row(id)).phase}`);
}
/** An order whose answer is lost; `faults` befall it and its notice. */
const ORDERS: Record<string, (faults: string) => Promise<string>> = {
  fal: async (faults) => (await ask<{ task_id: string }>("POST", "/fal-ai/recraft/v3/text-to-image", { prompt: `a stone [[fault:${faults}]]` })).task_id,
  replicate: async (faults) => (await ask<{ id: string }>("POST", "/replicate/v1/models/google/imagen-4/predictions", { input: { prompt: `a stone [[fault:${faults}]]` } })).id,
  suno: async (faults) => (await ask<{ data: string }>("POST", "/suno/submit/music", { gpt_description_prompt: `a stone [[fault:${faults}]]` })).data,
};
const callbacksOf = () => gateway.sandbox.tasks().flatMap((task) => (task["callbacks"] ?? []) as { status?: number }[]);

describe.each(["fal", "replicate"])("%s", (vendor) => {
  const order = ORDERS[vendor] as (faults: string) => Promise<string>;

  test("K13, K19: an order whose answer was lost is parked, and goes on with its notice: made once, charged once", async () => {
    gateway.sandbox.reset();
    const id = await order("lost-answer;queue-ms=0;run-ms=1500");
    await until(id, "parked");
    const done = await until(id, "ended");
    expect(done).toMatchObject({ state: "SUCCESS", error_text: null });
    expect(Number(done.charge_nano)).toBeGreaterThan(0);
    expect(gateway.sandbox.tasks()).toHaveLength(1);
  });

  test("V32: a notice that the vendor has not signed is refused, and changes nothing", async () => {
    gateway.sandbox.reset();
    const id = await order("lost-answer;callback-forged;queue-ms=0;run-ms=1500");
    await until(id, "parked");
    for (let i = 0; i < 100 && !callbacksOf()[0]?.status; i += 1) await Bun.sleep(30);
    expect(callbacksOf()[0]?.status).toBe(401);
    expect(await row(id)).toMatchObject({ phase: "parked", vendor_ref: null, told: null });
  });
});

test("V32: a notice names no other task's job, none of an earlier order, and needs the task's own secret", async () => {
  gateway.sandbox.reset();
  const other = await ORDERS["suno"]!("queue-ms=0;run-ms=0");
  const done = await until(other, "ended");
  const id = await ORDERS["suno"]!("no-callback;queue-ms=0;never-ends");
  await until(id, "running");
  // As if the answer to the order had been lost.
  await gateway.db.updateTable("tasks").set({ phase: "parked", vendor_ref: null }).where("id", "=", id).execute();
  const { callback_token: token } = await row(id);
  const say = (name: string, ref: string): Promise<Response> => fetch(`${gateway.url}/callbacks/${name}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ task_id: ref }) });
  expect((await say("wrong", "x")).status).toBe(404);
  expect((await say(`${token}7`, String(done.vendor_ref))).status).toBe(200);
  expect((await row(id)).told).toBeNull();
  expect((await say(`${token}0`, String(done.vendor_ref))).status).toBe(200);
  await Bun.sleep(400);
  expect(await row(id)).toMatchObject({ vendor_ref: null, phase: "parked" });
  expect(await row(other)).toMatchObject({ state: "SUCCESS", vendor_ref: done.vendor_ref });
});

test("I6: nothing but what is parked holds anything", async () => {
  expect((await gateway.checkMoney()).wrongBalances).toEqual([]);
});
