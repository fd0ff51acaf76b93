import { objectOf, parseJson } from "../../dialects/canonical/fields.ts";
import { type FaultKind, faultByStatus, type UpstreamFault } from "../_kit/adapter.ts";
import { textIn } from "../_kit/media/fields.ts";

/** Kling's codes (its reference, "Error codes"). 429 is also said of an account without money, and of an address that is not on the account's list. */
const KINDS: Readonly<Record<number, FaultKind>> = {
  1000: "auth", 1001: "auth", 1002: "auth", 1003: "auth", 1004: "auth", 1100: "no_balance", 1101: "no_balance", 1102: "no_balance", 1103: "denied", 1200: "caller", 1201: "caller", 1202: "server", 1203: "no_model",
  1300: "caller", 1301: "caller", 1302: "rate_limited", 1303: "rate_limited", 1304: "auth", 5000: "server", 5001: "overloaded", 5002: "server",
};
const POLICY: ReadonlySet<unknown> = new Set([1300, 1301]);

/** What a refusal means: by its code, whatever the status. */
export function klingFault(status: number, body: string): UpstreamFault {
  const error = objectOf(parseJson(body));
  const { code } = error;
  const text = textIn(error, "message") || body.slice(0, 500);
  const kind = typeof code === "number" ? KINDS[code] : undefined;
  return { kind: kind ?? faultByStatus(status), text, ...(POLICY.has(code) ? { policy: true } : {}) };
}
