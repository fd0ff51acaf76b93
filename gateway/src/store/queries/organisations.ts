import { type Db, inTransaction } from "../database.ts";
import { ensureBudget, setCap } from "./money.ts";

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

/** Limits what a member may still spend (nano-dollars), or lifts the limit (undefined). `ref` names the change in the ledger. Gives false when there is no such member. */
export function setMemberCap(db: Db, organisationId: string, userId: string, remainNano: bigint | undefined, ref: string): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const member = await tx.selectFrom("members").select("id").where("organisation_id", "=", organisationId).where("user_id", "=", userId).forUpdate().executeTakeFirst();
    if (!member) return false;
    if (remainNano !== undefined) await setCap(tx, "member", member.id, remainNano, ref);
    // The row is written in any case: its trigger tells every process.
    await tx.updateTable("members").set({ unlimited: remainNano === undefined }).where("id", "=", member.id).execute();
    return true;
  });
}

/** Takes a member out; the member's keys of the organisation stop with it. Gives false when there is none. */
export async function removeMember(db: Db, organisationId: string, userId: string): Promise<boolean> {
  const result = await db.deleteFrom("members").where("organisation_id", "=", organisationId).where("user_id", "=", userId).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** 1 active, 2 disabled: its keys are refused. Gives false when there is no such organisation. */
export async function setOrganisationStatus(db: Db, organisationId: string, status: number): Promise<boolean> {
  const result = await db.updateTable("organisations").set({ status }).where("id", "=", organisationId).where("deleted_at", "is", null).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
