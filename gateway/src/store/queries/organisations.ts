import { sql } from "kysely";
import { type Db, inTransaction } from "../database.ts";
import { forgetNotices } from "./balance-notices.ts";
import { ensureBudget, moveMoney, setCap } from "./money.ts";

export type MemberRole = "owner" | "admin" | "member";

/** An organisation with an empty wallet and its first member, who owns it; gives the id. */
export function createOrganisation(db: Db, organisation: { name: string; ownerId: string }): Promise<string> {
  return inTransaction(db, async (tx) => {
    const { id } = await tx.insertInto("organisations").values({ name: organisation.name }).returning("id").executeTakeFirstOrThrow();
    await ensureBudget(tx, "organisation", id);
    await addMember(tx, id, organisation.ownerId, "owner");
    return id;
  });
}

/** An account's organisations, or one of them, with what the account is there. */
export function organisationsOf(db: Db, userId: string, id?: string) {
  const query = db
    .selectFrom("organisations as o")
    .innerJoin("members as m", "m.organisation_id", "o.id")
    .innerJoin("budgets as w", (join) => join.onRef("w.owner_id", "=", "o.id").on("w.kind", "=", "organisation"))
    .leftJoin("organisation_usage as s", "s.organisation_id", "o.id")
    .where("m.user_id", "=", userId)
    .where("o.deleted_at", "is", null)
    .select(["o.id", "o.name", "o.status", "o.created_at", "m.role", "w.balance_nano", "s.used_nano"])
    .select((eb) => eb.selectFrom("members as c").whereRef("c.organisation_id", "=", "o.id").select(eb.fn.countAll<string>().as("n")).as("members"))
    .orderBy("o.id");
  return (id === undefined ? query : query.where("o.id", "=", id)).execute();
}

export const renameOrganisation = (db: Db, id: string, name: string) => db.updateTable("organisations").set({ name }).where("id", "=", id).execute();

/** Members, or one of them, with what is left of their caps. */
export function membersOf(db: Db, organisationId: string, userId?: string) {
  const query = db
    .selectFrom("members as m")
    .innerJoin("users as u", "u.id", "m.user_id")
    .leftJoin("budgets as b", (join) => join.onRef("b.owner_id", "=", "m.id").on("b.kind", "=", "member"))
    .where("m.organisation_id", "=", organisationId)
    .select(["m.user_id", "u.username", "u.display_name", "m.role", "m.unlimited", "m.created_at", "b.balance_nano as cap_nano"])
    .orderBy("m.id");
  return (userId === undefined ? query : query.where("m.user_id", "=", userId)).execute();
}

