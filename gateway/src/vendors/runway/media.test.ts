import { afterAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { startSandbox } from "../../../../simulators/src/server.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { readRunwayTask, runwayMedia } from "./media.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string): Drive => new Drive({ vendor: "runway", baseUrl: `${sandbox.url}/runway`, credential: "key_test0123", ...(fault ? { headers: { "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` } } : {}) });
const PICTURE = "https://example.com/bunny.jpg";
const film = { model: "gen4_turbo", input: { native: { path: "/v1/image_to_video", json: { model: "gen4_turbo", promptImage: PICTURE, ratio: "1280:720", duration: 3, promptText: "x" } } } };
const body = (wish: MediaWish, model: string) => {
  const { call, dropped } = runwayMedia.submit({ taskId: "t", action: "a", model, input: { wish } });
  return { path: call.path, json: call.json, dropped: dropped ?? [] };
};

test("a film: through the queue to the file, with what it cost", async () => {
  const player = drive();
  const { end, seen } = await player.untilEnd(await player.submit(film), film.model);
  expect(seen).toEqual(["QUEUED", "IN_PROGRESS", "SUCCESS"]);
  expect(end).toMatchObject({ outputs: [{ kind: "video" }], usage: { credits: 15 } });
});

test("wishes: a film of a text, of two frames, another look for a film, a picture", async () => {
  const player = drive();
  const made: [string, MediaWish][] = [
    ["gen4.5", { kind: "video", prompt: "x", duration: 5, aspectRatio: "9:16" }],
    ["veo3.1", { kind: "video", prompt: "x", duration: 4, resolution: "1080p", aspectRatio: "16:9", sound: false, images: [{ url: PICTURE, role: "first_frame" }, { url: PICTURE, role: "last_frame" }] }],
    ["aleph2", { kind: "video", prompt: "x", videos: [{ url: "https://example.com/in.mp4", role: "input" }] }],
    ["gen4_image", { kind: "image", prompt: "x", size: { width: 1920, height: 1080 } }],
  ];
  for (const [model, wish] of made) expect([model, (await player.submit({ model, input: { wish } })).state]).toEqual([model, "QUEUED"]);
  expect(body(made[1]?.[1] as MediaWish, "veo3.1")).toMatchObject({ path: "/v1/image_to_video", json: { ratio: "1920:1080", audio: false, promptImage: [{ position: "first" }, { position: "last" }] }, dropped: [] });
});

test("Omni Flash: the mode says what pictures are for; Aleph widens a film", () => {
  const [first, second] = [{ url: PICTURE, role: "input" }, { url: `${PICTURE}?2`, role: "reference" }] as const;
  const ends: MediaWish["images"] = [{ ...first, role: "first_frame" }, { ...second, role: "last_frame" }];
  const omni = (wish: Partial<MediaWish>) => body({ kind: "video", prompt: "x", ...wish }, "gemini_omni_flash_1.1");
  expect(omni({ mode: "i2v(img_ref)", images: [first, second], aspectRatio: "9:16" })).toEqual({ path: "/v1/text_to_video", json: { model: "gemini_omni_flash_1.1", promptText: "x", references: [{ uri: first.url }, { uri: second.url }], ratio: "720:1280" }, dropped: [] });
  expect(omni({ mode: "i2v(first_last_frame)", images: ends })).toMatchObject({ path: "/v1/image_to_video", json: { promptImage: [{ uri: first.url, position: "first" }, { uri: second.url, position: "last" }], ratio: "1280:720" }, dropped: [] });
  expect(omni({ mode: "v2v", videos: [first], images: [second] })).toEqual({ path: "/v1/video_to_video", json: { model: "gemini_omni_flash_1.1", promptText: "x", mode: "edit", videoUri: first.url, references: [{ uri: second.url }] }, dropped: [] });
  expect(body({ kind: "video", prompt: "x", videos: [first], aspectRatio: "21:9" }, "aleph2")).toEqual({ path: "/v1/video_to_video", json: { model: "aleph2", promptText: "x", videoUri: first.url, targetAspectRatio: "21:9" }, dropped: [] });
});

test("pictures have the lines that their price was for, in whatever shape", () => {
  const ratio = (wish: Partial<MediaWish>): unknown => (body({ kind: "image", prompt: "x", ...wish }, "gen4_image").json as { ratio: string }).ratio;
  expect([ratio({}), ratio({ resolution: "720p" }), ratio({ resolution: "720p", aspectRatio: "1:1" }), ratio({ resolution: "1080p", aspectRatio: "9:16" })]).toEqual(["1920:1080", "1280:720", "720:720", "1080:1920"]);
});

test.each([["status=429", "rate_limited"], ["no-balance", "no_balance"], ["bad-key", "auth"], ["status=500", "server"], ["status=400", "caller"]])("a submit under %s is a fault of %s", async (fault, kind) => {
  const { state, fault: told } = await drive(fault).submit(film);
  expect([state, told?.kind]).toEqual(["FAILURE", kind as never]);
});

test("a model that the vendor took away is not the caller's fault; a wrong body is", async () => {
  const at = (json: object, model: string) => drive().submit({ model, input: { native: { path: "/v1/image_to_video", json: { ...film.input.native.json, ...json } } } });
  expect((await at({}, "gen9")).fault?.kind).toBe("no_model");
  expect((await at({ ratio: "4:3" }, "gen4_turbo")).fault).toMatchObject({ kind: "caller", text: expect.stringContaining("ratio: ") });
});

test.each([["refuse", "caller", true], ["fail", "server", undefined], ["fail-code=ASSET.INVALID", "caller", undefined], ["fail-code=INPUT_PREPROCESSING.SAFETY.TEXT", "caller", true], ["fail-code=INTERNAL", "server", undefined]])("a task that ends by %s is a fault of %s", async (fault, kind, policy) => {
  const player = drive(fault);
  const { end } = await player.untilEnd(await player.submit(film), film.model);
  expect([end.state, end.fault?.kind, end.fault?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test("K20: one that was stopped is known no more, and after some looks counts as cancelled, not as failed", async () => {
  const player = drive("never-ends");
  const first = await player.submit(film);
  const call = runwayMedia.cancel?.({ taskId: "t", action: "a", model: film.model, ref: first.ref ?? "", memo: {} });
  expect((await player.send(call as NonNullable<typeof call>)).status).toBe(204);
  expect((await player.untilEnd(first, film.model)).end.state).toBe("CANCELLED");
});

test.each([["PENDING", "QUEUED"], ["THROTTLED", "QUEUED"], ["RUNNING", "IN_PROGRESS"], ["SUCCEEDED", "SUCCESS"], ["FAILED", "FAILURE"], ["CANCELLED", "CANCELLED"], ["FINALIZING", "IN_PROGRESS"]])("Runway's %s is %s", (word, state) => {
  expect(readRunwayTask({ id: "a", status: word, progress: 0.42 })).toMatchObject({ state, progress: 42 } as object);
});

describe("values", () => {
  const job = { taskId: "t", model: "m", action: "a", ref: "r", memo: {} };
  const answer = (status: number, text: string) => ({ status, header: () => null, body: Buffer.from(text) });

  test("K03: pages, overloads and odd bodies say nothing; a single 404 decides nothing", () => {
    for (const [status, text] of [[502, "<html>"], [200, ""], [200, "[]"], [429, '{"error":"slow down"}'], [500, "oops"], [401, '{"error":"no"}'], [404, "<html>"]] as const) expect(runwayMedia.readPoll?.(answer(status, text), job)).toBeUndefined();
    const missed = runwayMedia.readPoll?.(answer(404, '{"error":"Not found"}'), job);
    expect(missed).toEqual({ state: "IN_PROGRESS", memo: { missed: 1 } });
    expect(runwayMedia.readPoll?.(answer(200, '{"status":"RUNNING"}'), { ...job, memo: { missed: 1 } })).toMatchObject({ state: "IN_PROGRESS", memo: {} });
  });

  test("unknown members of Runway's own words survive", () => {
    const { json } = runwayMedia.submit({ taskId: "t", action: "a", model: "gen4_turbo", input: { native: { path: "/v1/image_to_video", json: { model: "public-name", newThing: { a: 1 } } } } }).call;
    expect(json).toEqual({ model: "gen4_turbo", newThing: { a: 1 } });
  });

  test("what cannot be said is told, whatever is wished", () => {
    expect(body({ kind: "video", prompt: "x", negativePrompt: "y", aspectRatio: "3:1", fps: 24, images: [{ url: PICTURE, role: "input" }] }, "gen4_turbo").dropped.toSorted()).toEqual(["aspectRatio", "fps", "negativePrompt"]);
    fc.assert(
      fc.property(fc.record({ prompt: fc.string(), negativePrompt: fc.string(), seed: fc.nat(), duration: fc.integer({ min: 2, max: 10 }), aspectRatio: fc.constantFrom("16:9", "1:1", "auto"), watermark: fc.boolean(), fps: fc.nat(), style: fc.string() }, { requiredKeys: [] }), (wish) => {
        const { json, dropped } = body({ kind: "video", ...wish, images: [{ url: PICTURE, role: "input" }] }, "gen4_turbo");
        expect((json as { ratio: string }).ratio).toMatch(/^\d+:\d+$/);
        for (const name of dropped) expect(Object.keys(wish)).toContain(name);
        for (const name of ["negativePrompt", "fps", "style"] as const) if (wish[name] !== undefined && wish[name] !== 1) expect(dropped).toContain(name);
      }),
    );
  });
});
