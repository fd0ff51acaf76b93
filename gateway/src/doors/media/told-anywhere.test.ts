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
