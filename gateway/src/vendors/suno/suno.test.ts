import { afterAll, expect, test } from "bun:test";
import { startSandbox } from "../../../../simulators/src/server.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { readSunoTask, sunoMedia } from "./media.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string): Drive => new Drive({ vendor: "suno", baseUrl: `${sandbox.url}/suno`, credential: "sk-test-key-1", ...(fault ? { headers: { "x-sandbox-fault": fault } } : {}) });
const song = (): Parameters<Drive["submit"]>[0] => ({ model: "music", input: { native: { json: { prompt: "[Verse]\nA river", tags: "pop", title: "River", mv: "chirp-v4" } } } });

test("a song to its two clips, each with sound, its length, film and cover; and one that goes on from it", async () => {
  const player = drive();
  const first = await player.submit(song());
  const { end, seen } = await player.untilEnd(first, "music");
  expect(seen).toEqual(["QUEUED", "IN_PROGRESS", "SUCCESS"]);
  expect(end.outputs?.filter(({ kind }) => kind === "audio").map(({ duration }) => (duration ?? 0) > 0)).toEqual([true, true]);
  const [clip] = end.answer as { id: string }[];
  const more = await player.submit({ model: "music", parent: { ref: first.ref ?? "", memo: {} }, input: { native: { json: { prompt: "[Chorus]", tags: "pop", task_id: "ours", continue_clip_id: clip?.id, continue_at: 10 } } } });
  expect(more.state).toBe("QUEUED");
});

test("lyrics are a text; a wish is a description", async () => {
  const player = drive();
  const lyrics = await player.untilEnd(await player.submit({ model: "lyrics", input: { native: { json: { prompt: "a river" } } } }), "lyrics");
  expect(lyrics.end.outputs).toMatchObject([{ kind: "text" }]);
  const wished = await player.submit({ model: "music", input: { wish: { kind: "music", prompt: "a song of rivers" } } });
  expect(wished.state).toBe("QUEUED");
});

test.each([["refuse-submit", "caller"], ["status=429", "rate_limited"], ["no-balance", "no_balance"], ["bad-key", "auth"], ["status=500", "server"]])("a submit under %s is a fault of %s", async (fault, kind) => {
  const { state, fault: told } = await drive(fault).submit(song());
  expect([state, told?.kind]).toEqual(["FAILURE", kind as never]);
});

test.each([["refuse", "caller", true], ["fail", "server", undefined]])("a song that ends by %s is a fault of %s", async (fault, kind, policy) => {
  const player = drive(fault);
  const { end } = await player.untilEnd(await player.submit(song()), "music");
  expect([end.state, end.fault?.kind, end.fault?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test.each([["NOT_START", "QUEUED"], ["SUBMITTED", "QUEUED"], ["QUEUED", "QUEUED"], ["IN_PROGRESS", "IN_PROGRESS"], ["MASTERING", "IN_PROGRESS"], ["SUCCESS", "SUCCESS"], ["FAILURE", "FAILURE"], ["UNKNOWN", "FAILURE"]])("Suno-API's %s is %s", (word, state) => {
  expect(readSunoTask({ status: word, data: null })?.state).toBe(state as never);
});

test("K14: the caller's hook never reaches the server, unknown members do", () => {
  const { json } = sunoMedia.submit({ taskId: "t", action: "music", model: "music", input: { native: { json: { prompt: "p", negative_tags: "rap", notify_hook: "https://caller" } } } }).call;
  expect(json).toEqual({ prompt: "p", negative_tags: "rap" });
});
