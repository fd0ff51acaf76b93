import { createHmac, timingSafeEqual } from "node:crypto";
import { keyHash } from "../accounts/api-key.ts";
import type { FeedSecrets } from "../settings/payments.ts";

/**
 * Whether a notice is the bank feed's, in the forms of SePay (https://developer.sepay.vn/en/sepay-webhooks/xac-thuc, .../bao-mat):
 * - `X-SePay-Signature: sha256=<hex>`: HMAC-SHA256 of `<X-SePay-Timestamp>.<body>`, of now give or take five minutes;
 * - `Authorization: Apikey <key>`.
 * Either is believed if its secret is set. OAuth 2.0 would need a server of tokens here and proves no more than a key does. Pure.
 */

/** SePay's own tolerance, in seconds. What is sent again within it is the same transaction, which counts once. */
const SIGNATURE_SECONDS_MAX = 300;
const UNIX_SECONDS = /^\d{1,12}$/;

export function isFeeds(headers: Pick<Headers, "get">, raw: Buffer, { key, secret }: FeedSecrets, nowMs: number): boolean {
  const signature = headers.get("x-sepay-signature");
  // A signature that is sent has to be good, whatever else is.
  if (signature !== null && secret !== undefined) return isSigned(signature, headers.get("x-sepay-timestamp") ?? "", raw, secret, nowMs);
  return key !== undefined && isKey(headers.get("authorization") ?? "", key);
}

function isSigned(signature: string, timestamp: string, raw: Buffer, secret: string, nowMs: number): boolean {
  if (!UNIX_SECONDS.test(timestamp) || Math.abs(nowMs / 1000 - Number(timestamp)) > SIGNATURE_SECONDS_MAX) return false;
  return sameText(signature.toLowerCase(), `sha256=${createHmac("sha256", secret).update(`${timestamp}.`).update(raw).digest("hex")}`);
}

const isKey = (sent: string, key: string): boolean => sameText(/^apikey +(\S+)$/i.exec(sent.trim())?.[1] ?? "", key);

/** Compared by digests, so that how long it takes tells nothing, not even a length. */
const sameText = (given: string, wanted: string): boolean => timingSafeEqual(keyHash(given), keyHash(wanted));
