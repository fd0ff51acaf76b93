import { sql } from "kysely";
import { type Db, inTransaction } from "../database.ts";
import { creditWallet } from "./money.ts";

export interface NewBatch {
  name: string;
  amountNano: bigint;
  expiresAt: Date | null;
  createdBy: string;
  codes: readonly { hash: Buffer; visible: string }[];
}

/** Makes a batch with all its codes, or nothing. Gives the batch and the codes' ids in the order they were given. */
export function addBatch(db: Db, { name, amountNano, expiresAt, createdBy, codes }: NewBatch): Promise<{ batch: BatchRow; ids: string[] }> {
  return inTransaction(db, async (tx) => {
    const { id } = await tx
      .insertInto("code_batches")
      .values({ name, amount_nano: amountNano.toString(), count: codes.length, expires_at: expiresAt, created_by: createdBy })
      .returning("id")
      .executeTakeFirstOrThrow();
    const { rows } = await sql<{ id: string }>`insert into redemption_codes (batch_id, code_hash, visible)
      select ${id}::bigint, c.hash, c.visible from unnest(${codes.map(({ hash }) => hash)}::bytea[], ${codes.map(({ visible }) => visible)}::text[]) with ordinality as c (hash, visible, n) order by c.n returning id`.execute(tx);
    const [batch] = await batches(tx, { id, limit: 1 });
    if (!batch) throw new Error("the batch is not there");
    return { batch, ids: rows.map((row) => row.id) };
  });
}

export type BatchRow = Awaited<ReturnType<typeof batches>>[number];

/** Batches with how many of their codes are used, newest first; `before`: only those with a smaller id. */
export function batches(db: Db, { id, before, limit }: { id?: string; before?: string | undefined; limit: number }) {
  let query = db
    .selectFrom("code_batches as b")
    .selectAll("b")
    .select((eb) => eb.selectFrom("redemption_codes as c").whereRef("c.batch_id", "=", "b.id").where("c.redeemed_at", "is not", null).select(eb.fn.countAll<string>().as("n")).as("redeemed"))
    .orderBy("b.id", "desc")
    .limit(limit);
  if (id !== undefined) query = query.where("b.id", "=", id);
  if (before !== undefined) query = query.where("b.id", "<", before);
  return query.execute();
}

/** Changes a batch; what is undefined stays. */
export async function changeBatch(db: Db, id: string, { name, expiresAt, disabled }: { name: string | undefined; expiresAt: Date | null | undefined; disabled: boolean | undefined }): Promise<void> {
  const given = { ...(name === undefined ? {} : { name }), ...(expiresAt === undefined ? {} : { expires_at: expiresAt }), ...(disabled === undefined ? {} : { disabled_at: disabled ? sql<Date>`coalesce(disabled_at, now())` : null }) };
  if (Object.keys(given).length > 0) await db.updateTable("code_batches").set(given).where("id", "=", id).execute();
}

export type CodeRow = Awaited<ReturnType<typeof codesOf>>[number];

/** Codes of a batch in the order they were made, with who used them. `after`: only those with a greater id. */
export function codesOf(db: Db, batchId: string, { after, limit }: { after?: string | undefined; limit: number }) {
  const query = db
    .selectFrom("redemption_codes as c")
    .leftJoin("users as u", "u.id", "c.redeemed_by")
    .select(["c.id", "c.visible", "c.disabled_at", "c.redeemed_by", "c.redeemed_at", "u.username"])
    .where("c.batch_id", "=", batchId)
    .orderBy("c.id")
    .limit(limit);
  return (after === undefined ? query : query.where("c.id", ">", after)).execute();
}

/** Disables a code that nobody has used, or lets it be used again. Gives what it was before; undefined when there is none, or it is used. */
export function setCodeDisabled(db: Db, id: string, disabled: boolean): Promise<{ was: boolean } | undefined> {
  return inTransaction(db, async (tx) => {
    const found = await tx.selectFrom("redemption_codes").select("disabled_at").where("id", "=", id).where("redeemed_at", "is", null).forUpdate().executeTakeFirst();
    if (!found) return undefined;
    await tx.updateTable("redemption_codes").set({ disabled_at: disabled ? sql<Date>`coalesce(disabled_at, now())` : null }).where("id", "=", id).execute();
    return { was: found.disabled_at !== null };
  });
}

/**
 * Uses a code up and credits its amount, both or neither; of any number at once one gets it. Who made the batch gets nothing of it unless he may give to himself (`byMaker`).
 * Undefined: there is no such code, or it is used, disabled or over.
 */
export function redeemCode(db: Db, { hash, userId, byMaker, nowMs }: { hash: Buffer; userId: string; byMaker: boolean; nowMs: number }): Promise<{ id: string; batchId: string; amountNano: bigint } | undefined> {
  return inTransaction(db, async (tx) => {
    const { rows } = await sql<{ id: string; batch_id: string; amount_nano: string; name: string }>`
      update redemption_codes c set redeemed_by = ${userId}::bigint, redeemed_at = to_timestamp(${nowMs / 1000}) from code_batches b
       where c.code_hash = ${hash} and c.redeemed_at is null and c.disabled_at is null
         and b.id = c.batch_id and b.disabled_at is null and (b.expires_at is null or b.expires_at > to_timestamp(${nowMs / 1000})) and (b.created_by <> ${userId}::bigint or ${byMaker})
      returning c.id, c.batch_id, b.amount_nano, b.name`.execute(tx);
    const [code] = rows;
    if (!code) return undefined;
    const amountNano = BigInt(code.amount_nano);
    if (!(await creditWallet(tx, { userId, amountNano, kind: "redemption", ref: `code:${code.id}`, reason: "redemption code" }))) throw new Error(`code ${code.id} was credited before`);
    return { id: code.id, batchId: code.batch_id, amountNano };
  });
}
