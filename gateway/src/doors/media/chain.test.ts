import { expect, test } from "bun:test";
import { testGateway } from "../../testing/gateway.ts";

/** One gateway in front of another, which has the sandbox behind it. */
const inner = await testGateway();
const account = await inner.newCaller("10");
const outer = await testGateway((config) => config.channels.push({ name: "inner", vendor: "replicate", baseUrl: `${inner.url}/replicate`, credentials: [account.apiKey], modelMapping: {}, priority: 10, weight: 1, timeouts: {}, enabled: true }));
const caller = await outer.newCaller("10");

interface Prediction {
  id: string;
  status: string;
  output: string | string[];
}

test("M40, K12, K15: through two gateways the result is the same file, each charges once, and ids are each one's own", async () => {
  const made = (await (await fetch(`${outer.url}/replicate/v1/models/google/imagen-4/predictions`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body: JSON.stringify({ input: { prompt: "a stone" } }) })).json()) as Prediction;
  let done = made;
  for (let i = 0; i < 200 && done.status !== "succeeded"; i += 1) {
    await Bun.sleep(100);
    done = (await (await fetch(`${outer.url}/replicate/v1/predictions/${made.id}`, { headers: { authorization: `Bearer ${caller.apiKey}` } })).json()) as Prediction;
  }
  expect(done.status).toBe("succeeded");
  const url = new URL([done.output].flat()[0] ?? "");
  expect(url.origin).toBe(outer.url);
  const there = await inner.db.selectFrom("tasks").selectAll().executeTakeFirstOrThrow();
  const here = await outer.db.selectFrom("tasks").selectAll().executeTakeFirstOrThrow();
  expect([here.id, here.vendor_ref]).toEqual([made.id, there.id]);
  expect(there.vendor_ref).not.toBe(there.id);
  const [file, original] = await Promise.all([url.pathname, new URL((there.outputs as { url: string }[])[0]?.url ?? "").href].map(async (address) => Buffer.from(await (await fetch(new URL(address, outer.url))).arrayBuffer())));
  expect(file?.length).toBeGreaterThan(100);
  expect(file?.equals(original as Buffer)).toBe(true);
  const [outside] = await outer.rows(caller.userId, 1);
  const [inside] = await inner.rows(account.userId, 1);
  expect([outside?.charge_nano, inside?.charge_nano]).toEqual(["40000000", "40000000"]);
  expect(inner.sandbox.tasks()).toHaveLength(1);
  for (const gateway of [outer, inner]) expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
}, 60_000);

test("M10: who never asks for the result pays all the same", async () => {
  const payer = await inner.newCaller("10");
  await fetch(`${inner.url}/fal-ai/recraft/v3/text-to-image`, { method: "POST", headers: { authorization: `Bearer ${payer.apiKey}`, "content-type": "application/json" }, body: JSON.stringify({ prompt: "a stone" }) });
  expect((await inner.rows(payer.userId, 1)).map(({ charge_nano }) => charge_nano)).toEqual(["40000000"]);
});

test("K18: a wait that is over says that the task goes on, and how it is asked for again", async () => {
  const ask = (path: string, body: object): Promise<Response> => fetch(`${inner.url}${path}`, { method: "POST", headers: { authorization: `Bearer ${account.apiKey}`, "content-type": "application/json", prefer: "wait=1", "x-sandbox-fault": "never-ends" }, body: JSON.stringify(body) });
  const prediction = await ask("/replicate/v1/models/google/imagen-4/predictions", { input: { prompt: "a stone" } });
  expect(prediction.status).toBe(202);
  expect(await prediction.json()).toMatchObject({ status: "starting", output: null, urls: { get: expect.stringContaining("/predictions/") } });
  const task = (await (await ask("/task/submit", { model: "nano-banana-2", prompt: "a stone", config: { size: "1K" } })).json()) as { task_id: string; status: string };
  if (task.status !== "SUCCESS") expect(task).toMatchObject({ status: expect.stringMatching(/SUBMITTED|QUEUED|IN_PROGRESS/), task_id: expect.any(String) });
});

test("K09: each change of Midjourney's is what it says, at the vendor and in the price, and names the vendor's own task there", async () => {
  const headers = { authorization: `Bearer ${account.apiKey}`, "content-type": "application/json" };
  const post = async (path: string, body: object): Promise<string> => ((await (await fetch(`${inner.url}/mj/submit/${path}`, { method: "POST", headers, body: JSON.stringify(body) })).json()) as { result: string }).result;
  const grid = await post("imagine", { prompt: "a stone" });
  await fetch(`${inner.url}/task/${grid}?wait=20`, { headers });
  const { vendor_ref: ref } = await inner.db.selectFrom("tasks").select("vendor_ref").where("id", "=", grid).executeTakeFirstOrThrow();
  const CHANGES: [path: string, body: object, action: string, model: string][] = [
    ["simple-change", { content: `${grid} U1` }, "UPSCALE", "mj_upscale"], ["simple-change", { content: `${grid} V2` }, "VARIATION", "mj_variation"], ["simple-change", { content: `${grid} R` }, "REROLL", "mj_reroll"],
    ["change", { taskId: grid, action: "UPSCALE", index: 3 }, "UPSCALE", "mj_upscale"], ["change", { taskId: grid, action: "VARIATION", index: 4 }, "VARIATION", "mj_variation"], ["change", { taskId: grid, action: "REROLL" }, "REROLL", "mj_reroll"],
  ];
  for (const [path, body, action, model] of CHANGES) {
    const id = await post(path, body);
    expect(await inner.db.selectFrom("tasks").select(["action", "model"]).where("id", "=", id).executeTakeFirstOrThrow()).toEqual({ action, model });
    await fetch(`${inner.url}/task/${id}?wait=20`, { headers });
    const sent = inner.seen().findLast(({ path: at }) => at.endsWith(`/submit/${path}`));
    const text = Buffer.from(sent?.body.base64 ?? "", "base64").toString();
    expect([path, text.includes(String(ref)), text.includes(grid)]).toEqual([path, true, false]);
  }
}, 60_000);
