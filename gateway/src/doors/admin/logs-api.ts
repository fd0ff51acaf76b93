import type { LOG_ADMIN_ROUTES } from "@yescale/contract";
import { nanoToUsdText } from "../../catalog/money.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { withinTime } from "../../store/database.ts";
import { listRequests, oneRequest } from "../../store/queries/operator-lists.ts";
import type { Handlers } from "../api/handler.ts";
import { nextOf } from "../api/pages.ts";
import type { ApiServices } from "../api/services.ts";
import { secondsOf } from "../system/family.ts";
import { namesOf } from "../system/names.ts";

/** A question about all requests may keep the database busy for so long. */
const SEARCH_MS_MAX = 3_000;

/** Requests of all, for operators. */
export function logAdminHandlers({ db, flush }: ApiServices): Handlers<typeof LOG_ADMIN_ROUTES> {
  const named = async (rows: readonly Row[]) => {
    const { users, keys } = await namesOf(db, rows);
    return (row: Row) => requestView(row, users.get(row.user_id) ?? "", keys.get(row.key_id) ?? "");
  };
  return {
    async list({ query }) {
      await flush();
      const { after, failed, anomaly, start_timestamp, end_timestamp, ...filter } = query;
      const rows = await withinTime(db, SEARCH_MS_MAX, (tx) =>
        listRequests(tx, { ...filter, before: after, failed: failed === "true", anomaly: anomaly === "true", fromSeconds: start_timestamp, toSeconds: end_timestamp }),
      );
      if (rows === undefined) throw new GatewayError("tooMuch", { publicText: "Too many rows would have to be looked through: name a time with start_timestamp and end_timestamp, or a user or key." });
      const view = await named(rows);
      return { data: rows.map(view), next: nextOf(rows, query.limit, (row) => row.id) };
    },

    async read({ params }) {
      await flush();
      const row = await oneRequest(db, params.id);
      if (!row) throw new GatewayError("notFound", { publicText: "There is no such request." });
      const view = await named([row]);
      return {
        ...view(row),
        attempts: row.attempts as { channel: string; key?: number; outcome: string; ms: number }[],
        lines: row.lines as { class: string; amountNano: number }[],
        price_version: row.price_version,
        metadata: row.metadata as Record<string, unknown> | null,
      };
    },
  };
}

type Row = Awaited<ReturnType<typeof listRequests>>[number];

const requestView = (row: Row, username: string, key: string) => ({
  id: row.id,
  at: secondsOf(row.at),
  user_id: Number(row.user_id),
  username,
  organisation_id: row.organisation_id === null ? null : Number(row.organisation_id),
  key_id: Number(row.key_id),
  key,
  group: row.group_name,
  dialect: row.dialect,
  endpoint: row.endpoint,
  model: row.model,
  upstream_model: row.upstream_model,
  channel: row.channel,
  stream: row.stream,
  sandbox: row.sandbox,
  status: row.status,
  error_code: row.error_code,
  end: row.end_reason,
  first_byte_ms: row.first_byte_ms,
  duration_ms: row.duration_ms,
  usage: row.usage,
  estimated: row.estimated,
  anomaly: row.anomaly,
  charge_usd: nanoToUsdText(BigInt(row.charge_nano)),
  ip: row.ip,
});
