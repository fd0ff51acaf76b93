import { z } from "zod";

/** System API answers: amounts are quota units, 500,000 = 1 USD; times are Unix seconds. */
export const account = z.object({
  access_token: z.string(),
  display_name: z.string(),
  email: z.string(),
  quota: z.int().describe("what is left in the wallet"),
  request_count: z.int(),
  role: z.int().describe("1 user, 10 operator, 100 owner"),
  telegram_id: z.string(),
  used_quota: z.int(),
  username: z.string(),
});

export const apiKey = z.object({
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

export const userAnswer = z.object({ data: account, message: z.string(), success: z.boolean() });
export const apiKeyListAnswer = z.object({ data: z.array(apiKey), message: z.string(), success: z.boolean() });
export const systemError = z.object({ success: z.literal(false), message: z.string() });
