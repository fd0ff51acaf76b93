import { sql } from "kysely";
import type { Db } from "../database.ts";

/** The name under which operators' settings stand, all in one. */
const OPERATOR = "operator";

/** What operators have set; an empty object where nothing is. */
export async function operatorSettings(db: Db): Promise<Record<string, unknown>> {
  const row = await db.selectFrom("settings").select("value").where("name", "=", OPERATOR).executeTakeFirst();
  return (row?.value ?? {}) as Record<string, unknown>;
}

/** Lays settings over what is set; null takes one away. Gives what is set then. */
export async function setOperatorSettings(db: Db, changes: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { rows } = await sql<{ value: Record<string, unknown> }>`insert into settings (name, value) values (${OPERATOR}, jsonb_strip_nulls(${JSON.stringify(changes)}::jsonb))
    on conflict (name) do update set value = jsonb_strip_nulls(settings.value || ${JSON.stringify(changes)}::jsonb) returning value`.execute(db);
  return rows[0]?.value ?? {};
}

export interface NewAnnouncement {
  title: string;
  text: string;
  level: string;
  startsAt: Date;
  endsAt: Date | null;
}

const columnsOf = ({ title, text, level, startsAt, endsAt }: NewAnnouncement) => ({ title, text, level, starts_at: startsAt, ends_at: endsAt });

export const addAnnouncement = (db: Db, announcement: NewAnnouncement) => db.insertInto("announcements").values(columnsOf(announcement)).returningAll().executeTakeFirstOrThrow();
/** Undefined when there is none. */
export const changeAnnouncement = (db: Db, id: string, announcement: NewAnnouncement) => db.updateTable("announcements").set(columnsOf(announcement)).where("id", "=", id).returningAll().executeTakeFirst();
/** Gives what was removed; undefined when there was none. */
export const removeAnnouncement = (db: Db, id: string) => db.deleteFrom("announcements").where("id", "=", id).returningAll().executeTakeFirst();
export const oneAnnouncement = (db: Db, id: string) => db.selectFrom("announcements").selectAll().where("id", "=", id).executeTakeFirst();

/** Announcements, newest first; `before`: only those with a smaller id. */
export function listAnnouncements(db: Db, page: { before?: string | undefined; limit: number }) {
  const query = db.selectFrom("announcements").selectAll().orderBy("id", "desc").limit(page.limit);
  return (page.before === undefined ? query : query.where("id", "<", page.before)).execute();
}

/** Those that are not over, newest first. */
export const standingAnnouncements = (db: Db, limit: number) =>
  db
    .selectFrom("announcements")
    .selectAll()
    .where((eb) => eb.or([eb("ends_at", "is", null), eb("ends_at", ">", sql<Date>`now()`)]))
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
