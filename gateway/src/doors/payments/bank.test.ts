import { beforeAll, describe, expect, test } from "bun:test";
import { addMember, createOrganisation } from "../../store/queries/organisations.ts";
import { expireOrders } from "../../store/queries/orders.ts";
import { eventually } from "../../testing/program.ts";
import { testGateway } from "../../testing/gateway.ts";

const FEED_KEY = "feed-key-of-this-test";
const FEED_SECRET = "feed-secret-of-this-test";
const ACCOUNT = "0123499999";
const gateway = await testGateway((config) => {
  config.payments = { stripe: undefined, bank: { bin: "970436", account: ACCOUNT, holder: "NGUYEN VAN A", feed: { key: FEED_KEY, secret: FEED_SECRET } } };
});
const { api, db, newCaller, url } = gateway;
const [operator, owner] = [await newCaller("0", { role: 10 }), await newCaller("0", { role: 100 })];
type Body = Record<string, unknown>;
interface Order { id: string; number: string; state: string; amount: string; usd: string; bonus_usd: string; credited_usd: string; refunded_amount: string; transfer: { content: string; qr: string; qr_svg: string; account: string; amount: string } | null }
interface Payment { id: number; verdict: string; state: string; order_number: string | null; amount: string; external_id: string; content: string }
const admin = <Answer = Body>(path: string, method = "GET", body?: unknown, as = operator.accessKey) => api<Answer>(`/api/admin/${path}`, { method, as, ...(body === undefined ? {} : { body }) });
const make = (as: string, body: Body = {}) => api<Order>("/api/account/orders", { method: "POST", as, body: { method: "bank", usd: "10", ...body } });
const read = async (as: string, id: string): Promise<Order> => (await api<Order>(`/api/account/orders/${id}`, { as })).body;
const balance = async (as: string): Promise<string> => (await api<{ balance_usd: string }>("/api/account", { as })).body.balance_usd;
let transactions = 1_000;
/** A notice in the form of SePay's documentation (constructed; its members are those of the documented example). */
const notice = (more: Body = {}): Body => ({
  id: (transactions += 1), gateway: "Vietcombank", transactionDate: "2026-11-25 14:02:37", accountNumber: ACCOUNT, code: null, content: "chuyen tien", transferType: "in", transferAmount: 260_000, accumulated: 19_077_000, subAccount: null, referenceCode: "MBVCB.3278907687", description: "", ...more,
});
const tell = (body: unknown, authorization: string | null = `Apikey ${FEED_KEY}`) => api("/api/sepay/webhook", { method: "POST", body, ...(authorization === null ? {} : { headers: { authorization } }) });
const payments = async (query = "open=true"): Promise<Payment[]> => (await admin<{ data: Payment[] }>(`payments?${query}`)).body.data;
const agrees = async (): Promise<void> => {
  expect((await admin("payments-check")).body["agrees"]).toBe(true);
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
};

beforeAll(async () => {
  const set = await api("/api/admin/settings", { method: "PATCH", as: owner.accessKey, body: { exchange_rates: { VND: "26000" }, bonus_tiers: [{ from_usd: "50", percent: "5" }], receipt_seller: "Acme <b>Ltd</b>\n1 Street" } });
  expect(set.status).toBe(200);
});

