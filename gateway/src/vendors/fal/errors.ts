import { objectOf, parseJson } from "../../dialects/canonical/fields.ts";
import { faultByStatus, type FaultKind, type UpstreamFault } from "../_kit/adapter.ts";
import { objectsIn, textIn } from "../_kit/media/fields.ts";
import { table } from "../../table.ts";

/** Types of a model's error that are the vendor's fault and not the input's (https://docs.fal.ai/errors). */
const SERVERS: ReadonlySet<string> = new Set(["internal_server_error", "generation_timeout", "downstream_service_error", "downstream_service_unavailable"]);
const POLICY = "content_policy_violation";
/** The queue's own errors (`error_type`). All others of it are the runner's. */
const KINDS: Readonly<Record<string, FaultKind>> = table({ bad_request: "caller", client_cancelled: "caller" });
/** How fal says that an account has no money left; it has no code for it. */
const LOCKED = /^User is locked\b/i;

/** What an error body of fal's means: `{detail: [{loc, msg, type}]}` of a model, `{detail, error_type}` of the queue. Undefined for what is neither. */
export function falFault(body: string, status: number): UpstreamFault | undefined {
  const error = objectOf(parseJson(body));
  const [first, ...rest] = objectsIn(error, "detail");
  if (first) {
    const types = [first, ...rest].map((one) => textIn(one, "type"));
    const text = [first, ...rest].map((one) => `${place(one["loc"])}${textIn(one, "msg")}`).filter((one) => one !== "").join("; ");
    if (types.includes(POLICY)) return { kind: "caller", text: text || "The content policy refused it.", policy: true };
    return { kind: types.some((type) => SERVERS.has(type)) ? "server" : "caller", text };
  }
  const detail = textIn(error, "detail");
  const type = textIn(error, "error_type");
  if (detail === "" && type === "") return undefined;
  if (status === 403 && LOCKED.test(detail)) return { kind: "no_balance", text: detail };
  return { kind: KINDS[type] ?? (type === "" ? faultByStatus(status) : "server"), text: detail || type };
}

/** `body.prompt: ` out of `["body", "prompt"]`. */
const place = (loc: unknown): string => (Array.isArray(loc) && loc.length > 1 ? `${loc.slice(1).join(".")}: ` : "");
