import { expect, test } from "bun:test";
import fc from "fast-check";
import { createUser } from "../store/queries/accounts.ts";
import { addBatch, redeemCode } from "../store/queries/codes.ts";
import { checkMoney } from "../store/queries/money.ts";
import { refundsOf } from "../store/queries/order-refunds.ts";
import { addOrder, checkPayments, endOrder, lockOrder, orderOf } from "../store/queries/orders.ts";
import { testDatabase } from "../testing/postgres.ts";
import { bonusOf, priceOf } from "./amounts.ts";
import { takeTransfer } from "./bank-feed.ts";
import { newOrderNumber } from "./bank-transfer.ts";
import { takeCardEvent } from "./card-feed.ts";
import type { CardEvent } from "./card-events.ts";
import { codeHash, newRedemptionCode } from "./codes.ts";
import { giveBack, takeBack } from "./settle.ts";

const { db } = await testDatabase();
const BANK = { bin: "970436", account: "0123499999", holder: "", feed: { key: "", secret: undefined } };
const now = new Date();
let events = 0;
const userId = (await createUser(db, { username: "payer", displayName: "", role: 1, accessKeyHash: null })) ?? "";
const makerId = (await createUser(db, { username: "maker", displayName: "", role: 10, accessKeyHash: null })) ?? "";

/** Something that happens to one of the orders, or to a code. `share`: of an amount, in thousandths. */
const ordered = fc.record({ do: fc.constant("order" as const), method: fc.constantFrom("bank" as const, "stripe" as const), cents: fc.integer({ min: 1, max: 1_000_000 }), ppm: fc.constantFrom(0, 25_000, 333_333), rate: fc.bigInt({ min: 1_000n, max: 30_000_000_000n }) });
const told = fc.record({ do: fc.constantFrom("pay" as const, "refund" as const, "dashboard" as const, "dispute" as const, "won" as const, "undo" as const, "end" as const), which: fc.nat(9), share: fc.integer({ min: 1, max: 1_500 }), twice: fc.boolean() });
const paid = fc.record({ do: fc.constant("pay" as const), which: fc.nat(9), share: fc.integer({ min: 1, max: 1_500 }), twice: fc.boolean() });
const code = fc.record({ do: fc.constant("code" as const), nano: fc.bigInt({ min: 1n, max: 10n ** 12n }) });
const steps = fc
  .tuple(fc.array(ordered, { minLength: 1, maxLength: 5 }), fc.array(fc.oneof({ weight: 4, arbitrary: paid }, { weight: 6, arbitrary: told }, { weight: 1, arbitrary: code }, { weight: 1, arbitrary: ordered }), { minLength: 10, maxLength: 30 }))
  .map(([first, then]) => [...first, ...then]);
type Step = typeof steps extends fc.Arbitrary<(infer Value)[]> ? Value : never;

/** Every kind of entry, for certain. */
const EXAMPLE: Step[] = [
  { do: "order", method: "stripe", cents: 5_000, ppm: 333_333, rate: 1_000_000n },
  { do: "pay", which: 0, share: 1_000, twice: true },
  { do: "dispute", which: 0, share: 500, twice: false },
  { do: "won", which: 0, share: 500, twice: true },
  { do: "code", nano: 5n },
];

