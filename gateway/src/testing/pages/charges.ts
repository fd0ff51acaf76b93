/** Whether what pages cost stands in the account's log, as the System API shows it. */
import type { Target } from "./run.ts";

/** A request, and the row that the log must have of it. */
export interface Charge {
  page: string;
  requestId: string;
  /** dollars: exactly so much, or at most; more than nothing; nothing, and no row */
  cost: { exactly: number } | { most: number } | "some" | "none";
}

const QUOTA_A_DOLLAR = 500_000;
/** Rows reach the log in batches. */
const LOG_MS = 10_000;
const LOOK_AGAIN_MS = 100;

interface Row {
  request_id: string;
  quota: number;
}

/** What is wrong, by page. `started`: Unix seconds before the first request. */
export async function chargeFaults(charges: readonly Charge[], target: Target, started: number): Promise<ReadonlyMap<string, string[]>> {
  let rows = new Map<string, number>();
  for (const end = performance.now() + LOG_MS; ; await Bun.sleep(LOOK_AGAIN_MS)) {
    rows = await logged(target, started);
    if (charges.every(({ requestId, cost }) => cost === "none" || rows.has(requestId)) || performance.now() > end) break;
  }
  const faults = new Map<string, string[]>();
  for (const { page, requestId, cost } of charges) {
    const fault = faultOf(cost, rows.get(requestId));
    if (fault !== undefined) faults.set(page, [...(faults.get(page) ?? []), fault]);
  }
  return faults;
}

async function logged({ url, accessKey }: Target, started: number): Promise<Map<string, number>> {
  const response = await fetch(`${url}/yescale/logs?type=2&page_size=10000&start_timestamp=${started - 60}`, { headers: { authorization: `Bearer ${accessKey}` } });
  const { data } = (await response.json()) as { data?: Row[] };
  if (!data) throw new Error(`/yescale/logs answers ${response.status}`);
  return new Map(data.map(({ request_id: id, quota }) => [id, quota]));
}

function faultOf(cost: Charge["cost"], quota: number | undefined): string | undefined {
  if (cost === "none") return (quota ?? 0) === 0 ? undefined : `costs ${quota} quota and should be free`;
  if (quota === undefined) return "has no row in the log";
  if (cost === "some") return quota > 0 ? undefined : "costs nothing";
  if ("most" in cost) return quota > 0 && quota <= quotaOf(cost.most) ? undefined : `costs ${quota} quota, the quote was at most ${quotaOf(cost.most)}`;
  return quota === quotaOf(cost.exactly) ? undefined : `costs ${quota} quota, the quote was ${quotaOf(cost.exactly)}`;
}

/** Half up, and at least one unit of what is not free. */
const quotaOf = (dollars: number): number => (dollars === 0 ? 0 : Math.max(Math.round(dollars * QUOTA_A_DOLLAR), 1));
