import { z } from "zod";
import { done } from "./family.ts";
import { flagText, idText, searchText, unixSeconds, usd, wholeNumber } from "./fields.ts";
import { route } from "./route.ts";

/** Unix seconds of the year 9999: beyond, nothing has a date. */
const SECONDS_MAX = 253_402_300_799;
const ROWS_MAX = 10_000;
const CAPTURE_DAYS_MAX = 90;
const METADATA_LENGTH_MAX = 2_000;
/** Characters of a list of column names. */
const COLUMNS_LENGTH_MAX = 200;

const quota = z.int().describe("quota units, 500,000 = 1 USD");

const OWN_COLUMNS = ["model", "key", "group", "organisation"] as const;
const ALL_COLUMNS = [...OWN_COLUMNS, "user", "channel"] as const;

/** Names separated by commas, each of a few. */
const listOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z
    .string()
    .max(COLUMNS_LENGTH_MAX)
    .transform((text) => [...new Set(text.split(",").filter((name) => name !== ""))])
    .pipe(z.array(z.enum(names)))
    .meta({ type: "string", description: `any of ${names.join(", ")}, separated by commas` });

const time = wholeNumber(0, SECONDS_MAX);
const span = {
  start_timestamp: time.optional().describe("Unix seconds, rounded down to the hour, or to the day with `span=day`; 30 days before the end unless told"),
  end_timestamp: time.optional().describe("Unix seconds; now unless told"),
  span: z.enum(["hour", "day", "all"]).default("day").describe("one sum for each hour, UTC day, or all of the time"),
  sandbox: flagText.optional().describe("true: of keys that reach simulators only"),
  metadata: z.string().max(METADATA_LENGTH_MAX).optional().describe('a JSON object: requests that said so in `X-YEScale-Metadata`, such as `{"feature":"search"}`; from the request log, as far as it goes back'),
  limit: wholeNumber(1, ROWS_MAX).default(1_000),
};
const filters = { model: searchText.optional(), key: idText.optional().describe("a key's id"), group: searchText.optional(), organisation: idText.optional().describe("an organisation's id") };

const times = z.object({ p50: z.number(), p90: z.number(), p99: z.number() }).nullable().describe("milliseconds, off by 9 % at most; null: nothing was answered");
const sums = {
  start: unixSeconds.nullable().describe("begin of the hour or day; null: all of the time"),
  requests: z.int().describe("let in, whatever became of them"),
  rejected: z.int().describe("refused before a vendor was asked"),
  errors: z.int().describe("failed at the vendor or on the way"),
  spend_usd: usd,
  quota,
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  cached_tokens: z.number().describe("of the prompt tokens, those read from a cache"),
  duration_ms: times,
  first_byte_ms: times,
};
const capturedBody = z.object({ text: z.string(), bytes: z.int().describe("length of the whole body"), truncated: z.boolean().describe("the text is only its beginning, or stands for data") });
const of = (...columns: readonly string[]) => Object.fromEntries(columns.map((name) => [name, z.string().optional()]));

export const USAGE_ROUTES = {
  own: route({
    method: "get",
    path: "/yescale/usage",
    summary: "The account's usage, by hour, day or as a whole, divided by model, key, group or organisation",
    who: "account",
    words: "system",
    query: z.object({ ...span, ...filters, by: listOf(OWN_COLUMNS).optional() }),
    answer: z.object({ data: z.array(z.object({ ...sums, ...of(...OWN_COLUMNS) })), ...done }),
  }),
  byHour: route({
    method: "get",
    path: "/api/data/self",
    summary: "The account's usage by hour and model, as the family writes it",
    who: "account",
    words: "system",
    query: z.object({ start_timestamp: time.optional(), end_timestamp: time.optional() }),
    answer: z.object({ data: z.array(z.object({ created_at: unixSeconds, model_name: z.string(), count: z.int(), quota, token_used: z.number() })), ...done }),
  }),
  setCapture: route({
    method: "put",
    path: "/yescale/keycapture/{key_id}",
    summary: "Keeps bodies of an API key's requests and answers for some days, without secrets and sealed; 0 days: no more, and what was kept is gone",
    who: "account",
    words: "system",
    params: z.object({ key_id: idText }),
    body: z.strictObject({ days: z.int().min(0).max(CAPTURE_DAYS_MAX) }),
    answer: z.object(done),
  }),
  captured: route({
    method: "get",
    path: "/yescale/captured/{request_id}",
    summary: "What was kept of a request of the account's",
    who: "account",
    words: "system",
    params: z.object({ request_id: z.uuid() }),
    answer: z.object({ data: z.object({ request_id: z.string(), key_id: z.int(), created_at: unixSeconds, expires_at: unixSeconds, request: capturedBody, response: capturedBody }), ...done }),
  }),
  all: route({
    method: "get",
    path: "/api/admin/usage",
    summary: "Usage of all, by hour, day or as a whole, divided by user, channel, model, key, group or organisation",
    who: "operator",
    words: "openai",
    query: z.object({ ...span, ...filters, user: idText.optional().describe("an account's id"), channel: searchText.optional(), by: listOf(ALL_COLUMNS).optional() }),
    answer: z.object({ data: z.array(z.object({ ...sums, ...of(...ALL_COLUMNS) })) }),
  }),
};
