import { describe, expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";
import { FakeClock } from "../clock/fake-clock.ts";
import { createLogger } from "../observe/log.ts";
import { openDatabase } from "../store/database.ts";
import { ResponseShelf, STORED_BYTES_MAX } from "./shelf.ts";

const keeping = await testGateway();
const keepingNothing = await testGateway((config) => (config.responsesDays = 0));

async function post(gateway: typeof keeping, key: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${gateway.url}/v1/responses`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: "gpt-4.1-mini", max_output_tokens: 50, ...body }),
  });
  return { status: response.status, dropped: response.headers.get("x-yescale-dropped"), body: (await response.json()) as { id: string; store: boolean; error?: { param: string; code: string } } };
}

describe("promise 3: what is not stored says so", () => {
  test("a gateway that keeps nothing", async () => {
    const { apiKey } = await keepingNothing.newCaller("10");
    const answer = await post(keepingNothing, apiKey, { input: "hi" });
    expect(answer).toMatchObject({ status: 200, dropped: "store", body: { store: false } });
    expect(await post(keepingNothing, apiKey, { input: "hi", previous_response_id: answer.body.id })).toMatchObject({ status: 400, body: { error: { code: "previous_response_not_found" } } });
    expect(await post(keepingNothing, apiKey, { input: "hi" }, { "x-yescale-strict": "1" })).toMatchObject({ status: 400, body: { error: { param: "store" } } });
    expect((await post(keepingNothing, apiKey, { input: "hi", store: false }, { "x-yescale-strict": "1" })).status).toBe(200);
    expect(await keepingNothing.db.selectFrom("stored_responses").select("id").execute()).toEqual([]);
  });

  test("a conversation above the limit: the answer comes, unstored; one below it is stored and grows above it", async () => {
    const { apiKey } = await keeping.newCaller("100");
    const image = (bytes: number) => [{ role: "user", content: [{ type: "input_image", image_url: `data:image/png;base64,${"iVBORw0KGgo".repeat(bytes / 11)}`, detail: "low" }, { type: "input_text", text: "hi" }] }];
    const large = await post(keeping, apiKey, { input: image(STORED_BYTES_MAX + 1_000) });
    expect(large).toMatchObject({ status: 200, dropped: "store", body: { store: false } });
    const half = await post(keeping, apiKey, { input: image(STORED_BYTES_MAX * 0.6) });
    expect(half).toMatchObject({ status: 200, dropped: null, body: { store: true } });
    const both = await post(keeping, apiKey, { input: image(STORED_BYTES_MAX * 0.6), previous_response_id: half.body.id });
    expect(both).toMatchObject({ status: 200, dropped: "store", body: { store: false, previous_response_id: half.body.id } });
    expect((await post(keeping, apiKey, { input: "hi", previous_response_id: half.body.id })).body.store).toBe(true);
  });
});

test("F08: while the database is away, what was just answered is found in memory; all else is a 503 and not a 404", async () => {
  // Nobody listens there.
  const db = openDatabase({ host: "127.0.0.1", port: 1, user: "nobody", database: "none" }, () => undefined);
  const box = { sealBytes: (plain: Buffer) => plain, openBytes: (sealed: Buffer) => sealed };
  const shelf = new ResponseShelf({ db, box, clock: new FakeClock(), log: createLogger("silent"), days: 30, shared: () => true });
  const conversation = { input: [{ role: "user", content: "hi" }], inputIds: ["msg_1"], own: 1, response: { id: "resp_1", output: [] } };
  const started = performance.now();
  await shelf.put({ id: "resp_1", userId: 1, keyId: 1, model: "m", conversation, bytes: 100 });
  // The answer's last bytes wait a second at most.
  expect(performance.now() - started).toBeWithin(900, 2_500);
  expect(await shelf.find(1, "resp_1")).toEqual(conversation);
  const questions = [() => shelf.find(2, "resp_1"), () => shelf.find(1, "resp_2"), () => shelf.withItems(1, ["msg_1"]), () => shelf.remove(1, "resp_1"), () => shelf.remove(1, "resp_2")];
  for (const ask of questions) await expect<Promise<unknown>>(ask()).rejects.toMatchObject({ gatewayErrorName: "databaseDown" });
  await shelf.stop(10);
  await db.destroy();
});
