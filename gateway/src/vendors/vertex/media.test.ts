import { afterAll, expect, test } from "bun:test";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { startSandbox } from "../../../../simulators/src/server.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { MediaOrder } from "../_kit/media/adapter.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { vertexMedia } from "./media.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string): Drive => new Drive({ vendor: "vertex", baseUrl: `${sandbox.url}/vertex/v1/projects/acme/locations/us-central1`, credential: "AIza-test-key-1", ...(fault ? { headers: { "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` } } : {}) });
const PICTURE = `data:image/png;base64,${Buffer.from(await picture({ width: 64, height: 64, format: "png", seed: "v" })).toString("base64")}`;
const MODEL = "veo-3.1-fast-generate-001";
const wish: MediaWish = { kind: "video", prompt: "a stone by a river", duration: 8, resolution: "1080p", aspectRatio: "9:16", negativePrompt: "rain", seed: 7 };
const film = { model: MODEL, input: { wish } };
const order = (more: Partial<MediaWish>, model = MODEL): MediaOrder => ({ taskId: "t", action: "a", model, input: { wish: { ...wish, ...more } } });

test("a film of a text and of frames: through its states to the bytes", async () => {
  const player = drive();
  const first = await player.submit(film);
  expect(first.ref).toMatch(/^projects\/acme\/locations\/us-central1\/publishers\/google\/models\/veo-3\.1-fast-generate-001\/operations\/[0-9a-f-]{36}$/);
  const { end, seen } = await player.untilEnd(first, MODEL);
  expect([seen.at(-1), end.outputs?.[0]?.kind, end.outputs?.[0]?.mime]).toEqual(["SUCCESS", "video", "video/mp4"]);
  expect(end.outputs?.[0]?.bytes?.toString("latin1", 4, 8)).toBe("ftyp");
  expect(end.answer).toBeUndefined();
  const framed = await player.submit({ model: MODEL, input: { wish: { ...wish, images: [{ url: PICTURE, role: "first_frame" }, { url: PICTURE, role: "last_frame" }] } } });
  expect((await player.untilEnd(framed, MODEL)).end.state).toBe("SUCCESS");
});

test("its words: sound can be chosen from the third generation on; a native order goes as it is; other models are refused", () => {
  const sent = (more: Partial<MediaWish>, model?: string): unknown => vertexMedia.submit(order(more, model)).call;
  expect(sent({})).toEqual({ method: "POST", path: `/publishers/google/models/${MODEL}:predictLongRunning`, json: { instances: [{ prompt: wish.prompt }], parameters: { generateAudio: true, aspectRatio: "9:16", durationSeconds: 8, resolution: "1080p", negativePrompt: "rain", seed: 7 } } });
  expect(sent({ sound: false })).toMatchObject({ json: { parameters: { generateAudio: false } } });
  expect(sent({ resolution: "720p" }, "veo-2.0-generate-001")).toMatchObject({ json: { parameters: expect.not.objectContaining({ generateAudio: expect.anything() }) } });
  expect(vertexMedia.submit({ taskId: "t", action: "a", model: MODEL, input: { native: { json: { instances: [] } } } }).call.json).toEqual({ instances: [] });
  expect(() => vertexMedia.submit(order({}, "gemini-3-pro-image"))).toThrow("something else");
  expect(() => vertexMedia.submit(order({ kind: "image" }))).toThrow("something else");
});

test.each([["status=429", "rate_limited", undefined], ["bad-key", "auth", undefined], ["status=500", "server", undefined], ["refuse-submit", "caller", true]])("a submit under %s is a fault of %s", async (fault, kind, policy) => {
  const { state, fault: told } = await drive(fault).submit(film);
  expect([state, told?.kind, told?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test.each([["refuse", "caller", true], ["fail", "server", undefined], ["lost-result", "server", undefined]])("an operation that ends by %s is a fault of %s", async (fault, kind, policy) => {
  const player = drive(fault);
  const { end } = await player.untilEnd(await player.submit(film), MODEL);
  expect([end.state, end.fault?.kind, end.fault?.policy]).toEqual(["FAILURE", kind as never, policy]);
});
