/** Where the routes of sign-in stand. */
export const AUTH_PATH = "/api/auth";
/** The header in which a request's address is told to better-auth; what a caller sends under this name is overwritten. */
export const ADDRESS_HEADER = "x-yescale-address";
export const COOKIE_PREFIX = "yescale";
/** The session's cookie with and without TLS: requests with neither need no look. */
export const SESSION_COOKIE = new RegExp(`(?:^|;\\s*)(?:__Secure-)?${COOKIE_PREFIX}\\.session_token=`);

/** Where a browser on this host reaches a gateway that listens there: passkeys belong to names, not to numbers. */
export function localUrl(listening: string): string {
  const url = new URL(listening);
  if (["127.0.0.1", "0.0.0.0", "[::1]", "[::]"].includes(url.hostname)) url.hostname = "localhost";
  return url.origin;
}
