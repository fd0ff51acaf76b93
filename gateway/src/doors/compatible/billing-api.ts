import type { BILLING_ROUTES } from "@yescale/contract";
import type { KeyRecord } from "../../accounts/key-record.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { keyFigures } from "../../store/queries/keys.ts";
import { listLog } from "../../store/queries/logs.ts";
import type { Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";
import { quotaOf, secondsOf } from "../system/family.ts";
import { logView } from "../system/log-view.ts";

const NANO_PER_USD = 1e9;
const NANO_PER_CENT = 1e7;
/** Rows of one key's log. */
const ROWS_MAX = 1_000;

/** What a key can tell of itself and its wallet: read by balance widgets and gateways in front of this one. */
export function billingHandlers({ db, flush }: ApiServices): Handlers<typeof BILLING_ROUTES> {
  const figures = async (key: KeyRecord) => {
    await flush();
    const found = await keyFigures(db, String(key.id));
    if (!found) throw new GatewayError("invalidKey");
    return found;
  };
  /** Dollars left and spent: the key's own, or its wallet's where the key has no limit of its own. */
  const dollars = async (key: KeyRecord) => {
    const found = await figures(key);
    const [left, used] = found.unlimited ? [found.wallet_nano, found.wallet_used_nano] : [found.remain_nano, found.used_nano];
    // Divided once: sums of dollars in floating point would show digits that nobody spent.
    return { left: Number(left) / NANO_PER_USD, used: Number(used) / NANO_PER_USD, granted: Number(BigInt(left) + BigInt(used)) / NANO_PER_USD, usedCents: Number(used) / NANO_PER_CENT, expiresAt: secondsOf(found.expires_at) };
  };
  return {
    async subscription({ caller }) {
      const { granted: limit, expiresAt } = await dollars(caller);
      return { object: "billing_subscription", has_payment_method: true, soft_limit_usd: limit, hard_limit_usd: limit, system_hard_limit_usd: limit, access_until: expiresAt };
    },

    async usage({ caller }) {
      return { object: "list", total_usage: (await dollars(caller)).usedCents };
    },

    async creditGrants({ caller }) {
      const { left, used, granted } = await dollars(caller);
      return { object: "credit_summary", total_granted: granted, total_used: used, total_available: left, grants: { object: "list", data: [] } };
    },

    async tokenUsage({ caller }) {
      const found = await figures(caller);
      const [available, used] = [quotaOf(found.remain_nano), quotaOf(found.used_nano)];
      const data = {
        object: "token_usage" as const,
        name: found.name,
        total_granted: available + used,
        total_used: used,
        total_available: available,
        unlimited_quota: found.unlimited,
        model_limits: Object.fromEntries((found.model_limits ?? []).map((model) => [model, true as const])),
        model_limits_enabled: found.model_limits !== null,
        expires_at: secondsOf(found.expires_at),
      };
      return { code: true, message: "ok", data };
    },

    async tokenLog({ caller }) {
      const { name, username, user_id } = await figures(caller);
      const rows = await listLog(db, { owner: { userId: user_id }, keyIds: [String(caller.id)] }, { limit: ROWS_MAX });
      const names = { users: new Map([[user_id, username]]), keys: new Map([[String(caller.id), name]]) };
      return { success: true, message: "", data: rows.map((row) => logView(row, names)) };
    },
  };
}
