import { evaluate } from "../catalog/index.ts";
import { RATIO_ONE } from "../catalog/money.ts";
import type { RecordAttempt } from "../wallet/record.ts";
import type { Admission } from "./admission.ts";
import type { AttemptFailed } from "./attempt-failed.ts";

/** What a failed attempt may cost us: for the log and the metrics, never for a bill. */
export type Lost = Pick<RecordAttempt, "usage" | "listPriceNano">;

/** The usage a vendor reported of an attempt that came to nothing, and its list price; undefined when it reported none. */
export function lostBy(failure: AttemptFailed, { model }: Admission): Lost | undefined {
  const used = Object.entries(failure.usage ?? {}).filter(([, units]) => units > 0);
  if (used.length === 0) return undefined;
  const usage = Object.fromEntries(used);
  if (!model.compiled) return { usage };
  return { usage, listPriceNano: Number(evaluate({ prices: model.compiled, usage, groupRatioMicro: RATIO_ONE }).totalNano) };
}
