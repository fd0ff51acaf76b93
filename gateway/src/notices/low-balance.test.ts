import { beforeEach, describe, expect, test } from "bun:test";
import { Webhook } from "standardwebhooks";
import { FakeClock } from "../clock/fake-clock.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { Mail } from "../identity/mailer.ts";
import { createLogger } from "../observe/log.ts";
import { removeAccount } from "../store/queries/account-removal.ts";
import { createUser } from "../store/queries/accounts.ts";
import { setBalanceNotice } from "../store/queries/balance-notices.ts";
import { creditOwner, creditWallet } from "../store/queries/money.ts";
import { addMember, changeMember, createOrganisation, endOrganisation } from "../store/queries/organisations.ts";
import { testDatabase } from "../testing/postgres.ts";
import { BalanceNotices } from "./low-balance.ts";

const { db } = await testDatabase();
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const clock = new FakeClock(Date.UTC(2026, 10, 25));
const mails: Mail[] = [];
const posts: { url: string; headers: Record<string, string>; body: string }[] = [];
let answer: () => number = () => 204;
let mailFails = false;
const engine = () =>
  new BalanceNotices({
    db, clock, log: createLogger("silent"), brand: () => "Acme", publicUrl: () => "https://acme.example", secretOf: (kind, id) => (kind === "user" ? SECRET : `whsec_${Buffer.from(`of organisation ${id}`).toString("base64")}`), random: () => 0.5,
    mail: (mail) => (mailFails ? Promise.reject(new Error("no mail server")) : Promise.resolve(void mails.push(mail))),
    downloader: {
      post: (url, headers, body) => {
        posts.push({ url, headers, body: body.toString() });
        return Promise.resolve().then(() => answer());
      },
    },
  });
const notices = engine();
let people = 0;
async function user({ usd = 10n, below = 5n, byMail = true, url = "https://hook.example/x", confirmed = true }: { usd?: bigint; below?: bigint; byMail?: boolean; url?: string | null; confirmed?: boolean } = {}): Promise<string> {
  people += 1;
  const id = (await createUser(db, { username: `user${people}`, displayName: "", role: 1, accessKeyHash: null, email: `user${people}@example.com` })) ?? "";
  await db.updateTable("users").set({ email_verified: confirmed }).where("id", "=", id).execute();
  await move(id, usd);
  await setBalanceNotice(db, { kind: "wallet", id }, { belowNano: below * 1_000_000_000n, byMail, url });
  return id;
}
let moves = 0;
const move = (userId: string, usd: bigint): Promise<boolean> => creditWallet(db, { userId, amountNano: usd * 1_000_000_000n, kind: "test", ref: `move:${(moves += 1)}` });

beforeEach(async () => {
  await db.deleteFrom("balance_notices").execute();
  await db.deleteFrom("account_messages").execute();
  mails.length = 0;
  posts.length = 0;
  answer = () => 204;
  mailFails = false;
});

