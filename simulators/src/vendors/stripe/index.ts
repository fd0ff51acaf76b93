/** Stripe: Checkout sessions of one payment, the page where they are paid, refunds, addresses for events (https://docs.stripe.com/api/checkout/sessions). Amounts are in the currency's smallest unit. */
import { asObject, asText, isObject, type JsonObject } from "../../kit/json.ts";
import type { Failure, Received, TextAnswer, Vendor, WholeAnswer } from "../../kit/vendor.ts";
import { tell } from "./events.ts";
import { nested, whole } from "./form.ts";
import { addEndpoint, type Charge, chargeObject, find, keep, type Session } from "./objects.ts";

/** A page is open for a day unless told: from 30 minutes to 24 hours. */
const OPEN_SECONDS = 86_400;
const OPEN_SECONDS_MIN = 1_800;
/** Eight digits (https://docs.stripe.com/currencies, "Minimum and maximum charge amounts"). */
const AMOUNT_MAX = 99_999_999;
/** Fifty cents, for the dollar. */
const AMOUNT_MIN_USD = 50;
const JSON_TYPE = { "content-type": "application/json" };

const json = (body: unknown, status = 200): TextAnswer => ({ kind: "whole", status, headers: { ...JSON_TYPE }, body: JSON.stringify(body) });

function refusal(status: number, message: string, more: { type?: string; code?: string; param?: string } = {}): TextAnswer {
  const { type = "invalid_request_error", ...rest } = more;
  return json({ error: { ...rest, message, type } }, status);
}

/** The key, as a Bearer token or as the name of Basic authentication. */
function credentialOf(headers: Headers): string {
  const sent = headers.get("authorization") ?? "";
  const basic = /^Basic\s+(.+)$/i.exec(sent)?.[1];
  return basic === undefined ? sent.replace(/^Bearer\s+/i, "") : (Buffer.from(basic, "base64").toString("latin1").split(":")[0] ?? "");
}

/** What `item` of the order costs in all, or what is wrong with it. */
function totalOf(input: JsonObject): { total: number; currency: string } | TextAnswer {
  let total = 0;
  let currency = "";
  const items = Object.entries(asObject(input["line_items"]));
  if (items.length === 0) return refusal(400, "You must pass `line_items` in `payment` mode.", { param: "line_items" });
  for (const [index, item] of items) {
    const at = `line_items[${index}]`;
    const data = asObject(asObject(item)["price_data"]);
    const [amount, quantity] = [whole(data["unit_amount"]), whole(asObject(item)["quantity"])];
    if (!isObject(data["product_data"]) || asText(data["product_data"]["name"]) === "") return refusal(400, `Missing required param: ${at}[price_data][product_data][name].`, { code: "parameter_missing", param: `${at}[price_data][product_data][name]` });
    if (!Number.isInteger(amount) || amount < 0) return refusal(400, `Invalid integer: ${asText(data["unit_amount"])}`, { code: "parameter_invalid_integer", param: `${at}[price_data][unit_amount]` });
    if (!Number.isInteger(quantity) || quantity < 1) return refusal(400, `Invalid integer: ${asText(asObject(item)["quantity"])}`, { code: "parameter_invalid_integer", param: `${at}[quantity]` });
    if (!/^[a-z]{3}$/i.test(asText(data["currency"]))) return refusal(400, `Invalid currency: ${asText(data["currency"])}.`, { param: `${at}[price_data][currency]` });
    currency = asText(data["currency"]).toLowerCase();
    total += amount * quantity;
  }
  if (total > AMOUNT_MAX) return refusal(400, "The Checkout Session's total amount must be no more than 999,999.99.", { code: "amount_too_large" });
  if (currency === "usd" && total < AMOUNT_MIN_USD) return refusal(400, "The Checkout Session's total amount due must add up to at least $0.50 usd", { code: "amount_too_small" });
  return { total, currency };
}

function createSession(request: Received, owner: string, input: JsonObject): TextAnswer {
  if (asText(input["mode"]) !== "payment") return refusal(400, "Invalid mode: the sandbox plays `payment` only.", { param: "mode" });
  if (!URL.canParse(asText(input["success_url"]))) return refusal(400, "Not a valid URL", { code: "url_invalid", param: "success_url" });
  const cost = totalOf(input);
  if ("kind" in cost) return cost;
  const seconds = Math.floor(request.now / 1000);
  const expiresAt = input["expires_at"] === undefined ? seconds + OPEN_SECONDS : whole(input["expires_at"]);
  if (!(expiresAt >= seconds + OPEN_SECONDS_MIN && expiresAt <= seconds + OPEN_SECONDS)) return refusal(400, "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session creation.", { param: "expires_at" });
  const id = `cs_test_${request.ids.letters(58)}`;
  const object = {
    id, object: "checkout.session", amount_subtotal: cost.total, amount_total: cost.total, cancel_url: asText(input["cancel_url"]), client_reference_id: input["client_reference_id"] === undefined ? null : asText(input["client_reference_id"]), created: seconds, currency: cost.currency,
    customer_email: input["customer_email"] === undefined ? null : asText(input["customer_email"]), expires_at: expiresAt, livemode: false, metadata: asObject(input["metadata"]), mode: "payment", payment_intent: null, payment_status: "unpaid", status: "open",
    success_url: asText(input["success_url"]), url: `${request.origin}/c/pay/${id}`,
  };
  keep(request, id, { object, owner, paymentMetadata: asObject(asObject(input["payment_intent_data"])["metadata"]) });
  return json(object);
}

