import type { ORDER_ADMIN_ROUTES } from "@yescale/contract";
import { nanoToUsdText, parseDecimal } from "../../catalog/money.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { amountText } from "../../payments/amounts.ts";
import { bookTold } from "../../payments/card-feed.ts";
import { stateAt } from "../../payments/payments.ts";
import { giveBack, ownerOf, payOrder, takeBack } from "../../payments/settle.ts";
import type { Db } from "../../store/database.ts";
import { refundOf, type RefundRow, refundsOf, setRefundDone } from "../../store/queries/order-refunds.ts";
import { checkPayments, endOrder, listOrders, lockOrder, orderOf, type OrderRow } from "../../store/queries/orders.ts";
import { organisationsOf } from "../../store/queries/organisations.ts";
import { closePaymentEvent, eventsOf, listPaymentEvents } from "../../store/queries/payment-events.ts";
import { afterRecall } from "../api/after-recall.ts";
import { ROLES } from "../api/caller.ts";
import type { Handlers, Principal } from "../api/handler.ts";
import { nextOf } from "../api/pages.ts";
import type { ApiServices } from "../api/services.ts";
import { adminOrderView, paymentView, refundView } from "../payments/order-view.ts";

const missing = (what: string): GatewayError => new GatewayError("notFound", { publicText: `There is no such ${what}.` });

