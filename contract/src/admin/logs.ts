import { z } from "zod";
import { idText, page, requestPageQuery, searchText, unixSeconds, usd, wholeNumber } from "../fields.ts";
import { route } from "../route.ts";

/** The year 9999. */
const SECONDS_MAX = 253_402_300_799;
const NAME_LENGTH_MAX = 200;

const attempt = z.looseObject({ channel: z.string(), key: z.number().optional().describe("which credential, by its place; of a task its mark stands instead, since lists change while it runs"), outcome: z.string(), ms: z.number() });
const request = z.object({
  id: z.string(),
  at: unixSeconds,
  user_id: z.int(),
  username: z.string(),
  organisation_id: z.int().nullable(),
  key_id: z.int(),
  key: z.string().describe("the key's name"),
  group: z.string(),
  dialect: z.string(),
  endpoint: z.string(),
  model: z.string(),
  upstream_model: z.string().nullable(),
  channel: z.string().nullable(),
  stream: z.boolean(),
  sandbox: z.boolean(),
  status: z.int(),
  error_code: z.string().nullable(),
  end: z.string(),
  first_byte_ms: z.number().nullable(),
  duration_ms: z.number(),
  usage: z.record(z.string(), z.number()),
  estimated: z.boolean(),
  anomaly: z.string().nullable(),
  charge_usd: usd,
  ip: z.string().nullable(),
});
const detail = request.extend({ attempts: z.array(attempt), lines: z.array(z.looseObject({ class: z.string(), amountNano: z.number() })), price_version: z.string().nullable(), metadata: z.record(z.string(), z.unknown()).nullable() });

/** What everybody's keys did. */
export const LOG_ADMIN_ROUTES = {
  list: route({
    method: "get",
    path: "/api/admin/logs",
    summary: "Requests of all, newest first. With filters that little fits, name a time: what takes the database more than a few seconds is refused",
    who: "operator",
    words: "openai",
    query: z.object({
      ...requestPageQuery,
      user: idText.optional().describe("an account's id"),
      key: idText.optional().describe("a key's id"),
      organisation: idText.optional().describe("an organisation's id"),
      model: z.string().max(NAME_LENGTH_MAX).optional(),
      channel: z.string().max(NAME_LENGTH_MAX).optional(),
      status: wholeNumber(100, 999).optional(),
      failed: z.enum(["true"]).optional().describe("only those that were refused or broke"),
      error: searchText.optional().describe("an error code"),
      anomaly: z.enum(["true"]).optional().describe("only those whose vendor's report did not add up"),
      start_timestamp: wholeNumber(0, SECONDS_MAX).optional(),
      end_timestamp: wholeNumber(0, SECONDS_MAX).optional(),
    }),
    answer: page(request),
  }),
  read: route({ method: "get", path: "/api/admin/logs/{id}", summary: "One request: every attempt, and what its charge is made of", who: "operator", words: "openai", params: z.object({ id: z.uuid() }), answer: detail }),
};
