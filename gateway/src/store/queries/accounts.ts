import { type Db, inTransaction, isDuplicate } from "../database.ts";
import { setPassword } from "./identity.ts";

export interface NewUser {
  username: string;
  displayName: string;
  role: number;
  accessKeyHash: Buffer | null;
  passwordHash?: string;
  email?: string;
}

/** A user with an empty wallet, whose address nobody needs to confirm; gives the id, or undefined when name or address is taken. */
export async function createUser(db: Db, user: NewUser): Promise<string | undefined> {
  return inTransaction(db, async (tx) => {
    const row = await tx
      .insertInto("users")
      .values({ username: user.username, display_name: user.displayName, role: user.role, access_key_hash: user.accessKeyHash, email: user.email ?? "", email_verified: true })
      .onConflict((conflict) => conflict.doNothing())
      .returning("id")
      .executeTakeFirst();
    if (row && user.passwordHash !== undefined) await setPassword(tx, row.id, user.passwordHash);
    return row?.id;
  });
}

export const countUsers = async (db: Db): Promise<number> =>
  Number((await db.selectFrom("users").select(({ fn }) => fn.countAll<string>().as("n")).executeTakeFirstOrThrow()).n);

export const userByName = (db: Db, username: string) =>
  db.selectFrom("users").selectAll().where("username", "=", username).executeTakeFirst();

export const setAccessKey = (db: Db, userId: string, hash: Buffer) =>
  db.updateTable("users").set({ access_key_hash: hash }).where("id", "=", userId).execute();

/** 1 active, 2 disabled. */
export const setUserStatus = (db: Db, userId: string, status: number) => db.updateTable("users").set({ status }).where("id", "=", userId).execute();

const accountRows = (db: Db) =>
  db
    .selectFrom("users as u")
    .innerJoin("budgets as w", (join) => join.onRef("w.owner_id", "=", "u.id").on("w.kind", "=", "wallet"))
    .leftJoin("user_usage as s", "s.user_id", "u.id")
    .select(["u.id", "u.username", "u.display_name", "u.email", "u.role", "u.status", "w.balance_nano", "s.used_nano", "s.requests"]);

/** Digests of all access keys. */
export const accessKeyHashes = async (db: Db): Promise<Buffer[]> =>
  (await db.selectFrom("users").select("access_key_hash").where("access_key_hash", "is not", null).execute()).flatMap(({ access_key_hash }) => access_key_hash ?? []);
/** That of one account. */
export const accessKeyHashOf = async (db: Db, userId: number): Promise<Buffer | undefined> =>
  (await db.selectFrom("users").select("access_key_hash").where("id", "=", String(userId)).executeTakeFirst())?.access_key_hash ?? undefined;

/** Who an access key belongs to, with what the System API shows of the account. Looked up by digest only. */
export const accountByAccessKey = (db: Db, hash: Buffer) => accountRows(db).where("u.access_key_hash", "=", hash).executeTakeFirst();
export const accountById = (db: Db, id: string) => accountRows(db).where("u.id", "=", id).executeTakeFirst();

/** Names of accounts by id. */
export async function userNames(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom("users").select(["id", "username"]).where("id", "in", ids).execute();
  return new Map(rows.map((row) => [row.id, row.username]));
}

/** Everything an account may know of itself. */
export const profileOf = (db: Db, id: string) =>
  accountRows(db)
    .where("u.id", "=", id)
    .select(["u.created_at", "u.email_verified", "u.two_factor_enabled"])
    .select((eb) => [
      eb("u.access_key_hash", "is not", null).as("has_access_key"),
      eb.exists(eb.selectFrom("auth_accounts as a").select("a.id").whereRef("a.user_id", "=", "u.id").where("a.password", "is not", null)).as("has_password"),
    ])
    .executeTakeFirst();

/** Changes how an account is called. Gives false when another has the name. */
export async function renameAccount(db: Db, id: string, names: { username?: string | undefined; displayName?: string | undefined }): Promise<boolean> {
  const given = { ...(names.username === undefined ? {} : { username: names.username }), ...(names.displayName === undefined ? {} : { display_name: names.displayName }) };
  if (Object.keys(given).length === 0) return true;
  try {
    await db.updateTable("users").set({ ...given, updated_at: new Date() }).where("id", "=", id).execute();
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

/** Takes an account's access key away. */
export const removeAccessKey = (db: Db, id: string) => db.updateTable("users").set({ access_key_hash: null }).where("id", "=", id).execute();
