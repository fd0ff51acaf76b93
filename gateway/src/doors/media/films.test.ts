import { describe, expect, test } from "bun:test";
import RunwayML from "@runwayml/sdk";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { testGateway } from "../../testing/gateway.ts";

/** The doors whose clients know a vendor of films: Kling, Runway, Luma, Pika, Hailuo, Seedance. Each from the order to the charge, against the simulators. */
const gateway = await testGateway();
const caller = await gateway.newCaller("100");
const stranger = await gateway.newCaller("100");
const pauper = await gateway.newCaller("0");
const base64 = Buffer.from(await picture({ width: 400, height: 400, format: "png", seed: "films" })).toString("base64");
const uri = `data:image/png;base64,${base64}`;
const LINK = "https://example.com/bunny.jpg";

/** Any answer: tests look into it, and fail where it is another. */
// eslint-disable-next-line typescript/no-explicit-any -- as above
type Json = Record<string, any>;

async function call(method: string, path: string, body?: object, { key = caller.apiKey, fault }: { key?: string; fault?: string } = {}): Promise<{ status: number; json: Json }> {
  const headers = { authorization: `Bearer ${key}`, ...(body ? { "content-type": "application/json" } : {}), ...(fault === undefined ? {} : { "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` }) };
  const answer = await fetch(`${gateway.url}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  const text = await answer.text();
  return { status: answer.status, json: text === "" ? {} : (JSON.parse(text) as Json) };
}

/** What is paid for, of a caller of its own, and nothing else. */
async function charged(path: string, body: object, idOf: (json: Json) => string): Promise<{ id: string; charge: string; model: string }> {
  const payer = await gateway.newCaller("100");
  const made = await call("POST", path, body, { key: payer.apiKey });
  expect(made.status, JSON.stringify(made.json)).toBe(200);
  const id = idOf(made.json);
  const task = await call("GET", `/task/${id}?wait=20`, undefined, { key: payer.apiKey });
  expect(task.json["status"], JSON.stringify(task.json)).toBe("SUCCESS");
  expect(new URL(task.json["task_result"].url).pathname).toStartWith("/assets/");
  const [row] = await gateway.rows(payer.userId, 1);
  return { id, charge: row?.charge_nano ?? "", model: row?.model ?? "" };
}

/** One family's door: how it is asked, where a task is fetched, how its errors read. */
interface Door {
  submit: string;
  body: Json;
  idOf: (json: Json) => string;
  fetch: (id: string) => string;
  /** the state's word in the envelope */
  wordOf: (json: Json) => unknown;
  words: [done: string, failed: string];
  /** member without which a request is refused */
  needed: string;
  /** errors: nothing given, no such task, no money, a key that is none */
  errors: (code: 400 | 404 | 402 | 401) => object;
}

const text = expect.stringMatching(/\S/);
const DOORS: Record<string, Door> = {
  kling: {
    submit: "/kling/v1/videos/text2video", body: { prompt: "a stone", duration: "5" }, idOf: (json) => json["data"].task_id, fetch: (id) => `/kling/v1/videos/text2video/${id}`, wordOf: (json) => json["data"].task_status, words: ["succeed", "failed"], needed: "prompt",
    errors: (status) => ({ code: { 400: 1201, 404: 1203, 402: 1102, 401: 1000 }[status], message: text, request_id: text }),
  },
  runway: {
    submit: "/runwayml/v1/image_to_video", body: { model: "gen4_turbo", promptImage: LINK, promptText: "a stone", ratio: "16:9", duration: 5 }, idOf: (json) => json["id"], fetch: (id) => `/runwayml/v1/tasks/${id}`, wordOf: (json) => json["status"], words: ["SUCCEEDED", "FAILED"], needed: "promptImage",
    errors: () => ({ error: text }),
  },
  luma: { submit: "/luma/generations", body: { user_prompt: "a stone by a river", model_name: "ray-v2" }, idOf: (json) => json["id"], fetch: (id) => `/luma/generations/${id}`, wordOf: (json) => json["state"], words: ["completed", "failed"], needed: "user_prompt", errors: () => ({ detail: text }) },
  pika: { submit: "/pika/generate", body: { promptText: "a stone", model: "2.0" }, idOf: (json) => json["id"], fetch: (id) => `/pika/feed/${id}`, wordOf: (json) => json["videos"][0].status, words: ["finished", "error"], needed: "promptText", errors: () => ({ detail: text }) },
  hailuo: {
    submit: "/minimax/v1/video_generation", body: { model: "MiniMax-Hailuo-02", prompt: "a stone" }, idOf: (json) => json["task_id"], fetch: (id) => `/minimaxi/v1/query/video_generation?task_id=${id}`, wordOf: (json) => json["status"], words: ["Success", "Fail"], needed: "model",
    errors: (status) => ({ base_resp: { status_code: { 400: 2013, 404: 2013, 402: 1008, 401: 1004 }[status], status_msg: text } }),
  },
  seedance: {
    submit: "/seedance/v3/contents/generations/tasks", body: { model: "doubao-seedance-1-0-pro-250528", content: [{ type: "text", text: "a stone --rs 480p --dur 5" }] }, idOf: (json) => json["id"], fetch: (id) => `/seedance/api/v3/contents/generations/tasks/${id}`, wordOf: (json) => json["status"], words: ["succeeded", "failed"], needed: "content",
    errors: (status) => ({ error: { code: { 400: "InvalidParameter", 404: "ResourceNotFound", 402: "AccountOverdueError", 401: "AuthenticationError" }[status], message: text } }),
  },
};

describe.each(Object.entries(DOORS))("%s", (_name, door) => {
  const { submit, body, idOf, wordOf } = door;

  test("K23, V12: made and fetched; to others it is not there, alike for what never was", async () => {
    const made = await call("POST", submit, body);
    expect(made.status, JSON.stringify(made.json)).toBe(200);
    const id = idOf(made.json);
    const done = await call("GET", `${door.fetch(id)}${door.fetch(id).includes("?") ? "&" : "?"}wait=20`);
    expect(wordOf(done.json), JSON.stringify(done.json)).toBe(door.words[0]);
    expect(JSON.stringify(done.json)).toContain("/assets/");
    for (const [path, key] of [[door.fetch(id), stranger.apiKey], [door.fetch("nothing"), caller.apiKey]] as const) {
      const foreign = await call("GET", path, undefined, { key });
      expect([foreign.status, foreign.json]).toMatchObject([404, door.errors(404)]);
    }
  });

  test("bad input, no money, no key: in the family's form, nothing sent, nothing held", async () => {
    gateway.sandbox.reset();
    const { [door.needed]: _, ...lacking } = body;
    const said = async (given: object, key = caller.apiKey) => {
      const { status, json } = await call("POST", submit, given, { key });
      return [status, json];
    };
    expect(await said(lacking)).toMatchObject([400, door.errors(400)]);
    expect(await said(body, pauper.apiKey)).toMatchObject([402, door.errors(402)]);
    expect(await said(body, "sk-nonsense")).toMatchObject([401, door.errors(401)]);
    expect(gateway.seen()).toEqual([]);
  });

  test("a failure is told in the envelope and costs nothing", async () => {
    const failing = await gateway.newCaller("100");
    const made = await call("POST", submit, body, { key: failing.apiKey, fault: "refuse" });
    const path = door.fetch(idOf(made.json));
    const done = await call("GET", `${path}${path.includes("?") ? "&" : "?"}wait=20`, undefined, { key: failing.apiKey });
    expect(wordOf(done.json), JSON.stringify(done.json)).toBe(door.words[1]);
    const [row] = await gateway.rows(failing.userId, 1);
    expect(row?.charge_nano).toBe("0");
  });
});

test.each<[string, string, object, (json: Json) => string, string, string]>([
  ["Kling: seconds by mode", "/kling/v1/videos/text2video", { prompt: "x", model_name: "kling-v1-6", duration: 10, mode: "pro" }, (json) => json["task_id"], "kling-v1-6", "980000000"],
  ["Kling of a picture", "/kling/v1/videos/image2video", { image: base64, image_tail: base64, model_name: "kling-v2-1" }, (json) => json["task_id"], "kling-v2-1", "280000000"],
  ["Kling's pictures", "/kling/v1/images/generations", { prompt: "x", model_name: "kling-v1-5", n: 2, image: uri.replace(/^data:[^,]*,/, "") }, (json) => json["task_id"], "kling-v1-5-image", "56000000"],
  ["virtual try-on", "/kling/v1/images/kolors-virtual-try-on", { human_image: base64, cloth_image: LINK }, (json) => json["task_id"], "kolors-virtual-try-on-v1", "70000000"],
  ["Runway: ten seconds where none are said", "/runwayml/v1/image_to_video", { model: "gen4_turbo", promptImage: uri, promptText: "x" }, (json) => json["id"], "gen4_turbo", "500000000"],
  ["Luma's first model, which it closed", "/luma/generations", { user_prompt: "x stone", model_name: "ray-v1", image_url: LINK, image_end_url: LINK, loop: true }, (json) => json["id"], "ray-1-6", "450000000"],
  ["Runway's films of a text", "/runwayml/v1/text_to_video", { model: "veo3.1_fast", promptText: "x", ratio: "1280:720", duration: 4, audio: false }, (json) => json["id"], "runway_veo3.1_fast", "400000000"],
  ["Runway's pictures", "/runwayml/v1/text_to_image", { model: "gen4_image", promptText: "x", ratio: "1280:720" }, (json) => json["id"], "gen4_image", "50000000"],
  ["Luma of two frames", "/luma/generations", { user_prompt: "x stone", image_url: LINK, image_end_url: LINK, resolution: "540p", loop: false, expand_prompt: true }, (json) => json["id"], "ray-2", "398131200"],
  ["Pika's effect", "/pika/generate", { promptText: "x", pikaffect: "Melt", model: "1.5", image: LINK, options: { frameRate: 24, camera: {}, parameters: { guidanceScale: 12, motion: 1, negativePrompt: "" }, extend: false } }, (json) => json["id"], "pika-1.5", "465000000"],
  ["Pika of a text", "/pika/generate", { promptText: "x", pikaffect: "", model: "1.5", options: { aspectRatio: 1.7777777777777777 } }, (json) => json["id"], "pika-2.0", "200000000"],
  ["Hailuo of a subject", "/minimax/v1/video_generation", { model: "S2V-01", prompt: "x", subject_reference: [{ type: "character", image: [LINK] }] }, (json) => json["task_id"], "S2V-01", "650000000"],
  ["Hailuo by resolution", "/minimaxi/v1/video_generation", { model: "MiniMax-Hailuo-02", prompt: "x", resolution: "1080P", duration: 6, first_frame_image: uri, prompt_optimizer: true }, (json) => json["task_id"], "MiniMax-Hailuo-02", "490000000"],
  // 864 x 480 x 121 frames / 1024 tokens at $2.5 a million, as Ark reports them
  ["Seedance by its tokens, with flags", "/seedance/v3/contents/generations/tasks", { model: "doubao-seedance-1-0-pro-250528", content: [{ type: "text", text: "a stone --rs 480p --dur 5 --rt 16:9 --cf false" }] }, (json) => json["id"], "doubao-seedance-1-0-pro-250528", "122512500"],
])("M05: %s: what is agreed is charged, once", async (_name, path, body, idOf, model, nano) => {
  expect(await charged(path, body, idOf)).toMatchObject({ model, charge: nano });
});

test("Kling: its envelope, times in milliseconds, the caller's own name, ids and addresses ours; another kind's address knows nothing of it", async () => {
  const made = await call("POST", "/kling/v1/videos/text2video", { prompt: "a stone", external_task_id: "mine-1" });
  const id = String(made.json["task_id"]);
  expect(id).toMatch(/^\d+$/);
  expect(made.json).toMatchObject({ code: 0, message: "SUCCEED", request_id: text, data: { task_id: id, task_status: "submitted", task_info: { external_task_id: "mine-1" }, created_at: expect.any(Number), updated_at: expect.any(Number) } });
  const { json } = await call("GET", `/kling/v1/videos/text2video/${id}?wait=20`);
  expect(json["data"].task_result.videos).toEqual([{ id: `${id}0`, url: expect.stringContaining("/assets/"), duration: "5.1" }]);
  expect(json["data"].created_at).toBeGreaterThan(1.6e12);
  expect((await call("GET", `/kling/v1/videos/image2video/${id}`)).json["code"]).toBe(1203);
});

test("Kling: what its own words cannot mean is refused by name", async () => {
  const refused = async (path: string, body: object) => (await call("POST", `/kling/v1/${path}`, body)).json;
  for (const [path, body, param] of [
    ["videos/text2video", { prompt: "x", duration: "7" }, "duration"], ["videos/text2video", { prompt: "x", cfg_scale: 3 }, "cfg_scale"], ["videos/text2video", { prompt: "x".repeat(2_501) }, "prompt"], ["videos/text2video", { prompt: "x", mode: "fast" }, "mode"],
    ["videos/image2video", {}, "image"], ["videos/image2video", { image: "no picture" }, "image"], ["images/generations", { prompt: "x", n: 10 }, "n"], ["images/kolors-virtual-try-on", { human_image: LINK }, "cloth_image"],
  ] as const) expect(await refused(path, body)).toMatchObject({ code: 1201, message: expect.stringContaining(`"${param}"`) });
  expect(await refused("videos/text2video", { prompt: "x", model_name: "gen4_turbo" })).toMatchObject({ code: 1203 });
});

/** A fault that is the vendor's whoever asks, where the header's would go along to every source. */
const klingFails = (): Promise<Response> => fetch(`${gateway.sandbox.url}/__sandbox/faults`, { method: "POST", body: JSON.stringify({ vendor: "kling", spec: "fail;queue-ms=20;run-ms=40" }) });

test("Kling's films by another source when Kling itself fails: the caller sees Kling's envelope and pays the published price", async () => {
  gateway.sandbox.reset();
  await klingFails();
  const { id, charge } = await charged("/kling/v1/videos/image2video", { image: base64, prompt: "a stone", model_name: "kling-v2-master" }, (json) => json["task_id"]);
  gateway.sandbox.reset();
  expect(charge).toBe("1400000000");
  expect(id).toMatch(/^\d+$/);
});

test("a film that only Kling can make is asked of nobody else", async () => {
  gateway.sandbox.reset();
  await klingFails();
  const made = await call("POST", "/kling/v1/videos/text2video", { prompt: "a stone", model_name: "kling-v2-master", camera_control: { type: "down_back" } });
  const { json } = await call("GET", `/kling/v1/videos/text2video/${made.json["task_id"]}?wait=20`);
  expect(json["data"]).toMatchObject({ task_status: "failed", task_status_msg: text });
  expect(new Set(gateway.seen().map(({ vendor }) => vendor))).toEqual(new Set(["kling"]));
  gateway.sandbox.reset();
});

test("@runwayml/sdk: makes, waits, stops; errors are the SDK's own", async () => {
  const client = new RunwayML({ apiKey: caller.apiKey, baseURL: `${gateway.url}/runwayml`, maxRetries: 0 });
  const { id } = await client.imageToVideo.create({ model: "gen4_turbo", promptImage: LINK, ratio: "1280:720", duration: 2, promptText: "a stone" });
  let task = await client.tasks.retrieve(id);
  for (let look = 0; look < 200 && task.status !== "SUCCEEDED"; look += 1) {
    await Bun.sleep(50);
    task = await client.tasks.retrieve(id);
  }
  expect(task).toMatchObject({ id, status: "SUCCEEDED", output: [expect.stringContaining("/assets/")] });
  await client.tasks.delete(id);
  const refusal = (asked: PromiseLike<unknown>): Promise<unknown> => Promise.resolve(asked).then(() => "taken", (error: unknown) => error);
  expect(await refusal(client.tasks.retrieve(id))).toBeInstanceOf(RunwayML.NotFoundError);
  expect(await refusal(client.imageToVideo.create({ model: "gen9" } as never))).toBeInstanceOf(RunwayML.NotFoundError);
  const long = await client.imageToVideo.create({ model: "gen4_turbo", promptImage: LINK, ratio: "1280:720", duration: 2 }, { headers: { "x-sandbox-fault": "never-ends" } });
  await call("GET", `/task/${long.id}?wait=1`);
  await client.tasks.delete(long.id);
  expect((await call("GET", `/runwayml/v1/tasks/${long.id}?wait=20`)).json["status"]).toBe("CANCELLED");
});

test("Hailuo: the file by its own call, as soon as there is one", async () => {
  const made = await call("POST", "/minimax/v1/video_generation", { model: "MiniMax-Hailuo-02", prompt: "a stone" });
  const id = String(made.json["task_id"]);
  expect((await call("GET", `/minimax/v1/files/retrieve?file_id=${id}`)).status).toBe(404);
  const query = await call("GET", `/minimax/v1/query/video_generation?task_id=${id}&wait=20`);
  expect(query.json).toMatchObject({ task_id: id, status: "Success", file_id: id, video_width: 1366, video_height: 768, base_resp: { status_code: 0, status_msg: "success" } });
  const file = await call("GET", `/minimax/v1/files/retrieve?file_id=${id}`);
  expect(file.json).toMatchObject({ file: { file_id: id, bytes: expect.any(Number), download_url: query.json["download_url"] }, base_resp: { status_code: 0 } });
  expect((await call("GET", "/minimax/v1/query/video_generation")).json).toMatchObject({ base_resp: { status_code: 2013 } });
});

test("Seedance: Ark's own answer with our id and addresses; what waits is stopped, what has ended is hidden", async () => {
  const model = "doubao-seedance-1-0-pro-250528";
  const body = { model, content: [{ type: "text", text: "a stone" }, { type: "image_url", image_url: { url: LINK }, role: "first_frame" }], resolution: "480p", duration: 2, return_last_frame: true };
  const id = String((await call("POST", "/seedance/v3/contents/generations/tasks", body)).json["id"]);
  const { json } = await call("GET", `/seedance/v3/contents/generations/tasks/${id}?wait=20`);
  expect(json).toMatchObject({ id, model, status: "succeeded", error: null, content: { video_url: expect.stringContaining("/assets/"), last_frame_url: expect.stringContaining("/assets/") }, usage: { completion_tokens: expect.any(Number) }, resolution: "480p", duration: 2, framespersecond: 24 });
  expect(json["updated_at"]).toBeLessThan(1e11);
  expect((await call("DELETE", `/seedance/v3/contents/generations/tasks/${id}`)).status).toBe(200);
  expect((await call("GET", `/seedance/v3/contents/generations/tasks/${id}`)).status).toBe(404);
  expect((await call("POST", "/seedance/v3/contents/generations/tasks", { ...body, service_tier: "flex" })).json["error"].message).toContain("service_tier");
  expect((await call("POST", "/seedance/v3/contents/generations/tasks", { ...body, duration: 40 })).json["error"]).toMatchObject({ code: "InvalidParameter", param: "duration" });
});

test("Seedance: flags and body that contradict each other are refused, since the price hangs on them", async () => {
  const refused = async (said: string, more: object = {}) => (await call("POST", "/seedance/v3/contents/generations/tasks", { model: "doubao-seedance-1-0-pro-250528", content: [{ type: "text", text: said }], ...more })).json["error"];
  expect(await refused("a stone --dur 12", { duration: 2 })).toMatchObject({ code: "InvalidParameter", param: "duration" });
  expect(await refused("a stone --rs 480p --resolution 1080p")).toMatchObject({ code: "InvalidParameter", param: "resolution" });
  expect(await refused("a stone --rs 480P", { resolution: "480p", duration: 40 })).toMatchObject({ param: "duration" });
});

test.each(["kling", "luma", "seedance"])("K19: %s: an order whose answer was lost is found at the vendor, and made once", async (name) => {
  const { submit, body, idOf, fetch: path, wordOf, words } = DOORS[name] as Door;
  gateway.sandbox.reset();
  // In the prompt, so that it befalls the order and not the search.
  const made = await call("POST", submit, JSON.parse(JSON.stringify(body).replace("a stone", "a stone [[fault:lost-answer]]")) as object);
  const done = await call("GET", `${path(idOf(made.json))}?wait=30`);
  expect(wordOf(done.json), JSON.stringify(done.json)).toBe(words[0]);
  expect(gateway.sandbox.tasks()).toHaveLength(1);
});

test("M08: a film that is said to be done and is not there costs nothing; M41: of pictures those are paid that came", async () => {
  const payer = await gateway.newCaller("100");
  const lost = await call("POST", "/kling/v1/videos/text2video", { prompt: "a stone" }, { key: payer.apiKey, fault: "lost-result" });
  expect((await call("GET", `/kling/v1/videos/text2video/${lost.json["task_id"]}?wait=20`, undefined, { key: payer.apiKey })).json["data"]).toMatchObject({ task_status: "failed" });
  const some = await call("POST", "/kling/v1/images/generations", { prompt: "a stone", model_name: "kling-v1-5", n: 4 }, { key: payer.apiKey, fault: "partial" });
  const { json } = await call("GET", `/kling/v1/images/generations/${some.json["task_id"]}?wait=20`, undefined, { key: payer.apiKey });
  const came = (json["data"].task_result.images as unknown[]).length;
  expect(came).toBeLessThan(4);
  const rows = await gateway.rows(payer.userId, 2);
  expect(rows.map((row) => row.charge_nano).toSorted()).toEqual(["0", String(14_000_000 * came)]);
});

test("K26: Runway's retired model is not asked, and names what took its place; of Luma's one size is left; Pika says what nobody makes any more", async () => {
  gateway.sandbox.reset();
  const gone = await call("POST", "/runwayml/v1/image_to_video", { model: "gen3a_turbo", promptImage: LINK, promptText: "x", ratio: "9:16", duration: 5, watermark: false });
  expect([gone.status, gone.json["error"]]).toEqual([404, expect.stringContaining('Use "gen4_turbo"')]);
  expect((await call("POST", "/luma/generations", { user_prompt: "a stone", model_name: "ray-v1", resolution: "4k" })).json["detail"]).toContain("resolution");
  expect((await call("POST", "/pika/generate", { promptText: "x", video: LINK })).json["detail"]).toContain('"video"');
  expect((await call("POST", "/pika/generate", { promptText: "x", pikaffect: "Melt" })).json["detail"]).toContain('"image"');
  expect(gateway.seen()).toEqual([]);
});

test("I6: after all of it nothing is held and the books are even", async () => {
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});

test("Kling's queries: by the caller's own name for a task, and the account's tasks by pages, newest first", async () => {
  const owner = await gateway.newCaller("100");
  const at = "/kling/v1/videos/text2video";
  const ask = (path: string, key = owner.apiKey) => call("GET", path, undefined, { key });
  const ids: string[] = [];
  for (const name of ["mine-1", "mine-2", "17342981650927364518290374651827x"]) ids.unshift((await call("POST", at, { prompt: "a stone", external_task_id: name }, { key: owner.apiKey })).json["data"].task_id as string);
  await call("POST", "/kling/v1/images/generations", { prompt: "a stone" }, { key: owner.apiKey });
  expect((await ask(`${at}/mine-2?wait=20`)).json).toMatchObject({ code: 0, data: { task_id: ids[1], task_status: "succeed", task_info: { external_task_id: "mine-2" } } });
  const page = async (query: string): Promise<unknown> => (await ask(`${at}${query}`)).json["data"].map((one: Json) => one["task_id"]);
  expect([await page(""), await page("?pageNum=1&pageSize=2"), await page("?pageNum=2&pageSize=2"), await page("?pageNum=9")]).toEqual([ids, ids.slice(0, 2), ids.slice(2), []]);
  expect((await ask(at, stranger.apiKey)).json["data"]).toEqual([]);
  for (const [path, key] of [[`${at}/mine-2`, stranger.apiKey], [`/kling/v1/videos/image2video/mine-2`, owner.apiKey], [`${at}/mine-3`, owner.apiKey]] as const) expect(await ask(path, key)).toMatchObject({ status: 404, json: { code: 1203 } });
  for (const query of ["?pageNum=0", "?pageSize=501", "?pageSize=x"]) expect(await ask(`${at}${query}`)).toMatchObject({ status: 400, json: { code: 1201 } });
});
