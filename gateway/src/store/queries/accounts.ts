import { sql } from "kysely";
import { type Db, inTransaction } from "../database.ts";
import { ensureBudget } from "./money.ts";

const keyRows = (db: Db) =>
  db
    .selectFrom("api_keys as k")
    .innerJoin("users as u", "u.id", "k.user_id")
    .innerJoin("budgets as w", (join) => join.onRef("w.owner_id", "=", "k.user_id").on("w.kind", "=", "wallet"))
    .leftJoin("budgets as q", (join) => join.onRef("q.owner_id", "=", "k.id").on("q.kind", "=", "key"))
    .where("k.deleted_at", "is", null)
    .select(["k.id", "k.user_id", "u.status as user_status", "k.name", "k.hash", "k.status", "k.expires_at", "k.unlimited",
      "k.group_name", "k.model_limits", "k.allow_ips", "k.sandbox", "w.id as wallet_budget", "q.id as key_budget"]);

/** Every key that is not deleted, with its owner's status and its budgets. */
export const allKeys = (db: Db) => keyRows(db).execute();
export const keysOfUser = (db: Db, userId: number) => keyRows(db).where("k.user_id", "=", String(userId)).execute();
export const oneKey = (db: Db, keyId: number) => keyRows(db).where("k.id", "=", String(keyId)).executeTakeFirst();

export interface NewUser {
  username: string;
  displayName: string;
  role: number;
  accessKeyHash: Buffer;
  passwordHash?: string;
}

/** A user with an empty wallet; gives the id, or undefined when the name is taken. */
export async function createUser(db: Db, user: NewUser): Promise<string | undefined> {
  return inTransaction(db, async (tx) => {
    const row = await tx
      .insertInto("users")
      .values({ username: user.username, display_name: user.displayName, role: user.role, access_key_hash: user.accessKeyHash, password_hash: user.passwordHash ?? null })
      .onConflict((conflict) => conflict.column("username").doNothing())
      .returning("id")
      .executeTakeFirst();
    if (row) await ensureBudget(tx, "wallet", row.id);
    return row?.id;
  });
}

export const countUsers = async (db: Db): Promise<number> =>
  Number((await db.selectFrom("users").select(({ fn }) => fn.countAll<string>().as("n")).executeTakeFirstOrThrow()).n);

export const userByName = (db: Db, username: string) =>
  db.selectFrom("users").selectAll().where("username", "=", username).executeTakeFirst();

export const setAccessKey = (db: Db, userId: string, hash: Buffer) =>
  db.updateTable("users").set({ access_key_hash: hash }).where("id", "=", userId).execute();

export const setPassword = (db: Db, userId: string, passwordHash: string) =>
  db.updateTable("users").set({ password_hash: passwordHash }).where("id", "=", userId).execute();

/** 1 active, 2 disabled. */
export const setUserStatus = (db: Db, userId: string, status: number) => db.updateTable("users").set({ status }).where("id", "=", userId).execute();

export interface NewKey {
  userId: string;
  name: string;
  hash: Buffer;
  visible: string;
  group: string;
  sandbox: boolean;
  /** nano-dollars it may spend; undefined: as much as the wallet holds */
  quotaNano?: bigint;
  expiresAt?: Date;
  models?: string[];
  addresses?: string[];
}

/** An API key, with its quota when it has one; gives the id, or undefined when the hash is known already. */
export async function createKey(db: Db, key: NewKey): Promise<string | undefined> {
  return inTransaction(db, async (tx) => {
    const row = await tx
      .insertInto("api_keys")
      .values({
        user_id: key.userId, name: key.name, hash: key.hash, visible: key.visible, unlimited: key.quotaNano === undefined,
        group_name: key.group, sandbox: key.sandbox, expires_at: key.expiresAt ?? null, model_limits: key.models ?? null, allow_ips: key.addresses ?? null,
      })
      .onConflict((conflict) => conflict.column("hash").doNothing())
      .returning("id")
      .executeTakeFirst();
    if (row && key.quotaNano !== undefined) await giveFirstQuota(tx, row.id, key.quotaNano);
    return row?.id;
  });
}

async function giveFirstQuota(tx: Db, keyId: string, quotaNano: bigint): Promise<void> {
  const budget = await ensureBudget(tx, "key", keyId);
  if (quotaNano <= 0n) return;
  await sql`select move_money((select id from budgets where kind = 'system' and owner_id = 3), ${budget}::bigint,
    ${quotaNano.toString()}::bigint, 'limit', ${`key-created:${keyId}`}, null)`.execute(tx);
}

/** Sets a key's status (1 active, 2 disabled); gives false for an unknown key. */
export async function setKeyStatus(db: Db, keyId: string, status: number): Promise<boolean> {
  const result = await db.updateTable("api_keys").set({ status }).where("id", "=", keyId).where("deleted_at", "is", null).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

const accountRows = (db: Db) =>
  db
    .selectFrom("users as u")
    .innerJoin("budgets as w", (join) => join.onRef("w.owner_id", "=", "u.id").on("w.kind", "=", "wallet"))
    .leftJoin("user_usage as s", "s.user_id", "u.id")
    .select(["u.id", "u.username", "u.display_name", "u.email", "u.role", "u.status", "w.balance_nano", "s.used_nano", "s.requests"]);

/** Who an access key belongs to, with what the System API shows of the account. Looked up by digest only. */
export const accountByAccessKey = (db: Db, hash: Buffer) => accountRows(db).where("u.access_key_hash", "=", hash).executeTakeFirst();
export const accountById = (db: Db, id: string) => accountRows(db).where("u.id", "=", id).executeTakeFirst();

/** A LIKE pattern that finds `text` itself anywhere: its wildcards are escaped. */
const containing = (text: string): string => `%${text.replace(/[\\%_]/g, (c) => `\\${c}`)}%`;

/** A user's keys for the list, newest first. `name` filters by a part of the name; `key` by a part of the key as it is shown, or by the digests of what may be the whole key. */
export function listKeys(db: Db, userId: string, filter: { name?: string; key?: { visible: string; hashes: readonly Buffer[] }; limit: number }) {
  let query = db
    .selectFrom("api_keys as k")
    .leftJoin("budgets as q", (join) => join.onRef("q.owner_id", "=", "k.id").on("q.kind", "=", "key"))
    .leftJoin("key_usage as s", "s.key_id", "k.id")
    .where("k.user_id", "=", userId)
    .where("k.deleted_at", "is", null)
    .select(["k.id", "k.user_id", "k.name", "k.visible", "k.status", "k.expires_at", "k.unlimited", "k.group_name", "k.model_limits",
      "k.allow_ips", "k.sandbox", "k.created_at", "q.balance_nano as remain_nano", "s.used_nano", "s.last_used_at"])
    .orderBy("k.id", "desc")
    .limit(filter.limit);
  if (filter.name) query = query.where("k.name", "like", containing(filter.name));
  const { key } = filter;
  if (key) query = query.where((eb) => eb.or([eb("k.visible", "like", containing(key.visible)), eb("k.hash", "in", key.hashes)]));
  return query.execute();
}
