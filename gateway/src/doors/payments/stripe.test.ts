import { afterAll, describe, expect, test } from "bun:test";
import Stripe from "stripe";
import { startSandbox } from "../../../../simulators/src/server.ts";
import { eventually } from "../../testing/program.ts";
import { testGateway } from "../../testing/gateway.ts";

const KEY = "sk_test_ofTheseTests";
const played = await startSandbox({ port: 0, hostname: "127.0.0.1" });
const stripeUrl = `${played.url}/stripe`;
/** Stripe's own library, by which events are signed too. */
const sdk = new Stripe(KEY, { maxNetworkRetries: 0, httpClient: Stripe.createFetchHttpClient(((url: string, init: RequestInit) => fetch(url.replace("https://api.stripe.com", stripeUrl), init)) as typeof fetch) });
/** The gateway's address is known when it listens; the secret is needed before. */
const relay = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: async (request) => fetch(`${gateway.url}/api/stripe/webhook`, { method: "POST", headers: { "content-type": "application/json", "stripe-signature": request.headers.get("stripe-signature") ?? "" }, body: await request.text() }) });
const endpoint = await sdk.webhookEndpoints.create({ url: String(relay.url), enabled_events: ["*"] });
const SECRET = endpoint.secret ?? "";
const gateway = await testGateway((config) => {
  config.payments = { stripe: { secretKey: KEY, webhookSecret: SECRET, apiUrl: stripeUrl }, bank: { bin: "970436", account: "0123499999", holder: "", feed: { key: "feed-key-of-this-test", secret: undefined } } };
});
afterAll(async () => {
  await relay.stop(true);
  await played.stop();
});
const { api, db, newCaller } = gateway;
const [operator, owner] = [await newCaller("0", { role: 10 }), await newCaller("0", { role: 100 })];
await api("/api/admin/settings", { method: "PATCH", as: owner.accessKey, body: { exchange_rates: { VND: "26000" }, bonus_tiers: [{ from_usd: "100", percent: "10" }] } });

type Body = Record<string, unknown>;
interface Order { id: string; number: string; state: string; waiting: boolean; amount: string; pay_url: string | null; credited_usd: string; refunded_amount: string }
interface Detail extends Order { refunds: { kind: string; state: string; amount: string; vendor_ref: string | null }[]; payments: { verdict: string; state: string; kind: string }[]; error: { code: string } }
const admin = <Answer = Body>(path: string, method = "GET", body?: unknown) => api<Answer>(`/api/admin/${path}`, { method, as: operator.accessKey, ...(body === undefined ? {} : { body }) });
const make = (as: string, body: Body = {}) => api<Order>("/api/account/orders", { method: "POST", as, body: { method: "stripe", usd: "10", ...body } });
const read = async (as: string, id: string): Promise<Order> => (await api<Order>(`/api/account/orders/${id}`, { as })).body;
const detail = async (id: string): Promise<Detail> => (await admin<Detail>(`orders/${id}`)).body;
const refund = (id: string, body: Body = {}) => admin<Detail>(`orders/${id}/refund`, "POST", { reason: "asked for it", ...body });
const balance = async (as: string): Promise<string> => (await api<{ balance_usd: string }>("/api/account", { as })).body.balance_usd;
const press = (url: string | null, outcome: string): Promise<Response> => fetch(url ?? "", { method: "POST", body: new URLSearchParams({ outcome }), redirect: "manual" });
const stateIs = (as: string, id: string, state: string): Promise<boolean> => eventually(async () => (await read(as, id)).state === state);
const agrees = async (): Promise<void> => {
  expect((await admin("payments-check")).body["agrees"]).toBe(true);
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
};
/** An order that is paid. */
async function paidOrder(usd = "10") {
  const user = await newCaller("0");
  const order = (await make(user.accessKey, { usd })).body;
  await press(order.pay_url, "paid");
  expect(await stateIs(user.accessKey, order.id, "paid")).toBe(true);
  const row = await db.selectFrom("orders").selectAll().where("id", "=", order.id).executeTakeFirstOrThrow();
  return { user, order, payment: row.payment_id ?? "", session: row.session_id ?? "" };
}
let events = 0;
/** An event in the form of Stripe's API reference (constructed), signed by Stripe's library. */
async function tell(type: string, object: Body, { secret = SECRET, at = Date.now(), live = false, id = `evt_test_${(events += 1)}`, signature }: { secret?: string; at?: number; live?: boolean; id?: string; signature?: string } = {}) {
  const payload = JSON.stringify({ id, object: "event", api_version: Stripe.API_VERSION, created: Math.floor(at / 1000), livemode: live, type, data: { object } });
  const header = signature ?? (await Stripe.webhooks.generateTestHeaderStringAsync({ payload, secret, timestamp: Math.floor(at / 1000) }));
  return api("/api/stripe/webhook", { method: "POST", body: payload, headers: header === "" ? {} : { "stripe-signature": header } });
}
/** What Stripe would tell of an order's page. */
async function sessionOf(order: Order, more: Body = {}): Promise<Body> {
  const row = await db.selectFrom("orders").selectAll().where("id", "=", order.id).executeTakeFirstOrThrow();
  return { id: row.session_id, object: "checkout.session", amount_total: Number(row.amount_minor), currency: "usd", client_reference_id: order.id, metadata: { order_id: order.id }, mode: "payment", payment_intent: `pi_${order.number}`, payment_status: "paid", status: "complete", ...more };
}

