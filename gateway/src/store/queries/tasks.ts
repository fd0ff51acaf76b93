import { type Selectable, sql } from "kysely";
import type { Db } from "../database.ts";
import type { CancelState, TaskPhase, TaskState, TaskTable } from "../schema.ts";

export type TaskRow = Selectable<TaskTable>;

/** The fence of a turn that was taken when its task was accepted. */
export const FIRST_FENCE = 1;

/** A task to be accepted; names as `accept_tasks` in migration 0022 reads them. Times are Unix milliseconds. */
export interface NewTask {
  id: string;
  request_id: string;
  user_id: number;
  organisation_id: number | null;
  key_id: number;
  group_name: string;
  sandbox: boolean;
  family: string;
  platform: string;
  action: string;
  model: string;
  parent_id: string | null;
  submitted_ms: number;
  deadline_ms: number;
  due_ms: number;
  lane: string;
  request: object;
  notify_url: string | null;
  callback_token: string;
  idempotency_key: string | null;
  request_hash: string | null;
  sources: object[];
  /** the one that pays first, then those that limit; none for a test key */
  budgets: number[];
  hold_nano: number;
  terms: object;
  /** the process that begins with it at once: its first turn is taken, under `FIRST_FENCE`, until `due_ms` */
  holder?: string;
  /** of whom how many tasks may be open; none: nobody limits it */
  concurrency?: { scope: string; subject: string; max: number }[];
}

/** `known`: this request was accepted before, under the same idempotency key, as `task`; `conflict`: another request was. */
export type Acceptance =
  | { outcome: "accepted" | "known" | "conflict"; task: string }
  /** as many are open as may be, by the limit in this place of the order's list */
  | { outcome: "crowded"; limit: number }
  | { outcome: "insufficient"; budget: number; elsewhereNano: number; freeNano: number };

/** Accepts tasks: row, hold and first turn of each, or nothing of it. The answers are in the order of what was asked. */
export async function acceptTasks(db: Db, tasks: readonly NewTask[]): Promise<Acceptance[]> {
  const { rows } = await sql<{ asked: string; outcome: Acceptance["outcome"]; task: string; budget: string | null; elsewhere: string | null; balance: string | null }>`
    select * from accept_tasks(${JSON.stringify(tasks)}::json)`.execute(db);
  const answers = new Map(rows.map((row) => [row.asked, row]));
  return tasks.map(({ id }): Acceptance => {
    const row = answers.get(id);
    if (!row) throw new Error(`no answer for task ${id}`);
    if (row.outcome === "insufficient") return { outcome: "insufficient", budget: Number(row.budget), elsewhereNano: Number(row.elsewhere), freeNano: Number(row.balance) };
    if (row.outcome === "crowded") return { outcome: "crowded", limit: Number(row.budget) };
    return { outcome: row.outcome, task: row.task };
  });
}

/** The right to do a task's next step. */
export interface Turn {
  taskId: string;
  lane: string;
  fence: number;
  /** how often it was taken since something changed */
  taken: number;
  /** Unix milliseconds at which it was due */
  dueAt: number;
}

/** Takes turns that are due, of every lane at most `laneMost`; none of the lanes in `full`. They are due again after `leaseMs`, or when the process `processId` is no more (`freeTurns`). Nobody waits until that is on disk: should the server crash, they are due as before, and a fence that was given out is never given again. */
export async function claimTurns(db: Db, { nowMs, leaseMs, most, laneMost, full, processId }: { nowMs: number; leaseMs: number; most: number; laneMost: number; full: readonly string[]; processId?: string }): Promise<Turn[]> {
  const { rows } = await sql<{ task_id: string; lane: string; fence: string; taken: number; due_at: Date }>`
    select t.*, set_config('synchronous_commit', 'off', true) from claim_turns(${nowMs}, ${leaseMs}, ${most}, ${laneMost}, ${[...full]}::text[], ${processId ?? null}::uuid) t`.execute(db);
  return rows.map((row) => ({ taskId: row.task_id, lane: row.lane, fence: Number(row.fence), taken: row.taken, dueAt: row.due_at.getTime() }));
}

