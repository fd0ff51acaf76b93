import { expect, test } from "bun:test";
import { createFalClient } from "@fal-ai/client";
import Replicate from "replicate";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { testGateway } from "../../testing/gateway.ts";

/** Follow-ups that cannot be are refused at the door: nothing is held, nothing is sent. And what clients of fal and Replicate read beside the result. */
const gateway = await testGateway();
const caller = await gateway.newCaller("500");
const other = await gateway.newCaller("500");
const png = Buffer.from(await picture({ width: 320, height: 320, format: "png", seed: "told" }));
const URI = `data:image/png;base64,${png.toString("base64")}`;

// eslint-disable-next-line typescript/no-explicit-any -- any answer: the tests look into it, and fail where it is another
type Json = Record<string, any>;

async function call(method: string, path: string, body?: object, key = caller.apiKey): Promise<{ status: number; json: Json }> {
  const answer = await fetch(`${gateway.url}${path}`, { method, headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "x-sandbox-fault": "queue-ms=5;run-ms=10" }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: answer.status, json: (await answer.json()) as Json };
}
const done = async (id: string, key = caller.apiKey): Promise<Json> => (await call("GET", `/task/${id}?wait=20`, undefined, key)).json;
const submits = (): string[] => gateway.seen().filter(({ path }) => /submit|uploads/.test(path)).map(({ path }) => path);

async function midjourney(path: string, body: object): Promise<Json> {
  return (await call("POST", `/mj/submit/${path}`, body)).json;
}
async function made(path: string, body: object): Promise<string> {
  const { result, code, description } = await midjourney(path, body);
  expect([path, code], String(description)).toEqual([path, 1]);
  expect((await done(String(result)))["status"]).toBe("SUCCESS");
  return String(result);
}

test("K10: a window of Midjourney's is confirmed once, however often that is asked, and only while it waits", async () => {
  const grid = await made("imagine", { prompt: "a stone" });
  const single = await made("change", { taskId: grid, action: "UPSCALE", index: 1 });
  const { buttons } = (await call("GET", `/mj/task/${single}/fetch`)).json;
  const region = String((buttons as Json[]).find(({ customId }) => String(customId).includes("::Inpaint::"))?.["customId"]);
  const window = String((await midjourney("action", { taskId: single, customId: region }))["result"]);
  for (let look = 0; look < 100 && (await call("GET", `/mj/task/${window}/fetch`)).json["status"] !== "MODAL"; look += 1) await Bun.sleep(20);
  const before = submits().length;
  expect(await midjourney("modal", { taskId: window, prompt: "a red stone", maskBase64: "garbage" })).toMatchObject({ code: 4 });
  const answers = await Promise.all(Array.from({ length: 5 }, (_, index) => midjourney("modal", { taskId: window, prompt: `a red stone ${index}`, maskBase64: URI })));
  expect([new Set(answers.map(({ code }) => Number(code))), new Set(answers.map(({ result }) => String(result))).size]).toEqual([new Set([1]), 1]);
  expect((await done(String(answers[0]?.["result"])))["status"]).toBe("SUCCESS");
  expect(await midjourney("modal", { taskId: window, prompt: "again" })).toMatchObject({ code: 1, description: "Task already exists", result: answers[0]?.["result"] });
  expect(submits().length).toBe(before + 1);
  // What waits for nothing, what is no button of that task, no film, no bot, no flag.
  for (const [path, body] of [
    ["modal", { taskId: grid, prompt: "x" }], ["action", { taskId: grid, customId: "MJ::JOB::upsample::9::x" }], ["action", { taskId: grid, customId: region }],
    ["imagine", { prompt: "x", botType: "FOO" }], ["video", { action: "extend", motion: "low", taskId: grid }], ["video", { motion: "low", image: URI, loop: "yes" }],
  ] as const) expect([path, (await midjourney(path, body))["code"]]).toEqual([path, 4]);
  const custom = await call("POST", "/task/submit", { model: "mj_upscale", config: { task_id: grid, custom_id: "MJ::JOB::upsample::9::x" } });
  expect([custom.status, (await call("POST", "/task/submit", { model: "mj_action", prompt: "x", config: { task_id: grid } })).status]).toEqual([400, 400]);
  expect(submits().length).toBe(before + 1);
}, 30_000);

