/** The System API (page 4): exactly the members of its documented examples. */
import { z } from "zod";
import { exact, type Page, seconds, some, text } from "./page.ts";

const done = { success: z.literal(true), message: text };
const plain = exact(done);
const quota = z.int();
const zeroOrSeconds = z.union([z.literal(0), seconds]);
const key = exact({
  DeletedAt: z.null(), accessed_time: zeroOrSeconds, allow_ips: text, created_time: seconds, expired_time: z.union([z.literal(-1), seconds]), group: some, id: z.int().positive(), key: z.string().regex(/^sk-.{3}\W+.{4}$|^.{6}\*+.{4}$/), model_limits: text, model_limits_enabled: z.boolean(),
  name: text, remain_quota: quota, status: z.literal([1, 2, 3, 4]), unlimited_quota: z.boolean(), used_quota: quota, user_id: z.int().positive(),
});
const task = exact({
  id: z.int(), task_id: some, platform: some, action: some, model: some, status: z.enum(["NOT_START", "SUBMITTED", "QUEUED", "IN_PROGRESS", "SUCCESS", "FAILURE"]), progress: z.string().regex(/^\d+%$/), submit_time: seconds, start_time: zeroOrSeconds, finish_time: zeroOrSeconds,
  fail_reason: text, quota, refunded: z.boolean(), token_name: text, group: some, result_url: text,
});
const log = exact({
  id: z.int(), created_at: seconds, type: z.literal([1, 2, 3, 4, 5, 6]), content: text, username: some, token_name: text, model_name: text, quota, prompt_tokens: z.int(), completion_tokens: z.int(), use_time: z.int(), is_stream: z.boolean(), group: text, ip: text, request_id: text, other: text,
}).extend({ user_id: z.int(), token_id: z.int() });
const model = exact({ model_name: some, provider_name: some, price_per_request: z.number().nullable(), uptime: z.number(), is_deprecation: z.literal([0, 1]), category: some, endpoint: some, docs: text });

/** What vendors took away stays in the list, and says so. */
const models = z.array(model).min(100).refine((all) => all.some(({ is_deprecation: gone }) => gone === 1), "nothing is deprecated");

const system = (page: string, method: Page["method"], path: string, answer: z.ZodType, rest: Partial<Page> = {}): Page => ({ page: `4 System API: ${page}`, method, path, as: "access key", from: "fields", answer, charge: "free", ...rest });
const KEY = "{made.data.id}";

export const SYSTEM_PAGES: readonly Page[] = [
  system("user", "GET", "/yescale/user", exact({ data: exact({ access_token: some, display_name: text, email: text, quota, request_count: z.int(), role: z.int(), telegram_id: text, used_quota: quota, username: some }), ...done }), { from: "example" }),
  system("createkey", "POST", "/yescale/createkey", exact({ data: key.extend({ key: z.string().regex(/^sk-[A-Za-z0-9]{48}$/) }), ...done }), { name: "made", json: { name: "pages", expired_time: -1, remain_quota: 500_000, unlimited_quota: false, group: "default", allow_ips: "", model_limits_enabled: true, model_limits: "gpt-4.1-mini" } }),
  system("apikeylist", "GET", "/yescale/apikeylist", exact({ data: z.array(key).min(1), ...done }), { from: "example" }),
  system("apikeylist by name", "GET", "/yescale/apikeylist?keyword={made.data.name}", exact({ data: z.array(key.extend({ name: z.literal("pages") })).min(1), ...done }), { name: "found" }),
  system("editquota", "PUT", `/yescale/editquota/${KEY}`, plain, { from: "example", name: "quota", json: { remain_quota: 50_000_000 } }),
  system("editkey", "PUT", `/yescale/editkey/${KEY}`, plain, { name: "edited", json: { status: 2, group: "default", expired_time: -1 } }),
  system("deletekey", "DELETE", `/yescale/deletekey/${KEY}`, plain, { from: "example", after: ["quota", "edited", "found"] }),
  system("task", "GET", "/yescale/task?start_timestamp={given.before}&end_timestamp={given.after}", exact({ data: z.array(task).min(1), ...done }), { after: ["picture"] }),
  system("logs", "GET", "/yescale/logs?p=1&page_size=10000&type=2&model_name=nano-banana-2&start_timestamp={given.before}", exact({ total: z.int().positive(), page: z.literal(1), page_size: z.literal(10_000), data: z.array(log).min(1), ...done }), { after: ["picture"] }),
  system("models", "GET", "/yescale/models", exact({ data: models, ...done })),
  system("models, alias", "GET", "/yescale/models/list", exact({ data: models, ...done })),
];
