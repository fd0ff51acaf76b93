import { expect, test } from "bun:test";
import type { Model } from "../../catalog/index.ts";
import { loadCatalog } from "../../catalog/shipped.ts";
import { testGateway } from "../../testing/gateway.ts";
import { eventually } from "../../testing/program.ts";

/** Models of fal and Replicate beside the documented ones, at their own doors: those of the catalog, and any to which an operator gives a price. */
const gateway = await testGateway();
const caller = await gateway.newCaller("5000");
const operator = await gateway.newCaller("0", { role: 10 });
const PICTURE = "https://example.com/bunny.jpg";
const FILM = "https://example.com/bunny.mp4";

// eslint-disable-next-line typescript/no-explicit-any -- any answer: the tests look into it, and fail where it is another
type Json = Record<string, any>;

async function call(method: string, path: string, body?: object, key = caller.apiKey): Promise<{ status: number; json: Json }> {
  const answer = await fetch(`${gateway.url}${path}`, { method, headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "x-sandbox-fault": "queue-ms=5;run-ms=10" }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: answer.status, json: (await answer.json()) as Json };
}

/** Dollars that an order at a door of fal's or Replicate's costs, once it is made. */
async function paid(path: string, input: object): Promise<number> {
  const { status, json } = await call("POST", path, path.startsWith("/fal-ai") ? input : { input });
  const id = String(json["task_id"] ?? json["id"]);
  expect([path, status < 300], JSON.stringify(json)).toEqual([path, true]);
  expect([path, (await call("GET", `/task/${id}?wait=30`)).json["status"]]).toEqual([path, "SUCCESS"]);
  const { charge_nano: charge } = await gateway.db.selectFrom("tasks").select("charge_nano").where("id", "=", id).executeTakeFirstOrThrow();
  return Number(charge) / 1e9;
}
const doorOf = ({ vendor, sources }: Model): string => (vendor === "fal" ? `/${sources?.[0]?.model}` : `/replicate/v1/models/${sources?.[0]?.model.split(":")[0]}/predictions`);

test("M32: every one of the catalog is made at its own door, and paid for", async () => {
  const models = loadCatalog().models().filter(({ vendor, sources, retiredAt }) => (vendor === "fal" || vendor === "replicate") && sources?.[0]?.vendor === vendor && !retiredAt && !/reframe|topaz/.test(sources[0].model));
  expect(models.length).toBeGreaterThan(110);
  for (let at = 0; at < models.length; at += 12)
    await Promise.all(models.slice(at, at + 12).map(async (model) => {
      const given = model.modalities.input[0] === "image" ? { image_url: PICTURE, image: PICTURE, start_image: PICTURE } : {};
      expect([model.id, (await paid(doorOf(model), { prompt: "a stone", text: "a stone", ...given })) > 0]).toEqual([model.id, true]);
    }));
}, 120_000);

