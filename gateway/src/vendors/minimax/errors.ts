import { objectOf, parseJson } from "../../dialects/canonical/fields.ts";
import { type FaultKind, faultByStatus, type UpstreamFault } from "../_kit/adapter.ts";

/** What `base_resp.status_code` says (the vendor's error code page). All else is a fault of the request. */
const KINDS: Readonly<Record<number, FaultKind>> = {
  1000: "server", 1001: "server", 1024: "server", 1033: "server", 1002: "rate_limited", 1039: "rate_limited", 1041: "rate_limited", 1004: "auth", 2049: "auth", 1008: "no_balance", 2038: "denied",
};
/** Input and output that are not taken for their content. */
const POLICY: ReadonlySet<number> = new Set([1026, 1027]);

/** What a code means. */
export const minimaxFault = (code: number, text: string): UpstreamFault => ({ kind: KINDS[code] ?? "caller", text, ...(POLICY.has(code) ? { policy: true } : {}) });

/** What a refusal means: nearly always a 200 with a code. */
export function classifyMinimax(status: number, body: string): UpstreamFault {
  const { status_code: code, status_msg: message } = objectOf(objectOf(parseJson(body))["base_resp"]);
  const text = typeof message === "string" && message !== "" ? message : body.slice(0, 500);
  return typeof code === "number" ? minimaxFault(code, text) : { kind: faultByStatus(status), text };
}
