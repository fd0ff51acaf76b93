import type { FaultKind, UpstreamFault } from "../_kit/adapter.ts";
import { table } from "../../table.ts";

/** Codes of a content policy, by what they all have in them: `InputTextSensitiveContentDetected.PolicyViolation`, `OutputVideoRiskDetection`, ... */
const POLICY = /Sensitive|RiskDetection|PolicyViolation/;
/**
 * What Ark's error codes mean (https://www.volcengine.com/docs/82379/1299023; BytePlus has the same). A code may have a further word behind a dot, which counts first. The status tells no more: a task that fails is a 200, and what
 * is out for lack of money a 403 or a 429.
 */
export const ARK_CODES: Readonly<Record<string, FaultKind>> = table({
  MissingParameter: "caller",
  InvalidParameter: "caller",
  InvalidArgumentError: "caller",
  InvalidImageURL: "caller",
  InvalidImageDetail: "caller",
  InvalidPixelLimit: "caller",
  OutofContextError: "caller",
  AuthenticationError: "auth",
  InvalidAccountStatus: "auth",
  AccessDenied: "denied",
  "OperationDenied.PermissionDenied": "denied",
  AccountOverdueError: "no_balance",
  "OperationDenied.ServiceOverdue": "no_balance",
  // A limit of the free trial, or one that the account's owner has set: no time lifts it.
  SetLimitExceeded: "no_balance",
  ModelNotOpen: "no_model",
  "InvalidEndpointOrModel.NotFound": "no_model",
  "InvalidEndpointOrModel.ModelIDAccessDisabled": "no_model",
  "InvalidEndpoint.ClosedEndpoint": "no_model",
  "OperationDenied.ServiceNotOpen": "no_model",
  // Of films: as many wait as may.
  QuotaExceeded: "rate_limited",
  RateLimitExceeded: "rate_limited",
  AccountRateLimitExceeded: "rate_limited",
  ModelAccountRpmRateLimitExceeded: "rate_limited",
  ModelAccountTpmRateLimitExceeded: "rate_limited",
  ModelAccountIpmRateLimitExceeded: "rate_limited",
  APIAccountRpmRateLimitExceeded: "rate_limited",
  RequestBurstTooFast: "rate_limited",
  InflightBatchsizeExceeded: "rate_limited",
  ServerOverloaded: "overloaded",
  ModelLoadingError: "overloaded",
  ContentSecurityDetectionError: "server",
  InternalServiceError: "server",
});

/** Whether an error's code is one of Ark's content policy. */
export const isArkPolicyCode = (code: string): boolean => POLICY.test(code);

/** What a code means, by the whole of it or by what stands before its first dot; undefined for one that is not documented. */
function kindOf(code: string): FaultKind | undefined {
  const bare = code.split(".")[0] ?? "";
  return ARK_CODES[code] ?? ARK_CODES[bare];
}

/** Why a task failed, by the code of its error; `server` where the code says nothing that is known, so that another source is asked. */
export function arkFault(code: string, message: string): UpstreamFault {
  const text = message || code || "Ark could not make it.";
  return isArkPolicyCode(code) ? { kind: "caller", text, policy: true } : { kind: kindOf(code) ?? "server", text };
}
