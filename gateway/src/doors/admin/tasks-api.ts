import type { TASK_ADMIN_ROUTES } from "@yescale/contract";
import { nanoToUsdText } from "../../catalog/money.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { withinTime } from "../../store/database.ts";
import { deliveriesOf } from "../../store/queries/deliveries.ts";
import { endTaskNow, lateResultOf, listTasks, settleLate, type TaskListed } from "../../store/queries/task-lists.ts";
import { tasksById } from "../../store/queries/tasks.ts";
import { type Task, taskOf } from "../../tasks/task.ts";
import type { Handlers } from "../api/handler.ts";
import { nextOf } from "../api/pages.ts";
import type { ApiServices } from "../api/services.ts";
import { secondsOf } from "../system/family.ts";
import { namesOf } from "../system/names.ts";

/** A question about all tasks may keep the database busy for so long. */
const SEARCH_MS_MAX = 3_000;

/** Everybody's tasks, for operators. */
export function taskAdminHandlers({ db, clock }: ApiServices): Handlers<typeof TASK_ADMIN_ROUTES> {
  return {
    async list({ query }) {
      const { limit, after, state, platform, start_timestamp, end_timestamp, ...filter } = query;
      const rows = await withinTime(db, SEARCH_MS_MAX, (tx) =>
        listTasks(tx, { ...filter, ...(state && { states: [state] }), ...(platform && { platforms: [platform] }), fromSeconds: start_timestamp, toSeconds: end_timestamp }, { before: after, limit }),
      );
      if (rows === undefined) throw new GatewayError("tooMuch", { publicText: "Too many rows would have to be looked through: name a time with start_timestamp and end_timestamp, or a user." });
      const { users, keys } = await namesOf(db, rows);
      return { data: rows.map((row) => taskView(row, users.get(row.user_id) ?? "", keys.get(row.key_id) ?? "")), next: nextOf(rows, limit, (row) => row.id) };
    },

    async read({ params }) {
      const [found] = (await tasksById(db, [params.id])).map(taskOf);
      if (!found) throw noTask();
      const { users, keys } = await namesOf(db, [found]);
      const late = await lateResultOf(db, found.id);
      return {
        ...taskView(listed(found), users.get(found.user_id) ?? "", keys.get(found.key_id) ?? ""),
        vendor_ref: found.vendor_ref,
        error_detail: found.error_detail,
        attempts: found.attempts.map((attempt) => ({ ...attempt })),
        lines: found.lines.map((line) => ({ ...line })),
        outputs: found.outputs.map((output) => ({ ...output })),
        deliveries: (await deliveriesOf(db, found.id)).map((row) => ({ state: row.state, attempts: row.attempts, status: row.status, error: row.error, created: secondsOf(row.created_at), delivered: secondsOf(row.delivered_at), given_up: secondsOf(row.given_up_at) })),
        late: late ? { at: secondsOf(late.at), cost_usd: nanoToUsdText(BigInt(late.cost_nano)), outputs: late.outputs as { kind: string }[], settled: late.settled_at !== null } : null,
      };
    },

    async end({ params, body, change }) {
      const ended = await change(async (tx, note) => {
        if (!(await endTaskNow(tx, params.id, new Date(clock.now())))) return false;
        note({ action: "task.end", subject: `task:${params.id}`, after: { reason: body.reason } });
        return true;
      });
      if (!ended) throw (await tasksById(db, [params.id])).length > 0 ? new GatewayError("conflict", { publicText: "The task has ended." }) : noTask();
      return { ending: true as const };
    },

    async settleLate({ params, body, change }) {
      const settled = await change(async (tx, note) => {
        if (!(await settleLate(tx, params.id))) return false;
        note({ action: "task.late", subject: `task:${params.id}`, after: { reason: body.reason } });
        return true;
      });
      if (!settled) throw new GatewayError("notFound", { publicText: "Nothing of this task came late that is not looked at." });
      return { settled: true as const };
    },
  };
}

const noTask = (): GatewayError => new GatewayError("notFound", { publicText: "There is no such task." });

const listed = (task: Task): TaskListed => ({ ...task, id: task.request_id, task_id: task.id, outputs: [] });

const taskView = (row: TaskListed, username: string, key: string) => ({
  id: row.task_id,
  request_id: row.id,
  user_id: Number(row.user_id),
  username,
  organisation_id: row.organisation_id === null ? null : Number(row.organisation_id),
  key_id: Number(row.key_id),
  key,
  group: row.group_name,
  platform: row.platform,
  action: row.action,
  model: row.model,
  upstream_model: row.upstream_model,
  channel: row.channel,
  sandbox: row.sandbox,
  state: row.state,
  phase: row.phase,
  progress: row.progress,
  submitted: secondsOf(row.submitted_at),
  started: secondsOf(row.started_at),
  finished: secondsOf(row.finished_at),
  deadline: secondsOf(row.deadline_at),
  error: row.error_text,
  held_usd: nanoToUsdText(row.phase === "ended" ? 0n : BigInt(row.hold_nano)),
  charge_usd: nanoToUsdText(BigInt(row.charge_nano)),
});
