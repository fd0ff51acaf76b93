/** Google's token endpoint: takes a signed JWT, gives an access token (RFC 7523; developers.google.com/identity/protocols/oauth2/service-account). */
import { createHash, createVerify } from "node:crypto";
import { asObject, asText, parseJson, type JsonObject } from "../../kit/json.ts";
import type { Received, WholeAnswer } from "../../kit/vendor.ts";

const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/** Google's tokens live this long, in seconds. */
const TOKEN_SECONDS = 3599;
const HOUR = 3600;
/** How far clocks may stand apart, in seconds. */
const SKEW = 600;

/** Public keys (PEM) of the service accounts that are known, by email. Empty: every well-formed assertion is taken. */
export const knownAccounts = new Map<string, string>();

const answer = (status: number, body: JsonObject): WholeAnswer => ({ kind: "whole", status, headers: { "content-type": "application/json; charset=utf-8" }, body: JSON.stringify(body) });
const refuse = (description: string): WholeAnswer => answer(400, { error: "invalid_grant", error_description: description });

const part = (text: string | undefined): JsonObject => asObject(parseJson(Buffer.from(text ?? "", "base64url").toString("utf8")));

/** Takes a request to `/token`; gives the token, which begins like Google's and derives from the assertion. */
export function token(request: Received): WholeAnswer {
  const form = new URLSearchParams(new TextDecoder().decode(request.body));
  if (form.get("grant_type") !== GRANT) return answer(400, { error: "unsupported_grant_type", error_description: "Invalid grant_type" });
  const assertion = form.get("assertion") ?? "";
  const [head, claims, signature] = assertion.split(".");
  const [header, claim] = [part(head), part(claims)];
  const [issued, expires, now] = [Number(claim["iat"]), Number(claim["exp"]), request.now / 1000];
  if (header["alg"] !== "RS256" || !signature) return refuse("Invalid JWT: not signed with RS256");
  if (!(expires - issued <= HOUR && issued <= now + SKEW && expires > now)) return refuse("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.");
  if (!asText(claim["scope"]).includes("cloud-platform") || !asText(claim["aud"]).endsWith("/token")) return refuse("Invalid JWT: wrong scope or audience");
  const key = knownAccounts.get(asText(claim["iss"]));
  if (knownAccounts.size > 0) {
    if (key === undefined) return refuse("Invalid grant: account not found");
    if (!createVerify("RSA-SHA256").update(`${head}.${claims}`).verify(key, Buffer.from(signature, "base64url"))) return refuse("Invalid JWT Signature.");
  }
  const value = `ya29.sandbox-${createHash("sha256").update(assertion).digest("hex").slice(0, 40)}`;
  request.cache.put(`vertex-token ${value}`, request.now, TOKEN_SECONDS * 1000);
  return answer(200, { access_token: value, expires_in: TOKEN_SECONDS, token_type: "Bearer" });
}
