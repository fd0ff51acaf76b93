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
