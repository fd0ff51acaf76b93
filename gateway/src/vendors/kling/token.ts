import { createHash } from "node:crypto";
import { SignJWT } from "jose";
import type { TokenCache } from "../_kit/token-cache.ts";

/** How long a token is good for, and from how long ago, in seconds (Kling's reference, "Authentication"). */
const LIFE_SECONDS = 1_800;
const BEFORE_SECONDS = 5;

/** Takes a credential: an API key as it is, or `accessKey|secretKey`. Gives what stands behind `Bearer`; a token is used again for 25 minutes. `nowMs`: Unix milliseconds. */
export async function klingToken(credential: string, nowMs: number, tokens: TokenCache): Promise<string> {
  const bar = credential.indexOf("|");
  if (bar < 0) return credential;
  const [access, secret] = [credential.slice(0, bar).trim(), credential.slice(bar + 1).trim()];
  return tokens.get(createHash("sha256").update(credential).digest("hex"), nowMs, async () => {
    const now = Math.floor(nowMs / 1000);
    const value = await new SignJWT({}).setProtectedHeader({ alg: "HS256", typ: "JWT" }).setIssuer(access).setExpirationTime(now + LIFE_SECONDS).setNotBefore(now - BEFORE_SECONDS).sign(new TextEncoder().encode(secret));
    return { value, expiresAt: (now + LIFE_SECONDS) * 1000 };
  });
}
