/**
 * When a signed address ends (Unix milliseconds), as its signature says: AWS and what follows it (`X-Amz-Date` with `X-Amz-Expires`, likewise Google, Volcengine, Alibaba), their older form and CloudFront (`Expires`, Unix seconds),
 * Azure (`se`). Undefined for an address that says nothing.
 */
export function signedExpiry(address: string): number | undefined {
  const query = URL.parse(address)?.searchParams;
  if (!query) return undefined;
  const fields = new Map([...query].map(([name, value]) => [name.toLowerCase(), value]));
  for (const house of ["x-amz", "x-goog", "x-tos", "x-oss"]) {
    const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(fields.get(`${house}-date`) ?? "") ?? [];
    const seconds = fields.get(`${house}-expires`) ?? "";
    if (year !== undefined && /^\d{1,8}$/.test(seconds)) return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) + Number(seconds) * 1000;
  }
  const expires = fields.get("expires") ?? fields.get("x-oss-expires") ?? "";
  if (/^\d{10}$/.test(expires)) return Number(expires) * 1000;
  const azure = fields.has("sig") ? Date.parse(fields.get("se") ?? "") : Number.NaN;
  return Number.isNaN(azure) ? undefined : azure;
}
