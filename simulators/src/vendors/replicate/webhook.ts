/** Replicate's webhooks and their signatures (documentation: webhooks; Standard Webhooks). */
import { createHmac } from "node:crypto";
import { sha256 } from "../../kit/exchange.ts";
import type { JsonObject } from "../../kit/json.ts";
import type { Notice } from "../../kit/tasks/callbacks.ts";

const secretOf = (name: string): string => Buffer.from(sha256(name), "hex").toString("base64");
const SECRET = secretOf("sandbox: the secret of Replicate's webhooks");

/** The secret as `GET /v1/webhooks/default/secret` gives it; the same in every run, and it protects nothing. */
export const WEBHOOK_KEY = `whsec_${SECRET}`;

/** Takes the address, the message's id, the time in Unix milliseconds, the body and whether the signature shall be wrong; gives the message. */
export function webhook(url: string, id: string, at: number, body: JsonObject, forged: boolean): Notice {
  const text = JSON.stringify(body);
  const timestamp = String(Math.floor(at / 1000));
  const key = Buffer.from(forged ? secretOf("sandbox: another secret") : SECRET, "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${text}`).digest("base64");
  return { url, headers: { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` }, body: text };
}
