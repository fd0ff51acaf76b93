import { describe, expect, test } from "bun:test";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway();
const caller = await gateway.newCaller("100");
const png = Buffer.from(await picture({ width: 300, height: 300, format: "png", seed: "bad" }));
const HTML = Buffer.from("<!doctype html><html><body>Please sign in</body></html>");
const uriOf = (bytes: Buffer): string => `data:image/png;base64,${bytes.toString("base64")}`;

interface Said {
  status: number;
  text: string;
}
async function post(path: string, body: object | FormData): Promise<Said> {
  const form = body instanceof FormData;
  const answer = await fetch(`${gateway.url}${path}`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, ...(form ? {} : { "content-type": "application/json" }) }, body: form ? body : JSON.stringify(body) });
  return { status: answer.status, text: await answer.text() };
}
const formOf = (fields: Record<string, string | Blob>): FormData => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
};

/** Doors that take something given: how a request with it looks, and the error in its envelope. */
const DOORS: readonly [name: string, path: string, body: (given: string) => object, error: () => object][] = [
  ["unified", "/task/submit", (url) => ({ model: "nano-banana-2", prompt: "x", config: { size: "1K", images: [url] } }), () => ({ error: expect.any(String), code: expect.any(String) })],
  ["fal", "/fal-ai/flux-pro/kontext/max", (url) => ({ prompt: "x", image_url: url }), () => ({ error: expect.stringContaining("image_url"), code: expect.any(String) })],
  ["replicate", "/replicate/v1/models/black-forest-labs/flux-kontext-pro/predictions", (url) => ({ input: { prompt: "x", input_image: url } }), () => ({ title: expect.any(String), detail: expect.stringContaining("input_image"), status: 422 })],
  ["mj", "/mj/submit/describe", (url) => (url.startsWith("data:") ? { base64: url } : { link: url }), () => ({ code: 4, description: expect.any(String), result: "", properties: {} })],
  ["kling", "/kling/v1/videos/image2video", (url) => ({ prompt: "x", image: url }), () => ({ code: expect.any(Number), message: expect.stringContaining("image"), request_id: expect.any(String) })],
  ["runway", "/runwayml/v1/image_to_video", (url) => ({ model: "gen4_turbo", promptImage: url, ratio: "1280:720", duration: 5 }), () => ({ error: expect.stringContaining("promptImage") })],
  ["luma", "/luma/generations", (url) => ({ user_prompt: "x", model_name: "ray-2", image_url: url }), () => ({ detail: expect.any(String) })],
  ["pika", "/pika/generate", (url) => ({ promptText: "x", image: url }), () => ({ detail: expect.any(String) })],
  ["hailuo", "/minimax/v1/video_generation", (url) => ({ model: "MiniMax-Hailuo-02", prompt: "x", first_frame_image: url }), () => ({ base_resp: { status_code: expect.any(Number), status_msg: expect.stringContaining("first_frame_image") } })],
  ["videos", "/v1/videos", (url) => ({ model: "ray-2", prompt: "x", input_reference: { image_url: url } }), () => ({ error: { code: expect.any(String), message: expect.any(String) } })],
  ["seedance", "/seedance/v3/contents/generations/tasks", (url) => ({ model: "doubao-seedance-1-0-pro-250528", content: [{ type: "text", text: "x" }, { type: "image_url", image_url: { url }, role: "first_frame" }] }), () => ({ error: { code: "InvalidParameter", message: expect.any(String) } })],
];

describe.each(DOORS)("%s", (_, path, body, error) => {
  test("V04, V05, V06: an address that leads inside is refused in the envelope, however it is spelt", async () => {
    for (const address of ["http://127.0.0.1:9/a.png", "http://2130706433/a.png", "https://[::ffff:169.254.169.254]/latest/meta-data", "https://10.0.0.8/a.png", "http://localhost/a.png", "https://metadata.google.internal/a.png", "https://0x7f.1/a.png"]) {
      const said = await post(path, body(address));
      expect([address, said.status >= 400 && said.status < 500 ? "refused" : said.text]).toEqual([address, "refused"]);
      expect(JSON.parse(said.text)).toMatchObject(error());
      expect(said.text).not.toContain("loopback");
    }
  });

  test("a page that says it is a picture, a URI without its bytes, and a file of more than 25 MB are refused in the envelope", async () => {
    for (const given of [uriOf(HTML), "data:image/png;base64,", uriOf(Buffer.concat([png, Buffer.alloc(26 * 1024 * 1024)]))]) {
      const said = await post(path, body(given));
      expect([given.slice(0, 40), said.status >= 400 && said.status < 500 ? "refused" : said.text]).toEqual([given.slice(0, 40), "refused"]);
      expect(JSON.parse(said.text)).toMatchObject(error());
    }
  });
});

