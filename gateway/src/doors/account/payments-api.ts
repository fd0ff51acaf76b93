import type { PAYMENT_ROUTES } from "@yescale/contract";
import { nanoToUsdText } from "../../catalog/money.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { newOrderNumber, vietQr } from "../../payments/bank-transfer.ts";
import { amountText } from "../../payments/amounts.ts";
import { stateAt } from "../../payments/payments.ts";
import { receiptOf, receiptPage } from "../../payments/receipt.ts";
import { refundsOf } from "../../store/queries/order-refunds.ts";
import { addOrder, endOrder, listOrders, orderOf, type OrderRow, setCheckout } from "../../store/queries/orders.ts";
import { organisationsOf } from "../../store/queries/organisations.ts";
import type { Handlers } from "../api/handler.ts";
import { nextOf } from "../api/pages.ts";
import type { ApiServices } from "../api/services.ts";
import { orderView } from "../payments/order-view.ts";

/** An order waits so long for its payment; Stripe keeps a page open for a day at most, and the rate is not forever. */
const ORDER_HOURS = 23;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Orders of an account that are open at once, and that it makes in a day: each is a page at Stripe. */
const OPEN_MAX = 20;
const DAY_MAX = 100;
/** Nothing of a receipt is loaded or run. */
const RECEIPT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Buying credit. */
export function paymentHandlers({ db, clock, payments, settings, brand, publicUrl }: ApiServices): Handlers<typeof PAYMENT_ROUTES> {
  const own = async (userId: string, id: string): Promise<OrderRow> => {
    const found = await orderOf(db, { id, userId });
    if (!found) throw new GatewayError("notFound", { publicText: "There is no such order." });
    return found;
  };
  const transferOf = (order: OrderRow) => {
    if (order.method !== "bank" || stateAt(order, clock.now()) !== "created") return null;
    const { bank } = payments;
    const { payload, svg } = vietQr(bank, BigInt(order.amount_minor), order.number);
    return { bank_bin: bank.bin, account: bank.account, holder: bank.holder, amount: amountText(BigInt(order.amount_minor), order.digits), content: order.number, qr: payload, qr_svg: svg };
  };
  const shown = (order: OrderRow) => ({ ...orderView(order, clock.now()), transfer: transferOf(order) });

  return {
    methods() {
      const { top_up_min_usd, top_up_max_usd, bonus_tiers } = payments.values;
      return { data: payments.offers().map(({ method, currency, rate }) => ({ method, currency, rate })), min_usd: top_up_min_usd, max_usd: top_up_max_usd, bonus_tiers };
    },

    async make({ caller: { account }, body }) {
      const offer = payments.offer(body.method);
      const price = payments.price(offer, body.usd);
      const organisationId = body.organisation_id === undefined ? null : String(body.organisation_id);
      if (organisationId !== null && (await organisationsOf(db, account.id, organisationId)).length === 0) throw new GatewayError("notFound", { publicText: "There is no such organisation.", param: "organisation_id" });
      const now = clock.now();
      const order = await addOrder(
        db,
        { id: Bun.randomUUIDv7(), number: newOrderNumber(), userId: account.id, organisationId, method: offer.method, ...price, currency: offer.currency, digits: offer.digits, rateMicro: offer.rateMicro, createdAt: new Date(now), expiresAt: new Date(now + ORDER_HOURS * HOUR_MS) },
        { openMax: OPEN_MAX, dayMax: DAY_MAX, since: new Date(now - DAY_MS) },
      );
      if (!order) throw new GatewayError("conflict", { publicText: `An account has ${OPEN_MAX} open orders at most, and makes ${DAY_MAX} in a day.` });
      if (order.method === "bank" || !payments.card) return shown(order);
      try {
        const checkout = await payments.card.open({
          orderId: order.id, number: order.number, currency: order.currency, amountMinor: price.amountMinor, title: `${brand()}: ${nanoToUsdText(price.usdNano)} USD of credit (${order.number})`,
          email: account.email, returnUrl: publicUrl(), expiresAt: order.expires_at,
        });
        await setCheckout(db, order.id, checkout);
      } catch (error) {
        await endOrder(db, order.id, "cancelled", new Date(clock.now()));
        throw error;
      }
      return shown(await own(account.id, order.id));
    },

    async orders({ caller, query }) {
      const rows = await listOrders(db, { userId: caller.account.id, before: query.after, limit: query.limit, state: query.state });
      return { data: rows.map((row) => orderView(row, clock.now())), next: nextOf(rows, query.limit, (row) => row.id) };
    },

    order: async ({ caller, params }) => shown(await own(caller.account.id, params.id)),

    async cancel({ caller, params }) {
      const order = await own(caller.account.id, params.id);
      if (order.session_id !== null && order.state === "created" && (order.waiting || (await payments.card?.close(order.session_id)) === "complete")) throw new GatewayError("conflict", { publicText: "The order is being paid." });
      if (!(await endOrder(db, order.id, "cancelled", new Date(clock.now())))) throw new GatewayError("conflict", { publicText: "The order is not open any more." });
      return orderView(await own(caller.account.id, params.id), clock.now());
    },

    async receipt({ caller, params, query }) {
      const order = await own(caller.account.id, params.id);
      if (order.paid_minor === null) throw new GatewayError("notFound", { publicText: "There is a receipt when the order is paid." });
      const receipt = receiptOf(order, await refundsOf(db, order.id), { seller: settings.values.receipt_seller, brand: brand() });
      if (query.format === "json") return receipt;
      return new Response(receiptPage(receipt), { headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": RECEIPT_POLICY, "x-content-type-options": "nosniff", "content-disposition": `inline; filename="receipt-${order.number}.html"` } });
    },
  };
}
