/** Base64 of RFC 4648 section 4 with its padding, as `data:` URLs and vendors carry it. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Whether a text is non-empty base64: right alphabet, padding at the end only, a length that bytes can have. One linear pass, nothing is decoded. */
export function isBase64(text: string): boolean {
  if (text.length === 0 || !BASE64.test(text)) return false;
  const digits = text.endsWith("==") ? text.length - 2 : text.endsWith("=") ? text.length - 1 : text.length;
  return digits % 4 !== 1 && (digits === text.length || text.length % 4 === 0);
}
