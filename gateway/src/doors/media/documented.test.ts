import { expect, test } from "bun:test";
import { testGateway } from "../../testing/gateway.ts";

/** Every submit and fetch answer, member by member, as the documented gateway's pages have them (for each vendor: as its siblings do). Members of ours beside them are allowed; none may be missing. */
const gateway = await testGateway();
const caller = await gateway.newCaller("1000");
const LINK = "https://example.com/stone.jpg";

/** Any answer: the tests look into it, and fail where it is another. */
// eslint-disable-next-line typescript/no-explicit-any -- as above
type Json = Record<string, any>;

async function call(method: string, path: string, body?: object, fault = ""): Promise<Json> {
  const answer = await fetch(`${gateway.url}${path}`, { method, headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json", "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return (await answer.json()) as Json;
}

const TASK = { task_id: "", status: "SUBMITTED", progress: "10%", submit_time: 1, finish_time: 0, message: "", task_result: {} };
const DONE = { ...TASK, finish_time: 1, status: "SUCCESS", progress: "100%", task_result: { url: "", videos: [{ url: "", content_type: "video/mp4" }] } };
const MJ_TASK = { id: "", action: "IMAGINE", customId: "", botType: "MID_JOURNEY", prompt: "", promptEn: "", description: "", state: "", submitTime: 1, startTime: 1, finishTime: 1, imageUrl: "", status: "SUCCESS", progress: "100%", failReason: "", buttons: [], maskBase64: "", properties: {} };
const KLING = { code: 0, message: "SUCCEED", request_id: "", task_id: "", data: { task_id: "", task_status: "submitted", task_info: {}, created_at: 1, updated_at: 1 } };
const PREDICTION = { id: "", model: "", version: "hidden", input: {}, logs: "", output: null, error: null, status: "starting", created_at: "", urls: { cancel: "", get: "", stream: "" } };
const LUMA = { id: "", prompt: "", state: "pending", created_at: "", video: null, liked: null, estimate_wait_seconds: null };
const SUNO_TASK = { task_id: "", notify_hook: "", action: "MUSIC", status: "SUCCESS", fail_reason: "", submit_time: 1, start_time: 1, finish_time: 1, progress: "100%", data: [{ id: "", title: "", status: "complete", audio_url: "", video_url: "", image_url: "", image_large_url: "", metadata: { tags: "", prompt: "", duration: 1, gpt_description_prompt: "" }, model_name: "", created_at: "" }] };
const FAL = { action: "", data: null, finish_time: 0, message: "YEScale - FalAI Submit", platform: "fal-ai", progress: "10%", status: "SUBMITTED", submit_time: 1, task_id: "" };

const DOORS: readonly [name: string, submit: string, body: object, submitted: object, idOf: (json: Json) => string, fetched: (id: string) => string, done: object][] = [
  ["mj", "/mj/submit/imagine", { prompt: "a stone" }, { code: 1, description: "", properties: {}, result: "" }, (json) => json["result"], (id) => `/mj/task/${id}/fetch?`, MJ_TASK],
  ["mj film", "/mj/submit/video", { motion: "low", image: LINK }, { code: 1, description: "", properties: {}, result: "" }, (json) => json["result"], (id) => `/mj/task/${id}/fetch?`, { ...MJ_TASK, action: "VIDEO", videoUrl: "", videoUrls: [{ url: "" }] }],
  ["kling films", "/kling/v1/videos/text2video", { prompt: "a stone" }, KLING, (json) => json["task_id"], (id) => `/kling/v1/videos/text2video/${id}?`, { ...KLING, task_id: undefined, data: { ...KLING.data, task_status: "succeed", task_result: { videos: [{ id: "", url: "", duration: "" }] } } }],
  ["kling pictures", "/kling/v1/images/generations", { prompt: "a stone" }, KLING, (json) => json["task_id"], (id) => `/kling/v1/images/generations/${id}?`, { ...KLING, task_id: undefined, data: { ...KLING.data, task_status: "succeed", task_result: { images: [{ index: 0, url: "" }] } } }],
  ["replicate", "/replicate/v1/models/black-forest-labs/flux-kontext-pro/predictions", { input: { prompt: "a stone" } }, PREDICTION, (json) => json["id"], (id) => `/replicate/v1/predictions/${id}?`, { ...PREDICTION, status: "succeeded", output: "" }],
  ["runway", "/runwayml/v1/image_to_video", { model: "gen4_turbo", promptImage: LINK, ratio: "1280:720", duration: 5 }, { id: "" }, (json) => json["id"], (id) => `/runwayml/v1/tasks/${id}?`, { id: "", status: "SUCCEEDED", createdAt: "", output: [""] }],
  ["luma", "/luma/generations", { user_prompt: "a stone by a river", model_name: "ray-v2" }, LUMA, (json) => json["id"], (id) => `/luma/generations/${id}?`, { ...LUMA, state: "completed", queue_state: "", batch_id: "", video: { url: "" }, video_raw: { url: "" }, thumbnail: null, last_frame: null }],
  ["pika", "/pika/generate", { promptText: "a stone", model: "2.0" }, { id: "" }, (json) => json["id"], (id) => `/pika/feed/${id}?`, { id: "", promptText: "", videos: [{ id: "", status: "finished", seed: null, resultUrl: "", sharingUrl: "", videoPoster: "", imageThumb: "", duration: 1, error: "", progress: 100 }] }],
  ["veo", "/veo/v1/videos/generations", { model: "veo3", prompt: "a stone" }, TASK, (json) => json["task_id"], (id) => `/veo/v1/videos/generations/${id}?`, DONE],
  ["hailuo", "/minimax/v1/video_generation", { model: "MiniMax-Hailuo-02", prompt: "a stone" }, { task_id: "", base_resp: { status_code: 0, status_msg: "success" } }, (json) => json["task_id"], (id) => `/minimax/v1/query/video_generation?task_id=${id}&`, { task_id: "", status: "Success", file_id: "", download_url: "", base_resp: { status_code: 0, status_msg: "success" } }],
  ["seedance", "/seedance/v3/contents/generations/tasks", { model: "doubao-seedance-1-0-pro-250528", content: [{ type: "text", text: "a stone" }] }, { id: "" }, (json) => json["id"], (id) => `/seedance/v3/contents/generations/tasks/${id}?`, { id: "", model: "", status: "succeeded", content: { video_url: "" }, usage: { completion_tokens: 1, total_tokens: 1 }, error: null, created_at: 1, updated_at: 1 }],
  ["suno", "/suno/submit/music", { gpt_description_prompt: "a song" }, { code: "success", message: "", data: "" }, (json) => json["data"], (id) => `/suno/fetch/${id}?`, { code: "success", message: "", data: SUNO_TASK }],
  ["fal", "/fal-ai/recraft/v3/text-to-image", { prompt: "a stone" }, FAL, (json) => json["task_id"], (id) => `/fal-ai/${id}?`, { ...FAL, status: "SUCCESS", progress: "100%", message: "YEScale - FalAI Fetch", finish_time: 1, data: { images: [{ url: "" }] } }],
  ["unified", "/task/submit", { model: "kling-2.5-turbo", prompt: "a stone" }, { task_id: "", status: "SUBMITTED", progress: "10%", submit_time: 1, message: "" }, (json) => json["task_id"], (id) => `/task/${id}?`, DONE],
  ["video generations", "/v1/video/generations", { model: "kling-2.5-turbo", prompt: "a stone", size: "1280x720" }, { id: "", task_id: "", object: "video", model: "", status: "queued", progress: 0, created_at: 1 }, (json) => json["id"], (id) => `/v1/video/generations/${id}?`, { code: "success", message: "", data: { task_id: "", action: "", status: "SUCCESS", fail_reason: "", submit_time: 1, start_time: 1, finish_time: 1, progress: "100%", data: {}, url: "", format: "" } }],
  ["videos", "/v1/videos", { model: "ray-2", prompt: "a stone" }, { id: "", object: "video", model: "", status: "queued", progress: 0, created_at: 1, seconds: "", size: null, error: null }, (json) => json["id"], (id) => `/v1/videos/${id}?`, { id: "", object: "video", model: "", status: "completed", progress: 100, created_at: 1, completed_at: 1, expires_at: null, seconds: "", size: "", remixed_from_video_id: null, error: null, metadata: { url: "" } }],
];

/** How an answer differs from the documented one: a missing member, or a value of another type; a word or number that is no sample (`""`, 1) must be the same. */
function differences(shown: unknown, documented: unknown, at = ""): string[] {
  if (documented === undefined || documented === null) return shown === undefined && documented === null ? [`${at} is missing`] : [];
  if (shown === undefined) return [`${at} is missing`];
  if (Array.isArray(documented)) return Array.isArray(shown) ? (documented.length === 0 ? [] : differences(shown[0], documented[0], `${at}[0]`)) : [`${at} is no list`];
  if (typeof documented === "object") return typeof shown === "object" && shown !== null ? Object.entries(documented).flatMap(([name, value]) => differences((shown as Json)[name], value, `${at}.${name}`)) : [`${at} is no object`];
  if (typeof shown !== typeof documented) return [`${at} is ${JSON.stringify(shown)}`];
  return documented === "" || documented === 1 || shown === documented ? [] : [`${at} is ${JSON.stringify(shown)}`];
}

test.each(DOORS)("%s: what a submit and a fetch are answered with has every documented member", async (_, path, body, submitted, idOf, fetched, done) => {
  const first = await call("POST", path, body);
  expect(differences(first, submitted), JSON.stringify(first)).toEqual([]);
  const last = await call("GET", `${fetched(idOf(first))}wait=20`);
  expect(differences(last, done), JSON.stringify(last)).toEqual([]);
});

test("Replicate's stream: what a prediction made, or why it made nothing, and that it is over; beside the address with a token only its owner's key opens it", async () => {
  const stream = async (fault = "", key = caller.apiKey): Promise<string> => {
    const { urls, id } = await call("POST", "/replicate/v1/models/black-forest-labs/flux-kontext-pro/predictions", { input: { prompt: "a stone" } }, fault);
    expect(urls["stream"]).toStartWith(`${gateway.url}/v1/files/${id}/stream/`);
    const answer = await fetch(`${gateway.url}/replicate/v1/predictions/${id}/stream`, { headers: { authorization: `Bearer ${key}` } });
    return `${answer.headers.get("content-type")?.split(";")[0]} ${await answer.text()}`;
  };
  expect(await stream()).toMatch(/^text\/event-stream event: output\ndata: http\S+\/assets\/\S+\n\nevent: done\ndata: {}\n\n$/);
  expect(await stream("refuse")).toMatch(/^text\/event-stream event: error\ndata: {"detail":".+"}\n\nevent: done\ndata: {"reason":"error"}\n\n$/);
  expect(await stream("", (await gateway.newCaller("1")).apiKey)).toStartWith("application/json");
});
