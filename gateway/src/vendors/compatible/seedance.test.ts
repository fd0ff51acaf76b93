import { afterAll, expect, test } from "bun:test";
import { startSandbox } from "../../../../simulators/src/server.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { MediaOrder } from "../_kit/media/adapter.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { readSeedanceTask, seedance } from "./seedance.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string): Drive => new Drive({ vendor: "doubao", baseUrl: `${sandbox.url}/doubao`, credential: "ark-test-0123", ...(fault ? { headers: { "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` } } : {}) });
const PICTURE = "https://example.com/bunny.jpg";
const MODEL = "doubao-seedance-1-0-pro-250528";
const film = { model: MODEL, input: { native: { json: { content: [{ type: "text", text: "a stone --rs 720p --dur 5 --rt 16:9" }], return_last_frame: true } } } };
const order = (wish: MediaWish, more: Partial<MediaOrder> = {}): MediaOrder => ({ taskId: "t", action: "a", model: MODEL, input: { wish }, ...more });

test("a film: through its states to the file and its last frame, with its tokens", async () => {
  const player = drive();
  const { end, seen } = await player.untilEnd(await player.submit(film), MODEL);
  expect(seen).toEqual(["QUEUED", "IN_PROGRESS", "SUCCESS"]);
  expect(end.outputs).toMatchObject([{ kind: "video", duration: 5, expiresAt: expect.any(Number) }, { kind: "image", role: "last_frame" }]);
  // 1248 x 704 x 121 frames / 1024
  expect(end.usage).toEqual({ videoTokens: 103_818 });
});

test("wishes: frames, references of the second generation; what cannot be said is told", async () => {
  const player = drive();
  const frames: MediaWish = { kind: "video", prompt: "a stone", duration: 5, resolution: "720P", aspectRatio: "9:16", seed: 7, images: [{ url: PICTURE, role: "first_frame" }, { url: PICTURE, role: "last_frame" }] };
  expect(seedance.submit(order(frames)).call.json).toMatchObject({ content: [{ type: "text" }, { role: "first_frame" }, { role: "last_frame" }], resolution: "720p", ratio: "9:16", seed: 7 });
  expect((await player.submit(order(frames))).state).toBe("QUEUED");
  const second: MediaWish = { kind: "video", prompt: "a stone", sound: false, images: [{ url: PICTURE, role: "reference" }], videos: [{ url: "https://example.com/a.mp4", role: "reference" }] };
  expect((await player.submit(order(second, { model: "doubao-seedance-2-0-260128" }))).state).toBe("QUEUED");
  expect(seedance.submit(order({ ...second, sound: true, negativePrompt: "x", aspectRatio: "5:1" })).dropped?.toSorted()).toEqual(["aspectRatio", "negativePrompt", "sound", "videos"]);
});

test.each([["status=429", "rate_limited", undefined], ["no-balance", "no_balance", undefined], ["bad-key", "auth", undefined], ["status=500", "server", undefined], ["status=503", "overloaded", undefined], ["refuse-submit", "caller", true]])("a submit under %s is a fault of %s", async (fault, kind, policy) => {
  const { state, fault: told } = await drive(fault).submit(film);
  expect([state, told?.kind, told?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test.each([["refuse", "caller", true], ["fail", "server", undefined], ["fail-code=InvalidParameter", "caller", undefined], ["fail-code=InputImageSensitiveContentDetected.PrivacyInformation", "caller", true],
  ["fail-code=InvalidParameter.OversizeImage", "caller", undefined], ["fail-code=InvalidImageURL.InvalidFormat", "caller", undefined], ["fail-code=OperationDenied.ServiceOverdue", "no_balance", undefined], ["fail-code=SetLimitExceeded", "no_balance", undefined],
  ["fail-code=QuotaExceeded", "rate_limited", undefined], ["fail-code=RateLimitExceeded.EndpointRPMExceeded", "rate_limited", undefined], ["fail-code=ModelAccountTpmRateLimitExceeded", "rate_limited", undefined], ["fail-code=AuthenticationError", "auth", undefined], ["fail-code=AccessDenied", "denied", undefined], ["fail-code=InvalidEndpointOrModel.NotFound", "no_model", undefined], ["fail-code=ServerOverloaded", "overloaded", undefined], ["fail-code=ContentSecurityDetectionError", "server", undefined], ["fail-code=SomethingNew", "server", undefined]])("a task that ends by %s is a fault of %s", async (fault, kind, policy) => {
  const player = drive(fault);
  const { end } = await player.untilEnd(await player.submit(film), MODEL);
  expect([end.state, end.fault?.kind, end.fault?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test("K20: what waits can be stopped", async () => {
  const player = drive("never-starts");
  const first = await player.submit(film);
  const call = seedance.cancel?.({ taskId: "t", action: "a", model: MODEL, ref: first.ref ?? "", memo: {} });
  expect((await player.send(call as NonNullable<typeof call>)).status).toBe(200);
  expect((await player.untilEnd(first, MODEL)).end.state).toBe("CANCELLED");
});

test("K19: an order whose answer was lost is found by the seed that was ours to choose; with the caller's own nothing is said", async () => {
  const player = drive();
  const at = Date.now();
  const search = async (wanted: MediaOrder, taken: (ref: string) => boolean = () => false) => seedance.find?.read(await player.send(seedance.find.call(wanted)), wanted, { at, taken });
  const lost: MediaOrder = { ...film, taskId: "lost-1", action: "a" };
  expect(await search(lost)).toBe("none");
  const { ref } = await player.submit(lost);
  expect(await search(lost)).toEqual({ ref: ref ?? "" });
  expect(await search({ ...lost, taskId: "lost-2" })).toBe("none");
  expect(await search(lost, () => true)).toBe("none");
  for (const json of [{ ...film.input.native.json, seed: 5 }, { content: [{ type: "text", text: "a stone --seed 5" }] }]) expect(await search({ ...lost, input: { native: { json } } })).toBeUndefined();
  expect(await search({ ...lost, model: "doubao-seedance-2-0-260128" })).toBeUndefined();
});

test.each([["queued", "QUEUED"], ["running", "IN_PROGRESS"], ["succeeded", "SUCCESS"], ["failed", "FAILURE"], ["cancelled", "CANCELLED"], ["expired", "FAILURE"], ["rendering", "IN_PROGRESS"]])("Ark's %s is %s", (word, state) => {
  expect(readSeedanceTask({ id: "a", status: word })?.state).toBe(state as never);
});

test("K03: pages, overloads and odd bodies say nothing of a task", () => {
  const job = { taskId: "t", model: "m", action: "a", ref: "r", memo: {} };
  for (const [status, text] of [[502, "<html>"], [200, ""], [200, "[]"], [429, '{"error":{"code":"RateLimitExceeded"}}'], [404, '{"error":{"code":"ResourceNotFound"}}']] as const) expect(seedance.readPoll?.({ status, header: () => null, body: Buffer.from(text) }, job)).toBeUndefined();
});

test("BytePlus has the models under names of its own", () => {
  const named = (model: string, baseUrl: string) => (seedance.submit(order({ kind: "video", prompt: "x" }, { model, baseUrl })).call.json as { model: string }).model;
  const there = "https://ark.ap-southeast.bytepluses.com/api/v3";
  expect([named(MODEL, there), named("doubao-seedance-2-0-260128", there), named(MODEL, "https://ark.cn-beijing.volces.com/api/v3")]).toEqual(["seedance-1-0-pro-250528", "dreamina-seedance-2-0-260128", MODEL]);
});

test("K14: the caller's address never reaches the vendor; unknown members do", () => {
  const { json } = seedance.submit({ taskId: "t", action: "a", model: MODEL, callbackUrl: "https://us", input: { native: { json: { model: "public", content: [], callback_url: "https://caller", seed: 3, tools: [] } } } }).call;
  expect(json).toEqual({ model: MODEL, content: [], callback_url: "https://us", seed: 3, tools: [] });
});