describe("orders by card", () => {
  test("M33: are paid at Stripe's page, told of in a signed event, credited once with their bonus, and receipted", async () => {
    const user = await newCaller("0", { email: "payer@example.com" });
    expect((await api<{ data: Body[] }>("/api/account/payment-methods", { as: user.accessKey })).body.data[0]).toEqual({ method: "stripe", currency: "USD", rate: "1" });
    const order = (await make(user.accessKey, { usd: "100" })).body;
    expect(order).toMatchObject({ state: "created", amount: "100.00", currency: "USD", transfer: null } as never);
    const session = await sdk.checkout.sessions.retrieve((await sessionOf(order))["id"] as string);
    expect(session).toMatchObject({ amount_total: 10_000, currency: "usd", client_reference_id: order.id, customer_email: "payer@example.com", metadata: { order_id: order.id } });
    await press(order.pay_url, "paid");
    expect(await stateIs(user.accessKey, order.id, "paid")).toBe(true);
    expect([await balance(user.accessKey), (await read(user.accessKey, order.id)).pay_url]).toEqual(["110", null]);
    expect((await api(`/api/account/orders/${order.id}/receipt`, { as: user.accessKey })).body).toMatchObject({ method: "stripe", paid_amount: "100.00", credit_usd: "100", bonus_usd: "10", currency: "USD" } as never);
    expect((await admin<{ data: Body[] }>(`audit?subject=order:${order.number}`)).body.data).toMatchObject([{ action: "order.paid", actor_id: null, after: { by: "stripe" } }]);
    await agrees();
  });

  test("V07: a notice without Stripe's signature, an old one, one of the other mode is refused, and nothing changes", async () => {
    const user = await newCaller("0");
    const order = (await make(user.accessKey)).body;
    const session = await sessionOf(order);
    const type = "checkout.session.completed";
    const now = Math.floor(Date.now() / 1000);
    for (const how of [{ signature: "" }, { signature: "t=1,v1=00" }, { signature: "nonsense" }, { signature: `t=${now},v1=` }, { signature: `t=${now},v0=${"0".repeat(64)}` }, { signature: `t=${now},v1=${"0".repeat(64)}` }, { secret: "whsec_another" }, { secret: "whsec_" }, { at: Date.now() - 301_000 }, { live: true }]) {
      const answer = await tell(type, session, how);
      expect([answer.status, (answer.body as { error: { code: string } }).error.code], JSON.stringify(how)).toEqual([401, "invalid_signature"]);
    }
    // A signature of another body.
    const signature = await Stripe.webhooks.generateTestHeaderStringAsync({ payload: "{}", secret: SECRET });
    expect((await tell(type, session, { signature })).status).toBe(401);
    expect((await api("/api/stripe/webhook", { method: "POST", body: "{not json", headers: { "stripe-signature": signature } })).status).toBe(400);
    expect([await balance(user.accessKey), (await read(user.accessKey, order.id)).state]).toEqual(["0", "created"]);
  });

  test("V07, V39: what is signed must fit the order: amount, currency, page, way to pay, and that it is paid", async () => {
    const user = await newCaller("0");
    const [order, other] = [(await make(user.accessKey)).body, (await make(user.accessKey)).body];
    const byBank = (await api<Order>("/api/account/orders", { method: "POST", as: user.accessKey, body: { method: "bank", usd: "10" } })).body;
    const good = await sessionOf(order);
    for (const more of [{ amount_total: 999 }, { amount_total: 1 }, { amount_total: 100_000 }, { amount_total: 0 }, { amount_total: null }, { currency: "vnd" }, { currency: "idr" }, { id: "cs_test_of_somebody" }, { id: (await sessionOf(other))["id"] }, { client_reference_id: byBank.id, metadata: { order_id: byBank.id } }, { client_reference_id: other.id }, { payment_intent: null }, { client_reference_id: "00000000-0000-0000-0000-000000000000", metadata: { order_id: "00000000-0000-0000-0000-000000000000" } }, { metadata: {} }, { metadata: null }])
      expect((await tell("checkout.session.completed", { ...good, ...more })).status, JSON.stringify(more)).toBe(200);
    for (const payment_status of ["unpaid", "no_payment_required"]) expect((await tell("checkout.session.completed", { ...good, payment_status })).status).toBe(200);
    expect(await balance(user.accessKey)).toBe("0");
    for (const each of [order, other, byBank]) expect((await read(user.accessKey, each.id)).state, each.number).toBe("created");
    // Money that came and fits no order waits for an operator.
    const open = (await admin<{ data: { verdict: string }[] }>("payments?open=true&source=stripe")).body.data.map((row) => row.verdict);
    expect(open.filter((verdict) => verdict === "mismatch").length).toBeGreaterThanOrEqual(10);
    expect((await tell("checkout.session.completed", good)).status).toBe(200);
    expect(await balance(user.accessKey)).toBe("10");
    await agrees();
  });

  test("V07, V39: what is signed but is no amount, or is not as Stripe documents it, credits nothing, is answered once and for all, and waits for an operator", async () => {
    const { user, order, payment } = await paidOrder();
    const unpaid = (await make(user.accessKey)).body;
    const page = await sessionOf(unpaid);
    const [charge, dispute] = [{ id: "ch_odd", object: "charge", payment_intent: payment, amount: 1_000, amount_refunded: 400, currency: "usd", metadata: { order_id: order.id } }, { id: "dp_odd", object: "dispute", payment_intent: payment, amount: 1_000, currency: "usd", reason: "general", status: "lost" }];
    const numbers: unknown[] = [0.5, 1_000.5, -1, -1_000, 1e300, 2 ** 60, "1000", "", true, {}, [], null, undefined];
    const odd: [string, Body][] = [
      ...numbers.flatMap((value): [string, Body][] => [["checkout.session.completed", { ...page, amount_total: value }], ["checkout.session.async_payment_succeeded", { ...page, amount_total: value }], ["charge.refunded", { ...charge, amount_refunded: value }], ["charge.dispute.created", { ...dispute, amount: value }], ["charge.dispute.funds_withdrawn", { ...dispute, amount: value }]]),
      ...[5, "", "dollars", null, undefined].flatMap((currency): [string, Body][] => [["checkout.session.completed", { ...page, currency }], ["charge.refunded", { ...charge, currency }], ["charge.dispute.funds_withdrawn", { ...dispute, currency }]]),
      ["checkout.session.completed", { ...page, payment_intent: 5 }], ["checkout.session.completed", { ...page, id: { id: "x" } }], ["checkout.session.expired", { ...page, amount_total: "x" }],
      ["charge.refunded", { ...charge, payment_intent: {} }], ["charge.dispute.funds_reinstated", { ...dispute, id: null }], ["charge.dispute.closed", { ...dispute, reason: 5 }], ["refund.failed", { id: 5, status: "failed" }], ["refund.failed", { status: "failed", failure_reason: "lost" }],
    ];
    for (const [type, object] of odd) {
      const id = `evt_odd_${odd.findIndex((each) => each[1] === object)}`;
      for (const told of [await tell(type, object, { id }), await tell(type, object, { id })]) expect([told.status, told.body], `${type} ${JSON.stringify(object)}`).toEqual([200, { received: true }]);
    }
    const open = (await admin<{ data: { verdict: string; external_id: string; note: string; order_number: string | null; amount: string | null }[] }>("payments?open=true&source=stripe&limit=1000")).body.data.filter(({ verdict, external_id }) => verdict === "unreadable" && external_id.startsWith("evt_odd_"));
    expect(new Set(open.map(({ external_id }) => external_id)).size).toBe(odd.length);
    expect(open).toHaveLength(odd.length);
    expect(open.find(({ external_id }) => external_id === "evt_odd_0")).toMatchObject({ order_number: unpaid.number, amount: null, note: "amount_total is 0.5" });
    // What is no event has nothing that could be written down.
    for (const body of ["{}", `{"livemode":false}`, `{"id":5,"livemode":false,"type":"charge.refunded","data":{"object":{}}}`, `{"id":"evt_1","livemode":false,"type":"charge.refunded","data":null}`, `{"id":"evt_1","livemode":false,"type":"charge.refunded","data":{"object":[]}}`, "[]", "5"]) {
      const header = await Stripe.webhooks.generateTestHeaderStringAsync({ payload: body, secret: SECRET });
      expect([400, 401], body).toContain((await api("/api/stripe/webhook", { method: "POST", body, headers: { "stripe-signature": header } })).status);
    }
    // Metadata that is none is another program's.
    for (const metadata of [null, 5, "x", [], undefined]) expect((await tell("charge.refunded", { ...charge, payment_intent: "pi_of_another", metadata })).status).toBe(200);
    expect([await balance(user.accessKey), (await read(user.accessKey, unpaid.id)).state, (await detail(order.id)).refunds]).toEqual(["10", "created", []]);
    expect((await tell("checkout.session.completed", page)).status).toBe(200);
    expect(await balance(user.accessKey)).toBe("20");
    await agrees();
  });

  test("V07: the same event a hundred times at once, and a hundred events of one payment: one credit, each answered 200", async () => {
    const user = await newCaller("0");
    const [first, second] = [(await make(user.accessKey)).body, (await make(user.accessKey)).body];
    const [one, two] = [await sessionOf(first), await sessionOf(second)];
    const again = await Promise.all(Array.from({ length: 100 }, () => tell("checkout.session.completed", one, { id: "evt_the_same" })));
    const many = await Promise.all(Array.from({ length: 100 }, (_, i) => tell(i % 2 === 0 ? "checkout.session.completed" : "checkout.session.async_payment_succeeded", two)));
    expect([...again, ...many].every(({ status, body }) => status === 200 && body["received"] === true)).toBe(true);
    expect(await balance(user.accessKey)).toBe("20");
    expect((await detail(second.id)).payments.filter(({ state }) => state === "open")).toEqual([]);
    // Another payment for an order that is paid is somebody's money.
    await tell("checkout.session.completed", { ...two, payment_intent: "pi_another" });
    expect((await detail(second.id)).payments.at(-1)).toMatchObject({ verdict: "duplicate", state: "open" });
    expect(await balance(user.accessKey)).toBe("20");
    await agrees();
  });

  test("a payment that takes days: the order waits, is paid when the money is there, even if its time was over; or ends when it fails", async () => {
    const user = await newCaller("0");
    const [good, bad] = [(await make(user.accessKey)).body, (await make(user.accessKey)).body];
    for (const order of [good, bad]) await press(order.pay_url, "later");
    expect(await eventually(async () => (await read(user.accessKey, good.id)).waiting && (await read(user.accessKey, bad.id)).waiting)).toBe(true);
    expect(await balance(user.accessKey)).toBe("0");
    expect((await api(`/api/account/orders/${good.id}/cancel`, { method: "POST", as: user.accessKey })).status).toBe(409);
    await db.updateTable("orders").set({ state: "expired", waiting: false, expires_at: new Date(1_000) }).where("id", "=", good.id).execute();
    await press(good.pay_url, "later-paid");
    await press(bad.pay_url, "later-failed");
    expect(await stateIs(user.accessKey, good.id, "paid")).toBe(true);
    expect(await stateIs(user.accessKey, bad.id, "cancelled")).toBe(true);
    expect(await balance(user.accessKey)).toBe("10");
    await agrees();
  });

  test("an order that is given up cannot be paid any more: its page is closed; one that is being paid is not given up", async () => {
    const user = await newCaller("0");
    const order = (await make(user.accessKey)).body;
    expect((await api<Order>(`/api/account/orders/${order.id}/cancel`, { method: "POST", as: user.accessKey })).body).toMatchObject({ state: "cancelled", pay_url: null });
    expect((await press(order.pay_url, "paid")).status).toBe(400);
    const other = (await make(user.accessKey)).body;
    // Paid, and the event not here yet.
    await sdk.checkout.sessions.retrieve((await sessionOf(other))["id"] as string);
    await press(other.pay_url, "paid");
    expect((await api(`/api/account/orders/${other.id}/cancel`, { method: "POST", as: user.accessKey })).status).toBe(409);
    expect(await stateIs(user.accessKey, other.id, "paid")).toBe(true);
    // Of an operator too; and a page that Stripe closes ends its order.
    const third = (await make(user.accessKey)).body;
    expect((await admin<Detail>(`orders/${third.id}/cancel`, "POST", { reason: "asked by mail" })).body.state).toBe("cancelled");
    expect((await press(third.pay_url, "paid")).status).toBe(400);
    const fourth = (await make(user.accessKey)).body;
    await sdk.checkout.sessions.expire((await sessionOf(fourth))["id"] as string);
    expect(await stateIs(user.accessKey, fourth.id, "expired")).toBe(true);
    await agrees();
  });

  test("more than a card takes at once is refused before Stripe is asked", async () => {
    await api("/api/admin/settings", { method: "PATCH", as: owner.accessKey, body: { top_up_max_usd: "9999999" } });
    const user = await newCaller("0");
    expect([(await make(user.accessKey, { usd: "999999.99" })).status, (await make(user.accessKey, { usd: "1000000" })).status]).toEqual([200, 400]);
    await api("/api/admin/settings", { method: "PATCH", as: owner.accessKey, body: { top_up_max_usd: null } });
  });

  test("when Stripe does not open a page there is no order to pay", async () => {
    const user = await newCaller("0");
    await fetch(`${played.url}/__sandbox/faults`, { method: "POST", body: JSON.stringify({ vendor: "stripe", spec: "status=400" }) });
    const answer = await make(user.accessKey);
    await fetch(`${played.url}/__sandbox/faults`, { method: "DELETE" });
    expect(answer).toMatchObject({ status: 502, body: { error: { code: "payment_service_failed" } } as never });
    expect((await api<{ data: Order[] }>("/api/account/orders", { as: user.accessKey })).body.data.map((row) => row.state)).toEqual(["cancelled"]);
    expect(JSON.stringify(answer.body)).not.toContain(KEY);
  });
});

