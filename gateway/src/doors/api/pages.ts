/** What to ask for the next page with: the last row's place, unless the page is not full and so the last. */
export const nextOf = <Row>(rows: readonly Row[], limit: number, placeOf: (row: Row) => string): string | null => {
  const last = rows.at(-1);
  return last === undefined || rows.length < limit ? null : placeOf(last);
};
