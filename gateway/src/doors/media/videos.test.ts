import { describe, expect, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { testGateway } from "../../testing/gateway.ts";

/** OpenAI's videos at our door, with its own SDK as the client. Sora is brought back as an operator does whose server still has it. */
const gateway = await testGateway((config) => void config.models.push({ id: "sora-2", retiredAt: null, sources: [{ vendor: "openai", model: "sora-2" }] }));
const caller = await gateway.newCaller("100");
const stranger = await gateway.newCaller("100");
const pauper = await gateway.newCaller("0");
const clientOf = (apiKey: string): OpenAI => new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
const client = clientOf(caller.apiKey);
const refusal = (asked: PromiseLike<unknown>): Promise<string> => Promise.resolve(asked).then(() => "taken", (error: unknown) => (error instanceof OpenAI.APIError ? `${error.status} ${error.code ?? ""} ${error.param ?? ""}`.trim() : String(error)));
const file = async (width: number, height: number) => toFile(await picture({ width, height, format: "jpeg", seed: "film" }), "first.jpg", { type: "image/jpeg" });
const quick = { headers: { "x-sandbox-fault": "queue-ms=20;run-ms=40" } };

// eslint-disable-next-line typescript/no-explicit-any -- tests look into any answer
type Json = Record<string, any>;

async function call(method: string, path: string, body?: object, key = caller.apiKey, headers: Record<string, string> = {}): Promise<{ status: number; json: Json }> {
  const answer = await fetch(`${gateway.url}${path}`, { method, headers: { authorization: `Bearer ${key}`, ...headers, ...(body ? { "content-type": "application/json" } : {}) }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: answer.status, json: (await answer.json()) as Json };
}

async function ended(id: string, key = caller.apiKey): Promise<OpenAI.Video> {
  await call("GET", `/task/${id}?wait=30`, undefined, key);
  return clientOf(key).videos.retrieve(id);
}

/** The row of a caller's only request, once it is settled. */
const charged = async (userId: string, count = 1) => (await gateway.rows(userId, count)).map(({ model, charge_nano }) => [model, charge_nano]);

test("the SDK: created with a picture, followed, its files are our copies, in ranges too; seconds are paid", async () => {
  const payer = await gateway.newCaller("10");
  const own = clientOf(payer.apiKey);
  const video = await own.videos.create({ model: "sora-2", prompt: "waves", seconds: "8", size: "1280x720", input_reference: await file(1280, 720) }, quick);
  expect(video).toMatchObject({ object: "video", model: "sora-2", status: "queued", progress: 0, prompt: "waves", seconds: "8", size: "1280x720", completed_at: null, error: null, remixed_from_video_id: null });
  expect(video.id).toMatch(/^video_[0-9a-f]{32}$/);
  expect(await refusal(own.videos.downloadContent(video.id))).toBe("400 invalid_request video_id");
  const done = await ended(video.id, payer.apiKey);
  expect(done).toMatchObject({ status: "completed", progress: 100, metadata: { url: expect.stringContaining("/assets/") } });
  const bytes = await (await own.videos.downloadContent(video.id)).bytes();
  expect(Buffer.from(bytes).toString("latin1", 4, 8)).toBe("ftyp");
  for (const variant of ["thumbnail", "spritesheet"] as const) expect((await own.videos.downloadContent(video.id, { variant })).headers.get("content-type")).toStartWith("image/");
  const part = await fetch(`${gateway.url}/v1/videos/${video.id}/content`, { headers: { authorization: `Bearer ${payer.apiKey}`, range: "bytes=4-7" } });
  expect([part.status, await part.text(), part.headers.get("content-range")]).toEqual([206, "ftyp", `bytes 4-7/${bytes.length}`]);
  expect(await charged(payer.userId)).toEqual([["sora-2", "800000000"]]);
});

test("V09, V12: another account's video is not there, nor its files, by any route", async () => {
  const video = await client.videos.create({ model: "sora-2", prompt: "waves" }, quick);
  await ended(video.id);
  const other = clientOf(stranger.apiKey);
  const asks = [() => other.videos.retrieve(video.id), () => other.videos.downloadContent(video.id), () => other.videos.delete(video.id), () => other.videos.remix(video.id, { prompt: "x" }), () => other.videos.list({ after: video.id }), () => other.videos.retrieve("video_nothing")];
  for (const ask of asks) expect(await refusal(ask())).toBe("404 not_found");
});

test("remixed where it was made, listed page by page both ways, deleted", async () => {
  const payer = await gateway.newCaller("10");
  const own = clientOf(payer.apiKey);
  const first = await own.videos.create({ model: "sora-2", prompt: "one", seconds: "4" }, quick);
  await ended(first.id, payer.apiKey);
  const second = await own.videos.remix(first.id, { prompt: "two" }, quick);
  expect(second).toMatchObject({ prompt: "two", seconds: "4", remixed_from_video_id: first.id });
  expect(gateway.seen().at(-1)?.path).toMatch(/^\/v1\/videos\/video_[0-9a-f]+(\/remix)?/);
  expect((await ended(second.id, payer.apiKey)).status).toBe("completed");
  const third = await own.videos.create({ model: "grok-video", prompt: "three", seconds: "4" }, quick);
  expect(await refusal(own.videos.delete(third.id))).toBe("400 invalid_request video_id");
  await ended(third.id, payer.apiKey);
  expect(await refusal(own.videos.remix(third.id, { prompt: "x" }))).toBe("400 invalid_request video_id");
  const listed: string[] = [];
  for await (const video of own.videos.list({ limit: 2 })) listed.push(video.id);
  expect(listed).toEqual([third.id, second.id, first.id]);
  const upwards: string[] = [];
  for await (const video of own.videos.list({ order: "asc", limit: 1 })) upwards.push(video.id);
  expect(upwards).toEqual(listed.toReversed());
  expect(await own.videos.delete(first.id)).toEqual({ id: first.id, object: "video.deleted", deleted: true });
  expect(await refusal(own.videos.retrieve(first.id))).toBe("404 not_found");
  expect(await charged(payer.userId, 3)).toEqual([["sora-2", "400000000"], ["sora-2", "400000000"], ["grok-video", "140000000"]]);
});

describe("any model that makes films", () => {
  test.each<[string, object, string]>([
    ["runway", { model: "gen4_turbo", seconds: "5", input_reference: { image_url: "https://example.com/bunny.jpg" } }, "250000000"],
    ["kling by mode", { model: "kling-v1-6", seconds: 10, mode: "pro" }, "980000000"],
    ["luma by size", { model: "ray-2", seconds: "5", size: "1280x720" }, "707788800"],
    ["minimax", { model: "MiniMax-Hailuo-02", seconds: 6, resolution: "1080P" }, "490000000"],
    ["pika by fal", { model: "pika-2.0", prompt: "a stone" }, "200000000"],
    ["a unified one, its size in lines", { model: "hailuo-2.3", size: "1366x768" }, "280000000"],
  ])("%s: made, and paid as agreed", async (_name, body, nano) => {
    const payer = await gateway.newCaller("10");
    const { status, json } = await call("POST", "/v1/videos", { prompt: "a stone", ...body }, payer.apiKey);
    expect(status, JSON.stringify(json)).toBe(200);
    expect(await ended(json["id"] as string, payer.apiKey)).toMatchObject({ status: "completed" });
    expect((await charged(payer.userId))[0]?.[1]).toBe(nano);
  });

  test("M23, V36: what the price assumes where nothing is said, the vendor is told", async () => {
    gateway.sandbox.reset();
    const { json } = await call("POST", "/v1/videos", { model: "ray-2", prompt: "a stone" });
    expect(json).toMatchObject({ seconds: "5" });
    await ended(json["id"] as string);
    const sent = gateway.seen().find(({ vendor, path }) => vendor === "luma" && path.endsWith("/generations/video"));
    expect(JSON.parse(Buffer.from(sent?.body.base64 ?? "", "base64").toString())).toMatchObject({ duration: "5s", resolution: "720p" });
  });
});

test("a failure reads as OpenAI's and costs nothing", async () => {
  const payer = await gateway.newCaller("10");
  for (const [fault, code] of [["refuse", "content_policy_violation"], ["fail", "video_generation_failed"]] as const) {
    const { id } = await clientOf(payer.apiKey).videos.create({ model: "sora-2", prompt: "waves" }, { headers: { "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` } });
    expect(await ended(id, payer.apiKey)).toMatchObject({ status: "failed", error: { code, message: expect.stringMatching(/\S/) } });
  }
  expect((await charged(payer.userId, 2)).map(([, nano]) => nano)).toEqual(["0", "0"]);
});

test("M08: a film whose file is gone at the vendor costs nothing", async () => {
  const payer = await gateway.newCaller("10");
  const { id } = await clientOf(payer.apiKey).videos.create({ model: "sora-2", prompt: "waves" }, { headers: { "x-sandbox-fault": "lost-result;queue-ms=20;run-ms=40" } });
  expect(await ended(id, payer.apiKey)).toMatchObject({ status: "failed" });
  expect((await charged(payer.userId))[0]?.[1]).toBe("0");
}, 40_000);

test("bad input: OpenAI's errors, nothing sent, nothing held", async () => {
  gateway.sandbox.reset();
  const create = (body: object, key = caller.apiKey): Promise<string> => refusal(clientOf(key).post("/videos", { body }));
  expect(await create({ model: "sora-2" })).toBe("400 invalid_request prompt");
  expect(await create({ model: "sora-2", prompt: "x", seconds: "5" })).toBe("400 invalid_request duration");
  expect(await create({ model: "sora-2", prompt: "x", size: "1024x1792" })).toBe("400 invalid_request size");
  expect(await create({ model: "sora-2", prompt: "x", seconds: "4", duration: 8 })).toBe("400 invalid_request seconds");
  expect(await create({ model: "sora-2", prompt: "x", seconds: "many" })).toBe("400 invalid_request seconds");
  expect(await create({ model: "sora-2", prompt: "x", n: 4 })).toBe("400 invalid_request n");
  expect(await create({ model: "sora-2", prompt: "x", metadata: { model: "sora-2-pro" } })).toBe("400 invalid_request metadata.model");
  expect(await create({ model: "sora-2", prompt: "x", metadata: { seconds: "40" } })).toBe("400 invalid_request duration");
  expect(await create({ model: "sora-2", prompt: "x", metadata: { num_frames: 400 } })).toBe("400 invalid_request num_frames");
  expect(await create({ model: "sora-2", prompt: "x", input_reference: { image_url: "file:///etc/passwd" } })).toBe("400 invalid_request input_reference");
  expect(await create({ model: "gpt-5", prompt: "x" })).toBe("404 model_not_found model");
  expect(await create({ model: "kling-v1-image", prompt: "x" })).toBe("404 model_not_found model");
  expect(await create({ model: "sora-2", prompt: "x" }, pauper.apiKey)).toBe("402 insufficient_user_quota");
  expect(await create({ model: "sora-2", prompt: "x" }, "sk-nonsense")).toBe("401 invalid_api_key");
  expect(await refusal(client.videos.create({ model: "sora-2", prompt: "x", input_reference: await toFile(Buffer.from("hello"), "a.png", { type: "image/png" }) }))).toBe("400 invalid_request input_reference");
  expect(await refusal(client.videos.list({ limit: 200 }).then())).toBe("400 invalid_request limit");
  expect(gateway.seen()).toEqual([]);
});

test("K26: a model that its vendor closed is answered by us, and nobody is asked", async () => {
  gateway.sandbox.reset();
  const { status, json } = await call("POST", "/v1/videos", { model: "sora-2-pro", prompt: "x" });
  expect([status, json["error"].code, json["error"].message]).toEqual([404, "model_not_found", expect.stringContaining("retired by its vendor on 2026-09-24")]);
  expect(gateway.seen()).toEqual([]);
});

describe("/v1/video/generations", () => {
  test("accepted as a video, fetched as a generic task; a form does as well", async () => {
    const payer = await gateway.newCaller("10");
    const made = await call("POST", "/v1/video/generations", { model: "kling-v1-6", prompt: "a stone", duration: 5, metadata: { cfg_scale: 0.4, negative_prompt: "rain" } }, payer.apiKey);
    expect(made).toMatchObject({ status: 200, json: { object: "video", model: "kling-v1-6", status: "queued", progress: 0, created_at: expect.any(Number), seconds: "5" } });
    const id = made.json["task_id"] as string;
    expect(made.json["id"]).toBe(id);
    const { json } = await call("GET", `/v1/video/generations/${id}?wait=30`, undefined, payer.apiKey);
    const url: unknown = expect.stringContaining("/assets/");
    expect(json).toMatchObject({ code: "success", message: "", data: { task_id: id, action: "generate", status: "SUCCESS", fail_reason: "", progress: "100%", url, format: "mp4", data: { object: "video", status: "completed" } } });
    expect(json["data"].finish_time).toBeGreaterThan(1.7e9);
    const form = new FormData();
    for (const [name, value] of Object.entries({ model: "ray-2", prompt: "a stone", seconds: "5", metadata: '{"resolution": "540p"}' })) form.append(name, value);
    form.append("images[]", new Blob([new Uint8Array(await picture({ width: 300, height: 300, format: "png", seed: "a" }))], { type: "image/png" }), "a.png");
    const posted = await fetch(`${gateway.url}/v1/video/generations`, { method: "POST", headers: { authorization: `Bearer ${payer.apiKey}` }, body: form });
    const { task_id: other } = (await posted.json()) as { task_id: string };
    await call("GET", `/v1/video/generations/${other}?wait=30`, undefined, payer.apiKey);
    expect(await charged(payer.userId, 2)).toEqual([["kling-v1-6", "280000000"], ["ray-2", "398131200"]]);
  });

  test("its own errors", async () => {
    const refused = async (body: object, key?: string) => call("POST", "/v1/video/generations", body, key);
    expect(await refused({ model: "ray-2" })).toMatchObject({ status: 400, json: { code: "invalid_request", message: expect.stringContaining("prompt"), data: null } });
    expect(await refused({ prompt: "x" })).toMatchObject({ status: 400, json: { code: "invalid_request", data: null } });
    expect(await refused({ model: "ray-2", prompt: "x", duration: 4_000 })).toMatchObject({ status: 400 });
    expect(await refused({ model: "ray-2", prompt: "x", metadata: { duration: 40 } })).toMatchObject({ status: 400 });
    expect(await refused({ model: "ray-2", prompt: "x" }, pauper.apiKey)).toMatchObject({ status: 402, json: { code: "insufficient_user_quota", data: null } });
    const mine = await call("POST", "/v1/video/generations", { model: "ray-2", prompt: "x stone" });
    for (const [id, key] of [["nothing", caller.apiKey], [mine.json["id"], stranger.apiKey]]) expect(await call("GET", `/v1/video/generations/${id}`, undefined, key as string)).toMatchObject({ status: 404, json: { code: "task_not_exist", message: "Task not found", data: null } });
    await call("GET", `/task/${mine.json["id"]}?wait=30`);
  });
});

test("I6: after all of it nothing is held and the books are even", async () => {
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});

test("a model that has not the sides that were asked for says in the end which it made", async () => {
  const { data: video } = await client.videos.create({ model: "kling-v1-6" as never, prompt: "waves", seconds: "5" as never, size: "1920x1920" as never }, quick).withResponse();
  const { size } = await ended(video.id);
  const { outputs } = await gateway.db.selectFrom("tasks").select("outputs").where("id", "=", video.id).executeTakeFirstOrThrow();
  const [made] = outputs as { width: number; height: number }[];
  expect<unknown>([video.size, size]).toEqual(["1920x1920", `${made?.width}x${made?.height}`]);
  expect(size as string).not.toBe("1920x1920");
});
