import { sql } from "kysely";
import type { Db } from "../database.ts";
import { FIRST_ID, firstIdOf } from "./request-ids.ts";

/** One part of a list that is handed out as a whole: rows after a place, oldest first. `place`: where the next part begins. */
export interface ExportPart {
  rows: Record<string, unknown>[];
  place: string | undefined;
}

export interface ExportTime {
  fromUnixMs: number;
  toUnixMs: number;
}

export type ExportKind = "users" | "organisations" | "requests" | "ledger" | "audit" | "orders";

/** The members of each list's rows, in their order: a list without rows has them too. */
export const EXPORT_COLUMNS: Readonly<Record<ExportKind, readonly string[]>> = {
  users: ["id", "username", "display_name", "email", "role", "status", "created_at", "balance_usd", "used_usd", "requests"],
  organisations: ["id", "name", "status", "created_at", "balance_usd", "used_usd", "members"],
  requests: ["id", "at", "user_id", "organisation_id", "key_id", "group", "dialect", "endpoint", "model", "upstream_model", "channel", "stream", "sandbox", "status", "error_code", "end_reason", "first_byte_ms", "duration_ms", "usage", "estimated", "anomaly", "charge_usd", "price_version"],
  ledger: ["id", "at", "from_kind", "from_owner", "to_kind", "to_owner", "amount_usd", "kind", "ref", "reason"],
  audit: ["id", "at", "actor_id", "action", "subject", "before", "after", "request_id"],
  orders: ["id", "number", "created_at", "user_id", "organisation_id", "method", "state", "usd", "bonus_usd", "currency", "amount", "paid_at", "paid_amount", "credited_usd", "refunded_amount", "debited_usd", "payment_id"],
};

/** Where each list begins. */
export const exportStart = (kind: ExportKind): string => (kind === "requests" || kind === "orders" ? FIRST_ID : "0");

/** A part of a list. Amounts are exact dollars, times ISO 8601; secrets, digests and bodies stand in none. */
export async function exportPart(db: Db, kind: ExportKind, time: ExportTime, after: string, limit: number): Promise<ExportPart> {
  const { rows } = await PARTS[kind](time, after, limit).execute(db);
  const last = rows.at(-1);
  const place = last === undefined || rows.length < limit ? undefined : String(last["id"]);
  return { rows, place };
}

const usd = (column: string) => sql`trim_scale(${sql.ref(column)}::numeric / 1000000000)::text`;
const iso = (column: string) => sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
/** An amount in an order's currency. */
const minor = (column: string) => sql`round(${sql.ref(column)}::numeric / 10::numeric ^ o.digits, o.digits::integer)::text`;
type Row = Record<string, unknown>;

const PARTS = {
  users: (_time: ExportTime, after: string, limit: number) => sql<Row>`
    select u.id, u.username, u.display_name, u.email, u.role, u.status, ${iso("u.created_at")} as created_at, ${usd("w.balance_nano")} as balance_usd,
           trim_scale(coalesce(s.used_nano, 0)::numeric / 1000000000)::text as used_usd, coalesce(s.requests, 0) as requests
      from users u join budgets w on w.kind = 'wallet' and w.owner_id = u.id left join user_usage s on s.user_id = u.id
     where u.id > ${after}::bigint order by u.id limit ${limit}`,
  organisations: (_time: ExportTime, after: string, limit: number) => sql<Row>`
    select o.id, o.name, o.status, ${iso("o.created_at")} as created_at, ${usd("w.balance_nano")} as balance_usd, trim_scale(coalesce(s.used_nano, 0)::numeric / 1000000000)::text as used_usd,
           (select count(*) from members m where m.organisation_id = o.id) as members
      from organisations o join budgets w on w.kind = 'organisation' and w.owner_id = o.id left join organisation_usage s on s.organisation_id = o.id
     where o.id > ${after}::bigint order by o.id limit ${limit}`,
  requests: ({ fromUnixMs, toUnixMs }: ExportTime, after: string, limit: number) => sql<Row>`
    select r.id, ${iso("r.at")} as at, r.user_id, r.organisation_id, r.key_id, r.group_name as "group", r.dialect, r.endpoint, r.model, r.upstream_model, r.channel, r.stream, r.sandbox, r.status, r.error_code, r.end_reason,
           r.first_byte_ms, r.duration_ms, r.usage::text as usage, r.estimated, r.anomaly, ${usd("r.charge_nano")} as charge_usd, r.price_version
      from requests r where r.id > ${after}::uuid and r.id >= ${firstIdOf(fromUnixMs)}::uuid and r.id < ${firstIdOf(toUnixMs)}::uuid order by r.id limit ${limit}`,
  ledger: ({ fromUnixMs, toUnixMs }: ExportTime, after: string, limit: number) => sql<Row>`
    select l.seq as id, ${iso("l.at")} as at, f.kind as from_kind, f.owner_id as from_owner, t.kind as to_kind, t.owner_id as to_owner, ${usd("l.amount_nano")} as amount_usd, l.kind, l.ref, l.reason
      from ledger l join budgets f on f.id = l.from_budget join budgets t on t.id = l.to_budget
     where l.seq > ${after}::bigint and l.at >= to_timestamp(${fromUnixMs}::double precision / 1000) and l.at < to_timestamp(${toUnixMs}::double precision / 1000) order by l.seq limit ${limit}`,
  orders: ({ fromUnixMs, toUnixMs }: ExportTime, after: string, limit: number) => sql<Row>`
    select o.id, o.number, ${iso("o.created_at")} as created_at, o.user_id, o.organisation_id, o.method, o.state, ${usd("o.usd_nano")} as usd, ${usd("o.bonus_nano")} as bonus_usd, o.currency, ${minor("o.amount_minor")} as amount, ${iso("o.paid_at")} as paid_at, ${minor("o.paid_minor")} as paid_amount,
           trim_scale((o.credited_nano + o.credited_bonus_nano)::numeric / 1000000000)::text as credited_usd, ${minor("o.refunded_minor")} as refunded_amount, ${usd("o.debited_nano")} as debited_usd, o.payment_id
      from orders o where o.id > ${after}::uuid and o.created_at >= to_timestamp(${fromUnixMs}::double precision / 1000) and o.created_at < to_timestamp(${toUnixMs}::double precision / 1000) order by o.id limit ${limit}`,
  audit: ({ fromUnixMs, toUnixMs }: ExportTime, after: string, limit: number) => sql<Row>`
    select a.id, ${iso("a.at")} as at, a.actor_id, a.action, a.subject, a.before::text as before, a.after::text as after, a.request_id
      from audit_log a where a.id > ${after}::bigint and a.at >= to_timestamp(${fromUnixMs}::double precision / 1000) and a.at < to_timestamp(${toUnixMs}::double precision / 1000) order by a.id limit ${limit}`,
};
