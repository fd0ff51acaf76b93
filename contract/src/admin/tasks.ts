import { z } from "zod";
import { taskId } from "../family.ts";
import { idText, page, requestPageQuery, unixSeconds, usd, wholeNumber } from "../fields.ts";
import { route } from "../route.ts";

/** The year 9999. */
const SECONDS_MAX = 253_402_300_799;
const NAME_LENGTH_MAX = 200;
const REASON_LENGTH_MAX = 500;
const STATES = ["NOT_START", "SUBMITTED", "QUEUED", "IN_PROGRESS", "SUCCESS", "FAILURE", "CANCELLED"] as const;

const task = z.object({
  id: z.string(),
  request_id: z.string(),
  user_id: z.int(),
  username: z.string(),
  organisation_id: z.int().nullable(),
  key_id: z.int(),
  key: z.string().describe("the key's name"),
  group: z.string(),
  platform: z.string(),
  action: z.string(),
  model: z.string(),
  upstream_model: z.string().nullable(),
  channel: z.string().nullable(),
  sandbox: z.boolean(),
  state: z.enum(STATES),
  phase: z.string().describe("where it stands for us: waiting, sending, unclear (its vendor's answer was lost), running, parked (nobody can tell whether the vendor has it), ended"),
  progress: z.int(),
  submitted: unixSeconds,
  started: unixSeconds.describe("0: not yet"),
  finished: unixSeconds.describe("0: not yet"),
  deadline: unixSeconds,
  error: z.string().nullable(),
  held_usd: usd.describe("while it is under way"),
  charge_usd: usd,
});

const output = z.looseObject({ kind: z.string(), url: z.string().optional() });
const detail = task.extend({
  vendor_ref: z.string().nullable().describe("its vendor's id"),
  error_detail: z.string().nullable(),
  attempts: z.array(z.looseObject({ channel: z.string(), outcome: z.string(), ms: z.number() })),
  lines: z.array(z.looseObject({ class: z.string(), amountNano: z.number() })),
  outputs: z.array(output),
  deliveries: z.array(z.object({ state: z.string(), attempts: z.int(), status: z.int().nullable(), error: z.string().nullable(), created: unixSeconds, delivered: unixSeconds, given_up: unixSeconds })).describe("notices to its caller's address"),
  late: z.object({ at: unixSeconds, cost_usd: usd, outputs: z.array(output), settled: z.boolean() }).nullable().describe("what its vendor finished after the money had gone back"),
});

const one = z.object({ id: taskId });
const reason = z.strictObject({ reason: z.string().trim().min(1).max(REASON_LENGTH_MAX) });

/** Everybody's tasks. */
export const TASK_ADMIN_ROUTES = {
  list: route({
    method: "get",
    path: "/api/admin/tasks",
    summary: "Tasks of all, newest first. With filters that little fits, name a time",
    who: "operator",
    words: "openai",
    query: z.object({
      ...requestPageQuery,
      show: z.enum(["open", "parked", "late"]).optional().describe("open: not ended; parked: nobody can tell whether the vendor has it; late: finished after the money had gone back, and not yet looked at"),
      user: idText.optional().describe("an account's id"),
      organisation: idText.optional().describe("an organisation's id"),
      key: idText.optional().describe("a key's id"),
      state: z.enum(STATES).optional(),
      platform: z.string().max(NAME_LENGTH_MAX).optional(),
      model: z.string().max(NAME_LENGTH_MAX).optional(),
      channel: z.string().max(NAME_LENGTH_MAX).optional(),
      start_timestamp: wholeNumber(0, SECONDS_MAX).optional(),
      end_timestamp: wholeNumber(0, SECONDS_MAX).optional(),
    }),
    answer: page(task),
  }),
  read: route({ method: "get", path: "/api/admin/tasks/{id}", summary: "One task: attempts, lines of its charge, outputs, notices", who: "operator", words: "openai", params: one, answer: detail }),
  end: route({
    method: "post",
    path: "/api/admin/tasks/{id}/end",
    summary: "Ends a task as if its deadline were over: it fails, and what it holds goes back",
    who: "operator",
    words: "openai",
    params: one,
    body: reason,
    answer: z.object({ ending: z.literal(true).describe("it has ended when its next turn has been taken, in a moment") }),
  }),
  settleLate: route({ method: "post", path: "/api/admin/tasks/{id}/late", summary: "Marks what came late as looked at", who: "operator", words: "openai", params: one, body: reason, answer: z.object({ settled: z.literal(true) }) }),
};
