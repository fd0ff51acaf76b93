import { GatewayError } from "../../errors/gateway-error.ts";
import { keyIdsByName, type KeyOwner } from "../../store/queries/keys.ts";
import type { LogFilter } from "../../store/queries/logs.ts";
import { readMetadata } from "../../usage/metadata.ts";
import type { Account } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";
import { logView } from "./log-view.ts";
import { namesOf } from "./names.ts";

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

/** What a query asks of a log. `keys`: whose keys are named in it. Throws GatewayError. */
export async function logFilterOf({ db, catalog }: ApiServices, owner: LogFilter["owner"], keys: KeyOwner | undefined, query: LogQuery): Promise<LogFilter> {
  const { start_timestamp: from, end_timestamp: to } = query;
  if (from && to && from > to) throw new GatewayError("invalidRequest", { publicText: "start_timestamp must not be after end_timestamp.", param: "start_timestamp" });
  return {
    owner,
    ...(query.type ? { type: query.type } : {}),
    ...(query.token_name && keys !== undefined ? { keyIds: await keyIdsByName(db, keys, query.token_name, SAME_NAME_MAX) } : {}),
    ...(query.model_name ? { model: catalog().find(query.model_name)?.id ?? query.model_name } : {}),
    ...(query.metadata ? { metadata: readMetadata(query.metadata, "metadata") } : {}),
    ...(from ? { fromSeconds: from } : {}),
    ...(to ? { toSeconds: to } : {}),
  };
}

/** What a query asks of an account's own log; undefined: of somebody else's, of whom it tells nothing. Throws GatewayError. */
export const ownLogFilter = async (services: ApiServices, account: Account, query: LogQuery): Promise<LogFilter | undefined> =>
  query.username && query.username !== account.username ? undefined : logFilterOf(services, { userId: account.id }, account.id, query);

/** One page of a log, as the family's clients read it, with the names of whom it speaks of. Throws GatewayError. */
export async function logPage({ db, flush, logPages }: ApiServices, filter: LogFilter, page: number, size: number): Promise<{ total: number; rows: ReturnType<typeof logView>[] }> {
  await flush();
  const { rows, total } = await logPages.page(filter, page, size);
  const names = await namesOf(db, rows);
  return { total, rows: rows.map((row) => logView(row, names)) };
}

/** One page of an account's own log. Throws GatewayError. */
export async function ownLogPage(services: ApiServices, account: Account, query: LogQuery, page: number, size: number): Promise<{ total: number; rows: ReturnType<typeof logView>[] }> {
  const filter = await ownLogFilter(services, account, query);
  return filter ? logPage(services, filter, page, size) : { total: 0, rows: [] };
}
