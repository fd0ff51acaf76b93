import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FakeClock } from "../clock/fake-clock.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { keyHash, maskKey, newAccessKey, newApiKey } from "./api-key.ts";
import { KEY_STATUS, type KeyRow } from "./key-record.ts";
import { KeyRing } from "./key-ring.ts";

let nextId = 0;
const rowOf = (key: string, more: Partial<KeyRow> = {}): KeyRow => ({
  id: String((nextId += 1)), user_id: "1", user_status: 1, name: "key", hash: keyHash(key), status: KEY_STATUS.active, expires_at: null, unlimited: true, group_name: "default",
  model_limits: null, allow_ips: null, sandbox: false, wallet_budget: "7", key_budget: null, organisation_id: null, organisation_status: null, member_unlimited: null, member_budget: null, capture_days: null, ...more,
});

/** A ring over rows in memory that a test may change. */
async function ringOf(...rows: KeyRow[]) {
  const clock = new FakeClock();
  let down = false;
  const answer = async <T>(value: T): Promise<T> => (down ? Promise.reject(new Error("the database is down")) : value);
  const ring = new KeyRing(
    {
      all: () => answer([...rows]),
      ofOrganisation: (id) => answer(rows.filter((row) => Number(row.organisation_id) === id)),
      ofUser: (id) => answer(rows.filter((row) => Number(row.user_id) === id)),
      one: (id) => answer(rows.find((row) => Number(row.id) === id)),
    },
    clock,
  );
  await ring.load();
  return { ring, clock, rows, breakDatabase: () => (down = true) };
}
const verdict = (ring: KeyRing, key: string | undefined, address = "203.0.113.5"): string => {
  try {
    return `key ${ring.authenticate(key, () => address).id}`;
  } catch (error) {
    return error instanceof GatewayError ? error.gatewayErrorName : String(error);
  }
};

describe("V13: the result is a whole identity or a refusal", () => {
  test.each([undefined, "", " ", "sk-", "Bearer", "sk-test-", "' or 1=1 --", "sk-\0", "__proto__", "x".repeat(257), "x".repeat(1_000_000)])("V01: %p is nobody", async (key) => {
    const { ring } = await ringOf(rowOf("sk-good"));
    expect(["missingKey", "invalidKey"]).toContain(verdict(ring, key));
  });

  test("no text but the key itself is the key", async () => {
    const key = newApiKey(false);
    const { ring } = await ringOf(rowOf(key));
    fc.assert(fc.property(fc.string(), (text) => text === key || verdict(ring, text) !== verdict(ring, key)));
    for (const text of [key.slice(0, -1), `${key} `, ` ${key}`, key.toUpperCase(), key.toLowerCase(), maskKey(key), keyHash(key).toString("base64url"), keyHash(key).toString("hex")])
      expect(verdict(ring, text), text).toBe("invalidKey");
  });

  test("a database that fails leaves what was known, and makes nobody somebody", async () => {
    const { ring, rows, breakDatabase } = await ringOf(rowOf("sk-good"));
    breakDatabase();
    await expect(ring.load()).rejects.toThrow("down");
    expect(verdict(ring, "sk-good")).toBe(`key ${rows[0]?.id}`);
    expect(verdict(ring, "sk-other")).toBe("invalidKey");
  });
});

describe("V14: keys that look alike never meet", () => {
  test("two keys that share any beginning and end are two", async () => {
    const characters = fc.stringMatching(/^[A-Za-z0-9]{1,40}$/);
    await fc.assert(
      fc.asyncProperty(characters, characters, characters, characters, async (start, one, two, end) => {
        fc.pre(one !== two);
        const [a, b] = [rowOf(`sk-${start}${one}${end}`, { user_id: "1" }), rowOf(`sk-${start}${two}${end}`, { user_id: "2" })];
        const { ring } = await ringOf(a, b);
        return verdict(ring, `sk-${start}${one}${end}`) === `key ${a.id}` && verdict(ring, `sk-${start}${two}${end}`) === `key ${b.id}`;
      }),
    );
  });

  test("a disabled, changed or deleted key stops at the change message; others stay", async () => {
    const { ring, rows } = await ringOf(rowOf("sk-one"), rowOf("sk-two"));
    const [one, two] = rows as [KeyRow, KeyRow];
    one.status = KEY_STATUS.disabled;
    await ring.keyChanged(Number(one.id));
    expect(verdict(ring, "sk-one")).toBe("keyDisabled");
    // Another hash under the same id: the old secret is worth nothing any more.
    one.status = KEY_STATUS.active;
    one.hash = keyHash("sk-renewed");
    await ring.keyChanged(Number(one.id));
    expect([verdict(ring, "sk-one"), verdict(ring, "sk-renewed")]).toEqual(["invalidKey", `key ${one.id}`]);
    rows.splice(0, 1);
    await ring.keyChanged(Number(one.id));
    expect([verdict(ring, "sk-renewed"), verdict(ring, "sk-two"), ring.size]).toEqual(["invalidKey", `key ${two.id}`, 1]);
  });

  test("a disabled user's keys stop, all of them", async () => {
    const { ring, rows } = await ringOf(rowOf("sk-one"), rowOf("sk-two"), rowOf("sk-three", { user_id: "2" }));
    for (const row of rows) if (row.user_id === "1") row.user_status = 2;
    await ring.userChanged(1);
    expect([verdict(ring, "sk-one"), verdict(ring, "sk-two"), verdict(ring, "sk-three")]).toEqual(["userDisabled", "userDisabled", `key ${rows[2]?.id}`]);
  });
});

