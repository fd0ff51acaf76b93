import { z } from "zod";
import { unixSeconds, wholeNumber } from "../fields.ts";
import { route } from "../route.ts";

const NAME_LENGTH_MAX = 200;
const VERSIONS_MAX = 1_000;

const named = z.object({ name: z.string().min(1).max(NAME_LENGTH_MAX) });
/** An entry as the settings file writes it; the catalog itself checks it and says what is wrong. */
const entry = z.looseObject({});
const prices = z.record(z.string(), z.unknown()).describe("as in the settings file: dollars per million tokens, per call, per second ...");

const group = z.object({
  name: z.string(),
  ratio: z.string().describe("multiplies every list price"),
  channels: z.union([z.literal("*"), z.array(z.string())]).describe("`*`, names of channels, `vendor:<id>`"),
  description: z.string(),
  users: z.array(z.int()).nullable().describe("ids of the accounts that may use it; null: all"),
  fallback: z.array(z.string()).describe("groups that are tried after it, in this order"),
  prices: z.record(z.string(), prices).describe("final prices of models, in the place of list price and ratio"),
  disabled: z.boolean(),
  override: entry.nullable().describe("what is set here over the shipped groups and the settings file; null: nothing"),
});
const model = z.object({
  id: z.string(),
  vendor: z.string(),
  display_name: z.string(),
  prices: prices.nullable().describe("null: it cannot be called"),
  retired_at: z.string().nullable(),
  replaced_by: z.string().nullable(),
  override: entry.nullable(),
});
const done = z.object({ price_version: z.string().describe("the prices that hold from now on") });

/** Groups, models and prices. */
export const CATALOG_ROUTES = {
  groups: route({ method: "get", path: "/api/admin/groups", summary: "All groups", who: "operator", words: "openai", answer: z.object({ data: z.array(group), price_version: z.string() }) }),
  setGroup: route({ method: "put", path: "/api/admin/groups/{name}", summary: "Lays an entry over a group, or makes one; it takes the place of the entry before", who: "operator", words: "openai", params: named, body: entry, answer: done }),
  resetGroup: route({ method: "delete", path: "/api/admin/groups/{name}", summary: "Takes the entry away: the group is as shipped or set in the file, or gone", who: "operator", words: "openai", params: named, answer: done }),
  models: route({
    method: "get",
    path: "/api/admin/models",
    summary: "All models with their list prices, those that cannot be called too",
    who: "operator",
    words: "openai",
    query: z.object({ vendor: z.string().max(NAME_LENGTH_MAX).optional(), unpriced: z.enum(["true", "false"]).optional().describe("true: those without a price") }),
    answer: z.object({ data: z.array(model), price_version: z.string() }),
  }),
  setModel: route({ method: "put", path: "/api/admin/models/{name}", summary: "Lays an entry over a model (`prices`, `aliases`, `retiredAt` ...), or makes one", who: "operator", words: "openai", params: named, body: entry, answer: done }),
  resetModel: route({ method: "delete", path: "/api/admin/models/{name}", summary: "Takes the entry away", who: "operator", words: "openai", params: named, answer: done }),
  versions: route({
    method: "get",
    path: "/api/admin/price-versions",
    summary: "Every list of prices that has been in force and since when, newest first: one that came again, several times",
    who: "operator",
    words: "openai",
    query: z.object({ limit: wholeNumber(1, VERSIONS_MAX).default(100) }),
    answer: z.object({ data: z.array(z.object({ version: z.string(), at: unixSeconds })) }),
  }),
  version: route({ method: "get", path: "/api/admin/price-versions/{name}", summary: "What a price version stands for", who: "operator", words: "openai", params: named, answer: z.object({ version: z.string(), at: unixSeconds, prices: z.unknown() }) }),
};
