import { z } from "zod";
import { page, pageQuery, unixSeconds, usd } from "./fields.ts";
import { route } from "./route.ts";

const NAME_LENGTH_MAX = 100;
const PASSWORD_LENGTH_MAX = 128;

const account = z.object({
  id: z.int(),
  username: z.string(),
  display_name: z.string(),
  email: z.string().describe("empty: none"),
  email_verified: z.boolean(),
  role: z.int().describe("1 user, 10 operator, 100 owner"),
  created_at: unixSeconds,
  balance_usd: usd,
  used_usd: usd,
  requests: z.int(),
  has_password: z.boolean(),
  has_access_key: z.boolean(),
  two_factor: z.boolean(),
});
const ledgerEntry = z.object({
  id: z.int(),
  at: unixSeconds,
  kind: z.string().describe("such as credit, charge, refund, transfer"),
  amount_usd: usd.describe("negative: out of the wallet"),
  reason: z.string(),
  ref: z.string().describe("of a charge: the request's id"),
});
const line = z.looseObject({ class: z.string(), units: z.number(), unitPricePico: z.string(), ratioMicro: z.number(), amountNano: z.number() });
const request = z.object({
  id: z.string(),
  at: unixSeconds,
  key_id: z.int(),
  organisation_id: z.int().nullable(),
  group: z.string(),
  dialect: z.string(),
  endpoint: z.string(),
  model: z.string(),
  stream: z.boolean(),
  status: z.int(),
  error_code: z.string().nullable(),
  end: z.string(),
  first_byte_ms: z.number().nullable(),
  duration_ms: z.number(),
  usage: z.record(z.string(), z.number()),
  estimated: z.boolean(),
  charge_usd: usd,
  lines: z.array(line).describe("what the charge is made of: units at a price in pico-dollars, times a ratio in millionths; they add up to it"),
  price_version: z.string().nullable(),
});

export const ACCOUNT_ROUTES = {
  read: route({ method: "get", path: "/api/account", summary: "The account", who: "account", words: "openai", answer: account }),
  change: route({
    method: "patch",
    path: "/api/account",
    summary: "Changes how the account is called",
    who: "account",
    words: "openai",
    body: z.strictObject({ display_name: z.string().trim().max(NAME_LENGTH_MAX), username: z.string().regex(/^[a-z0-9][a-z0-9_.-]{2,29}$/, "must be 3 to 30 small letters, digits, dots, dashes or underscores, a letter or digit first") }).partial(),
    answer: account,
  }),
  remove: route({
    method: "delete",
    path: "/api/account",
    summary: "Deletes the account for good: what is personal goes, what was charged stays in the books. In a session of the last hour, or with the password",
    who: "account",
    words: "openai",
    body: z.strictObject({ username: z.string().max(NAME_LENGTH_MAX).describe("the account's, so that nothing is deleted in error"), password: z.string().max(PASSWORD_LENGTH_MAX).optional() }),
    answer: z.object({ deleted: z.literal(true) }),
  }),
  newAccessKey: route({ method: "post", path: "/api/account/access-key", summary: "A new access key, shown in this answer only; the old one is worth nothing any more", who: "account", words: "openai", answer: z.object({ access_key: z.string() }) }),
  noAccessKey: route({ method: "delete", path: "/api/account/access-key", summary: "Takes the access key away", who: "account", words: "openai", answer: z.object({ revoked: z.literal(true) }) }),
  ledger: route({ method: "get", path: "/api/account/ledger", summary: "Everything that went into the wallet or out of it, newest first", who: "account", words: "openai", query: z.object(pageQuery), answer: page(ledgerEntry) }),
  request: route({ method: "get", path: "/api/account/requests/{id}", summary: "One request, with what its charge is made of", who: "account", words: "openai", params: z.object({ id: z.uuid() }), answer: request }),
};
