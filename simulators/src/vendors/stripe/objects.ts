/** What Stripe keeps (https://docs.stripe.com/api): checkout sessions, payments, refunds, disputes, addresses for events. */
import type { JsonObject } from "../../kit/json.ts";
import type { Received } from "../../kit/vendor.ts";

/** A page where something is paid, with the payment that came of it. */
export interface Session {
  object: JsonObject & { id: string; status: string; payment_status: string; amount_total: number; currency: string; success_url: string; cancel_url: string; expires_at: number; payment_intent: string | null };
  /** the key that made it */
  owner: string;
  /** metadata of the payment that comes of it */
  paymentMetadata: JsonObject;
}

/** A charge, under its payment's id. */
export interface Charge {
  owner: string;
  id: string;
  payment: string;
  amount: number;
  currency: string;
  refunded: number;
  metadata: JsonObject;
}

/** Where events go, and what they are signed with. */
export interface Endpoint {
  owner: string;
  url: string;
  secret: string;
}

/** Everybody's things lie on one shelf: a page is opened without a key. */
const SHELF = "stripe";
const ENDPOINTS = "stripe endpoints";

export const keep = (request: Received, id: string, thing: Session | Charge | JsonObject): void => request.shelf.put(SHELF, id, thing);
export const find = <Thing>(request: Received, id: string): Thing | undefined => request.shelf.get(SHELF, id) as Thing | undefined;

/** The addresses that a key has registered. */
export const endpointsOf = (request: Received, owner: string): Endpoint[] => ((request.shelf.get(SHELF, ENDPOINTS) as Endpoint[] | undefined) ?? []).filter((endpoint) => endpoint.owner === owner);
export const addEndpoint = (request: Received, endpoint: Endpoint): void => request.shelf.put(SHELF, ENDPOINTS, [...((request.shelf.get(SHELF, ENDPOINTS) as Endpoint[] | undefined) ?? []), endpoint]);

/** A charge as Stripe shows it. */
export const chargeObject = (charge: Charge): JsonObject => ({
  id: charge.id, object: "charge", amount: charge.amount, amount_captured: charge.amount, amount_refunded: charge.refunded, captured: true, currency: charge.currency, livemode: false, metadata: charge.metadata, paid: true,
  payment_intent: charge.payment, refunded: charge.refunded === charge.amount, status: "succeeded",
});
