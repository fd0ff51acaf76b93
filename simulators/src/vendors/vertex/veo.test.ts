import { afterAll, beforeEach, expect, test } from "bun:test";
import { ApiError, GoogleGenAI, type GenerateVideosOperation, type GenerateVideosParameters } from "@google/genai";
import { picture } from "../../kit/media/picture.ts";
import { startSandbox } from "../../server.ts";
import { HAS_FFPROBE, probe } from "../../testing/probe.ts";

let now = Date.UTC(2026, 0, 1);
const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => now });
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());
const client = new GoogleGenAI({ vertexai: true, apiKey: "test-key-1", httpOptions: { baseUrl: `${sandbox.url}/vertex` } });
const MODEL = "veo-3.1-generate-001";
const image = { imageBytes: Buffer.from(await picture({ width: 64, height: 64, format: "png", seed: "a" })).toString("base64"), mimeType: "image/png" };

async function made(asked: Omit<GenerateVideosParameters, "model">, fault?: string): Promise<GenerateVideosOperation> {
  const config = { ...asked.config, ...(fault === undefined ? {} : { httpOptions: { headers: { "x-sandbox-fault": fault } } }) };
  const operation = await client.models.generateVideos({ model: MODEL, ...asked, config });
  expect(operation.done).toBeFalsy();
  expect((await client.operations.getVideosOperation({ operation })).done).toBeFalsy();
  now += 3_000;
  return client.operations.getVideosOperation({ operation });
}

test("Google's SDK in its Vertex mode makes a film from two frames; its bytes stand in the operation, or it lies in the caller's bucket", async () => {
  const operation = await made({ prompt: "waves", image, config: { lastFrame: image, aspectRatio: "9:16", resolution: "1080p", durationSeconds: 8, generateAudio: true } });
  const [video] = operation.response?.generatedVideos ?? [];
  const bytes = Buffer.from(video?.video?.videoBytes ?? "", "base64");
  expect([video?.video?.mimeType, bytes.toString("latin1", 4, 8)]).toEqual(["video/mp4", "ftyp"]);
  if (HAS_FFPROBE) expect(probe(bytes)).toMatchObject({ codec: "h264", width: 1080, height: 1920, duration: 8 });
  const kept = await made({ prompt: "waves", config: { outputGcsUri: "gs://mine/films/" } });
  expect(kept.response?.generatedVideos?.[0]?.video).toMatchObject({ uri: expect.stringMatching(/^gs:\/\/mine\/films\/[0-9a-f-]{36}\/sample_0\.mp4$/) });
});

test("what is held back is counted; an operation may fail inside a 200; what is not known or not taken is refused", async () => {
  const held = await made({ prompt: "waves" }, "refuse");
  expect([held.done, held.error, held.response?.generatedVideos, held.response?.raiMediaFilteredCount]).toEqual([true, undefined, undefined, 1]);
  const failed = await made({ prompt: "waves" }, "fail");
  expect([failed.done, failed.error?.["code"], failed.response]).toEqual([true, 13, undefined]);
  const outcome = (asked: GenerateVideosParameters): Promise<number> => client.models.generateVideos(asked).then(() => 200, (error: unknown) => (error instanceof ApiError ? error.status : 0));
  expect([await outcome({ model: "veo-2.0-generate-001", prompt: "waves", config: { generateAudio: true } }), await outcome({ model: MODEL, prompt: "waves", config: { durationSeconds: 5 } }), await outcome({ model: "veo-3.nonexistent", prompt: "waves" })]).toEqual([400, 400, 404]);
  const unknown = await fetch(`${sandbox.url}/vertex/v1/publishers/google/models/${MODEL}:fetchPredictOperation`, { method: "POST", headers: { "x-goog-api-key": "test-key-1" }, body: JSON.stringify({ operationName: "projects/x/operations/y" }) });
  expect(unknown.status).toBe(404);
});
