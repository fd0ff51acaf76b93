import type { Db } from "../database.ts";

/** Keeps what a price version stands for, so that an old charge can be explained. */
export async function savePriceVersion(db: Db, version: string, prices: unknown): Promise<void> {
  await db.insertInto("price_versions").values({ version, prices: JSON.stringify(prices) }).onConflict((conflict) => conflict.doNothing()).execute();
}