/** Makes an account a member, who may spend as much as the wallet holds; gives the member's id, or undefined when it is one already. */
export async function addMember(db: Db, organisationId: string, userId: string, role: MemberRole): Promise<string | undefined> {
  const row = await db
    .insertInto("members")
    .values({ organisation_id: organisationId, user_id: userId, role })
    .onConflict((conflict) => conflict.columns(["organisation_id", "user_id"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  return row?.id;
}

/** Locks an organisation's owners until the transaction ends, and gives their accounts' ids: who is the last one must not leave. */
const lockOwners = async (tx: Db, organisationId: string): Promise<string[]> =>
  (await tx.selectFrom("members").select("user_id").where("organisation_id", "=", organisationId).where("role", "=", "owner").orderBy("id").forUpdate().execute()).map((row) => row.user_id);

/** What of a member is changed. */
export interface MemberChange {
  /** nano-dollars that he may still spend; null: no limit */
  capNano?: bigint | null;
  role?: MemberRole;
  /** names the change of the cap in the ledger */
  ref: string;
}

/** Changes a member, all of it or nothing. Gives `last owner` when nobody would own the organisation any more, `none` when there is no such member. */
export function changeMember(db: Db, organisationId: string, userId: string, { capNano, role, ref }: MemberChange): Promise<"done" | "last owner" | "none"> {
  return inTransaction(db, async (tx) => {
    const owners = role === undefined ? [] : await lockOwners(tx, organisationId);
    if (role !== "owner" && owners.length === 1 && owners[0] === userId) return "last owner";
    const member = await tx.selectFrom("members").select("id").where("organisation_id", "=", organisationId).where("user_id", "=", userId).forUpdate().executeTakeFirst();
    if (!member) return "none";
    if (capNano !== undefined && capNano !== null) await setCap(tx, "member", member.id, capNano, ref);
    // The row is written for a cap that only changes its amount too: its trigger tells every process.
    const changes = { ...(capNano === undefined ? {} : { unlimited: capNano === null }), ...(role === undefined ? {} : { role }) };
    if (Object.keys(changes).length > 0) await tx.updateTable("members").set(changes).where("id", "=", member.id).execute();
    return "done";
  });
}

/** Takes a member out, whose keys of the organisation stop and are deleted. Gives `last owner` when nobody would own it any more. */
export function removeMember(db: Db, organisationId: string, userId: string): Promise<"done" | "last owner"> {
  return inTransaction(db, async (tx) => {
    const owners = await lockOwners(tx, organisationId);
    if (owners.length === 1 && owners[0] === userId) return "last owner";
    await tx.deleteFrom("members").where("organisation_id", "=", organisationId).where("user_id", "=", userId).execute();
    await tx.updateTable("api_keys").set({ deleted_at: new Date() }).where("organisation_id", "=", organisationId).where("user_id", "=", userId).where("deleted_at", "is", null).execute();
    return "done";
  });
}

/** 1 active, 2 disabled: its keys are refused. Gives false when there is no such organisation. */
export async function setOrganisationStatus(db: Db, organisationId: string, status: number): Promise<boolean> {
  const result = await db.updateTable("organisations").set({ status }).where("id", "=", organisationId).where("deleted_at", "is", null).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Ends an organisation: its name (which may be a person's) and its keys deleted, members gone, what the wallet holds moved to an account's. Charges of requests under way still come to its wallet, which they may take below zero. */
export function endOrganisation(db: Db, organisationId: string, heirId: string): Promise<void> {
  return inTransaction(db, async (tx) => {
    const ended = await tx.updateTable("organisations").set({ status: 2, name: `deleted-${organisationId}`, deleted_at: new Date() }).where("id", "=", organisationId).where("deleted_at", "is", null).executeTakeFirst();
    if (ended.numUpdatedRows === 0n) return;
    await tx.updateTable("api_keys").set({ deleted_at: new Date() }).where("organisation_id", "=", organisationId).where("deleted_at", "is", null).execute();
    await tx.deleteFrom("organisation_invitations").where("organisation_id", "=", organisationId).execute();
    await forgetNotices(tx, { kind: "organisation", id: organisationId });
    const [from, to] = [await ensureBudget(tx, "organisation", organisationId), await ensureBudget(tx, "wallet", heirId)];
    const { rows } = await sql<{ balance_nano: string }>`select balance_nano from budgets where id = ${from}::bigint for update`.execute(tx);
    const balance = BigInt(rows[0]?.balance_nano ?? "0");
    if (balance > 0n) await moveMoney(tx, { from, to, amountNano: balance, kind: "transfer", ref: `organisation-ended:${organisationId}`, reason: "an organisation was ended" });
    await tx.deleteFrom("members").where("organisation_id", "=", organisationId).execute();
  });
}

export interface NewInvitation {
  organisationId: string;
  role: "admin" | "member";
  email: string;
  codeHash: Buffer;
  invitedBy: string;
  expiresAt: Date;
}

export const addInvitation = (db: Db, { organisationId, role, email, codeHash, invitedBy, expiresAt }: NewInvitation) =>
  db
    .insertInto("organisation_invitations")
    .values({ organisation_id: organisationId, role, email, code_hash: codeHash, invited_by: invitedBy, expires_at: expiresAt })
    .returning(["id", "role", "email", "created_at", "expires_at", "accepted_at"])
    .executeTakeFirstOrThrow();

/** Its newest invitations. */
export const invitationsOf = (db: Db, organisationId: string, limit: number) =>
  db.selectFrom("organisation_invitations").select(["id", "role", "email", "created_at", "expires_at", "accepted_at"]).where("organisation_id", "=", organisationId).orderBy("id", "desc").limit(limit).execute();

/** Takes an invitation back that nobody has accepted. Gives false when there is none. */
export async function removeInvitation(db: Db, organisationId: string, id: string): Promise<boolean> {
  const result = await db.deleteFrom("organisation_invitations").where("organisation_id", "=", organisationId).where("id", "=", id).where("accepted_at", "is", null).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Makes an account a member by the code of an invitation, once. Gives the organisation, or undefined when there is no such code. */
export function acceptInvitation(db: Db, codeHash: Buffer, userId: string): Promise<string | undefined> {
  return inTransaction(db, async (tx) => {
    const invitation = await tx
      .updateTable("organisation_invitations")
      .set({ accepted_by: userId, accepted_at: sql<Date>`now()` })
      .where("code_hash", "=", codeHash)
      .where("accepted_at", "is", null)
      .where("expires_at", ">", sql<Date>`now()`)
      .where((eb) => eb.exists(eb.selectFrom("organisations as o").select("o.id").whereRef("o.id", "=", "organisation_invitations.organisation_id").where("o.deleted_at", "is", null)))
      .returning(["organisation_id", "role"])
      .executeTakeFirst();
    if (!invitation) return undefined;
    await addMember(tx, invitation.organisation_id, userId, invitation.role as MemberRole);
    return invitation.organisation_id;
  });
}
