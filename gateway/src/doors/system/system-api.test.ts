import { expect, test } from "bun:test";
import { keyHash, maskKey, newApiKey } from "../../accounts/api-key.ts";
import { createKey } from "../../store/queries/keys.ts";
import { testGateway } from "../../testing/gateway.ts";

const { db, api, newCaller } = await testGateway();
const { userId, accessKey, apiKey, keyId } = await newCaller("0");
const { userId: otherId } = await newCaller("0");
const keys = [newApiKey(false), newApiKey(true), `sk-${"P".repeat(120)}`];
const foreign = newApiKey(false);
for (const [user, key] of [...keys.map((key) => [userId, key] as const), [otherId, foreign] as const])
  await createKey(db, { userId: user, name: "k", hash: keyHash(key), visible: maskKey(key), group: "default", sandbox: false });

async function found(token: string): Promise<string[]> {
  const { body } = await api<{ data: { key: string }[] }>(`/yescale/apikeylist?token=${encodeURIComponent(token)}`, { as: accessKey });
  return body.data.map((row) => row.key);
}

test("a key is found by the whole of it, with and without its prefix, and by what the list shows of it", async () => {
  for (const key of keys) {
    expect(await found(key)).toEqual([maskKey(key)]);
    expect(await found(key.slice(3))).toEqual([maskKey(key)]);
    expect(await found(key.slice(-4))).toContain(maskKey(key));
    expect(await found(maskKey(key))).toEqual([maskKey(key)]);
  }
  expect((await found("")).length).toBe(4);
});

test("the account is told with the access key that was sent", async () => {
  const { body } = await api("/yescale/user", { as: accessKey });
  expect(body).toEqual({ data: { access_token: accessKey, display_name: "", email: "", quota: 0, request_count: 0, role: 1, telegram_id: "", used_quota: 0, username: "user1" }, message: "", success: true });
});

test("V02, V09: wildcards are no wildcards, what is hidden finds nothing, and nobody finds another's key", async () => {
  for (const token of ["%", "_", "\\", (keys[0] ?? "").slice(6, 20), foreign, maskKey(foreign)]) expect(await found(token), token).toEqual([]);
  expect((await api("/yescale/apikeylist?token=a%00b", { as: accessKey })).status).toBe(400);
  expect((await api(`/yescale/apikeylist?token=${"x".repeat(300)}`, { as: accessKey })).status).toBe(400);
});

test("refusals: the words of the family, with the status that says what is wrong", async () => {
  for (const as of [undefined, "nonsense", apiKey, "x".repeat(300)]) {
    const { status, body } = await api("/yescale/user", as === undefined ? {} : { as });
    expect([status, body]).toEqual([401, { success: false, message: "The access key is missing or not valid." }]);
  }
  expect((await api("/yescale/nothing", { as: accessKey })).body).toEqual({ success: false, message: "There is nothing at this address." });
  const wrong = await api("/yescale/user", { as: accessKey, method: "POST", body: {} });
  expect([wrong.status, wrong.headers.get("allow"), wrong.body["success"]]).toEqual([405, "GET, HEAD", false]);
  expect(Number(keyId)).toBeGreaterThan(0);
});
