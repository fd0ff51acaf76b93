/** What Stripe tells, as far as orders care. `other`: nothing of ours. */
export type CardEvent = { id: string; type: string } & (
  | { kind: "paid" | "waiting"; session: CardSession }
  | { kind: "failed" | "expired"; session: CardSession }
  | { kind: "refunded"; paymentId: string; currency: string; refundedMinor: bigint }
  | { kind: "refund-failed"; paymentId: string; refundId: string; currency: string; amountMinor: bigint; reason: string }
  | { kind: "dispute-opened" | "dispute-closed"; paymentId: string; disputeId: string; currency: string; amountMinor: bigint; reason: string }
  | { kind: "dispute-taken" | "dispute-returned"; paymentId: string; disputeId: string; currency: string; amountMinor: bigint; reason: string }
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

/** Reads what Stripe sends. */
export interface CardEvents {
  /** Rejects with GatewayError paymentProof when it is not signed by Stripe, too old, or of the other mode (test or live). */
  event(raw: Buffer, signature: string | null): Promise<CardEvent>;
}
