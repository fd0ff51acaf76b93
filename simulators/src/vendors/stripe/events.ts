/** Events, signed as Stripe signs them (https://docs.stripe.com/webhooks#verify-manually): `t=<seconds>,v1=<hex HMAC-SHA256 of "t.body">`. */
import { createHmac } from "node:crypto";
import type { JsonObject } from "../../kit/json.ts";
import type { Received } from "../../kit/vendor.ts";
import { endpointsOf } from "./objects.ts";

const API_VERSION = "2026-10-28.endive";
/** Tries before the sandbox gives up (Stripe goes on for three days), and the wait before each. */
const TRIES = 3;
const RETRY_MS = 200;
const ANSWER_LIMIT_MS = 15_000;

/** Takes a request, whose account it is, and what happened; tells all addresses of the account. */
export function tell(request: Received, owner: string, type: string, object: JsonObject): void {
  const seconds = Math.floor(request.now / 1000);
  const event = { id: `evt_${request.ids.letters(24)}`, object: "event", api_version: API_VERSION, created: seconds, data: { object }, livemode: false, pending_webhooks: 1, request: { id: null, idempotency_key: null }, type };
  const body = JSON.stringify(event);
  for (const { url, secret } of endpointsOf(request, owner)) {
    const attempt = async (left: number, at: number): Promise<void> => {
      const t = Math.floor(at / 1000);
      const signature = `t=${t},v1=${createHmac("sha256", secret).update(`${t}.${body}`).digest("hex")}`;
      const status = await fetch(url, { method: "POST", headers: { "content-type": "application/json; charset=utf-8", "stripe-signature": signature, "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)" }, body, redirect: "manual", signal: AbortSignal.timeout(ANSWER_LIMIT_MS) }).then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer.status;
        },
        () => 0,
      );
      if ((status < 200 || status > 299) && left > 1) request.later(at + RETRY_MS, () => attempt(left - 1, at + RETRY_MS));
    };
    request.later(request.now, () => attempt(TRIES, request.now));
  }
}
