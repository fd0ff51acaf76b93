import { expect, test } from "bun:test";
import fc from "fast-check";
import { CHARGE_NANO_MAX, journalForm, type SettlementRecord, TEXT_LENGTH_MAX } from "./record.ts";

const plain: SettlementRecord = {
  id: "01980000-0000-7000-8000-000000000000", at: 1, user: 1, key: 1, wallet: 5, group: "default", dialect: "openai-chat", endpoint: "chat", model: "m", stream: false, sandbox: false,
  status: 200, end: "complete", attempts: [], durationMs: 1, usage: { input: 1 }, estimated: false, charge: 7,
  lines: [{ class: "input", units: 1, unitPricePico: "7000", ratioMicro: 1_000_000, amountNano: 7 }],
};
const read = (record: SettlementRecord): SettlementRecord => JSON.parse(journalForm(record).json) as SettlementRecord;

test("an ordinary record is written as it is, backslashes and all", () => {
  const record = { ...plain, model: String.raw`a\u0000b \ud800 "é😀"` };
  expect(journalForm(record)).toEqual({ json: JSON.stringify(record), charge: record.charge });
});

test("M37: what Postgres takes in no text is replaced before it is written", () => {
  const record = read({ ...plain, model: "a\u0000b", error: "half \ud83d", attempts: [{ channel: "c\u0000", key: 0, outcome: "\udc00", ms: 1 }], usage: { "in\u0000put": 1 } });
  expect(record).toMatchObject({ model: "a\ufffdb", error: "half \ufffd", attempts: [{ channel: "c\ufffd", outcome: "\ufffd" }], usage: { "in\ufffdput": 1 } });
  expect(read({ ...plain, model: "x".repeat(100_000) }).model.length).toBe(TEXT_LENGTH_MAX);
});

test("M21, M37: a charge beyond every number is cut, and its lines still add up to it", () => {
  for (const charge of [1e25, Number.MAX_VALUE, CHARGE_NANO_MAX + 1]) {
    const record = read({ ...plain, charge, usage: { input: 1e25 }, lines: [{ class: "input", units: 1e25, unitPricePico: "7000", ratioMicro: 1_000_000, amountNano: charge }] });
    expect(record.charge).toBe(CHARGE_NANO_MAX);
    expect(journalForm({ ...plain, charge }).charge).toBe(CHARGE_NANO_MAX);
    expect(record.lines.reduce((sum, line) => sum + line.amountNano, 0)).toBe(CHARGE_NANO_MAX);
    expect(record.anomaly).toContain("charge");
    expect(Object.values(record.usage).every(Number.isSafeInteger)).toBe(true);
  }
});

test("M22: whatever numbers come, a record holds what a bigint and JSON can", () => {
  const number = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constantFrom(NaN, Infinity, -Infinity, 1e308, 0.5));
  fc.assert(
    fc.property(number, number, number, number, (charge, units, ms, status) => {
      const record = read({ ...plain, charge, durationMs: ms, firstByteMs: ms, status, usage: { input: units }, lines: [{ class: "input", units, unitPricePico: "1", ratioMicro: 1_000_000, amountNano: charge }] });
      expect(Number.isSafeInteger(record.charge) && record.charge >= 0 && record.charge <= CHARGE_NANO_MAX).toBe(true);
      expect(record.lines.reduce((sum, line) => sum + line.amountNano, 0)).toBe(record.charge);
      expect(Number.isFinite(record.durationMs) && Math.abs(record.durationMs) < 1e12).toBe(true);
      expect(Number.isInteger(record.status) && Math.abs(record.status) < 1_000).toBe(true);
    }),
  );
});