describe("orders by bank transfer", () => {
  test("are paid by a transfer that names them, to the dong, and credited once", async () => {
    const user = await newCaller("0");
    expect((await api<{ data: Body[] }>("/api/account/payment-methods", { as: user.accessKey })).body).toMatchObject({ data: [{ method: "bank", currency: "VND", rate: "26000" }], min_usd: "1", max_usd: "10000", bonus_tiers: [{ from_usd: "50", percent: "5" }] } as never);
    const order = (await make(user.accessKey, { usd: "50" })).body;
    expect(order).toMatchObject({ state: "created", usd: "50", bonus_usd: "2.5", amount: "1300000", currency: "VND", rate: "26000", credited_usd: "0", transfer: { account: ACCOUNT, amount: "1300000", content: order.number, bank_bin: "970436", holder: "NGUYEN VAN A" } } as never);
    expect(order.transfer?.qr).toContain(order.number);
    expect((await tell(notice({ transferAmount: 1_300_000, content: `MBVCB ${order.number.toLowerCase()} CT tu 0123` }))).body).toEqual({ success: true });
    expect(await read(user.accessKey, order.id)).toMatchObject({ state: "paid", credited_usd: "52.5", transfer: null });
    expect(await balance(user.accessKey)).toBe("52.5");
    expect((await api<{ data: Body[] }>("/api/account/ledger", { as: user.accessKey })).body.data.map((row) => [row["kind"], row["amount_usd"], row["ref"]])).toEqual([["bonus", "2.5", `order:${order.number}`], ["top-up", "50", `order:${order.number}`]]);
    expect((await admin<{ data: Body[] }>(`audit?subject=order:${order.number}`)).body.data).toMatchObject([{ action: "order.paid", actor_id: null }]);
    await agrees();
  });

  test("V07, V27: the same notice a hundred times at once, and two transfers for one order at once: one credit", async () => {
    const user = await newCaller("0");
    const [first, second] = [(await make(user.accessKey)).body, (await make(user.accessKey)).body];
    const body = notice({ content: first.number });
    const told = await Promise.all(Array.from({ length: 100 }, () => tell(body)));
    expect(told.map(({ status }) => status)).toEqual(Array<number>(100).fill(200));
    expect(await balance(user.accessKey)).toBe("10");
    const twice = await Promise.all(Array.from({ length: 20 }, () => tell(notice({ content: second.number }))));
    expect(twice.every(({ status }) => status === 200)).toBe(true);
    expect(await balance(user.accessKey)).toBe("20");
    expect((await payments()).filter((row) => row.order_number === second.number).map((row) => row.verdict)).toEqual(Array<string>(19).fill("duplicate"));
    await agrees();
  });

  test("V07: without the feed's key nothing is believed; numbers that are none are refused", async () => {
    const user = await newCaller("0");
    const order = (await make(user.accessKey)).body;
    for (const authorization of [null, "", "Apikey", "Apikey wrong", `Bearer ${FEED_KEY}`, FEED_KEY, `Apikey ${user.accessKey}`]) expect((await tell(notice({ content: order.number }), authorization)).status, String(authorization)).toBe(401);
    for (const more of [{ id: 0 }, { id: -1 }, { id: 1.5 }, { id: "x" }, { id: 2 ** 60 }, { id: null }, { content: "a\u0000b" }])
      expect((await tell(notice({ content: order.number, ...more }))).status, JSON.stringify(more)).toBe(400);
    expect((await tell("{not json")).status).toBe(400);
    // Money that leaves, and money of another account, is none of ours.
    expect((await tell(notice({ content: order.number, transferType: "out" }))).status).toBe(200);
    expect((await tell(notice({ content: order.number, accountNumber: "999" }))).status).toBe(200);
    expect(await balance(user.accessKey)).toBe("0");
    expect((await read(user.accessKey, order.id)).state).toBe("created");
  });

  test("V07: what is proved but is no amount, or is not as SePay documents it, credits nothing, is answered once and for all, and waits for an operator", async () => {
    const user = await newCaller("0");
    const order = (await make(user.accessKey)).body;
    const odd: Body[] = [...[-260_000, 260_000.5, "260000", 1e300, 2 ** 60, null, true, {}, undefined].map((transferAmount) => ({ transferAmount })), { transferType: "both" }, { transferType: undefined }, { accountNumber: 5 }, { content: 5 }, { code: {} }, { subAccount: [] }];
    for (const more of odd) {
      const body = notice({ description: order.number, content: "x", ...more });
      for (const told of [await tell(body), await tell(body)]) expect([told.status, told.body], JSON.stringify(more)).toEqual([200, { success: true }]);
    }
    const open = (await admin<{ data: (Payment & { note: string })[] }>("payments?open=true&limit=1000")).body.data.filter((row) => row.order_number === order.number);
    expect([open.length, new Set(open.map(({ verdict }) => verdict))]).toEqual([odd.length, new Set(["unreadable"])]);
    expect(open.at(-1)).toMatchObject({ note: "transferAmount is -260000", amount: null });
    // Nobody can settle what has no amount; the order is confirmed by hand, or its payment told of as it should be.
    expect((await admin(`payments/${open[0]?.id}/settle`, "POST", { order: order.number, reason: "x" })).status).toBe(409);
    expect((await admin(`payments/${open[0]?.id}/dismiss`, "POST", { reason: "asked SePay" })).status).toBe(200);
    // A long text is cut, not refused.
    expect((await tell(notice({ content: `${order.number} ${"x".repeat(30_000)}` }))).status).toBe(200);
    expect([await balance(user.accessKey), (await read(user.accessKey, order.id)).state]).toEqual(["10", "paid"]);
    await agrees();
  });

  test("V07: a signed notice is believed, for five minutes; a signature that is not good is none, whatever key comes with it", async () => {
    const user = await newCaller("0");
    const order = (await make(user.accessKey)).body;
    const now = Math.floor(Date.now() / 1000);
    const signed = (body: string, { secret = FEED_SECRET, at = String(now), signature = `sha256=${new Bun.CryptoHasher("sha256", secret).update(`${at}.${body}`).digest("hex")}` } = {}, more: Record<string, string> = {}) =>
      api("/api/sepay/webhook", { method: "POST", body, headers: { "x-sepay-timestamp": at, "x-sepay-signature": signature, ...more } });
    const body = JSON.stringify(notice({ content: order.number }), null, 1);
    const digest = new Bun.CryptoHasher("sha256", FEED_SECRET).update(`${now}.${body}`).digest("hex");
    for (const how of [{ secret: "another secret of somebody" }, { secret: FEED_KEY }, { at: String(now - 310) }, { at: String(now + 310) }, { at: "" }, { at: `${now}.5` }, { at: "-1" }, { at: "1e9" }, { at: "9".repeat(400) }, { at: "NaN" }, { signature: "" }, { signature: digest }, { signature: `sha256=${digest.slice(1)}` }, { signature: "sha256=" }, { signature: `sha1=${digest}` }, { signature: `sha256=${"0".repeat(64)}` }, { at: String(now - 1), signature: `sha256=${digest}` }]) {
      expect((await signed(body, how)).status, JSON.stringify(how)).toBe(401);
      expect((await signed(body, how, { authorization: `Apikey ${FEED_KEY}` })).status, JSON.stringify(how)).toBe(401);
    }
    expect((await signed(`${body} `, { signature: `sha256=${digest}` })).status).toBe(401);
    expect((await read(user.accessKey, order.id)).state).toBe("created");
    expect((await signed(body, { at: String(now - 280) })).body).toEqual({ success: true });
    expect((await signed(body)).body).toEqual({ success: true });
    expect([await balance(user.accessKey), (await read(user.accessKey, order.id)).state]).toEqual(["10", "paid"]);
    await agrees();
  });

  test("M33: too little, too much, too late, for nobody: an operator sees it and settles it or not, with a reason", async () => {
    const user = await newCaller("0");
    const [less, more, late, lost] = [(await make(user.accessKey, { usd: "50" })).body, (await make(user.accessKey, { usd: "50" })).body, (await make(user.accessKey)).body, (await make(user.accessKey)).body];
    await tell(notice({ content: less.number, transferAmount: 1_299_999 }));
    await tell(notice({ content: more.number, transferAmount: 1_300_001 }));
    await db.updateTable("orders").set({ expires_at: new Date(Date.now() - 1_000) }).where("id", "=", late.id).execute();
    expect((await read(user.accessKey, late.id)).state).toBe("expired");
    await tell(notice({ content: late.number }));
    await tell(notice({ content: `${lost.number.slice(0, 8)} sorry` }));
    expect(await balance(user.accessKey)).toBe("0");
    const open = await payments();
    const of = (verdict: string): Payment => open.find((row) => row.verdict === verdict) ?? ({ id: 0 } as Payment);
    expect([of("underpaid").order_number, of("overpaid").order_number, of("late").order_number, of("unknown").content]).toEqual([less.number, more.number, late.number, `${lost.number.slice(0, 8)} sorry`]);

    const settle = (verdict: string, number: string, reason = "looked at it") => admin<Payment>(`payments/${of(verdict).id}/settle`, "POST", { order: number, reason });
    expect((await settle("underpaid", less.number, "")).status).toBe(400);
    expect((await settle("underpaid", "YSNOSUCHNO12")).status).toBe(404);
    // Of 50 settlements at once one is.
    const settled = await Promise.all(Array.from({ length: 50 }, () => settle("underpaid", less.number)));
    expect(settled.filter(({ status }) => status === 200)).toHaveLength(1);
    // What it is worth, rounded down, without the bonus it does not reach; what is more, with the bonus of all.
    expect((await read(user.accessKey, less.id)).credited_usd).toBe("49.999961538");
    expect((await settle("overpaid", more.number)).body).toMatchObject({ state: "settled" });
    expect((await read(user.accessKey, more.id)).credited_usd).toBe("52.500040384");
    await db.updateTable("orders").set({ state: "expired" }).where("id", "=", late.id).execute();
    expect((await settle("late", late.number)).status).toBe(200);
    expect((await settle("unknown", lost.number)).status).toBe(200);
    expect((await payments()).some((row) => ["underpaid", "overpaid", "late", "unknown"].includes(row.verdict))).toBe(false);
    expect((await admin<{ data: { action: string; actor_id: number; after: Body }[] }>(`audit?subject=order:${less.number}`)).body.data).toMatchObject([{ action: "payment.settle", actor_id: Number(operator.userId), after: { reason: "looked at it", amount: "1299999" } }]);
    await tell(notice({ content: "rent" }));
    const [rent] = await payments();
    expect((await admin<Payment>(`payments/${rent?.id}/dismiss`, "POST", { reason: "sent back" })).body).toMatchObject({ state: "dismissed", note: "sent back" });
    expect((await admin(`payments/${rent?.id}/dismiss`, "POST", { reason: "again" })).status).toBe(404);
    await agrees();
  });

  test("are confirmed by hand with a reason, once; nobody confirms his own, unless he is an owner", async () => {
    const user = await newCaller("0");
    const order = (await make(user.accessKey)).body;
    const confirm = (id: string, body: unknown, as = operator.accessKey) => admin<Order>(`orders/${id}/confirm`, "POST", body, as);
    for (const body of [{}, { reason: "" }, { reason: "x", amount: "-1" }, { reason: "x", amount: "0" }, { reason: "x", amount: "260000.5" }, { reason: "x", amount: "1e9" }, { reason: "x", usd: "1" }]) expect((await confirm(order.id, body)).status, JSON.stringify(body)).toBe(400);
    const answers = await Promise.all(Array.from({ length: 30 }, () => confirm(order.id, { reason: "cash at the desk" })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, ...Array<number>(29).fill(409)]);
    expect(await balance(user.accessKey)).toBe("10");
    const part = (await make(user.accessKey)).body;
    expect((await confirm(part.id, { reason: "half", amount: "130000" })).body).toMatchObject({ state: "paid", credited_usd: "5", paid_amount: "130000" } as never);
    const own = (await make(operator.accessKey)).body;
    expect((await confirm(own.id, { reason: "me" })).status).toBe(403);
    expect((await confirm(own.id, { reason: "me" }, owner.accessKey)).status).toBe(200);
    expect((await admin<{ data: { action: string; after: Body }[] }>(`audit?subject=order:${order.number}`)).body.data).toMatchObject([{ action: "order.confirm", after: { reason: "cash at the desk", credited_usd: "10" } }]);
    await agrees();
  });

  test("V11: nobody confirms or settles what fills the wallet of an organisation that he belongs to, whoever ordered it, unless he is an owner", async () => {
    const friend = await newCaller("0");
    const id = await createOrganisation(db, { name: "Theirs", ownerId: friend.userId });
    await addMember(db, id, operator.userId, "member");
    const [first, second] = [(await make(friend.accessKey, { organisation_id: Number(id) })).body, (await make(friend.accessKey, { organisation_id: Number(id) })).body];
    expect((await admin(`orders/${first.id}/confirm`, "POST", { reason: "a friend's", amount: "26000000" })).status).toBe(403);
    await tell(notice({ content: `${second.number} and more`, transferAmount: 1_000 }));
    const paid = (await payments()).find((row) => row.order_number === second.number);
    expect((await admin(`payments/${paid?.id}/settle`, "POST", { order: first.number, reason: "a friend's" })).status).toBe(403);
    expect((await api<{ balance_usd: string }>(`/api/account/organisations/${id}`, { as: friend.accessKey })).body.balance_usd).toBe("0");
    expect((await admin(`orders/${first.id}/confirm`, "POST", { reason: "seen" }, owner.accessKey)).status).toBe(200);
    expect((await admin(`payments/${paid?.id}/settle`, "POST", { order: second.number, reason: "seen" }, owner.accessKey)).status).toBe(200);
    await agrees();
  });

  test("an organisation's wallet can be filled by its members, and by nobody else", async () => {
    const [user, stranger] = [await newCaller("0"), await newCaller("0")];
    const id = Number(await createOrganisation(db, { name: "Works", ownerId: user.userId }));
    expect((await make(stranger.accessKey, { organisation_id: id })).status).toBe(404);
    const order = (await make(user.accessKey, { organisation_id: id })).body;
    await tell(notice({ content: order.number }));
    expect(await balance(user.accessKey)).toBe("0");
    expect((await api<{ balance_usd: string }>(`/api/account/organisations/${id}`, { as: user.accessKey })).body.balance_usd).toBe("10");
    expect((await admin<{ data: Order[] }>(`orders?organisation=${id}`)).body.data.map((row) => row.number)).toEqual([order.number]);
    await agrees();
  });

  test("of an organisation that has ended meanwhile: into the wallet of who made the order, and back from there", async () => {
    const user = await newCaller("0");
    const id = Number(await createOrganisation(db, { name: "Gone", ownerId: user.userId }));
    const order = (await make(user.accessKey, { organisation_id: id })).body;
    expect((await api(`/api/account/organisations/${id}`, { method: "DELETE", as: user.accessKey })).status).toBe(200);
    await tell(notice({ content: order.number }));
    expect(await balance(user.accessKey)).toBe("10");
    expect((await admin(`orders/${order.id}/refund`, "POST", { reason: "asked" })).body["state"]).toBe("refunded");
    expect(await balance(user.accessKey)).toBe("0");
    await agrees();
  });

  test("what does not fit is refused: amounts, methods that are off, too many at once", async () => {
    const user = await newCaller("0");
    for (const body of [{ usd: "0" }, { usd: "-10" }, { usd: "0.99" }, { usd: "10000.01" }, { usd: "1e3" }, { usd: "10.001" }, { usd: 10 }, { usd: "99999999" }, { usd: "" }, { method: "cash" }, { organisation_id: -1 }, { organisation_id: "1" }, { state: "paid" }, { amount_minor: 1 }, { bonus_ppm: 1_000_000 }])
      expect((await make(user.accessKey, body)).status, JSON.stringify(body)).toBe(400);
    expect((await make(user.accessKey, { method: "stripe" })).body).toMatchObject({ error: { code: "payment_method_off", param: "method" } } as never);
    const many = await Promise.all(Array.from({ length: 40 }, () => make(user.accessKey)));
    expect(many.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(many.filter(({ status }) => status === 409)).toHaveLength(20);
    const [{ body: order } = { body: {} as Order }] = many.filter(({ status }) => status === 200);
    const cancelled = await api<Order>(`/api/account/orders/${order.id}/cancel`, { method: "POST", as: user.accessKey });
    expect(cancelled.body.state).toBe("cancelled");
    expect((await api(`/api/account/orders/${order.id}/cancel`, { method: "POST", as: user.accessKey })).status).toBe(409);
    // Money for it is late: it waits for an operator.
    await tell(notice({ content: order.number }));
    expect([await balance(user.accessKey), (await payments())[0]?.verdict]).toEqual(["0", "late"]);
  });

  test("M42: another rate holds for new orders only", async () => {
    const user = await newCaller("0");
    const before = (await make(user.accessKey)).body;
    await api("/api/admin/settings", { method: "PATCH", as: owner.accessKey, body: { exchange_rates: { VND: "13000.5" } } });
    const after = (await make(user.accessKey)).body;
    expect([(await read(user.accessKey, before.id)).amount, after.amount]).toEqual(["260000", "130005"]);
    await tell(notice({ content: before.number }));
    expect(await balance(user.accessKey)).toBe("10");
    for (const rates of [{ VND: "0" }, { VND: "-1" }, { VND: "0.000" }, { VND: 26_000 }, { VND: "1e4" }, { vnd: "1" }, { VND: "9999999999" }]) expect((await api("/api/admin/settings", { method: "PATCH", as: owner.accessKey, body: { exchange_rates: rates } })).status, JSON.stringify(rates)).toBe(400);
    for (const tiers of [[{ from_usd: "1", percent: "101" }], [{ from_usd: "1", percent: "-1" }], [{ from_usd: "-1", percent: "1" }], [{ from_usd: "1", percent: "1.00001" }], "x"]) expect((await api("/api/admin/settings", { method: "PATCH", as: owner.accessKey, body: { bonus_tiers: tiers } })).status, JSON.stringify(tiers)).toBe(400);
    // What would turn a way to pay off unseen: bounds that no amount fits between, against those that stand too, and a currency that no order is made in.
    const bounds = [[{ top_up_min_usd: "100", top_up_max_usd: "5" }, "top_up_min_usd"], [{ top_up_min_usd: "10000.01" }, "top_up_min_usd"], [{ top_up_max_usd: "0.99" }, "top_up_max_usd"], [{ card_currency: "KWD" }, "card_currency"]] as const;
    for (const [body, param] of bounds) expect((await api("/api/admin/settings", { method: "PATCH", as: owner.accessKey, body })).body, JSON.stringify(body)).toMatchObject({ error: { param } });
    // Without a rate the method is off, and nobody pays at a price that nobody set.
    await api("/api/admin/settings", { method: "PATCH", as: owner.accessKey, body: { exchange_rates: null } });
    expect([(await api<{ data: unknown[] }>("/api/account/payment-methods", { as: user.accessKey })).body.data, (await make(user.accessKey)).status]).toEqual([[], 404]);
    await api("/api/admin/settings", { method: "PATCH", as: owner.accessKey, body: { exchange_rates: { VND: "26000" } } });
  });

  test("V09: another account's order is none, whatever is asked of it", async () => {
    const [user, other] = [await newCaller("0"), await newCaller("0")];
    const order = (await make(user.accessKey)).body;
    for (const [path, method] of [["", "GET"], ["/cancel", "POST"], ["/receipt", "GET"]] as const) {
      expect((await api(`/api/account/orders/${order.id}${path}`, { method, as: other.accessKey })).status, path).toBe(404);
      expect((await api(`/api/account/orders/${order.id}${path}`, { method, as: operator.accessKey })).status, path).toBe(404);
    }
    expect((await api<{ data: unknown[] }>("/api/account/orders", { as: other.accessKey })).body.data).toEqual([]);
    expect((await read(user.accessKey, order.id)).state).toBe("created");
    expect((await api(`/api/account/orders/${order.number}`, { as: user.accessKey })).status).toBe(400);
  });

  test("lists are pages, by state, method, account and number; what is over is swept", async () => {
    const user = await newCaller("0");
    const made: Order[] = [];
    for (let i = 0; i < 5; i += 1) made.push((await make(user.accessKey)).body);
    const seen: string[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const { body }: { body: { data: Order[]; next: string | null } } = await api(`/api/account/orders?limit=2${next === "" ? "" : `&after=${next}`}`, { as: user.accessKey });
      seen.push(...body.data.map((row) => row.number));
      next = body.next;
    }
    expect(seen).toEqual(made.map((order) => order.number).toReversed());
    const list = async (query: string): Promise<string[]> => (await admin<{ data: Order[] }>(`orders?${query}`)).body.data.map((row) => row.number);
    expect(await list(`number=${made[0]?.number}`)).toEqual([made[0]?.number ?? ""]);
    expect(await list(`user=${user.userId}&state=created&method=bank`)).toHaveLength(5);
    await db.updateTable("orders").set({ expires_at: new Date(Date.now() - 1) }).where("id", "=", made[0]?.id ?? "").execute();
    await expireOrders(db, new Date());
    expect(await list(`user=${user.userId}&state=expired`)).toEqual([made[0]?.number ?? ""]);
    expect((await admin(`orders/${made[1]?.id}/cancel`, "POST", { reason: "asked by mail" })).body["state"]).toBe("cancelled");
    const file = await admin<Body[]>("export/orders?format=json");
    expect(file.body.find((row) => row["number"] === made[0]?.number)).toMatchObject({ user_id: user.userId, method: "bank", state: "expired", usd: "10", currency: "VND", amount: "260000", paid_amount: null, credited_usd: "0", refunded_amount: "0" });
    const csv = await admin<string>("export/orders?format=csv");
    expect(csv.body.split("\r\n").length).toBe(file.body.length + 2);
    for (const query of ["state=x", "method=cash", "user=x", "after=x", "limit=0"]) expect((await admin(`orders?${query}`)).status, query).toBe(400);
  });
});

describe("receipts", () => {
  test("say what was bought, as JSON and as a page in which everything people wrote is text", async () => {
    const user = await newCaller("0", { email: "buyer@example.com" });
    await api("/api/account", { method: "PATCH", as: user.accessKey, body: { display_name: "<script>alert(1)</script>" } });
    const order = (await make(user.accessKey, { usd: "50" })).body;
    const path = `/api/account/orders/${order.id}/receipt`;
    expect((await api(path, { as: user.accessKey })).status).toBe(404);
    await tell(notice({ content: order.number, transferAmount: 1_300_000 }));
    expect((await api(path, { as: user.accessKey })).body).toMatchObject({ number: order.number, seller: "Acme <b>Ltd</b>\n1 Street", issued_by: "YEScale", buyer: { name: "<script>alert(1)</script>", email: "buyer@example.com" }, method: "bank", currency: "VND", paid_amount: "1300000", rate: "26000", credit_usd: "50", bonus_usd: "2.5", refunds: [] } as never);
    const page = await api<string>(`${path}?format=html`, { as: user.accessKey });
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(page.body).toContain("1300000 VND");
    expect(page.body).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page.body).not.toMatch(/<script|<b>/);
    expect((await api(`${path}?format=pdf`, { as: user.accessKey })).status).toBe(400);
  });
});

