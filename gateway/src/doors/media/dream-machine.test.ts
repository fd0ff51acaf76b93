import { expect, test } from "bun:test";
import { createLuma } from "@ai-sdk/luma";
import LumaAI from "lumaai";
import { video } from "../../../../simulators/src/kit/media/video.ts";
import { HAS_FFPROBE, probe } from "../../../../simulators/src/testing/probe.ts";
import { testGateway } from "../../testing/gateway.ts";

/** Luma's own clients, with nothing but their base URL changed. */
const gateway = await testGateway();
const caller = await gateway.newCaller("100");
const QUICK = { headers: { "x-sandbox-fault": "queue-ms=20;run-ms=40" } };
const LINK = "https://example.com/bunny.jpg";

const clientOf = (authToken: string, base = "/luma/dream-machine/v1"): LumaAI => new LumaAI({ authToken, baseURL: `${gateway.url}${base}`, maxRetries: 0 });
const luma = clientOf(caller.apiKey);
const refusal = (call: PromiseLike<unknown>): Promise<unknown> => Promise.resolve(call).then(() => "taken", (error: unknown) => (error instanceof LumaAI.APIError ? [error.status, error.error] : error));
const sentLast = (): unknown => JSON.parse(Buffer.from(gateway.seen().findLast(({ path, answer }) => path.includes("/generations/") && answer.status === 201)?.body.base64 ?? "", "base64").toString());
const chargeOf = async (id: string | undefined): Promise<number> => Number((await gateway.db.selectFrom("tasks").select("charge_nano").where("id", "=", id ?? "").executeTakeFirstOrThrow()).charge_nano) / 1e9;

async function ended(client: LumaAI, id: string | undefined): Promise<LumaAI.Generation> {
  for (;;) {
    const last = await client.generations.get(id ?? "");
    if (last.state === "completed" || last.state === "failed") return last;
    await Bun.sleep(40);
  }
}

test.each(["/luma/dream-machine/v1", "/luma"])("lumaai at %s: a film is made, asked for, listed and deleted; what goes on are the caller's words, with what the price assumes", async (base) => {
  const client = clientOf(caller.apiKey, base);
  const made = await client.generations.video.create({ model: "ray-2", prompt: "waves", aspect_ratio: "16:9", resolution: "540p", concepts: [{ key: "orbit_left" }], loop: true }, QUICK);
  expect(made).toMatchObject({ generation_type: "video", model: "ray-2", state: "queued", failure_reason: null as never, assets: null as never, request: { prompt: "waves", generation_type: "video" } });
  const film = await ended(client, made.id);
  expect(film.state).toBe("completed");
  const bytes = await (await fetch(film.assets?.video ?? "")).bytes();
  if (HAS_FFPROBE) expect(probe(bytes)).toMatchObject({ height: 540, duration: 5 });
  expect(film.assets?.video).toStartWith(`${gateway.url}/assets/`);
  expect(sentLast()).toMatchObject({ model: "ray-2", duration: "5s", resolution: "540p", concepts: [{ key: "orbit_left" }], loop: true });
  expect(await chargeOf(film.id)).toBeCloseTo(5 * 12.4416 * 0.0064, 6);
  const { generations, has_more } = await client.generations.list({ limit: 1 });
  expect([generations.map(({ id }) => id), typeof has_more]).toEqual([[film.id], "boolean"]);
  await client.generations.delete(film.id ?? "");
  expect(await refusal(client.generations.get(film.id ?? ""))).toEqual([404, expect.objectContaining({ detail: "Task not found" })]);
  expect((await client.generations.list()).generations.map(({ id }) => id)).not.toContain(film.id);
  expect((await client.ping.check()).message).toBe("pong");
});

test("lumaai: a picture at once; one by the AI SDK, with a picture to go by", async () => {
  const drawn = await luma.generations.image.create({ model: "photon-1", prompt: "a stone", aspect_ratio: "1:1", format: "png", sync: true }, QUICK);
  expect(drawn).toMatchObject({ state: "completed", generation_type: "image" });
  expect(await new Bun.Image(await (await fetch(drawn.assets?.image ?? "")).bytes()).metadata()).toMatchObject({ width: 1536, height: 1536, format: "png" });
  const options = { prompt: "a stone", n: 1, size: undefined, aspectRatio: "16:9", seed: undefined, providerOptions: { luma: { pollIntervalMillis: 50 } }, mask: undefined } as const;
  const model = createLuma({ apiKey: caller.apiKey, baseURL: `${gateway.url}/luma` }).image("photon-flash-1");
  const { images } = await model.doGenerate({ ...options, files: [{ type: "url", url: LINK }] });
  expect(await new Bun.Image(images[0] as Uint8Array).metadata()).toMatchObject({ format: "jpeg" });
  expect(sentLast()).toMatchObject({ model: "photon-flash-1", aspect_ratio: "16:9", image_ref: [{ url: LINK, weight: 0.85 }] });
  await expect(model.doGenerate({ ...options, prompt: "", files: undefined })).rejects.toThrow('"prompt" is missing');
});

