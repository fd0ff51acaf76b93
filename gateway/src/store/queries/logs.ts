import { type RawBuilder, sql } from "kysely";
import type { Db } from "../database.ts";
import { firstIdOf, LAST_ID } from "./request-ids.ts";

/** Types of log rows, the family's numbers. */
export const LOG_TYPES = { topUp: 1, consumption: 2, management: 3, system: 4, error: 5, refund: 6 } as const;

/** Whose log, and which part of it. */
export interface LogFilter {
  owner: { userId: string } | { organisationId: string } | "everybody";
  /** one of LOG_TYPES; undefined: all */
  type?: number | undefined;
  /** ids of API keys, which must be the owner's; an empty list finds nothing */
  keyIds?: readonly string[] | undefined;
  model?: string | undefined;
  /** requests of which their callers said all of this */
  metadata?: Readonly<Record<string, string>> | undefined;
  /** Unix seconds, both inclusive */
  fromSeconds?: number | undefined;
  toSeconds?: number | undefined;
}

/** A row of the log: a request, or (key_id null) an event of another kind. `usage` comes as text, since it is mostly passed on; the lines of a charge are asked for one request at a time. */
export interface LogRow {
  id: string;
  /** Unix seconds */
  at: string;
  type: number;
  user_id: string | null;
  key_id: string | null;
  content: string;
  model: string;
  group_name: string;
  endpoint: string;
  stream: boolean;
  status: number;
  error_code: string | null;
  end_reason: string;
  first_byte_ms: number | null;
  duration_ms: number;
  estimated: boolean;
  /** nano-dollars */
  amount_nano: string;
  usage: string;
  ip: string | null;
  /** JSON text */
  metadata: string | null;
}

/** Rows newest first: at most `limit` of those whose id is below `before`. Of an account's own log, every combination of filters runs along an index, but for `type` 2, which nearly all requests are. */
export const logQuery = (filter: LogFilter, page: { before?: string | undefined; limit: number }): RawBuilder<LogRow> =>
  sql<LogRow>`${sources(filter, page, REQUEST_COLUMNS, EVENT_COLUMNS)} order by id desc limit ${page.limit}`;

/** The rows of `logQuery`. */
export const listLog = async (db: Db, filter: LogFilter, page: { before?: string | undefined; limit: number }): Promise<LogRow[]> => (await logQuery(filter, page).execute(db)).rows;

/** The id of the row `count` rows further down, counted from below `before`; undefined when the list ends before it. */
export async function skipLog(db: Db, filter: LogFilter, page: { before?: string | undefined; count: number }): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`${sources(filter, { before: page.before, limit: page.count }, sql`id`, sql`id`)} order by id desc offset ${page.count - 1} limit 1`.execute(db);
  return rows[0]?.id;
}

/** How many rows there are, counted no further than `most`. */
export async function countLog(db: Db, filter: LogFilter, most: number): Promise<number> {
  const { rows } = await sql<{ n: string }>`select count(*) as n from (${sources(filter, { limit: most }, sql`id`, sql`id`)} limit ${most}) counted`.execute(db);
  return Number(rows[0]?.n ?? 0);
}

/** The log rows of one account without any filter, from its counters: exact, whatever their number. */
export async function countWholeLog(db: Db, userId: string): Promise<number> {
  const { rows } = await sql<{ n: string }>`select coalesce((select requests - pruned from user_usage where user_id = ${userId}::bigint), 0)
    + (select count(*) from log_events where user_id = ${userId}::bigint) as n`.execute(db);
  return Number(rows[0]?.n ?? 0);
}

/** Requests counted for a rate; more than these say no more. */
const RECENT_MAX = 10_000;

/** What a user's requests since a moment have used, each. */
export async function recentUsage(db: Db, userId: string, sinceUnixMs: number): Promise<Record<string, number>[]> {
  const { rows } = await sql<{ usage: Record<string, number> }>`select usage from requests where (user_id, id) >= (${userId}::bigint, ${firstIdOf(sinceUnixMs)}::uuid) and (user_id, id) <= (${userId}::bigint, ${LAST_ID}::uuid)
    and end_reason <> 'rejected' limit ${RECENT_MAX}`.execute(db);
  return rows.map((row) => row.usage);
}

const REQUEST_COLUMNS = sql`id, floor(extract(epoch from at))::bigint as at, (case when status >= 400 then 5 else 2 end)::smallint as type, user_id, key_id, coalesce(error_code, '') as content, model, group_name, endpoint, stream, status, error_code,
  end_reason, first_byte_ms, duration_ms, estimated, charge_nano as amount_nano, usage::text as usage, ip, metadata::text as metadata`;
