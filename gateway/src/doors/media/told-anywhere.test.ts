import { expect, test } from "bun:test";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway((config) => (config.fetchAllow = ["127.0.0.1"]));
const caller = await gateway.newCaller("500");
const png = Buffer.from(await picture({ width: 320, height: 320, format: "png", seed: "told" }));
const uri = `data:image/png;base64,${png.toString("base64")}`;
const NAMES = ["notify_hook", "notifyHook", "callback_url", "webhook"] as const;
const file = new Blob([new Uint8Array(png)], { type: "image/png" });

/** Every address at which something is ordered, with the least that it takes. */
const DOORS: readonly [path: string, body: Record<string, unknown> | "form", form?: Record<string, string | Blob>][] = [
  ["/task/submit", { model: "nano-banana-2", prompt: "a stone", config: { size: "1K" } }],
  ["/fal-ai/recraft/v3/text-to-image", { prompt: "a stone" }],
  ["/replicate/v1/models/black-forest-labs/flux-kontext-pro/predictions", { input: { prompt: "a stone" } }],
  ["/mj/submit/imagine", { prompt: "a stone" }],
  ["/suno/submit/music", { gpt_description_prompt: "a stone" }],
  ["/suno/submit/lyrics", { prompt: "a stone" }],
  ["/kling/v1/videos/text2video", { prompt: "a stone" }],
  ["/runwayml/v1/image_to_video", { model: "gen4_turbo", promptImage: uri, ratio: "1280:720", duration: 5 }],
  ["/luma/generations", { user_prompt: "a stone" }],
  ["/luma/dream-machine/v1/generations/video", { prompt: "a stone", model: "ray-2" }],
  ["/pika/generate", { promptText: "a stone", model: "2.0" }],
  ["/minimax/v1/video_generation", { model: "T2V-01", prompt: "a stone" }],
  ["/seedance/v3/contents/generations/tasks", { model: "doubao-seedance-1-0-pro-250528", content: [{ type: "text", text: "a stone" }] }],
  ["/v1/videos", { model: "kling-v1-6", prompt: "a stone" }],
  ["/v1/video/generations", { model: "kling-v1-6", prompt: "a stone" }],
  ["/veo/v1/videos/generations", { model: "veo3-fast", prompt: "a stone" }],
  ["/v1beta/models/veo-3.1-generate-preview:predictLongRunning", { instances: [{ prompt: "a stone" }] }],
  ["/v1beta/models/imagen-4:predict", { instances: [{ prompt: "a stone" }] }],
  ["/v1/images/generations", { model: "flux-pro", prompt: "a stone" }],
  ["/recraft/v1/images/generations", { prompt: "a stone" }],
  ["/ideogram/v1/ideogram-v3/generate", { prompt: "a stone" }],
  ["/ideogram/v1/ideogram-v3/remix", "form", { prompt: "a stone", image: file }],
  ["/recraft/v1/images/removeBackground", "form", { file }],
];

test.each(DOORS.map((door) => [door[0], door] as const))("%s: the caller's own address of notices is taken by each of its names, and no vendor hears of it", async (path, [, body, form]) => {
  for (const name of NAMES) {
    const address = `http://127.0.0.1:9/${name}${path.replaceAll(/\W/g, "-")}`;
    const data = new FormData();
    for (const [member, value] of Object.entries(form ?? {})) data.append(member, value);
    data.append(name, address);
    const answer = await fetch(`${gateway.url}${path}`, {
      method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, prefer: "wait=20", "x-sandbox-fault": "queue-ms=5;run-ms=10", ...(form ? {} : { "content-type": "application/json" }) },
      body: body === "form" ? data : JSON.stringify({ ...body, [name]: address }),
    });
    const said = await answer.text();
    expect([name, answer.ok, said]).toEqual([name, true, said]);
    const row = await gateway.db.selectFrom("tasks").select(["notify_url", "state", "error_text"]).orderBy("submitted_at", "desc").limit(1).executeTakeFirstOrThrow();
    expect([name, row]).toEqual([name, { notify_url: address, state: "SUCCESS", error_text: null }]);
  }
  expect(gateway.seen().filter((request) => JSON.stringify(request).includes("127.0.0.1:9/")).map(({ path: at }) => at)).toEqual([]);
});

