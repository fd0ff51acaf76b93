import { nanoToQuota } from "../../catalog/money.ts";
import { completionTokens, promptTokens, type Usage } from "../../dialects/canonical/usage.ts";
import type { LogRow } from "../../store/queries/logs.ts";
import type { RowNames } from "./names.ts";

/**
 * A number for clients that want one as an id: the id's millisecond and the 12 bits behind it (RFC 9562, UUID version 7), which stays a whole JSON number until the year 2039. In the order of time; `request_id` is the id itself.
 */
export const numberOf = (id: string): number => Number(BigInt(`0x${id.slice(0, 8)}${id.slice(9, 13)}${id.slice(15, 18)}`));

/** A row as the family's clients read it: amounts in quota units, `use_time` in whole seconds, since clients with types read a whole number, `other` JSON text. */
export function logView(row: LogRow, { users, keys }: RowNames) {
  const usage = JSON.parse(row.usage) as Usage;
  return {
    id: numberOf(row.id),
    user_id: Number(row.user_id ?? 0),
    token_id: Number(row.key_id ?? 0),
    created_at: Number(row.at),
    type: row.type,
    content: row.content,
    username: users.get(row.user_id ?? "") ?? "",
    token_name: keys.get(row.key_id ?? "") ?? "",
    model_name: row.model,
    quota: Number(nanoToQuota(BigInt(row.amount_nano))),
    prompt_tokens: promptTokens(usage),
    completion_tokens: completionTokens(usage),
    use_time: Math.round(row.duration_ms / 1000),
    is_stream: row.stream,
    group: row.group_name,
    ip: row.ip ?? "",
    request_id: row.key_id === null ? "" : row.id,
    other: row.key_id === null ? "" : `{"endpoint":${JSON.stringify(row.endpoint)},"status":${row.status},"end":"${row.end_reason}","frt":${row.first_byte_ms ?? 0},"duration_ms":${row.duration_ms},"estimated":${row.estimated},"usage":${row.usage}${row.metadata === null ? "" : `,"metadata":${row.metadata}`}}`,
  };
}
