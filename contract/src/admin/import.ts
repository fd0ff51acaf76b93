import { z } from "zod";
import { route } from "../route.ts";

const LABEL_LENGTH_MAX = 40;

/** Taking over other gateways' databases. */
export const IMPORT_ROUTES = {
  take: route({
    method: "post",
    path: "/api/admin/import",
    summary: "Takes users, keys, balances, channels, groups and prices over from a New API or One API database: a SQLite file, or a dump of MySQL or Postgres, gzipped or not; says what it would do until `apply` is true",
    who: "owner",
    words: "openai",
    query: z.object({
      apply: z.enum(["true", "false"]).default("false"),
      label: z.string().max(LABEL_LENGTH_MAX).regex(/^[\w.-]+$/).default("new-api").describe("names the source: under one label nothing is taken over twice"),
    }),
    upload: ["application/octet-stream", "application/sql", "application/gzip", "application/vnd.sqlite3"],
    answer: z.object({
      applied: z.boolean(),
      product: z.string().describe("`new-api` or `one-api`"),
      users: z.int(),
      balances_usd: z.string().describe("exact dollars that wallets got"),
      keys: z.int(),
      channels: z.int(),
      groups: z.array(z.string()),
      models: z.array(z.string()),
      already: z.int().describe("users, keys and channels that were taken over before under this label"),
      notes: z.array(z.string()).describe("what is left out, and what is not as it was"),
    }),
  }),
};
