/** Kling's credentials: an API key, or a JWT signed with the secret key of a pair (documentation: authentication). */
import { createHmac, timingSafeEqual } from "node:crypto";
import { asNumber, asObject, asText, parseJson } from "../../kit/json.ts";

/** The pair whose tokens the sandbox takes; it protects nothing. */
export const ACCESS_KEY = "sandbox-access-key";
export const SECRET_KEY = "sandbox-secret-key";
/** Longest time a token may be good for, in seconds. */
const LIFE_MAX = 1800;

/** Who asks, or the number of what is wrong. */
export type Caller = { owner: string } | { code: number; message: string };

const wrong = (code: number, message: string): Caller => ({ code, message });
const decoded = (part: string | undefined): unknown => parseJson(Buffer.from(part ?? "", "base64url").toString("utf8"));

function callerOfToken(token: string, now: number): Caller {
  const [head, payload, signature] = token.split(".");
  const [header, claims] = [asObject(decoded(head)), asObject(decoded(payload))];
  if (header["alg"] !== "HS256" || asText(claims["iss"]) === "") return wrong(1002, "Authorization is invalid");
  if (claims["iss"] !== ACCESS_KEY) return wrong(1002, "access key not found");
  const expected = createHmac("sha256", SECRET_KEY).update(`${head}.${payload}`).digest();
  const given = Buffer.from(signature ?? "", "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return wrong(1000, "Authentication failed: signature is invalid");
  const [expires, from] = [asNumber(claims["exp"]), asNumber(claims["nbf"]) ?? 0];
  const seconds = now / 1000;
  if (expires === undefined || expires > seconds + LIFE_MAX + 5) return wrong(1002, "Authorization is invalid: exp is missing or too far ahead");
  if (from > seconds) return wrong(1003, "Authorization is not yet valid");
  return expires <= seconds ? wrong(1004, "Authorization has expired") : { owner: ACCESS_KEY };
}

/** Takes the credential and the time (Unix milliseconds); gives the caller. */
export function callerOf(credential: string, now: number): Caller {
  if (credential === "") return wrong(1001, "Authorization is empty");
  if (credential.split(".").length === 3) return callerOfToken(credential, now);
  return /^[\w-]{6,}$/.test(credential) ? { owner: credential } : wrong(1002, "Authorization is invalid");
}
