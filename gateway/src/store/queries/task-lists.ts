import { sql } from "kysely";
import type { Db } from "../database.ts";
import type { TaskPhase, TaskState } from "../schema.ts";
import { firstIdOf, LAST_ID } from "./request-ids.ts";

/** Whose tasks, and which of them. */
export interface TaskFilter {
  /** an account's own, without those it has deleted; undefined: of all */
  owner?: string | undefined;
  user?: string | undefined;
  organisation?: string | undefined;
  key?: string | undefined;
  taskId?: string | undefined;
  states?: readonly TaskState[] | undefined;
  /** `open`: not ended; `parked`: nobody can tell whether the vendor has it; `late`: the vendor finished it after the money went back, and nobody has looked at it */
  show?: "open" | "parked" | "late" | undefined;
  platforms?: readonly string[] | undefined;
  action?: string | undefined;
  model?: string | undefined;
  channel?: string | undefined;
  /** Unix seconds, both inclusive */
  fromSeconds?: number | undefined;
  toSeconds?: number | undefined;
}

/** A task in a list: what was asked and what came of it are left out, but for the outputs. `id` is the request's id, in whose order lists are. */
export interface TaskListed {
  id: string;
  task_id: string;
  user_id: string;
  organisation_id: string | null;
  key_id: string;
  group_name: string;
  sandbox: boolean;
  platform: string;
  action: string;
  model: string;
  upstream_model: string | null;
  channel: string | null;
  state: TaskState;
  phase: TaskPhase;
  progress: number;
  submitted_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  deadline_at: Date;
  error_text: string | null;
  hold_nano: string;
  charge_nano: string;
  outputs: { kind: string; url?: string; text?: string }[];
}

const COLUMNS = ["request_id as id", "id as task_id", "user_id", "organisation_id", "key_id", "group_name", "sandbox", "platform", "action", "model", "upstream_model", "channel", "state", "phase", "progress", "submitted_at", "started_at", "finished_at", "deadline_at", "error_text", "hold_nano", "charge_nano", "outputs"] as const;

function found(db: Db, filter: TaskFilter, before: string | undefined) {
  const { owner, user = owner, show } = filter;
  const end = filter.toSeconds === undefined ? LAST_ID : firstIdOf((filter.toSeconds + 1) * 1000);
  const [from, to] = [firstIdOf((filter.fromSeconds ?? 0) * 1000), before !== undefined && before < end ? before : end];
  let query = db.selectFrom("tasks");
  if (user === undefined) query = query.where("request_id", ">=", from).where("request_id", "<", to).orderBy("request_id", "desc");
  // As whole rows, so that the index by user is read from where the part begins (see migration 0032).
  else query = query.where(sql<boolean>`(user_id, request_id) >= (${user}::bigint, ${from}::uuid) and (user_id, request_id) < (${user}::bigint, ${to}::uuid)`).orderBy("user_id", "desc").orderBy("request_id", "desc");
  if (owner !== undefined) query = query.where("deleted_at", "is", null);
  if (filter.organisation !== undefined) query = query.where("organisation_id", "=", filter.organisation);
  if (filter.key !== undefined) query = query.where("key_id", "=", filter.key);
  if (filter.taskId !== undefined) query = query.where("id", "=", filter.taskId);
  if (filter.states !== undefined) query = query.where("state", "in", [...filter.states]);
  if (filter.platforms !== undefined) query = query.where("platform", "in", [...filter.platforms]);
  if (filter.action !== undefined) query = query.where("action", "=", filter.action);
  if (filter.model !== undefined) query = query.where("model", "=", filter.model);
  if (filter.channel !== undefined) query = query.where("channel", "=", filter.channel);
  if (show === "open") query = query.where("phase", "<>", "ended");
  if (show === "parked") query = query.where("phase", "<>", "ended").where("phase", "=", "parked");
  if (show === "late") query = query.where("id", "in", (eb) => eb.selectFrom("late_results").select("task_id").where("settled_at", "is", null));
  return query;
}

/** Tasks newest first: at most `limit` of those whose id is below `before`. */
export const tasksQuery = (db: Db, filter: TaskFilter, { before, limit }: { before?: string | undefined; limit: number }) => found(db, filter, before).select(COLUMNS).limit(limit);

/** The rows of `tasksQuery`. */
export const listTasks = (db: Db, filter: TaskFilter, page: { before?: string | undefined; limit: number }): Promise<TaskListed[]> => tasksQuery(db, filter, page).execute() as Promise<TaskListed[]>;

/** The id of the task `count` further down, counted from below `before`; undefined when the list ends before it. */
export const skipTasks = async (db: Db, filter: TaskFilter, { before, count }: { before?: string | undefined; count: number }): Promise<string | undefined> =>
  (await found(db, filter, before).select("request_id as id").offset(count - 1).limit(1).executeTakeFirst())?.id;

/** How many there are, counted no further than `most`. */
export async function countTasks(db: Db, filter: TaskFilter, most: number): Promise<number> {
  const counted = await db.selectFrom(found(db, filter, undefined).select("request_id").limit(most).as("counted")).select((eb) => eb.fn.countAll<string>().as("n")).executeTakeFirst();
  return Number(counted?.n ?? 0);
}

/** What a vendor finished of a task after its end here; undefined: nothing. */
export const lateResultOf = (db: Db, taskId: string) => db.selectFrom("late_results").select(["at", "outputs", "cost_nano", "settled_at"]).where("task_id", "=", taskId).executeTakeFirst();

/** Marks a late result as looked at; false: there is none that is not. */
export async function settleLate(db: Db, taskId: string): Promise<boolean> {
  const result = await db.updateTable("late_results").set({ settled_at: new Date() }).where("task_id", "=", taskId).where("settled_at", "is", null).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Lets a task's deadline be now, so that its next turn, due at once unless somebody has it, ends it and gives back what it holds; false: it has ended, or there is none. */
export async function endTaskNow(db: Db, taskId: string, now: Date): Promise<boolean> {
  const result = await db.updateTable("tasks").set({ deadline_at: now }).where("id", "=", taskId).where("phase", "<>", "ended").executeTakeFirst();
  if (result.numUpdatedRows === 0n) return false;
  // Locked although it may not be changed: whoever has the turn just now brings it back himself, and sees the new deadline then.
  await db.selectFrom("task_turns").select("task_id").where("task_id", "=", taskId).forUpdate().execute();
  await db.updateTable("task_turns").set({ due_at: now }).where("task_id", "=", taskId).where("due_at", ">", now).where("holder", "is", null).execute();
  return true;
}
