import { z } from "zod";
import { route } from "./route.ts";

const times = z.object({ p50: z.number(), p90: z.number(), p99: z.number() }).nullable();
const model = z.object({
  model_name: z.string(),
  vendor: z.string(),
  display_name: z.string(),
  quota_type: z.int().describe("0: by the token; 1: by the call or another measure"),
  model_ratio: z.number().describe("input price; 1 is $2 for a million tokens"),
  completion_ratio: z.number().describe("output price as a multiple of the input price"),
  cache_ratio: z.number().describe("price of a token read from a cache, as a multiple of the input price"),
  model_price: z.number().describe("dollars per call, where the price is by the call; 0: see `prices`"),
  prices: z.record(z.string(), z.unknown()).describe("the list prices: dollars per million tokens, per call, per second ..."),
  group_prices: z.record(z.string(), z.unknown()).describe("by group: final prices in the place of list price and ratio"),
  enable_groups: z.array(z.string()).describe("groups that serve it"),
  supported_endpoint_types: z.array(z.string()),
  context_tokens: z.int(),
  max_output_tokens: z.int(),
  abilities: z.array(z.string()),
  deprecated: z.boolean(),
  retires_at: z.string().nullable().describe("the day from which the vendor serves it no more"),
  replaced_by: z.string().nullable(),
  uptime: z.number().nullable().describe("share of the last 7 days' requests that were answered; null: too few were made to tell"),
  duration_ms: times.describe("how long whole answers took in the last 7 days"),
  first_byte_ms: times,
});

/** The public price list. */
export const PRICING_ROUTES = {
  pricing: route({
    method: "get",
    path: "/api/pricing",
    summary: "Models and prices, with what was measured of them; at most a minute old",
    who: "anybody",
    words: "system",
    answer: z.object({
      success: z.boolean(),
      message: z.string(),
      data: z.array(model),
      group_ratio: z.record(z.string(), z.number()),
      usable_group: z.record(z.string(), z.string()),
      auto_groups: z.array(z.string()).describe("what the group `auto` tries, in this order"),
      price_version: z.string(),
    }),
  }),
  groups: route({
    method: "get",
    path: "/api/user/self/groups",
    also: ["/api/user/groups"],
    summary: "The groups that the account's keys may have",
    who: "account",
    words: "system",
    answer: z.object({ success: z.boolean(), message: z.string(), data: z.record(z.string(), z.object({ ratio: z.number(), desc: z.string() })) }),
  }),
};
