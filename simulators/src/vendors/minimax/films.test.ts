import { afterAll, beforeEach, expect, test } from "bun:test";
import { startSandbox } from "../../server.ts";
import { HAS_FFPROBE, probe } from "../../testing/probe.ts";

let now = Date.UTC(2026, 0, 1);
const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => now });
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

interface Said {
  task_id: string;
  status: string;
  file_id: string;
  base_resp?: { status_code: number };
  file?: { file_id: number; bytes: number; download_url: string };
  task?: object;
}

async function ask(path: string, body?: object, headers: Record<string, string> = {}): Promise<Said> {
  const answer = await fetch(`${sandbox.url}/minimax${path}`, { method: body ? "POST" : "GET", headers: { authorization: "Bearer key-1", ...headers }, ...(body ? { body: JSON.stringify(body) } : {}) });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Said;
}
const IMAGE = "https://example.com/a.png";

test("three calls: the file's id is text in one and a number in the other, its address new each time and good for nine hours", async () => {
  const { task_id: id } = await ask("/v1/video_generation", { model: "MiniMax-Hailuo-2.3", prompt: "waves [Push in]", resolution: "1080P" });
  now += 4_000;
  const query = await ask(`/v1/query/video_generation?task_id=${id}`);
  expect(query).toMatchObject({ task_id: id, status: "Success", video_width: 1920, video_height: 1080, base_resp: { status_code: 0 } });
  const retrieve = async (): Promise<NonNullable<Said["file"]>> => (await ask(`/v1/files/retrieve?file_id=${query.file_id}`)).file ?? { file_id: 0, bytes: 0, download_url: "" };
  const file = await retrieve();
  expect(String(file.file_id)).toBe(query.file_id);
  const bytes = await (await fetch(file.download_url)).bytes();
  expect(bytes.length).toBe(file.bytes);
  if (HAS_FFPROBE) expect(probe(bytes)).toMatchObject({ codec: "h264", width: 1920, height: 1080, duration: 6 });
  now += 32_401_000;
  expect((await fetch(file.download_url)).status).toBe(403);
  expect((await fetch((await retrieve()).download_url)).status).toBe(200);
});

test("second version: usage in seconds, pictures counted", async () => {
  const { task_id: id } = await ask("/v2/video_generation", { model: "MiniMax-H3", content: [{ type: "text", text: "waves" }, { type: "image_url", image_url: { url: IMAGE }, role: "first_frame" }], duration: 4, ratio: "1:1" });
  now += 4_000;
  expect(await ask(`/v2/query/video_generation/${id}`)).toMatchObject({ task: { id, status: "succeeded", resolution: "768P", ratio: "1:1", duration: 4, content: { url: expect.any(String) as string }, usage: { total_seconds: 4, input_seconds: 0, output_seconds: 4, input_image_count: 1 } } });
  // each version knows its own
  expect((await ask(`/v1/query/video_generation?task_id=${id}`)).base_resp?.status_code).toBe(2013);
});

test("what a model does not take is 2013, and a callback that does not echo is too", async () => {
  const wrong: object[] = [
    { model: "MiniMax-Hailuo-09", prompt: "x" },
    { model: "MiniMax-Hailuo-02", prompt: "" },
    { model: "MiniMax-Hailuo-02", prompt: "x".repeat(2_001) },
    { model: "MiniMax-Hailuo-02", prompt: "x", duration: 10, resolution: "1080P" },
    { model: "MiniMax-Hailuo-02", prompt: "x", duration: 7 },
    { model: "MiniMax-Hailuo-02", prompt: "x", resolution: "512P" },
    { model: "MiniMax-Hailuo-2.3-Fast", prompt: "x" },
    { model: "T2V-01", prompt: "x", first_frame_image: IMAGE },
    { model: "S2V-01", prompt: "x" },
    { model: "I2V-01", first_frame_image: "data:image/png;base64,aGVsbG8gd29ybGQ=" },
    { model: "MiniMax-Hailuo-02", prompt: "x", callback_url: `${sandbox.url}/minimax/nothing-here` },
  ];
  for (const body of wrong) expect([body, (await ask("/v1/video_generation", body)).base_resp?.status_code]).toEqual([body, 2013]);
  const text = { type: "text", text: "x" };
  const image = (role: string): object => ({ type: "image_url", image_url: { url: IMAGE }, role });
  const wrongSecond: object[] = [{ content: [] }, { content: [text], duration: 3 }, { content: [text], duration: 5.5 }, { content: [text], resolution: "4K" }, { content: [text], ratio: "5:1" }, { content: [text, image("cover")] }, { content: [text, image("first_frame"), image("reference_image")] }];
  for (const body of wrongSecond) expect([body, (await ask("/v2/video_generation", { model: "MiniMax-H3", ...body })).base_resp?.status_code]).toEqual([body, 2013]);
  expect(sandbox.tasks()).toEqual([]);
  for (const [model, body] of [["I2V-01", { first_frame_image: IMAGE }], ["S2V-01", { prompt: "x", subject_reference: [{ type: "character", image: [IMAGE] }] }], ["MiniMax-Hailuo-02", { first_frame_image: IMAGE, last_frame_image: IMAGE, resolution: "512P" }]] as const)
    expect((await ask("/v1/video_generation", { model, ...body })).base_resp?.status_code).toBe(0);
});
