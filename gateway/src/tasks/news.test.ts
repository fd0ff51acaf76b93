import { expect, test } from "bun:test";
import { acceptTasks, endTasks, tellTasks } from "../store/queries/tasks.ts";
import { testGateway } from "../testing/gateway.ts";
import { News } from "./news.ts";

test("who waits here hears at once; other processes hear of many at once, of none twice, and of the rest before the end", async () => {
  const here: string[] = [];
  const words: string[][] = [];
  const news = new News((id) => here.push(id), (ids) => Promise.resolve(void words.push([...ids])));
  const ids = Array.from({ length: 130 }, (_, index) => `t${index}`);
  news.tell(ids);
  news.tell(["t0"]);
  expect(here).toEqual([...ids, "t0"]);
  expect(words).toEqual([]);
  await Bun.sleep(40);
  expect(words).toEqual([ids.slice(0, 100), ids.slice(100)]);
  news.tell(["last"]);
  await news.stop();
  expect(words[2]).toEqual(["last"]);
});

test("a word that the database refuses stops no later one", async () => {
  const words: string[] = [];
  const news = new News(() => undefined, (ids) => (ids[0] === "lost" ? Promise.reject(new Error("away")) : Promise.resolve(void words.push(...ids))));
  news.tell(["lost"]);
  await Bun.sleep(40);
  news.tell(["heard"]);
  await news.stop();
  expect(words).toEqual(["heard"]);
});

test("who waits in one process hears of an end that another process wrote, long before he would look again", async () => {
  const gateway = await testGateway();
  const { apiKey, userId, keyId } = await gateway.newCaller("1");
  const id = crypto.randomUUID();
  const now = Date.now();
  await acceptTasks(gateway.db, [{
    id, request_id: Bun.randomUUIDv7(), user_id: Number(userId), organisation_id: null, key_id: Number(keyId), group_name: "default", sandbox: false, family: "task", platform: "p", action: "a", model: "m", parent_id: null,
    submitted_ms: now, deadline_ms: now + 3_600_000, due_ms: now + 3_600_000, lane: "elsewhere", request: { withImages: false }, notify_url: null, callback_token: id, idempotency_key: null, request_hash: null, sources: [], budgets: [],
    hold_nano: 0, terms: { priceVersion: "1", classes: [] },
  }]);
  const waiting = fetch(`${gateway.url}/task/${id}?wait=20`, { headers: { authorization: `Bearer ${apiKey}` } }).then((answer) => answer.json());
  await Bun.sleep(300);
  await endTasks(gateway.db, [{ id, fence: null, state: "CANCELLED", at_ms: Date.now(), charge: 0, status: 499, end_reason: "client_gone" }]);
  const told = performance.now();
  await tellTasks(gateway.db, [crypto.randomUUID(), id]);
  expect(await waiting).toMatchObject({ task_id: id, status: "FAILURE", progress: "100%" });
  expect(performance.now() - told).toBeLessThan(2_000);
});
