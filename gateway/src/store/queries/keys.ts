import { type ExpressionBuilder, sql } from "kysely";
import { type Db, inTransaction } from "../database.ts";
import type { Database } from "../schema.ts";
import { ensureBudget, setCap } from "./money.ts";

const keyRows = (db: Db) =>
  db
    .selectFrom("api_keys as k")
    .innerJoin("users as u", "u.id", "k.user_id")
    .leftJoin("organisations as o", "o.id", "k.organisation_id")
    .leftJoin("members as m", (join) => join.onRef("m.organisation_id", "=", "k.organisation_id").onRef("m.user_id", "=", "k.user_id"))
    .innerJoin("budgets as w", (join) =>
      join.on(sql<boolean>`w.kind = case when k.organisation_id is null then 'wallet' else 'organisation' end and w.owner_id = coalesce(k.organisation_id, k.user_id)`),
    )
    .leftJoin("budgets as mb", (join) => join.onRef("mb.owner_id", "=", "m.id").on("mb.kind", "=", "member"))
    .leftJoin("budgets as q", (join) => join.onRef("q.owner_id", "=", "k.id").on("q.kind", "=", "key"))
    .where("k.deleted_at", "is", null)
    .select(["k.id", "k.user_id", "u.status as user_status", "k.name", "k.hash", "k.status", "k.expires_at", "k.unlimited",
      "k.group_name", "k.model_limits", "k.allow_ips", "k.sandbox", "w.id as wallet_budget", "q.id as key_budget",
      "k.organisation_id", "o.status as organisation_status", "m.unlimited as member_unlimited", "mb.id as member_budget", "k.capture_days"]);

/** Whose keys are meant: an account's own (its id), or an organisation's: all, or those that one member made. */
export type KeyOwner = string | { organisationId: string; userId?: string };

/** Keys of an owner that are not deleted. */
const ownedBy = (owner: KeyOwner) => (eb: ExpressionBuilder<Database & { k: Database["api_keys"] }, "k">) =>
  eb.and([
    eb("k.deleted_at", "is", null),
    ...(typeof owner === "string" ? [eb("k.organisation_id", "is", null), eb("k.user_id", "=", owner)] : [eb("k.organisation_id", "=", owner.organisationId), ...(owner.userId === undefined ? [] : [eb("k.user_id", "=", owner.userId)])]),
  ]);

/** Every key that is not deleted, with its owner's status and its budgets. */
export const allKeys = (db: Db) => keyRows(db).execute();
export const keysOfUser = (db: Db, userId: number) => keyRows(db).where("k.user_id", "=", String(userId)).execute();
export const keysOfOrganisation = (db: Db, organisationId: number) => keyRows(db).where("k.organisation_id", "=", String(organisationId)).execute();
export const oneKey = (db: Db, keyId: number) => keyRows(db).where("k.id", "=", String(keyId)).executeTakeFirst();

export interface NewKey {
  userId: string;
  /** the organisation that pays, of which the user is a member */
  organisationId?: string;
  name: string;
  hash: Buffer;
  visible: string;
  group: string;
  sandbox: boolean;
  /** nano-dollars it may spend; undefined: as much as the wallet holds */
  quotaNano?: bigint;
  /** the quota is kept, but not held to; false unless given where there is a quota */
  unlimited?: boolean;
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
        user_id: key.userId, organisation_id: key.organisationId ?? null, name: key.name, hash: key.hash, visible: key.visible, unlimited: key.unlimited ?? key.quotaNano === undefined,
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

/** What of a key changes; what is undefined stays. */
export interface KeyChanges {
  name?: string;
  /** null: never */
  expiresAt?: Date | null;
  /** nano-dollars it may still spend */
  quotaNano?: bigint;
  unlimited?: boolean;
  group?: string;
  /** null: all of its group */
  models?: string[] | null;
  /** null: any */
  addresses?: string[] | null;
  status?: number;
}

/** Changes a key; `ref` names the change in the ledger. Gives false when the owner has no such key. */
export function changeKey(db: Db, owner: KeyOwner, keyId: string, changes: KeyChanges, ref: string): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const { quotaNano, ...rest } = changes;
    const columns = {
      name: rest.name, expires_at: rest.expiresAt, unlimited: rest.unlimited, group_name: rest.group, model_limits: rest.models, allow_ips: rest.addresses, status: rest.status,
    };
    const given = Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
    const owned = tx.selectFrom("api_keys as k").select("k.id").where("k.id", "=", keyId).where(ownedBy(owner)).forUpdate();
    if (!(await owned.executeTakeFirst())) return false;
    // A limited key needs a quota, be it 0: without one it would have no limit.
    if (quotaNano !== undefined) await setCap(tx, "key", keyId, quotaNano, ref);
    else if (rest.unlimited === false) await ensureBudget(tx, "key", keyId);
    if (Object.keys(given).length > 0) await tx.updateTable("api_keys").set(given).where("id", "=", keyId).execute();
    return true;
  });
}

