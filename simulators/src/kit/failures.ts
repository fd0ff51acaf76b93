/** Faults that replace the whole answer. */
import { faultNumber, type FaultValues } from "./fault-spec.ts";
import type { Failure, Received, Vendor, WholeAnswer } from "./vendor.ts";

/** An error text full of what must never reach a caller. All of it is invented. */
export const LEAK =
  "upstream api.internal-vendor.example (https://api.internal-vendor.example/v1/chat?key=sk-leak-0123456789abcdefghij) refused key " +
  "sk-leak-0123456789abcdefghij of organization org-LeakedOrganisation42 at 10.20.30.40:8443";

/** Takes the faults; gives the error they ask for, `undefined` when they ask for none. */
export function failureOf(faults: FaultValues): Failure | undefined {
  const status = faultNumber(faults, "status");
  const retryAfter = faultNumber(faults, "retry-after");
  const extra = {
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(faults.has("leak") ? { message: LEAK } : {}),
  };
  if (faults.has("no-balance")) return { kind: "no-balance", status: status ?? 0, ...extra };
  if (faults.has("bad-key")) return { kind: "bad-key", status: status ?? 401, ...extra };
  if (status !== undefined) return { kind: "status", status, ...extra };
  // retry-after alone can only mean a rate limit; a leak inside a stream belongs to its error event
  if (retryAfter !== undefined && !faults.has("error-in-stream"))
    return { kind: "status", status: 429, ...extra };
  if (faults.has("leak") && !faults.has("error-in-stream")) return { kind: "status", status: 500, ...extra };
  return undefined;
}

/** Takes a vendor, a request and its faults; gives the answer that replaces the vendor's own, `undefined` when none does. */
export function replacement(vendor: Vendor, request: Received): WholeAnswer | undefined {
  const { faults } = request;
  // with error-in-stream the status colours the event, the answer itself starts well
  const failure = faults.has("error-in-stream") ? undefined : failureOf(faults);
  if (failure) return vendor.fail(request, failure);
  if (faults.has("empty"))
    return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: "" };
  return faults.has("html") ? htmlPage() : undefined;
}

/** Gives a web page where JSON or a file was expected. */
export const htmlPage = (): WholeAnswer => ({
  kind: "whole",
  status: 200,
  headers: { "content-type": "text/html; charset=utf-8" },
  body: "<!doctype html>\n<html><head><title>Welcome</title></head><body><h1>It works</h1></body></html>\n",
});

/** Takes the faults; gives the error that an error event inside a stream reports: 500 unless they name another. */
export const failureInStream = (faults: FaultValues): Failure =>
  failureOf(faults) ?? { kind: "status", status: 500, ...(faults.has("leak") ? { message: LEAK } : {}) };
