import { afterAll, expect, test } from "bun:test";
import { startSandbox } from "../../../../simulators/src/server.ts";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { MediaOrder } from "../_kit/media/adapter.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { readFilm } from "./films.ts";
import { openaiMedia } from "./media.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string, credential = "sk-test-0123456"): Drive => new Drive({ vendor: "openai", baseUrl: `${sandbox.url}/openai`, credential, ...(fault ? { headers: { "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` } } : {}) });
const uri = async (width: number, height: number): Promise<string> => `data:image/png;base64,${Buffer.from(await picture({ width, height, format: "png", seed: "sora" })).toString("base64")}`;
const FILM: MediaWish = { kind: "video", prompt: "a stone by a river", duration: 8, size: { width: 1280, height: 720 } };
const order = (wish: MediaWish, model = "sora-2"): MediaOrder => ({ taskId: "t", action: "generate", model, input: { wish } });
const bodyOf = (wish: MediaWish, model?: string): unknown => openaiMedia.submit(order(wish, model)).call.json;

test("a film: through its states to files that only the key opens; seconds are what the vendor says", async () => {
  const player = drive();
  const first = await player.submit(order(FILM));
  const { end, seen } = await player.untilEnd(first, "sora-2");
  expect(seen).toEqual(["QUEUED", "IN_PROGRESS", "SUCCESS"]);
  const path = `/videos/${first.ref}/content`;
  expect(end).toMatchObject({ usage: { videoSeconds: 8 }, outputs: [{ kind: "video", url: path, width: 1280, height: 720, duration: 8 }, { role: "thumbnail", url: `${path}?variant=thumbnail` }, { role: "spritesheet" }] });
  expect((await player.send({ method: "GET", path })).body.toString("latin1", 4, 8)).toBe("ftyp");
});

test("a film of a picture goes as a form; a remix follows its video", async () => {
  const player = drive();
  const wish: MediaWish = { ...FILM, images: [{ url: await uri(1280, 720), role: "first_frame" }] };
  expect(openaiMedia.submit(order(wish)).call.form?.map(({ name }) => name)).toEqual(["model", "size", "prompt", "seconds", "input_reference"]);
  const { end } = await player.untilEnd(await player.submit(order(wish)), "sora-2");
  expect(end.state).toBe("SUCCESS");
  const remix = await player.submit({ model: "sora-2", action: "remix", parent: { ref: end.ref ?? "", memo: {} }, input: { wish: { kind: "video", prompt: "at night" } } });
  expect(remix.answer).toMatchObject({ remixed_from_video_id: end.ref, prompt: "at night", seconds: "8" });
});

test("wishes: sizes by shape and lines; what cannot be said is told", () => {
  expect(bodyOf({ kind: "video", prompt: "x" })).toEqual({ model: "sora-2", prompt: "x" });
  expect(bodyOf({ kind: "video", prompt: "x", aspectRatio: "16:9", resolution: "720p" })).toMatchObject({ size: "1280x720" });
  expect(bodyOf({ kind: "video", prompt: "x", size: { width: 1792, height: 1024 } }, "sora-2-pro")).toMatchObject({ size: "1792x1024" });
  const lost: MediaWish = { kind: "video", prompt: "x", seed: 7, aspectRatio: "1:1", resolution: "4k", sound: false, images: [{ url: "data:image/png;base64,AAAA", role: "last_frame" }] };
  expect(openaiMedia.submit(order(lost)).dropped?.toSorted()).toEqual(["aspectRatio", "images", "resolution", "seed", "sound"]);
  expect(() => openaiMedia.submit(order({ kind: "image", prompt: "x" }))).toThrow("something else");
  expect(() => openaiMedia.submit(order(FILM, "gpt-image-2"))).toThrow("something else");
});

test.each<[string, string, boolean | undefined]>([["status=429", "rate_limited", undefined], ["no-balance", "no_balance", undefined], ["bad-key", "auth", undefined], ["status=500", "server", undefined], ["refuse-submit", "caller", true]])("a submit under %s is a fault of %s", async (fault, kind, policy) => {
  const { state, fault: told } = await drive(fault).submit(order(FILM));
  expect([state, told?.kind, told?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test.each<[string, string, boolean | undefined]>([["refuse", "caller", true], ["fail", "server", undefined]])("a film that ends by %s is a fault of %s", async (fault, kind, policy) => {
  const player = drive(fault);
  const { end } = await player.untilEnd(await player.submit(order(FILM)), "sora-2");
  expect([end.state, end.fault?.kind, end.fault?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test("K19: a lost order is found in the list, once; of two alike nothing is said, and none is certain", async () => {
  const player = drive(undefined, "sk-test-lost-0123");
  const at = Date.now();
  const search = async (wish: MediaWish, taken: (ref: string) => boolean = () => false) => openaiMedia.find?.read(await player.send(openaiMedia.find.call(order(wish))), order(wish), { at, taken });
  expect(await search(FILM)).toBe("none");
  const { ref } = await player.submit(order(FILM));
  expect(await search(FILM)).toEqual({ ref: ref ?? "" });
  expect(await search({ ...FILM, duration: 4 })).toBe("none");
  expect(await search(FILM, () => true)).toBe("none");
  await player.submit(order(FILM));
  expect(await search(FILM)).toBeUndefined();
  expect(openaiMedia.find?.read({ status: 502, header: () => null, body: Buffer.from("<html>") }, order(FILM), { at, taken: () => false })).toBeUndefined();
});

test.each([["queued", "QUEUED"], ["in_progress", "IN_PROGRESS"], ["completed", "SUCCESS"], ["failed", "FAILURE"], ["finalizing", "IN_PROGRESS"]])("OpenAI's %s is %s", (word, state) => {
  expect(readFilm({ id: "a", status: word })?.state).toBe(state as never);
});

test("K03: pages, overloads and odd bodies say nothing of a film; one that is gone again and again was deleted", () => {
  const job = { taskId: "t", model: "sora-2", action: "a", ref: "r", memo: {} };
  const read = (status: number, text: string, memo = {}) => openaiMedia.readPoll?.({ status, header: () => null, body: Buffer.from(text) }, { ...job, memo });
  for (const [status, text] of [[502, "<html>"], [200, ""], [200, "[]"], [429, '{"error":{}}'], [500, "oops"], [401, '{"error":{}}'], [404, "<html>"]] as const) expect(read(status, text)).toBeUndefined();
  expect(read(404, '{"error":{"message":"gone"}}')).toMatchObject({ state: "IN_PROGRESS", memo: { missed: 1 } });
  expect(read(404, '{"error":{"message":"gone"}}', { missed: 3 })?.state).toBe("CANCELLED");
});

test("pictures: made and edited, answered at once as bytes", async () => {
  expect(openaiMedia.atOnce?.("gpt-image-2")).toBe(true);
  const player = drive();
  const wish: MediaWish = { kind: "image", prompt: "a stone", quality: "low", size: { width: 1536, height: 1024 }, outputFormat: "jpg" };
  expect(bodyOf(wish, "gpt-image-2")).toEqual({ model: "gpt-image-2", size: "1536x1024", prompt: "a stone", quality: "low", output_format: "jpeg" });
  const made = await player.submit(order(wish, "gpt-image-2"));
  expect(made).toMatchObject({ state: "SUCCESS", usage: { images: 1 }, outputs: [{ kind: "image", bytes: expect.any(Buffer) }] });
  const edit: MediaWish = { kind: "image", prompt: "a hat", images: [{ url: await uri(64, 64), role: "input" }, { url: await uri(64, 64), role: "reference" }, { url: await uri(64, 64), role: "mask" }] };
  expect(openaiMedia.submit(order(edit, "gpt-image-2")).call).toMatchObject({ path: "/images/edits", form: [{ name: "model" }, { name: "prompt" }, { name: "image[]" }, { name: "image[]" }, { name: "mask" }] });
  expect((await player.submit(order(edit, "gpt-image-2"))).state).toBe("SUCCESS");
  expect((await player.submit(order({ kind: "image", prompt: "a forbidden picture" }, "gpt-image-2"))).fault).toMatchObject({ kind: "caller", policy: true });
});
