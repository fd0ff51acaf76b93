import { describe, expect, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { testGateway } from "../../testing/gateway.ts";
import { finished } from "./at-once.ts";
import { images } from "./images.ts";
import type { MediaCall, MediaTools } from "./family.ts";

/** "DALL-E format": pictures of models that are made as tasks, at OpenAI's own addresses and with its SDK. */
const gateway = await testGateway();
const caller = await gateway.newCaller("100");
const pauper = await gateway.newCaller("0");
const clientOf = (apiKey: string): OpenAI => new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
const client = clientOf(caller.apiKey);
const png = async (seed: string, side = 400) => toFile(await picture({ width: side, height: side, format: "png", seed }), `${seed}.png`, { type: "image/png" });
const LINK = "https://example.com/bunny.jpg";

// eslint-disable-next-line typescript/no-explicit-any -- tests look into any answer
type Json = Record<string, any>;

async function post(path: string, body: object, key = caller.apiKey, fault = ""): Promise<{ status: number; json: Json; headers: Headers }> {
  const answer = await fetch(`${gateway.url}/v1/images/${path}`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` }, body: JSON.stringify(body) });
  return { status: answer.status, json: (await answer.json()) as Json, headers: answer.headers };
}
const charged = async (userId: string, count = 1) => (await gateway.rows(userId, count)).map(({ charge_nano }) => charge_nano);

test.each<[string, object, number, string]>([
  ["fal", { model: "fal-recraft-v3-text-to-image" }, 1, "40000000"],
  ["Replicate", { model: "flux-kontext-pro", size: "1024x1024" }, 1, "40000000"],
  ["fal, since Replicate makes one at a time", { model: "flux-kontext-max", n: 2 }, 2, "160000000"],
  ["Replicate, by its number there", { model: "flux-schnell", n: 3 }, 3, "9000000"],
  ["Imagen 4, whose own vendor closed it", { model: "imagen4", n: 1, size: "1024x1024", quality: "standard" }, 1, "40000000"],
  ["Ideogram", { model: "ideogram-v3-generate", n: 2, rendering_speed: "TURBO" }, 2, "60000000"],
  ["Kling's pictures", { model: "kling-v1-5-image", n: 3, size: "1792x1024" }, 3, "42000000"],
  ["Midjourney", { model: "mj_imagine" }, 1, "70000000"],
  ["Luma", { model: "photon-1" }, 1, "7300000"],
  ["Runway", { model: "gen4_image", size: "1280x720" }, 1, "50000000"],
  ["Gemini by class", { model: "nano-banana-2", size: "2048x2048" }, 1, "120000000"],
  ["Gemini, nothing said", { model: "nano-banana-2" }, 1, "80000000"],
  ["Qwen's pictures", { model: "qwen-image" }, 1, "35000000"],
  ["Grok's pictures", { model: "grok-imagine-image", n: 2, size: "1024x1024" }, 2, "40000000"],
  ["GPT Image", { model: "gpt-image", size: "1536x1024", quality: "low" }, 1, "36000000"],
])("M05: %s: answered with our address, paid for what came", async (_name, body, count, nano) => {
  const payer = await gateway.newCaller("10");
  const { status, json, headers } = await post("generations", { prompt: "a stone", ...body }, payer.apiKey);
  expect(status, JSON.stringify(json)).toBe(200);
  expect(Object.keys(json).toSorted()).toEqual(["created", "data"]);
  expect(json["data"]).toHaveLength(count);
  const file = await fetch(json["data"][0].url as string);
  expect([file.status, file.headers.get("content-type")?.startsWith("image/")]).toEqual([200, true]);
  expect(headers.get("x-task-id")).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers.get("x-request-id")).toMatch(/\S/);
  expect(await charged(payer.userId)).toEqual([nano]);
});

test("M05: more pictures than a source makes at a time are refused: the price was for all of them", async () => {
  const payer = await gateway.newCaller("10");
  for (const model of ["gen4_image", "flux-pro", "fal-recraft-v3-text-to-image"]) expect(await post("generations", { prompt: "a stone", model, n: 2 }, payer.apiKey), model).toMatchObject({ status: 400, json: { error: { param: "n" } } });
  expect(await charged(payer.userId, 0)).toEqual([]);
});

test("the SDK: base64, events, and what could not be said", async () => {
  const { data, response } = await client.images.generate({ model: "photon-1", prompt: "a stone", response_format: "b64_json", quality: "high", size: "1024x1024" }).withResponse();
  expect((await new Bun.Image(Buffer.from(data.data?.[0]?.b64_json ?? "", "base64")).metadata()).width).toBeGreaterThan(0);
  expect(response.headers.get("x-yescale-dropped")).toBe("quality");
  const types: string[] = [];
  for await (const event of await client.images.generate({ model: "flux-kontext-pro", prompt: "a stone", stream: true })) types.push(event.type);
  expect(types).toEqual(["image_generation.completed"]);
});

describe("edits", () => {
  test.each<[string, string, string]>([["flux-kontext-max", "replicate", "80000000"], ["fal-flux-pro-kontext-max", "fal", "80000000"], ["gpt-image", "openai", "70000000"], ["recraftv3", "recraft", "40000000"], ["recraftv2", "recraft", "22000000"], ["qwen-image-edit", "qwen", "45000000"]])("the SDK: a file changed by %s", async (model, vendor, nano) => {
    gateway.sandbox.reset();
    const payer = await gateway.newCaller("10");
    const { data } = await clientOf(payer.apiKey).images.edit({ model, prompt: "add a hat", image: await png("a") });
    expect(data?.[0]?.url).toStartWith(`${gateway.url}/assets/`);
    // The simulator names the account of Qwen's pictures after its house too.
    expect(new Set(gateway.seen().map((seen) => seen.vendor.replace("dashscope", "qwen")))).toEqual(new Set([vendor]));
    expect(await charged(payer.userId)).toEqual([nano]);
  });

  test("Recraft: as a whole or where a black and white mask says; OpenAI's transparent mask is refused, and told why", async () => {
    gateway.sandbox.reset();
    const mask = new Uint8Array(await picture({ width: 400, height: 400, format: "png", seed: "m" }));
    const alpha = new Uint8Array(await picture({ width: 400, height: 400, format: "png", seed: "m", transparent: true }));
    const edit = async (bytes?: Uint8Array<ArrayBuffer>) => client.images.edit({ model: "recraftv3", prompt: "add a hat", image: await png("a"), ...(bytes ? { mask: await toFile(bytes, "m.png", { type: "image/png" }) } : {}) });
    await edit(mask);
    await edit();
    expect(gateway.seen().map(({ path }) => path).filter((path) => path.startsWith("/v1/"))).toEqual(["/v1/images/inpaint", "/v1/images/imageToImage"]);
    expect(await edit(alpha).catch(String)).toContain("black and white");
  });

  test("a mask that the model has no word for is named, and not the picture", async () => {
    const { data, response } = await client.images.edit({ model: "flux-kontext-pro", prompt: "add a hat", image: await png("a"), mask: await png("m") }).withResponse();
    expect([data.data?.length, response.headers.get("x-yescale-dropped")]).toEqual([1, "mask"]);
  });

  test("of addresses in JSON", async () => {
    expect((await post("edits", { model: "flux-kontext-pro", prompt: "add a hat", image: LINK })).json["data"]).toHaveLength(1);
    expect((await post("edits", { model: "flux-kontext-pro", prompt: "add a hat", images: [{ image_url: LINK }] })).json["data"]).toHaveLength(1);
  });
});

test("errors are OpenAI's, nothing is sent and nothing held", async () => {
  gateway.sandbox.reset();
  const refused = async (body: object, path = "generations", key = caller.apiKey) => {
    const { status, json } = await post(path, { model: "flux-kontext-pro", prompt: "x", ...body }, key);
    return `${status} ${json["error"].code} ${json["error"].param}`;
  };
  expect(await refused({ prompt: "" })).toBe("400 invalid_request prompt");
  expect(await refused({ n: 11 })).toBe("400 invalid_request n");
  expect(await refused({ size: "huge" })).toBe("400 invalid_request size");
  expect(await refused({ response_format: "svg" })).toBe("400 invalid_request response_format");
  expect(await refused({ model: "nano-banana-2", n: 4 })).toBe("400 invalid_request n");
  expect(await refused({ model: "kling-v1-5-image", n: 10 })).toBe("400 invalid_request n");
  expect(await refused({}, "edits")).toBe("400 invalid_request image");
  expect(await refused({ model: "photon-1", image: "file:///etc/passwd" }, "edits")).toBe("400 invalid_request image");
  expect(await refused({}, "generations", pauper.apiKey)).toBe("402 insufficient_user_quota null");
  expect(await refused({ model: "kling-v1-6" })).toBe("400 invalid_request model");
  expect(gateway.seen()).toEqual([]);
});

test("strict: what no source can be told is refused by OpenAI's name for it, and nothing is sent; what can be told is made; without it the header names it", async () => {
  gateway.sandbox.reset();
  const strictly = async (body: object): Promise<{ status: number; json: Json; headers: Headers }> => {
    const answer = await fetch(`${gateway.url}/v1/images/generations`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json", "x-yescale-strict": "1", "x-sandbox-fault": "queue-ms=20;run-ms=40" }, body: JSON.stringify({ prompt: "a stone", ...body }) });
    return { status: answer.status, json: (await answer.json()) as Json, headers: answer.headers };
  };
  for (const [model, member, value] of [["photon-1", "quality", "high"], ["kling-v1-5-image", "seed", 7], ["mj_imagine", "output_format", "webp"], ["gen4_image", "negative_prompt", "rain"], ["flux-kontext-pro", "moderation", "low"], ["qwen-image", "output_compression", 50], ["kling-v1-5-image", "size", "1000x300"], ["qwen-image-max", "background", "transparent"]] as const)
    expect([model, member, await strictly({ model, [member]: value })]).toMatchObject([model, member, { status: 400, json: { error: { code: "invalid_request", param: member, message: expect.stringContaining("strict mode") as string } } }]);
  expect(gateway.seen()).toEqual([]);
  // The first source has no word for several pictures, the second has.
  const told = await strictly({ model: "flux-kontext-max", n: 2 });
  expect([told.status, told.json["data"]?.length, told.headers.get("x-yescale-dropped"), new Set(gateway.seen().map(({ vendor }) => vendor))]).toEqual([200, 2, null, new Set(["fal"])]);
  expect((await strictly({ model: "qwen-image", style: "natural" })).json).toMatchObject({ error: { param: "style" } });
  expect((await strictly({ model: "photon-1", size: "1024x1024", n: 1, style: "vivid", quality: "auto", user: "me" })).status).toBe(200);
  const lax = await post("generations", { model: "photon-1", prompt: "a stone", moderation: "low", negative_prompt: "rain", size: "1000x300" });
  expect([lax.status, lax.headers.get("x-yescale-dropped")?.split(", ").toSorted()]).toEqual([200, ["moderation", "negative_prompt", "size"]]);
});

test("a refusal of the content and a failure cost nothing and read as OpenAI's", async () => {
  const payer = await gateway.newCaller("10");
  expect(await post("generations", { model: "photon-1", prompt: "x stone" }, payer.apiKey, "refuse")).toMatchObject({ status: 400, json: { error: { code: "content_policy_violation" } } });
  expect((await post("generations", { model: "kling-v1-5-image", prompt: "x stone" }, payer.apiKey, "fail")).status).toBe(502);
  expect(await charged(payer.userId, 2)).toEqual(["0", "0"]);
});

test("who goes away loses nothing: the task is made, and is paid", async () => {
  const payer = await gateway.newCaller("10");
  const leaving = new AbortController();
  const asked = fetch(`${gateway.url}/v1/images/generations`, { method: "POST", signal: leaving.signal, headers: { authorization: `Bearer ${payer.apiKey}`, "content-type": "application/json", "x-sandbox-fault": "queue-ms=200;run-ms=400" }, body: JSON.stringify({ model: "photon-1", prompt: "a stone" }) }).catch(String);
  const listed = async (): Promise<Json[]> => ((await (await fetch(`${gateway.url}/task`, { headers: { authorization: `Bearer ${payer.apiKey}` } })).json()) as { data: Json[] }).data;
  for (let look = 0; look < 200 && (await listed()).length === 0; look += 1) await Bun.sleep(10);
  leaving.abort();
  await asked;
  const [task] = await listed();
  const done = await fetch(`${gateway.url}/task/${task?.["task_id"]}?wait=30`, { headers: { authorization: `Bearer ${payer.apiKey}` } });
  expect(await done.json()).toMatchObject({ status: "SUCCESS", task_result: { url: expect.stringContaining("/assets/") } });
  expect(await charged(payer.userId)).toEqual(["7300000"]);
});

test("after the time that a caller waits, 504 says which task it is", async () => {
  const open = { id: "task-1", finished_at: null, attempts: [], sources: [], request: {} };
  let waits = 0;
  const tasks = { accept: () => Promise.resolve({ task: open, untold: [] }), waitForEnd: () => Promise.resolve((waits += 1) && open) };
  const call = { headers: {}, json: {}, key: {}, requestId: "r", left: () => false, told: { untold: [] } } as unknown as MediaCall;
  const error = await finished(images, call, { action: "generate", model: "m", request: { withImages: false }, options: {} }, { tasks } as unknown as MediaTools).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(GatewayError);
  expect([(error as GatewayError).kind.status, (error as GatewayError).publicText, waits]).toEqual([504, expect.stringContaining("/task/task-1"), 5]);
});

test("I6: after all of it nothing is held and the books are even", async () => {
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});
