import { ownNames } from "../channels/own-names.ts";
import type { Target } from "../channels/plan.ts";
import { redact, redactBody } from "../errors/redact.ts";
import { VENDORS } from "../vendors/registry.ts";
import { AttemptFailed } from "./attempt-failed.ts";

/** What a vendor's refusal means for the plan. `status` is the HTTP status, or what an error inside a 200 answer stands for. */
export function refusalOf(status: number, body: string, contentType: string, target: Target, retryAfter?: number): AttemptFailed {
  const fault = VENDORS.get(target.channel.vendor)?.classify(status, body) ?? { kind: "server" as const, text: body };
  const secrets = ownNames(target.channel);
  const text = redact(fault.text, secrets);
  const answer = fault.kind === "caller" && status < 500 ? { status, body: redactBody(body, secrets), contentType } : undefined;
  return new AttemptFailed(fault.kind, text, status, retryAfter, answer);
}
