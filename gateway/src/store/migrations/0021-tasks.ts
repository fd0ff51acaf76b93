import { type Kysely, sql } from "kysely";

/**
 * Tasks: the row is the truth of a task, for every view of it. Its next step stands apart in `task_turns`, since that changes with every poll and the row seldom does.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  // States move forward only; the three ends are one place.
  `create function task_rank(state text) returns integer language sql immutable as $$
     select case state when 'NOT_START' then 0 when 'SUBMITTED' then 1 when 'QUEUED' then 2 when 'IN_PROGRESS' then 3
                       when 'SUCCESS' then 4 when 'FAILURE' then 4 when 'CANCELLED' then 4 end $$`,

  `create table tasks (
     id text primary key,
     request_id uuid not null unique,
     user_id bigint not null,
     organisation_id bigint,
     key_id bigint not null,
     group_name text not null,
     sandbox boolean not null,
     family text not null,
     platform text not null,
     action text not null,
     model text not null,
     parent_id text,
     state text not null default 'NOT_START' check (task_rank(state) is not null),
     phase text not null default 'waiting' check (phase in ('waiting', 'sending', 'unclear', 'running', 'parked', 'ended')),
     progress smallint not null default 0,
     progress_estimated boolean not null default true,
     submitted_at timestamptz not null,
     started_at timestamptz,
     finished_at timestamptz,
     deadline_at timestamptz not null,
     request json not null,
     notify_url text,
     callback_token text not null unique,
     idempotency_key text,
     request_hash text,
     sources json not null,
     source smallint not null default 0,
     attempts json not null default '[]',
     channel text,
     credential text,
     upstream_model text,
     vendor_ref text,
     memo json,
     answer json,
     outputs json not null default '[]',
     error_kind text,
     error_text text,
     error_detail text,
     budgets bigint[] not null,
     hold_nano bigint not null check (hold_nano >= 0),
     terms json not null,
     charge_nano bigint not null default 0,
     lines json not null default '[]',
     usage json not null default '{}',
     deleted_at timestamptz)`,
  // A task at the vendor belongs to one row: a repeated answer, or two rows that look for the same lost task, cannot both have it.
  `create unique index tasks_by_vendor_ref on tasks (channel, credential, vendor_ref) where vendor_ref is not null`,
  `create unique index tasks_by_idempotency_key on tasks (user_id, idempotency_key) where idempotency_key is not null`,
  `create index tasks_by_user on tasks (user_id, submitted_at desc)`,
  `create index tasks_by_parent on tasks (parent_id) where parent_id is not null`,
  `create index tasks_open on tasks (deadline_at) where phase <> 'ended'`,

  // One per task that has a next step. Who takes a turn moves due_at beyond the time he may need and raises the fence; what he brings counts only under that fence. `holder`: the process that has it; when that is no more, the turn is due at once.
  `create table task_turns (
     task_id text primary key references tasks on delete cascade,
     lane text not null,
     due_at timestamptz not null,
     fence bigint not null default 0,
     taken integer not null default 0,
     holder uuid)
   with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)`,
  `create index task_turns_due on task_turns (lane, due_at)`,
  `create index task_turns_held on task_turns (holder) where holder is not null`,

  // What vendors finished after we had given the money back: for the operator to look at.
  `create table late_results (
     id bigint generated always as identity primary key,
     task_id text not null unique references tasks on delete cascade,
     at timestamptz not null default now(),
     outputs json not null,
     usage json not null,
     cost_nano bigint not null,
     settled_at timestamptz)`,

  `create table webhook_deliveries (
     id uuid primary key,
     task_id text not null references tasks on delete cascade,
     user_id bigint not null,
     url text not null,
     state text not null,
     body text,
     attempts smallint not null default 0,
     status smallint,
     error text,
     created_at timestamptz not null default now(),
     due_at timestamptz,
     delivered_at timestamptz,
     given_up_at timestamptz)`,
  `create index webhook_deliveries_by_task on webhook_deliveries (task_id, created_at)`,
  `create index webhook_deliveries_due on webhook_deliveries (due_at) where due_at is not null`,
];
