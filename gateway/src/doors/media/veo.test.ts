import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { ApiError, GoogleGenAI, type GenerateVideosOperation, type GenerateVideosParameters, VideoGenerationReferenceType } from "@google/genai";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { testGateway } from "../../testing/gateway.ts";

/** Veo at its three doors: `/veo`, Google's own with Google's SDK, and `/v1/videos`; each from the order to the charge. */
const gateway = await testGateway();
const caller = await gateway.newCaller("100");
const stranger = await gateway.newCaller("100");
const pauper = await gateway.newCaller("0");
const bytes = Buffer.from(await picture({ width: 400, height: 400, format: "png", seed: "veo" })).toString("base64");
const image = { imageBytes: bytes, mimeType: "image/png" };
const uri = `data:image/png;base64,${bytes}`;
const MODEL = "veo-3.1-fast-generate-preview";

// eslint-disable-next-line typescript/no-explicit-any -- tests look into any answer
type Json = Record<string, any>;

async function call(method: string, path: string, body?: object, { key = caller.apiKey, fault = "" } = {}): Promise<{ status: number; json: Json }> {
  const answer = await fetch(`${gateway.url}${path}`, { method, headers: { authorization: `Bearer ${key}`, "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40`, ...(body ? { "content-type": "application/json" } : {}) }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: answer.status, json: (await answer.json()) as Json };
}
const charged = async (userId: string, count = 1) => (await gateway.rows(userId, count)).map(({ model, charge_nano }) => [model, charge_nano]);
const sent = (): Json => {
  const seen = gateway.seen().findLast(({ path }) => path.endsWith(":predictLongRunning"));
  return JSON.parse(Buffer.from(seen?.body.base64 ?? "", "base64").toString()) as Json;
};

const googleOf = (apiKey: string): GoogleGenAI => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: gateway.url } });

