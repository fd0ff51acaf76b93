import { sql } from "kysely";
import { type Db, inTransaction } from "../database.ts";

const channelRows = (db: Db) =>
  db.selectFrom("channels as c").select((eb) => [
    "c.id", "c.name", "c.vendor", "c.base_url", "c.models", "c.model_mapping", "c.groups", "c.priority", "c.weight", "c.timeouts", "c.proxy", "c.enabled",
    eb
      .selectFrom("channel_credentials as k")
      .whereRef("k.channel_id", "=", "c.id")
      .where("k.enabled", "=", true)
      .select(sql<string[]>`coalesce(array_agg(k.sealed order by k.id), '{}')`.as("sealed"))
      .as("sealed"),
    eb
      .selectFrom("channel_credentials as k")
      .whereRef("k.channel_id", "=", "c.id")
      .where("k.enabled", "=", false)
      .select(sql<string[]>`coalesce(array_agg(k.sealed order by k.id), '{}')`.as("resting"))
      .as("resting"),
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
  enabled?: boolean;
  sealed: string[];
}

/** Adds a channel with sealed credentials; gives its id. */
export async function addChannel(
  db: Db,
  channel: NewChannel,
): Promise<string> {
  return inTransaction(db, async (tx) => {
    const row = await tx
      .insertInto("channels")
      .values({
        name: channel.name, vendor: channel.vendor, base_url: channel.baseUrl ?? null, models: channel.models ?? null, groups: channel.groups ?? null, proxy: channel.proxy ?? null,
        model_mapping: JSON.stringify(channel.modelMapping ?? {}), timeouts: JSON.stringify(channel.timeouts ?? {}), priority: channel.priority, weight: channel.weight, enabled: channel.enabled ?? true,
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

/** Credentials of a channel, sealed. */
export const credentialsOf = (db: Db, channelId: string) => db.selectFrom("channel_credentials").select(["id", "channel_id", "sealed", "enabled"]).where("channel_id", "=", channelId).orderBy("id").execute();
/** Credentials of all channels, sealed. */
export const allCredentials = (db: Db) => db.selectFrom("channel_credentials").select(["id", "channel_id", "sealed", "enabled"]).orderBy("id").execute();

/** What of a channel changes; what is undefined stays, null is unset. */
export interface ChannelChanges {
  name?: string | undefined;
  base_url?: string | null | undefined;
  models?: string[] | null | undefined;
  model_mapping?: Record<string, string> | undefined;
  groups?: string[] | null | undefined;
  priority?: number | undefined;
  weight?: number | undefined;
  timeouts?: Record<string, number> | undefined;
  proxy?: string | null | undefined;
  enabled?: boolean | undefined;
}

/** Changes a channel. Gives false when there is none. Throws as Postgres does for a name that is taken (`isDuplicate`). */
export async function changeChannel(db: Db, id: string, changes: ChannelChanges): Promise<boolean> {
  const { model_mapping: mapping, timeouts, ...rest } = changes;
  const columns = { ...rest, ...(mapping === undefined ? {} : { model_mapping: JSON.stringify(mapping) }), ...(timeouts === undefined ? {} : { timeouts: JSON.stringify(timeouts) }) };
  const given = Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length === 0) return (await oneChannel(db, Number(id))) !== undefined;
  const result = await db.updateTable("channels").set(given).where("id", "=", id).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Deletes channels with their credentials; gives how many there were. */
export async function removeChannels(db: Db, ids: readonly string[]): Promise<number> {
  // Credentials first, by themselves: a cascade would leave their trigger no channel to name.
  await db.deleteFrom("channel_credentials").where("channel_id", "in", ids).execute();
  return Number((await db.deleteFrom("channels").where("id", "in", ids).executeTakeFirst()).numDeletedRows);
}

/** Switches channels on or off; gives how many there were. */
export const enableChannels = async (db: Db, ids: readonly string[], enabled: boolean): Promise<number> =>
  Number((await db.updateTable("channels").set({ enabled }).where("id", "in", ids).executeTakeFirst()).numUpdatedRows);

export const addCredential = (db: Db, channelId: string, sealed: string) => db.insertInto("channel_credentials").values({ channel_id: channelId, sealed }).returning("id").executeTakeFirstOrThrow();

/** Gives false when the channel has no such credential. */
export async function enableCredential(db: Db, channelId: string, id: string, enabled: boolean): Promise<boolean> {
  return (await db.updateTable("channel_credentials").set({ enabled }).where("id", "=", id).where("channel_id", "=", channelId).executeTakeFirst()).numUpdatedRows > 0n;
}

/** Gives false when the channel has no such credential. */
export async function removeCredential(db: Db, channelId: string, id: string): Promise<boolean> {
  return (await db.deleteFrom("channel_credentials").where("id", "=", id).where("channel_id", "=", channelId).executeTakeFirst()).numDeletedRows > 0n;
}