test("forms: a page in a picture's place", async () => {
  const page = new File([HTML], "a.png", { type: "image/png" });
  expect((await post("/ideogram/v1/ideogram-v3/remix", formOf({ prompt: "x", image: page }))).status).toBe(400);
  expect((await post("/recraft/v1/images/removeBackground", formOf({ file: page }))).status).toBe(400);
});

test("V04: Midjourney's prompts begin with addresses", async () => {
  expect(await post("/mj/submit/imagine", { prompt: "https://192.168.1.1/a.png a stone" })).toMatchObject({ status: 400 });
});

test("V33: an address of notices that leads inside is refused", async () => {
  expect((await post("/task/submit", { model: "nano-banana-2", prompt: "x", config: { size: "1K" }, callback_url: "http://127.0.0.1:1/hook" })).status).toBe(400);
});

test("what no source of the model can be told is refused at once", async () => {
  const said = await post("/task/submit", { model: "gen4_turbo", prompt: "x", config: { duration: 5 } });
  expect(said).toMatchObject({ status: 400 });
  expect(said.text.length).toBeGreaterThan(10);
});

/** Models that make something of words, one of every vendor, and some that need words beside what is given. */
const WORDED = ["nano-banana-2", "gpt-image", "imagen-4", "flux-kontext-pro", "flux-schnell", "recraftv3", "ideogram-v3-generate", "doubao-seedream-4-0-250828", "qwen-image", "mj_imagine", "mj_shorten", "kling-v1-image", "photon-1", "suno_music", "suno_lyrics", "elevenlabs-music-v2", "elevenlabs-sound-effects-v2", "fal-minimax-speech-02-hd", "veo3.1", "grok-video", "kling-2.5-turbo", "hailuo-2.3", "MiniMax-H3", "gen4.5", "ray-2", "pika-2.2", "wan2.6-t2v", "doubao-seedance-1-0-pro-250528"];
const EDITING = ["ideogram-v3-remix", "qwen-image-edit", "fal-flux-pro-kontext-max", "gpt-image", "nano-banana-2"];

test("a prompt that is missing, empty, blank or of another type is refused for every model that needs one, in the envelope's form", async () => {
  const CONFIG: Readonly<Record<string, object>> = { "nano-banana-2": { size: "1K" }, "gpt-image": { size: "1024x1024", quality: "low" } };
  for (const [models, given] of [[WORDED, {}], [EDITING, { images: [uriOf(png)] }]] as const)
    for (const model of models)
      for (const prompt of [undefined, null, "", "  ", 42, ["x"]]) {
        const said = await post("/task/submit", { model, prompt, config: { ...CONFIG[model], ...given } });
        expect([model, prompt, said.status, said.text]).toEqual([model, prompt, 400, expect.stringContaining("prompt") as string]);
        expect(JSON.parse(said.text)).toEqual({ error: expect.any(String), code: "invalid_request" });
      }
  for (const model of ["veo3.1", "sora-2", "grok-video", "kling-2.5-turbo", "hailuo-2.3", "ray-2", "wan2.6-t2v"])
    for (const prompt of [undefined, null, "", "  ", 42]) {
      const said = await post("/v1/video/generations", { model, prompt });
      expect([model, prompt, said.status]).toEqual([model, prompt, said.status === 404 ? 404 : 400]);
      expect(JSON.parse(said.text)).toMatchObject({ code: expect.any(String), message: expect.any(String), data: null });
    }
  for (const [model, prompt] of [["grok-video", undefined], ["kling-2.5-turbo", 42], ["MiniMax-Hailuo-2.3-Fast", ["x"]]] as const) {
    const said = await post("/v1/video/generations", { model, prompt, image: uriOf(png) });
    expect([model, said.status, said.text]).toEqual([model, 400, expect.stringContaining("prompt") as string]);
  }
});

