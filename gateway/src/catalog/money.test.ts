import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  divideHalfUp,
  NANO_PER_USD,
  nanoToQuota,
  nanoToUsdText,
  parseDecimal,
  plainDecimalText,
  quotaToNano,
  usdToNano,
} from "./money.ts";

describe("parseDecimal", () => {
  test("reads decimals exactly, text and numbers alike", () => {
    expect(parseDecimal("0.0375", 6)).toBe(37_500n);
    expect(parseDecimal(0.1, 6)).toBe(100_000n);
    expect(parseDecimal(2.5e-7, 12)).toBe(250_000n);
    expect(parseDecimal("-1.50", 2)).toBe(-150n);
    expect(parseDecimal(1e21, 0)).toBe(10n ** 21n);
  });

  test("refuses what is no decimal and what it would have to round", () => {
    for (const text of ["", "abc", "1e3", "1,5", ".5", "5.", "0x10", "--1", "Infinity"])
      expect(() => parseDecimal(text, 6)).toThrow(RangeError);
    expect(() => parseDecimal(Number.NaN, 6)).toThrow(RangeError);
    expect(() => parseDecimal("0.1234567", 6)).toThrow("more than 6 digits");
  });

  test("M22: any whole number of parts survives its decimal text", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (nano) => {
        expect(usdToNano(nanoToUsdText(nano))).toBe(nano);
      }),
    );
  });

  test("a number's plain text reads back as the same number", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(plainDecimalText(value))).toBe(value === 0 ? 0 : value);
        expect(plainDecimalText(value)).not.toContain("e");
      }),
    );
  });
});

describe("quota", () => {
  test("M21: 500,000 units are one dollar, also at 10^9 dollars", () => {
    expect(nanoToQuota(NANO_PER_USD)).toBe(500_000n);
    expect(nanoToQuota(usdToNano("1000000000"))).toBe(500_000_000_000_000n);
    expect(nanoToUsdText(quotaToNano(500_000_000_000_000n))).toBe("1000000000");
    fc.assert(fc.property(fc.bigInt(), (quota) => nanoToQuota(quotaToNano(quota)) === quota));
  });

  test("M22: half a unit rounds up, a debt away from zero", () => {
    const table: [bigint, bigint][] = [
      [0n, 0n],
      [999n, 0n],
      [1_000n, 1n],
      [1_001n, 1n],
      [2_999n, 1n],
      [3_000n, 2n],
      [-999n, 0n],
      [-1_000n, -1n],
    ];
    for (const [nano, quota] of table) expect(nanoToQuota(nano)).toBe(quota);
    expect(divideHalfUp(5n, 10n)).toBe(1n);
    expect(divideHalfUp(4n, 10n)).toBe(0n);
  });
});
