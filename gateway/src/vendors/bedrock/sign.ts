import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import type { BodyPieces } from "../../dialects/canonical/body-pieces.ts";
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

/** Tells the body's hash, so that the signer need not have the body. */
const HASH_HEADER = "x-amz-content-sha256";
/** So much is hashed at once, about a millisecond, with others served in between. */
const HASH_SLICE_BYTES = 512 * 1024;

/** The hash of a body, in hexadecimal digits. */
async function sha256(body: Buffer | BodyPieces): Promise<string> {
  const hash = createHash("sha256");
  let sinceBreak = 0;
  for (const piece of Buffer.isBuffer(body) ? [body] : body.pieces())
    for (let at = 0; at < piece.length; at += HASH_SLICE_BYTES) {
      const slice = piece.subarray(at, at + HASH_SLICE_BYTES);
      sinceBreak += slice.length;
      if (sinceBreak > HASH_SLICE_BYTES) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        sinceBreak = slice.length;
      }
      hash.update(slice);
    }
  return hash.digest("hex");
}

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
    headers: { [HASH_HEADER]: await sha256(request.body) },
    ...others,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    cache: signingKeys,
    datetime: new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, ""),
  });
  const signed = await signer.sign();
  const headers: Record<string, string> = {};
  for (const name of ["authorization", "x-amz-date", "x-amz-security-token", HASH_HEADER]) {
    const value = signed.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  return headers;
}
