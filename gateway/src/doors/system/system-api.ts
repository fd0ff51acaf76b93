import type { SYSTEM_ROUTES } from "@yescale/contract";
import { quotaToNano } from "../../catalog/money.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { accountById } from "../../store/queries/accounts.ts";
import { listTasks } from "../../store/queries/task-lists.ts";
import type { Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";
import { quotaOf } from "./family.ts";
import { keyChangesOf } from "./key-wish.ts";
import { modelList } from "./model-list.ts";
import { ownLogPage } from "./own-logs.ts";
import { taskViews } from "./own-tasks.ts";
import { changeOwnKey, deleteOwnKey, findOwnKeys, makeOwnKey } from "./own-keys.ts";

/** Tasks in one answer. */
const TASKS_MAX = 10_000;
const DONE = { message: "", success: true };

/** The System API: account and keys, with the access key. */
export function systemHandlers(services: ApiServices): Handlers<typeof SYSTEM_ROUTES> {
  const { db, flush } = services;
  return {
    async user({ caller }) {
      await flush();
      const account = (await accountById(db, caller.account.id)) ?? caller.account;
      const data = {
        access_token: caller.accessKey ?? "",
        display_name: account.display_name,
        email: account.email,
        quota: quotaOf(account.balance_nano),
        request_count: Number(account.requests ?? 0),
        role: account.role,
        telegram_id: "",
        used_quota: quotaOf(account.used_nano),
        username: account.username,
      };
      return { data, ...DONE };
    },

    async listKeys({ caller, query }) {
      return { data: await findOwnKeys(services, caller.account.id, query), ...DONE };
    },

    async logs({ caller, query: { p, page_size, ...query } }) {
      const { rows, total } = await ownLogPage(services, caller.account, query, p, page_size);
      return { ...DONE, total, page: p, page_size, data: rows };
    },

    async tasks({ caller, query: { start_timestamp: fromSeconds, end_timestamp: toSeconds } }) {
      if (fromSeconds > toSeconds) throw new GatewayError("invalidRequest", { publicText: "start_timestamp must not be after end_timestamp.", param: "start_timestamp" });
      return { ...DONE, data: await taskViews(services, await listTasks(db, { owner: caller.account.id, fromSeconds, toSeconds }, { limit: TASKS_MAX })) };
    },

    models: ({ caller }) => ({ ...DONE, data: modelList(services, caller.account.id) }),

    async createKey({ caller, body }) {
      return { data: await makeOwnKey(services, { userId: caller.account.id }, body), ...DONE };
    },

    async editKey({ caller, params, body, requestId }) {
      await changeOwnKey(services, caller.account.id, params.key_id, keyChangesOf(body, services.catalog(), caller.account.id), `key-edit:${requestId}`);
      return DONE;
    },

    async editQuota({ caller, params, body, requestId }) {
      await changeOwnKey(services, caller.account.id, params.key_id, { quotaNano: quotaToNano(BigInt(body.remain_quota)) }, `key-edit:${requestId}`);
      return DONE;
    },

    async deleteKey({ caller, params }) {
      await deleteOwnKey(services, caller.account.id, params.key_id);
      return DONE;
    },
  };
}
