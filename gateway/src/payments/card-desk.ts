/** Paying by card, as orders need it; Stripe Checkout behind it. */
export interface CardDesk {
  /** Opens a page where an order is paid, for the same order the same one. Rejects with GatewayError paymentService. */
  open(checkout: Checkout): Promise<{ sessionId: string; payUrl: string }>;
  /** Closes it. Gives `complete` when the payer has done his part already. Rejects with GatewayError paymentService. */
  close(sessionId: string): Promise<"closed" | "complete">;
  /** Gives money back, for the same `refundId` once. `refused`: it will not, for that reason. Rejects when nobody knows what came of it. */
  refund(refund: { refundId: string; paymentId: string; amountMinor: bigint; orderId: string }): Promise<{ id: string } | { refused: string }>;
}

export interface Checkout {
  orderId: string;
  number: string;
  currency: string;
  amountMinor: bigint;
  /** what is bought, as the payer reads it */
  title: string;
  email: string;
  /** where the payer comes back to */
  returnUrl: string;
  expiresAt: Date;
}
