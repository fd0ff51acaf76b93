import { afterAll, expect, test } from "bun:test";
import { startSandbox } from "../../../../simulators/src/server.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { MediaOrder } from "../_kit/media/adapter.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { readXaiVideo, xaiMedia } from "./xai.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string): Drive => new Drive({ vendor: "xai", baseUrl: `${sandbox.url}/xai`, credential: "xai-test-1", ...(fault ? { headers: { "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` } } : {}) });
const MODEL = "grok-imagine-video";
const film = (more: Partial<MediaWish> = {}): MediaOrder["input"] => ({ wish: { kind: "video", prompt: "a stone", duration: 6, resolution: "720P", aspectRatio: "9:16", ...more } });
const images: MediaWish["images"] = [{ url: "https://example.com/a.png", role: "first_frame" }, { url: "https://example.com/b.png", role: "last_frame" }];

test.each([[MODEL, film()], [MODEL, film({ images: images.slice(0, 1) })], [MODEL, film({ images })], ["grok-imagine-video-1.5", film({ images: images.slice(0, 1) })]])("%s: a film, with its length", async (model, input) => {
  const player = drive();
  const { end, seen } = await player.untilEnd(await player.submit({ model, input }), model);
  expect([seen, end.outputs]).toMatchObject([["QUEUED", "IN_PROGRESS", "SUCCESS"], [{ kind: "video", duration: 6 }]]);
});

test("a wish in its words; what cannot be said is told", () => {
  const said = (input: MediaOrder["input"]) => xaiMedia.submit({ taskId: "t", action: "a", model: MODEL, input });
  expect(said(film()).call.json).toEqual({ model: MODEL, prompt: "a stone", duration: 6, resolution: "720p", aspect_ratio: "9:16" });
  expect(said(film({ images })).call.json).toMatchObject({ reference_images: [{ url: "https://example.com/a.png" }, { url: "https://example.com/b.png" }] });
  expect(said(film({ images, seed: 5, aspectRatio: "21:9" })).dropped?.toSorted()).toEqual(["aspectRatio", "images", "seed"]);
});

test.each([["status=429", "rate_limited", undefined], ["no-balance", "no_balance", undefined], ["bad-key", "auth", undefined], ["status=500", "server", undefined], ["refuse-submit", "caller", true]])("an order under %s is a fault of %s", async (fault, kind, policy) => {
  const { state, fault: told } = await drive(fault).submit({ model: MODEL, input: film() });
  expect([state, told?.kind, told?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test.each([["refuse", "caller", true], ["fail", "server", undefined]])("a film that ends by %s is a fault of %s", async (fault, kind, policy) => {
  const player = drive(`${fault};new-state`);
  const { end } = await player.untilEnd(await player.submit({ model: MODEL, input: film() }), MODEL);
  expect([end.state, end.fault?.kind, end.fault?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test("K03: pages and odd bodies say nothing; expired is the end", () => {
  expect(readXaiVideo({ error: "x" })).toBeUndefined();
  expect(readXaiVideo({ status: "expired" })?.state).toBe("FAILURE");
});

test("pictures: of a text and of others, by their shape; what cannot be said is told, and a refusal is the policy's", async () => {
  const drawn = (more: Partial<MediaWish> = {}): MediaOrder["input"] => ({ wish: { kind: "image", prompt: "a stone", ...more } });
  const said = (input: MediaOrder["input"]) => xaiMedia.submit({ taskId: "t", action: "a", model: "grok-imagine-image", input });
  expect(said(drawn({ size: { width: 1_920, height: 1_080 }, count: 2, resolution: "2K" })).call).toMatchObject({ path: "/images/generations", json: { model: "grok-imagine-image", prompt: "a stone", n: 2, aspect_ratio: "16:9", resolution: "2k" } });
  expect(said(drawn({ images: images.slice(0, 1) })).call).toMatchObject({ path: "/images/edits", json: { image: { url: "https://example.com/a.png" } } });
  expect(said(drawn({ seed: 5, quality: "high", size: { width: 1_000, height: 300 } })).dropped?.toSorted()).toEqual(["quality", "seed", "size"]);
  for (const input of [drawn({ count: 3, aspectRatio: "9:16" }), drawn({ images })]) {
    const { state, outputs, usage } = await drive().submit({ model: "grok-imagine-image", input });
    const count = "wish" in input ? (input.wish.count ?? 1) : 0;
    expect([state, outputs?.length, usage]).toEqual(["SUCCESS", count, { images: count }]);
  }
  expect((await drive("refuse-submit").submit({ model: "grok-imagine-image-quality", input: drawn() })).fault).toMatchObject({ kind: "caller", policy: true });
  expect(() => said({ wish: { kind: "image", prompt: " " } })).toThrow();
});
