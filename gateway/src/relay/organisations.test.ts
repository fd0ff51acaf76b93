import { expect, test } from "bun:test";
import { keyHash, maskKey, newApiKey } from "../accounts/api-key.ts";
import { checkMoney, creditOwner } from "../store/queries/money.ts";
import { createKey } from "../store/queries/keys.ts";
import { addMember, changeMember, createOrganisation, removeMember, setOrganisationStatus } from "../store/queries/organisations.ts";
import { eventually } from "../testing/program.ts";
import { testGateway } from "../testing/gateway.ts";

const gateway = await testGateway();
const { db, newCaller } = gateway;
const [owner, member] = [await newCaller("0"), await newCaller("3")];
const organisation = await createOrganisation(db, { name: "Works", ownerId: owner.userId });
await addMember(db, organisation, member.userId, "member");
await creditOwner(db, { kind: "organisation", id: organisation }, { amountNano: 5_000_000_000n, kind: "credit", ref: "works" });

async function keyOf(userId: string, quotaNano?: bigint): Promise<string> {
  const key = newApiKey(false);
  await createKey(db, { userId, organisationId: organisation, name: "works", hash: keyHash(key), visible: maskKey(key), group: "default", sandbox: false, ...(quotaNano === undefined ? {} : { quotaNano }) });
  return key;
}
const chat = (key: string) =>
  fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body: JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content: "hi" }] }) });
/** The first answer of this status; others come while a change is on its way. */
const comes = async (key: string, status: number, code?: string): Promise<boolean> =>
  eventually(async () => {
    const response = await chat(key);
    const body = (await response.json()) as { error?: { code: string; message: string } };
    return response.status === status && (code === undefined || body.error?.message.includes(code) === true);
  });
const balances = async () => {
  const rows = await db.selectFrom("budgets").select(["kind", "owner_id", "balance_nano"]).where("kind", "!=", "system").execute();
  return (kind: string, id: string): bigint => BigInt(rows.find((row) => row.kind === kind && row.owner_id === id)?.balance_nano ?? "0");
};

test("an organisation's key is paid by the organisation's wallet, and by no member's", async () => {
  const key = await keyOf(member.userId);
  expect(await comes(key, 200)).toBe(true);
  const [row] = await gateway.rows(member.userId);
  expect(row).toMatchObject({ user_id: member.userId, organisation_id: organisation });
  const charged = BigInt(row?.charge_nano ?? "0");
  expect(charged > 0n).toBe(true);
  const balance = await balances();
  expect([balance("organisation", organisation), balance("wallet", member.userId)]).toEqual([5_000_000_000n - charged, 3_000_000_000n]);
  expect(await db.selectFrom("organisation_usage").selectAll().executeTakeFirst()).toEqual({ organisation_id: organisation, used_nano: String(charged), requests: "1" });
  expect(await db.selectFrom("user_usage").selectAll().where("user_id", "=", member.userId).executeTakeFirst()).toMatchObject({ used_nano: "0", requests: "1" });
});

test("a member's cap ends what the member may spend, with wallet and key quota left, and nobody else's", async () => {
  const [key, other] = [await keyOf(member.userId, 2_000_000_000n), await keyOf(owner.userId)];
  await changeMember(db, organisation, member.userId, { capNano: 1_000n, ref: "cap-1" });
  expect(await comes(key, 402, "this member")).toBe(true);
  expect(await comes(other, 200)).toBe(true);
  await changeMember(db, organisation, member.userId, { capNano: 1_000_000_000n, ref: "cap-2" });
  expect(await comes(key, 200)).toBe(true);
  await gateway.rows(member.userId, 2);
  const paid = await db.selectFrom("requests").select("charge_nano").where("user_id", "=", member.userId).where("status", "=", 200).orderBy("id", "desc").executeTakeFirstOrThrow();
  const memberId = (await db.selectFrom("members").select("id").where("user_id", "=", member.userId).executeTakeFirstOrThrow()).id;
  expect(await eventually(async () => (await balances())("member", memberId) === 1_000_000_000n - BigInt(paid.charge_nano))).toBe(true);
  await changeMember(db, organisation, member.userId, { capNano: null, ref: "cap-3" });
  expect(await comes(key, 200)).toBe(true);
  expect(await checkMoney(db)).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});

test("who leaves takes no key along; a disabled organisation's keys stop, and come back with it", async () => {
  const [key, leaver] = [await keyOf(owner.userId), await keyOf(member.userId)];
  expect(await comes(leaver, 200)).toBe(true);
  await removeMember(db, organisation, member.userId);
  expect(await comes(leaver, 401)).toBe(true);
  expect((await chat(member.apiKey)).status).toBe(200);
  await setOrganisationStatus(db, organisation, 2);
  expect(await comes(key, 403)).toBe(true);
  await setOrganisationStatus(db, organisation, 1);
  expect(await comes(key, 200)).toBe(true);
});
