import { afterAll, expect, test } from "bun:test";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { video } from "../../../../simulators/src/kit/media/video.ts";
import type { Model } from "../../catalog/index.ts";
import { loadCatalog } from "../../catalog/shipped.ts";
import { testGateway } from "../../testing/gateway.ts";

/** `/task/submit` reaches every model of the catalog that is made as a task: made by somebody, of the right kind, charged as quoted; or retired, and refused with what took its place. */
const gateway = await testGateway((config) => void (config.fetchAllow = ["127.0.0.1"]));
/** A film that can be measured: seven seconds of 640x360. */
const films = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: ({ url }) => (url.endsWith("film.mp4") ? new Response(new Blob([video({ width: 640, height: 360, duration: 7, seed: "given" })]), { headers: { "content-type": "video/mp4" } }) : new Response("no film")) });
afterAll(() => films.stop(true));
const caller = await gateway.newCaller("100000");
const LINK = "https://example.com/bunny.jpg";
const FILM = `${films.url.href}film.mp4`;
const SOUND = "https://example.com/bunny.mp3";
const [one, two] = await Promise.all(["one", "two"].map(async (seed) => `data:image/png;base64,${Buffer.from(await picture({ width: 400, height: 400, format: "png", seed })).toString("base64")}`));

/** Any answer: the tests look into it, and fail where it is another. */
// eslint-disable-next-line typescript/no-explicit-any -- as above
type Json = Record<string, any>;

