import { nanoToUsdText, plainDecimalText } from "../catalog/money.ts";
import type { RefundRow } from "../store/queries/order-refunds.ts";
import type { OrderRow } from "../store/queries/orders.ts";
import { amountText, RATE_DIGITS } from "./amounts.ts";
import { table } from "../table.ts";

/** A rate as it was set. */
export const rateText = (rateMicro: string): string => {
  const text = amountText(BigInt(rateMicro), RATE_DIGITS);
  return text.replace(/\.?0+$/, "") || plainDecimalText(0);
};

const seconds = (date: Date | null): number => Math.floor((date?.getTime() ?? 0) / 1000);

/** What was bought, for what, by whom; of an order that is paid. Pure. */
export const receiptOf = (order: OrderRow, refunds: readonly RefundRow[], { seller, brand }: { seller: string; brand: string }) => ({
  number: order.number,
  seller,
  issued_by: brand,
  buyer: { account_id: Number(order.user_id), name: order.display_name || order.username, email: order.email, organisation: order.organisation },
  method: order.method,
  paid_at: seconds(order.paid_at),
  currency: order.currency,
  paid_amount: amountText(BigInt(order.paid_minor ?? "0"), order.digits),
  rate: rateText(order.rate_micro),
  credit_usd: nanoToUsdText(BigInt(order.credited_nano)),
  bonus_usd: nanoToUsdText(BigInt(order.credited_bonus_nano)),
  refunds: refunds.filter(({ state }) => state === "done").map((refund) => ({ at: seconds(refund.created_at), amount: amountText(BigInt(refund.amount_minor), order.digits), reason: refund.kind === "dispute" ? "disputed" : "refunded" })),
  refunded_amount: amountText(BigInt(order.refunded_minor), order.digits),
});
export type Receipt = ReturnType<typeof receiptOf>;

const METHODS = { stripe: "card", bank: "bank transfer" } as const;
const ESCAPES: Record<string, string> = table({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" });
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
const day = (unixSeconds: number): string => `${new Date(unixSeconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** The receipt as a page that prints on one sheet. Nothing in it is loaded from elsewhere, and whatever people wrote into names is text. Pure. */
export function receiptPage(receipt: Receipt): string {
  const rows: [string, string][] = [
    ["Receipt", receipt.number],
    ["Paid", day(receipt.paid_at)],
    ["By", METHODS[receipt.method]],
    ["Buyer", [receipt.buyer.name, receipt.buyer.email, receipt.buyer.organisation ?? ""].filter((text) => text !== "").join(", ")],
    ["Account", String(receipt.buyer.account_id)],
    ["Credit", `${receipt.credit_usd} USD`],
    ...(receipt.bonus_usd === "0" ? [] : [["Bonus", `${receipt.bonus_usd} USD`] as [string, string]]),
    ["Rate", `1 USD = ${receipt.rate} ${receipt.currency}`],
    ["Amount paid", `${receipt.paid_amount} ${receipt.currency}`],
    ...receipt.refunds.map(({ at, amount, reason }): [string, string] => [`${reason === "disputed" ? "Disputed" : "Given back"} ${day(at)}`, `${amount} ${receipt.currency}`]),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escaped(`${receipt.issued_by}: receipt ${receipt.number}`)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #111; background: #fff; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } .seller { white-space: pre-line; } table { border-collapse: collapse; width: 100%; margin-top: 2rem; }
th, td { text-align: left; padding: .4rem 0; border-bottom: 1px solid #ccc; vertical-align: top; } th { width: 12rem; font-weight: 600; }
@page { margin: 20mm; } @media print { body { margin: 0 auto; } }
</style>
</head>
<body>
<h1>${escaped(receipt.issued_by)}</h1>
<p class="seller">${escaped(receipt.seller)}</p>
<table>
${rows.map(([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`).join("\n")}
</table>
</body>
</html>
`;
}
