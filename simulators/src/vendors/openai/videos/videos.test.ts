import { afterAll, beforeEach, expect, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import { picture } from "../../../kit/media/picture.ts";
import { startSandbox } from "../../../server.ts";
import { HAS_FFPROBE, probe } from "../../../testing/probe.ts";

let now = Date.UTC(2026, 0, 1);
const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => now });
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());
const clientOf = (apiKey: string): OpenAI => new OpenAI({ apiKey, baseURL: `${sandbox.url}/openai/v1`, maxRetries: 0 });
const client = clientOf("sk-test-key-1");
const refusal = (call: PromiseLike<unknown>): Promise<string> => Promise.resolve(call).then(() => "taken", (error: unknown) => (error instanceof OpenAI.APIError ? `${error.status} ${error.code ?? ""} ${error.param ?? ""}`.trim() : String(error)));

test("the SDK creates with a picture, follows the progress, and gets film, thumbnail and spritesheet", async () => {
  const file = await toFile(await picture({ width: 1280, height: 720, format: "jpeg", seed: "a" }), "first.jpg", { type: "image/jpeg" });
  const video = await client.videos.create({ prompt: "waves", model: "sora-2", seconds: "8", size: "1280x720", input_reference: file });
  expect(video).toMatchObject({ object: "video", status: "queued", progress: 0, seconds: "8", size: "1280x720", prompt: "waves", completed_at: null, expires_at: null, error: null, remixed_from_video_id: null, created_at: now / 1000 });
  now += 1_200;
  const running = await client.videos.retrieve(video.id);
  expect(running.status).toBe("in_progress");
  expect(running.progress).toBeGreaterThan(0);
  expect(await refusal(client.videos.downloadContent(video.id))).toBe("400  video_id");
  now += 3_000;
  const done = await client.videos.retrieve(video.id);
  expect(done).toMatchObject({ status: "completed", progress: 100 });
  expect((done.expires_at ?? 0) - (done.completed_at ?? 0)).toBe(3_600);
  const bytes = await (await client.videos.downloadContent(video.id)).bytes();
  if (HAS_FFPROBE) expect(probe(bytes)).toMatchObject({ codec: "h264", width: 1280, height: 720, duration: 8 });
  expect(Buffer.from(bytes).toString("latin1", 4, 8)).toBe("ftyp");
  for (const [variant, format] of [["thumbnail", "webp"], ["spritesheet", "jpeg"]] as const) expect(await new Bun.Image(await (await client.videos.downloadContent(video.id, { variant })).bytes()).metadata()).toMatchObject({ format });
  expect(await refusal(clientOf("sk-test-key-2").videos.downloadContent(video.id))).toBe("404  video_id");
  now += 3_601_000;
  expect(await refusal(client.videos.downloadContent(video.id))).toBe("404  video_id");
});

test("remixed, listed page by page, deleted", async () => {
  const first = await client.videos.create({ prompt: "one", seconds: "12" });
  expect(await refusal(client.videos.remix(first.id, { prompt: "two" }))).toBe("400  video_id");
  expect(await refusal(client.videos.delete(first.id))).toBe("400  video_id");
  now += 3_000;
  const second = await client.videos.remix(first.id, { prompt: "two" });
  expect(second).toMatchObject({ remixed_from_video_id: first.id, prompt: "two", seconds: "12" });
  const third = await client.videos.create({ prompt: "three" });
  const listed: string[] = [];
  for await (const video of client.videos.list({ limit: 2 })) listed.push(video.id);
  expect(listed).toEqual([third.id, second.id, first.id]);
  expect((await client.videos.list({ order: "asc", limit: 1 })).data.map((video) => video.id)).toEqual([first.id]);
  expect(await client.videos.delete(first.id)).toEqual({ id: first.id, object: "video.deleted", deleted: true });
  expect(await refusal(client.videos.retrieve(first.id))).toBe("404  video_id");
  expect((await client.videos.list()).data).toHaveLength(2);
});

test("what is refused", async () => {
  const create = (body: object): Promise<string> => refusal(client.post("/videos", { body }));
  expect(await create({})).toBe("400 missing_required_parameter prompt");
  expect(await create({ prompt: "x", seconds: 8 })).toBe("400 invalid_type seconds");
  expect(await create({ prompt: "x", seconds: "5" })).toBe("400 invalid_value seconds");
  expect(await create({ prompt: "x", size: "1024x1792" })).toBe("400 invalid_value size");
  expect(await create({ prompt: "x", size: "1024x1792", model: "sora-2-pro" })).toBe("taken");
  expect(await create({ prompt: "x", model: "sora-1" })).toBe("404 model_not_found");
  expect(await create({ prompt: "x".repeat(32_001) })).toBe("400 string_above_max_length prompt");
  expect(await create({ prompt: "x", input_reference: { image_url: "file:///etc/passwd" } })).toBe("400 invalid_value input_reference");
  const small = await toFile(await picture({ width: 64, height: 64, format: "png", seed: "a" }), "first.png", { type: "image/png" });
  expect(await refusal(client.videos.create({ prompt: "x", input_reference: small }))).toBe("400 invalid_value input_reference");
  expect(await refusal(client.videos.create({ prompt: "x", input_reference: await toFile(Buffer.from("hello"), "first.png", { type: "image/png" }) }))).toBe("400 unsupported_file_mimetype input_reference");
});
