import { describe, expect, test } from "bun:test";
import { openApiDocument } from "@yescale/contract/openapi";
import { type OpsServices, opsRoutes } from "./ops.ts";

const TOKEN = "0123456789abcdef-token";
const services = (change: Partial<OpsServices> & { caller?: string; token?: string } = {}) =>
  opsRoutes({
    notReady: () => Promise.resolve([]),
    attention: () => [],
    metrics: { token: change.token, callerOf: () => change.caller ?? "127.0.0.1", read: () => Promise.resolve({ text: "x 1\n", contentType: "text/plain" }) },
    openapi: () => Promise.resolve(openApiDocument()),
    brand: () => "YEScale",
    ...change,
  });
const ask = async (ops: ReturnType<typeof services>, path: string, headers: Record<string, string> = {}): Promise<Response> => {
  const response = await ops(new Request(`http://x${path}`, { headers }), path);
  return response ?? new Response(null, { status: 404 });
};

describe("V26: metrics", () => {
  test.each([["127.0.0.1", 200], ["127.8.9.1", 200], ["::1", 200], ["10.0.0.7", 403], ["2001:db8::1", 403], ["", 403], ["127.0.0.1.example.com", 403]] as const)("%s without a token: %d", async (caller, status) =>
    expect((await ask(services({ caller }), "/metrics")).status).toBe(status));

  test("who comes through a proxy on this host is not this host", async () => {
    for (const header of ["x-forwarded-for", "forwarded", "x-real-ip"]) expect((await ask(services(), "/metrics", { [header]: "127.0.0.1" })).status).toBe(403);
  });

  test("the token opens them to anybody, a wrong one to nobody else", async () => {
    const ops = services({ caller: "10.0.0.7", token: TOKEN });
    expect((await ask(ops, "/metrics", { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
    for (const authorization of [`Bearer ${TOKEN}x`, "Bearer ", TOKEN, "Bearer undefined"]) expect((await ask(ops, "/metrics", { authorization })).status).toBe(403);
    expect((await ask(services({ caller: "10.0.0.7" }), "/metrics", { authorization: "Bearer undefined" })).status).toBe(403);
  });

  test("metrics that cannot be gathered are 503, not a part of the sum", async () => {
    const read = (): Promise<never> => Promise.reject(new Error("a worker did not tell its metrics"));
    expect((await ask(services({ metrics: { token: undefined, callerOf: () => "::1", read } }), "/metrics")).status).toBe(503);
  });
});

test("readiness tells what is missing, and what a person should look at without refusing requests", async () => {
  const missing = await ask(services({ notReady: () => Promise.resolve(["database"]) }), "/readyz");
  expect([missing.status, await missing.json()]).toEqual([503, { status: "not ready", missing: ["database"] }]);
  const odd = await ask(services({ attention: () => ["records set aside"] }), "/readyz");
  expect([odd.status, await odd.json()]).toEqual([200, { status: "ready", attention: ["records set aside"] }]);
});

test("the description is the document itself", async () => {
  const document = (await (await ask(services(), "/openapi.json")).json()) as { openapi: string; paths: Record<string, object> };
  expect(document.openapi).toStartWith("3.1");
  expect(Object.keys(document.paths)).toContain("/v1/chat/completions");
});

test("other methods and paths are none of these", async () => {
  expect(await services()(new Request("http://x/healthz", { method: "POST" }), "/healthz")).toBeUndefined();
  expect((await ask(services(), "/nothing")).status).toBe(404);
});
