import { expect, test } from "bun:test";
import { testGateway } from "../../testing/gateway.ts";

/** Doors of vendors that closed, or switched a model off: made by whoever else makes it, or answered by us. */
const gateway = await testGateway();
const caller = await gateway.newCaller("100");
const LINK = "https://example.com/bunny.jpg";

// eslint-disable-next-line typescript/no-explicit-any -- tests look into any answer
type Json = Record<string, any>;

async function call(method: string, path: string, body?: object, key = caller.apiKey): Promise<{ status: number; json: Json }> {
  const answer = await fetch(`${gateway.url}${path}`, { method, headers: { authorization: `Bearer ${key}`, ...(body ? { "content-type": "application/json" } : {}) }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: answer.status, json: (await answer.json()) as Json };
}

test.each<[string, string, string, object, (json: Json) => string, string]>([
  ["Pika has no interface of its own any more", "pika", "/pika/generate", { promptText: "a stone", model: "2.0" }, (json) => json["id"], "fal"],
  ["Luma refuses every key", "luma", "/luma/generations", { user_prompt: "a stone" }, (json) => json["id"], "fal"],
  ["Ark switched Seedance's lite off", "doubao", "/seedance/v3/contents/generations/tasks", { model: "doubao-seedance-1-0-lite-t2v-250428", content: [{ type: "text", text: "a stone --rs 480p --dur 5" }] }, (json) => json["id"], "fal"],
  ["the same of a picture", "doubao", "/seedance/v3/contents/generations/tasks", { model: "doubao-seedance-1-0-lite-i2v-250428", content: [{ type: "text", text: "a stone --rs 480p --dur 5" }, { type: "image_url", image_url: { url: LINK } }] }, (json) => json["id"], "fal"],
])("K26: %s: its door goes on through another source", async (_name, vendor, path, body, idOf, by) => {
  await fetch(`${gateway.sandbox.url}/__sandbox/faults`, { method: "POST", body: JSON.stringify({ vendor, spec: "status=403" }) });
  const payer = await gateway.newCaller("100");
  const made = await call("POST", path, body, payer.apiKey);
  const task = await call("GET", `/task/${idOf(made.json)}?wait=20`, undefined, payer.apiKey);
  expect(task.json["status"], JSON.stringify([made.json, task.json])).toBe("SUCCESS");
  expect(gateway.seen().at(-1)?.vendor).toBe(by);
  expect(Number((await gateway.rows(payer.userId, 1))[0]?.charge_nano)).toBeGreaterThan(0);
});

test("K26: SeedEdit is gone at fal: the documented door names what took its place, and nobody is asked", async () => {
  gateway.sandbox.reset();
  const { status, json } = await call("POST", "/fal-ai/bytedance/seededit/v3/edit-image", { prompt: "x", image_url: LINK });
  expect([status, json["error"]]).toEqual([404, expect.stringContaining('Use "doubao-seedream-4-0-250828"')]);
  expect(gateway.seen()).toEqual([]);
});
