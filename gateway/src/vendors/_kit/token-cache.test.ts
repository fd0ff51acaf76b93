import { expect, test } from "bun:test";
import { RENEW_BEFORE_MS, RETRY_AFTER_MS, TokenCache } from "./token-cache.ts";

const HOUR = 3_600_000;

test("many requests at once make one exchange, and so do those that come while the token holds", async () => {
  const cache = new TokenCache();
  let exchanges = 0;
  const exchange = async (): Promise<{ value: string; expiresAt: number }> => {
    exchanges += 1;
    await Promise.resolve();
    return { value: `token-${exchanges}`, expiresAt: HOUR };
  };
  expect(new Set(await Promise.all(Array.from({ length: 50 }, () => cache.get("a", 0, exchange))))).toEqual(new Set(["token-1"]));
  expect(await cache.get("a", HOUR - RENEW_BEFORE_MS - 1, exchange)).toBe("token-1");
  expect(exchanges).toBe(1);
  expect(await cache.get("b", 0, exchange)).toBe("token-2");
});

test("near its end a token is used on while its successor is fetched; after its end it is not", async () => {
  const cache = new TokenCache();
  await cache.get("a", 0, () => Promise.resolve({ value: "old", expiresAt: HOUR }));
  const { promise, resolve } = Promise.withResolvers<{ value: string; expiresAt: number }>();
  expect(await cache.get("a", HOUR - 1_000, () => promise)).toBe("old");
  expect(await cache.get("a", HOUR - 500, () => Promise.reject(new Error("a second exchange")))).toBe("old");
  const late = cache.get("a", HOUR + 1, () => Promise.reject(new Error("a second exchange")));
  resolve({ value: "new", expiresAt: 3 * HOUR });
  expect(await late).toBe("new");
});

test("a failed exchange is not repeated by every request, but after a while", async () => {
  const cache = new TokenCache();
  let exchanges = 0;
  const fail = (): Promise<never> => {
    exchanges += 1;
    return Promise.reject(new Error("no"));
  };
  for (const now of [0, 1, RETRY_AFTER_MS - 1]) await expect(cache.get("a", now, fail)).rejects.toThrow("no");
  expect(exchanges).toBe(1);
  expect(await cache.get("a", RETRY_AFTER_MS, () => Promise.resolve({ value: "t", expiresAt: HOUR }))).toBe("t");
  // A token that still holds outlives a failed renewal.
  expect(await cache.get("a", HOUR - 10_000, fail)).toBe("t");
  await Promise.resolve();
  expect(await cache.get("a", HOUR - 9_000, fail)).toBe("t");
  expect(exchanges).toBe(2);
});
