import { z } from "zod";
import { apiKey, done, keyChanges, logQuery, logRow, newKey, someTime, taskId, taskRow, taskState } from "./family.ts";
import { idParams, searchText, wholeNumber } from "./fields.ts";
import { route } from "./route.ts";

/**
 * Routes that balance widgets, phone apps and chained gateways of the family call (New API, One API). Bodies are open: their clients send whole rows back, of which only what may be changed is read.
 * The header `New-Api-User`, which they send as well, says nothing that the access key does not.
 */
const PAGE_ROWS_MAX = 100;
const IDS_MAX = 100;
const KEY_LENGTH_MAX = 256;

const plain = z.object(done);
const quota = z.int().describe("quota units, 500,000 = 1 USD");
/** Older clients number pages from 0. */
const paged = {
  p: wholeNumber(0, 1_000_000_000).default(1).describe("from 1; 0 is the first too"),
  page_size: wholeNumber(1, PAGE_ROWS_MAX).optional(),
  size: wholeNumber(1, PAGE_ROWS_MAX).optional().describe("the same under another name"),
};
const pageOf = <Row extends z.ZodType>(row: Row) => z.object({ data: z.object({ page: z.int(), page_size: z.int(), total: z.int(), items: z.array(row) }), ...done });
const keyRow = apiKey.omit({ DeletedAt: true });
/** Null says nothing. */
const addresses = newKey.shape.allow_ips.nullish();

const billing = (path: string) => ({ path: `/v1/dashboard/billing/${path}`, also: [`/dashboard/billing/${path}`], method: "get", who: "api key", words: "openai" }) as const;

/** With an API key: what it and its wallet have left. */
export const BILLING_ROUTES = {
  subscription: route({
    ...billing("subscription"),
    summary: "What the key was given, spent included; what its wallet was given, if the key is unlimited",
    answer: z.object({
      object: z.literal("billing_subscription"),
      has_payment_method: z.boolean(),
      soft_limit_usd: z.number(),
      hard_limit_usd: z.number(),
      system_hard_limit_usd: z.number(),
      access_until: z.int().describe("Unix seconds; 0: for ever"),
    }),
  }),
  usage: route({
    ...billing("usage"),
    summary: "What was spent of it, in hundredths of dollars; of all time, whatever dates are asked for",
    query: z.object({ start_date: searchText.optional(), end_date: searchText.optional() }),
    answer: z.object({ object: z.literal("list"), total_usage: z.number() }),
  }),
  creditGrants: route({
    ...billing("credit_grants"),
    summary: "The same as one answer, in dollars",
    answer: z.object({
      object: z.literal("credit_summary"),
      total_granted: z.number(),
      total_used: z.number(),
      total_available: z.number(),
      grants: z.object({ object: z.literal("list"), data: z.array(z.unknown()) }),
    }),
  }),
  tokenUsage: route({
    method: "get",
    path: "/api/usage/token",
    summary: "The key's own quota and use",
    who: "api key",
    words: "system",
    answer: z.object({
      code: z.boolean(),
      message: z.string(),
      data: z.object({
        object: z.literal("token_usage"),
        name: z.string(),
        total_granted: quota,
        total_used: quota,
        total_available: quota,
        unlimited_quota: z.boolean(),
        model_limits: z.record(z.string(), z.literal(true)),
        model_limits_enabled: z.boolean(),
        expires_at: z.int().describe("Unix seconds; 0: never"),
      }),
    }),
  }),
  tokenLog: route({ method: "get", path: "/api/log/token", summary: "The key's newest log rows", who: "api key", words: "system", answer: z.object({ data: z.array(logRow), ...done }) }),
};

const self = z.object({
  id: z.int(),
  username: z.string(),
  display_name: z.string(),
  role: z.int(),
  status: z.int(),
  email: z.string(),
  quota: quota.describe("what is left"),
  used_quota: quota,
  request_count: z.int(),
  group: z.string(),
});

/** A filter that a client leaves empty. */
const noneOr = <Filter extends z.ZodType>(filter: Filter) => z.union([z.literal("").transform(() => undefined), filter]).optional();
const TASK_NAME_LENGTH_MAX = 200;
const taskQuery = {
  task_id: noneOr(taskId),
  platform: z.string().max(TASK_NAME_LENGTH_MAX).optional(),
  action: z.string().max(TASK_NAME_LENGTH_MAX).optional(),
  status: noneOr(taskState),
  start_timestamp: someTime.optional(),
  end_timestamp: someTime.optional(),
};

