import { sql } from "kysely";
import type { Db } from "../database.ts";
import { firstIdOf } from "./request-ids.ts";

interface Page {
  /** only rows with a smaller id */
  before?: string | undefined;
  limit: number;
}

/** How a text begins that is searched for; its own wildcards are none. */
const beginning = (text: string): string => `${text.toLowerCase().replace(/[\\%_]/g, (c) => `\\${c}`)}%`;
const IS_ID = /^[1-9]\d{0,17}$/;

const userRows = (db: Db) =>
  db
    .selectFrom("users as u")
    .innerJoin("budgets as w", (join) => join.onRef("w.owner_id", "=", "u.id").on("w.kind", "=", "wallet"))
    .leftJoin("user_usage as s", "s.user_id", "u.id")
    .select(["u.id", "u.username", "u.display_name", "u.email", "u.email_verified", "u.role", "u.status", "u.created_at", "u.two_factor_enabled", "w.balance_nano", "s.used_nano", "s.requests"])
    .select((eb) => [
      eb("u.access_key_hash", "is not", null).as("has_access_key"),
      eb.exists(eb.selectFrom("auth_accounts as a").select("a.id").whereRef("a.user_id", "=", "u.id").where("a.password", "is not", null)).as("has_password"),
    ]);

export type UserRow = NonNullable<Awaited<ReturnType<typeof userOf>>>;
export const userOf = (db: Db, id: string) => userRows(db).where("u.id", "=", id).executeTakeFirst();

/** Accounts, newest first. `search`: an id, or how a user name or an address begins: both run along an index, whatever is searched for. */
export function listUsers(db: Db, filter: { search?: string | undefined; role?: number | undefined; status?: number | undefined } & Page): Promise<UserRow[]> {
  let query = userRows(db).orderBy("u.id", "desc").limit(filter.limit);
  const { search } = filter;
  if (search) {
    const prefix = beginning(search);
    // Two lists by an index each: an `or` over both columns would read every account.
    query = query.where((eb) =>
      eb("u.id", "in", sql<string>`(select id from users where lower(username) like ${prefix} union select id from users where email <> '' and lower(email) like ${prefix}${IS_ID.test(search) ? sql` union select ${search}::bigint` : sql``})`),
    );
  }
  if (filter.role !== undefined) query = query.where("u.role", "=", filter.role);
  if (filter.status !== undefined) query = query.where("u.status", "=", filter.status);
  if (filter.before !== undefined) query = query.where("u.id", "<", filter.before);
  return query.execute();
}

const organisationRows = (db: Db) =>
  db
    .selectFrom("organisations as o")
    .innerJoin("budgets as w", (join) => join.onRef("w.owner_id", "=", "o.id").on("w.kind", "=", "organisation"))
    .leftJoin("organisation_usage as s", "s.organisation_id", "o.id")
    .where("o.deleted_at", "is", null)
    .select(["o.id", "o.name", "o.status", "o.created_at", "w.balance_nano", "s.used_nano"])
    .select((eb) => eb.selectFrom("members as c").whereRef("c.organisation_id", "=", "o.id").select(eb.fn.countAll<string>().as("n")).as("members"));

export type OrganisationRow = NonNullable<Awaited<ReturnType<typeof organisationOf>>>;
export const organisationOf = (db: Db, id: string) => organisationRows(db).where("o.id", "=", id).executeTakeFirst();

/** Organisations, newest first. `search`: an id, or how a name begins. */
export function listOrganisations(db: Db, filter: { search?: string | undefined } & Page): Promise<OrganisationRow[]> {
  let query = organisationRows(db).orderBy("o.id", "desc").limit(filter.limit);
  const { search } = filter;
  if (search) query = query.where((eb) => eb.or([eb(sql<string>`lower(o.name)`, "like", beginning(search)), ...(IS_ID.test(search) ? [eb("o.id", "=", search)] : [])]));
  if (filter.before !== undefined) query = query.where("o.id", "<", filter.before);
  return query.execute();
}

export interface RequestFilter extends Page {
  user?: string | undefined;
  key?: string | undefined;
  organisation?: string | undefined;
  model?: string | undefined;
  channel?: string | undefined;
  status?: number | undefined;
  failed?: boolean | undefined;
  error?: string | undefined;
  anomaly?: boolean | undefined;
  /** Unix seconds, both inclusive */
  fromSeconds?: number | undefined;
  toSeconds?: number | undefined;
}

/** Requests of all, newest first. Filters of a user, key or organisation run along an index, others over the rows of the time asked for. */
export function listRequests(db: Db, filter: RequestFilter) {
  let query = db.selectFrom("requests").selectAll().orderBy("id", "desc").limit(filter.limit);
  for (const [column, value] of [["user_id", filter.user], ["key_id", filter.key], ["organisation_id", filter.organisation], ["model", filter.model], ["channel", filter.channel], ["error_code", filter.error], ["status", filter.status]] as const)
    if (value !== undefined) query = query.where(column, "=", value as never);
  if (filter.failed) query = query.where("status", ">=", 400);
  if (filter.anomaly) query = query.where("anomaly", "is not", null);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  if (filter.fromSeconds !== undefined) query = query.where("id", ">=", firstIdOf(filter.fromSeconds * 1000));
  if (filter.toSeconds !== undefined) query = query.where("id", "<", firstIdOf((filter.toSeconds + 1) * 1000));
  return query.execute();
}

export const oneRequest = (db: Db, id: string) => db.selectFrom("requests").selectAll().where("id", "=", id).executeTakeFirst();
