import type { REPORT_ROUTES } from "@yescale/contract";
import { nanoToUsdText } from "../../catalog/money.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { EXPORT_COLUMNS, type ExportKind, exportPart, exportStart, type ExportTime } from "../../store/queries/exports.ts";
import { lateCost, wrongHolds } from "../../store/queries/reconciliation.ts";
import { taskCounts } from "../../store/queries/tasks.ts";
import { reconcile, type Sums } from "../../upkeep/reconcile.ts";
import type { Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";
import { csvLine } from "./csv.ts";

/** What is wrong is told up to so many; where more is, all is. */
const WRONG_SHOWN_MAX = 100;
const DAY_MS = 86_400_000;
/** Rows read at once for a file. */
const PART_ROWS = 1_000;

/** Whether the books agree, and lists as files. */
export function reportHandlers(services: ApiServices): Handlers<typeof REPORT_ROUTES> {
  const { db, clock, flush, catalog, setAside } = services;
  const timeOf = (query: { start_timestamp?: number | undefined; end_timestamp?: number | undefined }, days: number): ExportTime => {
    const toUnixMs = query.end_timestamp === undefined ? clock.now() + 1 : (query.end_timestamp + 1) * 1000;
    const fromUnixMs = query.start_timestamp === undefined ? Math.max(0, toUnixMs - days * DAY_MS) : query.start_timestamp * 1000;
    if (fromUnixMs >= toUnixMs) throw new GatewayError("invalidRequest", { publicText: "start_timestamp must not be after end_timestamp.", param: "start_timestamp" });
    return { fromUnixMs, toUnixMs };
  };

  return {
    async reconciliation({ query }) {
      const time = timeOf(query, 1);
      await flush();
      const { balances, charges, total, byChannel } = await reconcile(db, catalog(), time);
      return {
        start: Math.floor(time.fromUnixMs / 1000),
        end: Math.floor((time.toUnixMs - 1) / 1000),
        balances: { checked: balances.checked, wrong: balances.wrong.map((row) => ({ kind: row.kind, owner_id: Number(row.owner_id), balance_usd: nanoToUsdText(BigInt(row.balance_nano)), sum_usd: nanoToUsdText(BigInt(row.sum_nano)) })) },
        charges,
        tasks: {
          ...(await taskCounts(db)),
          late_cost_usd: nanoToUsdText(await lateCost(db)),
          wrong_holds: (await wrongHolds(db, WRONG_SHOWN_MAX)).map((row) => ({ kind: row.kind, owner_id: Number(row.owner_id), held_usd: nanoToUsdText(BigInt(row.held_nano)), sum_usd: nanoToUsdText(BigInt(row.sum_nano)) })),
        },
        set_aside: setAside(),
        total: shown(total),
        by_channel: byChannel.map(({ channel, model, sums }) => ({ channel, model, ...shown(sums) })),
      };
    },

    async export({ params: { what }, query, change }) {
      timeOf(query, 36_500);
      await flush();
      await change((_tx, note) => Promise.resolve(note({ action: "export", subject: `export:${what}`, after: { format: query.format } })));
      // Up to now, with this export's own note: asked a moment before, it would be in or out by chance.
      const time = timeOf(query, 36_500);
      const [type, suffix] = query.format === "csv" ? ["text/csv; charset=utf-8; header=present", "csv"] : ["application/json", "json"];
      const text = query.format === "csv" ? csvOf(services, what, time) : jsonOf(services, what, time);
      return new Response(streamOf(text), { headers: { "content-type": type, "content-disposition": `attachment; filename="${what}.${suffix}"`, "x-content-type-options": "nosniff" } });
    },
  };
}

const shown = (sums: Sums) => ({
  requests: sums.requests,
  charged_usd: nanoToUsdText(sums.chargedNano),
  list_price_usd: nanoToUsdText(sums.listPriceNano),
  lost_usd: nanoToUsdText(sums.lostNano),
  estimated: sums.estimated,
  anomalies: sums.anomalies,
});

/** All rows, part by part: no more of them in memory than one part. */
async function* rowsOf({ db }: ApiServices, kind: ExportKind, time: ExportTime): AsyncGenerator<Record<string, unknown>[]> {
  for (let after: string | undefined = exportStart(kind); after !== undefined; ) {
    const part: Awaited<ReturnType<typeof exportPart>> = await exportPart(db, kind, time, after, PART_ROWS);
    yield part.rows;
    after = part.place;
  }
}

/** The names stand above a list without rows too. */
async function* csvOf(services: ApiServices, kind: ExportKind, time: ExportTime): AsyncGenerator<string> {
  const names = EXPORT_COLUMNS[kind];
  yield csvLine(names);
  for await (const rows of rowsOf(services, kind, time)) yield rows.map((row) => csvLine(names.map((name) => row[name]))).join("");
}

async function* jsonOf(services: ApiServices, kind: ExportKind, time: ExportTime): AsyncGenerator<string> {
  let begun = false;
  yield "[";
  for await (const rows of rowsOf(services, kind, time)) {
    if (rows.length === 0) continue;
    yield `${begun ? "," : ""}\n${rows.map((row) => JSON.stringify(row)).join(",\n")}`;
    begun = true;
  }
  yield "\n]\n";
}

/** Text as it is wanted: the next part is read when the one before has been taken. */
function streamOf(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await texts.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await texts.return(undefined);
    },
  });
}
