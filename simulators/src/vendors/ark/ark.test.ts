import { afterAll, beforeEach, expect, test } from "bun:test";
import { startSandbox } from "../../server.ts";
import { HAS_FFPROBE, probe } from "../../testing/probe.ts";

let now = Date.UTC(2026, 0, 1);
const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => now });
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

interface Task {
  id: string;
  status: string;
  content?: { video_url: string; last_frame_url?: string };
  usage?: { completion_tokens: number };
  error?: { code: string; param?: string } | null;
  resolution: string;
  ratio: string;
  duration: number;
  seed: number;
  total?: number;
  items?: Task[];
}

async function ask(path: string, body?: object, method = body ? "POST" : "GET", headers: Record<string, string> = {}): Promise<Task & { http: number }> {
  const answer = await fetch(`${sandbox.url}/doubao/api/v3${path}`, { method, headers: { authorization: "Bearer key-123456", ...headers }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { http: answer.status, ...((await answer.json()) as Task) };
}
const TASKS = "/contents/generations/tasks";
const PRO = "doubao-seedance-1-0-pro-250528";
const text = (words: string): object => ({ type: "text", text: words });
const image = (role?: string): object => ({ type: "image_url", image_url: { url: "https://example.com/a.png" }, ...(role ? { role } : {}) });
async function made(body: object): Promise<Task> {
  const { id } = await ask(TASKS, body);
  now += 4_000;
  return ask(`${TASKS}/${id}`);
}

test("a film in its sides, its last frame, and its tokens: one frame more than its seconds need", async () => {
  const film = await made({ model: "doubao-seedance-1-5-pro-251215", content: [text("waves")], ratio: "16:9", resolution: "720p", duration: 5, return_last_frame: true });
  expect(film).toMatchObject({ status: "succeeded", usage: { completion_tokens: 108_900, total_tokens: 108_900 }, framespersecond: 24, service_tier: "default", generate_audio: true, error: null });
  const bytes = await (await fetch(film.content?.video_url ?? "")).bytes();
  if (HAS_FFPROBE) expect(probe(bytes)).toMatchObject({ codec: "h264", width: 1280, height: 720, duration: 5 });
  expect(await new Bun.Image(await (await fetch(film.content?.last_frame_url ?? "")).bytes()).metadata()).toMatchObject({ width: 1280, height: 720 });
  // addresses live a day
  now += 86_401_000;
  expect((await fetch(film.content?.video_url ?? "")).status).toBe(403);
});

test("flags in the prompt count for older models, less than the body, and not for the newest", async () => {
  expect(await made({ model: PRO, content: [text("waves --rs 480p --ratio 9:16 --dur 3 --seed 7")], ratio: "1:1" })).toMatchObject({ resolution: "480p", ratio: "1:1", duration: 3, seed: 7 });
  expect(await made({ model: "doubao-seedance-2-0-260128", content: [text("waves --dur 3 --rs 480p")] })).toMatchObject({ resolution: "720p", duration: 5 });
});

test("what is refused, in which member", async () => {
  const film = { model: PRO, content: [text("x")] };
  const wrong: [object, string][] = [
    [{ ...film, model: "" }, "400 MissingParameter model"],
    [{ ...film, model: "doubao-seedance-9" }, "404 InvalidEndpointOrModel.NotFound "],
    [{ ...film, content: [] }, "400 MissingParameter content"],
    [{ ...film, duration: 13 }, "400 InvalidParameter duration"],
    [{ ...film, resolution: "2k" }, "400 InvalidParameter resolution"],
    [{ ...film, ratio: "2:1" }, "400 InvalidParameter ratio"],
    [{ ...film, seed: -2 }, "400 InvalidParameter seed"],
    [{ ...film, service_tier: "fast" }, "400 InvalidParameter service_tier"],
    [{ ...film, execution_expires_after: 60 }, "400 InvalidParameter execution_expires_after"],
    [{ ...film, generate_audio: true }, "400 InvalidParameter generate_audio"],
    [{ ...film, content: [text("x"), image("last_frame")] }, "400 InvalidParameter content"],
    [{ ...film, content: [text("x"), image("reference_image")] }, "400 InvalidParameter content[0].role"],
    [{ ...film, content: [{ type: "image_url", image_url: {} }] }, "400 MissingParameter content[0].image_url.url"],
    [{ model: "doubao-seedance-1-0-lite-i2v-250428", content: [text("x")] }, "400 InvalidParameter content"],
    [{ model: "doubao-seedance-1-0-lite-t2v-250428", content: [text("x"), image()] }, "400 InvalidParameter content[0].role"],
  ];
  for (const [body, outcome] of wrong) {
    const { http, error } = await ask(TASKS, body);
    expect([body, `${http} ${error?.code} ${error?.param}`]).toEqual([body, outcome]);
  }
  expect(sandbox.tasks()).toEqual([]);
});

test("listed by state, model and id, page by page; deleted records are gone, but stay in the books", async () => {
  const film = { model: PRO, content: [text("x")] };
  const ids: string[] = [];
  for (const fault of ["", "fail", "never-ends"]) ids.push((await ask(TASKS, film, "POST", fault === "" ? {} : { "x-sandbox-fault": fault })).id);
  now += 4_000;
  const listed = async (query: string): Promise<(string | number | undefined)[]> => {
    const { total, items } = await ask(`${TASKS}?${query}`);
    return [total, ...(items ?? []).map((one) => one.id)];
  };
  const [fine = "", failed = "", running = ""] = ids;
  expect(await listed("")).toEqual([3, running, failed, fine]);
  expect(await listed("page_num=2&page_size=2")).toEqual([3, fine]);
  expect(await listed("filter.status=failed")).toEqual([1, failed]);
  expect(await listed(`filter.task_ids=${fine}&filter.task_ids=${running}&filter.model=${PRO}`)).toEqual([2, running, fine]);
  expect((await ask(`${TASKS}?page_size=501`)).http).toBe(400);
  expect((await ask(`${TASKS}/${fine}`, undefined, "DELETE")).http).toBe(200);
  expect((await ask(`${TASKS}/${fine}`)).http).toBe(404);
  expect(await listed("")).toEqual([2, running, failed]);
  expect(sandbox.tasks()).toHaveLength(3);
});

test("what takes longer than it may is expired", async () => {
  const { id } = await ask(TASKS, { model: PRO, content: [text("x")], execution_expires_after: 3_600 }, "POST", { "x-sandbox-fault": "never-ends" });
  now += 3_600_000;
  expect(await ask(`${TASKS}/${id}`)).toMatchObject({ http: 200, status: "expired" });
});

test("Seedream as a stream: one event for each picture, the last one refused; then what is billed", async () => {
  const body = { model: "doubao-seedream-4-0-250828", prompt: "3 pictures of a stone", size: "1K", sequential_image_generation: "auto", stream: true };
  const answer = await fetch(`${sandbox.url}/doubao/api/v3/images/generations`, { method: "POST", headers: { authorization: "Bearer key-123456", "x-sandbox-fault": "partial" }, body: JSON.stringify(body) });
  const events = (await answer.text()).split("\n\n").filter(Boolean).map((event) => event.split("data: ")[1] ?? "");
  expect(events.pop()).toBe("[DONE]");
  const told = events.map((event) => JSON.parse(event) as { type: string; url?: string; error?: { code: string }; usage?: object });
  expect(told.map((event) => event.type.replace("image_generation.", ""))).toEqual(["partial_succeeded", "partial_succeeded", "partial_failed", "completed"]);
  expect((await fetch(told[1]?.url ?? "")).headers.get("content-type")).toBe("image/jpeg");
  expect(told[2]).toMatchObject({ image_index: 2, error: { code: "OutputImageSensitiveContentDetected" } });
  expect(told[3]?.usage).toEqual({ generated_images: 2, output_tokens: 8_192, total_tokens: 8_192 });
});