describe("a wallet that runs low", () => {
  test("is told of once for each fall, by mail and by a signed notice", async () => {
    const id = await user();
    await notices.work();
    expect([mails, posts]).toEqual([[], []]);
    await move(id, -6n);
    for (let i = 0; i < 3; i += 1) await notices.work();
    expect(mails).toEqual([{ to: `user${people}@example.com`, subject: "Acme: your credit runs low", text: expect.stringContaining("holds 4 USD") as never }]);
    expect(posts).toHaveLength(1);
    expect(new Webhook(SECRET).verify(posts[0]?.body ?? "", withNow(posts[0]?.headers ?? {}, posts[0]?.body ?? ""))).toEqual({ type: "balance.low", timestamp: "2026-11-25T00:00:00.000Z", data: { account_id: Number(id), balance_usd: "4", below_usd: "5" } });
    // Further down is no news; up to the line and below it is.
    await move(id, -3n);
    await notices.work();
    await move(id, 4n);
    await notices.work();
    expect(posts).toHaveLength(1);
    await move(id, -1n);
    await notices.work();
    expect([posts.length, mails.length]).toEqual([2, 2]);
  });

  test("is told of once, however many processes look", async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => user({ byMail: false })));
    await Promise.all(ids.map((id) => move(id, -6n)));
    const engines = Array.from({ length: 5 }, engine);
    for (let i = 0; i < 3; i += 1) await Promise.all(engines.map((each) => each.work()));
    expect(posts.map(({ body }) => (JSON.parse(body) as { data: { account_id: number } }).data.account_id).toSorted((a, b) => a - b)).toEqual(ids.map(Number).toSorted((a, b) => a - b));
    expect(new Set(posts.map(({ headers }) => headers["webhook-id"])).size).toBe(20);
  });

  test("only as the account wants it, and to an address that is confirmed; an account that is disabled hears nothing", async () => {
    await user({ usd: 1n, byMail: false, url: null });
    await user({ usd: 1n, confirmed: false, url: null });
    const disabled = await user({ usd: 1n });
    await db.updateTable("users").set({ status: 2 }).where("id", "=", disabled).execute();
    const off = await user({ usd: 1n });
    await setBalanceNotice(db, { kind: "wallet", id: off }, undefined);
    await notices.work();
    expect([mails, posts]).toEqual([[], []]);
  });

  test("F26: what fails is tried again with growing pauses, and given up after a day; an address that leads inside at once", async () => {
    await user({ usd: 1n, byMail: false });
    answer = () => 503;
    await notices.work();
    await notices.work();
    expect(posts).toHaveLength(1);
    for (const pause of [5_000, 60_000, 600_000, 7_200_000, 72_000_000, 72_000_000, 72_000_000]) {
      clock.advance(pause + 1_000);
      await notices.work();
    }
    expect(posts).toHaveLength(6);
    expect(new Set(posts.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(await db.selectFrom("account_messages").selectAll().execute()).toMatchObject([{ attempts: 6, status: 503, due_at: null, delivered_at: null, error: "status 503" }]);

    for (const refusal of [() => 410, () => { throw new GatewayError("mediaAddress"); }]) {
      posts.length = 0;
      await db.deleteFrom("account_messages").execute();
      await user({ usd: 1n, byMail: false });
      answer = refusal;
      await notices.work();
      clock.advance(100_000_000);
      await notices.work();
      expect(posts).toHaveLength(1);
    }
  });

  test("a mail server that is away loses nothing", async () => {
    await user({ usd: 1n, url: null });
    mailFails = true;
    await notices.work();
    mailFails = false;
    clock.advance(6_000);
    await notices.work();
    expect(mails).toHaveLength(1);
  });

  test("what was told is forgotten after a month", async () => {
    await user({ usd: 1n, url: null });
    await notices.work();
    clock.advance(29 * 86_400_000);
    await notices.work();
    expect(await db.selectFrom("account_messages").select("id").execute()).toHaveLength(1);
    clock.advance(2 * 86_400_000);
    await notices.work();
    expect(await db.selectFrom("account_messages").select("id").execute()).toEqual([]);
  });
});