test("Suno: a version that is none (\"mv\") is refused in the envelope, in whatever words it is asked for", async () => {
  for (const mv of ["chirp-v9", "suno-v3", "CHIRP-V4", "chirp-v3-5 ", 3, {}]) {
    const said = await post("/suno/submit/music", { gpt_description_prompt: "a song", mv });
    expect([mv, said.status, JSON.parse(said.text)]).toEqual([mv, 400, { code: "invalid_request", message: expect.stringContaining("mv") as string, data: null }]);
  }
  expect(await post("/task/submit", { model: "suno_music", prompt: "a song", config: { mode: "chirp-v9" } })).toMatchObject({ status: 400, text: expect.stringContaining("chirp-v3-0") as string });
});

test("of all these nothing was sent, nothing is held and no row is there", async () => {
  expect(gateway.seen()).toEqual([]);
  expect(await gateway.db.selectFrom("tasks").select("id").execute()).toEqual([]);
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  expect((await gateway.db.selectFrom("budgets").select("held_nano").execute()).every(({ held_nano }) => held_nano === "0")).toBe(true);
});

test("inputs of the documented models are looked at first: what is missing, of another type or out of range is told in the envelope; nothing is sent, nothing is paid", async () => {
  const kontext = { prompt: "x", image_url: "https://example.com/a.png" };
  const film = { video_url: "https://example.com/a.mp4", aspect_ratio: "1:1" };
  const FAL: readonly [path: string, body: object][] = [
    ["flux-pro/kontext/max", { ...kontext, num_images: 9 }], ["flux-pro/kontext/max", { ...kontext, num_images: "2" }], ["flux-pro/kontext/max", { ...kontext, output_format: "gif" }], ["flux-pro/kontext/max", { ...kontext, guidance_scale: 0 }],
    ["ideogram/v3/remix", { ...kontext, strength: "high" }], ["ideogram/v3/remix", { ...kontext, rendering_speed: "FAST" }], ["recraft/v3/text-to-image", { prompt: ["x"] }], ["recraft/v3/image-to-image", { ...kontext, strength: 2 }],
    ["bytedance/seededit/v3/edit-image", { ...kontext, seed: 1.5 }], ["elevenlabs/tts/turbo-v2.5", { text: "x", speed: 3 }], ["minimax/speech-02-hd", { text: "x", output_format: "wav" }], ["minimax/speech-02-turbo", { text: " " }],
    ["minimax/speech-02-hd", { text: "x".repeat(5_001) }], ["minimax/speech-02-turbo", { text: "x".repeat(5_001) }], ["flux-pro/kontext/max", { ...kontext, safety_tolerance: "9" }],
    ["topaz/upscale/video", { ...film, upscale_factor: 100 }], ["luma-dream-machine/ray-2/reframe", { ...film, aspect_ratio: "5:1" }],
  ];
  const before = gateway.seen().length;
  for (const [path, body] of FAL) expect([path, body, await post(`/fal-ai/${path}`, body)]).toEqual([path, body, { status: 400, text: expect.stringContaining("invalid_request") as string }]);
  for (const model of ["black-forest-labs/flux-kontext-pro", "black-forest-labs/flux-kontext-max", "black-forest-labs/flux-pro", "black-forest-labs/flux-1.1-pro-ultra", "black-forest-labs/flux-pro-1.1-ultra", "google/imagen-4"])
    for (const input of [{}, { prompt: 42 }, { prompt: " " }, { prompt: "x", seed: "1" }, { prompt: "x", safety_tolerance: 9 }]) {
      const said = await post(`/replicate/v1/models/${model}/predictions`, { input });
      expect([model, input, said.status]).toEqual([model, input, 422]);
      expect(JSON.parse(said.text)).toMatchObject({ title: "invalid_request", status: 422 });
    }
  const still = { model: "gen4_turbo", promptImage: "https://example.com/a.png", ratio: "1280:720", duration: 5 };
  for (const body of [{ ...still, ratio: "1:9" }, { ...still, ratio: "wide" }, { ...still, seed: 4_294_967_296 }, { ...still, seed: -1 }, { ...still, seed: 1.5 }, { ...still, seed: "7x" }, { ...still, watermark: "yes" }])
    expect([body, await post("/runwayml/v1/image_to_video", body)]).toEqual([body, { status: 400, text: expect.stringMatching(/ratio|seed|watermark/) as string }]);
  for (const body of [{ user_prompt: "a stone", aspect_ratio: "7:3" }, { user_prompt: "a stone", aspect_ratio: "wide" }])
    expect([body, await post("/luma/generations", body)]).toEqual([body, { status: 400, text: expect.stringContaining("aspect_ratio") as string }]);
  expect(gateway.seen().length).toBe(before);
  expect(await gateway.rows(caller.userId, 0)).toEqual([]);
});
