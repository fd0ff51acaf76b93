import type { JsonScan } from "./json-scan.ts";
import { estimatePromptTokens } from "./token-estimate.ts";

/** Bytes that a token id takes in a list, its comma included: ids have three to six digits. */
const BYTES_PER_TOKEN_ID = 6;

/** Expected prompt tokens of a request whose `name` holds texts or, as OpenAI allows, token ids: an estimate for the hold, and for answers without usage. */
export function estimateTextOrIds(scan: JsonScan, name: string): number {
  const member = scan.member(name);
  const begins = member ? scan.bytes.toString("latin1", member.start, Math.min(member.end, member.start + 64)) : "";
  return member && /^\[[\s[]*\d/.test(begins) ? Math.ceil((member.end - member.start) / BYTES_PER_TOKEN_ID) : estimatePromptTokens(scan);
}

/** How many entries a list of texts or lists has at most, by the commas between them: an upper bound that builds nothing. One for a text. */
export function entriesAtMost(scan: JsonScan, name: string): number {
  const member = scan.member(name);
  const text = member ? scan.bytes.toString("latin1", member.start, member.end) : "";
  return 1 + (text.startsWith("[") ? (text.match(/["}\]]\s*,\s*["{[]/g)?.length ?? 0) : 0);
}
