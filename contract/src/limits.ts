import { z } from "zod";
import { done } from "./family.ts";
import { idText, usd } from "./fields.ts";
import { route } from "./route.ts";

const SUBJECT_LENGTH_MAX = 200;
/** Two thousand million. */
const COUNT_MAX = 2_000_000_000;
const SCOPES = ["key", "user", "organisation", "group", "model", "channel"] as const;

const count = z.int().min(0).max(COUNT_MAX);
const dollars = z.string().regex(/^\d{1,7}(\.\d{1,9})?$/, 'must be dollars such as "12.5", below ten million').describe('dollars, such as "12.5"');
const wish = z
  .strictObject({
    requests_per_minute: count.describe("in any 60 seconds"),
    tokens_per_minute: count.describe("of prompts and answers, in any 60 seconds"),
    requests_per_day: count.describe("in a UTC day"),
    concurrency: count.describe("requests at a time"),
    usd_per_day: dollars,
    usd_per_month: dollars,
  })
  .partial()
  .describe("what is left out is not limited");
const rule = z.object({
  scope: z.enum(SCOPES),
  subject: z.string().describe("an id (key, user, organisation), a name, or `*`: each one without a rule of its own"),
  set_by: z.enum(["operator", "owner"]).describe("both hold"),
  requests_per_minute: count.nullable(),
  tokens_per_minute: count.nullable(),
  requests_per_day: count.nullable(),
  concurrency: count.nullable(),
  usd_per_day: usd.nullable(),
  usd_per_month: usd.nullable(),
});
const subject = z.object({ scope: z.enum(SCOPES), subject: z.string().min(1).max(SUBJECT_LENGTH_MAX) });
const keyId = z.object({ key_id: idText });

/** Limits: an account's own of its keys, and an operator's of all. */
export const LIMIT_ROUTES = {
  own: route({ method: "get", path: "/yescale/limits", summary: "What limits the account and its API keys", who: "account", words: "system", answer: z.object({ data: z.array(rule), ...done }) }),
  setOwn: route({ method: "put", path: "/yescale/keylimits/{key_id}", summary: "Sets the owner's limits of an API key as a whole; what an operator has set holds beside them", who: "account", words: "system", params: keyId, body: wish, answer: z.object(done) }),
  all: route({ method: "get", path: "/api/admin/limits", summary: "All limits", who: "operator", words: "openai", query: z.object({ scope: z.enum(SCOPES).optional() }), answer: z.object({ data: z.array(rule) }) }),
  set: route({ method: "put", path: "/api/admin/limits/{scope}/{subject}", summary: "Sets all limits of a subject", who: "operator", words: "openai", params: subject, body: wish, answer: rule }),
  remove: route({ method: "delete", path: "/api/admin/limits/{scope}/{subject}", summary: "Takes the limits of a subject away", who: "operator", words: "openai", params: subject, answer: z.object({ deleted: z.literal(true) }) }),
};
