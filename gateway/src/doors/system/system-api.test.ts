import { expect, test } from "bun:test";
import { keyHash, maskKey, newApiKey } from "../../accounts/api-key.ts";
import { createKey, createUser } from "../../store/queries/accounts.ts";
import { testDatabase } from "../../testing/postgres.ts";
import { systemApi } from "./system-api.ts";

const { db } = await testDatabase();
const app = systemApi(db, () => Promise.resolve());
const accessKey = "ak_listlistlistlistlistlistlist";
const userId = (await createUser(db, { username: "lister", displayName: "", role: 1, accessKeyHash: keyHash(accessKey) })) ?? "";
const otherId = (await createUser(db, { username: "other", displayName: "", role: 1, accessKeyHash: keyHash("ak_other") })) ?? "";
const keys = [newApiKey(false), newApiKey(true), `sk-${"P".repeat(120)}`];
const foreign = newApiKey(false);
for (const [user, key] of [...keys.map((key) => [userId, key] as const), [otherId, foreign] as const])
  await createKey(db, { userId: user, name: "k", hash: keyHash(key), visible: maskKey(key), group: "default", sandbox: false });

async function found(token: string): Promise<string[]> {
  const response = await app.request(`/yescale/apikeylist?token=${encodeURIComponent(token)}`, { headers: { authorization: accessKey } });
  const body = (await response.json()) as { data: { key: string }[] };
  return body.data.map((row) => row.key);
}

test("a key is found by the whole of it, with and without its prefix, and by what the list shows of it", async () => {
  for (const key of keys) {
    expect(await found(key)).toEqual([maskKey(key)]);
    expect(await found(key.slice(3))).toEqual([maskKey(key)]);
    expect(await found(key.slice(-4))).toContain(maskKey(key));
    expect(await found(maskKey(key))).toEqual([maskKey(key)]);
  }
  expect((await found("")).length).toBe(3);
});

test("V02, V09: wildcards are no wildcards, what is hidden finds nothing, and nobody finds another's key", async () => {
  for (const token of ["%", "_", "\\", (keys[0] ?? "").slice(6, 20), foreign, maskKey(foreign)]) expect(await found(token), token).toEqual([]);
  expect((await app.request("/yescale/apikeylist?token=a%00b", { headers: { authorization: accessKey } })).status).toBe(400);
  expect((await app.request(`/yescale/apikeylist?token=${"x".repeat(300)}`, { headers: { authorization: accessKey } })).status).toBe(400);
});
