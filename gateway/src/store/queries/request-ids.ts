/** The first id there is, and the last. */
export const FIRST_ID = "00000000-0000-0000-0000-000000000000";
export const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";
/** No UUID v7 has more milliseconds: the year 10889. */
const MS_MAX = 2 ** 48 - 1;

/** The least UUID v7 (RFC 9562) of a moment in Unix milliseconds: ids of requests begin with the time of arrival, so a time is a range of them. */
export function firstIdOf(unixMs: number): string {
  const hex = Math.floor(Math.min(Math.max(unixMs, 0), MS_MAX)).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