describe("refunds", () => {
  const refund = (id: string, body: Body = {}) => admin<Order & { refunds: Body[]; error: { code: string } }>(`orders/${id}/refund`, "POST", { reason: "asked for it", ...body });

  test("take the credit back in proportion, bonus and all; never more than was paid", async () => {
    const user = await newCaller("0");
    const order = (await make(user.accessKey, { usd: "50" })).body;
    expect((await refund(order.id)).status).toBe(409);
    await tell(notice({ content: order.number, transferAmount: 1_300_000 }));
    const part = await refund(order.id, { amount: "325000" });
    expect(part.body).toMatchObject({ state: "paid", refunded_amount: "325000", refunds: [{ state: "done", amount: "325000", debited_usd: "13.125", made_by: Number(operator.userId) }] } as never);
    expect(await balance(user.accessKey)).toBe("39.375");
    for (const body of [{ amount: "975001" }, { amount: "-1" }, { amount: "0" }, { amount: "1.5" }, { amount: 5 }, { reason: "" }]) expect((await refund(order.id, body)).status, JSON.stringify(body)).toBe(400);
    expect((await refund(order.id)).body).toMatchObject({ state: "refunded", refunded_amount: "1300000" } as never);
    expect(await balance(user.accessKey)).toBe("0");
    expect((await refund(order.id)).status).toBe(409);
    expect((await api<{ refunds: Body[]; refunded_amount: string }>(`/api/account/orders/${order.id}/receipt`, { as: user.accessKey })).body).toMatchObject({ refunded_amount: "1300000", refunds: [{ amount: "325000" }, { amount: "975000" }] });
    expect((await admin<{ data: Body[] }>(`audit?subject=order:${order.number}`)).body.data.map((row) => row["action"])).toEqual(["order.refund", "order.refund", "order.paid"]);
    await agrees();
  });

  test("M05: 50 at once give back what there is, once", async () => {
    const user = await newCaller("0");
    const order = (await make(user.accessKey)).body;
    await tell(notice({ content: order.number }));
    const answers = await Promise.all(Array.from({ length: 50 }, () => refund(order.id, { amount: "130000" })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
    expect([await balance(user.accessKey), (await read(user.accessKey, order.id)).state]).toEqual(["0", "refunded"]);
    await agrees();
  });

  test("never take what is spent: the wallet does not go below nothing; what processes have set aside comes back for it", async () => {
    const user = await newCaller("0");
    const order = (await make(user.accessKey)).body;
    await tell(notice({ content: order.number }));
    const chat = await eventually(async () => (await fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${user.apiKey}`, "content-type": "application/json" }, body: JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content: "hi" }] }) })).status === 200);
    expect(chat).toBe(true);
    await gateway.rows(user.userId);
    expect(await refund(order.id)).toMatchObject({ status: 409, body: { error: { code: "conflict" } } });
    // All but the last dong's worth is there, although a process has leased of it.
    expect((await refund(order.id, { amount: "259000" })).status).toBe(200);
    expect(Number(await balance(user.accessKey))).toBeGreaterThan(0);
    await agrees();
  });
});
