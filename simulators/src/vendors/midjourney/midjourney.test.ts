import { afterAll, beforeEach, expect, test } from "bun:test";
import { picture } from "../../kit/media/picture.ts";
import { startSandbox } from "../../server.ts";

let now = Date.UTC(2026, 0, 1);
const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => now });
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());
const PICTURES = await Promise.all(["a", "b"].map(async (seed) => `data:image/png;base64,${Buffer.from(await picture({ width: 64, height: 64, format: "png", seed })).toString("base64")}`));

interface Answer {
  code: number;
  description: string;
  result: string;
  properties: Record<string, unknown>;
}
interface Button {
  customId: string;
  label: string;
  emoji: string;
}
interface Task {
  id: string;
  action: string;
  status: string;
  prompt: string;
  state: string;
  mode: string;
  progress: string;
  imageUrl: string | null;
  imageUrls: { url: string }[] | null;
  videoUrls: { url: string }[] | null;
  buttons: Button[];
  properties: { finalPrompt: string | null };
}

async function ask<T>(path: string, body?: object, secret = "secret-1"): Promise<T> {
  const answer = await fetch(`${sandbox.url}/midjourney${path}`, { method: body ? "POST" : "GET", headers: { "mj-api-secret": secret, "content-type": "application/json" }, ...(body ? { body: JSON.stringify(body) } : {}) });
  const text = await answer.text();
  return (text === "" ? null : JSON.parse(text)) as T;
}
const submit = (path: string, body: object): Promise<Answer> => ask<Answer>(`/mj/submit/${path}`, body);
const fetchTask = (id: string): Promise<Task> => ask<Task>(`/mj/task/${id}/fetch`);
async function done(answer: Answer | Promise<Answer>): Promise<Task> {
  const { result } = await answer;
  now += 3_000;
  return fetchTask(result);
}

