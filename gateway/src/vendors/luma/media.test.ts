import { afterAll, expect, test } from "bun:test";
import { startSandbox } from "../../../../simulators/src/server.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { MediaOrder } from "../_kit/media/adapter.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { lumaMedia, readGeneration } from "./media.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string, credential = "luma-test-0123"): Drive => new Drive({ vendor: "luma", baseUrl: `${sandbox.url}/luma`, credential, ...(fault ? { headers: { "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` } } : {}) });
const PICTURE = "https://example.com/bunny.jpg";
const film = { model: "ray-2", input: { wish: { kind: "video", prompt: "a stone by a river", duration: 5, resolution: "720P", aspectRatio: "9:16", others: { loop: true } } satisfies MediaWish } };
const order = (wish: MediaWish, model = "ray-2"): MediaOrder => ({ taskId: "t", action: "a", model, input: { wish } });

test("a film, a picture: through their states to the file", async () => {
  const player = drive();
  const first = await player.submit(film);
  const { end, seen } = await player.untilEnd(first, film.model);
  expect(seen).toEqual(["QUEUED", "IN_PROGRESS", "SUCCESS"]);
  expect(end).toMatchObject({ outputs: [{ kind: "video" }], answer: { request: { loop: true, aspect_ratio: "9:16", duration: "5s", resolution: "720p" } } });
  const picture = await player.submit({ model: "photon-1", input: { wish: { kind: "image", prompt: "a stone", outputFormat: "png", images: [{ url: PICTURE, role: "style" }] } } });
  expect((await player.untilEnd(picture, "photon-1")).end.outputs).toMatchObject([{ kind: "image" }]);
});

test("wishes: frames at both ends, another look for a film; what cannot be said is told", async () => {
  const player = drive();
  const frames: MediaWish = { kind: "video", prompt: "a stone", images: [{ url: PICTURE, role: "first_frame" }, { url: PICTURE, role: "last_frame" }] };
  expect(lumaMedia.submit(order(frames)).call.json).toMatchObject({ keyframes: { frame0: { type: "image", url: PICTURE }, frame1: { type: "image" } } });
  const other: MediaWish = { kind: "video", prompt: "a stone", mode: "reimagine_2", videos: [{ url: "https://example.com/in.mp4", role: "input" }] };
  for (const wish of [frames, other]) expect((await player.submit({ model: "ray-2", input: { wish } })).state).toBe("QUEUED");
  expect(lumaMedia.submit(order({ ...film.input.wish, seed: 5, negativePrompt: "x", aspectRatio: "2:1", others: { camera: "x" } })).dropped?.toSorted()).toEqual(["aspectRatio", "camera", "negativePrompt", "seed"]);
});

test.each([["status=429", "rate_limited", undefined], ["no-balance", "no_balance", undefined], ["bad-key", "auth", undefined], ["status=500", "server", undefined], ["refuse-submit", "caller", true]])("a submit under %s is a fault of %s", async (fault, kind, policy) => {
  const { state, fault: told } = await drive(fault).submit(film);
  expect([state, told?.kind, told?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test("a wrong body names what is wrong with it", async () => {
  const { fault } = await drive().submit({ model: "ray-2", input: { native: { path: "/generations/video", json: { prompt: "x stone", duration: "7s" } } } });
  expect(fault).toMatchObject({ kind: "caller", text: expect.stringContaining("duration: ") });
});

test.each([["refuse", "caller", true], ["fail", "server", undefined]])("a generation that ends by %s is a fault of %s", async (fault, kind, policy) => {
  const player = drive(fault);
  const { end } = await player.untilEnd(await player.submit(film), film.model);
  expect([end.state, end.fault?.kind, end.fault?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test("K20: one that was stopped is known no more, and after some looks counts as cancelled", async () => {
  const player = drive("never-ends");
  const first = await player.submit(film);
  const call = lumaMedia.cancel?.({ taskId: "t", action: "a", model: film.model, ref: first.ref ?? "", memo: {} });
  expect((await player.send(call as NonNullable<typeof call>)).status).toBe(204);
  expect((await player.untilEnd(first, film.model)).end.state).toBe("CANCELLED");
});

test("K19: an order whose answer was lost is found by the address that only it has; without one nothing is said; none is certain", async () => {
  const player = drive(undefined, "luma-test-lost");
  const lost: MediaOrder = { ...order(film.input.wish), callbackUrl: "http://127.0.0.1:9/callbacks/one" };
  const at = Date.now();
  const search = async (wanted: MediaOrder, taken: (ref: string) => boolean = () => false) => lumaMedia.find?.read(await player.send(lumaMedia.find.call(wanted)), wanted, { at, taken });
  expect(await search({ ...lost, model: "ray-flash-2" })).toBe("none");
  const { ref } = await player.submit(lost);
  expect(await search(lost)).toEqual({ ref: ref ?? "" });
  expect(await search({ ...lost, callbackUrl: "http://127.0.0.1:9/callbacks/two" })).toBe("none");
  expect(await search(lost, () => true)).toBe("none");
  await player.submit(order(film.input.wish));
  expect(await search(order(film.input.wish))).toBeUndefined();
  const broken = { status: 502, header: () => null, body: Buffer.from("<html>") };
  expect(lumaMedia.find?.read(broken, lost, { at, taken: () => false })).toBeUndefined();
});

test.each([["queued", "QUEUED"], ["dreaming", "IN_PROGRESS"], ["completed", "SUCCESS"], ["failed", "FAILURE"], ["finishing", "IN_PROGRESS"]])("Luma's %s is %s", (word, state) => {
  expect(readGeneration({ id: "a", state: word })?.state).toBe(state as never);
});

test("K03: pages, overloads and odd bodies say nothing of a generation", () => {
  const job = { taskId: "t", model: "m", action: "a", ref: "r", memo: {} };
  for (const [status, text] of [[502, "<html>"], [200, ""], [200, "[]"], [429, '{"detail":"slow"}'], [500, "oops"], [401, '{"detail":"no"}'], [404, "<html>"]] as const) expect(lumaMedia.readPoll?.({ status, header: () => null, body: Buffer.from(text) }, job)).toBeUndefined();
});

test("K14: the caller's address for notices never reaches the vendor; unknown members do", () => {
  const { json } = lumaMedia.submit({ taskId: "t", action: "a", model: "ray-2", input: { native: { path: "/generations/video", json: { prompt: "p", callback_url: "https://caller", concepts: [{ key: "dolly" }] } } } }).call;
  expect(json).toEqual({ prompt: "p", model: "ray-2", concepts: [{ key: "dolly" }] });
});
