/** Data that is no text: pictures, sounds and files in base64, vectors. Shorter runs are words and ids. */
const BASE64_LENGTH_MIN = 256;

/** What must not lie in a log, whoever wrote it there: keys and tokens of vendors and clouds, passwords in addresses, e-mail addresses, numbers of cards. */
const SECRETS: readonly [RegExp, string | ((found: string) => string)][] = [
  [new RegExp(`[A-Za-z0-9+/_-]{${BASE64_LENGTH_MIN},}={0,2}`, "g"), (found) => `[${found.length} characters of data]`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, "[key]"],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, "[token]"],
  [/\b(?:sk|pk|rk|ak|key|xai|gsk|r8|fal|ghp|gho|ghs|glpat|xox[abp])[-_][A-Za-z0-9_-]{12,}/g, "[key]"],
  [/\bAIza[A-Za-z0-9_-]{20,}|\bya29\.[A-Za-z0-9_.-]{10,}|\bA(?:KI|SI)A[A-Z0-9]{16}\b/g, "[key]"],
  [/\bBearer\s+[A-Za-z0-9._~+/=-]{8,}/gi, "Bearer [key]"],
  [/\b(https?:\/\/)[^\s/"'@:]+:[^\s/"'@]+@/gi, "$1[password]@"],
  [/\b((?:api[-_]?key|access[-_]?key|secret|password|passwd|token)["']?\s*[=:]\s*["']?)[^\s"',;&}\\]{6,}/gi, "$1[key]"],
  [/\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}\b/g, "[e-mail]"],
  [/\b\d(?:[ -]?\d){12,18}\b/g, (found) => (isCardNumber(found.replace(/\D/g, "")) ? "[card]" : found)],
];

/** A text without secrets, and without data that is no text. Pure. What is cut in two by an event of a stream is not known for what it is. */
export function withoutSecrets(text: string): string {
  let clean = text;
  for (const [pattern, instead] of SECRETS) clean = typeof instead === "string" ? clean.replace(pattern, instead) : clean.replace(pattern, instead);
  return clean;
}

/** The check digit of cards (ISO/IEC 7812-1, annex B). */
function isCardNumber(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