test("a film of Midjourney's is told the class and the number that it is paid for; it goes on as it was", async () => {
  const sent = (): Json => JSON.parse(Buffer.from(gateway.seen().findLast(({ path }) => path.endsWith("/submit/video"))?.body.base64 ?? "", "base64").toString()) as Json;
  await made("video", { motion: "low", image: URI });
  expect(sent()).toMatchObject({ videoType: "vid_1.1_i2v_480", batchSize: 4 });
  const film = await made("video", { motion: "low", image: URI, videoType: "vid_1.1_i2v_720", batchSize: 1 });
  const longer = await made("video", { motion: "low", action: "extend", taskId: film, index: 0 });
  expect(sent()).toMatchObject({ videoType: "vid_1.1_i2v_720", batchSize: 1 });
  const { charge_nano: charge } = await gateway.db.selectFrom("tasks").select("charge_nano").where("id", "=", longer).executeTakeFirstOrThrow();
  expect(charge).toBe("450000000");
});

test("V09: a clip of Suno's is its own account's: another's is not there, by whatever door, and nothing is sent", async () => {
  const song = async (key: string): Promise<{ id: string; clip: string }> => {
    const id = String((await call("POST", "/suno/submit/music", { gpt_description_prompt: "a stone" }, key)).json["data"]);
    await done(id, key);
    return { id, clip: String((await call("GET", `/suno/fetch/${id}`, undefined, key)).json["data"].data[0].id) };
  };
  const [mine, theirs] = [await song(caller.apiKey), await song(other.apiKey)];
  const before = submits().length;
  const goesOn = { prompt: "a stone", continue_at: 3 };
  const refused: [string, object, number][] = [
    ["/suno/submit/music", { ...goesOn, task_id: mine.id, continue_clip_id: theirs.clip }, 404], ["/suno/submit/music", { ...goesOn, task_id: theirs.id, continue_clip_id: theirs.clip }, 404], ["/suno/submit/music", { ...goesOn, task_id: mine.id, continue_clip_id: "nope" }, 404],
    ["/suno/submit/concat", { clip_id: theirs.clip }, 404], ["/suno/submit/concat", { clip_id: theirs.clip, task_id: mine.id }, 404], ["/suno/submit/concat", { clip_id: theirs.clip, task_id: theirs.id }, 404],
    ["/task/submit", { model: "suno_music", prompt: "x", config: { task_id: mine.id, clip_id: theirs.clip } }, 400], ["/task/submit", { model: "suno_concat", config: { clip_id: theirs.clip } }, 400], ["/task/submit", { model: "suno_concat", config: { task_id: mine.id, clip_id: theirs.clip } }, 400],
    ["/task/submit", { model: "suno_music", prompt: "x", config: { clip_id: mine.clip, continue_at: 3 } }, 400],
    ["/suno/submit/music", { ...goesOn, task_id: mine.id, continue_clip_id: mine.clip, continue_at: -1 }, 400], ["/suno/submit/music", { ...goesOn, task_id: mine.id, continue_clip_id: mine.clip, continue_at: 99_999 }, 400],
    ["/suno/submit/music", { prompt: "x", task: "foo" }, 400], ["/suno/submit/music", { prompt: "x", task: "extend" }, 400],
  ];
  for (const [path, body, status] of refused) expect([path, body, (await call("POST", path, body)).status]).toEqual([path, body, status]);
  expect(submits().length).toBe(before);
  // Its own, named or not: told to the account that made it, by the vendor's own id.
  for (const [path, body] of [["/suno/submit/music", { ...goesOn, task: "extend", task_id: mine.id, continue_clip_id: mine.clip }], ["/suno/submit/concat", { clip_id: mine.clip }], ["/suno/submit/concat", { clip_id: mine.clip, task_id: mine.id }]] as const) {
    const { json } = await call("POST", path, body);
    expect([path, (await done(String(json["data"])))["status"]], JSON.stringify(json)).toEqual([path, "SUCCESS"]);
    const sent = Buffer.from(gateway.seen().findLast(({ path: at }) => at.includes("/submit/"))?.body.base64 ?? "", "base64").toString();
    expect(sent).not.toContain(mine.id);
  }
}, 30_000);

