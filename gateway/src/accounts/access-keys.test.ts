import { expect, test } from "bun:test";
import { AccessKeys } from "./access-keys.ts";
import { keyHash } from "./api-key.ts";

test("F21: knows every access key there is, new ones once they are told, and no other", async () => {
  const digests = new Map([[1, keyHash("ak_one")], [2, keyHash("ak_two")]]);
  const keys = new AccessKeys({ all: () => Promise.resolve([...digests.values()]), of: (id) => Promise.resolve(digests.get(id)) });
  expect(keys.knows(keyHash("ak_one"))).toBe(false);
  await keys.load();
  expect([keys.knows(keyHash("ak_one")), keys.knows(keyHash("ak_two")), keys.knows(keyHash("ak_three"))]).toEqual([true, true, false]);
  digests.set(3, keyHash("ak_three"));
  await keys.userChanged(3);
  await keys.userChanged(4);
  expect([keys.knows(keyHash("ak_three")), keys.knows(keyHash("ak_four"))]).toEqual([true, false]);
});