const midjourneyRow = z.object({
  id: z.int(),
  code: z.int(),
  user_id: z.int(),
  action: z.string(),
  mj_id: z.string(),
  prompt: z.string(),
  prompt_en: z.string(),
  description: z.string(),
  state: z.string(),
  submit_time: z.int(),
  start_time: z.int(),
  finish_time: z.int(),
  image_url: z.string(),
  video_url: z.string(),
  video_urls: z.string().describe("JSON text"),
  status: z.string(),
  progress: z.string(),
  fail_reason: z.string(),
  quota,
  buttons: z.string().describe("JSON text"),
  properties: z.string().describe("JSON text"),
});

/** With the access key: the account, its keys and its log in the family's form. */
export const FAMILY_ROUTES = {
  self: route({ method: "get", path: "/api/user/self", summary: "The account", who: "account", words: "system", answer: z.object({ data: self, ...done }) }),
  ownModels: route({ method: "get", path: "/api/user/models", summary: "Names of the models that the account's keys can call", who: "account", words: "system", answer: z.object({ data: z.array(z.string()), ...done }) }),
  modelsByVendor: route({ method: "get", path: "/api/models", summary: "The same by vendor", who: "account", words: "system", answer: z.object({ data: z.record(z.string(), z.array(z.string())), ...done }) }),
  newAccessKey: route({
    method: "get",
    path: "/api/user/token",
    changes: true,
    summary: "A new access key, shown in this answer only; the old one is worth nothing any more",
    who: "account",
    words: "system",
    answer: z.object({ data: z.string(), ...done }),
  }),
  keys: route({ method: "get", path: "/api/token", summary: "The account's API keys, newest first", who: "account", words: "system", query: z.object(paged), answer: pageOf(keyRow) }),
  searchKeys: route({
    method: "get",
    path: "/api/token/search",
    summary: "API keys by a part of the name, or by the whole key or a part that is shown",
    who: "account",
    words: "system",
    query: z.object({ ...paged, keyword: searchText.optional(), token: z.string().max(KEY_LENGTH_MAX).optional() }),
    answer: pageOf(keyRow),
  }),
  key: route({ method: "get", path: "/api/token/{id}", summary: "One API key", who: "account", words: "system", params: idParams, answer: z.object({ data: keyRow, ...done }) }),
  makeKey: route({
    method: "post",
    path: "/api/token",
    summary: "Makes an API key; it is shown in this answer only",
    who: "account",
    words: "system",
    body: newKey.extend({ allow_ips: addresses }).loose(),
    answer: z.object({ data: keyRow, ...done }),
  }),
  changeKey: route({
    method: "put",
    path: "/api/token",
    summary: "Changes an API key",
    who: "account",
    words: "system",
    query: z.object({ status_only: z.string().max(10).optional().describe("true: nothing but the status") }),
    body: keyChanges.extend({ id: z.int().min(1), status: z.int().optional(), remain_quota: z.int().optional(), allow_ips: addresses }).loose().describe("a whole row as it was given may come back: what stands in it as it was is no wish"),
    answer: z.object({ data: keyRow, ...done }),
  }),
  deleteKey: route({ method: "delete", path: "/api/token/{id}", summary: "Deletes an API key", who: "account", words: "system", params: idParams, answer: plain }),
  deleteKeys: route({
    method: "post",
    path: "/api/token/batch",
    summary: "Deletes several",
    who: "account",
    words: "system",
    body: z.looseObject({ ids: z.array(z.int().min(1)).min(1).max(IDS_MAX) }),
    answer: z.object({ data: z.int().describe("how many there were"), ...done }),
  }),
  log: route({ method: "get", path: "/api/log/self", summary: "The account's log, newest first", who: "account", words: "system", query: z.object({ ...paged, ...logQuery }), answer: pageOf(logRow) }),
  tasks: route({ method: "get", path: "/api/task/self", summary: "The account's tasks, newest first", who: "account", words: "system", query: z.object({ ...paged, ...taskQuery }), answer: pageOf(taskRow.extend({ user_id: z.int(), created_at: z.int(), updated_at: z.int() })) }),
  midjourneyTasks: route({
    method: "get",
    path: "/api/mj/self",
    summary: "The account's tasks of Midjourney, newest first; times are milliseconds",
    who: "account",
    words: "system",
    query: z.object({ ...paged, mj_id: noneOr(taskId), start_timestamp: someTime.optional(), end_timestamp: someTime.optional() }),
    answer: pageOf(midjourneyRow),
  }),
  logSums: route({
    method: "get",
    path: "/api/log/self/stat",
    summary: "What was spent in whole hours of that time, and the rates of the last minute",
    who: "account",
    words: "system",
    query: z.object(logQuery),
    answer: z.object({ data: z.object({ quota, rpm: z.int().describe("requests in the last minute"), tpm: z.number().describe("tokens in the last minute") }), ...done }),
  }),
};
