/** Characters looked at on each end: enough to tell base64 from a URL, a path or prose, at no cost that grows with a picture. */
const PROBE_CHARACTERS = 4_096;
const HEAD = /^[A-Za-z0-9+/_-]*$/;
const TAIL = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Whether a text can be base64 (RFC 4648, either alphabet; padding may be missing), seen from its ends and length. An empty text cannot. */
export function looksLikeBase64(text: string): boolean {
  if (text.length === 0 || (text.length - padding(text)) % 4 === 1) return false;
  if (text.length <= 2 * PROBE_CHARACTERS) return TAIL.test(text);
  return HEAD.test(text.slice(0, PROBE_CHARACTERS)) && TAIL.test(text.slice(-PROBE_CHARACTERS));
}

const padding = (text: string): number => (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);
