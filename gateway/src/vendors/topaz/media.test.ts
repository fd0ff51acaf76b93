import { afterAll, expect, test } from "bun:test";
import { startSandbox } from "../../../../simulators/src/server.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { topazFault } from "./errors.ts";
import { readTopazRequest, topazMedia } from "./media.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string): Drive => new Drive({ vendor: "topaz", baseUrl: `${sandbox.url}/topaz`, credential: "topaz-test-0123", ...(fault ? { headers: { "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` } } : {}) });
const wish: MediaWish = { kind: "video", videos: [{ url: "https://example.com/in.mov", role: "input" }], resolution: "720p" };
const film = { model: "prob-4", input: { wish } };
const asked = (more: Partial<MediaWish>) => topazMedia.submit({ taskId: "t", action: "a", model: "prob-4", callbackUrl: "https://us", input: { wish: { ...wish, ...more } } });

test("a film: through its states to the file, with what it cost and when its address ends", async () => {
  const player = drive();
  const { end, seen } = await player.untilEnd(await player.submit(film), "prob-4");
  expect(seen).toEqual(["QUEUED", "IN_PROGRESS", "SUCCESS"]);
  expect(end.outputs).toMatchObject([{ kind: "video", expiresAt: expect.any(Number) }]);
  expect(end.usage?.credits).toBeGreaterThan(0);
});

test("a wish in Topaz' words; what cannot be said is told", () => {
  const { call, dropped } = asked({ prompt: "x", others: { model: "Nyx Fast", output_height: 1080, target_fps: 60, grain: 1 } });
  expect(call).toEqual({
    method: "POST", path: "/video/express",
    json: { source: { container: "mov", external: { provider: "s3", presignedUrl: "https://example.com/in.mov" } }, filters: [{ model: "nxf-1" }, { model: "chf-3", fps: 60 }], output: { resolution: { width: 1920, height: 1080 } }, notifications: { webhookUrl: "https://us" } },
  });
  expect(dropped).toEqual(["prompt", "grain"]);
  expect(asked({ aspectRatio: "9:16" }).call.json).toMatchObject({ output: { resolution: { width: 720, height: 1280 } } });
  expect(() => asked({ videos: [{ url: "data:video/mp4;base64,AA==", role: "input" }] })).toThrow("https address");
  expect(() => asked({ videos: [] })).toThrow("A film is missing.");
});

test.each([["status=429", "caller"], ["no-balance", "no_balance"], ["bad-key", "auth"], ["status=500", "server"], ["status=503", "overloaded"]])("a submit under %s is a fault of %s", async (fault, kind) => {
  const { state, fault: told } = await drive(fault).submit(film);
  expect([state, told?.kind]).toEqual(["FAILURE", kind as never]);
});

test.each([["refuse", "caller"], ["fail", "server"], ["fail-code=TIMEOUT_QUEUE", "overloaded"], ["fail-code=SOMETHING_NEW", "server"]])("a request that ends by %s is a fault of %s", async (fault, kind) => {
  const player = drive(fault);
  const { end } = await player.untilEnd(await player.submit(film), "prob-4");
  expect([end.state, end.fault?.kind]).toEqual(["FAILURE", kind as never]);
});

test("K20: a request that is stopped ends when the vendor says so", async () => {
  const player = drive("never-ends");
  const first = await player.submit(film);
  const call = topazMedia.cancel?.({ taskId: "t", action: "a", model: "prob-4", ref: first.ref ?? "", memo: {} });
  expect((await player.send(call as NonNullable<typeof call>)).status).toBe(200);
  const { end, seen } = await player.untilEnd(first, "prob-4");
  expect([end.state, seen.at(-2)]).toEqual(["CANCELLED", "IN_PROGRESS"]);
});

test.each([
  ["requested", "QUEUED"], ["accepted", "QUEUED"], ["initializing", "QUEUED"], ["preprocessing", "IN_PROGRESS"], ["processing", "IN_PROGRESS"], ["postprocessing", "IN_PROGRESS"], ["complete", "SUCCESS"], ["failed", "FAILURE"],
  ["canceling", "IN_PROGRESS"], ["canceled", "CANCELLED"], ["verifying", "IN_PROGRESS"],
])("Topaz' %s is %s", (word, state) => {
  expect(readTopazRequest({ status: word, progress: 12 })).toMatchObject({ state, progress: 12 } as object);
});

test.each([
  ["INSUFFICIENT_CREDITS", "no_balance"], ["CREDIT_DIFFERENCE", "server"], ["INVALID_INPUT", "caller"], ["FORBIDDEN", "denied"], ["UNAUTHORIZED", "auth"], ["TIMEOUT_UPLOAD_SOURCE", "caller"], ["TIMEOUT_QUEUE", "overloaded"],
  ["TIMEOUT_PROCESSING", "server"], ["PROCESSING_FAILURE", "server"], ["SERVER_MAINTENANCE", "overloaded"], ["SERVER_ERROR", "server"], ["HARDWARE_FAILURE", "server"], ["UNKNOWN", "server"], ["toString", "rate_limited"],
])("the code %s is %s", (errorCode, kind) => {
  expect(topazFault(429, JSON.stringify({ message: "x", errorCode })).kind).toBe(kind as never);
});

test("K03: pages, overloads and odd bodies say nothing of a request", () => {
  const job = { taskId: "t", model: "m", action: "a", ref: "r", memo: {} };
  for (const [status, text] of [[502, "<html>"], [200, ""], [200, "[]"], [429, '{"message":"slow"}'], [500, "oops"], [404, '{"message":"Request not found"}']] as const) expect(topazMedia.readPoll?.({ status, header: () => null, body: Buffer.from(text) }, job)).toBeUndefined();
});
