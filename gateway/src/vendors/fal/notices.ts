import { createHash, createPublicKey, type JsonWebKeyInput, verify } from "node:crypto";
import { objectOf } from "../../dialects/canonical/fields.ts";
import { type MediaCallback, type Notice, NOTICE_AGE_MS_MAX } from "../_kit/media/adapter.ts";
import { objectsIn } from "../_kit/media/fields.ts";

const OFFICIAL = /(?:^|\.)fal\.(?:run|ai)$/;

/** fal signs with Ed25519; its keys are public: https://docs.fal.ai/model-endpoints/webhooks#webhook-verification. */
export const falSigned: NonNullable<MediaCallback["signed"]> = {
  keys: (baseUrl) => (OFFICIAL.test(URL.parse(baseUrl)?.hostname ?? "") ? { publicUrl: "https://rest.fal.ai/.well-known/jwks.json" } : { method: "GET", path: "/.well-known/jwks.json" }),

  holds(notice, keys, nowMs) {
    const at = Number(notice.header("x-fal-webhook-timestamp") ?? Number.NaN) * 1000;
    if (!(Math.abs(nowMs - at) <= NOTICE_AGE_MS_MAX)) return false;
    const signature = Buffer.from(notice.header("x-fal-webhook-signature") ?? "", "hex");
    // Several keys are good while one takes the place of another.
    return objectsIn(objectOf(keys), "keys").some((key) => signedWith(key as JsonWebKeyInput["key"], signedText(notice), signature));
  },
};

const signedText = (notice: Notice): Buffer =>
  Buffer.from([notice.header("x-fal-webhook-request-id"), notice.header("x-fal-webhook-user-id"), notice.header("x-fal-webhook-timestamp"), createHash("sha256").update(notice.body).digest("hex")].join("\n"));

function signedWith(key: JsonWebKeyInput["key"], text: Buffer, signature: Buffer): boolean {
  try {
    return verify(null, text, createPublicKey({ key, format: "jwk" }), signature);
  } catch {
    // A key of a kind that we do not know is not the one.
    return false;
  }
}
