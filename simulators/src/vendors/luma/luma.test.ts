import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { createLuma } from "@ai-sdk/luma";
import LumaAI from "lumaai";
import { startSandbox } from "../../server.ts";
import { HAS_FFPROBE, probe } from "../../testing/probe.ts";
import { receiver } from "../../testing/receiver.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

const client = (authToken = "luma-sandbox"): LumaAI => new LumaAI({ authToken, baseURL: `${sandbox.url}/luma/dream-machine/v1`, maxRetries: 0 });
const luma = client();
const refusal = (call: PromiseLike<unknown>): Promise<unknown> => Promise.resolve(call).then(() => "taken", (error: unknown) => (error instanceof LumaAI.APIError ? [error.status, error.error] : error));

async function ended(id: string | undefined): Promise<{ last: LumaAI.Generation; states: string[] }> {
  const states: string[] = [];
  for (;;) {
    const last = await luma.generations.get(id ?? "");
    if (states.at(-1) !== last.state) states.push(last.state ?? "");
    if (last.state === "completed" || last.state === "failed") return { last, states };
    await Bun.sleep(30);
  }
}

test("a film, then a larger one and one with sound made of it", async () => {
  const made = await luma.generations.video.create({ model: "ray-2", prompt: "waves", aspect_ratio: "21:9", duration: "9s", resolution: "540p" });
  expect(made).toMatchObject({ state: "queued", generation_type: "video", model: "ray-2", assets: null as never, request: { prompt: "waves", generation_type: "video" } });
  const { last, states } = await ended(made.id);
  expect(states).toEqual(["queued", "dreaming", "completed"]);
  const bytes = await (await fetch(last.assets?.video ?? "")).bytes();
  if (HAS_FFPROBE) expect(probe(bytes)).toMatchObject({ width: 1260, height: 540, duration: 9 });
  const upscaled = await luma.generations.upscale(made.id ?? "", { resolution: "1080p" });
  const larger = await (await fetch((await ended(upscaled.id)).last.assets?.video ?? "")).bytes();
  if (HAS_FFPROBE) expect(probe(larger)).toMatchObject({ width: 2520, height: 1080, duration: 9 });
  const sounding = await luma.generations.audio(made.id ?? "", { prompt: "the sea" });
  expect(sounding).toMatchObject({ request: { generation_type: "add_audio" } });
  const { generations } = await luma.generations.list({ limit: 2 });
  expect(generations.map((one) => one.id)).toEqual([sounding.id, upscaled.id]);
});

test("pictures: at once, and by the AI SDK; reframed; credits, concepts, ping", async () => {
  const drawn = await luma.generations.image.create({ model: "photon-1", prompt: "a stone", aspect_ratio: "1:1", format: "png", sync: true });
  expect(await new Bun.Image(await (await fetch(drawn.assets?.image ?? "")).bytes()).metadata()).toMatchObject({ width: 1536, height: 1536, format: "png" });
  const options = { prompt: "a stone", n: 1, size: undefined, aspectRatio: "16:9", seed: undefined, providerOptions: { luma: { pollIntervalMillis: 50 } }, files: undefined, mask: undefined } as const;
  const { images } = await createLuma({ apiKey: "luma-sandbox", baseURL: `${sandbox.url}/luma` }).image("photon-flash-1").doGenerate(options);
  expect(await new Bun.Image(images[0] as Uint8Array).metadata()).toMatchObject({ format: "jpeg" });
  const reframed = await luma.generations.video.reframe({ generation_type: "reframe_video", model: "ray-flash-2", aspect_ratio: "9:16", media: { url: "https://example.com/a.mp4" } });
  expect((await ended(reframed.id)).last.assets?.video).toInclude(".mp4");
  expect(await luma.credits.get()).toEqual({ credit_balance: 250_000 });
  expect([(await luma.generations.concepts.list()).includes("dolly_zoom"), (await luma.ping.check()).message]).toEqual([true, "pong"]);
});

test("callbacks: dreaming, then completed; given up after three tries", async () => {
  const hook = receiver((index) => (index < 2 ? 200 : 500));
  const made = await luma.generations.video.create({ model: "ray-2", prompt: "waves", callback_url: hook.url });
  const messages = await hook.waitFor(2);
  const told = messages.map((one) => JSON.parse(one.text) as LumaAI.Generation);
  expect(told.map((one) => [one.id, one.state])).toEqual([[made.id, "dreaming"], [made.id, "completed"]]);
  expect((await fetch(told[1]?.assets?.video ?? "")).status).toBe(200);
  await luma.generations.video.create({ model: "ray-2", prompt: "[[fault:never-ends;queue-ms=0]]", callback_url: hook.url });
  await hook.waitFor(5);
  await Bun.sleep(100);
  expect(hook.messages).toHaveLength(5);
  await hook.stop();
});

describe("what goes wrong", () => {
  test("bodies are checked; keyframes and parents must be there", async () => {
    expect(await refusal(luma.generations.video.create({ model: "ray-9" as "ray-2", aspect_ratio: "5:1" as "1:1" }))).toMatchObject([422, { detail: [{ loc: ["body", "model"], type: "enum", ctx: { expected: "'ray-2' or 'ray-flash-2'" } }, { loc: ["body", "aspect_ratio"] }] }]);
    expect(await refusal(luma.generations.video.create({ model: "ray-2", keyframes: { frame0: { type: "generation", id: "nobody" } } }))).toMatchObject([404, {}]);
    expect(await refusal(luma.generations.upscale("nobody", {}))).toMatchObject([404, {}]);
    const queued = await luma.generations.video.create({ model: "ray-2", prompt: "waves" });
    expect(await refusal(luma.generations.upscale(queued.id ?? "", {}))).toMatchObject([400, {}]);
    expect(await refusal(client("luma-another").generations.get(queued.id ?? ""))).toMatchObject([404, {}]);
    expect(await refusal(client("x").ping.check())).toMatchObject([401, {}]);
  });

  test("refused at submit and at work, failed, deleted", async () => {
    expect(await refusal(luma.generations.video.create({ model: "ray-2", prompt: "waves [[fault:refuse-submit]]" }))).toMatchObject([400, {}]);
    const forbidden = await luma.generations.video.create({ model: "ray-2", prompt: "a forbidden video" });
    expect((await ended(forbidden.id)).last).toMatchObject({ state: "failed", failure_reason: expect.stringContaining("moderation"), assets: null });
    const made = await luma.generations.video.create({ model: "ray-2", prompt: "waves" });
    await luma.generations.delete(made.id ?? "");
    expect(await refusal(luma.generations.get(made.id ?? ""))).toMatchObject([404, {}]);
    expect(sandbox.tasks().map((task) => task["state"])).toEqual(["refused", "cancelled"]);
  });
});
