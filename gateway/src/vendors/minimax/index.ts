import { objectOf, parseJson } from "../../dialects/canonical/fields.ts";
import { type FaultKind, faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter } from "../_kit/adapter.ts";
import { minimaxSpeech } from "./speech.ts";

/** What `base_resp.status_code` says (the vendor's error code page). All else is a fault of the request. */
const KINDS: Readonly<Record<number, FaultKind>> = {
  1000: "server", 1001: "server", 1024: "server", 1033: "server", 1002: "rate_limited", 1039: "rate_limited", 1041: "rate_limited", 1004: "auth", 2049: "auth", 1008: "no_balance", 2038: "denied",
};

/** MiniMax: https://platform.minimax.io/docs/api-reference. Its base URL carries the version. */
export const minimax: VendorAdapter = {
  id: "minimax",
  displayName: "MiniMax",
  dialects: [],
  speech: minimaxSpeech,
  defaultBaseUrl: "https://api.minimax.io",
  environment: { keys: ["MINIMAX_API_KEY"], baseUrl: "MINIMAX_BASE_URL" },
  testPath: "/v1/get_voice",

  address: (baseUrl, endpoint) => `${trimSlashes(baseUrl).replace(/\/v1$/, "")}${endpoint.upstreamPath}`,

  authorize(headers, credential) {
    headers["authorization"] = `Bearer ${credential}`;
  },

  /** An error is nearly always a 200 with a code. */
  classify(status, body): UpstreamFault {
    const { status_code: code, status_msg: message } = objectOf(objectOf(parseJson(body))["base_resp"]);
    const text = typeof message === "string" && message !== "" ? message : body.slice(0, 500);
    if (typeof code !== "number") return { kind: faultByStatus(status), text };
    return { kind: KINDS[code] ?? "caller", text };
  },
};
