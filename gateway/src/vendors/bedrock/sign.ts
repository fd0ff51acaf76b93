import { AwsV4Signer } from "aws4fetch";
import type { OutgoingRequest } from "../_kit/adapter.ts";

export interface AwsKeys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | undefined;
  region: string;
  service: string;
}

/** Signing keys hold for a day; a bound for accounts that come and go. */
const SIGNING_KEYS_MAX = 1_000;
const signingKeys = new Map<string, ArrayBuffer>();

/**
 * The headers of AWS Signature Version 4 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html) for a whole request. Signed are host, date,
 * token and the body's hash, not the other headers: proxies on the way may change those. `now`: Unix milliseconds.
 */
export async function signV4(request: OutgoingRequest, keys: AwsKeys, now: number): Promise<Record<string, string>> {
  if (signingKeys.size > SIGNING_KEYS_MAX) signingKeys.clear();
  const { sessionToken, ...others } = keys;
  const signer = new AwsV4Signer({
    method: request.method,
    url: request.url,
    // The body as its own bytes: a Buffer may be a part of a larger store.
    body: new Uint8Array(request.body),
    ...others,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    cache: signingKeys,
    datetime: new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, ""),
  });
  const signed = await signer.sign();
  const headers: Record<string, string> = {};
  for (const name of ["authorization", "x-amz-date", "x-amz-security-token"]) {
    const value = signed.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  return headers;
}
