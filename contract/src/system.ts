import { z } from "zod";
import { apiKey, done, keyChanges, logQuery, logRow, newKey, pageNumber, quotaAmount, taskRow } from "./family.ts";
import { idText, searchText, wholeNumber } from "./fields.ts";
import { route } from "./route.ts";

/** System API: amounts are quota units, 500,000 = 1 USD; times are Unix seconds. */
const account = z.object({
  access_token: z.string().describe("the access key that was sent"),
  display_name: z.string(),
  email: z.string(),
  quota: z.int().describe("what is left in the wallet"),
  request_count: z.int(),
  role: z.int().describe("1 user, 10 operator, 100 owner"),
  telegram_id: z.string(),
  used_quota: z.int(),
  username: z.string(),
});

const KEY_LENGTH_MAX = 256;

/** The year 9999. */
const SECONDS_MAX = 253_402_300_799;
/** Rows of one page of the log. */
const LOG_ROWS_MAX = 10_000;

const listedModel = z.object({
  model_name: z.string(),
  provider_name: z.string(),
  price_per_request: z.number().nullable().describe("US dollars; null: priced by what is used"),
  uptime: z.int().describe("1: served at this moment"),
  is_deprecation: z.int().describe("1: its vendor has retired it"),
  category: z.string(),
  endpoint: z.string(),
  docs: z.string(),
});

const keyId = z.object({ key_id: idText });
const plain = z.object(done);

export const SYSTEM_ROUTES = {
  user: route({ method: "get", path: "/yescale/user", summary: "The account", who: "access key", words: "system", answer: z.object({ data: account, ...done }) }),
  listKeys: route({
    method: "get",
    path: "/yescale/apikeylist",
    summary: "The account's API keys",
    who: "access key",
    words: "system",
    query: z.object({ keyword: searchText.optional().describe("part of the name"), token: z.string().max(KEY_LENGTH_MAX).optional().describe("the whole key, or a part that is shown") }),
    answer: z.object({ data: z.array(apiKey), ...done }),
  }),
  logs: route({
    method: "get",
    path: "/yescale/logs",
    summary: "What the account's keys did and what came into its wallet, newest first",
    who: "access key",
    words: "system",
    query: z.object({ p: pageNumber, page_size: wholeNumber(1, LOG_ROWS_MAX).default(LOG_ROWS_MAX), ...logQuery }),
    answer: z.object({ total: z.int().describe("with a filter: at least so many"), page: z.int(), page_size: z.int(), data: z.array(logRow), ...done }),
  }),
  tasks: route({
    method: "get",
    path: "/yescale/task",
    summary: "The account's tasks of a time, newest first, at most 10,000",
    who: "access key",
    words: "system",
    query: z.object({ start_timestamp: wholeNumber(0, SECONDS_MAX).describe("Unix seconds"), end_timestamp: wholeNumber(0, SECONDS_MAX).describe("Unix seconds, the last one of the time") }),
    answer: z.object({ data: z.array(taskRow), ...done }),
  }),
  models: route({ method: "get", path: "/yescale/models", also: ["/yescale/models/list"], summary: "All models", who: "access key", words: "system", answer: z.object({ data: z.array(listedModel), ...done }) }),
  createKey: route({
    method: "post",
    path: "/yescale/createkey",
    summary: "Makes an API key; it is shown in this answer only",
    who: "access key",
    words: "system",
    body: newKey,
    answer: z.object({ data: apiKey.extend({ key: z.string().describe("the whole key") }), ...done }),
  }),
  editKey: route({ method: "put", path: "/yescale/editkey/{key_id}", summary: "Changes an API key; what is left out stays", who: "access key", words: "system", params: keyId, body: keyChanges, answer: plain }),
  editQuota: route({
    method: "put",
    path: "/yescale/editquota/{key_id}",
    summary: "Sets what an API key may still spend; whether it is limited stays as it is",
    who: "access key",
    words: "system",
    params: keyId,
    body: z.strictObject({ remain_quota: quotaAmount }),
    answer: plain,
  }),
  deleteKey: route({ method: "delete", path: "/yescale/deletekey/{key_id}", summary: "Deletes an API key", who: "access key", words: "system", params: keyId, answer: plain }),
};