async function happen(orders: string[], each: Step): Promise<void> {
  if (each.do === "order") {
    const usdNano = BigInt(each.cents) * 10_000_000n;
    const digits = each.method === "bank" ? 0 : 2;
    const order = await addOrder(
      db,
      { id: Bun.randomUUIDv7(), number: newOrderNumber(), userId, organisationId: null, method: each.method, usdNano, bonusPpm: each.ppm, bonusNano: bonusOf(usdNano, each.ppm), currency: each.method === "bank" ? "VND" : "USD", digits, rateMicro: each.rate, amountMinor: priceOf(usdNano, each.rate, digits), createdAt: now, expiresAt: new Date(now.getTime() + 1e8) },
      { openMax: 1e6, dayMax: 1e6, since: now },
    );
    orders.push(order?.id ?? "");
    return;
  }
  if (each.do === "code") {
    const hash = codeHash(newRedemptionCode());
    await addBatch(db, { name: "x", amountNano: each.nano, expiresAt: null, createdBy: makerId, codes: [{ hash, visible: "x" }] });
    await Promise.all([0, 1, 2].map(() => redeemCode(db, { hash, userId, byMaker: false, nowMs: now.getTime() })));
    return;
  }
  const order = orders.length === 0 ? undefined : await orderOf(db, { id: orders[each.which % orders.length] ?? "" });
  if (!order) return;
  const part = (whole: bigint): bigint => (whole * BigInt(each.share)) / 1_000n;
  const about = { id: `evt_${(events += 1)}`, type: "test" };
  const payment = `pi_${order.number}`;
  const card = async (event: CardEvent): Promise<void> => {
    for (let times = each.twice ? 2 : 1; times > 0; times -= 1) await db.transaction().execute((tx) => takeCardEvent(tx, event, now));
  };
  const amount = BigInt(order.amount_minor);
  if (each.do === "end") await endOrder(db, order.id, "cancelled", now);
  else if (each.do === "pay" && order.method === "bank") {
    const transfer = { id: (events += 1), transferType: "in" as const, transferAmount: Number(each.share > 1_000 ? amount : part(amount)), accountNumber: BANK.account, content: order.number };
    await Promise.all(Array.from({ length: each.twice ? 5 : 1 }, () => db.transaction().execute((tx) => takeTransfer(tx, BANK, transfer, now))));
  } else if (each.do === "pay") await card({ ...about, kind: each.share > 1_400 ? "waiting" : "paid", session: { id: `cs_${order.number}`, orderId: order.id, paymentId: payment, currency: "USD", amountMinor: each.share > 100 ? amount : part(amount) } });
  else if (each.do === "dashboard") await card({ ...about, kind: "refunded", paymentId: payment, orderId: order.id, currency: order.currency, refundedMinor: part(amount) });
  else if (each.do === "dispute" || each.do === "won") await card({ ...about, kind: each.do === "won" ? "dispute-returned" : "dispute-taken", dispute: { id: `dp_${order.number}`, paymentId: payment, currency: order.currency, amountMinor: part(amount), reason: "x", status: "x" } });
  else if (each.do === "undo") {
    const [refund] = await refundsOf(db, order.id);
    if (refund)
      await db.transaction().execute(async (tx) => {
        const locked = await lockOrder(tx, { id: order.id });
        const current = (await refundsOf(tx, order.id)).find(({ id }) => id === refund.id);
        if (locked && current) await takeBack(tx, locked, current, now);
      });
  } else {
    const give = () =>
      db
        .transaction()
        .execute(async (tx) => {
          const locked = await lockOrder(tx, { id: order.id });
          if (locked) await giveBack(tx, locked, { id: Bun.randomUUIDv7(), kind: "refund", state: "done", minor: part(amount), vendorRef: null, reason: "x", madeBy: null, at: now });
        })
        // More than was paid, or not paid at all.
        .catch(() => undefined);
    await Promise.all(Array.from({ length: each.twice ? 3 : 1 }, give));
  }
}

test("M33, V27: whatever is ordered, paid, given back, disputed, undone and redeemed, in whatever order and however often it is told: orders and codes are what the ledger says, and no wallet gets more than was paid for", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (happening) => {
      const orders: string[] = [];
      for (const each of happening) await happen(orders, each);
      const sums = await checkPayments(db);
      expect([sums.ledgerOrdersNano, sums.ledgerCodesNano, sums.wrongOrders]).toEqual([sums.ordersNano, sums.codesNano, []]);
      expect((await checkMoney(db)).wrongBalances).toEqual([]);
      const rows = await db.selectFrom("orders").selectAll().execute();
      for (const row of rows) {
        expect(row.state === "paid" || row.state === "refunded").toBe(row.paid_minor !== null);
        if (row.state === "refunded") expect(row.debited_nano).toBe((BigInt(row.credited_nano) + BigInt(row.credited_bonus_nano)).toString());
      }
      // The wallet holds what came less what went: nothing else moves it here.
      const wallet = await db.selectFrom("budgets").select("balance_nano").where("kind", "=", "wallet").where("owner_id", "=", userId).executeTakeFirst();
      expect(BigInt(wallet?.balance_nano ?? "0")).toBe(sums.ordersNano + sums.codesNano);
    }),
    { numRuns: 25, interruptAfterTimeLimit: 15_000, examples: [[EXAMPLE]] },
  );
  // All of it has happened.
  const kinds = await db.selectFrom("ledger").select("kind").distinct().orderBy("kind").execute();
  expect(kinds.map(({ kind }) => kind)).toEqual(["bonus", "order-refund", "order-refund-undone", "redemption", "top-up"]);
}, 60_000);