/** Makes turns due whose process is no more. Gives their number. */
export async function freeTurns(db: Db, nowMs: number): Promise<number> {
  const result = await sql`update task_turns t set due_at = to_timestamp(${nowMs / 1000}), holder = null where t.holder is not null and not exists (select from processes p where p.id = t.holder)`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}

/** What a turn brought; names as `note_turns` reads them. What is left out stays as it is. */
export interface TurnNote {
  id: string;
  fence: number;
  /** when the next turn is due, Unix milliseconds */
  due_ms: number;
  at_ms: number;
  /** whether anything but the next turn changes */
  changed: boolean;
  /** the process still has the turn */
  holds?: boolean;
  /** the task goes to another target: what is known of the last one is dropped */
  anew?: boolean;
  lane?: string;
  state?: TaskState;
  phase?: TaskPhase;
  progress?: number;
  progress_estimated?: boolean;
  source?: number;
  attempts?: object[];
  channel?: string;
  credential?: string;
  upstream_model?: string;
  vendor_ref?: string;
  memo?: object;
  answer?: unknown;
}

/** Notes what turns brought. Gives the ids of those whose fence still held, and of them those that callers see changed (`tellTasks`). */
export async function noteTurns(db: Db, notes: readonly TurnNote[]): Promise<{ noted: Set<string>; news: string[] }> {
  const { rows } = await sql<{ task: string; news: boolean }>`select * from note_turns(${JSON.stringify(notes)}::json)`.execute(db);
  return { noted: new Set(rows.map(({ task }) => task)), news: rows.filter(({ news }) => news).map(({ task }) => task) };
}

/** The end of a task; names as `end_tasks` reads them. */
export interface TaskEnd {
  id: string;
  /** without one it ends whoever has its turn (a cancel before it was sent, a deadline) */
  fence: number | null;
  state: "SUCCESS" | "FAILURE" | "CANCELLED";
  at_ms: number;
  /** the vendor may still finish it: look again then, Unix milliseconds */
  watch_ms?: number;
  outputs?: object[];
  answer?: unknown;
  memo?: object;
  usage?: object;
  error_kind?: string;
  error_text?: string;
  error_detail?: string;
  attempts?: object[];
  /** nano-dollars, on every budget that holds */
  charge: number;
  lines?: object[];
  /** of the usage log's row */
  status: number;
  end_reason: string;
  error_code?: string;
  anomaly?: string;
  price_version?: string;
}

/** Ends tasks: state, charge or release, log row and the caller's notice at once. Gives the ids of those that this call ended; the others had ended before, or somebody else has their turn. */
export async function endTasks(db: Db, ends: readonly TaskEnd[]): Promise<Set<string>> {
  const { rows } = await sql<{ end_tasks: string }>`select end_tasks(${JSON.stringify(ends)}::json)`.execute(db);
  return new Set(rows.map((row) => row.end_tasks));
}

/** Tells every process that tasks have changed. A word that is lost with the server is no loss: who waits looks again. */
export async function tellTasks(db: Db, ids: readonly string[]): Promise<void> {
  // Not waited for until it is on disk: every notice of the database waits for the one before.
  await sql`select set_config('synchronous_commit', 'off', true), pg_notify('yescale_changed', ${`tasks:${ids.join(",")}`})`.execute(db);
}

/** Tasks by id, whoever's they are: for the engine. */
export function tasksById(db: Db, ids: readonly string[]): Promise<TaskRow[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return db.selectFrom("tasks").selectAll().where("id", "in", [...ids]).execute();
}

