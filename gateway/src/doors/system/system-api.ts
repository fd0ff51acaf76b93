import { Hono } from "hono";
import { CREDENTIAL_LENGTH_MAX, keyHash } from "../../accounts/api-key.ts";
import { nanoToQuota } from "../../catalog/money.ts";
import type { Db } from "../../store/database.ts";
import { listKeys, userByAccessKey } from "../../store/queries/accounts.ts";

/** One list answer holds at most this many keys. */
const KEYS_MAX = 10_000;
/** A search text longer than this is no name. */
const SEARCH_LENGTH_MAX = 100;

type Account = NonNullable<Awaited<ReturnType<typeof userByAccessKey>>>;
type Variables = { Variables: { account: Account; accessKey: string } };

const seconds = (date: Date | null): number => (date ? Math.floor(date.getTime() / 1000) : 0);
/** Quota as a JSON number; above 2^53 units ($18 billion) it would lose digits, which no account holds. */
const quota = (nano: string | null): number => Number(nanoToQuota(BigInt(nano ?? "0")));

/** The System API: account and keys, with the access key. `flush` brings this process's last charges to the database first. */
export function systemApi(db: Db, flush: () => Promise<unknown>): Hono<Variables> {
  const app = new Hono<Variables>().basePath("/yescale");

  app.use("*", async (context, next) => {
    const accessKey = /^(?:bearer +)?(.{1,256})$/i.exec(context.req.header("authorization")?.trim() ?? "")?.[1];
    // An API key is no access key: it is not even looked up.
    const account = accessKey === undefined || accessKey.startsWith("sk-") ? undefined : await userByAccessKey(db, keyHash(accessKey));
    if (!account || accessKey === undefined) return context.json({ success: false, message: "The access key is missing or not valid." }, 401);
    if (account.status !== 1) return context.json({ success: false, message: "The account is disabled." }, 403);
    context.set("account", account);
    context.set("accessKey", accessKey);
    return next();
  });

  app.get("/user", async (context) => {
    await flush();
    const account = (await userByAccessKey(db, keyHash(context.get("accessKey")))) ?? context.get("account");
    return context.json({
      data: {
        access_token: context.get("accessKey"),
        display_name: account.display_name,
        email: account.email,
        quota: quota(account.balance_nano),
        request_count: Number(account.requests ?? 0),
        role: account.role,
        telegram_id: "",
        used_quota: quota(account.used_nano),
        username: account.username,
      },
      message: "",
      success: true,
    });
  });

  app.get("/apikeylist", async (context) => {
    await flush();
    const keyword = context.req.query("keyword") ?? "";
    const token = context.req.query("token") ?? "";
    if (keyword.length > SEARCH_LENGTH_MAX || token.length > CREDENTIAL_LENGTH_MAX)
      return context.json({ success: false, message: `A search text has ${SEARCH_LENGTH_MAX} characters at most.` }, 400);
    // Postgres takes no NUL in a text, and no name has one.
    if (`${keyword}${token}`.includes("\u0000")) return context.json({ success: false, message: "A search text has a character that no name can have." }, 400);
    // A whole key, with or without its prefix, is found by its digest; a part of one only where it is shown.
    const key = token === "" ? undefined : { visible: token, hashes: [keyHash(token), keyHash(`sk-${token}`)] };
    const rows = await listKeys(db, context.get("account").id, { name: keyword, limit: KEYS_MAX, ...(key ? { key } : {}) });
    const data = rows.map((row) => ({
      DeletedAt: null,
      accessed_time: seconds(row.last_used_at ?? row.created_at),
      allow_ips: (row.allow_ips ?? []).join("\n"),
      created_time: seconds(row.created_at),
      expired_time: row.expires_at ? seconds(row.expires_at) : -1,
      group: row.group_name,
      id: Number(row.id),
      key: row.visible,
      model_limits: (row.model_limits ?? []).join(","),
      model_limits_enabled: row.model_limits !== null,
      name: row.name,
      remain_quota: quota(row.remain_nano),
      status: row.status,
      unlimited_quota: row.unlimited,
      used_quota: quota(row.used_nano),
      user_id: Number(row.user_id),
    }));
    return context.json({ data, message: "", success: true });
  });

  for (const path of ["/user", "/apikeylist"])
    app.all(path, (context) => context.json({ success: false, message: "This address does not take that method." }, 405, { allow: "GET, HEAD" }));
  app.notFound((context) => context.json({ success: false, message: "There is nothing at this address." }, 404));
  app.onError((_error, context) => context.json({ success: false, message: "Something went wrong on our side." }, 500));
  return app;
}
