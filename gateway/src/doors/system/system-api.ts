import type { SYSTEM_ROUTES } from "@yescale/contract";
import { keyHash } from "../../accounts/api-key.ts";
import { accountById, listKeys } from "../../store/queries/accounts.ts";
import type { Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";
import { keyRow, quotaOf } from "./family.ts";

/** One list answer holds at most this many keys. */
const KEYS_MAX = 10_000;

/** The System API: account and keys, with the access key. */
export const systemHandlers = ({ db, flush }: ApiServices): Handlers<typeof SYSTEM_ROUTES> => ({
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
    return { data, message: "", success: true };
  },

  async listKeys({ caller, query: { keyword, token } }) {
    await flush();
    // A whole key, with or without its prefix, is found by its digest; a part of one only where it is shown.
    const key = token === undefined || token === "" ? undefined : { visible: token, hashes: [keyHash(token), keyHash(`sk-${token}`)] };
    const rows = await listKeys(db, caller.account.id, { ...(keyword === undefined ? {} : { name: keyword }), limit: KEYS_MAX, ...(key ? { key } : {}) });
    return { data: rows.map(keyRow), message: "", success: true };
  },
});
