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

test("K10: a change is one at both doors: made by /task/submit it is found by Midjourney's own forms, and the other way round, at once and afterwards", async () => {
  const { id, button } = await grid();
  const unified = (config: object): Promise<string> => call("POST", "/task/submit", { model: "mj_upscale", config: { task_id: id, ...config } }).then((told) => String(told["task_id"]));
  const own = async (index: number): Promise<Json[]> => Promise.all([
    call("POST", "/mj/submit/change", { taskId: id, action: "UPSCALE", index }), call("POST", "/mj/submit/action", { taskId: id, customId: button("upsample", index) }), call("POST", "/mj/submit/simple-change", { content: `${id} U${index}` }),
  ]);
  const first = await unified({ index: 1 });
  expect((await ended(first))["status"]).toBe("SUCCESS");
  for (const told of await own(1)) expect(told).toMatchObject({ code: 1, result: first, properties: { status: "SUCCESS" } });
  expect(await call("GET", `/mj/task/${first}/fetch`)).toMatchObject({ id: first, action: "UPSCALE", status: "SUCCESS", imageUrl: expect.stringContaining("http"), progress: "100%" });
  // What the caller has deleted is there no more.
  const fourth = await unified({ index: 4 });
  await ended(fourth);
  expect(await call("DELETE", `/task/${fourth}`)).toMatchObject({ deleted: true });
  const again = await unified({ index: 4 });
  expect(again).not.toBe(fourth);
  expect((await ended(again))["status"]).toBe("SUCCESS");
  const [second] = await own(2);
  expect(await unified({ custom_id: button("upsample", 2) })).toBe(second?.["result"]);
  const [third, ...others] = await Promise.all([unified({ index: 3 }), own(3).then((told) => told.map(({ result }) => String(result)))]);
  expect(new Set([third, ...others.flat()]).size).toBe(1);
  expect(await charges(id)).toBe(5);
});

test("Midjourney's doors change what /task/submit has drawn, in all three forms", async () => {
  const { task_id: id } = await call("POST", "/task/submit", { model: "mj_imagine", prompt: "a hill" });
  await ended(String(id));
  expect(await call("GET", `/mj/task/${id}/fetch`)).toMatchObject({ action: "IMAGINE", prompt: "a hill", status: "SUCCESS" });
  const results = await Promise.all([call("POST", "/mj/submit/change", { taskId: id, action: "UPSCALE", index: 2 }), call("POST", "/mj/submit/simple-change", { content: `${id} U2` })]);
  expect(new Set(results.map(({ code, result }) => `${code} ${result}`)).size).toBe(1);
  expect(results[0]).toMatchObject({ code: 1 });
});

test("M22: a button is made for its own price: /task/submit refuses it under another model's name", async () => {
  const { id, button } = await grid();
  const before = submits();
  const refused = await call("POST", "/task/submit", { model: "mj_upscale", config: { task_id: id, custom_id: button("variation", 1) } });
  expect([refused["code"], refused["error"]]).toEqual(["invalid_request", '"config.custom_id" is a button of the model "mj_variation".']);
  expect([submits() - before, await charges(id)]).toEqual([0, 0]);
});
