import type { FAMILY_ROUTES } from "@yescale/contract";
import { keyHash, newAccessKey } from "../../accounts/api-key.ts";
import { completionTokens, promptTokens } from "../../dialects/canonical/usage.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { accountById, setAccessKey } from "../../store/queries/accounts.ts";
import { deleteKeys, listKeys } from "../../store/queries/keys.ts";
import { recentUsage } from "../../store/queries/logs.ts";
import { usageSums } from "../../store/queries/usage.ts";
import type { Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";
import { keyRow, quotaOf } from "../system/family.ts";
import { type FamilyKey, keyChangesOf } from "../system/key-wish.ts";
import { modelList } from "../system/model-list.ts";
import { changeOwnKey, deleteOwnKey, findOwnKeys, makeOwnKey } from "../system/own-keys.ts";
import { midjourney } from "../media/midjourney.ts";
import { midjourneyViews, ownTaskPage, statesShownAs, taskViews } from "../system/own-tasks.ts";
import { ownLogFilter, ownLogPage } from "../system/own-logs.ts";

const DONE = { success: true, message: "" };
const PAGE_ROWS_DEFAULT = 20;
const HOUR_MS = 3_600_000;
const RATE_MS = 60_000;

interface Paged {
  p: number;
  page_size?: number | undefined;
  size?: number | undefined;
}
const pageOf = ({ p, page_size, size }: Paged): { page: number; size: number } => ({ page: Math.max(p, 1), size: page_size ?? size ?? PAGE_ROWS_DEFAULT });

/** The account, its keys and its log, as clients of the family ask for them. */
export function familyHandlers(services: ApiServices): Handlers<typeof FAMILY_ROUTES> {
  const { db, clock, catalog, flush, addUp } = services;

  const keyPage = async (userId: string, paged: Paged, filter: { keyword?: string | undefined; token?: string | undefined }) => {
    const { page, size } = pageOf(paged);
    const found = await findOwnKeys(services, userId, filter);
    return { ...DONE, data: { page, page_size: size, total: found.length, items: found.slice((page - 1) * size, page * size) } };
  };
  const oneKey = async (userId: string, id: string) => {
    const [row] = await listKeys(db, userId, { id, limit: 1 });
    if (!row) throw new GatewayError("notFound", { publicText: "There is no such API key." });
    return keyRow(row, clock.now());
  };
  const callable = (userId: string): ReturnType<typeof modelList> => modelList(services, userId).filter((model) => model.is_deprecation === 0);

  return {
    async self({ caller }) {
      await flush();
      const account = (await accountById(db, caller.account.id)) ?? caller.account;
      const data = {
        id: Number(account.id),
        username: account.username,
        display_name: account.display_name,
        role: account.role,
        status: account.status,
        email: account.email,
        quota: quotaOf(account.balance_nano),
        used_quota: quotaOf(account.used_nano),
        request_count: Number(account.requests ?? 0),
        group: catalog().groups()[0]?.name ?? "default",
      };
      return { ...DONE, data };
    },

    ownModels: ({ caller }) => ({ ...DONE, data: callable(caller.account.id).map((model) => model.model_name) }),

    modelsByVendor({ caller }) {
      const byVendor = Map.groupBy(callable(caller.account.id), (model) => model.provider_name);
      return { ...DONE, data: Object.fromEntries([...byVendor].map(([vendor, models]) => [vendor, models.map((model) => model.model_name)])) };
    },

    async newAccessKey({ caller }) {
      const accessKey = newAccessKey();
      await setAccessKey(db, caller.account.id, keyHash(accessKey));
      return { ...DONE, data: accessKey };
    },

    keys: ({ caller, query }) => keyPage(caller.account.id, query, {}),

    searchKeys: ({ caller, query }) => keyPage(caller.account.id, query, query),

    async key({ caller, params }) {
      return { ...DONE, data: await oneKey(caller.account.id, params.id) };
    },

    async makeKey({ caller, body }) {
      return { ...DONE, data: await makeOwnKey(services, { userId: caller.account.id }, body) };
    },

    async changeKey({ caller, query, body, requestId }) {
      const id = String(body.id);
      const before = await oneKey(caller.account.id, id);
      await changeOwnKey(services, caller.account.id, id, keyChangesOf(query.status_only === "true" ? { status: settable(body.status) } : changedOnly(body, before), catalog(), caller.account.id), `key-edit:${requestId}`);
      return { ...DONE, data: await oneKey(caller.account.id, id) };
    },

    async deleteKey({ caller, params }) {
      await deleteOwnKey(services, caller.account.id, params.id);
      return DONE;
    },

    async deleteKeys({ caller, body }) {
      return { ...DONE, data: await deleteKeys(db, caller.account.id, body.ids.map(String)) };
    },

    async log({ caller, query: { p, page_size, size: other, ...query } }) {
      const { page, size } = pageOf({ p, page_size, size: other });
      const { rows, total } = await ownLogPage(services, caller.account, query, page, size);
      return { ...DONE, data: { page, page_size: size, total, items: rows } };
    },

    async tasks({ caller, query: { p, page_size, size: other, ...query } }) {
      const { page, size } = pageOf({ p, page_size, size: other });
      const filter = { taskId: query.task_id, action: query.action || undefined, states: query.status && statesShownAs(query.status), platforms: query.platform ? [query.platform] : undefined, fromSeconds: query.start_timestamp, toSeconds: query.end_timestamp };
      const { rows, total } = await ownTaskPage(services, caller.account.id, filter, page, size);
      const items = (await taskViews(services, rows)).map((view) => ({ ...view, user_id: Number(caller.account.id), created_at: view.submit_time, updated_at: view.finish_time || view.start_time || view.submit_time }));
      return { ...DONE, data: { page, page_size: size, total, items } };
    },

    async midjourneyTasks({ caller, query: { p, page_size, size: other, ...query } }) {
      const { page, size } = pageOf({ p, page_size, size: other });
      const { rows, total } = await ownTaskPage(services, caller.account.id, { taskId: query.mj_id, platforms: [midjourney.platform], fromSeconds: query.start_timestamp, toSeconds: query.end_timestamp }, page, size);
      return { ...DONE, data: { page, page_size: size, total, items: await midjourneyViews(services, rows) } };
    },

    async logSums({ caller, query }) {
      const filter = await ownLogFilter(services, caller.account, query);
      await flush();
      await addUp();
      const user = caller.account.id;
      const until = new Date(query.end_timestamp ? (query.end_timestamp + 1) * 1000 : Math.ceil((clock.now() + 1) / HOUR_MS) * HOUR_MS);
      const span = { since: new Date((query.start_timestamp ?? 0) * 1000), until, span: "all" as const, by: [], sandbox: false, limit: 1 };
      const parts = filter === undefined ? [] : (filter.keyIds?.map((key) => ({ key })) ?? [{}]);
      const sums = await Promise.all(parts.map((part) => usageSums(db, { ...span, where: { user, ...part, ...(filter?.model === undefined ? {} : { model: filter.model }) } })));
      const recent = filter === undefined ? [] : await recentUsage(db, user, clock.now() - RATE_MS);
      const data = {
        quota: quotaOf(sums.flat().reduce((sum, part) => sum + part.chargeNano, 0n).toString()),
        rpm: recent.length,
        tpm: recent.reduce((sum, usage) => sum + promptTokens(usage) + completionTokens(usage), 0),
      };
      return { ...DONE, data };
    },
  };
}

type Row = ReturnType<typeof keyRow>;

/** Clients send the whole row back that they were given: what stands in it as it was is no wish. So a key that has expired can be renamed without being renewed. */
function changedOnly(body: FamilyKey, before: Row): FamilyKey {
  const wish: FamilyKey = {};
  if (body.name !== before.name) wish.name = body.name;
  if (body.expired_time !== before.expired_time) wish.expired_time = body.expired_time;
  if (body.remain_quota !== before.remain_quota) wish.remain_quota = body.remain_quota;
  if (body.unlimited_quota !== before.unlimited_quota) wish.unlimited_quota = body.unlimited_quota;
  if (body.group !== before.group) wish.group = body.group;
  if (body.allow_ips !== before.allow_ips) wish.allow_ips = body.allow_ips;
  if (body.model_limits_enabled !== before.model_limits_enabled || body.model_limits !== before.model_limits) {
    wish.model_limits_enabled = body.model_limits_enabled;
    wish.model_limits = body.model_limits;
  }
  if (body.status !== before.status) wish.status = settable(body.status);
  return wish;
}

/** 1 and 2 are set by people; 3 and 4 are what a key comes to, and sent back only because they were shown. */
const settable = (status: number | undefined): number | undefined => (status === 1 || status === 2 ? status : undefined);