describe("money that goes back", () => {
  test("by an operator: at Stripe and in the wallet, in parts, and what Stripe tells of it changes nothing more", async () => {
    const { user, order, payment } = await paidOrder("100");
    expect((await refund(order.id, { amount: "25.00" })).body).toMatchObject({ state: "paid", refunded_amount: "25.00", refunds: [{ kind: "refund", state: "done", amount: "25.00" }] });
    expect(await balance(user.accessKey)).toBe("82.5");
    expect((await refund(order.id)).body).toMatchObject({ state: "refunded", refunded_amount: "100.00" });
    expect(await eventually(async () => (await detail(order.id)).payments.filter(({ verdict }) => verdict === "refunded").length === 2)).toBe(true);
    expect([await balance(user.accessKey), (await detail(order.id)).refunds.length]).toEqual(["0", 2]);
    expect((await admin<Body[]>("export/orders?format=json")).body.find((row) => row["number"] === order.number)).toMatchObject({ state: "refunded", currency: "USD", amount: "100.00", paid_amount: "100.00", credited_usd: "110", refunded_amount: "100.00", debited_usd: "110", payment_id: payment });
    await expect(sdk.refunds.create({ payment_intent: payment })).rejects.toMatchObject({ code: "charge_already_refunded" });
    await agrees();
  });

  test("in Stripe's dashboard: booked once, in full, whatever the order of what is told; the wallet may be below nothing", async () => {
    const { user, order, payment } = await paidOrder();
    await sdk.refunds.create({ payment_intent: payment, amount: 400 });
    expect(await eventually(async () => (await detail(order.id)).refunds.length === 1)).toBe(true);
    expect(await balance(user.accessKey)).toBe("6");
    await api(`/api/admin/users/${user.userId}/credit`, { method: "POST", as: operator.accessKey, body: { usd: "-5", reason: "spent" } });
    await sdk.refunds.create({ payment_intent: payment });
    expect(await stateIs(user.accessKey, order.id, "refunded")).toBe(true);
    expect(await balance(user.accessKey)).toBe("-5");
    // An old event comes last.
    await tell("charge.refunded", { id: "ch_1", object: "charge", payment_intent: payment, amount: 1_000, amount_refunded: 400, currency: "usd", metadata: {} });
    expect([await balance(user.accessKey), (await detail(order.id)).refunded_amount]).toEqual(["-5", "10.00"]);
    await agrees();
  });

  test("F27: told of before the payment is: booked when the payment is told of", async () => {
    const user = await newCaller("0");
    const order = (await make(user.accessKey)).body;
    await tell("charge.refunded", { id: "ch_2", object: "charge", payment_intent: `pi_${order.number}`, amount: 1_000, amount_refunded: 300, currency: "usd", metadata: { order_id: order.id } });
    expect((await read(user.accessKey, order.id)).state).toBe("created");
    await tell("checkout.session.completed", await sessionOf(order));
    expect([await balance(user.accessKey), (await detail(order.id)).refunds.map(({ kind, amount }) => [kind, amount])]).toEqual(["7", [["vendor", "3.00"]]]);
    await agrees();
  });

  test("M05: when Stripe refuses, or nobody knows what came of it: the credit comes back, or the same refund is asked again", async () => {
    const { user, order } = await paidOrder();
    const fault = (text: string | undefined): Promise<Response> => fetch(`${played.url}/__sandbox/faults`, text === undefined ? { method: "DELETE" } : { method: "POST", body: JSON.stringify({ vendor: "stripe", spec: text }) });
    await fault("status=400");
    expect((await refund(order.id)).status).toBe(409);
    await fault(undefined);
    expect([await balance(user.accessKey), (await detail(order.id)).refunds.map(({ state }) => state)]).toEqual(["10", ["undone"]]);
    // Done at Stripe, the answer lost: the credit is gone until it is clear.
    await fault("lost-answer");
    expect((await refund(order.id, { amount: "4" })).body.error.code).toBe("payment_service_failed");
    await fault(undefined);
    expect((await detail(order.id)).refunds.map(({ state }) => state)).toEqual(["undone", "pending"]);
    expect((await refund(order.id, { amount: "6" })).body).toMatchObject({ refunded_amount: "4.00" });
    expect((await detail(order.id)).refunds.map(({ state, amount }) => [state, amount])).toEqual([["undone", "10.00"], ["done", "4.00"]]);
    expect(await balance(user.accessKey)).toBe("6");
    await agrees();
  }, 60_000);

  test("a refund that fails at the payer's bank brings the credit back, once", async () => {
    const { user, order } = await paidOrder();
    await refund(order.id);
    const [made] = (await detail(order.id)).refunds;
    for (const type of ["refund.failed", "refund.updated", "charge.refund.updated", "refund.failed"]) await tell(type, { id: made?.vendor_ref, object: "refund", amount: 1_000, currency: "usd", status: "failed", failure_reason: "lost_or_stolen_card" });
    expect([await balance(user.accessKey), (await read(user.accessKey, order.id)).state]).toEqual(["10", "paid"]);
    expect((await detail(order.id)).payments.some(({ verdict, state }) => verdict === "refund-failed" && state === "open")).toBe(true);
    await agrees();
  });

  test("a dispute takes the credit, below nothing if need be; one that is won brings it back; each is seen by an operator", async () => {
    const { user, order } = await paidOrder();
    await api(`/api/admin/users/${user.userId}/credit`, { method: "POST", as: operator.accessKey, body: { usd: "-8", reason: "spent" } });
    await press(`${stripeUrl}/c/pay/${(await sessionOf(order))["id"] as string}`, "disputed");
    expect(await eventually(async () => (await balance(user.accessKey)) === "-8")).toBe(true);
    expect((await detail(order.id)).payments.filter(({ state }) => state === "open").map(({ kind }) => kind)).toEqual(["charge.dispute.created"]);
    expect((await refund(order.id)).status).toBe(409);
    await press(`${stripeUrl}/c/pay/${(await sessionOf(order))["id"] as string}`, "dispute-won");
    expect(await eventually(async () => (await balance(user.accessKey)) === "2")).toBe(true);
    expect((await read(user.accessKey, order.id)).state).toBe("paid");
    await agrees();
  });

  test("confirmed by hand: the page is closed, a payment that came all the same waits for an operator, and a refund is the operator's own", async () => {
    const user = await newCaller("0");
    const order = (await make(user.accessKey)).body;
    expect((await admin<Detail>(`orders/${order.id}/confirm`, "POST", { reason: "paid by cheque" })).body.state).toBe("paid");
    expect((await press(order.pay_url, "paid")).status).toBe(400);
    await tell("checkout.session.completed", await sessionOf(order));
    expect([await balance(user.accessKey), (await detail(order.id)).payments.at(-1)?.verdict]).toEqual(["10", "duplicate"]);
    expect((await refund(order.id)).body).toMatchObject({ state: "refunded", refunds: [{ state: "done", vendor_ref: null }] });
    await agrees();
  });
});

test("what other programs do at the same Stripe account is none of ours", async () => {
  const before = (await admin<{ data: unknown[] }>("payments?limit=1000")).body.data.length;
  for (const [type, object] of [["customer.created", { id: "cus_1" }], ["checkout.session.completed", { id: "cs_x", client_reference_id: "cart-5", metadata: {}, amount_total: 5, currency: "usd", payment_status: "paid" }], ["invoice.paid", {}], ["refund.updated", { id: "re_x", status: "succeeded" }]] as const) expect((await tell(type, object)).status).toBe(200);
  expect((await admin<{ data: unknown[] }>("payments?limit=1000")).body.data.length).toBe(before);
});