async function call(method: string, path: string, body?: object): Promise<{ status: number; json: Json }> {
  const headers = { authorization: `Bearer ${caller.apiKey}`, ...(body ? { "content-type": "application/json" } : {}), "x-sandbox-fault": "queue-ms=20;run-ms=40" };
  const answer = await fetch(`${gateway.url}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: answer.status, json: (await answer.json()) as Json };
}

async function done(path: string): Promise<Json> {
  const { json } = await call("GET", `${path}?wait=40`);
  expect(json["status"], JSON.stringify(json)).toBe("SUCCESS");
  return json;
}

async function made(model: string, config: object = {}, prompt = "a stone"): Promise<Json> {
  const { status, json } = await call("POST", "/task/submit", { model, prompt, config });
  expect([model, status], JSON.stringify(json)).toEqual([model, 200]);
  return done(`/task/${json["task_id"]}`);
}

/** What Midjourney's changes need: a grid, one of its pictures with the buttons below it. */
async function changesOf(): Promise<(label: string) => Promise<Json>> {
  const grid = await made("mj_imagine");
  const single = await made("mj_upscale", { task_id: grid["task_id"], index: 1 });
  return (label) => Promise.resolve({ task_id: label === "" ? grid["task_id"] : single["task_id"], ...(label === "" ? { index: 2 } : { custom_id: (single["task_result"].buttons as Json[]).find((button) => `${button["label"]}${button["emoji"]}`.includes(label))?.["customId"] }) });
}

/** A window that waits to be confirmed. */
async function windowOf(change: (label: string) => Promise<Json>): Promise<Json> {
  const { json } = await call("POST", "/task/submit", { model: "mj_custom_zoom", prompt: "a stone", config: await change("Custom Zoom") });
  await modal(String(json["task_id"]));
  return { task_id: json["task_id"] };
}

async function modal(id: string): Promise<void> {
  for (let look = 0; look < 200; look += 1) {
    if ((await call("GET", `/task/${id}`)).json["status"] === "IN_PROGRESS") return;
    await Bun.sleep(50);
  }
  throw new Error(`${id} opened no window`);
}

/** What single models need beside a prompt and what the catalog says. */
const NEEDS: Readonly<Record<string, (change: (label: string) => Promise<Json>) => Json | Promise<Json>>> = {
  mj_blend: () => ({ images: [one, two] }),
  mj_swap_face: () => ({ images: [one, two] }),
  mj_variation: (change) => change(""),
  mj_upscale: (change) => change(""),
  mj_reroll: (change) => change(""),
  mj_zoom: (change) => change("Zoom Out 2x"),
  mj_pan: (change) => change("➡"),
  mj_action: windowOf,
  suno_concat: async () => ({ task_id: (await made("suno_music"))["task_id"] }),
  "kolors-virtual-try-on-v1": () => ({ images: [LINK, LINK] }),
  "kolors-virtual-try-on-v1-5": () => ({ images: [LINK, LINK] }),
  "ideogram-v3-edit": () => ({ images: [one], mask: two }),
  "fal-luma-dream-machine-ray-2-reframe": () => ({ aspect_ratio: "1:1" }),
  "fal-luma-dream-machine-ray-2-flash-reframe": () => ({ aspect_ratio: "1:1" }),
  "ideogram-v3-reframe": () => ({ images: [one], size: "1024x1024" }),
};

/** A change that begins with one button and ends with another: below, on its own. */
const IN_TWO = ["mj_inpaint", "mj_custom_zoom"];

function configOf({ parameters = {}, modalities: { input } }: Model): Json {
  const [needed] = input;
  const count = Number(parameters["images"]?.values?.[0] ?? 1);
  const named = Object.entries(parameters).filter(([name, { default: usual }]) => usual === undefined && name !== "images").map(([name, { values, from }]) => [name, values?.[0] ?? from]);
  // Files, since some vendors take nothing else, and those fetch none from here.
  const given = { image: { images: Array.from({ length: Math.max(count, 1) }, () => one) }, video: { videos: [FILM] }, audio: { audios: [SOUND] } };
  return { ...(needed === "image" || needed === "video" || needed === "audio" ? given[needed] : {}), ...Object.fromEntries(named) };
}

/** Dollars. */
async function chargeOf(id: string): Promise<number> {
  const row = await gateway.db.selectFrom("tasks").select("charge_nano").where("id", "=", id).executeTakeFirstOrThrow();
  return Number(row.charge_nano) / 1e9;
}

/** Models tried at once. */
const AT_ONCE = 8;
const KEYS = { image: "images", video: "videos", audio: "audio", music: "audio", text: "text" } as const;

test("M05: every media model by /task/submit: quoted, made, of its kind, and charged as quoted", async () => {
  const change = await changesOf();
  const unreached: string[] = [];
  const reach = async (model: Model): Promise<void> => {
    const config = { ...configOf(model), ...(await NEEDS[model.id]?.(change)) };
    const quote = await call("POST", "/task/quote", { model: model.id, prompt: "a stone", config });
    const submitted = await call("POST", "/task/submit", { model: model.id, prompt: "a stone", config });
    if (submitted.status === 404 && submitted.json["code"] === "model_not_found") {
      expect([model.id, submitted.json["error"]]).toEqual([model.id, expect.stringContaining(`Use "${model.replacedBy}" instead`)]);
      return;
    }
    if (submitted.status === 503) {
      unreached.push(model.id);
      return;
    }
    expect([model.id, quote.status, submitted.status], JSON.stringify(submitted.json)).toEqual([model.id, 200, 200]);
    const { json } = await call("GET", `/task/${submitted.json["task_id"]}?wait=40`);
    expect([model.id, json["status"]], JSON.stringify(json)).toEqual([model.id, "SUCCESS"]);
    expect([model.id, Object.keys(json["task_result"])]).toEqual([model.id, expect.arrayContaining([KEYS[model.kind ?? "image"]])]);
    const charge = await chargeOf(json["task_id"]);
    const [expected, most] = [quote.json["price_usd"], quote.json["most_usd"]] as [number, number];
    // By tokens and by the second of a machine the vendor's own count is charged, never more than was held.
    if ((quote.json["lines"] as Json[]).some((line) => ["videoTokens", "gpuSeconds"].includes(line["class"]))) expect([model.id, charge > 0 && charge <= most]).toEqual([model.id, true]);
    else expect([model.id, charge]).toEqual([model.id, expected]);
  };
  const models = loadCatalog().models().filter(({ id, kind, sources }) => (kind ?? sources) && !IN_TWO.includes(id));
  for (let at = 0; at < models.length; at += AT_ONCE) await Promise.all(models.slice(at, at + AT_ONCE).map(reach));
  expect(unreached).toEqual([]);
}, 300_000);

test("what works on a picture or a film alone is made without a prompt, missing or empty", async () => {
  const models = ["recraft-remove-background", "recraft-creative-upscale", "ideogram-upscale", "mj_describe", "kling-2.5-turbo", "gen4_turbo", "MiniMax-Hailuo-02", "ray-2", "wan2.6-i2v", "doubao-seedance-1-0-pro-250528"];
  await Promise.all(models.map(async (model, index) => {
    const { status, json } = await call("POST", "/task/submit", { model, ...(index % 2 === 0 ? {} : { prompt: "" }), config: { images: [one] } });
    expect([model, status], JSON.stringify(json)).toEqual([model, 200]);
    await done(`/task/${json["task_id"]}`);
  }));
}, 60_000);

test("a region of a picture is painted anew in two steps: the button, and the window that it opens", async () => {
  const change = await changesOf();
  const { json: pressed } = await call("POST", "/task/submit", { model: "mj_inpaint", prompt: "a stone", config: await change("Vary (Region)") });
  await modal(String(pressed["task_id"]));
  await made("mj_action", { task_id: pressed["task_id"], mask: one }, "a red stone");
  expect((await done(`/task/${pressed["task_id"]}`))["task_result"].images).not.toBeEmpty();
});

test("a given film is measured: its length and the height of what is made are the price, whatever the caller says of them", async () => {
  const quoted = async (model: string, config: object): Promise<Json> => (await call("POST", "/task/quote", { model, prompt: "", config })).json;
  // An empty prompt is none.
  expect((await quoted("fal-luma-dream-machine-ray-2-reframe", { videos: [FILM], duration: 1, aspect_ratio: "1:1" }))["price_usd"]).toBeCloseTo(7 * 0.2, 6);
  const priceOf = async (model: string, config: object): Promise<number> => (await call("POST", "/task/quote", { model, config })).json["price_usd"];
  expect(await priceOf("fal-luma-dream-machine-ray-2-reframe", { videos: [FILM], aspect_ratio: "1:1" })).toBeCloseTo(7 * 0.2, 6);
  const uri = `data:video/mp4;base64,${Buffer.from(video({ width: 640, height: 360, duration: 3, seed: "uri" })).toString("base64")}`;
  expect(await priceOf("fal-luma-dream-machine-ray-2-flash-reframe", { videos: [uri], aspect_ratio: "1:1" })).toBeCloseTo(3 * 0.06, 6);
  // 360 lines twice are 720, eight times 2880
  const [twice, eight] = [await priceOf("fal-topaz-upscale-video", { videos: [FILM] }), await priceOf("fal-topaz-upscale-video", { videos: [FILM], upscale_factor: 8, output_height: 100 })];
  expect(eight).toBeGreaterThan(twice);
  gateway.sandbox.reset();
  const made = await call("POST", "/fal-ai/topaz/upscale/video", { video_url: FILM, upscale_factor: 4, output_height: 1 });
  expect((await done(`/task/${made.json["task_id"]}`))["task_result"].videos).toHaveLength(1);
  expect(await chargeOf(made.json["task_id"])).toBeCloseTo(await priceOf("fal-topaz-upscale-video", { videos: [FILM], upscale_factor: 4 }), 9);
  for (const url of ["http://169.254.169.254/film.mp4", `${films.url.href}page`, "data:video/mp4;base64,AAAA"]) expect([url, (await call("POST", "/task/submit", { model: "fal-topaz-upscale-video", config: { videos: [url] } })).status]).toEqual([url, 400]);
  expect((await call("POST", "/fal-ai/luma-dream-machine/ray-2/reframe", { video_url: `${films.url.href}page`, aspect_ratio: "1:1" })).json["error"]).toContain("length");
}, 60_000);

test("I6: after all of it nothing is held and the books are even", async () => {
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});
