/** Checks AWS Signature Version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html), written from that page. */
import { createHash, createHmac } from "node:crypto";
import type { Received } from "../../kit/vendor.ts";

/** The accounts that are known: access key id, secret. Others get UnrecognizedClientException. */
export const KEYS: Readonly<Record<string, string>> = { AKIASANDBOXEXAMPLE00: "sandbox/secret+key0000000000000000000000" };
/** How old a signature may be, in ms. */
const AGE_MAX = 5 * 60_000;

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Uint8Array, text: string): Buffer => createHmac("sha256", key).update(text).digest();
/** RFC 3986, as AWS wants it. */
const encode = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Takes a request and the prefix that stands before its path on the wire; gives the words of the refusal, `undefined` when the signature is good. */
export function faultOfSignature(request: Received, prefix: string): [string, string] | undefined {
  const { headers } = request;
  const found = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(headers.get("authorization") ?? "");
  if (!found) return ["IncompleteSignatureException", "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters."];
  const [, keyId = "", day = "", region = "", service = "", names = "", signature] = found;
  const secret = KEYS[keyId];
  if (secret === undefined) return ["UnrecognizedClientException", "The security token included in the request is invalid."];
  const date = headers.get("x-amz-date") ?? "";
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!(Math.abs(request.now - at) <= AGE_MAX)) return ["InvalidSignatureException", `Signature expired: ${date} is now earlier than what is allowed`];
  if (service !== "bedrock" || !date.startsWith(day)) return ["InvalidSignatureException", "Credential should be scoped to correct service: 'bedrock'."];
  if (!names.split(";").includes("host")) return ["InvalidSignatureException", "'Host' must be a 'SignedHeader' in the AWS Authorization."];
  const query = [...request.query].map(([name, value]) => `${encode(name)}=${encode(value)}`).toSorted().join("&");
  const canonical = [
    request.method,
    // Each segment is encoded twice for all services but S3.
    (prefix + request.path).split("/").map(encode).join("/"),
    query,
    ...names.split(";").map((name) => `${name}:${(headers.get(name) ?? "").trim().replace(/ +/g, " ")}`),
    "",
    names,
    sha256(request.body),
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), "aws4_request");
  const wanted = hmac(key, ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n")).toString("hex");
  return wanted === signature
    ? undefined
    : ["InvalidSignatureException", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."];
}
