import { type Db, inTransaction } from "../database.ts";
import { setPassword } from "./identity.ts";

/** What of an account an operator changes; what is undefined stays. */
export interface UserChanges {
  username?: string | undefined;
  displayName?: string | undefined;
  /** empty: none; counts as confirmed */
  email?: string | undefined;
  role?: number | undefined;
  status?: number | undefined;
}

const OWNER = 100;
const ACTIVE = 1;

/** Changes an account. Gives `last owner` when nobody active would own the gateway any more. Throws as Postgres does for a name or address that is taken (`isDuplicate`). */
export function changeUser(db: Db, id: string, changes: UserChanges): Promise<"done" | "last owner"> {
  return inTransaction(db, async (tx) => {
    const owners = await tx.selectFrom("users").select("id").where("role", "=", OWNER).where("status", "=", ACTIVE).orderBy("id").forUpdate().execute();
    const leaves = (changes.role !== undefined && changes.role !== OWNER) || (changes.status !== undefined && changes.status !== ACTIVE);
    if (leaves && owners.length === 1 && owners[0]?.id === id) return "last owner";
    const columns = { username: changes.username, display_name: changes.displayName, email: changes.email, email_verified: changes.email === undefined ? undefined : true, role: changes.role, status: changes.status };
    const given = Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
    if (Object.keys(given).length > 0) await tx.updateTable("users").set({ ...given, updated_at: new Date() }).where("id", "=", id).execute();
    return "done";
  });
}

/** Takes a way of signing in away, or sets another in its place, and ends all sessions. */
export function resetSignIn(db: Db, userId: string, what: { twoFactor?: true; passkeys?: true; password?: string; accessKeyHash?: Buffer }): Promise<void> {
  return inTransaction(db, async (tx) => {
    if (what.twoFactor) {
      await tx.deleteFrom("auth_two_factors").where("user_id", "=", userId).execute();
      await tx.updateTable("users").set({ two_factor_enabled: false }).where("id", "=", userId).execute();
    }
    if (what.passkeys) await tx.deleteFrom("auth_passkeys").where("user_id", "=", userId).execute();
    if (what.password !== undefined) await setPassword(tx, userId, what.password);
    if (what.accessKeyHash !== undefined) await tx.updateTable("users").set({ access_key_hash: what.accessKeyHash }).where("id", "=", userId).execute();
    await tx.deleteFrom("auth_sessions").where("user_id", "=", userId).execute();
  });
}
