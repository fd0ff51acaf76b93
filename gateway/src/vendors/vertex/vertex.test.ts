import { generateKeyPairSync } from "node:crypto";
import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { GoogleGenAI } from "@google/genai";
import { startSandbox } from "../../../../simulators/src/server.ts";
import { knownAccounts } from "../../../../simulators/src/vendors/vertex/token.ts";
import { CredentialError, type Exchange } from "../_kit/adapter.ts";
import { RETRY_AFTER_MS } from "../_kit/token-cache.ts";
import { vertexAdapter } from "./index.ts";

let now = Date.UTC(2026, 10, 1);
const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => now });
afterAll(() => sandbox.stop());
afterEach(() => knownAccounts.clear());

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048, privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } });
const EMAIL = "robot@acme.iam.gserviceaccount.com";
const account = (more: object = {}): string =>
  JSON.stringify({ type: "service_account", project_id: "acme", private_key_id: "k1", private_key: privateKey, client_email: EMAIL, token_uri: `${sandbox.url}/vertex/token`, ...more });
const exchange: Exchange = async ({ url, headers, body }) => {
  const response = await fetch(url, { method: "POST", headers, body: body.toString("utf8") });
  return { status: response.status, body: await response.text() };
};
const GENERATE = { name: "generateContent", upstreamPath: "/v1beta/models/{model}:generateContent", billable: true };
const BASE = `${sandbox.url}/vertex/v1/projects/acme/locations/us-central1`;

async function ask(vertex: ReturnType<typeof vertexAdapter>, credential: string): Promise<number> {
  const request = { method: "POST", url: vertex.address(BASE, GENERATE, "gemini-2.5-flash", ""), headers: {} as Record<string, string>, body: Buffer.from(JSON.stringify({ contents: [{ role: "user", parts: [{ text: "count to 3" }] }] })) };
  await vertex.sign?.(request, credential, { now: () => now, exchange });
  return (await fetch(request.url, { method: "POST", headers: request.headers, body: request.body.toString("utf8") })).status;
}
const tokenCalls = (): number => sandbox.requests().filter((seen) => seen["path"] === "/token").length;

describe("addresses", () => {
  const vertex = vertexAdapter();
  test.each([
    ["https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1", "", "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google/models/gemini-3-flash-preview:generateContent"],
    ["https://aiplatform.googleapis.com", "?key=x&fields=text", "https://aiplatform.googleapis.com/v1/publishers/google/models/gemini-3-flash-preview:generateContent"],
    ["https://aiplatform.googleapis.com/v1beta1/", "", "https://aiplatform.googleapis.com/v1beta1/publishers/google/models/gemini-3-flash-preview:generateContent"],
  ])("%s", (base, query, address) => expect(vertex.address(base, GENERATE, "gemini-3-flash-preview", query)).toBe(address));

  test("streams keep alt=sse", () =>
    expect(vertex.address(BASE, { ...GENERATE, upstreamPath: "/v1/models/{model}:streamGenerateContent", stream: true }, "m", "?alt=sse")).toEndWith("/m:streamGenerateContent?alt=sse"));

  test("the environment: a location makes it, project and address follow", () => {
    const settle = (given: Record<string, string>, credential = account()) => vertex.environment.settle?.({ credential, baseUrl: given["VERTEX_BASE_URL"] }, (name) => given[name]);
    expect(settle({})?.credential).toBeUndefined();
    expect(settle({ GOOGLE_CLOUD_LOCATION: "europe-west4" })?.baseUrl).toBe("https://europe-west4-aiplatform.googleapis.com/v1/projects/acme/locations/europe-west4");
    expect(settle({ GOOGLE_CLOUD_LOCATION: "global", GOOGLE_CLOUD_PROJECT: "other" })?.baseUrl).toBe("https://aiplatform.googleapis.com/v1/projects/other/locations/global");
    expect(settle({ VERTEX_BASE_URL: BASE })?.baseUrl).toBe(BASE);
  });
});

describe("a service account is exchanged for a token", () => {
  test("once for many requests, and anew before the token ends", async () => {
    sandbox.reset();
    knownAccounts.set(EMAIL, publicKey);
    const vertex = vertexAdapter();
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => ask(vertex, account()))))).toEqual(new Set([200]));
    expect(tokenCalls()).toBe(1);
    now += 50 * 60_000;
    expect(await ask(vertex, account())).toBe(200);
    now += 9 * 60_000;
    expect(await ask(vertex, account())).toBe(200);
    await Bun.sleep(20);
    expect(tokenCalls()).toBe(2);
    now += 30 * 60_000;
    expect(await ask(vertex, account())).toBe(200);
    expect(tokenCalls()).toBe(2);
  });

  test("an account that Google does not know, or a key that is not its own, is a bad credential", async () => {
    const other = generateKeyPairSync("rsa", { modulusLength: 2048, privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } });
    knownAccounts.set(EMAIL, publicKey);
    for (const wrong of [account({ client_email: "nobody@x" }), account({ private_key: other.privateKey }), account({ private_key: "no key" }), '{"a":1}', "{broken"]) {
      const failure: unknown = await ask(vertexAdapter(), wrong).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(CredentialError);
      expect((failure as CredentialError).kind).toBe("auth");
      expect((failure as CredentialError).message).not.toContain("PRIVATE KEY");
    }
  });

  test("an endpoint that fails is the server's fault, and passes", async () => {
    const vertex = vertexAdapter();
    let down = true;
    const flaky: Exchange = (request) => (down ? Promise.resolve({ status: 503, body: "<html>" }) : exchange(request));
    const sign = async (): Promise<void> => await vertex.sign?.({ method: "POST", url: "", headers: {}, body: Buffer.alloc(0) }, account(), { now: () => now, exchange: flaky });
    await expect(sign()).rejects.toThrow("token endpoint: 503");
    down = false;
    now += RETRY_AFTER_MS;
    await sign();
  });

  test("API keys and tokens go as they are", async () => {
    for (const [credential, header] of [["AIzaSyExample_key-1", "x-goog-api-key"], ["AQ.express-key", "x-goog-api-key"], ["ya29.token", "authorization"]] as const) {
      const headers: Record<string, string> = {};
      await vertexAdapter().sign?.({ method: "POST", url: "", headers, body: Buffer.alloc(0) }, credential, { now: () => now, exchange: () => Promise.reject(new Error("no exchange")) });
      expect(headers[header]).toContain(credential);
    }
  });
});

test("the simulator answers the official client in Vertex mode", async () => {
  const client = new GoogleGenAI({ vertexai: true, apiKey: "AQ.sandbox-key", httpOptions: { baseUrl: `${sandbox.url}/vertex`, apiVersion: "v1" } });
  expect((await client.models.generateContent({ model: "gemini-2.5-flash", contents: "count to 3" })).text).toBe("1, 2, 3");
});
