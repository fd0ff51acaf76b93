import { z } from "zod";
import { unixSeconds, usd, wholeNumber } from "../fields.ts";
import { route } from "../route.ts";

/** The year 9999. */
const SECONDS_MAX = 253_402_300_799;
const time = { start_timestamp: wholeNumber(0, SECONDS_MAX).optional(), end_timestamp: wholeNumber(0, SECONDS_MAX).optional() };

const sums = {
  requests: z.int(),
  charged_usd: usd.describe("what callers were charged"),
  list_price_usd: usd.describe("what the vendor's own reports cost at its list prices of today"),
  lost_usd: usd.describe("what attempts consumed that failed and were not charged, at list prices"),
  estimated: z.int().describe("requests of which the vendor reported no usage"),
  anomalies: z.int().describe("requests whose report did not add up"),
};

export const REPORT_ROUTES = {
  reconciliation: route({
    method: "get",
    path: "/api/admin/reconciliation",
    summary: "Whether the books agree: every balance is the sum of its moves, every charge has its request and the sum of its lines; and what was charged against what vendors' reports cost",
    who: "operator",
    words: "openai",
    query: z.object(time).describe("the last day unless told"),
    answer: z.object({
      start: unixSeconds,
      end: unixSeconds,
      balances: z.object({ checked: z.int(), wrong: z.array(z.object({ kind: z.string(), owner_id: z.int(), balance_usd: usd, sum_usd: usd })) }),
      charges: z.object({ checked: z.int(), complete: z.boolean().describe("false: there were more requests than are looked through at once"), wrong: z.array(z.string()).describe("ids of requests") }),
      tasks: z
        .object({
          open: z.int(),
          parked: z.int().describe("of which nobody can tell whether the vendor has them; they end at their deadline"),
          overdue: z.int().describe("whose next step has been due for more than ten seconds"),
          late: z.int().describe("finished by their vendors after the money had gone back, and not yet looked at: `/api/admin/tasks?show=late`"),
          late_cost_usd: usd,
          wrong_holds: z.array(z.object({ kind: z.string(), owner_id: z.int(), held_usd: usd, sum_usd: usd })).describe("budgets that hold another amount than the tasks under way"),
        })
        .describe("of now, whatever the time asked for"),
      set_aside: z.int().describe("records that the database refuses, of this process's folder"),
      total: z.object(sums),
      by_channel: z.array(z.object({ channel: z.string(), model: z.string(), ...sums })),
    }),
  }),
  export: route({
    method: "get",
    path: "/api/admin/export/{what}",
    changes: true,
    summary: "All rows of a kind as CSV (safe for spreadsheets) or as JSON, oldest first; noted in the audit log",
    who: "operator",
    words: "openai",
    params: z.object({ what: z.enum(["users", "organisations", "requests", "ledger", "audit", "orders"]) }),
    query: z.object({ format: z.enum(["csv", "json"]).default("csv"), ...time }).describe("times hold for requests, ledger, audit and orders"),
    answer: z.array(z.looseObject({})),
    otherAnswers: { "text/csv": z.string() },
  }),
};
