import { expect, test } from "bun:test";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway();
const caller = await gateway.newCaller("1000");
const LINK = "https://example.com/stone.jpg";

/** Any answer: the test looks into it, and fails where it is another. */
// eslint-disable-next-line typescript/no-explicit-any -- as above
type Json = Record<string, any>;

async function call(method: string, path: string, body?: object): Promise<Json> {
  const answer = await fetch(`${gateway.url}${path}`, { method, headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json", "x-sandbox-fault": "queue-ms=20;run-ms=40" }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return (await answer.json()) as Json;
}

/** Doors whose answers hold addresses; fal's own output is left as it is, as documented. */
const DOORS: readonly [name: string, submit: string, body: object, idOf: (json: Json) => string, fetched: (id: string) => string][] = [
  ["suno", "/suno/submit/music", { gpt_description_prompt: "a song of stones" }, (json) => json["data"], (id) => `/suno/fetch/${id}?`],
  ["mj", "/mj/submit/imagine", { prompt: "a stone" }, (json) => json["result"], (id) => `/mj/task/${id}/fetch?`],
  ["mj film", "/mj/submit/video", { motion: "low", image: LINK }, (json) => json["result"], (id) => `/mj/task/${id}/fetch?`],
  ["kling", "/kling/v1/videos/text2video", { prompt: "a stone", watermark_info: { enabled: true } }, (json) => json["data"].task_id, (id) => `/kling/v1/videos/text2video/${id}?`],
  ["kling pictures", "/kling/v1/images/generations", { prompt: "a stone", n: 2 }, (json) => json["data"].task_id, (id) => `/kling/v1/images/generations/${id}?`],
  ["runway", "/runwayml/v1/image_to_video", { model: "gen4_turbo", promptImage: LINK, ratio: "1280:720", duration: 5 }, (json) => json["id"], (id) => `/runwayml/v1/tasks/${id}?`],
  ["luma", "/luma/generations", { user_prompt: "a stone by a river", model_name: "ray-v2" }, (json) => json["id"], (id) => `/luma/generations/${id}?`],
  ["pika", "/pika/generate", { promptText: "a stone", model: "2.0" }, (json) => json["id"], (id) => `/pika/feed/${id}?`],
  ["hailuo", "/minimax/v1/video_generation", { model: "MiniMax-Hailuo-02", prompt: "a stone" }, (json) => json["task_id"], (id) => `/minimax/v1/query/video_generation?task_id=${id}&`],
  ["seedance", "/seedance/v3/contents/generations/tasks", { model: "doubao-seedance-1-0-pro-250528", content: [{ type: "text", text: "a stone" }], return_last_frame: true }, (json) => json["id"], (id) => `/seedance/v3/contents/generations/tasks/${id}?`],
  ["replicate", "/replicate/v1/models/black-forest-labs/flux-kontext-pro/predictions", { input: { prompt: "a stone" } }, (json) => json["id"], (id) => `/replicate/v1/predictions/${id}?`],
  ["veo", "/veo/v1/videos/generations", { model: "veo3", prompt: "a stone" }, (json) => json["task_id"], (id) => `/veo/v1/videos/generations/${id}?`],
  ["videos", "/v1/videos", { model: "ray-2", prompt: "a stone" }, (json) => json["id"], (id) => `/v1/videos/${id}?`],
  ["video generations", "/v1/video/generations", { model: "kling-2.5-turbo", prompt: "a stone" }, (json) => json["id"], (id) => `/v1/video/generations/${id}?`],
];

/** Every address in an answer. */
const addressesIn = (value: unknown): string[] => (typeof value === "string" ? (/^https?:\/\//.test(value) ? [value] : []) : typeof value === "object" && value !== null ? Object.values(value).flatMap(addressesIn) : []);

test.each(DOORS)("%s: what has been copied is shown at our address alone: films, covers, last frames, marked copies", async (_, submit, body, idOf, fetched) => {
  const id = idOf(await call("POST", submit, body));
  const own = await call("GET", `${fetched(id)}wait=20`);
  const unified = await call("GET", `/task/${id}?wait=20`);
  expect(unified["status"], JSON.stringify(own)).toBe("SUCCESS");
  const addresses = [...addressesIn(own), ...addressesIn(unified)].filter((url) => !url.includes(`/predictions/${id}`) && !url.includes(`/${id}/stream/`));
  expect(addresses.length).toBeGreaterThan(1);
  expect(addresses.filter((url) => url !== LINK && !url.includes("/assets/"))).toEqual([]);
});
