import { isIPv6 } from "node:net";

/** Ends of host names as they stand in vendors' texts: common domains, names reserved for private use (RFC 2606, RFC 6762, RFC 9476) and those of clusters. */
const DOMAINS =
  "com|net|org|edu|gov|io|ai|dev|app|cloud|tech|xyz|cn|vn|jp|kr|hk|tw|sg|eu|uk|de|fr|ru|br|internal|local|lan|home|corp|intranet|localdomain|localhost|example|invalid|test|svc|arpa";

/**
 * What identifies our account or its address: keys, tokens, organisation ids, URLs, host names, IPs. Vendors put these into error messages ("Incorrect
 * API key provided: sk-...", "organization org-..."). Their ids have digits or capitals, by which they differ from words such as `key_not_found`.
 */
const SECRETS: [RegExp, string][] = [
  [/\bhttps?:\/\/[^\s"'<>)\]\\]+/gi, "[address]"],
  [/\bsk[-_][A-Za-z0-9_\-*.]{5,}[A-Za-z0-9_\-*]/g, "[key]"],
  [/\b(?:pk|rk|key|xai|gsk|r8|fal)[-_](?=[A-Za-z_\-*.]*[0-9A-Z*])[A-Za-z0-9_\-*.]{5,}[A-Za-z0-9_\-*]/g, "[key]"],
  [/\bAIza[A-Za-z0-9_-]{8,}|\bya29\.[A-Za-z0-9_-]{8,}/g, "[key]"],
  [/\bBearer\s+[A-Za-z0-9._~+/=-]{6,}/gi, "Bearer [key]"],
  [/\b((?:api[-_]?|access[-_]?)?(?:key|token))=[^\s"'&]{6,}/gi, "$1=[key]"],
  [/\b(?:org|proj|acct|user|project|organization)[-_](?=[A-Za-z]*[0-9A-Z])[A-Za-z0-9]{6,}/g, "[account]"],
  [/\b(?:projects\/|project_number:)\d{6,}/g, "[account]"],
  [/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g, "[address]"],
  [new RegExp(`\\b(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?\\.)+(?:${DOMAINS})(?::\\d+)?(?![\\w-]|\\.\\w)`, "gi"), "[address]"],
  [/\blocalhost(?::\d+)?\b/gi, "[address]"],
];
const MAYBE_IPV6 = /\[([0-9a-f:.]{3,45})\](?::\d+)?|(?<![\w:.])([0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:])/gi;
/** A bare word shorter than this is taken out only where it stands alone: a host called `vm` must not cut `vmware`. */
const BARE_LENGTH_MIN = 12;

/** `text` without secrets; `also` names literal strings that must go too (a channel's own base URL, hosts, keys). */
export function redact(text: string, also: readonly string[] = []): string {
  let clean = literally(text, also);
  for (const [pattern, replacement] of SECRETS) clean = clean.replace(pattern, replacement);
  return clean.replace(MAYBE_IPV6, (found: string, bracketed: string | undefined, bare: string | undefined) => {
    const address = bracketed ?? bare ?? "";
    return address.length > 2 && isIPv6(address) ? "[address]" : found;
  });
}

/**
 * A refusal's body without secrets. In JSON only values are cleaned, and of the members' names what no name can be, so that the shape stays the vendor's;
 * with nothing to clean it stays byte for byte. What is no JSON is cleaned as text.
 */
export function redactBody(body: string, also: readonly string[] = []): string {
  // A host may be called `error`: the member must keep its name.
  const beyondWords = also.filter((literal) => /[^A-Za-z]/.test(literal));
  let changed = false;
  const cleaned = (text: string, clean: string): string => {
    changed ||= clean !== text;
    return clean;
  };
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return cleaned(value, redact(value, also));
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value;
    // OpenRouter tells whose account was asked.
    if (Object.hasOwn(value, "user_id")) changed = true;
    return Object.fromEntries(Object.entries(value).filter(([name]) => name !== "user_id").map(([name, member]) => [cleaned(name, literally(name, beyondWords)), walk(member)]));
  };
  try {
    const clean = walk(JSON.parse(body));
    return changed ? JSON.stringify(clean) : body;
  } catch {
    return redact(body, also);
  }
}

/** Longest first, since one literal may hold another. */
function literally(text: string, literals: readonly string[]): string {
  let clean = text;
  for (const literal of literals.filter((entry) => entry !== "").toSorted((a, b) => b.length - a.length)) {
    const escaped = literal.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
    const alone = /^[A-Za-z0-9]+$/.test(literal) && literal.length < BARE_LENGTH_MIN;
    clean = clean.replace(new RegExp(alone ? `(?<![A-Za-z0-9])${escaped}(?![A-Za-z0-9])` : escaped, "gi"), "[redacted]");
  }
  return clean;
}
