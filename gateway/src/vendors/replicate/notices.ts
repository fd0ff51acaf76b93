import { timingSafeEqual } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { objectOf } from "../../dialects/canonical/fields.ts";
import { type MediaCallback, NOTICE_AGE_MS_MAX } from "../_kit/media/adapter.ts";
import { textIn } from "../_kit/media/fields.ts";

/** Replicate signs as Standard Webhooks say, with one secret for each account: https://replicate.com/docs/topics/webhooks/verify-webhook. */
export const replicateSigned: NonNullable<MediaCallback["signed"]> = {
  keys: () => ({ method: "GET", path: "/webhooks/default/secret" }),

  // The library's `verify` looks at a clock of its own; its `sign` gives the same signature without one.
  holds(notice, keys, nowMs) {
    const secret = textIn(objectOf(keys), "key");
    const id = notice.header("webhook-id");
    const seconds = Number(notice.header("webhook-timestamp") ?? Number.NaN);
    if (secret === "" || id === null || !(Math.abs(nowMs - seconds * 1000) <= NOTICE_AGE_MS_MAX)) return false;
    const [, ours = ""] = new Webhook(secret).sign(id, new Date(seconds * 1000), notice.body.toString("utf8")).split(",");
    return (notice.header("webhook-signature") ?? "").split(" ").some((one) => alike(one.split(",")[1] ?? "", ours));
  },
};

function alike(theirs: string, ours: string): boolean {
  const [one, other] = [Buffer.from(theirs), Buffer.from(ours)];
  return one.length === other.length && timingSafeEqual(one, other);
}
