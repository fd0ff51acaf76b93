/**
 * Takes out of a vendor's text what identifies our account or its address: keys, tokens, organisation ids, URLs, host names, IPs.
 * Vendors put these into error messages ("Incorrect API key provided: sk-...", "organization org-...").
 */
const SECRETS: [RegExp, string][] = [
  [/\b(?:sk|pk|rk|key|xai|gsk|r8|fal|AIza)[-_][A-Za-z0-9_\-*.]{6,}/g, "[key]"],
  [/\bAIza[A-Za-z0-9_-]{8,}/g, "[key]"],
  [/\bBearer\s+[A-Za-z0-9._~+/=-]{6,}/gi, "Bearer [key]"],
  [/\b(?:org|proj|acct|user|project|organization)[-_][A-Za-z0-9]{6,}/g, "[account]"],
  [/\bhttps?:\/\/[^\s"'<>)\]\\]+/gi, "[address]"],
  [/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g, "[address]"],
  [/\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|net|org|io|ai|dev|app|cloud|cn|vn|internal|local|lan)(?::\d+)?\b/gi, "[address]"],
  [/\blocalhost(?::\d+)?\b/gi, "[address]"],
];

/** `text` without secrets; `also` names literal strings that must go too (a channel's own base URL, host, key). */
export function redact(text: string, also: readonly string[] = []): string {
  let clean = text;
  for (const literal of also) if (literal.length > 3) clean = clean.replaceAll(literal, "[redacted]");
  for (const [pattern, replacement] of SECRETS) clean = clean.replace(pattern, replacement);
  return clean;
}
