import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isOurAccount, newOrderNumber, orderNumbersIn, vietQr } from "./bank-transfer.ts";

const bank = { bin: "970416", account: "257678859", holder: "", feed: { key: "x", secret: undefined } };

/** CRC-16/CCITT-FALSE over the text up to and with "6304": EMVCo, QR Code Specification for Payment Systems, merchant-presented mode, 4.7.3. Written from there, for this test. */
function crc16(text: string): string {
  let crc = 0xff_ff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80_00 ? ((crc << 1) ^ 0x10_21) & 0xff_ff : (crc << 1) & 0xff_ff;
  }
  return crc.toString(16).toUpperCase().padStart(4, "0");
}

/** Id, length of two digits, value; again and again. */
function fields(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (let at = 0; at < text.length; ) {
    const length = Number(text.slice(at + 2, at + 4));
    found[text.slice(at, at + 2)] = text.slice(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return found;
}

describe("VietQR", () => {
  test("as the EMVCo and NAPAS formats have it: bank, account, dong, content, checksum", () => {
    const { payload, svg } = vietQr(bank, 260_000n, "YS7K2M9QXA4T");
    const outer = fields(payload);
    expect(outer).toMatchObject({ "00": "01", "01": "12", "53": "704", "54": "260000", "58": "VN" });
    const account = fields(outer["38"] ?? "");
    expect([account["00"], account["02"], fields(account["01"] ?? "")]).toEqual(["A000000727", "QRIBFTTA", { "00": "970416", "01": "257678859" }]);
    expect(fields(outer["62"] ?? "")["08"]).toBe("YS7K2M9QXA4T");
    expect(outer["63"]).toBe(crc16(payload.slice(0, -4)));
    expect(svg).toStartWith("<svg ");
    expect(svg).not.toContain("<script");
  });
});

describe("order numbers in transfers", () => {
  test("are found however a bank writes them", () => {
    const number = "YS7K2M9QXA4T";
    for (const text of [number, number.toLowerCase(), "MBVCB.3278907687.YS7K2M9QXA4T.CT tu 0123", "chuyen tien ys7k2 m9qxa 4t", "IBFTYS7K2M9QXA4TFT23", "YSYS7K2M9QXA4T", "thanh toan: YS-7K2M-9QXA-4T!"])
      expect(orderNumbersIn(text), text).toContain(number);
    for (const text of ["", null, undefined, "YS7K2M9", "chuyen tien", "Y S"]) expect(orderNumbersIn(text)).toEqual([]);
    expect(orderNumbersIn("YS".repeat(1_000)).length).toBeLessThanOrEqual(20);
  });

  test("every number is found in whatever stands around it", () => {
    fc.assert(fc.property(fc.string({ maxLength: 30 }), fc.string({ maxLength: 30 }), (before, after) => {
      // What could begin a number itself only adds candidates; many of them are a hostile text.
      fc.pre(!/y\W*s/i.test(before));
      const number = newOrderNumber();
      expect(orderNumbersIn(`${before}${number}${after}`)).toContain(number);
    }));
  });
});

test("whose account it is", () => {
  expect([isOurAccount(bank, "257678859", null), isOurAccount(bank, "257 678 859", undefined), isOurAccount(bank, "1", "257678859"), isOurAccount(bank, "25767885", ""), isOurAccount(bank, "", "")]).toEqual([true, true, true, false, false]);
});
