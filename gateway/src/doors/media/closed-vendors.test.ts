import { expect, test } from "bun:test";
import { testGateway } from "../../testing/gateway.ts";

/** Doors of vendors that closed, or switched a model off: made by whoever else makes it, or answered by us. */
const gateway = await testGateway();
const caller = await gateway.newCaller("100");
const LINK = "https://example.com/bunny.jpg";

// eslint-disable-next-line typescript/no-explicit-any -- tests look into any answer
type Json = Record<string, any>;

async function call(method: string, path: string, body?: object, key = caller.apiKey): Promise<{ status: number; json: Json }> {
  const answer = await fetch(`${gateway.url}${path}`, { method, headers: { authorization: `Bearer ${key}`, ...(body ? { "content-type": "application/json" } : {}) }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: answer.status, json: (await answer.json()) as Json };
}

test.each<[string, string, string, object, (json: Json) => string, string]>([
  ["Pika has no interface of its own any more", "pika", "/pika/generate", { promptText: "a stone", model: "2.0" }, (json) => json["id"], "fal"],
  ["Luma refuses every key", "luma", "/luma/generations", { user_prompt: "a stone" }, (json) => json["id"], "fal"],
  ["Ark switched Seedance's lite off", "doubao", "/seedance/v3/contents/generations/tasks", { model: "doubao-seedance-1-0-lite-t2v-250428", content: [{ type: "text", text: "a stone --rs 480p --dur 5" }] }, (json) => json["id"], "fal"],
  ["the same of a picture", "doubao", "/seedance/v3/contents/generations/tasks", { model: "doubao-seedance-1-0-lite-i2v-250428", content: [{ type: "text", text: "a stone --rs 480p --dur 5" }, { type: "image_url", image_url: { url: LINK } }] }, (json) => json["id"], "fal"],
  ["Luma closed its first model", "luma", "/luma/generations", { user_prompt: "a stone", model_name: "ray-v1", duration: 5, aspect_ratio: "9:16" }, (json) => json["id"], "replicate"],
  ["the same of two pictures, by its own interface", "luma", "/luma/dream-machine/v1/generations/video", { prompt: "a stone", model: "ray-1-6", keyframes: { frame0: { type: "image", url: LINK }, frame1: { type: "image", url: LINK } } }, (json) => json["id"], "replicate"],
  ["Runway closed Aleph", "runway", "/task/submit", { prompt: "a stone", model: "gen4_aleph", config: { videos: ["https://example.com/film.mp4"], images: [LINK] } }, (json) => json["task_id"], "replicate"],
])("K26: %s: its door goes on through another source", async (_name, vendor, path, body, idOf, by) => {
  await fetch(`${gateway.sandbox.url}/__sandbox/faults`, { method: "POST", body: JSON.stringify({ vendor, spec: "status=403" }) });
  const payer = await gateway.newCaller("100");
  const made = await call("POST", path, body, payer.apiKey);
  const task = await call("GET", `/task/${idOf(made.json)}?wait=20`, undefined, payer.apiKey);
  expect(task.json["status"], JSON.stringify([made.json, task.json])).toBe("SUCCESS");
  expect(gateway.seen().at(-1)?.vendor).toBe(by);
  expect(Number((await gateway.rows(payer.userId, 1))[0]?.charge_nano)).toBeGreaterThan(0);
});

test.each([
  [{ n: 1, size: "1024x1024", quality: "standard" }, [1024, 1024], null],
  [{ size: "1792x1024", quality: "hd", style: "natural" }, [1792, 1024], "quality"],
  [{ size: "1024x1792", style: "vivid" }, [1024, 1792], null],
] as const)("K26: OpenAI closed DALL-E 3: its documented request is made by Replicate (%j), and OpenAI is not asked", async (asked, [width, height], dropped) => {
  gateway.sandbox.reset();
  const payer = await gateway.newCaller("10");
  const answer = await fetch(`${gateway.url}/v1/images/generations`, { method: "POST", headers: { authorization: `Bearer ${payer.apiKey}`, "content-type": "application/json" }, body: JSON.stringify({ model: "dall-e-3", prompt: "a red stone", response_format: "url", ...asked }) });
  const json = (await answer.json()) as Json;
  expect([answer.status, Object.keys(json).toSorted(), answer.headers.get("x-yescale-dropped")], JSON.stringify(json)).toEqual([200, ["created", "data"], dropped]);
  const picture = await (await fetch(json["data"][0].url)).bytes();
  expect(await new Bun.Image(picture).metadata()).toMatchObject({ width, height });
  expect(new Set(gateway.seen().map(({ vendor }) => vendor))).toEqual(new Set(["replicate"]));
  const sent = gateway.seen().find(({ path }) => path.endsWith("/predictions"));
  expect((JSON.parse(Buffer.from(sent?.body.base64 ?? "", "base64").toString()) as Json)["input"]["style"]).toBe("style" in asked && asked.style === "natural" ? "natural" : undefined);
  const [row] = await gateway.rows(payer.userId, 1);
  expect(row).toMatchObject({ model: "dall-e-3", charge_nano: "120000000" });
});

test("K26: what DALL-E 3 cannot do is refused; a closed model that others make stands in the lists, one that nobody makes does not, and says so", async () => {
  const refused = async (body: object): Promise<number> => (await call("POST", "/v1/images/generations", { model: "dall-e-3", prompt: "a red stone", ...body })).status;
  expect([await refused({ n: 2 }), await refused({ image: LINK }), await refused({ prompt: "" })]).toEqual([400, 400, 400]);
  const listed = ((await call("GET", "/v1/models")).json["data"] as Json[]).map(({ id }) => String(id));
  const system = (await call("GET", "/yescale/models", undefined, caller.accessKey)).json["data"] as Json[];
  for (const [id, is] of [["dall-e-3", true], ["ray-1-6", true], ["gen4_aleph", true], ["gen3a_turbo", false], ["dall-e-2", false]] as const) {
    expect([id, listed.includes(id)]).toEqual([id, is]);
    expect([id, system.find((one) => one["model_name"] === id)?.["is_deprecation"]]).toEqual([id, is ? 0 : 1]);
  }
  const gone = await call("POST", "/v1/images/generations", { model: "dall-e-2", prompt: "a red stone" });
  expect([gone.status, gone.json["error"].message]).toEqual([404, expect.stringContaining('Use "gpt-image-1" instead')]);
});

test("K26: SeedEdit is gone at fal: the documented door names what took its place, and nobody is asked", async () => {
  gateway.sandbox.reset();
  const { status, json } = await call("POST", "/fal-ai/bytedance/seededit/v3/edit-image", { prompt: "x", image_url: LINK });
  expect([status, json["error"]]).toEqual([404, expect.stringContaining('Use "doubao-seedream-4-0-250828"')]);
  expect(gateway.seen()).toEqual([]);
});