test("@fal-ai/client: logs may be read while a job is at work; its addresses keep the app, below which alone it is; what was cancelled says so", async () => {
  const fal = createFalClient({ credentials: caller.apiKey, requestMiddleware: (request) => Promise.resolve({ ...request, url: request.url.replace("https://queue.fal.run", gateway.url) }), retry: { maxRetries: 0 } });
  const lines: string[] = [];
  await fal.subscribe("fal-ai/recraft/v3/text-to-image", { input: { prompt: "a stone" }, headers: { "x-sandbox-fault": "queue-ms=5;run-ms=300" }, logs: true, pollInterval: 50, onQueueUpdate: (update) => void (update.status === "IN_PROGRESS" && update.logs.forEach(({ message }) => lines.push(message))) });
  const { request_id: id, response_url: at } = await fal.queue.submit("fal-ai/flux-pro/kontext/max", { input: { prompt: "a stone", image_url: URI }, headers: { "x-sandbox-fault": "run-ms=5000" } });
  expect(at).toEndWith(`/fal-ai/flux-pro/requests/${id}`);
  await expect(fal.queue.status("fal-ai/topaz/upscale/video", { requestId: id })).rejects.toThrow();
  await fal.queue.cancel("fal-ai/flux-pro/kontext/max", { requestId: id });
  await done(id);
  const { status, json } = await call("GET", `/fal-ai/flux-pro/requests/${id}`);
  expect([status, json["error_type"]]).toEqual([499, "client_cancelled"]);
});

test("replicate: a version alone is its model where the catalog knows it; models are told; a file has its tag; what was stowed away is not shown", async () => {
  const replicate = new Replicate({ auth: caller.apiKey, baseUrl: `${gateway.url}/replicate/v1`, useFileOutput: false });
  const sdxl = "39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b";
  const bodies = (): Json[] => gateway.seen().filter(({ path, vendor }) => vendor === "replicate" && path.endsWith("/predictions")).map(({ path, body }) => ({ path, ...(JSON.parse(Buffer.from(body.base64, "base64").toString()) as Json) }));
  for (const mode of ["poll", "block"] as const) {
    const wait = mode === "poll" ? { mode, interval: 50 } : { mode };
    for (const name of [`stability-ai/sdxl:${sdxl}`, "stability-ai/sdxl"] as const) expect(JSON.stringify(await replicate.run(name, { input: { prompt: "a stone" }, wait }))).toContain("/assets/");
  }
  expect(bodies().slice(-4)).toEqual(Array.from({ length: 4 }, () => expect.objectContaining({ path: expect.stringMatching(/v1\/predictions$/), version: sdxl })));
  expect((await replicate.predictions.create({ version: sdxl, input: { prompt: "a stone" } })).model).toBe("stability-ai/sdxl");
  await expect(replicate.predictions.create({ version: "0".repeat(64), input: { prompt: "a stone" } })).rejects.toThrow("no price here");
  expect(await replicate.models.get("black-forest-labs", "flux-schnell")).toMatchObject({ owner: "black-forest-labs", name: "flux-schnell", url: "https://replicate.com/black-forest-labs/flux-schnell" });
  await expect(replicate.models.get("somebody", "nothing")).rejects.toThrow("404");
  expect(await replicate.files.create(new Blob([new Uint8Array(png)], { type: "image/png" }))).toMatchObject({ etag: expect.stringMatching(/^[0-9a-f]{64}$/), content_type: "image/png" });
  const large = `data:image/png;base64,${Buffer.from(await picture({ width: 900, height: 900, format: "png", seed: "large" })).toString("base64")}`.padEnd(20_000, "A");
  const { id, input } = await replicate.predictions.create({ model: "black-forest-labs/flux-kontext-pro", input: { prompt: "a hill", input_image: large } });
  for (const shown of [input, (await replicate.predictions.get(id)).input]) expect(JSON.stringify(shown)).not.toContain("stowed");
}, 30_000);
