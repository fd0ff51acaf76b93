import { afterAll, expect, test } from "bun:test";
import { ScriptedVendor } from "../tasks/testing/scripted-vendor.ts";
import { testGateway } from "../testing/gateway.ts";

const vendor = new ScriptedVendor();
afterAll(() => vendor.stop());
const gateway = await testGateway((config) => {
  config.shutdownSeconds = 20;
  config.channels.push({ name: "r", vendor: "replicate", baseUrl: vendor.url, credentials: ["r8-key"], modelMapping: {}, priority: 10, weight: 1, timeouts: {}, enabled: true });
});
const caller = await gateway.newCaller("10");
const headers = { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" };
const submit = (more: Record<string, string> = {}): Promise<Response> => fetch(`${gateway.url}/task/submit`, { method: "POST", headers: { ...headers, ...more }, body: JSON.stringify({ model: "imagen-4", prompt: "a stone" }) });

interface View {
  task_id: string;
  status: string;
}

test("F05, K24: at the end of a process an order on its way is answered and noted; who waits hears at once how the task stands, and a stream of events ends", async () => {
  vendor.order = "slow";
  const { task_id: id } = (await (await submit()).json()) as View;
  await vendor.silent.promise;
  const waiting = fetch(`${gateway.url}/task/${id}?wait=60`, { headers }).then((answer) => answer.json() as Promise<View>);
  const preferring = submit({ prefer: "wait=60" }).then((answer) => answer.json() as Promise<View>);
  const events = await fetch(`${gateway.url}/task/${id}/events`, { headers });
  const told = events.text();
  while (vendor.jobs.length < 2) await Bun.sleep(5);
  const began = performance.now();
  const stopped = gateway.stop();
  expect(await waiting).toMatchObject({ task_id: id, status: "SUBMITTED" });
  expect((await preferring).status).toBe("SUBMITTED");
  expect(await told).toMatch(/^event: progress\ndata: \{.*"SUBMITTED".*\n\n$/);
  // All that is still under way are the two orders.
  vendor.slow.resolve();
  await stopped;
  expect(performance.now() - began).toBeLessThan(10_000);
  const rows = await gateway.db.selectFrom("tasks").select(["phase", "vendor_ref"]).orderBy("vendor_ref").execute();
  expect(rows).toEqual([{ phase: "running", vendor_ref: "job0x" }, { phase: "running", vendor_ref: "job1x" }]);
}, 30_000);
