import { afterAll, expect, test } from "bun:test";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { startSandbox } from "../../../../simulators/src/server.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { MediaOrder } from "../_kit/media/adapter.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { readOperation } from "../_kit/media/veo.ts";
import { geminiMedia } from "./media.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string): Drive => new Drive({ vendor: "gemini", baseUrl: `${sandbox.url}/gemini`, credential: "test-key-1", ...(fault ? { headers: { "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` } } : {}) });
const uri = `data:image/png;base64,${Buffer.from(await picture({ width: 64, height: 64, format: "png", seed: "veo" })).toString("base64")}`;
const VEO = "veo-3.1-generate-preview";
const FILM: MediaWish = { kind: "video", prompt: "a stone by a river", duration: 8, resolution: "1080P", aspectRatio: "9:16" };
const order = (wish: MediaWish, model = VEO): MediaOrder => ({ taskId: "t", action: "generate", model, input: { wish } });
const bodyOf = (wish: MediaWish, model?: string): unknown => geminiMedia.submit(order(wish, model)).call.json;

test("a film of two frames: an operation until the file, which only the key opens", async () => {
  const player = drive();
  const wish: MediaWish = { ...FILM, images: [{ url: uri, role: "first_frame" }, { url: uri, role: "last_frame" }] };
  expect(bodyOf(wish)).toMatchObject({ instances: [{ prompt: "a stone by a river", image: { mimeType: "image/png" }, lastFrame: { mimeType: "image/png" } }], parameters: { aspectRatio: "9:16", resolution: "1080p", durationSeconds: 8 } });
  const { end, seen } = await player.untilEnd(await player.submit(order(wish)), VEO);
  expect(seen).toEqual(["IN_PROGRESS", "SUCCESS"]);
  const [film] = end.outputs ?? [];
  expect([film?.kind, film?.url]).toEqual(["video", expect.stringMatching(/^\/v1beta\/files\/[a-z0-9]+:download\?alt=media$/)]);
  expect((await player.send({ method: "GET", path: film?.url ?? "" })).body.toString("latin1", 4, 8)).toBe("ftyp");
});

test("wishes: pictures to go by, sizes, what each generation lacks; what cannot be said is told", async () => {
  const references: MediaWish = { kind: "video", prompt: "x stone", images: [{ url: uri, role: "reference" }, { url: uri, role: "reference" }, { url: uri, role: "reference" }] };
  expect(bodyOf(references)).toMatchObject({ instances: [{ referenceImages: [{ referenceType: "asset" }, { referenceType: "asset" }, { referenceType: "asset" }] }] });
  expect((await drive().submit(order(references))).state).toBe("IN_PROGRESS");
  expect(() => geminiMedia.submit(order(references, "veo-2.0-generate-001"))).toThrow("to go by");
  expect(bodyOf({ kind: "video", prompt: "x", size: { width: 3840, height: 2160 } })).toMatchObject({ parameters: { aspectRatio: "16:9", resolution: "4k" } });
  expect(geminiMedia.submit(order({ ...FILM, seed: 7, sound: false, aspectRatio: "1:1", resolution: "540p", others: { loop: true } })).dropped?.toSorted()).toEqual(["aspectRatio", "loop", "resolution", "seed", "sound"]);
  expect(() => geminiMedia.submit(order({ ...FILM, count: 4 }))).toThrow('"n" is more');
  expect(() => geminiMedia.submit(order({ ...FILM, images: [{ url: uri, role: "last_frame" }] }))).toThrow("first one");
  expect(() => geminiMedia.submit(order(FILM, "gemini-omni-flash"))).toThrow("something else");
  expect(() => geminiMedia.submit(order({ ...FILM, kind: "image" }))).toThrow("something else");
});

test("search and thinking of a picture are told where the model has them, and named where it has not", () => {
  const said = (model: string, others: Record<string, unknown>) => {
    const { call, dropped } = geminiMedia.submit({ taskId: "t", action: "a", model, input: { wish: { kind: "image", prompt: "x", others } } });
    return { ...(call.json as Record<string, unknown>), dropped: (dropped ?? []) as unknown } as Record<string, unknown>;
  };
  expect(said("gemini-3.1-flash-image", { google_search: true, thinking: "high" })).toEqual({ contents: [{ role: "user", parts: [{ text: "x" }] }], tools: [{ googleSearch: {} }], generationConfig: { responseModalities: ["IMAGE"], thinkingConfig: { thinkingLevel: "HIGH" } }, dropped: [] });
  expect(said("gemini-3-pro-image", { google_search: "enable", thinking: "high" })).toMatchObject({ tools: [{ googleSearch: {} }], dropped: ["thinking"] });
  expect(said("gemini-2.5-flash-image", { google_search: true, thinking: "minimal" })).toEqual({ contents: [{ role: "user", parts: [{ text: "x" }] }], generationConfig: { responseModalities: ["IMAGE"] }, dropped: ["google_search", "thinking"] });
  for (const off of [false, "disable", "disabled"]) expect(said("gemini-3.1-flash-image", { google_search: off })).not.toHaveProperty("tools");
});

test.each<[string, string, boolean | undefined]>([["status=429", "rate_limited", undefined], ["no-balance", "no_balance", undefined], ["bad-key", "auth", undefined], ["status=500", "server", undefined], ["refuse-submit", "caller", true]])("a submit under %s is a fault of %s", async (fault, kind, policy) => {
  const { state, fault: told } = await drive(fault).submit(order(FILM));
  expect([state, told?.kind, told?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test.each<[string, string, boolean | undefined]>([["refuse", "caller", true], ["fail", "server", undefined]])("an operation that ends by %s is a fault of %s", async (fault, kind, policy) => {
  const player = drive(fault);
  const { end } = await player.untilEnd(await player.submit(order(FILM)), VEO);
  expect([end.state, end.fault?.kind, end.fault?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test("operations: done or not, an error inside, nothing at all; a foreign host's file is asked of the channel", () => {
  const name = "models/veo-3.1-generate-preview/operations/abc";
  const done = (response: object): unknown => readOperation({ name, done: true, response: { generateVideoResponse: response } });
  expect(readOperation({ name })).toEqual({ state: "IN_PROGRESS" });
  expect(readOperation({ name, done: true, error: { code: 3, message: "durationSeconds is out of bound" } })).toMatchObject({ state: "FAILURE", fault: { kind: "caller" } });
  expect(done({})).toMatchObject({ state: "FAILURE", fault: { kind: "server" } });
  expect(done({ raiMediaFilteredCount: 1 })).toMatchObject({ state: "FAILURE", fault: { kind: "caller", policy: true } });
  expect(done({ generatedSamples: [{ video: { uri: "https://generativelanguage.googleapis.com/v1beta/files/xyz:download?alt=media" } }] })).toMatchObject({ outputs: [{ url: "/v1beta/files/xyz:download?alt=media" }] });
  expect(done({ generatedSamples: [{ video: { uri: "https://example.com/film.mp4" } }] })).toMatchObject({ outputs: [{ url: "https://example.com/film.mp4" }] });
});

test("K03: pages, overloads and odd bodies say nothing of an operation", () => {
  const job = { taskId: "t", model: VEO, action: "a", ref: "models/x/operations/y", memo: {} };
  for (const [status, text] of [[502, "<html>"], [200, ""], [200, "[]"], [429, '{"error":{}}'], [500, "oops"], [401, '{"error":{}}'], [404, "<html>"]] as const) expect(geminiMedia.readPoll?.({ status, header: () => null, body: Buffer.from(text) }, job)).toBeUndefined();
});

test("pictures by Gemini: made and edited, answered at once; a refusal inside a good status", async () => {
  const model = "gemini-3.1-flash-image";
  const player = drive();
  const wish: MediaWish = { kind: "image", prompt: "a stone", aspectRatio: "16:9", resolution: "2K", images: [{ url: uri, role: "input" }] };
  expect(bodyOf(wish, model)).toMatchObject({ contents: [{ parts: [{ text: "a stone" }, { inlineData: { mimeType: "image/png" } }] }], generationConfig: { responseModalities: ["IMAGE"], imageConfig: { aspectRatio: "16:9", imageSize: "2K" } } });
  expect(await player.submit(order(wish, model))).toMatchObject({ state: "SUCCESS", usage: { images: 1 }, outputs: [{ kind: "image", mime: "image/png", bytes: expect.any(Buffer) }] });
  expect((await player.submit(order({ ...wish, prompt: "a forbidden picture" }, model))).fault).toMatchObject({ kind: "caller", policy: true });
  expect(geminiMedia.submit(order({ ...wish, resolution: "4K", images: [{ url: uri, role: "mask" }] }, "gemini-2.5-flash-image")).dropped?.toSorted()).toEqual(["images", "resolution"]);
  const empty = { status: 200, header: () => null, body: Buffer.from("{}") };
  expect(geminiMedia.readSubmit(empty, order(wish, model))).toBeUndefined();
});

test("pictures by Imagen: several, some held back", async () => {
  const model = "imagen-4.0-generate-001";
  const player = drive();
  const wish: MediaWish = { kind: "image", prompt: "a stone", count: 3, aspectRatio: "3:4", resolution: "2k", outputFormat: "jpeg" };
  expect(bodyOf(wish, model)).toEqual({ instances: [{ prompt: "a stone" }], parameters: { includeRaiReason: true, aspectRatio: "3:4", sampleCount: 3, sampleImageSize: "2K", outputOptions: { mimeType: "image/jpeg" } } });
  expect(await player.submit(order(wish, model))).toMatchObject({ state: "SUCCESS", usage: { images: 3 }, outputs: [{ mime: "image/jpeg" }, {}, {}] });
  expect((await player.submit(order({ ...wish, prompt: "2 stones, the first refused" }, model))).usage).toEqual({ images: 2 });
  expect((await player.submit(order({ ...wish, prompt: "a forbidden picture" }, model))).fault).toMatchObject({ kind: "caller", policy: true });
  expect(() => geminiMedia.submit(order({ ...wish, count: 5 }, model))).toThrow("at most");
  expect(() => geminiMedia.submit(order({ ...wish, images: [{ url: uri, role: "input" }] }, model))).toThrow("does not edit");
});
