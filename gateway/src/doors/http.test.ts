import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { DIALECTS } from "../dialects/registry.ts";
import { ERROR_KINDS, type ErrorName } from "../errors/catalogue.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { cleanPath, credentialOf, errorResponse, keyOfQuery, queryWithoutKey, splitUrl } from "./http.ts";
import { findRoute } from "./routes.ts";

describe("paths", () => {
  test.each([
    ["/v1/chat/completions", "/v1/chat/completions"],
    ["//v1//chat/completions/", "/v1/chat/completions"],
    ["/v1/v1/v1/chat/completions", "/v1/chat/completions"],
    ["/v1/v1beta/models/a:generateContent", "/v1beta/models/a:generateContent"],
    ["/v1beta/v1beta/models", "/v1beta/models"],
    ["/v1beta/v1/models/a:generateContent", "/v1/models/a:generateContent"],
    ["/v1/v1beta/v1/models", "/v1/models"],
    ["/v1/messages/messages", "/v1/messages"],
    ["/v1/chat/completions/chat/completions/chat/completions", "/v1/chat/completions"],
    ["/", "/"],
    ["//", "/"],
    ["/v1", "/v1"],
    ["/v1/v1", "/v1/v1"],
  ])("%s is %s", (path, clean) => {
    expect(cleanPath(path)).toBe(clean);
  });

  test("cleaning twice changes nothing more, and a long path costs little", () => {
    const part = fc.constantFrom("v1", "v1beta", "chat", "completions", "messages", "models", "", "a:generateContent", "..", "%2f");
    fc.assert(fc.property(fc.array(part, { maxLength: 12 }), (parts) => cleanPath(cleanPath(`/${parts.join("/")}`)) === cleanPath(`/${parts.join("/")}`)));
    const startedAt = performance.now();
    cleanPath("/v1".repeat(20_000));
    cleanPath(`/v1${"/messages".repeat(20_000)}`);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  test("V15: an odd spelling of a path never becomes a route to a vendor", () => {
    for (const path of ["/v1/chat%2fcompletions", "/v1/%63hat/completions", "/v1/./chat/completions", "/v1/x/../chat/completions", "/V1/chat/completions", "/v1/chat/completions;a", "/v1/chat/completions.", "/v1\\chat\\completions"])
      expect(findRoute("POST", cleanPath(path), false).kind, path).toBe("unknown");
  });

  test("V15: Host and absolute addresses decide nothing: the route comes from path alone", () => {
    expect(splitUrl("http://evil.test/v1/messages?a=1?b")).toEqual({ path: "/v1/messages", query: "?a=1?b" });
    expect(splitUrl("http://evil.test")).toEqual({ path: "/", query: "" });
    expect(splitUrl("http://u:p@evil.test:1/x#y")).toMatchObject({ path: "/x#y" });
  });
});

describe("credentials", () => {
  const KEY = "sk-abcdef";
  test.each<[Record<string, string>, string, Parameters<typeof credentialOf>[2], string | undefined]>([
    [{ authorization: `Bearer ${KEY}` }, "", "bearer", KEY],
    [{ authorization: `bearer   ${KEY} ` }, "", "bearer", KEY],
    [{ authorization: "Key abcdef" }, "", "bearer", KEY],
    [{ authorization: KEY }, "", "bearer", KEY],
    [{ authorization: "Bearer" }, "", "bearer", undefined],
    [{ authorization: "Bearer " }, "", "bearer", undefined],
    [{ authorization: "" }, "", "bearer", undefined],
    [{ "x-api-key": "  " }, "", "x-api-key", undefined],
    [{ "x-api-key": KEY, authorization: "Bearer sk-other" }, "", "x-api-key", KEY],
    [{ "x-api-key": KEY, authorization: "Bearer sk-other" }, "", "bearer", "sk-other"],
    [{ "x-api-key": "", authorization: "Bearer sk-other" }, "", "x-api-key", "sk-other"],
    [{ "x-goog-api-key": KEY }, "", "bearer", KEY],
    [{}, `?a=b&key=${KEY}`, "x-goog-api-key", KEY],
    [{}, "?monkey=1", "query", undefined],
    [{}, "", "bearer", undefined],
  ])("V13: %p %s (%s first) is %p", (headers, query, first, found) => {
    expect(credentialOf(headers, query, first)).toBe(found as string);
  });

  test.each([
    ["?key=a", ""],
    ["?a=1&key=b&c=2", "?a=1&c=2"],
    ["?%6Bey=a&b=1", "?b=1"],
    ["?k%65y=a", ""],
    ["?KEY=a&monkey=2", "?monkey=2"],
    ["?access_token=a&api_key=b&alt=sse", "?alt=sse"],
    ["?a=key=1", "?a=key=1"],
    ["?%zz=1", "?%zz=1"],
    ["?alt=sse", "?alt=sse"],
    ["", ""],
  ])("V03: %s goes on as %p", (query, rest) => {
    expect(queryWithoutKey(query)).toBe(rest);
    expect(keyOfQuery(rest)).toBeUndefined();
  });
});

describe("errors in each dialect", () => {
  test.each(Object.keys(ERROR_KINDS) as ErrorName[])("%s: status, steering headers and a JSON body without the internal text", async (name) => {
    for (const dialect of Object.values(DIALECTS)) {
      const response = errorResponse(new GatewayError(name, { internalText: "canary-internal" }), dialect, "id-1");
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.headers.get("content-type")).toBe("application/json");
      expect(response.headers.get("x-should-retry")).toBe(ERROR_KINDS[name].retryable ? null : "false");
      expect(response.headers.get("retry-after")).toBeNull();
      const text = await response.text();
      expect(() => JSON.parse(text) as unknown).not.toThrow();
      expect(text).not.toContain("canary-internal");
    }
  });

  test("Retry-After is told where it is known", () => {
    expect(errorResponse(new GatewayError("rateLimited", { retryAfterSeconds: 7 }), DIALECTS.gemini, "id").headers.get("retry-after")).toBe("7");
  });
});

describe("405 with Allow, not 404", () => {
  test.each([
    ["POST", "/healthz", "GET, HEAD"],
    ["DELETE", "/readyz", "GET, HEAD"],
    ["PUT", "/metrics", "GET, HEAD"],
    ["POST", "/openapi.json", "GET, HEAD"],
    ["POST", "/", "GET, HEAD"],
    ["POST", "/v1/models", "GET"],
    ["GET", "/v1/chat/completions", "POST"],
    ["GET", "/v1beta/models/a:generateContent", "POST"],
  ])("%s %s", (method, path, allow) => {
    expect(findRoute(method, path, false)).toMatchObject({ kind: "wrong-method", allow });
  });

  test.each([["GET", "/healthz"], ["HEAD", "/"], ["OPTIONS", "/healthz"]])("%s %s is not refused", (method, path) => {
    expect(findRoute(method, path, false).kind).toBe("unknown");
  });
});
