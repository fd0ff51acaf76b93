/** Characters looked at on each end: enough to tell base64 from a URL, a path or prose, at no cost that grows with a picture. */
const PROBE_CHARACTERS = 4_096;
const HEAD = { standard: /^[A-Za-z0-9+/]*$/, either: /^[A-Za-z0-9+/_-]*$/ };
const TAIL = { standard: /^[A-Za-z0-9+/]*={0,2}$/, either: /^[A-Za-z0-9+/_-]*={0,2}$/ };

/**
 * Whether a text can be base64 (RFC 4648), seen from its ends and its length: padding may be missing but not wrong, and an empty text is none.
 * `alphabet`: "standard" (section 4), or "either" where the URL-safe one (section 5) is read too, as Google does.
 */
export function isBase64(text: string, alphabet: "standard" | "either" = "standard"): boolean {
  if (text.length === 0) return false;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  if ((text.length - padding) % 4 === 1 || (padding > 0 && text.length % 4 !== 0)) return false;
  if (text.length <= 2 * PROBE_CHARACTERS) return TAIL[alphabet].test(text);
  return HEAD[alphabet].test(text.slice(0, PROBE_CHARACTERS)) && TAIL[alphabet].test(text.slice(-PROBE_CHARACTERS));
}

/** Base64 of either alphabet in the standard one, which all vendors read. */
export function standardBase64(text: string): string {
  return text.includes("-") || text.includes("_") ? text.replaceAll("-", "+").replaceAll("_", "/") : text;
}
