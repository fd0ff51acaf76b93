import { z } from "zod";
import { idParams, page, pageQuery, unixSeconds, usd } from "../fields.ts";
import { route } from "../route.ts";

const NAME_LENGTH_MAX = 100;
/** Codes of one batch: one answer of about a megabyte shows them all. */
const BATCH_CODES_MAX = 10_000;
/** The year 9999. */
const SECONDS_MAX = 253_402_300_799;

const name = z.string().trim().min(1).max(NAME_LENGTH_MAX);
const expiresAt = z.int().min(0).max(SECONDS_MAX).nullable().describe("Unix seconds from which its codes are worth nothing; null: never");
const batch = z.object({
  id: z.int(),
  name: z.string(),
  amount_usd: usd.describe("what each of its codes is worth"),
  count: z.int(),
  redeemed: z.int(),
  created_by: z.int(),
  created_at: unixSeconds,
  expires_at: unixSeconds.nullable(),
  disabled: z.boolean(),
});
const code = z.object({ id: z.int(), code: z.string().describe("its last characters"), disabled: z.boolean(), redeemed_by: z.int().nullable(), redeemed_by_name: z.string().nullable(), redeemed_at: unixSeconds.nullable() });
const admin = (path: string) => ({ path: `/api/admin/${path}`, words: "openai", who: "operator" }) as const;
const format = z.enum(["json", "csv"]).default("json");

/** Redemption codes, for operators. */
export const CODE_ADMIN_ROUTES = {
  batches: route({ ...admin("code-batches"), method: "get", summary: "Batches of redemption codes, newest first", query: z.object(pageQuery), answer: page(batch) }),
  make: route({
    ...admin("code-batches"),
    method: "post",
    summary: "Makes a batch of redemption codes; they are shown in this answer only, as JSON or as CSV",
    query: z.object({ format }),
    body: z.strictObject({
      name,
      count: z.int().min(1).max(BATCH_CODES_MAX),
      usd: z.string().regex(/^\d{1,5}(\.\d{1,9})?$/, 'must be dollars such as "12.5", below 100000').describe("what each code is worth"),
      expires_at: expiresAt.default(null),
    }),
    answer: z.object({ batch, codes: z.array(z.string()) }),
    otherAnswers: { "text/csv": z.string() },
  }),
  change: route({
    ...admin("code-batches/{id}"),
    method: "patch",
    summary: "Renames a batch, moves its end, stops all its codes or lets them on again",
    params: idParams,
    body: z.strictObject({ name, expires_at: expiresAt, disabled: z.boolean() }).partial(),
    answer: batch,
  }),
  codes: route({ ...admin("code-batches/{id}/codes"), method: "get", summary: "Codes of a batch in the order they were made: which are used, by whom", params: idParams, query: z.object(pageQuery), answer: page(code) }),
  export: route({
    ...admin("code-batches/{id}/export"),
    method: "get",
    changes: true,
    summary: "All codes of a batch as CSV or JSON, without what they are redeemed by; noted in the audit log",
    params: idParams,
    query: z.object({ format }),
    answer: z.array(code),
    otherAnswers: { "text/csv": z.string() },
  }),
  changeCode: route({ ...admin("codes/{id}"), method: "patch", summary: "Stops a code that nobody has used, or lets it on again", params: idParams, body: z.strictObject({ disabled: z.boolean() }), answer: z.object({ id: z.int(), disabled: z.boolean() }) }),
};