/** Orders whose first source has no word for something that is said, and by which names. Doors that speak their vendor's own words leave nothing out until another makes it (`blocked`: the vendor that refuses then). */
const LEFT_OUT: readonly [path: string, body: Record<string, unknown>, names: readonly string[], blocked?: string][] = [
  ["/task/submit", { model: "photon-1", prompt: "a stone", config: { quality: "high", seed: 7, aspect_ratio: "16:9", brush: "soft" } }, ["config.brush", "config.quality", "config.seed"]],
  ["/task/submit", { model: "kling-v1-6", prompt: "a stone", config: { fps: 60, duration: 5 } }, ["config.fps"]],
  ["/luma/generations", { user_prompt: "a stone", expand_prompt: true, loop: true, mood: "soft" }, ["expand_prompt", "mood"]],
  ["/luma/dream-machine/v1/generations/video", { prompt: "a stone", model: "ray-1-6", resolution: "720p", grain: 3 }, ["grain"]],
  ["/pika/generate", { promptText: "a stone", model: "2.0", options: { frameRate: 24, camera: { zoom: "in" }, seed: 5, parameters: { guidanceScale: 12, negativePrompt: "rain" } } }, ["options.camera.zoom", "options.frameRate", "options.parameters.guidanceScale"]],
  ["/v1/videos", { model: "kling-v1-6", prompt: "a stone", fps: 30, watermark: true, grain: 3 }, ["fps", "grain"]],
  ["/v1/video/generations", { model: "kling-v1-6", prompt: "a stone", metadata: { fps: 30, grain: 3 } }, ["fps", "grain"]],
  ["/veo/v1/videos/generations", { model: "veo3-fast", prompt: "a stone", grain: 3, seed: 7 }, ["grain", "seed"]],
  ["/v1beta/models/kling-v1-6:predictLongRunning", { instances: [{ prompt: "a stone" }], parameters: { personGeneration: "allow_all", seed: 7, aspectRatio: "16:9" } }, ["personGeneration", "seed"]],
  ["/v1beta/models/photon-1:predict", { instances: [{ prompt: "a stone" }], parameters: { negativePrompt: "rain", includeRaiReason: true, outputOptions: { mimeType: "image/png", compressionQuality: 50 } } }, ["includeRaiReason", "negativePrompt", "outputOptions.compressionQuality"]],
  ["/kling/v1/videos/text2video", { model_name: "kling-v2-master", prompt: "a stone", external_task_id: "mine", grain: 3, mode: "pro" }, ["grain", "mode"], "kling"],
  ["/minimax/v1/video_generation", { model: "MiniMax-Hailuo-02", prompt: "a stone", prompt_optimizer: true, aigc_watermark: true, fast_pretreatment: true }, ["aigc_watermark", "fast_pretreatment"], "minimax"],
  ["/seedance/v3/contents/generations/tasks", { model: "doubao-seedance-1-0-pro-250528", content: [{ type: "text", text: "a stone --wm true" }], execution_expires_after: 3_600 }, ["execution_expires_after", "watermark"], "doubao"],
  ["/recraft/v1/images/generations", { prompt: "a stone", grain: 3 }, ["grain"], "recraft"],
];

const asked = (path: string, body: object) => async (headers: Record<string, string> = {}): Promise<{ status: number; left: string[]; text: string }> => {
  const answer = await fetch(`${gateway.url}${path}`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json", "x-sandbox-fault": "queue-ms=5;run-ms=10", ...headers }, body: JSON.stringify(body) });
  return { status: answer.status, left: answer.headers.get("x-yescale-dropped")?.split(", ").toSorted() ?? [], text: await answer.text() };
};
const newest = () => gateway.db.selectFrom("tasks").select(["id", "state", "attempts", "charge_nano"]).orderBy("submitted_at", "desc").limit(1).executeTakeFirstOrThrow();

test.each(LEFT_OUT.filter(([, , , blocked]) => blocked === undefined).map((one) => [one[0], one] as const))("%s: what the one who is asked first is not told stands in a header; strict, it is refused before anything is held", async (path, [, body, names]) => {
  const ask = asked(path, body);
  const lax = await ask();
  expect([lax.status < 300, lax.left], lax.text).toEqual([true, [...names]]);
  const { id } = await newest();
  const strict = await ask({ "x-yescale-strict": "1" });
  expect([strict.status >= 400 && strict.status < 500, strict.text.includes("strict mode is on"), names.every((name) => strict.text.includes(name))], strict.text).toEqual([true, true, true]);
  expect((await newest()).id).toBe(id);
});

test.each(LEFT_OUT.flatMap(([path, body, names, blocked]) => (blocked === undefined ? [] : [[path, body, names, blocked] as const])))("%s: its own vendor is told all; who waited for another hears what that one was not told, and strict, that one is not asked", async (path, body, names, vendor) => {
  const ask = asked(path, body);
  for (const headers of [{}, { "x-yescale-strict": "1", prefer: "wait=20" }] as Record<string, string>[]) expect(await ask(headers)).toMatchObject({ left: [] });
  expect((await newest()).state).toBe("SUCCESS");
  await fetch(`${gateway.sandbox.url}/__sandbox/faults`, { method: "POST", body: JSON.stringify({ vendor, spec: "status=500" }) });
  const other = await ask({ prefer: "wait=20" });
  expect([other.status, other.left], JSON.stringify([other.text, await newest()])).toEqual([other.status < 300 ? other.status : 0, [...names]]);
  await ask({ "x-yescale-strict": "1", prefer: "wait=20" });
  const { state, attempts, charge_nano: charge } = await newest();
  expect([state, charge, (attempts as { outcome: string }[]).slice(1).every(({ outcome }) => outcome === "cannot_be_said")], JSON.stringify(attempts)).toEqual(["FAILURE", "0", true]);
  await fetch(`${gateway.sandbox.url}/__sandbox/faults`, { method: "DELETE" });
});
