/** fal's webhooks and their signatures (documentation: webhooks). */
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import type { JsonObject } from "../../kit/json.ts";
import { sha256 } from "../../kit/exchange.ts";
import type { Notice } from "../../kit/tasks/callbacks.ts";

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410). */
const PKCS8_HEAD = "302e020100300506032b657004220420";
/** The same key in every run, so that a test can hold on to it; it protects nothing. */
const keyOf = (name: string) => createPrivateKey({ key: Buffer.from(PKCS8_HEAD + sha256(name), "hex"), format: "der", type: "pkcs8" });
const KEY = keyOf("sandbox: the signing key of fal's webhooks");
const OTHER_KEY = keyOf("sandbox: another key");
const USER = "sandbox-user";

/** Gives the key set as `/.well-known/jwks.json` does: a retired key first, then the one in use. */
export function keySet(): JsonObject {
  const retired = createPublicKey(keyOf("sandbox: a retired key")).export({ format: "jwk" });
  return { keys: [retired, createPublicKey(KEY).export({ format: "jwk" })] };
}

/** Takes the address, the request's id, the time in Unix milliseconds, the body and whether the signature shall be wrong; gives the message. */
export function webhook(url: string, id: string, at: number, body: JsonObject, forged: boolean): Notice {
  const text = JSON.stringify(body);
  const timestamp = String(Math.floor(at / 1000));
  const signed = [id, USER, timestamp, sha256(text)].join("\n");
  return {
    url,
    headers: {
      "x-fal-webhook-request-id": id,
      "x-fal-webhook-user-id": USER,
      "x-fal-webhook-timestamp": timestamp,
      "x-fal-webhook-signature": sign(null, Buffer.from(signed), forged ? OTHER_KEY : KEY).toString("hex"),
    },
    body: text,
  };
}