test("K08, K15: a film goes on from an earlier one, at the account that made that: the vendor is told its own id", async () => {
  const first = await ended(luma, (await luma.generations.create({ model: "ray-flash-2", prompt: "waves" }, QUICK)).id);
  const next = await luma.generations.create({ model: "ray-flash-2", prompt: "more waves", keyframes: { frame0: { type: "generation", id: first.id ?? "" }, frame1: { type: "image", url: LINK } } }, QUICK);
  expect(await ended(luma, next.id)).toMatchObject({ state: "completed", request: { keyframes: { frame0: { type: "generation", id: first.id ?? "" } } } as never });
  const { vendor_ref } = await gateway.db.selectFrom("tasks").select("vendor_ref").where("id", "=", first.id ?? "").executeTakeFirstOrThrow();
  expect(sentLast()).toMatchObject({ keyframes: { frame0: { type: "generation", id: vendor_ref }, frame1: { type: "image", url: LINK } } });
});

test("K26: Luma refuses every key: what nobody but Luma understands is refused, the rest is made by fal", async () => {
  gateway.sandbox.reset();
  await fetch(`${gateway.sandbox.url}/__sandbox/faults`, { method: "POST", body: JSON.stringify({ vendor: "luma", spec: "status=403" }) });
  const film = await ended(luma, (await luma.generations.create({ model: "ray-2", prompt: "waves", duration: "5s", resolution: "540p", keyframes: { frame0: { type: "image", url: LINK } } }, QUICK)).id);
  expect(film).toMatchObject({ state: "completed", model: "ray-2" });
  expect(gateway.seen().at(-1)?.vendor).toBe("fal");
  // made by fal, so nobody can go on from it
  expect(await refusal(luma.generations.create({ model: "ray-2", prompt: "more", keyframes: { frame0: { type: "generation", id: film.id ?? "" } } }))).toEqual([422, expect.objectContaining({ detail: [expect.objectContaining({ loc: ["body", "keyframes", "frame0"] })] })]);
  gateway.sandbox.reset();
});

test("what is wrong is told in Luma's form, nothing is charged and nobody is asked", async () => {
  gateway.sandbox.reset();
  const other = await gateway.newCaller("1");
  const film = await luma.generations.create({ model: "ray-2", prompt: "waves" }, { headers: { "x-sandbox-fault": "never-ends" } });
  const orders = (): number => gateway.seen().filter(({ path }) => /\/generations\/(?:video|image)$/.test(path)).length;
  for (let i = 0; i < 100 && orders() === 0; i += 1) await Bun.sleep(20);
  const wrong = async (body: object, path: "video" | "image" = "video"): Promise<unknown> => {
    const told = (await refusal(luma.generations[path].create(body as never))) as [number, { detail: { loc: string[] }[] }];
    return [told[0], told[1].detail[0]?.loc.join(".")];
  };
  expect(await wrong({ prompt: "x" })).toEqual([422, "body.model"]);
  expect(await wrong({ model: "ray-2", prompt: 5 })).toEqual([422, "body.prompt"]);
  expect(await wrong({ model: "ray-2", prompt: "waves", aspect_ratio: "5:1" })).toEqual([422, "body.aspect_ratio"]);
  expect(await wrong({ model: "ray-2", prompt: "waves", duration: "7s" })).toEqual([422, "body.duration"]);
  expect(await wrong({ model: "ray-2", prompt: "waves", keyframes: { frame0: { type: "image", url: "http://169.254.169.254/a.jpg" } } })).toEqual([422, expect.stringContaining("body")]);
  expect(await wrong({ model: "ray-2", prompt: "waves", keyframes: { frame0: { type: "generation", id: "nothing" } } })).toEqual([422, "body.keyframes.frame0"]);
  expect(await wrong({ model: "ray-2", prompt: "waves", keyframes: { frame0: { type: "generation", id: film.id } } })).toEqual([422, "body.keyframes.frame0"]);
  expect(await wrong({ model: "photon-1", prompt: "a stone", image_ref: "x" }, "image")).toEqual([422, "body.image_ref"]);
  expect(await refusal(luma.generations.image.create({ model: "dall-e-3" as never, prompt: "a stone" }))).toEqual([404, { detail: expect.stringContaining("dall-e-3") }]);
  expect(await refusal(clientOf(other.apiKey).generations.get(film.id ?? ""))).toEqual([404, { detail: "Task not found" }]);
  expect(await refusal(clientOf("sk-nonsense").generations.get(film.id ?? ""))).toEqual([401, { detail: expect.any(String) }]);
  expect(orders()).toBe(1);
  await luma.generations.delete(film.id ?? "");
  expect((await ended(luma, film.id)).state).toBe("failed");
  const refused = await ended(luma, (await luma.generations.create({ model: "ray-2", prompt: "a forbidden video" }, QUICK)).id);
  expect([refused.state, refused.failure_reason, await chargeOf(refused.id)]).toEqual(["failed", expect.stringContaining("moderation"), 0]);
  expect((await gateway.checkMoney()).wrongBalances).toEqual([]);
});