/** What a look at a job needs of its task, and what tells whether the look brought anything new. */
const LOOKED_AT_COLUMNS = ["id", "phase", "state", "action", "progress", "submitted_at", "deadline_at", "channel", "credential", "upstream_model", "vendor_ref", "memo", "answer", "cancel"] as const;
export type LookRow = Pick<TaskRow, (typeof LOOKED_AT_COLUMNS)[number]> & { sandbox_headers: unknown };

/** Of these tasks those that are at work, for looks: without what was asked for and what it costs, which is most of a row and changes nothing there. */
export function taskLooks(db: Db, ids: readonly string[]): Promise<LookRow[]> {
  return db.selectFrom("tasks").select([...LOOKED_AT_COLUMNS, sql<unknown>`request -> 'sandboxHeaders'`.as("sandbox_headers")]).where("id", "in", [...ids]).where("phase", "=", "running").execute();
}

/** A user's task; undefined when there is none, it is another's, or it was deleted. */
export function taskOfUser(db: Db, userId: number, id: string): Promise<TaskRow | undefined> {
  return db.selectFrom("tasks").selectAll().where("id", "=", id).where("user_id", "=", String(userId)).where("deleted_at", "is", null).executeTakeFirst();
}

/** A user's newest task that made a clip of that id (Suno's adapter keeps them in `memo`). */
export function taskOfClip(db: Db, userId: number, clip: string): Promise<TaskRow | undefined> {
  return db.selectFrom("tasks").selectAll().where("user_id", "=", String(userId)).where("deleted_at", "is", null).where("model", "like", "suno_%").where(sql<boolean>`memo::jsonb -> 'clips' ? ${clip}`).orderBy("submitted_at", "desc").limit(1).executeTakeFirst();
}

export interface TaskList {
  /** Unix milliseconds; newest first, before this */
  beforeMs?: number;
  family?: string;
  action?: string;
  /** the caller's own name for it, where its family has one */
  external?: string;
  state?: TaskState;
  /** oldest first */
  ascending?: boolean;
  /** those that follow this one in the list */
  beyond?: { id: string; submitted_at: Date };
  most: number;
  /** so many of them are left out first */
  skip?: number;
}

/** A user's tasks, newest first, without what was deleted. */
export function tasksOfUser(db: Db, userId: number, { beforeMs, family, action, external, state, most, skip = 0, ascending = false, beyond }: TaskList): Promise<TaskRow[]> {
  let query = db.selectFrom("tasks").selectAll().where("user_id", "=", String(userId)).where("deleted_at", "is", null);
  if (beforeMs !== undefined) query = query.where("submitted_at", "<", new Date(beforeMs));
  if (family !== undefined) query = query.where("family", "=", family);
  if (action !== undefined) query = query.where("action", "=", action);
  if (external !== undefined) query = query.where(sql<boolean>`request #>> '{seen,external}' = ${external}`);
  if (state !== undefined) query = query.where("state", "=", state);
  if (beyond) query = query.where((is) => is(is.refTuple("submitted_at", "id"), ascending ? ">" : "<", is.tuple(beyond.submitted_at, beyond.id)));
  const direction = ascending ? "asc" : "desc";
  return query.orderBy("submitted_at", direction).orderBy("id", direction).limit(most).offset(skip).execute();
}

/** A user's tasks that follow up another, newest first. */
export function followUpsOf(db: Db, userId: number, parentId: string): Promise<TaskRow[]> {
  return db.selectFrom("tasks").selectAll().where("parent_id", "=", parentId).where("user_id", "=", String(userId)).orderBy("submitted_at", "desc").orderBy("id").limit(100).execute();
}