/** Its time may be over since it was last looked at. */
function refresh(request: Received, session: Session): Session {
  if (session.object.status === "open" && session.object.expires_at * 1000 <= request.now) {
    Object.assign(session.object, { status: "expired", url: null });
    tell(request, session.owner, "checkout.session.expired", session.object);
  }
  return session;
}

function ofSession(request: Received, owner: string, id: string, action: string | undefined): TextAnswer {
  const session = find<Session>(request, id);
  if (!session || session.owner !== owner) return refusal(404, `No such checkout.session: ${id}`, { code: "resource_missing", param: "session" });
  refresh(request, session);
  if (action === undefined) return json(session.object);
  if (session.object.status !== "open") return refusal(400, `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.object.status}.`);
  Object.assign(session.object, { status: "expired", url: null });
  tell(request, owner, "checkout.session.expired", session.object);
  return json(session.object);
}

function createRefund(request: Received, owner: string, input: JsonObject): TextAnswer {
  const payment = asText(input["payment_intent"]);
  const charge = find<Charge>(request, payment);
  if (!charge || charge.owner !== owner) return refusal(404, `No such payment_intent: '${payment}'`, { code: "resource_missing", param: "payment_intent" });
  const left = charge.amount - charge.refunded;
  if (left === 0) return refusal(400, `Charge ${charge.id} has already been refunded.`, { code: "charge_already_refunded" });
  const amount = input["amount"] === undefined ? left : whole(input["amount"]);
  if (!Number.isInteger(amount) || amount < 1) return refusal(400, "Invalid positive integer", { code: "parameter_invalid_integer", param: "amount" });
  if (amount > left) return refusal(400, `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, { param: "amount" });
  charge.refunded += amount;
  const object = { id: `re_${request.ids.letters(24)}`, object: "refund", amount, charge: charge.id, created: Math.floor(request.now / 1000), currency: charge.currency, metadata: asObject(input["metadata"]), payment_intent: payment, reason: null, status: "succeeded" };
  keep(request, object.id, object);
  tell(request, owner, "charge.refunded", chargeObject(charge));
  return json(object);
}

function createEndpoint(request: Received, owner: string, input: JsonObject): TextAnswer {
  const url = asText(input["url"]);
  if (!URL.canParse(url)) return refusal(400, "Not a valid URL", { code: "url_invalid", param: "url" });
  const secret = `whsec_${request.ids.letters(32)}`;
  addEndpoint(request, { owner, url, secret });
  return json({ id: `we_${request.ids.letters(24)}`, object: "webhook_endpoint", enabled_events: Object.values(asObject(input["enabled_events"])), livemode: false, secret, status: "enabled", url });
}

/** The buttons of the page. `later` is a way to pay that takes days: its end comes with `later-paid` or `later-failed`. */
const OUTCOMES = ["paid", "later", "later-paid", "later-failed", "disputed", "dispute-won"] as const;

function settle(request: Received, session: Session, outcome: string): void {
  const { object, owner } = session;
  if (object.payment_intent === null) object.payment_intent = `pi_${request.ids.letters(24)}`;
  const payment = object.payment_intent;
  const charged = (): Charge => {
    const known = find<Charge>(request, payment);
    if (known) return known;
    const charge = { owner, id: `ch_${request.ids.letters(24)}`, payment, amount: object.amount_total, currency: object.currency, refunded: 0, metadata: session.paymentMetadata };
    keep(request, payment, charge);
    return charge;
  };
  if (outcome === "paid" || outcome === "later-paid") {
    charged();
    Object.assign(object, { status: "complete", payment_status: "paid" });
    tell(request, owner, outcome === "paid" ? "checkout.session.completed" : "checkout.session.async_payment_succeeded", object);
  } else if (outcome === "later") {
    Object.assign(object, { status: "complete", payment_status: "unpaid" });
    tell(request, owner, "checkout.session.completed", object);
  } else if (outcome === "later-failed") tell(request, owner, "checkout.session.async_payment_failed", object);
  else {
    const charge = charged();
    const dispute = { id: `dp_${charge.id.slice(3)}`, object: "dispute", amount: charge.amount, charge: charge.id, currency: charge.currency, payment_intent: payment, reason: "fraudulent", status: outcome === "dispute-won" ? "won" : "needs_response" };
    for (const type of outcome === "dispute-won" ? ["charge.dispute.closed", "charge.dispute.funds_reinstated"] : ["charge.dispute.created", "charge.dispute.funds_withdrawn"]) tell(request, owner, type, dispute);
  }
}

/** The page where a session is paid: no card, a button for each way it can go. */
function page(request: Received, id: string): WholeAnswer {
  const session = find<Session>(request, id);
  if (!session) return { kind: "whole", status: 404, headers: { "content-type": "text/html; charset=utf-8" }, body: "<!doctype html><title>Nothing here</title><p>There is no such page." };
  refresh(request, session);
  const { object } = session;
  const after = object.status === "complete";
  const outcome = new URLSearchParams(new TextDecoder().decode(request.body)).get("outcome") ?? "";
  if (request.method === "POST") {
    const fits = (OUTCOMES as readonly string[]).includes(outcome) && (after ? outcome !== "paid" && outcome !== "later" : object.status === "open" && (outcome === "paid" || outcome === "later"));
    if (!fits) return refusal(400, `This session is ${object.status}; it cannot become ${outcome}.`);
    settle(request, session, outcome);
    return { kind: "whole", status: 303, headers: { location: object.success_url }, body: "" };
  }
  const buttons = (after ? OUTCOMES.slice(2) : object.status === "open" ? OUTCOMES.slice(0, 2) : []).map((each) => `<button name="outcome" value="${each}">${each}</button>`).join(" ");
  return { kind: "whole", status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: `<!doctype html><html lang="en"><title>Sandbox checkout</title><h1>Sandbox checkout</h1><p>${object.amount_total} ${object.currency} (smallest unit), ${object.status}</p><form method="post">${buttons}</form></html>` };
}

/** What was answered under an idempotency key is answered again; another request under the same key is refused (https://docs.stripe.com/api/idempotent_requests). */
function once(request: Received, owner: string, make: () => TextAnswer): TextAnswer {
  const key = request.headers.get("idempotency-key");
  if (key === null) return make();
  const name = `idempotency ${owner} ${key}`;
  const asked = `${request.path} ${new TextDecoder().decode(request.body)}`;
  const known = find<{ asked: string; answer: TextAnswer }>(request, name);
  if (known && known.asked !== asked) return refusal(400, `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`, { type: "idempotency_error" });
  if (known) return { ...known.answer, headers: { ...known.answer.headers, "idempotent-replayed": "true" } };
  const answer = make();
  if (answer.status < 500) keep(request, name, { asked, answer });
  return answer;
}

function answer(request: Received): WholeAnswer {
  const paid = /^\/c\/pay\/(cs_\w+)$/.exec(request.path)?.[1];
  if (paid !== undefined) return page(request, paid);
  const owner = credentialOf(request.headers);
  if (owner === "") return refusal(401, "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').");
  if (!/^[sr]k_test_\w+$/.test(owner)) return refusal(401, `Invalid API Key provided: ${owner.slice(0, 8)}***`);
  const input = nested(request.body);
  if (request.method === "POST" && request.path === "/v1/checkout/sessions") return once(request, owner, () => createSession(request, owner, input));
  if (request.method === "POST" && request.path === "/v1/refunds") return once(request, owner, () => createRefund(request, owner, input));
  if (request.method === "POST" && request.path === "/v1/webhook_endpoints") return once(request, owner, () => createEndpoint(request, owner, input));
  const [, session, action] = /^\/v1\/checkout\/sessions\/(\w+)(?:\/(expire))?$/.exec(request.path) ?? [];
  if (session !== undefined && (action === undefined ? request.method === "GET" : request.method === "POST")) return ofSession(request, owner, session, action);
  const refund = /^\/v1\/refunds\/(re_\w+)$/.exec(request.path)?.[1];
  const found = refund === undefined ? undefined : find<JsonObject>(request, refund);
  if (found && request.method === "GET") return json(found);
  return refusal(404, `Unrecognized request URL (${request.method}: ${request.path}).`);
}

function fail(_request: Received, failure: Failure): TextAnswer {
  if (failure.kind === "bad-key") return refusal(401, failure.message ?? "Invalid API Key provided: sk_test_***");
  const type = failure.status === 429 ? "rate_limit_error" : failure.status >= 500 ? "api_error" : failure.status === 402 ? "card_error" : "invalid_request_error";
  const usual = failure.status >= 500 ? "An unknown error occurred" : failure.status === 429 ? "Too many requests hit the API too quickly." : "The request was unacceptable.";
  const answered = refusal(failure.status || 400, failure.message ?? usual, { type });
  if (failure.retryAfter !== undefined) answered.headers["retry-after"] = String(failure.retryAfter);
  return answered;
}

/** Stripe on its own wire. */
export const stripe: Vendor = {
  name: "stripe",
  routes: ["POST /v1/checkout/sessions", "GET /v1/checkout/sessions/{id}", "POST /v1/checkout/sessions/{id}/expire", "GET /c/pay/{id}", "POST /c/pay/{id}", "POST /v1/refunds", "GET /v1/refunds/{id}", "POST /v1/webhook_endpoints"],
  credentialOf,
  answer,
  fail,
  // Nothing of it is a stream.
  errorFrame: (request, failure) => fail(request, failure).body,
};
