import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { answerHeaders, retryAfterMs, vendorHeaders } from "./headers.ts";

const passes = (name: string, value = "x", toSimulator = false): boolean => vendorHeaders({ [name]: value }, toSimulator)[name] === value;

describe("a caller's headers to a vendor", () => {
  test.each([
    // credentials
    "authorization", "x-api-key", "x-goog-api-key", "api-key", "mj-api-secret", "cookie", "proxy-authorization", "x-auth-token", "x-access-token",
    // one connection, one message
    "host", "connection", "keep-alive", "te", "transfer-encoding", "upgrade", "expect", "content-length", "content-encoding", "accept-encoding", "range", "if-none-match", "if-modified-since",
    // account and billing of somebody else
    "openai-organization", "openai-project", "x-goog-user-project", "anthropic-workspace-id",
    // who and where the caller is
    "x-forwarded-for", "x-forwarded-host", "forwarded", "via", "x-real-ip", "cf-connecting-ip", "true-client-ip", "x-client-ip", "origin", "referer", "baggage",
  ])("V03, V29: %s stays here", (name) => {
    expect(passes(name)).toBe(false);
  });

  test.each([
    "x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-rewrite-url", "x-goog-fieldmask", "x-goog-request-params", "x-goog-authenticated-user-email",
    "x-portkey-custom-host", "x-portkey-config", "helicone-target-url", "x-litellm-api-base", "x-api-base", "x-base-url", "x-target-url", "x-fal-target-host", "x-upstream-host", "cf-aig-authorization",
  ])("V03, V15, V36: %s, which overrides the call, its place or its fields, stays here", (name) => {
    expect(passes(name)).toBe(false);
  });

  test.each(["anthropic-version", "anthropic-beta", "openai-beta", "x-goog-api-client", "user-agent", "x-stainless-lang", "x-app", "accept", "x-claude-code-session-id", "traceparent"])("%s carries meaning and goes on", (name) => {
    expect(passes(name)).toBe(true);
  });

  test("V24: an idempotency key stays here: in one account the keys of two callers would meet", () => {
    expect(passes("idempotency-key")).toBe(false);
  });

  test("the sandbox's own headers reach simulators only", () => {
    expect(passes("x-sandbox-fault")).toBe(false);
    expect(passes("x-sandbox-fault", "status=500", true)).toBe(true);
  });

  test("fields that the Connection field names belong to the connection (RFC 9110, 7.6.1)", () => {
    expect(vendorHeaders({ connection: "close, X-One", "x-one": "1", "x-two": "2" }, false)).toEqual({ "x-two": "2" });
  });

  test("the beta that says the credential is an OAuth token speaks of the caller's credential, not of ours", () => {
    expect(vendorHeaders({ "anthropic-beta": "claude-code-1,oauth-2025-04-20, context-1m" }, false)).toEqual({ "anthropic-beta": "claude-code-1,context-1m" });
    expect(vendorHeaders({ "anthropic-beta": "oauth-2025-04-20" }, false)).toEqual({});
  });

  test("V03: whatever else is sent, no value of a credential header goes on", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }).map((name) => name.toLowerCase()), fc.string()), fc.boolean(), (headers, toSimulator) => {
        const out = vendorHeaders({ ...headers, authorization: "canary-1", "x-api-key": "canary-2", "x-goog-api-key": "canary-3", cookie: "canary-4" }, toSimulator);
        return !JSON.stringify(out).includes("canary-");
      }),
    );
  });
});

test("V29: of a vendor's answer only a few headers reach the caller: none names its account, its servers or its limits", () => {
  const vendor: Record<string, string> = {
    "content-type": "application/json", "content-encoding": "gzip", "cache-control": "no-cache", "openai-organization": "our-org", "x-ratelimit-limit-requests": "1", "set-cookie": "a=b",
    "x-request-id": "req_vendor", "request-id": "req_vendor", server: "x", via: "x", "cf-ray": "x", location: "http://vendor.test", "anthropic-organization-id": "ours", "transfer-encoding": "chunked",
  };
  expect(answerHeaders({ header: (name) => vendor[name] ?? null }, { "x-request-id": "ours" })).toEqual({ "content-type": "application/json", "content-encoding": "gzip", "cache-control": "no-cache", "x-request-id": "ours" });
});

describe("F17: Retry-After in milliseconds", () => {
  const now = Date.parse("2026-11-01T00:00:00Z");
  test.each<[Record<string, string>, number | undefined]>([
    [{}, undefined],
    [{ "retry-after": "7" }, 7_000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after-ms": "1500", "retry-after": "9" }, 1_500],
    [{ "retry-after": "Sun, 01 Nov 2026 00:00:10 GMT" }, 10_000],
    [{ "retry-after": "Sat, 31 Oct 2026 00:00:00 GMT" }, 0],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "-5" }, undefined],
    [{ "retry-after": "" }, undefined],
    [{ "retry-after-ms": "" }, undefined],
    [{ "retry-after": "Infinity" }, undefined],
  ])("%p is %p", (headers, ms) => {
    expect(retryAfterMs((name) => headers[name] ?? null, now)).toBe(ms as number);
  });
});
