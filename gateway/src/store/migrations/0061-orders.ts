import { type Kysely, sql } from "kysely";

/**
 * Orders of credit, by whatever method they are paid; what was given back of them; what payment services told. An order freezes what was agreed: currency, amount, rate, credit, bonus. Amounts in a currency are in its smallest unit (`minor`).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table orders (
     id uuid primary key,
     number text not null unique,
     user_id bigint not null references users,
     organisation_id bigint references organisations,
     method text not null check (method in ('stripe', 'bank')),
     state text not null default 'created' check (state in ('created', 'paid', 'refunded', 'expired', 'cancelled')),
     waiting boolean not null default false,
     usd_nano bigint not null check (usd_nano > 0),
     bonus_ppm integer not null check (bonus_ppm >= 0),
     bonus_nano bigint not null check (bonus_nano >= 0),
     currency text not null,
     digits smallint not null,
     rate_micro bigint not null check (rate_micro > 0),
     amount_minor bigint not null check (amount_minor > 0),
     paid_minor bigint check (paid_minor > 0),
     credited_nano bigint not null default 0 check (credited_nano >= 0),
     credited_bonus_nano bigint not null default 0 check (credited_bonus_nano >= 0),
     refunded_minor bigint not null default 0,
     debited_nano bigint not null default 0,
     session_id text unique,
     payment_id text unique,
     pay_url text,
     created_at timestamptz not null default now(),
     expires_at timestamptz not null,
     paid_at timestamptz,
     ended_at timestamptz,
     check (refunded_minor between 0 and coalesce(paid_minor, 0)),
     check (debited_nano between 0 and credited_nano + credited_bonus_nano),
     check ((state in ('paid', 'refunded')) = (paid_minor is not null)))`,
  `create index orders_by_user on orders (user_id, id)`,
  `create index orders_by_state on orders (state, id)`,
  `create index orders_open on orders (expires_at) where state = 'created'`,

  // pending: the payment service was asked and has not said yes or no.
  `create table order_refunds (
     id uuid primary key,
     order_id uuid not null references orders,
     kind text not null check (kind in ('refund', 'vendor', 'dispute')),
     state text not null check (state in ('pending', 'done', 'undone')),
     amount_minor bigint not null check (amount_minor > 0),
     debited_nano bigint not null check (debited_nano >= 0),
     vendor_ref text,
     reason text not null,
     made_by bigint references users,
     created_at timestamptz not null default now(),
     ended_at timestamptz)`,
  `create index order_refunds_by_order on order_refunds (order_id, id)`,
  `create unique index order_refunds_by_vendor_ref on order_refunds (vendor_ref) where vendor_ref is not null`,
  `create unique index order_refunds_one_pending on order_refunds (order_id) where state = 'pending'`,

  // Each word of a payment service once. open: a person has to look at it.
  `create table payment_events (
     id bigint generated always as identity primary key,
     source text not null check (source in ('stripe', 'bank')),
     external_id text not null,
     kind text not null,
     verdict text not null,
     state text not null check (state in ('done', 'open', 'settled', 'dismissed')),
     order_id uuid references orders,
     currency text,
     digits smallint,
     amount_minor bigint,
     account text,
     content text not null default '',
     reference text not null default '',
     note text not null default '',
     closed_by bigint references users,
     closed_at timestamptz,
     received_at timestamptz not null default now(),
     unique (source, external_id))`,
  `create index payment_events_by_order on payment_events (order_id, id) where order_id is not null`,
  `create index payment_events_open on payment_events (id) where state = 'open'`,
];
