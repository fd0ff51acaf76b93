import { GatewayError } from "../../errors/gateway-error.ts";

/** The row number in an `after`; undefined for the first page. Throws GatewayError for what is none. */
export function numberAfter(after: string | undefined): string | undefined {
  if (after === undefined || /^\d{1,18}$/.test(after)) return after;
  throw new GatewayError("invalidRequest", { publicText: '"after" must be the "next" of another page.', param: "after" });
}

/** What to ask for the next page with: the last row's place, unless the page is not full and so the last. */
export const nextOf = <Row>(rows: readonly Row[], limit: number, placeOf: (row: Row) => string): string | null => {
  const last = rows.at(-1);
  return last === undefined || rows.length < limit ? null : placeOf(last);
};