/** Orders of all accounts, and what payment services told of. */
export function orderAdminHandlers({ db, clock, payments, flush, log }: ApiServices): Handlers<typeof ORDER_ADMIN_ROUTES> {
  const now = (): Date => new Date(clock.now());
  const one = async (id: string): Promise<OrderRow> => {
    const found = await orderOf(db, { id });
    if (!found) throw missing("order");
    return found;
  };
  const detail = async (id: string) => {
    const order = await one(id);
    const [refunds, events] = await Promise.all([refundsOf(db, id), eventsOf(db, id)]);
    return { ...adminOrderView(order, clock.now()), refunds: refunds.map((refund) => refundView(refund, order.digits)), payments: events.map(paymentView) };
  };
  /** An amount as a person writes it, in the smallest unit. */
  const minorOf = (text: string, digits: number): bigint => {
    try {
      const minor = parseDecimal(text, digits);
      if (minor > 0n) return minor;
    } catch {
      // Said below.
    }
    throw new GatewayError("invalidRequest", { publicText: `The amount must be more than nothing, with ${digits} digits after the point at most.`, param: "amount" });
  };
  /** Nobody gives to himself: it takes a second one, or an owner. */
  /** His own, or one that fills a wallet that he may spend from. */
  const refuseOwn = async (from: Db, { account }: Principal, order: OrderRow): Promise<void> => {
    if (account.role >= ROLES.owner) return;
    if (order.user_id === account.id) throw new GatewayError("roleTooLow", { publicText: "Operators do not confirm their own orders." });
    if (order.organisation_id !== null && (await organisationsOf(from, account.id, order.organisation_id)).length > 0) throw new GatewayError("roleTooLow", { publicText: "Operators do not confirm orders of organisations that they belong to." });
  };
  /** Nobody pays at a page whose order is over. What is paid there already is told by the payment service. */
  const closePage = async (order: OrderRow): Promise<void> => {
    if (order.session_id === null || !payments.card || order.state !== "created") return;
    await payments.card.close(order.session_id).catch((error: unknown) => log.warn({ order: order.number, error: String(error) }, "a payment page could not be closed"));
  };

  return {
    async orders({ query }) {
      const rows = await listOrders(db, { limit: query.limit, before: query.after, state: query.state, method: query.method, userId: query.user, organisationId: query.organisation, number: query.number });
      return { data: rows.map((row) => adminOrderView(row, clock.now())), next: nextOf(rows, query.limit, (row) => row.id) };
    },

    order: ({ params }) => detail(params.id),

    async confirm({ caller, params, body, change }) {
      const found = await one(params.id);
      await refuseOwn(db, caller, found);
      const minor = body.amount === undefined ? BigInt(found.amount_minor) : minorOf(body.amount, found.digits);
      await closePage(found);
      await change(async (tx, note) => {
        const order = await lockOrder(tx, { id: params.id });
        if (!order) throw missing("order");
        const { creditNano, bonusNano } = await payOrder(tx, order, { minor, at: now() });
        note({ action: "order.confirm", subject: `order:${order.number}`, before: { state: stateAt(order, clock.now()) }, after: { state: "paid", amount: amountText(minor, order.digits), credited_usd: nanoToUsdText(creditNano + bonusNano), reason: body.reason } });
      });
      return detail(params.id);
    },

    async cancel({ params, body, change }) {
      const found = await one(params.id);
      await closePage(found);
      await change(async (tx, note) => {
        if (!(await endOrder(tx, params.id, "cancelled", now()))) throw new GatewayError("conflict", { publicText: "The order is not open any more." });
        note({ action: "order.cancel", subject: `order:${found.number}`, before: { state: found.state }, after: { state: "cancelled", reason: body.reason } });
      });
      return detail(params.id);
    },

    async refund({ caller, params, body, change }) {
      await flush();
      const order = await one(params.id);
      const byCard = order.payment_id !== null;
      if (byCard && !payments.card) throw new GatewayError("paymentOff");
      const subject = `order:${order.number}`;
      /** Asks the payment service, under the refund's own name, however often. */
      const ask = async (refund: RefundRow): Promise<void> => {
        if (!payments.card || order.payment_id === null) return;
        const answer = await payments.card.refund({ refundId: refund.id, paymentId: order.payment_id, amountMinor: BigInt(refund.amount_minor), orderId: order.id });
        if ("id" in answer) return setRefundDone(db, refund.id, answer.id, now());
        await change(async (tx, note) => {
          const locked = await lockOrder(tx, { id: order.id });
          const pending = await refundOf(tx, refund.id);
          if (!locked || pending?.state !== "pending" || !(await takeBack(tx, locked, pending, now()))) return;
          // Refused perhaps because it was given back elsewhere meanwhile.
          await bookTold(tx, order.id, now());
          note({ action: "order.refund.undone", subject, after: { refund: refund.id, reason: answer.refused } });
        });
        throw new GatewayError("conflict", { publicText: `The payment service refused: ${answer.refused.slice(0, 300)}` });
      };
      const pending = (await refundsOf(db, order.id)).find(({ state }) => state === "pending");
      if (pending) {
        // What came of it nobody knows: it is asked again before another one is made.
        await change((_tx, note) => Promise.resolve(note({ action: "order.refund.again", subject, after: { refund: pending.id, reason: body.reason } })));
        await ask(pending);
        return detail(params.id);
      }
      const id = Bun.randomUUIDv7();
      const attempt = () =>
        change(async (tx, note) => {
          const locked = await lockOrder(tx, { id: order.id });
          if (!locked || locked.state !== "paid") throw new GatewayError("conflict", { publicText: "Only what is paid is given back." });
          const minor = body.amount === undefined ? BigInt(locked.paid_minor ?? "0") - BigInt(locked.refunded_minor) : minorOf(body.amount, locked.digits);
          const result = await giveBack(tx, locked, { id, kind: "refund", state: byCard ? "pending" : "done", minor, vendorRef: null, reason: body.reason, madeBy: caller.account.id, at: now() });
          if (result.done) note({ action: "order.refund", subject, after: { refund: id, amount: amountText(minor, locked.digits), debited_usd: nanoToUsdText(result.debitedNano), reason: body.reason } });
          return result;
        });
      const result = await afterRecall(db, ownerOf(order), attempt, (given) => (given.done ? 0n : given.leasedNano));
      if (!result.done) throw new GatewayError("conflict", { publicText: "The wallet does not have this credit free any more: what is spent, or needed by work under way, is not given back." });
      const made = await refundOf(db, id);
      if (made?.state === "pending") await ask(made);
      return detail(params.id);
    },

    async payments({ query }) {
      const rows = await listPaymentEvents(db, { limit: query.limit, before: query.after, open: query.open, source: query.source });
      return { data: rows.map(paymentView), next: nextOf(rows, query.limit, (row) => row.id) };
    },

    async settle({ caller, params, body, change }) {
      await change(async (tx, note) => {
        const order = await lockOrder(tx, { numbers: [body.order.trim().toUpperCase()] });
        if (!order) throw missing("order");
        await refuseOwn(tx, caller, order);
        const event = await closePaymentEvent(tx, params.id, { state: "settled", note: body.reason, by: caller.account.id, at: now(), orderId: order.id });
        if (!event) throw missing("open payment");
        if (event.source !== "bank" || event.amount_minor === null || event.currency !== order.currency) throw new GatewayError("conflict", { publicText: "This is no transfer in the order's currency." });
        const { creditNano, bonusNano } = await payOrder(tx, order, { minor: BigInt(event.amount_minor), at: now() });
        note({ action: "payment.settle", subject: `order:${order.number}`, before: { state: stateAt(order, clock.now()) }, after: { state: "paid", payment: Number(event.id), amount: amountText(BigInt(event.amount_minor), order.digits), credited_usd: nanoToUsdText(creditNano + bonusNano), reason: body.reason } });
      });
      return payment(params.id);
    },

    async dismiss({ caller, params, body, change }) {
      await change(async (tx, note) => {
        const event = await closePaymentEvent(tx, params.id, { state: "dismissed", note: body.reason, by: caller.account.id, at: now() });
        if (!event) throw missing("open payment");
        note({ action: "payment.dismiss", subject: `payment:${event.id}`, after: { reason: body.reason } });
      });
      return payment(params.id);
    },

    async check() {
      const sums = await checkPayments(db);
      return {
        orders_usd: nanoToUsdText(sums.ordersNano),
        codes_usd: nanoToUsdText(sums.codesNano),
        ledger_orders_usd: nanoToUsdText(sums.ledgerOrdersNano),
        ledger_codes_usd: nanoToUsdText(sums.ledgerCodesNano),
        wrong_orders: sums.wrongOrders,
        agrees: sums.ordersNano === sums.ledgerOrdersNano && sums.codesNano === sums.ledgerCodesNano && sums.wrongOrders.length === 0,
      };
    },
  };

  async function payment(id: string) {
    const [row] = await listPaymentEvents(db, { id, limit: 1 });
    if (!row) throw missing("payment");
    return paymentView(row);
  }
}
