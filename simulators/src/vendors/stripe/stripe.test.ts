import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import Stripe from "stripe";
import { startSandbox } from "../../server.ts";
import { receiver } from "../../testing/receiver.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
const hook = receiver((index) => (index === 0 ? 500 : 200));
afterAll(async () => {
  await hook.stop();
  await sandbox.stop();
});
beforeEach(() => sandbox.reset());

/** The official library, whose address is put below the sandbox's. */
const sdk = (key = "sk_test_sandbox1") => new Stripe(key, { maxNetworkRetries: 0, httpClient: Stripe.createFetchHttpClient(((url: string, init: RequestInit) => fetch(url.replace("https://api.stripe.com", `${sandbox.url}/stripe`), init)) as typeof fetch) });
const ORDER: Stripe.Checkout.SessionCreateParams = { mode: "payment", client_reference_id: "order-1", metadata: { order_id: "1" }, payment_intent_data: { metadata: { order_id: "1" } }, line_items: [{ quantity: 2, price_data: { currency: "usd", unit_amount: 1_050, product_data: { name: "Credit" } } }], success_url: "https://shop.example/done", cancel_url: "https://shop.example/" };
const press = (url: string, outcome: string): Promise<Response> => fetch(url, { method: "POST", body: new URLSearchParams({ outcome }), redirect: "manual" });

describe("Stripe, by its official library", () => {
  test("a session is made, shown, paid on its page, told in a signed event (again after a failure), refunded", async () => {
    const stripe = sdk();
    const endpoint = await stripe.webhookEndpoints.create({ url: hook.url, enabled_events: ["*"] });
    const session = await stripe.checkout.sessions.create(ORDER);
    expect(session).toMatchObject({ object: "checkout.session", amount_total: 2_100, currency: "usd", status: "open", payment_status: "unpaid", client_reference_id: "order-1", metadata: { order_id: "1" }, payment_intent: null });
    const url = session.url ?? "";
    expect(await (await fetch(url)).text()).toContain('value="paid"');
    const left = await press(url, "paid");
    expect([left.status, left.headers.get("location")]).toEqual([303, "https://shop.example/done"]);
    const [, told] = await hook.waitFor(2);
    const event = await stripe.webhooks.constructEventAsync(told?.text ?? "", told?.headers.get("stripe-signature") ?? "", endpoint.secret ?? "");
    expect(event).toMatchObject({ type: "checkout.session.completed", data: { object: { id: session.id, payment_status: "paid", amount_total: 2_100 } } });
    const paid = await stripe.checkout.sessions.retrieve(session.id);
    expect(paid).toMatchObject({ status: "complete", payment_status: "paid" });
    const payment = typeof paid.payment_intent === "string" ? paid.payment_intent : "";
    const refund = await stripe.refunds.create({ payment_intent: payment, amount: 600 });
    expect(await stripe.refunds.retrieve(refund.id)).toMatchObject({ amount: 600, status: "succeeded", payment_intent: payment });
    expect(JSON.parse((await hook.waitFor(3))[2]?.text ?? "")).toMatchObject({ type: "charge.refunded", data: { object: { amount: 2_100, amount_refunded: 600, payment_intent: payment, metadata: { order_id: "1" } } } });
    await expect(stripe.refunds.create({ payment_intent: payment, amount: 1_501 })).rejects.toThrow("greater than unrefunded");
    await stripe.refunds.create({ payment_intent: payment });
    await expect(stripe.refunds.create({ payment_intent: payment })).rejects.toMatchObject({ code: "charge_already_refunded" });
    expect((await press(url, "paid")).status).toBe(400);
  });

  test("the same idempotency key makes one thing, and no other", async () => {
    const stripe = sdk();
    const [a, b] = await Promise.all([stripe.checkout.sessions.create(ORDER, { idempotencyKey: "k" }), stripe.checkout.sessions.create(ORDER, { idempotencyKey: "k" })]);
    expect(b.id).toBe(a.id);
    await expect(stripe.checkout.sessions.create({ ...ORDER, client_reference_id: "2" }, { idempotencyKey: "k" })).rejects.toMatchObject({ type: "StripeIdempotencyError" });
  });

  test("an open session is closed; a paid one is not; another key's is none", async () => {
    const stripe = sdk();
    const session = await stripe.checkout.sessions.create(ORDER);
    await expect(sdk("sk_test_other").checkout.sessions.retrieve(session.id)).rejects.toMatchObject({ statusCode: 404 });
    expect((await stripe.checkout.sessions.expire(session.id)).status).toBe("expired");
    await expect(stripe.checkout.sessions.expire(session.id)).rejects.toThrow("Only Checkout Sessions with a status in");
    expect((await press(`${sandbox.url}/stripe/c/pay/${session.id}`, "paid")).status).toBe(400);
  });

  test("what does not fit is refused as Stripe refuses it", async () => {
    const stripe = sdk();
    const item = (price: object, quantity = 1) => ({ ...ORDER, line_items: [{ quantity, price_data: { currency: "usd", unit_amount: 1_000, product_data: { name: "x" }, ...price } }] }) as Stripe.Checkout.SessionCreateParams;
    for (const order of [item({ unit_amount: 49 }), item({ unit_amount: 100_000_000 }), item({ unit_amount: -1 }), item({ unit_amount: 1.5 }), item({ currency: "dollars" }), item({}, 0), { ...ORDER, line_items: [] }, { ...ORDER, success_url: "nowhere" }, { ...ORDER, expires_at: Math.floor(Date.now() / 1000) + 60 }, { ...ORDER, expires_at: Math.floor(Date.now() / 1000) + 90_000 }])
      await expect(stripe.checkout.sessions.create(order), JSON.stringify(order)).rejects.toMatchObject({ statusCode: 400, type: "StripeInvalidRequestError" });
    await expect(sdk("sk_live_x").checkout.sessions.create(ORDER)).rejects.toMatchObject({ statusCode: 401 });
    await expect(stripe.refunds.create({ payment_intent: "pi_none" })).rejects.toMatchObject({ code: "resource_missing" });
  });
});
