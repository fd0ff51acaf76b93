import { afterAll, beforeEach, expect, test } from "bun:test";
import { startSandbox } from "../../server.ts";

let now = Date.UTC(2026, 0, 1);
const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => now });
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

interface Told {
  code?: string;
  request_id: string;
  usage?: object;
  output: { task_id: string; task_status: string; video_url?: string; results?: { url?: string; code?: string }[]; task_metrics?: object };
}

async function ask(path: string, body?: object, headers: Record<string, string> = {}): Promise<Told & { status: number }> {
  const answer = await fetch(`${sandbox.url}/dashscope/api/v1/${path}`, { method: body ? "POST" : "GET", headers: { authorization: "Bearer sk-test", "x-dashscope-async": "enable", ...headers }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: answer.status, ...((await answer.json()) as Told) };
}
const PICTURES = "services/aigc/text2image/image-synthesis";
const FILMS = "services/aigc/video-generation/video-synthesis";

test("pictures: of four one may fail, and three are billed", async () => {
  const { output } = await ask(PICTURES, { model: "wan2.2-t2i-flash", input: { prompt: "a stone" }, parameters: { n: 4 } }, { "x-sandbox-fault": "partial" });
  now += 3_000;
  const told = await ask(`tasks/${output.task_id}`);
  expect(told).toMatchObject({ status: 200, usage: { image_count: 3 }, output: { task_status: "SUCCEEDED", task_metrics: { TOTAL: 4, SUCCEEDED: 3, FAILED: 1 } } });
  expect(told.output.results?.map((one) => one.code ?? "made")).toEqual(["made", "made", "made", "InternalError.Timeout"]);
  // a day later nobody knows it any more
  now += 86_400_000;
  expect((await ask(`tasks/${output.task_id}`)).output.task_status).toBe("UNKNOWN");
});

test("films: size, class and length are reported as made", async () => {
  const { output } = await ask(FILMS, { model: "wan2.5-i2v-preview", input: { prompt: "x", img_url: "https://example.com/a.png" }, parameters: { resolution: "480P", duration: 10 } });
  now += 4_000;
  expect(await ask(`tasks/${output.task_id}`)).toMatchObject({ usage: { duration: 10, output_video_duration: 10, size: "832*480", SR: 480, video_count: 1 }, output: { task_status: "SUCCEEDED", orig_prompt: "x", video_url: expect.stringContaining(".mp4") as string } });
});

test("what is wrong with a submit", async () => {
  const outcome = async (...asked: Parameters<typeof ask>): Promise<string> => ask(...asked).then(({ status, code }) => `${status} ${code ?? ""}`);
  const picture = { model: "qwen-image-plus", input: { prompt: "x" } };
  expect(await outcome(PICTURES, picture, { "x-dashscope-async": "" })).toBe("403 AccessDenied");
  expect(await outcome(PICTURES, { ...picture, model: "qwen-image-max" })).toBe("404 ModelNotFound");
  expect(await outcome(PICTURES, { ...picture, input: {} })).toBe("400 InvalidParameter");
  const film = { model: "wan2.5-t2v-preview", input: { prompt: "x" }, parameters: {} };
  for (const wrong of [{ parameters: { duration: 7 } }, { parameters: { size: "1280x720" } }, { parameters: { seed: -1 } }, { input: {} }, { input: { prompt: "x", img_url: "https://example.com/a.png" } }, { model: "wan2.5-i2v-preview" }, { model: "wan2.5-i2v-preview", input: { img_url: "https://nonexistent.example.com/a.png" } }])
    expect([wrong, await outcome(FILMS, { ...film, ...wrong })]).toEqual([wrong, "400 InvalidParameter"]);
  expect(await outcome("tasks/1", undefined, { authorization: "Bearer x" })).toBe("401 InvalidApiKey");
  expect(sandbox.tasks()).toEqual([]);
});
