import type { JsonObject, MediaReading } from "./adapter.ts";

/** Looks in a row that must find nothing: a record may be late, but not that often. */
const MISSED_MAX = 4;

/**
 * What it means that a vendor whose jobs vanish when they are stopped (Runway, Luma) knows a job no more. Once may be a slip; when it says so again and again, the job was deleted: nobody else can do that than we or the account's
 * owner, so that it counts as cancelled and goes to no other source. `memo` is the job's.
 */
export function gone(memo: JsonObject): MediaReading {
  const missed = (typeof memo["missed"] === "number" ? memo["missed"] : 0) + 1;
  return missed >= MISSED_MAX ? { state: "CANCELLED", memo: { ...memo, missed } } : { state: "IN_PROGRESS", memo: { ...memo, missed } };
}

/** The memo of a job that is there. */
export function present(memo: JsonObject): { memo?: JsonObject } {
  if (memo["missed"] === undefined) return {};
  const { missed: _, ...rest } = memo;
  return { memo: rest };
}
