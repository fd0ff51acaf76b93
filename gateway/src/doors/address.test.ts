import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { CallerAddress } from "./address.ts";

describe("the caller's address", () => {
  const behind = new CallerAddress(["10.0.0.0/8", "2001:db8::/32"]);

  test.each<[string, string | null, string]>([
    ["203.0.113.5", null, "203.0.113.5"],
    ["::ffff:203.0.113.5", null, "203.0.113.5"],
    // Nobody we trust says it.
    ["203.0.113.5", "198.51.100.1", "203.0.113.5"],
    ["10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["2001:db8::1", "198.51.100.1", "198.51.100.1"],
    // What the caller itself wrote stands before what our proxies added.
    ["10.0.0.1", "127.0.0.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"],
    ["10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
    ["10.0.0.1", null, "10.0.0.1"],
    ["10.0.0.1", "", "10.0.0.1"],
    ["10.0.0.1", "unknown", "10.0.0.1"],
    ["10.0.0.1", "198.51.100.1:4711", "198.51.100.1"],
    ["10.0.0.1", "[2001:4860::1]:4711", "2001:4860::1"],
    ["10.0.0.1", "::FFFF:198.51.100.1", "198.51.100.1"],
    ["10.0.0.1", "::ffff:c633:6401", "198.51.100.1"],
  ])("socket %s, X-Forwarded-For %p: %s", (socket, forwarded, address) => {
    expect(behind.of(socket, forwarded)).toBe(address);
  });

  test("V15: without trusted proxies no header decides anything", () => {
    fc.assert(fc.property(fc.string(), (forwarded) => new CallerAddress([]).of("203.0.113.5", forwarded) === "203.0.113.5"));
  });

  test("V15: whatever a caller writes before our proxy's entry, that entry counts", () => {
    fc.assert(fc.property(fc.string().filter((text) => !text.includes("\n")), (lie) => behind.of("10.0.0.1", `${lie}, 198.51.100.7`) === "198.51.100.7"));
  });

  test("a trusted proxy that is no address is refused", () => {
    expect(() => new CallerAddress(["nonsense"])).toThrow("nonsense");
  });
});
