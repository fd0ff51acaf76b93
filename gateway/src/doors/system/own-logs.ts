import { GatewayError } from "../../errors/gateway-error.ts";
import { keyIdsByName, keyNames } from "../../store/queries/keys.ts";
import type { LogFilter } from "../../store/queries/logs.ts";
import { readMetadata } from "../../usage/metadata.ts";
import type { Account } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";
import { logView } from "./log-view.ts";

/** Keys of one name whose rows are looked for. */
const SAME_NAME_MAX = 100;

export interface LogQuery {
  type?: number | undefined;
  token_name?: string | undefined;
  model_name?: string | undefined;
  username?: string | undefined;
  start_timestamp?: number | undefined;
  end_timestamp?: number | undefined;
  metadata?: string | undefined;
}

/** What a query asks of an account's own log; undefined: of somebody else's, of whom it tells nothing. Throws GatewayError. */
export async function ownLogFilter({ db, catalog }: ApiServices, account: Account, query: LogQuery): Promise<LogFilter | undefined> {
  if (query.username && query.username !== account.username) return undefined;
  const { start_timestamp: from, end_timestamp: to } = query;
  if (from && to && from > to) throw new GatewayError("invalidRequest", { publicText: "start_timestamp must not be after end_timestamp.", param: "start_timestamp" });
  return {
    owner: { userId: account.id },
    ...(query.type ? { type: query.type } : {}),
    ...(query.token_name ? { keyIds: await keyIdsByName(db, account.id, query.token_name, SAME_NAME_MAX) } : {}),
    ...(query.model_name ? { model: catalog().find(query.model_name)?.id ?? query.model_name } : {}),
    ...(query.metadata ? { metadata: readMetadata(query.metadata, "metadata") } : {}),
    ...(from ? { fromSeconds: from } : {}),
    ...(to ? { toSeconds: to } : {}),
  };
}

/** One page of an account's own log, as the family's clients read it. Throws GatewayError. */
export async function ownLogPage(services: ApiServices, account: Account, query: LogQuery, page: number, size: number): Promise<{ total: number; rows: ReturnType<typeof logView>[] }> {
  const filter = await ownLogFilter(services, account, query);
  if (!filter) return { total: 0, rows: [] };
  await services.flush();
  const { rows, total } = await services.logPages.page(filter, page, size);
  const keys = await keyNames(services.db, [...new Set(rows.flatMap((row) => row.key_id ?? []))]);
  const names = { users: new Map([[account.id, account.username]]), keys };
  return { total, rows: rows.map((row) => logView(row, names)) };
}
