import { z } from "zod";
import { searchText, wholeNumber } from "./fields.ts";

/** Shapes that the whole family of gateways shares (One API, New API): amounts in quota units, 500,000 = 1 USD; times in Unix seconds. */

/** $1 billion in quota units: far within what a JSON number and the ledger hold. */
const QUOTA_MAX = 500_000_000_000_000;
/** The year 9999. */
const SECONDS_MAX = 253_402_300_799;
const NAME_LENGTH_MAX = 100;
const METADATA_LENGTH_MAX = 2_000;
/** A list of model names or addresses as text. */
const LIST_LENGTH_MAX = 20_000;

/** What every answer carries beside its data. */
export const done = { message: z.string(), success: z.boolean() };

export const apiKey = z.object({
  DeletedAt: z.null(),
  accessed_time: z.int(),
  allow_ips: z.string().describe("addresses and ranges, one a line; empty: any"),
  created_time: z.int(),
  expired_time: z.int().describe("-1: never"),
  group: z.string(),
  id: z.int(),
  key: z.string().describe("first 6 and last 4 characters"),
  model_limits: z.string().describe("comma-separated; used if model_limits_enabled"),
  model_limits_enabled: z.boolean(),
  name: z.string(),
  remain_quota: z.int(),
  status: z.int().describe("1 active, 2 disabled, 3 expired, 4 used up"),
  unlimited_quota: z.boolean(),
  used_quota: z.int(),
  user_id: z.int(),
});

export const quotaAmount = z.int().min(0).max(QUOTA_MAX);

const changeable = {
  expired_time: z.union([z.literal(-1), z.int().min(1).max(SECONDS_MAX)]).describe("Unix seconds; -1: never"),
  remain_quota: quotaAmount.describe("what it may spend, if it is not unlimited"),
  unlimited_quota: z.boolean().describe("as much as the wallet holds"),
  group: z.string().max(NAME_LENGTH_MAX).describe("empty: the one that keys are in unless they say otherwise"),
  allow_ips: z.string().max(LIST_LENGTH_MAX).describe("addresses and ranges, separated by commas or lines; empty: any"),
  model_limits_enabled: z.boolean(),
  model_limits: z.string().max(LIST_LENGTH_MAX).describe("names of models, separated by commas"),
};
const name = z.string().trim().min(1).max(NAME_LENGTH_MAX);

/** A new key: never expires and is unlimited unless it says otherwise (with `remain_quota` it is limited). */
export const newKey = z.strictObject({ name, ...changeable }).partial().required({ name: true });
/** Changes of a key. */
export const keyChanges = z.strictObject({ name, ...changeable, status: z.union([z.literal(1), z.literal(2)]).describe("1 active, 2 disabled") }).partial();

/** Pages are numbered from 1. */
export const pageNumber = wholeNumber(1, 1_000_000_000).default(1);

/** What part of a log is wanted. Names are whole names. */
export const logQuery = {
  type: wholeNumber(0, 99).optional().describe("1 top-up, 2 consumption, 3 management, 4 system, 5 error, 6 refund; 0: all"),
  token_name: searchText.optional(),
  model_name: searchText.optional(),
  username: searchText.optional(),
  start_timestamp: wholeNumber(0, SECONDS_MAX).optional().describe("Unix seconds"),
  end_timestamp: wholeNumber(0, SECONDS_MAX).optional().describe("Unix seconds, the last one of the part"),
  metadata: z.string().max(METADATA_LENGTH_MAX).optional().describe('a JSON object: requests that said so in `X-YEScale-Metadata`, such as `{"feature":"search"}`'),
};

/** What a task has come to. */
const TASK_STATES = ["NOT_START", "SUBMITTED", "QUEUED", "IN_PROGRESS", "SUCCESS", "FAILURE"] as const;
export const taskState = z.enum(TASK_STATES);
const TASK_ID_LENGTH_MAX = 64;
export const taskId = z.string().regex(new RegExp(`^[0-9A-Za-z-]{1,${TASK_ID_LENGTH_MAX}}$`), "must be a task's id");

/** A time in milliseconds or seconds: clients of one family send these, of others those. */
export const someTime = wholeNumber(0, SECONDS_MAX * 1000).transform((time) => (time > SECONDS_MAX ? Math.floor(time / 1000) : time));

/** A task in a list. */
export const taskRow = z.object({
  id: z.int(),
  task_id: z.string(),
  platform: z.string(),
  action: z.string(),
  model: z.string(),
  status: taskState,
  progress: z.string().describe('such as "30%"'),
  submit_time: z.int(),
  start_time: z.int().describe("0: not yet"),
  finish_time: z.int().describe("0: not yet"),
  fail_reason: z.string(),
  quota: z.int().describe("what was charged; while it is under way, what is held for it"),
  refunded: z.boolean().describe("what was held for it has been given back"),
  token_name: z.string(),
  group: z.string(),
  result_url: z.string().describe("its first result"),
});

/** A row of a log. */
export const logRow = z.object({
  id: z.int(),
  user_id: z.int(),
  token_id: z.int().describe("the key's id; 0: none"),
  created_at: z.int(),
  type: z.int(),
  content: z.string(),
  username: z.string(),
  token_name: z.string(),
  model_name: z.string(),
  quota: z.int().describe("what was charged, or what came in"),
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  use_time: z.int().describe("whole seconds; `other` has the milliseconds"),
  is_stream: z.boolean(),
  group: z.string(),
  ip: z.string(),
  request_id: z.string(),
  other: z.string().describe("further facts, as JSON text"),
});