async function made(asked: Omit<GenerateVideosParameters, "model">, { fault = "", model = MODEL, key = caller.apiKey } = {}): Promise<GenerateVideosOperation> {
  const client = googleOf(key);
  let operation = await client.models.generateVideos({ model, ...asked, config: { ...asked.config, httpOptions: { headers: { "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` } } } });
  expect(operation.done).toBeFalsy();
  for (let look = 0; look < 400 && operation.done !== true; look += 1) {
    await Bun.sleep(50);
    operation = await client.operations.getVideosOperation({ operation });
  }
  return operation;
}

test("@google/genai: a film of two frames, asked for until it is done, downloaded with our key; its seconds are paid", async () => {
  const payer = await gateway.newCaller("10");
  const operation = await made({ prompt: "waves", image, config: { lastFrame: image, aspectRatio: "9:16", resolution: "1080p", durationSeconds: 8, personGeneration: "allow_adult" } }, { key: payer.apiKey });
  expect(operation).toMatchObject({ done: true, name: expect.stringMatching(/^models\/veo-3\.1-fast-generate-preview\/operations\/[a-z0-9]{26}$/) });
  expect(sent()).toMatchObject({ instances: [{ prompt: "waves" }], parameters: { personGeneration: "allow_adult", resolution: "1080p", durationSeconds: 8 } });
  const address = operation.response?.generatedVideos?.[0]?.video?.uri ?? "";
  const folder = mkdtempSync(join(tmpdir(), "veo-"));
  try {
    const downloadPath = join(folder, "film.mp4");
    // the SDK finds a file's id only in an https address, and asks its own base for it
    await googleOf(payer.apiKey).files.download({ file: { uri: address.replace("http:", "https:") }, downloadPath });
    expect(readFileSync(downloadPath).toString("latin1", 4, 8)).toBe("ftyp");
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect([(await fetch(`${address}&key=${payer.apiKey}`)).status, (await fetch(`${address}&key=${stranger.apiKey}`)).status, (await fetch(address)).status]).toEqual([200, 404, 401]);
  expect(await charged(payer.userId)).toEqual([[MODEL, "960000000"]]);
});

test("M23, V36: what the price assumes where nothing is said, Google is told; the SDK's pictures to go by", async () => {
  await made({ prompt: "waves", config: { referenceImages: [{ image, referenceType: VideoGenerationReferenceType.ASSET }] } });
  expect(sent()).toMatchObject({ instances: [{ referenceImages: [{ image: { mimeType: "image/png" } }] }], parameters: { durationSeconds: 8, resolution: "720p" } });
});

test("M08: what is held back is counted, a failure stands in the operation; neither costs anything", async () => {
  const payer = await gateway.newCaller("10");
  const held = await made({ prompt: "waves" }, { fault: "refuse", key: payer.apiKey });
  expect([held.done, held.error, held.response?.generatedVideos, held.response?.raiMediaFilteredCount]).toEqual([true, undefined, undefined, 1]);
  // Alone at Google, so that nobody else makes it.
  const failed = await made({ prompt: "waves" }, { fault: "fail", key: payer.apiKey, model: "veo-3.1-lite-generate-preview" });
  expect([failed.done, failed.error?.["code"], failed.response]).toEqual([true, 13, undefined]);
  expect((await charged(payer.userId, 2)).map(([, nano]) => nano)).toEqual(["0", "0"]);
});

test("Google's errors: what cannot be said, no such model or operation, no money, no key", async () => {
  const body = { instances: [{ prompt: "x" }] };
  const refused = async (path: string, asked: object, key?: string) => {
    const { status, json } = await call("POST", path, asked, key === undefined ? {} : { key });
    return [status, json["error"].status];
  };
  const path = `/v1beta/models/${MODEL}:predictLongRunning`;
  expect(await refused(path, {})).toEqual([400, "INVALID_ARGUMENT"]);
  expect(await refused(path, { instances: [{}] })).toEqual([400, "INVALID_ARGUMENT"]);
  expect(await refused(path, { ...body, parameters: { durationSeconds: 60 } })).toEqual([400, "INVALID_ARGUMENT"]);
  expect(await refused(path, { ...body, parameters: { sampleCount: 4 } })).toEqual([400, "INVALID_ARGUMENT"]);
  expect(await refused("/v1beta/models/gemini-2.5-pro:predictLongRunning", body)).toEqual([404, "NOT_FOUND"]);
  expect(await refused(path, body, pauper.apiKey)).toEqual([402, "RESOURCE_EXHAUSTED"]);
  expect(await refused(path, body, "sk-nonsense")).toEqual([401, "UNAUTHENTICATED"]);
  const { name } = await googleOf(caller.apiKey).models.generateVideos({ model: MODEL, prompt: "x stone" });
  for (const [operation, key] of [[name, stranger.apiKey], [`models/${MODEL}/operations/nothing`, caller.apiKey]] as const) {
    const { status, json } = await call("GET", `/v1beta/${operation}`, undefined, { key });
    expect([status, json["error"].status]).toEqual([404, "NOT_FOUND"]);
  }
  const thrown = await googleOf(caller.apiKey).models.generateVideos({ model: "veo-nonexistent", prompt: "x" }).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(ApiError);
});

const VEO = "/veo/v1/videos/generations";

test.each<[string, object, string, string]>([
  ["a text", { model: "veo3-fast", aspect_ratio: "9:16", enhance_prompt: true, duration: 8 }, "veo-3.0-fast-generate-001", "1200000000"],
  ["Veo 2", { model: "veo2", duration: 5 }, "veo-2.0-generate-001", "1750000000"],
  ["one frame", { model: "veo3-pro-frames", images: [uri] }, "veo3-pro-frames", "3200000000"],
  ["two frames", { model: "veo2-fast-frames", images: [uri, uri] }, "veo2-fast-frames", "2800000000"],
  ["components", { model: "veo2-fast-components", images: [uri, uri, uri] }, "veo2-fast-components", "3200000000"],
  ["resolution", { model: "veo-3.1-generate-preview", resolution: "4K" }, "veo-3.1-generate-preview", "4800000000"],
  ["the unified one", { model: "veo3.1", resolution: "2160p", images: [uri, uri] }, "veo3.1", "4800000000"],
])("M05: /veo: of %s: made at Google and paid as agreed", async (_name, body, model, nano) => {
  gateway.sandbox.reset();
  const payer = await gateway.newCaller("10");
  const { status, json } = await call("POST", VEO, { prompt: "a stone", ...body }, { key: payer.apiKey });
  expect([status, json["message"]], JSON.stringify(json)).toEqual([200, "YEScale - veo - generations - Submit"]);
  const done = await call("GET", `${VEO}/${json["task_id"]}?wait=30`, undefined, { key: payer.apiKey });
  expect(done.json, JSON.stringify(done.json)).toMatchObject({ status: "SUCCESS", progress: "100%", task_result: { url: expect.stringContaining("/assets/"), videos: [{ content_type: "video/mp4" }] } });
  expect(new Set(gateway.seen().map(({ vendor }) => vendor))).toEqual(new Set(["gemini"]));
  expect(await charged(payer.userId)).toEqual([[model, nano]]);
});

test("/veo: frames and components reach Google as such; its own errors, nothing sent", async () => {
  const made1 = await call("POST", VEO, { model: "veo2-fast-frames", prompt: "a stone", images: [uri, uri] });
  await call("GET", `${VEO}/${made1.json["task_id"]}?wait=30`);
  expect(Object.keys(sent()["instances"][0])).toEqual(expect.arrayContaining(["image", "lastFrame"]));
  const made2 = await call("POST", VEO, { model: "veo2-fast-components", prompt: "a stone", images: [uri] });
  await call("GET", `${VEO}/${made2.json["task_id"]}?wait=30`);
  expect(sent()["instances"][0].referenceImages).toHaveLength(1);
  gateway.sandbox.reset();
  const refused = async (body: object, key = caller.apiKey) => {
    const { status, json } = await call("POST", VEO, { model: "veo3", prompt: "x", ...body }, { key });
    return [status, json["code"]];
  };
  expect(await refused({ prompt: "" })).toEqual([400, "invalid_request"]);
  expect(await refused({ model: "gen4_turbo" })).toEqual([404, "model_not_found"]);
  expect(await refused({ aspect_ratio: "1:1" })).toEqual([400, "invalid_request"]);
  expect(await refused({ duration: 60 })).toEqual([400, "invalid_request"]);
  expect(await refused({ images: "x" })).toEqual([400, "invalid_request"]);
  expect(await refused({ model: "veo3-pro-frames" })).toEqual([400, "invalid_request"]);
  expect(await refused({ model: "veo3-pro-frames", images: [uri, uri] })).toEqual([400, "invalid_request"]);
  expect(await refused({}, pauper.apiKey)).toEqual([402, "insufficient_user_quota"]);
  expect(await refused({}, "sk-nonsense")).toEqual([401, "invalid_api_key"]);
  expect(gateway.seen()).toEqual([]);
  expect(await call("GET", `${VEO}/${made1.json["task_id"]}`, undefined, { key: stranger.apiKey })).toMatchObject({ status: 404, json: { error: "Task not found" } });
});

test("Veo fails at Google and is made by the next source under the same hold", async () => {
  gateway.sandbox.reset();
  await fetch(`${gateway.sandbox.url}/__sandbox/faults`, { method: "POST", body: JSON.stringify({ vendor: "gemini", spec: "fail;queue-ms=20;run-ms=40" }) });
  const payer = await gateway.newCaller("10");
  const { json } = await call("POST", VEO, { model: "veo3-fast", prompt: "a stone" }, { key: payer.apiKey });
  expect((await call("GET", `${VEO}/${json["task_id"]}?wait=30`, undefined, { key: payer.apiKey })).json["status"]).toBe("SUCCESS");
  gateway.sandbox.reset();
  expect(await charged(payer.userId)).toEqual([["veo-3.0-fast-generate-001", "1200000000"]]);
});

test("pictures by Gemini and GPT Image in nobody's words: made at once by their own vendor", async () => {
  gateway.sandbox.reset();
  const payer = await gateway.newCaller("10");
  for (const [model, config, vendor] of [["nano-banana-2", { size: "1K", images: [uri] }, "gemini"], ["gpt-image", { size: "1024x1024", quality: "low" }, "openai"]] as const) {
    gateway.sandbox.reset();
    const { json } = await call("POST", "/task/submit", { model, prompt: "a stone", config }, { key: payer.apiKey });
    expect((await call("GET", `/task/${json["task_id"]}?wait=30`, undefined, { key: payer.apiKey })).json).toMatchObject({ status: "SUCCESS", task_result: { url: expect.stringContaining("/assets/") } });
    expect(gateway.seen().map((seen) => seen.vendor)).toEqual([vendor]);
  }
  expect((await charged(payer.userId, 2)).map(([, nano]) => nano)).toEqual(["80000000", "24000000"]);
});

test(":predict: Imagen's words, for every model whose pictures are made as tasks; one that Google closed names what took its place", async () => {
  const payer = await gateway.newCaller("10");
  const ask = (model: string, body: object, key = payer.apiKey) => call("POST", `/v1beta/models/${model}:predict`, body, { key });
  const { status, json } = await ask("imagen-4", { instances: [{ prompt: "a stone" }], parameters: { sampleCount: 1, aspectRatio: "16:9" } });
  expect(status, JSON.stringify(json)).toBe(200);
  expect((await new Bun.Image(Buffer.from(json["predictions"][0].bytesBase64Encoded as string, "base64")).metadata()).width).toBeGreaterThan(0);
  expect((await ask("kling-v1-5-image", { instances: [{ prompt: "a stone" }], parameters: { sampleCount: 2 } })).json["predictions"]).toHaveLength(2);
  expect(await charged(payer.userId, 2)).toEqual([["imagen-4", "40000000"], ["kling-v1-5-image", "28000000"]]);
  gateway.sandbox.reset();
  expect(await ask("imagen-4.0-generate-001", { instances: [{ prompt: "x" }] })).toMatchObject({ status: 404, json: { error: { status: "NOT_FOUND", message: expect.stringContaining('Use "gemini-3.1-flash-image"') } } });
  expect(await ask(MODEL, { instances: [{ prompt: "x" }] })).toMatchObject({ status: 404, json: { error: { status: "NOT_FOUND" } } });
  expect(await ask("imagen-4", { instances: [{}] })).toMatchObject({ status: 400, json: { error: { status: "INVALID_ARGUMENT" } } });
  expect(await ask("imagen-4", { instances: [{ prompt: "x" }], parameters: { sampleCount: 40 } })).toMatchObject({ status: 400 });
  expect(await ask("imagen-4", { instances: [{ prompt: "x" }] }, pauper.apiKey)).toMatchObject({ status: 402 });
  expect(gateway.seen()).toEqual([]);
});

test("I6: after all of it nothing is held and the books are even", async () => {
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});
