import { type ExpressionBuilder, sql } from "kysely";
import { type Db, inTransaction } from "../database.ts";
import type { Database } from "../schema.ts";
import { creditWallet } from "./money.ts";

/** The way of signing in that is a password. */
const CREDENTIAL = "credential";

/** Sets an account's password, as a hash; it may have had none. */
export async function setPassword(db: Db, userId: string, password: string): Promise<void> {
  await db
    .insertInto("auth_accounts")
    .values({ user_id: userId, provider_id: CREDENTIAL, account_id: userId, password })
    .onConflict((conflict) => conflict.columns(["provider_id", "account_id"]).doUpdateSet({ password, updated_at: new Date() }))
    .execute();
}

/** The hash of an account's password; undefined: it has none. */
export const passwordOf = async (db: Db, userId: string): Promise<string | undefined> =>
  (await db.selectFrom("auth_accounts").select("password").where("user_id", "=", userId).where("provider_id", "=", CREDENTIAL).executeTakeFirst())?.password ?? undefined;

/** Ends an account's sessions, all or all but one. Gives how many there were. */
export async function endSessions(db: Db, userId: string): Promise<number> {
  const result = await db.deleteFrom("auth_sessions").where("user_id", "=", userId).executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** Counts one more guess at each subject in its window; gives how many there are now, in the order of the subjects. */
export async function countGuesses(db: Db, subjects: readonly { subject: Buffer; seconds: number }[]): Promise<number[]> {
  const { rows } = await sql<{ counts: number[] }>`select count_guesses(${subjects.map(({ subject }) => subject)}::bytea[], ${subjects.map(({ seconds }) => seconds)}::integer[]) as counts`.execute(db);
  return rows[0]?.counts ?? [];
}

/** A guess was right: what was counted at its subject is forgotten. */
export async function forgetGuesses(db: Db, subjects: readonly Buffer[]): Promise<void> {
  await db.deleteFrom("guesses").where("subject", "in", subjects).execute();
}

/** Removes what is over: sessions, links, counts of guesses. */
export async function sweepIdentity(db: Db): Promise<void> {
  await db.deleteFrom("auth_sessions").where("expires_at", "<", sql<Date>`now()`).execute();
  await db.deleteFrom("auth_verifications").where("expires_at", "<", sql<Date>`now()`).execute();
  await db.deleteFrom("guesses").where("expires_at", "<", sql<Date>`now()`).execute();
}

const goodInvitation = (codeHash: Buffer, email: string) => (eb: ExpressionBuilder<Database, "sign_up_invitations">) =>
  eb.and([eb("code_hash", "=", codeHash), eb("used_at", "is", null), eb("expires_at", ">", sql<Date>`now()`), eb.or([eb("email", "=", ""), eb(sql<string>`lower(email)`, "=", email.toLowerCase())])]);

/** Whether an invitation is good for this address. */
export const isInvited = async (db: Db, codeHash: Buffer, email: string): Promise<boolean> =>
  (await db.selectFrom("sign_up_invitations").select("id").where(goodInvitation(codeHash, email)).executeTakeFirst()) !== undefined;

/** Takes an invitation that is good for this address; gives its id, or undefined when there is none. `bound`: it was made for exactly this address, which its reader so proved to have. */
export async function takeInvitation(db: Db, codeHash: Buffer, email: string): Promise<{ id: string; bound: boolean } | undefined> {
  const row = await db
    .updateTable("sign_up_invitations")
    .set({ used_at: sql<Date>`now()` })
    .where(goodInvitation(codeHash, email))
    .returning(["id", "email"])
    .executeTakeFirst();
  return row && { id: row.id, bound: row.email !== "" };
}

/** Whose account came of an invitation; one that none came of is good again. */
export async function settleInvitation(db: Db, id: string, userId: string | undefined): Promise<void> {
  await db.updateTable("sign_up_invitations").set(userId === undefined ? { used_at: null } : { used_by: userId }).where("id", "=", id).where("used_by", "is", null).execute();
}

/**
 * Gives an account its starting credit, unless its identity had one before, or another account of the same network within a day (0: networks do not count). Both are digests. Gives whether it was given.
 */
export function giveStartingCredit(db: Db, to: { userId: string; identity: Buffer; network: Buffer; amountNano: bigint; perNetworkHours: number }): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    // Two at once from one network stand in a row.
    await sql`select pg_advisory_xact_lock(hashtextextended(encode(${to.network}, 'hex'), 34))`.execute(tx);
    const { rows } = await sql`insert into starting_credits (identity, network, user_id)
      select ${to.identity}, ${to.network}, ${to.userId}::bigint
       where not exists (select from starting_credits where user_id = ${to.userId}::bigint)
         and not exists (select from starting_credits where network = ${to.network} and at > now() - ${to.perNetworkHours}::integer * interval '1 hour')
      on conflict do nothing returning identity`.execute(tx);
    if (rows.length === 0) return false;
    return creditWallet(tx, { userId: to.userId, amountNano: to.amountNano, kind: "starting-credit", ref: `starting-credit:${to.userId}`, reason: "starting credit" });
  });
}

export const addSignUpInvitation = (db: Db, { codeHash, email, note, invitedBy, expiresAt }: { codeHash: Buffer; email: string; note: string; invitedBy: string; expiresAt: Date }) =>
  db
    .insertInto("sign_up_invitations")
    .values({ code_hash: codeHash, email, note, invited_by: invitedBy, expires_at: expiresAt })
    .returning(["id", "email", "note", "created_at", "expires_at", "used_by"])
    .executeTakeFirstOrThrow();

/** Invitations, newest first; `before`: only those with a smaller id. */
export function listSignUpInvitations(db: Db, page: { before?: string | undefined; limit: number }) {
  const query = db.selectFrom("sign_up_invitations").select(["id", "email", "note", "created_at", "expires_at", "used_by"]).orderBy("id", "desc").limit(page.limit);
  return (page.before === undefined ? query : query.where("id", "<", page.before)).execute();
}

/** Takes an invitation back that nobody has used. Gives false when there is none. */
export async function removeSignUpInvitation(db: Db, id: string): Promise<boolean> {
  const result = await db.deleteFrom("sign_up_invitations").where("id", "=", id).where("used_at", "is", null).executeTakeFirst();
  return result.numDeletedRows > 0n;
}