/** Deletes a key: it is refused from now on, its rows in log and ledger stay. Gives false when the owner has no such key. */
export const deleteKey = async (db: Db, owner: KeyOwner, keyId: string): Promise<boolean> => (await deleteKeys(db, owner, [keyId])) > 0;

/** Deletes those of an owner's keys; gives how many there were. */
export async function deleteKeys(db: Db, owner: KeyOwner, ids: readonly string[]): Promise<number> {
  const result = await db.updateTable("api_keys as k").set({ deleted_at: new Date() }).where("k.id", "in", ids).where(ownedBy(owner)).executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** How many keys an owner has. */
export const countKeys = async (db: Db, owner: KeyOwner): Promise<number> =>
  Number((await db.selectFrom("api_keys as k").select((of) => of.fn.countAll<string>().as("n")).where(ownedBy(owner)).executeTakeFirstOrThrow()).n);

/** A LIKE pattern that finds `text` itself anywhere: its wildcards are escaped. */
const containing = (text: string): string => `%${text.replace(/[\\%_]/g, (c) => `\\${c}`)}%`;

/** An owner's keys for the list, newest first. `name` filters by a part of the name; `key` by a part of the key as it is shown, or by the digests of what may be the whole key. */
export function listKeys(db: Db, owner: KeyOwner, filter: { id?: string; name?: string; key?: { visible: string; hashes: readonly Buffer[] }; limit: number }) {
  let query = db
    .selectFrom("api_keys as k")
    .leftJoin("budgets as q", (join) => join.onRef("q.owner_id", "=", "k.id").on("q.kind", "=", "key"))
    .leftJoin("key_usage as s", "s.key_id", "k.id")
    .where(ownedBy(owner))
    .select(["k.id", "k.user_id", "k.name", "k.visible", "k.status", "k.expires_at", "k.unlimited", "k.group_name", "k.model_limits",
      "k.allow_ips", "k.sandbox", "k.created_at", "q.balance_nano as remain_nano", "s.used_nano", "s.last_used_at"])
    .orderBy("k.id", "desc")
    .limit(filter.limit);
  if (filter.id !== undefined) query = query.where("k.id", "=", filter.id);
  if (filter.name) query = query.where("k.name", "like", containing(filter.name));
  const { key } = filter;
  if (key) query = query.where((eb) => eb.or([eb("k.visible", "like", containing(key.visible)), eb("k.hash", "in", key.hashes)]));
  return query.execute();
}

/** Names of keys by id, deleted ones too. */
export async function keyNames(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom("api_keys").select(["id", "name"]).where("id", "in", ids).execute();
  return new Map(rows.map((row) => [row.id, row.name]));
}

/** Ids of an owner's keys of exactly this name, newest first, deleted ones too. */
export async function keyIdsByName(db: Db, owner: KeyOwner, name: string, limit: number): Promise<string[]> {
  const column = typeof owner === "string" ? "user_id" : "organisation_id";
  const rows = await db.selectFrom("api_keys").select("id").where(column, "=", typeof owner === "string" ? owner : owner.organisationId).where("name", "=", name).orderBy("id", "desc").limit(limit).execute();
  return rows.map((row) => row.id);
}

/** What a key and the wallet that pays for it have left and have spent, in nano-dollars. */
export const keyFigures = (db: Db, keyId: string) =>
  db
    .selectFrom("api_keys as k")
    .innerJoin("users as u", "u.id", "k.user_id")
    .innerJoin("budgets as w", (join) =>
      join.on(sql<boolean>`w.kind = case when k.organisation_id is null then 'wallet' else 'organisation' end and w.owner_id = coalesce(k.organisation_id, k.user_id)`),
    )
    .leftJoin("budgets as q", (join) => join.onRef("q.owner_id", "=", "k.id").on("q.kind", "=", "key"))
    .leftJoin("key_usage as s", "s.key_id", "k.id")
    .leftJoin("user_usage as us", "us.user_id", "k.user_id")
    .leftJoin("organisation_usage as os", "os.organisation_id", "k.organisation_id")
    .where("k.id", "=", keyId)
    .select(["k.name", "k.user_id", "u.username", "k.unlimited", "k.expires_at", "k.model_limits", "w.balance_nano as wallet_nano"])
    .select(sql<string>`coalesce(q.balance_nano, 0)`.as("remain_nano"))
    .select(sql<string>`coalesce(s.used_nano, 0)`.as("used_nano"))
    .select(sql<string>`coalesce(case when k.organisation_id is null then us.used_nano else os.used_nano end, 0)`.as("wallet_used_nano"))
    .executeTakeFirst();
