/**
 * Of a caller's query (with its `?`, or empty), the parameters that a vendor is known to need, with the values they may have. Anything else could carry a
 * credential, choose which fields come back (Google's `fields` leaves the usage out) or override the call. A parameter given twice is dropped: caller and
 * vendor may read another one.
 */
export function keptQuery(query: string, allowed: Readonly<Record<string, readonly string[]>>): string {
  if (query.length < 2) return "";
  const given = new URLSearchParams(query);
  const kept: string[] = [];
  for (const [name, values] of Object.entries(allowed)) {
    const all = given.getAll(name);
    const [value] = all;
    if (value !== undefined && all.length === 1 && values.includes(value)) kept.push(`${name}=${value}`);
  }
  return kept.length > 0 ? `?${kept.join("&")}` : "";
}
