import { sql } from "kysely";
import type { Db } from "../database.ts";

const channelRows = (db: Db) =>
  db.selectFrom("channels as c").select((eb) => [
    "c.id", "c.name", "c.vendor", "c.base_url", "c.models", "c.model_mapping", "c.groups", "c.priority", "c.weight", "c.timeouts", "c.proxy", "c.enabled",
    eb
      .selectFrom("channel_credentials as k")
      .whereRef("k.channel_id", "=", "c.id")
      .where("k.enabled", "=", true)
      .select(sql<string[]>`coalesce(array_agg(k.sealed order by k.id), '{}')`.as("sealed"))
      .as("sealed"),
  ]);

export type ChannelRow = Awaited<ReturnType<typeof allChannels>>[number];

/** All channels with their sealed credentials. */
export const allChannels = (db: Db) => channelRows(db).execute();
export const oneChannel = (db: Db, id: number) => channelRows(db).where("c.id", "=", String(id)).executeTakeFirst();

/** Every credential of the database as it is sealed, with its channel's name. */
export const sealedCredentials = (db: Db) =>
  db.selectFrom("channel_credentials as k").innerJoin("channels as c", "c.id", "k.channel_id").select(["c.name as channel", "k.sealed as text"]).execute();

export interface NewChannel {
  name: string;
  vendor: string;
  baseUrl?: string;
  models?: string[];
  modelMapping?: Record<string, string>;
  groups?: string[];
  priority: number;
  weight: number;
  timeouts?: Record<string, number>;
  proxy?: string;
  sealed: string[];
}

/** Adds a channel with sealed credentials; gives its id. */
export async function addChannel(
  db: Db,
  channel: NewChannel,
): Promise<string> {
  return db.transaction().execute(async (tx) => {
    const row = await tx
      .insertInto("channels")
      .values({
        name: channel.name, vendor: channel.vendor, base_url: channel.baseUrl ?? null, models: channel.models ?? null, groups: channel.groups ?? null, proxy: channel.proxy ?? null,
        model_mapping: JSON.stringify(channel.modelMapping ?? {}), timeouts: JSON.stringify(channel.timeouts ?? {}), priority: channel.priority, weight: channel.weight,
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    for (const sealed of channel.sealed) await tx.insertInto("channel_credentials").values({ channel_id: row.id, sealed }).execute();
    return row.id;
  });
}

/** Switches a channel on or off; gives false when there is none of that name. */
export async function enableChannel(db: Db, name: string, enabled: boolean): Promise<boolean> {
  const result = await db.updateTable("channels").set({ enabled }).where("name", "=", name).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
