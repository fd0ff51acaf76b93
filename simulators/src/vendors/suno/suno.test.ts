import { afterAll, beforeEach, expect, test } from "bun:test";
import { startSandbox } from "../../server.ts";
import { decodeSound } from "../../testing/decode-sound.ts";

let now = Date.UTC(2026, 0, 1);
const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => now });
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

interface Clip {
  id: string;
  status: string;
  audio_url: string;
  video_url: string;
  image_large_url: string;
  metadata: { duration: number | null; error_message: string | null; gpt_description_prompt: string | null; prompt: string };
}
interface Song {
  task_id: string;
  action: string;
  status: string;
  fail_reason: string;
  submit_time: number;
  start_time: number;
  finish_time: number;
  data: Clip[];
}

async function ask<T>(path: string, body?: object, headers: Record<string, string> = {}): Promise<{ status: number; code: string; message: string; data: T }> {
  const answer = await fetch(`${sandbox.url}/suno/suno/${path}`, { method: body ? "POST" : "GET", headers: { authorization: "Bearer secret-1", ...headers }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: answer.status, ...((await answer.json()) as { code: string; message: string; data: T }) };
}
const SONG = { prompt: "la la la", tags: "folk", title: "Stone", mv: "chirp-v4" };

test("two clips: to be heard while they come, then whole, with picture, film and their length", async () => {
  const { data: id } = await ask<string>("submit/music", SONG);
  const submitted = (await ask<Song>(`fetch/${id}`)).data;
  expect(submitted).toMatchObject({ task_id: id, action: "MUSIC", status: "NOT_START", submit_time: now / 1000, start_time: 0, finish_time: 0 });
  expect(submitted.data.map((clip) => [clip.status, clip.audio_url])).toEqual([["submitted", ""], ["submitted", ""]]);
  now += 1_000;
  const streaming = (await ask<Song>(`fetch/${id}`)).data;
  expect(streaming.data.map((clip) => clip.status)).toEqual(["streaming", "streaming"]);
  expect((await fetch(streaming.data[0]?.audio_url ?? "")).headers.get("content-type")).toBe("audio/mpeg");
  now += 3_000;
  const song = (await ask<Song>(`fetch/${id}`)).data;
  expect(song).toMatchObject({ status: "SUCCESS", fail_reason: "", data: [{ title: "Stone", status: "complete", model_name: "chirp-v4", major_model_version: "v4", metadata: { tags: "folk", prompt: "la la la", duration: 20 } }, { metadata: { duration: 24 } }] });
  const [first, second] = song.data;
  expect(first?.audio_url).not.toBe(streaming.data[0]?.audio_url);
  expect(first?.id).toBe(submitted.data[0]?.id ?? "");
  for (const clip of [first, second]) {
    const decoded = await decodeSound(await (await fetch(clip?.audio_url ?? "")).bytes());
    expect((decoded.channelData[0]?.length ?? 0) / decoded.sampleRate).toBeCloseTo(clip?.metadata.duration ?? 0, 0);
  }
  expect((await fetch(first?.video_url ?? "")).headers.get("content-type")).toBe("video/mp4");
  expect(await new Bun.Image(await (await fetch(second?.image_large_url ?? "")).bytes()).metadata()).toMatchObject({ width: 1024, format: "jpeg" });
});

test("an idea instead of words, a continuation, and what is refused", async () => {
  const { data: id } = await ask<string>("submit/music", { gpt_description_prompt: "a song about a stone", make_instrumental: true });
  now += 4_000;
  const song = (await ask<Song>(`fetch/${id}`)).data;
  expect(song.data[0]).toMatchObject({ model_name: "chirp-v3-0", metadata: { gpt_description_prompt: "a song about a stone", prompt: "" } });
  expect(await ask("submit/music", { ...SONG, continue_clip_id: song.data[0]?.id, continue_at: 10 })).toMatchObject({ status: 400, code: "invalid_request", message: "task_id is empty", data: null });
  expect(await ask("submit/music", { ...SONG, continue_clip_id: song.data[0]?.id, continue_at: 10, task_id: id })).toMatchObject({ status: 200, code: "success" });
  for (const wrong of [{}, { ...SONG, mv: "chirp-nonexistent" }, { ...SONG, prompt: 5 }, { ...SONG, prompt: "a forbidden song" }]) expect(await ask("submit/music", wrong)).toMatchObject({ status: 400, code: "invalid_request", data: null });
  expect(await ask("submit/film", SONG)).toMatchObject({ status: 400, message: "invalid action" });
  expect(await ask("fetch/1")).toMatchObject({ status: 400, message: "task not exist" });
  expect(await ask("fetch/1", undefined, { authorization: "" })).toMatchObject({ status: 401 });
});

test("lyrics: the submit answers when they are done; many tasks at once, by action", async () => {
  const lyrics = ask<string>("submit/lyrics", { prompt: "a stone" });
  // the submit waits by the sandbox's clock
  while (sandbox.tasks().length === 0) await Bun.sleep(1);
  now += 1_000;
  await sandbox.run();
  const { data: id } = await lyrics;
  const { data: song } = await ask<string>("submit/music", SONG);
  const all = (await ask<Song[]>("fetch", { ids: [id, song, "1"] })).data;
  expect(all.map((one) => [one.task_id, one.action, one.status])).toEqual([[id, "LYRICS", "SUCCESS"], [song, "MUSIC", "NOT_START"]]);
  expect(all[0]?.data).toMatchObject({ id, status: "complete", title: "a stone", text: expect.stringContaining("[Chorus]") as string });
  expect((await ask<Song[]>("fetch", { ids: [id, song], action: "MUSIC" })).data.map((one) => one.task_id)).toEqual([song]);
  expect(await ask("submit/lyrics", {})).toMatchObject({ status: 400, message: "prompt is empty" });
});

test("of a song one clip may fail; the task then fails with its reason", async () => {
  const { data: id } = await ask<string>("submit/music", SONG, { "x-sandbox-fault": "partial" });
  now += 4_000;
  const { data: song } = await ask<Song>(`fetch/${id}`);
  expect([song.status, song.data.map((clip) => [clip.status, clip.audio_url !== ""])]).toEqual(["FAILURE", [["complete", true], ["error", false]]]);
  expect(song.data[1]?.metadata.error_message).toBe(song.fail_reason);
});
