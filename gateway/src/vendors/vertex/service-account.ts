import { createHash } from "node:crypto";
import { importPKCS8, SignJWT } from "jose";
import { CredentialError, type SigningServices } from "../_kit/adapter.ts";
import type { Token } from "../_kit/token-cache.ts";

/** What a service account's JSON file says (https://cloud.google.com/iam/docs/keys-create-delete). */
export interface ServiceAccount {
  email: string;
  privateKey: string;
  keyId: string | undefined;
  tokenUri: string;
}

const TOKEN_URI = "https://oauth2.googleapis.com/token";
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
/** The longest life Google takes, in seconds. */
const ASSERTION_SECONDS = 3_600;
/** Our clock may run ahead of Google's by so much, in seconds. */
const SKEW_SECONDS = 30;

/** Reads the JSON of a service account. Throws CredentialError (auth). */
export function readServiceAccount(text: string): ServiceAccount {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new CredentialError("auth", "the service account is no JSON");
  }
  const field = (name: string): string | undefined => {
    const value: unknown = typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, name) : undefined;
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const [email, privateKey] = [field("client_email"), field("private_key")];
  if (email === undefined || privateKey === undefined) throw new CredentialError("auth", "the service account has no client_email or private_key");
  return { email, privateKey, keyId: field("private_key_id"), tokenUri: field("token_uri") ?? TOKEN_URI };
}

/** A name for the credential that holds nothing of it. */
export const fingerprint = (credential: string): string => createHash("sha256").update(credential).digest("base64url");

/**
 * Exchanges a service account for an access token: a signed JWT (RFC 7523) to its token endpoint.
 * https://developers.google.com/identity/protocols/oauth2/service-account#httprest. Throws CredentialError.
 */
export async function exchangeForToken(account: ServiceAccount, services: SigningServices): Promise<Token> {
  const now = services.now();
  const assertion = await signAssertion(account, Math.floor(now / 1000) - SKEW_SECONDS);
  const body = new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
  const answer = await services.exchange({ method: "POST", url: account.tokenUri, headers: { "content-type": "application/x-www-form-urlencoded" }, body: Buffer.from(body.toString()) });
  // 400 invalid_grant, 401 invalid_client: the account is wrong or was closed. All else passes by itself.
  if (answer.status !== 200) throw new CredentialError(answer.status === 400 || answer.status === 401 || answer.status === 403 ? "auth" : "server", `token endpoint: ${answer.status} ${answer.body.slice(0, 300)}`);
  const { token, seconds } = readToken(answer.body);
  return { value: token, expiresAt: now + seconds * 1000 };
}

async function signAssertion(account: ServiceAccount, issuedAt: number): Promise<string> {
  try {
    const key = await importPKCS8(account.privateKey, "RS256");
    return await new SignJWT({ scope: SCOPE })
      .setProtectedHeader({ alg: "RS256", typ: "JWT", ...(account.keyId === undefined ? {} : { kid: account.keyId }) })
      .setIssuer(account.email)
      .setAudience(account.tokenUri)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ASSERTION_SECONDS)
      .sign(key);
  } catch (error) {
    throw new CredentialError("auth", `the service account's key cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** RFC 6749, 5.1. */
function readToken(body: string): { token: string; seconds: number } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    parsed = undefined;
  }
  const field = (name: string): unknown => (typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, name) : undefined);
  const [token, seconds] = [field("access_token"), field("expires_in")];
  if (typeof token !== "string" || token === "" || typeof seconds !== "number" || !(seconds > 0)) throw new CredentialError("server", "the token endpoint gave no token");
  return { token, seconds };
}