test("lumaai: every other method of the SDK is served, or says what is closed and what to use instead", async () => {
  const payer = await gateway.newCaller("12.5");
  const client = clientOf(payer.apiKey);
  expect(await client.credits.get()).toEqual({ credit_balance: 1_250 });
  const url = `data:video/mp4;base64,${Buffer.from(video({ width: 320, height: 180, duration: 2, seed: "luma" })).toString("base64")}`;
  const made = await client.generations.video.reframe({ generation_type: "reframe_video", model: "ray-flash-2", media: { url }, aspect_ratio: "9:16", grid_position_x: 10, prompt: "more sky", resized_height: 100 }, QUICK).withResponse();
  expect(made.response.headers.get("x-yescale-dropped")).toBe("resized_height");
  expect(made.data).toMatchObject({ generation_type: "video", model: "ray-flash-2", state: "queued", request: { generation_type: "reframe_video", aspect_ratio: "9:16" } });
  const film = await ended(client, made.data.id);
  expect([film.state, film.assets?.video?.startsWith(`${gateway.url}/assets/`)]).toEqual(["completed", true]);
  const sent = gateway.seen().findLast(({ path, body }) => path.includes("/ray-2-flash/reframe") && body.base64 !== "");
  expect(JSON.parse(Buffer.from(sent?.body.base64 ?? "", "base64").toString())).toEqual({ video_url: url, aspect_ratio: "9:16", prompt: "more sky", grid_position_x: 10 });
  expect(await chargeOf(film.id)).toBeCloseTo(2 * 0.06, 6);
  expect(await client.credits.get()).toEqual({ credit_balance: 1_238 });
  const id = film.id ?? "";
  const calls: [call: () => PromiseLike<unknown>, text: string][] = [
    [() => client.generations.video.modify({ generation_type: "modify_video", model: "ray-2", media: { url: LINK }, mode: "flex_1" }), "gen4_aleph"],
    [() => client.generations.image.reframe({ generation_type: "reframe_image", model: "photon-1", media: { url: LINK }, aspect_ratio: "1:1" }), "/ideogram/v1/ideogram-v3/reframe"],
    [() => client.generations.upscale(id, { resolution: "4k" }), "/fal-ai/topaz/upscale/video"],
    [() => client.generations.audio(id, { prompt: "waves" }), "veo3.1"],
    [() => client.generations.concepts.list(), "prompt"],
  ];
  for (const [call, told] of calls) expect(await refusal(call())).toEqual([410, { detail: expect.stringContaining(told) }]);
  // Of another's generation nothing is told.
  for (const other of [() => luma.generations.upscale(id, {}), () => luma.generations.audio(id, {})]) expect(await refusal(other())).toEqual([404, { detail: "Task not found" }]);
  for (const wrong of [{ aspect_ratio: "5:1" }, { media: { url: "ftp://x" } }, { x_start: 1.5 }, { media: { url: "data:video/mp4;base64,AAAA" } }] as object[])
    expect(await refusal(client.generations.video.reframe({ generation_type: "reframe_video", model: "ray-2", media: { url }, aspect_ratio: "1:1", ...wrong } as never))).toEqual([422, { detail: [expect.objectContaining({ type: "value_error" })] }]);
  expect(await refusal(clientOf((await gateway.newCaller("0")).apiKey).generations.video.reframe({ generation_type: "reframe_video", model: "ray-2", media: { url }, aspect_ratio: "1:1" }))).toEqual([402, expect.anything()]);
});
