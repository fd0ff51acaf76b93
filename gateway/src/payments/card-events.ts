/** What Stripe tells, as far as orders care. `other`: nothing of ours. `unreadable`: of ours, but not as Stripe documents it; `fault` says what. */
export type CardEvent = { id: string; type: string } & (
  | { kind: "paid" | "waiting" | "failed" | "expired"; session: CardSession }
  | { kind: "refunded"; paymentId: string; orderId: string | undefined; currency: string; refundedMinor: bigint }
  | { kind: "refund-failed"; refundId: string; reason: string }
  | { kind: "dispute-opened" | "dispute-taken" | "dispute-returned" | "dispute-closed"; dispute: CardDispute }
  | { kind: "unreadable"; orderId: string | undefined; reference: string; fault: string }
  | { kind: "other" }
);

/** A page where an order is paid, as Stripe sees it. */
export interface CardSession {
  id: string;
  orderId: string;
  paymentId: string | undefined;
  /** in capitals */
  currency: string;
  amountMinor: bigint;
}

/** A payer's bank takes a payment back. */
export interface CardDispute {
  id: string;
  paymentId: string;
  currency: string;
  amountMinor: bigint;
  /** in Stripe's words */
  reason: string;
  status: string;
}

/** Reads what Stripe sends. */
export interface CardEvents {
  /** Rejects with GatewayError paymentProof when it is not signed by Stripe, too old, or of the other mode (test or live), invalidRequest when it is no event. */
  event(raw: Buffer, signature: string | null): Promise<CardEvent>;
}
