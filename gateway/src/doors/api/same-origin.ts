/** Whether a request says which page it comes from, as every browser does of what changes something. */
export const namesPage = (request: Request): boolean => request.headers.has("origin") || request.headers.has("sec-fetch-site");

/**
 * Whether a request that changes something in a session's name comes from a page of this gateway. Browsers say so themselves (Fetch Metadata, W3C; Origin, RFC 6454) and let no page forge it; one that says
 * neither is no browser, and whoever writes a program uses the access key. The cookie is `SameSite=Lax` as well: this is the second lock.
 * `pages`: further origins (scheme, host, port) whose pages are ours.
 */
export function fromOwnPages(request: Request, pages: readonly string[]): boolean {
  const origin = request.headers.get("origin");
  if (origin !== null && pages.includes(origin)) return true;
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  // Behind a proxy that ends TLS the scheme here is another one than the browser's: the host decides.
  return origin !== null && URL.canParse(origin) && new URL(origin).host === request.headers.get("host");
}
