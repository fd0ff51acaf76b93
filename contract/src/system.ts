import { z } from "zod";
import { searchText } from "./fields.ts";
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

const apiKey = z.object({
  DeletedAt: z.null(),
  accessed_time: z.int(),
  allow_ips: z.string().describe("addresses and ranges, one a line; empty: any"),
  created_time: z.int(),
  expired_time: z.int().describe("-1: never"),
  group: z.string(),
  id: z.int(),
  key: z.string().describe("first 6 and last 4 characters"),
  model_limits: z.string().describe("comma-separated; used if model_limits_enabled"),
  model_limits_enabled: z.boolean(),
  name: z.string(),
  remain_quota: z.int(),
  status: z.int().describe("1 active, 2 disabled, 3 expired, 4 used up"),
  unlimited_quota: z.boolean(),
  used_quota: z.int(),
  user_id: z.int(),
});

/** What every answer of the family carries beside its data. */
const done = { message: z.string(), success: z.boolean() };
const KEY_LENGTH_MAX = 256;

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
};