// Named as those of requests are: where only events are asked for, these names are the rows'.
const EVENT_COLUMNS = sql`id, ('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000 as at, type, user_id, null::bigint as key_id, content, '' as model, '' as group_name, '' as endpoint, false as stream, 0::smallint as status,
  null::text as error_code, '' as end_reason, null::real as first_byte_ms, 0::real as duration_ms, false as estimated, amount_nano, '{}' as usage, null::text as ip, null::text as metadata`;

/** The lists that a filter asks for, each cut to its newest rows by an index of its own, as one. */
function sources(filter: LogFilter, page: { before?: string | undefined; limit: number }, ofRequests: RawBuilder<unknown>, ofEvents: RawBuilder<unknown>): RawBuilder<unknown> {
  const { owner, type, keyIds, model, metadata } = filter;
  const list = (columns: RawBuilder<unknown>, table: string, led: readonly Led[], conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> => {
    const order = sql.join([...led.map(({ column }) => column), "id"].map((column) => sql`${sql.ref(column)} desc`));
    return sql`(select ${columns} from ${sql.table(table)} where ${all([...conditions, ...within(led, filter, page.before)])} order by ${order} limit ${page.limit})`;
  };
  const ofOwner: Led[] = owner === "everybody" ? [] : "userId" in owner ? [{ column: "user_id", value: owner.userId, type: "bigint" }] : [{ column: "organisation_id", value: owner.organisationId, type: "bigint" }];
  const ofModel: Led[] = model === undefined ? [] : [{ column: "model", value: model, type: "text" }];
  // Only an account's rows have an index by model.
  const [led, rest] = ofOwner[0]?.column === "user_id" ? [[...ofOwner, ...ofModel], []] : [ofOwner, ofModel];
  const said = metadata === undefined ? [] : [sql`metadata is not null`, sql`metadata @> ${JSON.stringify(metadata)}::jsonb`];
  const parts: RawBuilder<unknown>[] = [];
  if (type === LOG_TYPES.error) {
    // Failed requests are few, and have indexes of their own.
    parts.push(list(ofRequests, "requests", led, [sql`status >= 400`, ...said, ...equal(rest), ...(keyIds === undefined ? [] : [sql`key_id = any (${keyIds}::bigint[])`])]));
  } else if (type === undefined || type === LOG_TYPES.consumption) {
    const good = [...(type === undefined ? [] : [sql`status < 400`]), ...said];
    if (keyIds === undefined) parts.push(list(ofRequests, "requests", led, [...good, ...equal(rest)]));
    else for (const key of keyIds) parts.push(list(ofRequests, "requests", [{ column: "key_id", value: key, type: "bigint" }], [...good, ...equal(ofModel)]));
  }
  if (type !== LOG_TYPES.consumption && type !== LOG_TYPES.error && keyIds === undefined && model === undefined && metadata === undefined) parts.push(list(ofEvents, "log_events", ofOwner, type === undefined ? [] : [sql`type = ${type}`]));
  // A type that nothing has, a key that does not exist: an empty list of the right shape.
  if (parts.length === 0) parts.push(sql`(select ${ofRequests} from requests where false)`);
  return sql`select * from (${sql.join(parts, sql` union all `)}) listed`;
}

/** A column that leads an index whose last one is `id`, and the one value of it that is wanted. */
interface Led {
  column: string;
  value: string;
  type: "bigint" | "text";
}

const equal = (led: readonly Led[]): RawBuilder<unknown>[] => led.map(({ column, value }) => sql`${sql.ref(column)} = ${value}`);

/** Ids of the leading columns' values, bounded by time and position. As comparisons of whole rows (see migration 0032). Times are bounds of ids, which begin with the millisecond they were made in. */
function within(led: readonly Led[], { fromSeconds, toSeconds }: LogFilter, before: string | undefined): RawBuilder<unknown>[] {
  const row = (id: RawBuilder<unknown>, values: readonly RawBuilder<unknown>[]): RawBuilder<unknown> => sql`(${sql.join([...values, id])})`;
  const columns = row(sql`id`, led.map(({ column }) => sql.ref(column)));
  const at = (id: string): RawBuilder<unknown> => row(sql`${id}::uuid`, led.map(({ value, type }) => sql`${value}::${sql.raw(type)}`));
  const end = toSeconds === undefined ? LAST_ID : firstIdOf((toSeconds + 1) * 1000);
  return [
    // Said for the indexes that leave out what has none.
    ...led.map(({ column }) => sql`${sql.ref(column)} is not null`),
    sql`${columns} >= ${at(firstIdOf((fromSeconds ?? 0) * 1000))}`,
    sql`${columns} < ${at(before !== undefined && before < end ? before : end)}`,
  ];
}

const all = (conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> => (conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `));