/** Hides an ended task from its user. Gives false when there is none such. */
export async function deleteTask(db: Db, userId: number, id: string): Promise<boolean> {
  const result = await db.updateTable("tasks").set({ deleted_at: new Date() }).where("id", "=", id).where("user_id", "=", String(userId)).where("phase", "=", "ended").where("deleted_at", "is", null).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** The task that a vendor's notice is for, by the secret in its address. */
export function taskByCallback(db: Db, token: string): Promise<TaskRow | undefined> {
  return db.selectFrom("tasks").selectAll().where("callback_token", "=", token).executeTakeFirst();
}

/** Makes the turn of a running task due now, unless somebody has it just now. Of an order whose answer is lost the vendor's own id is noted (`ref`, told of try number `order`), and its task taken up again. */
export async function hasten(db: Db, id: string, nowMs: number, told?: { order: number; ref: string }): Promise<void> {
  await sql`select hear_notice(${id}, ${told?.order ?? null}, ${told?.ref ?? null}, ${nowMs})`.execute(db);
}

/** Notes that the caller wants a task stopped, and makes its turn due now. Gives the phase that it was in; undefined when there is none such. */
export async function wishCancel(db: Db, id: string, nowMs: number): Promise<TaskPhase | undefined> {
  const { rows } = await sql<{ phase: TaskPhase | null }>`select wish_cancel(${id}, ${nowMs}) as phase`.execute(db);
  return rows[0]?.phase ?? undefined;
}

/** Notes what became of such a wish, while the turn is still one's own. */
export async function noteCancel(db: Db, { taskId, fence }: Turn, cancel: CancelState): Promise<void> {
  await sql`update tasks set cancel = ${cancel} where id = ${taskId} and phase <> 'ended' and exists (select from task_turns q where q.task_id = ${taskId} and q.fence = ${fence})`.execute(db);
}

/** Which of a vendor's ids belong to tasks of this account already. */
export async function knownRefs(db: Db, channel: string, credential: string, refs: readonly string[]): Promise<Set<string>> {
  const rows = await db.selectFrom("tasks").select("vendor_ref").where("channel", "=", channel).where("credential", "=", credential).where("vendor_ref", "in", [...refs]).execute();
  return new Set(rows.flatMap(({ vendor_ref }) => (vendor_ref === null ? [] : [vendor_ref])));
}

/** Notes what a vendor finished after its task had ended here, once, and lets the task rest. */
export async function noteLate(db: Db, late: { taskId: string; outputs: object[]; usage: object; costNano: number }): Promise<void> {
  await sql`with rest as (delete from task_turns where task_id = ${late.taskId})
    insert into late_results (task_id, outputs, usage, cost_nano) values (${late.taskId}, ${JSON.stringify(late.outputs)}::json, ${JSON.stringify(late.usage)}::json, ${late.costNano}) on conflict do nothing`.execute(db);
}

/** Sets an ended task's outputs anew, unless they are gone with its account. */
export async function replaceOutputs(db: Db, id: string, outputs: readonly object[]): Promise<void> {
  await db.updateTable("tasks").set({ outputs: JSON.stringify(outputs) }).where("id", "=", id).where("state", "=", "SUCCESS").where(sql<boolean>`json_array_length(outputs) > 0`).execute();
}

/** Lets an ended task rest: nothing more of it is expected. */
export async function restTask(db: Db, id: string): Promise<void> {
  await sql`delete from task_turns where task_id = ${id}`.execute(db);
}

/** Tasks that need an operator's eye, and how many are under way. */
export async function taskCounts(db: Db): Promise<{ open: number; parked: number; late: number; overdue: number }> {
  const { rows } = await sql<{ open: string; parked: string; late: string; overdue: string }>`
    select (select count(*) from tasks where phase <> 'ended') as open, (select count(*) from tasks where phase = 'parked') as parked,
           (select count(*) from late_results where settled_at is null) as late, (select count(*) from task_turns where due_at < now() - interval '10 seconds') as overdue`.execute(db);
  const row = rows[0];
  return { open: Number(row?.open ?? 0), parked: Number(row?.parked ?? 0), late: Number(row?.late ?? 0), overdue: Number(row?.overdue ?? 0) };
}