describe("status, expiry, addresses", () => {
  test.each([
    [KEY_STATUS.disabled, "keyDisabled"],
    [KEY_STATUS.expired, "expiredKey"],
    [KEY_STATUS.usedUp, "insufficientKey"],
    [99, "keyDisabled"],
    [0, "keyDisabled"],
  ])("status %p is %s", async (status, name) => {
    expect(verdict((await ringOf(rowOf("sk-a", { status }))).ring, "sk-a")).toBe(name);
  });

  test("F23: a key expires by the wall clock, to the millisecond", async () => {
    const clock = new FakeClock();
    const { ring, clock: its, rows } = await ringOf(rowOf("sk-a", { expires_at: new Date(clock.now() + 1_000) }));
    its.advance(999);
    expect(verdict(ring, "sk-a")).toBe(`key ${rows[0]?.id}`);
    its.advance(1);
    expect(verdict(ring, "sk-a")).toBe("expiredKey");
  });

  test("an allow-list may be written with IPv4 addresses mapped into IPv6; what old resolvers would read as another address than its writer is none", async () => {
    const { ring, rows } = await ringOf(rowOf("sk-a", { allow_ips: ["::ffff:203.0.113.0/120", "::ffff:c633:6401"] }), rowOf("sk-b", { allow_ips: ["010.0.0.1", "8.0.0.1"] }), rowOf("sk-c", { allow_ips: ["203.0.113"] }), rowOf("sk-d", { allow_ips: ["010.0.0.0/8"] }));
    expect(["203.0.113.9", "198.51.100.1", "::ffff:cb00:7109"].map((address) => verdict(ring, "sk-a", address))).toEqual(Array.from({ length: 3 }, () => `key ${rows[0]?.id}`));
    expect(verdict(ring, "sk-a", "203.0.114.1")).toBe("addressNotAllowed");
    expect(["sk-b", "sk-c", "sk-d"].map((key) => verdict(ring, key, "8.0.0.1"))).toEqual(Array.from({ length: 3 }, () => "addressNotAllowed"));
  });

  test("an allow-list lets its own in, and a broken one nobody", async () => {
    const { ring, rows } = await ringOf(rowOf("sk-a", { allow_ips: ["203.0.113.0/24", "2001:db8::/32"] }), rowOf("sk-b", { allow_ips: ["nonsense"] }), rowOf("sk-c", { allow_ips: [] }));
    expect(["203.0.113.9", "::ffff:203.0.113.9", "2001:db8::1"].map((address) => verdict(ring, "sk-a", address))).toEqual(Array.from({ length: 3 }, () => `key ${rows[0]?.id}`));
    expect(["203.0.114.1", "", "nonsense", "2001:db9::1"].map((address) => verdict(ring, "sk-a", address))).toEqual(Array.from({ length: 4 }, () => "addressNotAllowed"));
    expect(verdict(ring, "sk-b", "203.0.113.9")).toBe("addressNotAllowed");
    expect(verdict(ring, "sk-c", "anything")).toBe(`key ${rows[2]?.id}`);
  });

  test("the address is not asked of the socket for a key without a list", async () => {
    const { ring } = await ringOf(rowOf("sk-a"));
    expect(() => ring.authenticate("sk-a", () => { throw new Error("asked"); })).not.toThrow();
  });
});

test("F21: a flood of invalid keys costs a hash each: 100,000 in seconds, and nothing is kept of them", async () => {
  const { ring } = await ringOf(rowOf("sk-good"));
  const startedAt = performance.now();
  for (let i = 0; i < 100_000; i += 1) if (verdict(ring, `sk-bad${i}`) !== "invalidKey") throw new Error("let in");
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(ring.size).toBe(1);
});

test("V34: new keys: 48 letters or digits, never alike, masked to ten characters", () => {
  const keys = Array.from({ length: 1_000 }, () => newApiKey(false));
  expect(new Set(keys).size).toBe(1_000);
  for (const key of keys) expect(key).toMatch(/^sk-[A-Za-z0-9]{48}$/);
  expect(newApiKey(true)).toMatch(/^sk-test-[A-Za-z0-9]{48}$/);
  expect(newAccessKey()).not.toStartWith("sk-");
  expect(maskKey(keys[0] ?? "")).toMatch(/^sk-[A-Za-z0-9]{3}\*{4}[A-Za-z0-9]{4}$/);
});
