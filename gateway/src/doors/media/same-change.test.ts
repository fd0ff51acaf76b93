import { expect, test } from "bun:test";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway();
const caller = await gateway.newCaller("100");

/** Any answer: the tests look into it, and fail where it is another. */
// eslint-disable-next-line typescript/no-explicit-any -- as above
type Json = Record<string, any>;

async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Json> {
  const answer = await fetch(`${gateway.url}${path}`, { method, headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json", ...headers }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return (await answer.json()) as Json;
}

/** A grid of four with its buttons. */
async function grid(): Promise<{ id: string; button: (kind: string, index: number) => string }> {
  const id = String((await call("POST", "/mj/submit/imagine", { prompt: "a stone" }))["result"]);
  const { buttons } = await call("GET", `/mj/task/${id}/fetch?wait=10`);
  return { id, button: (kind, index) => String((buttons as Json[]).find(({ customId }) => String(customId).startsWith(`MJ::JOB::${kind}::${index}::`))?.["customId"]) };
}

const submits = (): number => gateway.seen().filter(({ path }) => /\/submit\/(?:change|action)$/.test(path)).length;
const charges = async (parent: string): Promise<number> => (await gateway.db.selectFrom("tasks").select("id").where("parent_id", "=", parent).execute()).length;
const ended = (id: string): Promise<Json> => call("GET", `/task/${id}?wait=20`);

test("K10: the same upscale is one task and one charge, by whatever form it is asked: its place, its letter, its button", async () => {
  const { id, button } = await grid();
  const before = submits();
  const forms: (() => Promise<Json>)[] = [
    () => call("POST", "/mj/submit/change", { taskId: id, action: "UPSCALE", index: 2 }),
    () => call("POST", "/mj/submit/action", { taskId: id, customId: button("upsample", 2) }),
    () => call("POST", "/mj/submit/simple-change", { content: `${id} U2` }),
  ];
  const first = (await forms[1]?.())?.["result"];
  await ended(String(first));
  for (const form of forms) expect(await form()).toMatchObject({ code: 1, result: first });
  expect([submits() - before, await charges(id)]).toEqual([1, 1]);
  // By another picture's place it is another one.
  expect((await call("POST", "/mj/submit/action", { taskId: id, customId: button("upsample", 3) }))["result"]).not.toBe(first);
});

test("K10: in all forms at one moment it is one as well", async () => {
  const { id, button } = await grid();
  const answers = await Promise.all([
    call("POST", "/mj/submit/change", { taskId: id, action: "UPSCALE", index: 1 }), call("POST", "/mj/submit/action", { taskId: id, customId: button("upsample", 1) }), call("POST", "/mj/submit/simple-change", { content: `${id} u1` }),
    call("POST", "/mj/submit/action", { taskId: id, customId: button("upsample", 1), state: "mine" }),
  ]);
  expect(new Set(answers.map(({ result }) => String(result))).size).toBe(1);
  expect(await charges(id)).toBe(1);
});

test("K10: a variation, which is drawn anew each time, is one while it is under way", async () => {
  const { id, button } = await grid();
  const slow = { "x-sandbox-fault": "run-ms=1500" };
  const first = (await call("POST", "/mj/submit/change", { taskId: id, action: "VARIATION", index: 4 }, slow))["result"];
  for (const [path, body] of [["change", { taskId: id, action: "VARIATION", index: 4 }], ["action", { taskId: id, customId: button("variation", 4) }], ["simple-change", { content: `${id} V4` }]] as const) expect(await call("POST", `/mj/submit/${path}`, body)).toMatchObject({ code: 1, result: first });
  expect(await charges(id)).toBe(1);
  await ended(String(first));
  expect((await call("POST", "/mj/submit/action", { taskId: id, customId: button("variation", 4) }))["result"]).not.toBe(first);
  expect(await charges(id)).toBe(2);
});

test("K10: at /task/submit a change is known by its place and by its button too", async () => {
  const { id, button } = await grid();
  const first = (await call("POST", "/task/submit", { model: "mj_upscale", config: { task_id: id, index: 4 } }))["task_id"];
  await ended(String(first));
  for (const config of [{ task_id: id, index: 4 }, { task_id: id, custom_id: button("upsample", 4) }]) expect(await call("POST", "/task/submit", { model: "mj_upscale", config })).toMatchObject({ task_id: first });
  expect(await charges(id)).toBe(1);
});
