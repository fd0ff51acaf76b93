import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { startSandbox } from "../../server.ts";
import { HAS_FFPROBE, probe } from "../../testing/probe.ts";
import { receiver } from "../../testing/receiver.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

interface Told {
  status?: string;
  requestId: string;
  message?: string;
  errorCode?: string;
  estimates: { cost: [number, number]; time: [number, number] };
  urls: string[];
  uploadUrls: string[];
  progress: number;
  download?: { url: string; expiresAt: number };
}
async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Told & { code: number }> {
  const answer = await fetch(`${sandbox.url}/topaz${path}`, { method, headers: { "x-api-key": "sandbox-key", "content-type": "application/json", ...headers }, ...(body ? { body: JSON.stringify(body) } : {}) });
  const text = await answer.text();
  return { code: answer.status, ...(text === "" ? {} : (JSON.parse(text) as object)) } as Told & { code: number };
}
const quote = (source: object = {}, more: object = {}) => ({
  source: { container: "mp4", size: 477_010, duration: 4, frameCount: 97, frameRate: 24, resolution: { width: 640, height: 360 }, ...source },
  filters: [{ model: "prob-4" }],
  output: { resolution: { width: 1280, height: 720 }, frameRate: 24, audioTransfer: "Copy", audioCodec: "AAC", container: "mp4" },
  ...more,
});
const external = { external: { provider: "s3", presignedUrl: "https://example.com/in.mp4" } };
const express = (more: object = {}, source: object = external) => ({ source: { container: "mp4", ...source }, filters: [{ model: "prob-4" }], output: { resolution: { width: 1280, height: 720 } }, ...more });

async function ended(id: string): Promise<{ last: Told; states: string[] }> {
  const states: string[] = [];
  for (;;) {
    const last = await call("GET", `/video/${id}/status`);
    if (states.at(-1) !== last.status) states.push(last.status ?? "");
    if (["complete", "failed", "canceled"].includes(last.status ?? "")) return { last, states };
    await Bun.sleep(30);
  }
}

test("the long way: quote, accept, upload, complete; nothing is at work before", async () => {
  const made = await call("POST", "/video/", quote());
  expect(made).toMatchObject({ code: 200, estimates: { cost: [2, 3], time: [24, 32] } });
  expect(await call("GET", `/video/${made.requestId}/status`)).toMatchObject({ status: "requested" });
  const accepted = await call("PATCH", `/video/${made.requestId}/accept`);
  expect([accepted.code, accepted.urls.length]).toEqual([202, 1]);
  expect(await call("PATCH", `/video/${made.requestId}/complete-upload/`, { uploadResults: [{ partNum: 1, eTag: "unused" }] })).toMatchObject({ code: 400 });
  expect(sandbox.tasks()).toEqual([]);
  const put = await fetch(accepted.urls[0] ?? "", { method: "PUT", body: "film" });
  expect([put.status, put.headers.get("etag")]).toEqual([200, expect.stringMatching(/^"[0-9a-f]{32}"$/)]);
  expect(await call("GET", `/video/${made.requestId}/status`)).toMatchObject({ status: "accepted" });
  expect(await call("PATCH", `/video/${made.requestId}/complete-upload/`, { uploadResults: [{ partNum: 1, eTag: "unused" }], md5Hash: "wrong" })).toMatchObject({ code: 400 });
  expect(await call("PATCH", `/video/${made.requestId}/complete-upload/`, { uploadResults: [{ partNum: 1, eTag: "unused" }] })).toMatchObject({ code: 202 });
  const { last, states } = await ended(made.requestId);
  expect(states).toEqual(["initializing", "preprocessing", "processing", "postprocessing", "complete"]);
  const bytes = await (await fetch(last.download?.url ?? "")).bytes();
  if (HAS_FFPROBE) expect(probe(bytes)).toMatchObject({ width: 1280, height: 720, duration: 4 });
  expect((await ended(made.requestId)).last.download?.url).toBe(last.download?.url ?? "");
  expect(sandbox.tasks()).toMatchObject([{ model: "prob-4", usage: { credits: 2 } }]);
  expect((await call("DELETE", `/video/${made.requestId}/media`)).code).toBe(204);
  expect((await fetch(last.download?.url ?? "")).status).toBe(404);
});

