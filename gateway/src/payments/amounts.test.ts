import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { amountText, bonusOf, bonusPpm, creditFor, debitFor, digitsOf, priceOf, worthOf } from "./amounts.ts";

const NANO = 1_000_000_000n;
const nano = fc.bigInt({ min: 1n, max: 10_000_000n * NANO });
const rate = fc.bigInt({ min: 1n, max: 999_999_999_999_999n });
const digits = fc.constantFrom(0, 2);

describe("V39: what is paid and what it is worth", () => {
  test("by hand", () => {
    expect(priceOf(10n * NANO, 26_000_000_000n, 0)).toBe(260_000n);
    expect(priceOf(12n * NANO + 340_000_000n, 1_000_000n, 2)).toBe(1_234n);
    // A third of a cent is a cent.
    expect(priceOf(NANO / 300n, 1_000_000n, 2)).toBe(1n);
    expect(worthOf(260_000n, 26_000_000_000n, 0)).toBe(10n * NANO);
    expect([amountText(260_000n, 0), amountText(1_234n, 2), amountText(5n, 2), amountText(0n, 2)]).toEqual(["260000", "12.34", "0.05", "0.00"]);
    expect(["VND", "USD", "JPY", "KWD", "UGX", "ISK", "usd", "", "USDT"].map(digitsOf)).toEqual([0, 2, 0, undefined, undefined, undefined, undefined, undefined, undefined]);
  });

  test("never is more credited than was paid for, whatever the rate", () => {
    fc.assert(
      fc.property(nano, rate, digits, (usd, rateMicro, places) => {
        const price = priceOf(usd, rateMicro, places);
        expect(price > 0n).toBe(true);
        expect(worthOf(price, rateMicro, places) >= usd).toBe(true);
        expect(worthOf(price - 1n, rateMicro, places) < usd).toBe(true);
      }),
    );
  });

  test("the agreed amount gives what was agreed; less gives no bonus, more the same rate of it", () => {
    fc.assert(
      fc.property(nano, rate, digits, fc.integer({ min: 0, max: 1_000_000 }), fc.bigInt({ min: 1n, max: 10n ** 15n }), (usdNano, rateMicro, places, ppm, paid) => {
        const order = { usdNano, bonusPpm: ppm, bonusNano: bonusOf(usdNano, ppm), amountMinor: priceOf(usdNano, rateMicro, places), rateMicro, digits: places };
        expect(creditFor(order, order.amountMinor)).toEqual({ creditNano: usdNano, bonusNano: order.bonusNano });
        const { creditNano, bonusNano } = creditFor(order, paid);
        if (paid < order.amountMinor) expect([creditNano < usdNano, bonusNano]).toEqual([true, 0n]);
        if (paid > order.amountMinor) expect([creditNano >= usdNano, bonusNano >= order.bonusNano, bonusNano <= creditNano]).toEqual([true, true, true]);
      }),
    );
  });

  test("the highest tier that is reached counts, whatever their order; percentages are exact", () => {
    const tiers = [{ from_usd: "100", percent: "10" }, { from_usd: "20", percent: "2.5" }, { from_usd: "1000", percent: "0.0001" }];
    expect([19n, 20n, 99n, 100n, 999n, 1_000n].map((usd) => bonusPpm(usd * NANO, tiers))).toEqual([0, 25_000, 25_000, 100_000, 100_000, 1]);
    expect(bonusOf(20n * NANO, 25_000)).toBe(NANO / 2n);
    expect(bonusPpm(5n * NANO, [])).toBe(0);
  });

  test("given back in any parts, the credit that goes back adds up to all of it, and never runs ahead by more than a nano a part", () => {
    fc.assert(
      fc.property(nano, fc.array(fc.bigInt({ min: 1n, max: 10n ** 9n }), { minLength: 1, maxLength: 8 }), (credit, parts) => {
        const paid = parts.reduce((sum, part) => sum + part, 0n);
        let [refunded, debited] = [0n, 0n];
        for (const part of parts) {
          refunded += part;
          const debit = debitFor(credit, paid, refunded) - debited;
          expect(debit >= 0n).toBe(true);
          debited += debit;
        }
        expect(debited).toBe(credit);
      }),
    );
  });
});