test("imagine: a grid with its pictures and buttons, in the shape of --ar; an upscale of it is made once", async () => {
  const grid = await done(submit("imagine", { prompt: "a stone --ar 16:9", state: "mine" }));
  expect(grid).toMatchObject({ action: "IMAGINE", status: "SUCCESS", progress: "100%", state: "mine", mode: "FAST", properties: { finalPrompt: "a stone --ar 16:9" } });
  const sides = async (address = "") => new Bun.Image(await (await fetch(address)).bytes()).metadata();
  expect(await sides(grid.imageUrl ?? "")).toMatchObject({ width: 2720, height: 1536 });
  expect(await sides(grid.imageUrls?.[3]?.url)).toMatchObject({ width: 1360, height: 768 });
  expect(grid.buttons.map((one) => one.label || one.emoji)).toEqual(["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]);
  const upscale = await submit("action", { taskId: grid.id, customId: grid.buttons[1]?.customId });
  expect(upscale.code).toBe(1);
  expect(await submit("simple-change", { content: `${grid.id} U2` })).toMatchObject({ code: 21, result: upscale.result, properties: { status: "SUBMITTED" } });
  const single = await done(upscale);
  expect(single).toMatchObject({ action: "UPSCALE", imageUrls: null });
  expect(await submit("change", { taskId: grid.id, action: "UPSCALE", index: 2 })).toMatchObject({ code: 21, result: single.id, properties: { status: "SUCCESS", imageUrl: single.imageUrl } });
  // variations and rerolls may be made again
  for (const content of [`${grid.id} V1`, `${grid.id} V1`, `${grid.id} R`]) expect(await submit("simple-change", { content })).toMatchObject({ code: 1 });
});

test("a window waits as MODAL until it is confirmed; painting a region anew needs the region", async () => {
  const grid = await done(submit("imagine", { prompt: "a stone" }));
  const single = await done(submit("change", { taskId: grid.id, action: "UPSCALE", index: 1 }));
  const press = (label: string): Promise<Answer> => submit("action", { taskId: single.id, customId: single.buttons.find((one) => one.label === label)?.customId });
  const zoom = await press("Custom Zoom");
  expect(zoom).toMatchObject({ code: 21, description: "Waiting for window confirm", properties: { finalPrompt: "a stone" } });
  now += 60_000;
  expect(await fetchTask(zoom.result)).toMatchObject({ status: "MODAL", action: "CUSTOM_ZOOM" });
  expect(sandbox.tasks()).toHaveLength(2);
  expect(await submit("modal", { taskId: zoom.result, prompt: "a river --zoom 2" })).toMatchObject({ code: 1, result: zoom.result });
  expect(await submit("modal", { taskId: zoom.result })).toMatchObject({ code: 4 });
  expect(await done(zoom)).toMatchObject({ status: "SUCCESS", prompt: "a river --zoom 2" });
  const region = await press("Vary (Region)");
  expect(await submit("modal", { taskId: region.result, prompt: "x" })).toMatchObject({ code: 4 });
  expect(await submit("modal", { taskId: region.result, prompt: "x", maskBase64: PICTURES[0] })).toMatchObject({ code: 1 });
  expect(await press("Favorite")).toMatchObject({ code: 4 });
  expect(await press("Zoom Out 2x")).toMatchObject({ code: 1 });
});

test("describe and shorten answer in text, whose lines are buttons", async () => {
  const seen = await done(submit("describe", { base64: PICTURES[0] }));
  const lines = seen.properties.finalPrompt?.split("\n\n") ?? [];
  expect([seen.action, lines.length, lines[1]?.slice(0, 3)]).toEqual(["DESCRIBE", 4, "2️⃣"]);
  const drawn = await done(submit("action", { taskId: seen.id, customId: seen.buttons[1]?.customId }));
  expect([drawn.action, drawn.prompt]).toEqual(["IMAGINE", lines[1]?.slice(4) ?? ""]);
  const short = await done(submit("shorten", { prompt: "a very long prompt about a stone in a river" }));
  expect([short.properties.finalPrompt?.split("\n\n").length, short.imageUrl, short.buttons.length]).toEqual([5, null, 5]);
});

test("films: as many as asked for, and going on from one of them", async () => {
  const film = await done(submit("video", { prompt: "waves", image: "https://example.com/a.png", motion: "high", batchSize: 2, videoType: "vid_1.1_i2v_720" }));
  expect(film).toMatchObject({ action: "VIDEO", status: "SUCCESS" });
  expect(film.videoUrls).toHaveLength(2);
  expect((await fetch(film.videoUrls?.[1]?.url ?? "")).headers.get("content-type")).toBe("video/mp4");
  expect(await submit("video", { action: "extend", taskId: film.id, index: 1, prompt: "more" })).toMatchObject({ code: 1 });
  expect(await submit("video", { action: "extend", taskId: film.id, index: 2 })).toMatchObject({ code: 4 });
  expect(await submit("video", { action: "extend", taskId: "1", index: 0 })).toMatchObject({ code: 3 });
  for (const wrong of [{}, { prompt: "x", batchSize: 3 }, { prompt: "x", motion: "some" }, { prompt: "x", videoType: "vid_9" }, { image: "file:///etc/passwd" }]) expect(await submit("video", wrong)).toMatchObject({ code: 4 });
});

test("blend, edits, faces, uploads; what is wrong with a submit is said with code 4, what is not there with code 3", async () => {
  expect(await done(submit("blend", { base64Array: PICTURES, dimensions: "PORTRAIT" }))).toMatchObject({ action: "BLEND", status: "SUCCESS" });
  expect(await done(submit("edits", { prompt: "red", image: PICTURES[0] }))).toMatchObject({ action: "EDITS", status: "SUCCESS" });
  expect(await done(ask<Answer>("/mj/insight-face/swap", { sourceBase64: PICTURES[0], targetBase64: PICTURES[1] }))).toMatchObject({ action: "SWAP_FACE", imageUrls: null });
  const uploaded = await ask<{ result: string[] }>("/mj/submit/upload-discord-images", { base64Array: PICTURES });
  expect(await new Bun.Image(await (await fetch(uploaded.result[1] ?? "")).bytes()).metadata()).toMatchObject({ width: 64, format: "png" });
  const wrong: [string, object][] = [
    ["imagine", { prompt: " " }],
    ["imagine", { prompt: "x", base64Array: ["data:image/png;base64,aGVsbG8="] }],
    ["imagine", { prompt: "x", state: "x".repeat(256) }],
    ["imagine", { prompt: "x", botType: "OTHER" }],
    ["blend", { base64Array: [PICTURES[0]] }],
    ["blend", { base64Array: [PICTURES[0], PICTURES[0]] }],
    ["blend", { base64Array: PICTURES, dimensions: "ROUND" }],
    ["describe", {}],
    ["change", { taskId: "1", action: "UPSCALE", index: 5 }],
    ["change", { taskId: "1", action: "TURN", index: 1 }],
    ["simple-change", { content: "1 W2" }],
    ["action", { taskId: "1" }],
  ];
  for (const [path, body] of wrong) expect([path, body, (await submit(path, body)).code]).toEqual([path, body, 4]);
  expect(await submit("change", { taskId: "1", action: "REROLL" })).toMatchObject({ code: 3 });
  expect(await submit("action", { taskId: "1", customId: "MJ::JOB::upsample::1::x" })).toMatchObject({ code: 3 });
  // what has not ended yet cannot be changed
  const running = await submit("imagine", { prompt: "a stone" });
  expect(await submit("simple-change", { content: `${running.result} U1` })).toMatchObject({ code: 4 });
});

test("many at once, the queue, the seed, the mode by the path; a preview while it is made", async () => {
  const first = await submit("imagine", { prompt: "one" });
  const second = await ask<Answer>("/mj-relax/mj/submit/imagine", { prompt: "two" });
  const listed = await ask<Task[]>("/mj/task/list-by-condition", { ids: [first.result, second.result, "1"] });
  expect(listed.map((one) => [one.id, one.mode])).toEqual([[first.result, "FAST"], [second.result, "RELAX"]]);
  expect(await ask<Task[]>("/mj/task/list-by-condition", { ids: [] })).toEqual([]);
  expect(await ask<Task[]>("/mj/task/queue")).toHaveLength(2);
  now += 700;
  const running = await fetchTask(first.result);
  expect(running.progress).toMatch(/^[1-9]\d%$/);
  expect(await new Bun.Image(await (await fetch(running.imageUrl ?? "")).bytes()).metadata()).toMatchObject({ format: "webp" });
  now += 3_000;
  expect(await ask<Answer>(`/mj/task/${first.result}/image-seed`)).toMatchObject({ code: 1, result: expect.stringMatching(/^\d+$/) as string });
  expect(await ask<Task[]>("/mj/task/list", undefined, "secret-2")).toEqual([]);
  expect((await fetch(`${sandbox.url}/midjourney/mj/task/list`)).status).toBe(401);
});