test("a large source comes in parts, each with its tag", async () => {
  const made = await call("POST", "/video/", quote({ size: 1_200_000_000, frameCount: 50_000 }));
  const { urls } = await call("PATCH", `/video/${made.requestId}/accept`);
  expect(urls).toHaveLength(3);
  const tags = await Promise.all(urls.map(async (url, index) => (await fetch(url, { method: "PUT", body: `part ${index}` })).headers.get("etag") ?? ""));
  const results = tags.map((eTag, index) => ({ partNum: index + 1, eTag }));
  expect(await call("PATCH", `/video/${made.requestId}/complete-upload/`, { uploadResults: results.slice(1) })).toMatchObject({ code: 400 });
  expect(await call("PATCH", `/video/${made.requestId}/complete-upload/`, { uploadResults: results })).toMatchObject({ code: 202 });
});

test("the short way: by address at once, by one upload; told to a callback", async () => {
  const hook = receiver();
  const { requestId } = await call("POST", "/video/express", express({ notifications: { webhookUrl: hook.url } }));
  const [message] = await hook.waitFor(1);
  expect(JSON.parse(message?.text ?? "")).toMatchObject({ requestId, status: "complete", download: { url: expect.stringContaining(".mp4") } });
  const { uploadUrls, requestId: second } = await call("POST", "/video/express", express({}, {}));
  await fetch(uploadUrls[0] ?? "", { method: "PUT", body: "film" });
  expect((await ended(second)).last.status).toBe("complete");
  const accepted = await call("POST", "/video/", quote(external));
  expect(await call("PATCH", `/video/${accepted.requestId}/accept`)).toMatchObject({ code: 202, message: expect.any(String) });
  await hook.stop();
});

describe("what goes wrong", () => {
  test("bodies, keys, ids, money", async () => {
    expect(await call("POST", "/video/", quote({}, { filters: [{ model: "prob-99" }] }))).toMatchObject({ code: 400, errorCode: "INVALID_INPUT", errors: [{ path: "filters.0.model" }] } as object);
    expect(await call("POST", "/video/", { source: {} })).toMatchObject({ code: 400, errorCode: "INVALID_INPUT" });
    expect(await call("GET", "/video/nobody/status")).toMatchObject({ code: 404 });
    expect(await call("POST", "/video/", quote(), { "x-api-key": "" })).toMatchObject({ code: 401, errorCode: "UNAUTHORIZED" });
    const { requestId } = await call("POST", "/video/", quote());
    expect(await call("PATCH", `/video/${requestId}/accept`, undefined, { "x-sandbox-fault": "no-balance" })).toMatchObject({ code: 402, errorCode: "INSUFFICIENT_CREDITS" });
    expect(((await (await fetch(`${sandbox.url}/topaz/video/status`)).json()) as { supportedModels: string[] }).supportedModels).toContain("prob-4");
  });

  test("failed by a code that the quote ordered; cancelled before and at work, and too late", async () => {
    const failed = await call("POST", "/video/express", express({ destination: "[[fault:fail-code=HARDWARE_FAILURE;queue-ms=0;run-ms=0]]" }));
    expect((await ended(failed.requestId)).last).toMatchObject({ status: "failed", errorCode: "HARDWARE_FAILURE" });
    expect(await call("DELETE", `/video/${failed.requestId}`)).toMatchObject({ code: 400 });
    const { requestId } = await call("POST", "/video/express", express({ destination: "[[fault:queue-ms=0;run-ms=4000]]" }));
    await Bun.sleep(20);
    expect(await call("GET", `/video/${requestId}/cancel-estimate`)).toMatchObject({ code: 200, cancelable: true, creditsCharged: 2, creditsRefunded: 1 } as object);
    expect(await call("DELETE", `/video/${requestId}`)).toMatchObject({ code: 200, message: expect.stringContaining("refunded") });
    expect((await ended(requestId)).states).toEqual(["canceling", "canceled"]);
    expect(sandbox.tasks()[1]).toMatchObject({ state: "cancelled", usage: { credits: 2 } });
  });
});