describe("an organisation's wallet that runs low", () => {
  const person = async (confirmed = true): Promise<{ id: string; email: string }> => {
    const id = await user({ url: null, confirmed });
    await setBalanceNotice(db, { kind: "wallet", id }, undefined);
    return { id, email: `user${people}@example.com` };
  };
  /** With an owner, an admin, a member, an admin without a confirmed address and one that is disabled. */
  async function works() {
    const [owner, admin, member, unconfirmed, disabled] = [await person(), await person(), await person(), await person(false), await person()];
    const id = await createOrganisation(db, { name: "Works", ownerId: owner.id });
    for (const [who, role] of [[admin, "admin"], [member, "member"], [unconfirmed, "admin"], [disabled, "admin"]] as const) await addMember(db, id, who.id, role);
    await db.updateTable("users").set({ status: 2 }).where("id", "=", disabled.id).execute();
    await creditOwner(db, { kind: "organisation", id }, { amountNano: 10_000_000_000n, kind: "test", ref: `works:${id}` });
    await setBalanceNotice(db, { kind: "organisation", id }, { belowNano: 5_000_000_000n, byMail: true, url: "https://hook.example/works" });
    return { id, owner, admin, member };
  }
  const spend = (id: string, usd: bigint) => creditOwner(db, { kind: "organisation", id }, { amountNano: -usd * 1_000_000_000n, kind: "test", ref: `spend:${(moves += 1)}` });

  test("is told of once for each fall: to those who run it by mail, and to its address, signed with its own secret", async () => {
    const { id, owner, admin } = await works();
    await notices.work();
    expect([mails, posts]).toEqual([[], []]);
    await spend(id, 6n);
    await Promise.all(Array.from({ length: 5 }, () => engine().work()));
    await notices.work();
    expect(mails.map(({ to }) => to).toSorted()).toEqual([owner.email, admin.email].toSorted());
    expect(mails[0]).toMatchObject({ subject: "Acme: the credit of Works runs low", text: expect.stringContaining('The wallet of the organisation "Works" at Acme holds 4 USD') as never });
    expect(posts.map(({ url, body }) => [url, JSON.parse(body)])).toEqual([["https://hook.example/works", { type: "balance.low", timestamp: expect.any(String), data: { organisation_id: Number(id), balance_usd: "4", below_usd: "5" } }]] as never);
    expect(posts[0]?.headers["webhook-signature"]).toBe(new Webhook(`whsec_${Buffer.from(`of organisation ${id}`).toString("base64")}`).sign(posts[0]?.headers["webhook-id"] ?? "", new Date(clock.now()), posts[0]?.body ?? ""));
    await spend(id, -2n);
    await notices.work();
    await spend(id, 3n);
    await notices.work();
    expect([mails.length, posts.length]).toEqual([4, 2]);
  });

  test("who is no admin any more, or has left, hears nothing more; an organisation that has ended, or is disabled, tells nothing", async () => {
    const { id, owner, admin } = await works();
    mailFails = true;
    await spend(id, 6n);
    await notices.work();
    await changeMember(db, id, admin.id, { role: "member", ref: "x" });
    mailFails = false;
    clock.advance(6_000);
    await notices.work();
    expect(mails.map(({ to }) => to)).toEqual([owner.email]);

    const [ended, disabled] = [await works(), await works()];
    mailFails = true;
    answer = () => 503;
    await spend(ended.id, 6n);
    await notices.work();
    posts.length = 0;
    await endOrganisation(db, ended.id, ended.owner.id);
    await db.updateTable("organisations").set({ status: 2 }).where("id", "=", disabled.id).execute();
    await spend(disabled.id, 6n);
    mailFails = false;
    mails.length = 0;
    clock.advance(6_000);
    await notices.work();
    expect([mails, posts]).toEqual([[], []]);
    expect(await db.selectFrom("balance_notices").selectAll().where("kind", "=", "organisation").where("owner_id", "=", ended.id).execute()).toEqual([]);
  });

  test("an account and an organisation of the same number are two; a deleted member's messages go", async () => {
    const { id, admin } = await works();
    await setBalanceNotice(db, { kind: "wallet", id: admin.id }, { belowNano: 1n, byMail: true, url: null });
    expect(await removeAccount(db, admin.id)).toBe("done");
    expect(await db.selectFrom("balance_notices").select(["kind", "owner_id"]).execute()).toEqual([{ kind: "organisation", owner_id: id }]);
    await spend(id, 6n);
    await notices.work();
    expect(mails.map(({ to }) => to)).not.toContain(admin.email);
    expect(mails).toHaveLength(1);
  });
});

/** The library takes the present time for the clock: the same signature is checked for what it was made for. */
function withNow(headers: Record<string, string>, body: string): Record<string, string> {
  const at = new Date(clock.now());
  expect(headers["webhook-signature"]).toBe(new Webhook(SECRET).sign(headers["webhook-id"] ?? "", at, body));
  const now = new Date();
  return { ...headers, "webhook-timestamp": String(Math.floor(now.getTime() / 1000)), "webhook-signature": new Webhook(SECRET).sign(headers["webhook-id"] ?? "", now, body) };
}