test.each<[string, object, number]>([
  ["/fal-ai/flux/dev", { prompt: "a stone" }, 0.025],
  ["/fal-ai/flux/dev", { prompt: "a stone", image_size: "landscape_16_9", num_images: 2 }, 0.05],
  // 1536x1024 are begun two megapixels; what the caller says of them does not count.
  ["/fal-ai/flux/dev", { prompt: "a stone", image_size: { width: 1536, height: 1024 }, num_images: 2, megapixels: 0, pixels: 0, size: "1x1" }, 0.1],
  ["/fal-ai/flux/schnell", { prompt: "a stone", image_size: { width: 1024, height: 1024 } }, 0.003],
  // fal's own example: 0.03 for the first megapixel, 0.015 for each more
  ["/fal-ai/flux-2-pro", { prompt: "a stone", image_size: { width: 1920, height: 1080 } }, 0.045],
  ["/fal-ai/ideogram/v3", { prompt: "a stone", rendering_speed: "QUALITY", num_images: 2 }, 0.18],
  ["/fal-ai/kling-video/v2.6/pro/text-to-video", { prompt: "a stone", duration: "5" }, 0.7],
  ["/fal-ai/kling-video/v2.6/pro/text-to-video", { prompt: "a stone", duration: "10", generate_audio: false }, 0.7],
  // No word of fal's: the film has sound.
  ["/fal-ai/kling-video/v2.6/pro/text-to-video", { prompt: "a stone", audio: false }, 0.7],
  ["/fal-ai/veo3.1", { prompt: "a stone", duration: "4s", resolution: "4k" }, 2.4],
  ["/fal-ai/nano-banana-pro", { prompt: "a stone", resolution: "4K", enable_web_search: true }, 0.315],
  ["/fal-ai/elevenlabs/tts/eleven-v3", { text: "Hello you." }, 0.001],
  ["/replicate/v1/models/black-forest-labs/flux-schnell/predictions", { prompt: "a stone", num_outputs: 4 }, 0.012],
  ["/replicate/v1/models/google/veo-3/predictions", { prompt: "a stone", duration: 4, generate_audio: false }, 0.8],
  ["/replicate/v1/models/kwaivgi/kling-v3-video/predictions", { prompt: "a stone", duration: 3, mode: "standard", generate_audio: true }, 0.756],
  ["/replicate/v1/models/bytedance/seedance-2.0/predictions", { prompt: "a stone", resolution: "480p", reference_videos: [FILM] }, 0.5],
  ["/replicate/v1/models/pixverse/pixverse-v6/predictions", { prompt: "a stone", quality: "1080p", generate_audio_switch: true }, 1.15],
  ["/replicate/v1/models/resemble-ai/chatterbox/predictions", { prompt: "Hello you." }, 0.00025],
])("%s %j costs $%d", async (path, input, dollars) => {
  expect(await paid(path, input)).toBeCloseTo(dollars, 9);
});

test("a model without a price is refused, sent nowhere and told how it gets one; once an operator has priced it, its vendor makes it, without a restart", async () => {
  gateway.sandbox.reset();
  const cases = [
    ["/fal-ai/newcomer/v1", { prompt: "a stone" }, "fal-ai/newcomer/v1", { vendor: "fal", kind: "image", prices: { images: "0.02" } }, 0.02],
    ["/replicate/v1/models/somebody/newcomer/predictions", { prompt: "a stone" }, "somebody/newcomer", { vendor: "replicate", kind: "image", prices: { gpuSeconds: "0.001", counts: { gpuSeconds: 10 }, worstCounts: { gpuSeconds: 100 } } }, undefined],
  ] as const;
  for (const [path, input, name, entry, dollars] of cases) {
    const refused = await call("POST", path, path.startsWith("/fal-ai") ? input : { input });
    expect([refused.status, JSON.stringify(refused.json)]).toEqual([404, expect.stringContaining(`\\"${name}\\" has no price here`)]);
    expect(JSON.stringify(refused.json)).toContain("/api/admin/models/");
    expect(gateway.seen()).toEqual([]);
    expect((await call("PUT", `/api/admin/models/${encodeURIComponent(name)}`, entry, operator.accessKey)).status).toBe(200);
    expect(await eventually(async () => (await call("POST", "/task/quote", { model: name, prompt: "a stone" })).status === 200, 2_000)).toBe(true);
    const cost = await paid(path, input);
    if (dollars === undefined) expect(cost > 0 && cost <= 0.1).toBe(true);
    else expect(cost).toBe(dollars);
    gateway.sandbox.reset();
    expect((await call("DELETE", `/api/admin/models/${encodeURIComponent(name)}`, undefined, operator.accessKey)).status).toBe(200);
    expect(await eventually(async () => (await call("POST", "/task/quote", { model: name, prompt: "a stone" })).status === 404, 2_000)).toBe(true);
  }
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
}, 30_000);
