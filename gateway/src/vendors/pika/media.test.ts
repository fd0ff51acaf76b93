import { afterAll, expect, test } from "bun:test";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { startSandbox } from "../../../../simulators/src/server.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { pikaMedia, readPikaVideo } from "./media.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string): Drive => new Drive({ vendor: "pika", baseUrl: `${sandbox.url}/pika`, credential: "pika-test-0123", ...(fault ? { headers: { "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` } } : {}) });
const url = `data:image/png;base64,${Buffer.from(await picture({ width: 320, height: 320, format: "png", seed: "pika" })).toString("base64")}`;
const wish: MediaWish = { kind: "video", prompt: "a stone", duration: 5, resolution: "720P", aspectRatio: "16:9" };
const film = { model: "2.2", input: { wish } };

test("a film of a text: through its states to the file", async () => {
  const player = drive();
  const { end, seen } = await player.untilEnd(await player.submit(film), "2.2");
  expect(seen).toEqual(["QUEUED", "IN_PROGRESS", "SUCCESS"]);
  expect(end.outputs).toMatchObject([{ kind: "video" }]);
});

const { aspectRatio: _, duration: __, ...plain } = wish;
test.each<[string, MediaWish, string]>([
  ["a picture", { ...plain, images: [{ url, role: "first_frame" }] }, "/generate/2.2/i2v"],
  ["two frames", { ...plain, images: [{ url, role: "first_frame" }, { url, role: "last_frame" }] }, "/generate/2.2/pikaframes"],
  ["references", { ...wish, images: [{ url, role: "reference" }, { url, role: "reference" }] }, "/generate/2.2/c2v"],
  ["an effect", { ...plain, images: [{ url, role: "input" }], others: { pikaffect: "Melt" } }, "/generate/pikaffects"],
])("a film of %s", async (_name, asked, path) => {
  const { call, dropped } = pikaMedia.submit({ taskId: "t", action: "a", model: "2.2", input: { wish: asked } });
  expect([call.path, dropped]).toEqual([path, undefined]);
  expect((await drive().submit({ model: "2.2", input: { wish: asked } })).state).toBe("QUEUED");
});

test("what cannot be said is told", () => {
  expect(pikaMedia.submit({ taskId: "t", action: "a", model: "2.2", input: { wish: { ...wish, aspectRatio: "4:1", sound: true, guidance: 7, others: { motion: 1 } } } }).dropped?.toSorted()).toEqual(["aspectRatio", "guidance", "motion", "sound"]);
  expect(() => pikaMedia.submit({ taskId: "t", action: "a", model: "1.5", input: { wish: { ...plain, others: { pikaffect: "Melt" } } } })).toThrow("An effect needs a picture.");
});

test.each([["status=429", "rate_limited"], ["no-balance", "no_balance"], ["bad-key", "auth"], ["status=500", "server"], ["status=422", "caller"]])("a submit under %s is a fault of %s", async (fault, kind) => {
  const { state, fault: told } = await drive(fault).submit(film);
  expect([state, told?.kind]).toEqual(["FAILURE", kind as never]);
});

test.each(["refuse", "fail"])("a film that ends by %s failed for a reason that is not told", async (fault) => {
  const player = drive(fault);
  const { end } = await player.untilEnd(await player.submit(film), "2.2");
  expect([end.state, end.fault?.kind]).toEqual(["FAILURE", "server"]);
});

test.each([["queued", "QUEUED"], ["started", "IN_PROGRESS"], ["finished", "SUCCESS"], ["failed", "FAILURE"], ["encoding", "IN_PROGRESS"]])("Pika's %s is %s", (word, state) => {
  expect(readPikaVideo({ id: "a", status: word, progress: 40 })).toMatchObject({ state, progress: 40 } as object);
});

test("K03: pages, overloads and odd bodies say nothing of a film", () => {
  const job = { taskId: "t", model: "m", action: "a", ref: "r", memo: {} };
  for (const [status, text] of [[502, "<html>"], [200, ""], [200, "[]"], [429, '{"detail":"slow"}'], [500, "oops"], [401, '{"detail":"no"}'], [404, '{"detail":"Not Found"}']] as const) expect(pikaMedia.readPoll?.({ status, header: () => null, body: Buffer.from(text) }, job)).toBeUndefined();
});
