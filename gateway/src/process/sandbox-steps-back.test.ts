import { expect, test } from "bun:test";
import { addChannel, enableChannel } from "../store/queries/channels.ts";
import { SecretBox } from "../channels/secrets.ts";
import { testGateway } from "../testing/gateway.ts";

const masterKey = SecretBox.newKey();
/** A real vendor that always fails, so that whatever answers is the simulator. */
const vendor = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => Response.json({ error: { message: "down" } }, { status: 500 }) });
const gateway = await testGateway((config) => {
  config.masterKey = masterKey.toString("base64");
});

test("once a real channel is added to the running gateway, no live key is answered by a simulator, nor charged for it", async () => {
  const caller = await gateway.newCaller("1");
  const ask = () =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}` },
      body: JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content: "count to 3" }] }),
    });
  expect((await ask()).status).toBe(200);
  const seen = (enabled: boolean): boolean => gateway.channels.list().some((channel) => channel.source === "database" && channel.enabled === enabled);
  const until = async (enabled: boolean): Promise<void> => {
    for (let i = 0; i < 200 && !seen(enabled); i += 1) await Bun.sleep(5);
  };
  await addChannel(gateway.db, { name: "real", vendor: "openai", baseUrl: `http://127.0.0.1:${vendor.port}/v1`, priority: 0, weight: 1, sealed: [new SecretBox(masterKey).seal("sk-real")] });
  await until(true);
  expect((await ask()).status).toBe(502);
  await enableChannel(gateway.db, "real", false);
  await until(false);
  expect((await ask()).status).toBe(503);
  const rows = await gateway.rows(caller.userId, 3);
  expect(rows.map((row) => [row.status, BigInt(row.charge_nano) > 0n])).toEqual([[200, true], [502, false], [503, false]]);
  await vendor.stop(true);
});
