import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "bun:test";
import { Webhook } from "standardwebhooks";
import { addMember, createOrganisation } from "../../store/queries/organisations.ts";
import { eventually } from "../../testing/program.ts";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway((config) => (config.fetchAllow = ["127.0.0.1"]));
const { api, db, newCaller, dataDir } = gateway;
const heard: { body: string; headers: Record<string, string> }[] = [];
const receiver = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    heard.push({ body: await request.text(), headers: request.headers.toJSON() as Record<string, string> });
    return new Response(null, { status: 204 });
  },
});
afterAll(() => receiver.stop(true));
const set = (as: string, body: unknown) => api<Record<string, unknown>>("/api/account/balance-notice", { method: "PUT", as, body });

test("an account says when it wants to hear of a low balance, and hears of it by mail and at its address", async () => {
  const user = await newCaller("3", { email: "low@example.com" });
  await db.updateTable("users").set({ email_verified: true }).where("id", "=", user.userId).execute();
  expect((await api("/api/account/balance-notice", { as: user.accessKey })).body).toMatchObject({ below_usd: null, by_mail: false, url: null });
  const answer = await set(user.accessKey, { below_usd: "5.5", url: `http://127.0.0.1:${receiver.port}/low` });
  expect(answer.body).toMatchObject({ below_usd: "5.5", by_mail: true, url: `http://127.0.0.1:${receiver.port}/low` });
  const mails = (): string[] => (existsSync(join(dataDir, "mail")) ? readdirSync(join(dataDir, "mail")).map((name) => readFileSync(join(dataDir, "mail", name), "utf8")) : []);
  for (let i = 0; i < 10 && (heard.length === 0 || mails().length === 0); i += 1) await eventually(() => Promise.resolve(heard.length > 0 && mails().length > 0));
  expect(mails()).toHaveLength(1);
  expect(mails()[0]).toContain("low@example.com");
  const [notice] = heard;
  expect(new Webhook(String(answer.body["webhook_secret"])).verify(notice?.body ?? "", notice?.headers ?? {})).toMatchObject({ type: "balance.low", data: { account_id: Number(user.userId), balance_usd: "3", below_usd: "5.5" } });
  expect((await set(user.accessKey, { below_usd: null })).body).toMatchObject({ below_usd: null, url: null });
}, 60_000);

test("V11: an organisation's admins say when they hear of its wallet; members and strangers neither see nor set it", async () => {
  const [owner, admin, member, stranger] = [await newCaller("0"), await newCaller("0"), await newCaller("0"), await newCaller("0")];
  const id = await createOrganisation(db, { name: "Works", ownerId: owner.userId });
  await addMember(db, id, admin.userId, "admin");
  await addMember(db, id, member.userId, "member");
  const path = `/api/account/organisations/${id}/balance-notice`;
  const put = (as: string, body: unknown, at = path) => api<Record<string, unknown>>(at, { method: "PUT", as, body });
  expect((await put(admin.accessKey, { below_usd: "5", by_mail: false, url: `http://127.0.0.1:${receiver.port}/works` })).body).toMatchObject({ below_usd: "5", by_mail: false });
  const { body } = await api<Record<string, unknown>>(path, { as: owner.accessKey });
  expect(body).toMatchObject({ below_usd: "5", url: `http://127.0.0.1:${receiver.port}/works` });
  for (const [who, status] of [[member, 403], [stranger, 404]] as const) expect([(await api(path, { as: who.accessKey })).status, (await put(who.accessKey, { below_usd: "1" })).status]).toEqual([status, status]);
  for (const at of ["0", "-1", "x", "99999999999999999999", "1%27"]) expect([400, 404]).toContain((await put(owner.accessKey, { below_usd: "1" }, `/api/account/organisations/${at}/balance-notice`)).status);
  for (const url of ["http://10.0.0.1/", "ftp://example.com/"]) expect((await put(owner.accessKey, { below_usd: "5", url })).status, url).toBe(400);
  expect((await put(owner.accessKey, { below_usd: "5", organisation_id: 1 })).status).toBe(400);
  // The account of the same number has another secret.
  const accounts = await Promise.all([owner, admin, member, stranger].map(async (who) => (await api<Record<string, unknown>>("/api/account/balance-notice", { as: who.accessKey })).body["webhook_secret"]));
  expect(accounts).not.toContain(body["webhook_secret"]);
  expect(await eventually(() => Promise.resolve(heard.some((notice) => notice.body.includes(`"organisation_id":${id}`))), 15_000)).toBe(true);
  const told = heard.find((notice) => notice.body.includes("organisation_id"));
  expect(new Webhook(String(body["webhook_secret"])).verify(told?.body ?? "", told?.headers ?? {})).toMatchObject({ type: "balance.low", data: { organisation_id: Number(id), balance_usd: "0", below_usd: "5" } });
}, 60_000);

test("V33: an address that leads inside, a line that is none, and what is not known are refused; each account has a secret of its own", async () => {
  const [user, other] = [await newCaller("3"), await newCaller("3")];
  for (const url of ["http://10.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://localhost/", "http://[::1]/", "http://user:pass@example.com/", "ftp://example.com/", "javascript:alert(1)", `https://example.com/${"x".repeat(2_000)}`]) {
    const { status, body } = await set(user.accessKey, { below_usd: "5", url });
    expect([status, body], url.slice(0, 60)).toMatchObject([400, { error: { code: "invalid_request", param: "url" } }]);
  }
  for (const below_usd of ["0", "0.0", "-5", "1e3", 5, "5.0000000001", "9999999999", ""]) expect((await set(user.accessKey, { below_usd })).status, String(below_usd)).toBe(400);
  for (const body of [{}, { below_usd: "5", user_id: other.userId }, { below_usd: "5", by_mail: "yes" }]) expect((await set(user.accessKey, body)).status, JSON.stringify(body)).toBe(400);
  const secretOf = async (as: string): Promise<unknown> => (await api<Record<string, unknown>>("/api/account/balance-notice", { as })).body["webhook_secret"];
  expect(await secretOf(user.accessKey)).not.toBe(await secretOf(other.accessKey));
});
