import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "bun:test";
import { ApiError, GoogleGenAI, VideoGenerationReferenceType, type GenerateVideosOperation, type GenerateVideosParameters } from "@google/genai";
import { picture } from "../../kit/media/picture.ts";
import { startSandbox } from "../../server.ts";
import { HAS_FFPROBE, probe } from "../../testing/probe.ts";

let now = Date.UTC(2026, 0, 1);
const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => now });
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());
const client = new GoogleGenAI({ apiKey: "test-key-1", httpOptions: { baseUrl: `${sandbox.url}/gemini` } });
const MODEL = "veo-3.1-generate-preview";
const image = { imageBytes: Buffer.from(await picture({ width: 64, height: 64, format: "png", seed: "a" })).toString("base64"), mimeType: "image/png" };

async function made(asked: Omit<GenerateVideosParameters, "model">, fault?: string): Promise<GenerateVideosOperation> {
  const config = { ...asked.config, ...(fault === undefined ? {} : { httpOptions: { headers: { "x-sandbox-fault": fault } } }) };
  const operation = await client.models.generateVideos({ model: MODEL, ...asked, config });
  expect(operation.done).toBeFalsy();
  now += 3_000;
  return client.operations.getVideosOperation({ operation });
}

test("Google's SDK makes a film from two frames, asks until it is done, and downloads it with the key", async () => {
  const operation = await made({ prompt: "waves", image, config: { lastFrame: image, aspectRatio: "9:16", resolution: "1080p", durationSeconds: 8, personGeneration: "allow_adult" } });
  expect(operation.done).toBe(true);
  const [video] = operation.response?.generatedVideos ?? [];
  const folder = mkdtempSync(join(tmpdir(), "veo-"));
  try {
    const downloadPath = join(folder, "film.mp4");
    // the SDK finds the file's id only in an https address, as the vendor's is, and asks its own base for it
    await client.files.download({ file: { uri: video?.video?.uri?.replace("http:", "https:") ?? "" }, downloadPath });
    const bytes = readFileSync(downloadPath);
    expect(bytes.toString("latin1", 4, 8)).toBe("ftyp");
    if (HAS_FFPROBE) expect(probe(bytes)).toMatchObject({ codec: "h264", width: 1080, height: 1920, duration: 8 });
  } finally {
    rmSync(folder, { recursive: true });
  }
  const uri = video?.video?.uri ?? "";
  const bare = await fetch(uri, { redirect: "manual" });
  const keyed = await fetch(`${uri}&key=test-key-1`, { redirect: "manual" });
  expect([bare.status, keyed.status, (await fetch(`${uri}&key=other-key-1`)).status]).toEqual([403, 302, 404]);
  // two days later nobody knows it any more
  now += 2 * 86_400_000;
  expect((await fetch(`${uri}&key=test-key-1`)).status).toBe(404);
});

test("what is held back is counted with its reason; an operation may fail inside a 200", async () => {
  const partly = await made({ prompt: "waves", config: { numberOfVideos: 2 } }, "partial");
  expect([partly.response?.generatedVideos?.length, partly.response?.raiMediaFilteredCount, partly.response?.raiMediaFilteredReasons?.length]).toEqual([1, 1, 1]);
  const held = await made({ prompt: "waves" }, "refuse");
  expect([held.done, held.error, held.response?.generatedVideos, held.response?.raiMediaFilteredCount]).toEqual([true, undefined, undefined, 1]);
  const failed = await made({ prompt: "waves" }, "fail");
  expect([failed.done, failed.error?.["code"], failed.response]).toEqual([true, 13, undefined]);
});

test("what a model does not take is refused with 400", async () => {
  const outcome = (asked: GenerateVideosParameters): Promise<number> => client.models.generateVideos(asked).then(() => 200, (error: unknown) => (error instanceof ApiError ? error.status : 0));
  const references = [{ image, referenceType: VideoGenerationReferenceType.ASSET }];
  for (const [model, config] of [
    [MODEL, { durationSeconds: 5 }],
    [MODEL, { durationSeconds: 4, resolution: "4k" }],
    [MODEL, { aspectRatio: "1:1" }],
    [MODEL, { numberOfVideos: 5 }],
    [MODEL, { personGeneration: "some" }],
    [MODEL, { lastFrame: image }],
    [MODEL, { durationSeconds: 6, referenceImages: references }],
    ["veo-3.0-generate-001", { resolution: "4k" }],
    ["veo-3.0-generate-001", { referenceImages: references }],
    ["veo-2.0-generate-001", { durationSeconds: 4 }],
  ] as const)
    expect([model, config, await outcome({ model, prompt: "x", config: config as GenerateVideosParameters["config"] & object })]).toEqual([model, config, 400]);
  expect(await outcome({ model: MODEL, prompt: "" })).toBe(400);
  expect(await outcome({ model: "veo-9.0", prompt: "x" })).toBe(404);
  expect(await outcome({ model: MODEL, prompt: "x", config: { referenceImages: references, resolution: "4k" } })).toBe(200);
  const seedless = await fetch(`${sandbox.url}/gemini/v1beta/models/${MODEL}:predictLongRunning?key=test-key-1`, { method: "POST", body: JSON.stringify({ instances: [{ prompt: "x" }], parameters: { generateAudio: true } }) });
  expect([seedless.status, (await seedless.text()).includes("generateAudio")]).toEqual([400, true]);
});
