import { z } from "zod";
import { idParams, idText, page, pageQuery, unixSeconds, usd } from "../fields.ts";
import { route } from "../route.ts";

const NAME_LENGTH_MAX = 100;
const EMAIL_LENGTH_MAX = 254;
const REASON_LENGTH_MAX = 500;
const REF_LENGTH_MAX = 100;
const SEARCH_LENGTH_MAX = 100;
const PASSWORD_LENGTH_MIN = 8;
const PASSWORD_LENGTH_MAX = 128;

const role = z.union([z.literal(1), z.literal(10), z.literal(100)]).describe("1 user, 10 operator, 100 owner");
const roleText = z.enum(["1", "10", "100"]).transform(Number).meta({ type: "integer", enum: [1, 10, 100] });
const statusText = z.enum(["1", "2", "3"]).transform(Number).meta({ type: "integer", enum: [1, 2, 3] });
const username = z.string().regex(/^[a-z0-9][a-z0-9_.-]{2,29}$/, "must be 3 to 30 small letters, digits, dots, dashes or underscores, a letter or digit first");
const user = z.object({
  id: z.int(),
  username: z.string(),
  display_name: z.string(),
  email: z.string(),
  email_verified: z.boolean(),
  role: z.int(),
  status: z.int().describe("1 active, 2 disabled, 3 deleted"),
  created_at: unixSeconds,
  balance_usd: usd,
  used_usd: usd,
  requests: z.int(),
  has_password: z.boolean(),
  has_access_key: z.boolean(),
  two_factor: z.boolean(),
});
const entry = z.object({ id: z.int(), at: unixSeconds, kind: z.string(), amount_usd: usd, reason: z.string(), ref: z.string() });
const organisation = z.object({ id: z.int(), name: z.string(), status: z.int(), created_at: unixSeconds, balance_usd: usd, used_usd: usd, members: z.int() });
const credit = {
  body: z.strictObject({
    usd: z.string().regex(/^-?\d{1,9}(\.\d{1,9})?$/, 'must be dollars such as "12.5" or "-3"').describe("negative: a debit"),
    reason: z.string().trim().min(1).max(REASON_LENGTH_MAX),
    ref: z.string().min(1).max(REF_LENGTH_MAX).optional().describe("a reference of your own: the same one is credited once"),
  }),
  answer: z.object({ credited: z.boolean().describe("false: this reference was credited before"), balance_usd: usd }),
};

const admin = (path: string) => ({ path: `/api/admin${path}`, words: "openai", who: "operator" }) as const;
const done = z.object({ done: z.literal(true) });

/** Accounts and organisations, for operators. Operators see all; they change those whose role is below their own, owners all. */
export const USER_ADMIN_ROUTES = {
  list: route({
    ...admin("/users"),
    method: "get",
    summary: "Accounts, newest first",
    query: z.object({ ...pageQuery, search: z.string().max(SEARCH_LENGTH_MAX).optional().describe("an id, or how a user name or an address begins"), role: roleText.optional(), status: statusText.optional() }),
    answer: page(user),
  }),
  make: route({
    ...admin("/users"),
    method: "post",
    summary: "Makes an account, whose address needs no confirmation",
    body: z.strictObject({
      username,
      display_name: z.string().trim().max(NAME_LENGTH_MAX).default(""),
      email: z.email().max(EMAIL_LENGTH_MAX).optional(),
      password: z.string().min(PASSWORD_LENGTH_MIN).max(PASSWORD_LENGTH_MAX).optional().describe("without one the account signs in by a passkey, another server, or its access key"),
      role: role.default(1),
    }),
    answer: user,
  }),
  read: route({ ...admin("/users/{id}"), method: "get", summary: "One account", params: idParams, answer: user }),
  change: route({
    ...admin("/users/{id}"),
    method: "patch",
    summary: "Changes an account: names, address (which counts as confirmed), role, 1 active or 2 disabled",
    params: idParams,
    body: z.strictObject({ username, display_name: z.string().trim().max(NAME_LENGTH_MAX), email: z.union([z.email().max(EMAIL_LENGTH_MAX), z.literal("")]), role, status: z.union([z.literal(1), z.literal(2)]) }).partial(),
    answer: user,
  }),
  remove: route({ ...admin("/users/{id}"), who: "owner", method: "delete", summary: "Deletes an account for good", params: idParams, answer: done }),
  credit: route({ ...admin("/users/{id}/credit"), method: "post", summary: "Credits or debits a wallet, through the ledger", params: idParams, ...credit }),
  ledger: route({ ...admin("/users/{id}/ledger"), method: "get", summary: "What went into a wallet and out of it, newest first", params: idParams, query: z.object(pageQuery), answer: page(entry) }),
  reset: route({
    ...admin("/users/{id}/reset"),
    method: "post",
    summary: "Takes a way of signing in away, or gives a new password or access key, shown in this answer only; all sessions end",
    params: idParams,
    body: z.strictObject({ what: z.enum(["sessions", "password", "two_factor", "passkeys", "access_key"]) }),
    answer: z.object({ done: z.literal(true), password: z.string().optional(), access_key: z.string().optional() }),
  }),
  organisations: route({
    ...admin("/organisations"),
    method: "get",
    summary: "Organisations, newest first",
    query: z.object({ ...pageQuery, search: z.string().max(SEARCH_LENGTH_MAX).optional().describe("an id, or how a name begins") }),
    answer: page(organisation),
  }),
  changeOrganisation: route({ ...admin("/organisations/{id}"), method: "patch", summary: "Stops an organisation's keys (2), or lets them on again (1)", params: z.object({ id: idText }), body: z.strictObject({ status: z.union([z.literal(1), z.literal(2)]) }), answer: organisation }),
  creditOrganisation: route({ ...admin("/organisations/{id}/credit"), method: "post", summary: "Credits or debits an organisation's wallet, through the ledger", params: idParams, ...credit }),
};
