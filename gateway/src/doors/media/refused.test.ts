import { expect, test } from "bun:test";
import { z } from "zod";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { testGateway } from "../../testing/gateway.ts";
import { VALUES, type ValueBody } from "../../testing/values/index.ts";

/** Every door of slow work and of pictures, with what it must refuse: in its family's own form, before anything is held, sent or written. Addresses and files that are given: bad-input.test.ts. */
const gateway = await testGateway();
const caller = await gateway.newCaller("100");
const stranger = await gateway.newCaller("100");
const png = Buffer.from(await picture({ width: 300, height: 300, format: "png", seed: "refused" }));
const URI = `data:image/png;base64,${png.toString("base64")}`;
const file = new File([png], "a.png", { type: "image/png" });

type Json = Readonly<Record<string, unknown>>;
type Body = Json | FormData;
const { strictObject: exact, literal } = z;
const some = z.string().min(1);
const PLAIN = exact({ error: some, code: some });
const UNKNOWN_TASK = exact({ error: literal("Task not found") });
const MJ = exact({ code: z.literal([3, 4]), description: some, type: literal("upstream_error"), result: literal(""), properties: exact({}) });
/** New API's films have the same. */
const SUNO = exact({ code: some, message: some, data: z.null() });
const KLING = exact({ code: z.literal([1201, 1203]), message: some, request_id: some });
const REPLICATE = exact({ title: some, detail: some, status: z.literal([404, 422]) });
const ERROR_ONLY = exact({ error: some });
const DETAIL = exact({ detail: some });
const LUMA = exact({ detail: z.union([some, z.array(exact({ type: some, loc: z.array(z.string()), msg: some, input: z.string() }))]) });
const HAILUO = exact({ base_resp: exact({ status_code: literal(2013), status_msg: some }) });
const RECRAFT = exact({ code: some, message: some });
const SEEDANCE = exact({ error: exact({ code: z.enum(["InvalidParameter", "InvalidEndpointOrModel.NotFound", "ResourceNotFound"]), message: some, param: z.string(), type: some }) });
const OPENAI = exact({ error: exact({ message: some, type: literal("invalid_request_error"), param: z.string().nullable(), code: some }) });
const GOOGLE = z.strictObject({ error: z.looseObject({ code: z.literal([400, 404]), message: some, status: z.enum(["INVALID_ARGUMENT", "NOT_FOUND"]) }) });

interface Door {
  path: string;
  good: Body;
  /** bodies, or a whole path, that name a model that nobody has */
  unknown?: { path?: string; body?: Body };
  missing: readonly Body[];
  mistyped: readonly Body[];
  error: z.ZodType;
  /** where a task is asked for, and how its id is read of the good answer */
  fetch?: { of: (id: string) => string; id: (answer: Json) => unknown; error?: z.ZodType };
}

const formOf = (fields: Readonly<Record<string, string | File>>): FormData => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
};
const TEXT = [{ type: "text", text: "x" }];
/** No address for a gateway to ask, spelt in three ways. */
const INSIDE = ["http://127.0.0.1:9/a.png", "http://[::1]/a.png", "https://169.254.169.254/latest/meta-data"] as const;
const [LOOP] = INSIDE;
const NOBODY = "nobody-has-this";

const DOORS: Readonly<Record<string, Door>> = {
  "unified media": {
    path: "/task/submit", good: { model: "nano-banana-2", prompt: "x", config: { size: "1K" } }, unknown: { body: { model: NOBODY, prompt: "x" } }, missing: [{ prompt: "x" }, { model: "nano-banana-2", config: { size: "1K" } }],
    mistyped: [{ model: 5, prompt: "x" }, { model: "nano-banana-2", prompt: ["x"] }, { model: "nano-banana-2", prompt: "x", config: "1K" }, { model: "nano-banana-2", prompt: "x", config: { size: 7 } }, { model: "nano-banana-2", prompt: "x", config: { size: "1K", images: "a" } }, { model: "grok-video", prompt: "x", config: { duration: "long" } }],
    error: PLAIN, fetch: { of: (id) => `/task/${id}`, id: (answer) => answer["task_id"], error: UNKNOWN_TASK },
  },
  fal: {
    path: "/fal-ai/recraft/v3/text-to-image", good: { prompt: "x" }, unknown: { path: `/fal-ai/some/${NOBODY}`, body: { prompt: "x" } }, missing: [{}], mistyped: [{ prompt: 5 }, { prompt: "x", style: 7 }],
    error: PLAIN, fetch: { of: (id) => `/fal-ai/${id}`, id: (answer) => answer["task_id"], error: UNKNOWN_TASK },
  },
  Replicate: {
    path: "/replicate/v1/models/google/imagen-4/predictions", good: { input: { prompt: "x" } }, unknown: { path: `/replicate/v1/models/google/${NOBODY}/predictions`, body: { input: { prompt: "x" } } }, missing: [{}, { input: {} }], mistyped: [{ input: "x" }, { input: { prompt: 5 } }, { input: { prompt: "x", seed: "s" } }],
    error: REPLICATE, fetch: { of: (id) => `/replicate/v1/predictions/${id}`, id: (answer) => answer["id"] },
  },
  "Midjourney: imagine": { path: "/mj/submit/imagine", good: { prompt: "x" }, missing: [{}], mistyped: [{ prompt: 5 }, { prompt: "x", base64Array: "a" }, { prompt: "x", state: 5 }], error: MJ, fetch: { of: (id) => `/mj/task/${id}/fetch`, id: (answer) => answer["result"] } },
  "Midjourney: blend": { path: "/mj/submit/blend", good: { base64Array: [URI, URI] }, missing: [{}, { base64Array: [URI] }], mistyped: [{ base64Array: [URI, 5] }, { base64Array: [URI, URI], dimensions: "ROUND" }], error: MJ },
  "Midjourney: describe": { path: "/mj/submit/describe", good: { base64: URI }, missing: [{}], mistyped: [{ base64: 5 }, { link: "here" }], error: MJ },
  "Midjourney: video": { path: "/mj/submit/video", good: { motion: "low", image: URI }, missing: [{ motion: "low" }, { motion: "low", action: "extend" }], mistyped: [{ motion: "fast", image: URI }, { motion: "low", image: 5 }, { motion: "low", image: URI, batchSize: 3 }, ...INSIDE.map((image) => ({ motion: "low", image }))], error: MJ },
  "Suno: music": { path: "/suno/submit/music", good: { gpt_description_prompt: "x" }, missing: [{}], mistyped: [{ gpt_description_prompt: 5 }, { gpt_description_prompt: "x", make_instrumental: "yes" }, { prompt: "x", continue_at: "soon" }], error: SUNO, fetch: { of: (id) => `/suno/fetch/${id}`, id: (answer) => answer["data"] } },
  "Suno: lyrics": { path: "/suno/submit/lyrics", good: { prompt: "x" }, missing: [{}], mistyped: [{ prompt: 5 }], error: SUNO },
  "Suno: sound of one's own": { path: "/suno/uploads/audio-url", good: { url: "https://example.com/a.mp3" }, missing: [{}], mistyped: [{ url: 5 }, { url: "here" }, ...INSIDE.map((url) => ({ url }))], error: SUNO },
  "Midjourney: swap": { path: "/mj/insight-face/swap", good: { sourceBase64: URI, targetBase64: URI }, missing: [{ sourceBase64: URI }], mistyped: [{ sourceBase64: URI, targetBase64: LOOP }], error: MJ },
  "Ideogram: generate": { path: "/ideogram/v1/ideogram-v3/generate", good: formOf({ prompt: "x" }), missing: [formOf({ seed: "1" })], mistyped: [formOf({ prompt: "x", resolution: "1024x1024", aspect_ratio: "1x1" })], error: ERROR_ONLY },
  "Ideogram: edit": { path: "/ideogram/v1/ideogram-v3/edit", good: formOf({ prompt: "x", image: file, mask: file }), missing: [formOf({ prompt: "x", image: file }), formOf({ image: file, mask: file })], mistyped: [formOf({ prompt: "x", image: "no file", mask: file })], error: ERROR_ONLY },
  "Ideogram: upscale": { path: "/ideogram/upscale", good: formOf({ image_file: file, image_request: "{}" }), missing: [formOf({ image_request: "{}" })], mistyped: [formOf({ image_file: file, image_request: "no json" })], error: ERROR_ONLY },
  "Recraft: generate": { path: "/recraft/v1/images/generations", good: { prompt: "x" }, unknown: { body: { prompt: "x", model: NOBODY } }, missing: [{}], mistyped: [{ prompt: 5 }, { prompt: "x", n: "many" }, { prompt: "x", response_format: "gif" }], error: RECRAFT },
  "Recraft: tools": { path: "/recraft/v1/images/clarityUpscale", good: formOf({ file }), missing: [formOf({ x: "x" })], mistyped: [formOf({ file: "no file" })], error: RECRAFT },
  "Kling: text2video": {
    path: "/kling/v1/videos/text2video", good: { prompt: "x" }, unknown: { body: { prompt: "x", model_name: NOBODY } }, missing: [{}], mistyped: [{ prompt: 5 }, { prompt: "x", cfg_scale: 2 }, { prompt: "x", mode: "best" }, { prompt: "x", duration: "long" }],
    error: KLING, fetch: { of: (id) => `/kling/v1/videos/text2video/${id}`, id: (answer) => answer["task_id"] },
  },
  "Kling: images": { path: "/kling/v1/images/generations", good: { prompt: "x" }, unknown: { body: { prompt: "x", model_name: NOBODY } }, missing: [{}], mistyped: [{ prompt: "x", n: "two" }, { prompt: "x", aspect_ratio: "7:1" }, ...INSIDE.map((image) => ({ prompt: "x", image }))], error: KLING, fetch: { of: (id) => `/kling/v1/images/generations/${id}`, id: (answer) => answer["task_id"] } },
  "Kling: try-on": { path: "/kling/v1/images/kolors-virtual-try-on", good: { human_image: URI, cloth_image: URI }, unknown: { body: { human_image: URI, cloth_image: URI, model_name: NOBODY } }, missing: [{ human_image: URI }], mistyped: [{ human_image: URI, cloth_image: 5 }, { human_image: LOOP, cloth_image: URI }, { human_image: URI, cloth_image: LOOP }], error: KLING },
  Runway: {
    path: "/runwayml/v1/image_to_video", good: { model: "gen4_turbo", promptImage: URI, ratio: "1280:720", duration: 5 }, unknown: { body: { model: NOBODY, promptImage: URI } }, missing: [{ model: "gen4_turbo" }, { promptImage: URI }], mistyped: [{ model: "gen4_turbo", promptImage: 5 }, { model: "gen4_turbo", promptImage: URI, duration: "long" }, { model: "gen4_turbo", promptImage: URI, promptText: 5 }],
    error: ERROR_ONLY, fetch: { of: (id) => `/runwayml/v1/tasks/${id}`, id: (answer) => answer["id"] },
  },
  Luma: { path: "/luma/generations", good: { user_prompt: "a stone" }, unknown: { body: { user_prompt: "a stone", model_name: NOBODY } }, missing: [{}], mistyped: [{ user_prompt: 5 }, { user_prompt: "x", loop: "yes" }, { user_prompt: "x", duration: "long" }, ...INSIDE.map((image_end_url) => ({ user_prompt: "x", image_end_url }))], error: DETAIL, fetch: { of: (id) => `/luma/generations/${id}`, id: (answer) => answer["id"] } },
  "Luma's own interface": { path: "/luma/dream-machine/v1/generations/video", good: { model: "ray-2", prompt: "a stone" }, unknown: { body: { model: NOBODY, prompt: "a stone" } }, missing: [{ model: "ray-2" }, { prompt: "a stone" }], mistyped: [{ model: "ray-2", prompt: 5 }], error: LUMA, fetch: { of: (id) => `/luma/dream-machine/v1/generations/${id}`, id: (answer) => answer["id"], error: DETAIL } },
  Pika: { path: "/pika/generate", good: { promptText: "x" }, unknown: { body: { promptText: "x", model: "9.9" } }, missing: [{}], mistyped: [{ promptText: 5 }, { promptText: "x", pikaffect: "Fly" }, { promptText: "x", options: { aspectRatio: "wide" } }], error: DETAIL, fetch: { of: (id) => `/pika/feed/${id}`, id: (answer) => answer["id"] } },
  Veo: {
    path: "/veo/v1/videos/generations", good: { model: "veo3", prompt: "x" }, unknown: { body: { model: NOBODY, prompt: "x" } }, missing: [{ model: "veo3" }, { prompt: "x" }], mistyped: [{ model: "veo3", prompt: 5 }, { model: "veo3", prompt: "x", aspect_ratio: "7:1" }, { model: "veo3", prompt: "x", images: "a" }, { model: "veo3", prompt: "x", enhance_prompt: "yes" }, { model: "veo3", prompt: "x", images: ["http://127.0.0.1:9/a.png"] }],
    error: PLAIN, fetch: { of: (id) => `/veo/v1/videos/generations/${id}`, id: (answer) => answer["task_id"], error: UNKNOWN_TASK },
  },
  Hailuo: { path: "/minimax/v1/video_generation", good: { model: "MiniMax-Hailuo-02", prompt: "x" }, unknown: { body: { model: NOBODY, prompt: "x" } }, missing: [{ prompt: "x" }, { model: "MiniMax-Hailuo-02" }], mistyped: [{ model: "MiniMax-Hailuo-02", prompt: 5 }, { model: "MiniMax-Hailuo-02", prompt: "x", prompt_optimizer: "yes" }, { model: "MiniMax-Hailuo-02", prompt: "x", duration: "long" }, ...INSIDE.map((image) => ({ model: "S2V-01", prompt: "x", subject_reference: [{ type: "character", image: [image] }] }))], error: HAILUO, fetch: { of: (id) => `/minimax/v1/query/video_generation?task_id=${id}`, id: (answer) => answer["task_id"] } },
  Seedance: {
    path: "/seedance/v3/contents/generations/tasks", good: { model: "doubao-seedance-1-0-pro-250528", content: TEXT }, unknown: { body: { model: NOBODY, content: TEXT } }, missing: [{ content: TEXT }, { model: "doubao-seedance-1-0-pro-250528" }],
    mistyped: [{ model: "doubao-seedance-1-0-pro-250528", content: "x" }, { model: "doubao-seedance-1-0-pro-250528", content: [] }, { model: "doubao-seedance-1-0-pro-250528", content: TEXT, resolution: 5 }, { model: "doubao-seedance-1-0-pro-250528", content: [{ type: "image_url", image_url: {} }] }],
    error: SEEDANCE, fetch: { of: (id) => `/seedance/v3/contents/generations/tasks/${id}`, id: (answer) => answer["id"] },
  },
  "OpenAI's videos": { path: "/v1/videos", good: { model: "veo-3.0-fast-generate-001", prompt: "x", seconds: "8" }, unknown: { body: { model: NOBODY, prompt: "x" } }, missing: [{ model: "veo-3.0-fast-generate-001" }], mistyped: [{ model: "veo-3.0-fast-generate-001", prompt: 5 }, { model: "veo-3.0-fast-generate-001", prompt: "x", seconds: "long" }, { model: "veo-3.0-fast-generate-001", prompt: "x", size: "wide" }, { model: "kling-v1-6", prompt: "x", last_frame: LOOP, input_reference: URI }], error: OPENAI, fetch: { of: (id) => `/v1/videos/${id}`, id: (answer) => answer["id"] } },
  "New API's films": { path: "/v1/video/generations", good: { model: "kling-v1-6", prompt: "x" }, unknown: { body: { model: NOBODY, prompt: "x" } }, missing: [{ prompt: "x" }], mistyped: [{ model: "kling-v1-6", prompt: 5 }, { model: "kling-v1-6", prompt: "x", duration: "long" }, { model: "kling-v1-6", prompt: "x", image: "http://127.0.0.1:9/a.png" }], error: SUNO, fetch: { of: (id) => `/v1/video/generations/${id}`, id: (answer) => answer["id"] } },
  "Google's films": { path: "/v1beta/models/veo-3.0-fast-generate-001:predictLongRunning", good: { instances: [{ prompt: "x" }] }, unknown: { path: `/v1beta/models/${NOBODY}:predictLongRunning`, body: { instances: [{ prompt: "x" }] } }, missing: [{}, { instances: [{}] }], mistyped: [{ instances: "x" }, { instances: [{ prompt: 5 }] }, { instances: [{ prompt: "x", image: { bytesBase64Encoded: 5 } }] }], error: GOOGLE },
  "pictures at OpenAI's address": { path: "/v1/images/generations", good: { model: "flux-kontext-pro", prompt: "x" }, unknown: { body: { model: NOBODY, prompt: "x" } }, missing: [{ model: "flux-kontext-pro" }], mistyped: [{ model: "flux-kontext-pro", prompt: 5 }, { model: "flux-kontext-pro", prompt: "x", n: "many" }, { model: "flux-kontext-pro", prompt: "x", size: "big" }], error: OPENAI },
  "changes at OpenAI's address": { path: "/v1/images/edits", good: formOf({ model: "qwen-image-edit", prompt: "x", image: file }), unknown: { body: formOf({ model: NOBODY, prompt: "x", image: file }) }, missing: [formOf({ model: "qwen-image-edit", prompt: "x" })], mistyped: INSIDE.map((image) => ({ model: "qwen-image-edit", prompt: "x", image })), error: OPENAI },
};

async function send(path: string, body: Body | undefined, key = caller.apiKey): Promise<{ status: number; text: string }> {
  const form = body instanceof FormData;
  const answer = await fetch(`${gateway.url}${path}`, { method: body ? "POST" : "GET", headers: { authorization: `Bearer ${key}`, ...(body && !form ? { "content-type": "application/json" } : {}), "x-sandbox-fault": "queue-ms=10;run-ms=10" }, ...(body ? { body: form ? body : JSON.stringify(body) } : {}) });
  return { status: answer.status, text: await answer.text() };
}
const shown = (body: Body | undefined): unknown => (body instanceof FormData ? [...body.keys()] : JSON.stringify(body).slice(0, 200));
function held(error: z.ZodType, said: { status: number; text: string }, what: unknown): void {
  const { error: wrong } = error.safeParse(JSON.parse(said.text));
  expect([what, said.status, wrong?.issues ?? []], said.text).toEqual([what, said.status, []]);
}

for (const [name, { path, unknown, missing, mistyped, error }] of Object.entries(DOORS))
  test(`${name}: an unknown model, what is missing and what is of another type are refused in the family's form`, async () => {
    if (unknown) {
      const said = await send(unknown.path ?? path, unknown.body);
      expect([400, 404, 422], said.text).toContain(said.status);
      held(error, said, "an unknown model");
    }
    for (const body of [...missing, ...mistyped]) {
      const said = await send(path, body);
      expect([400, 422], `${String(shown(body))} ${said.text}`).toContain(said.status);
      held(error, said, shown(body));
    }
  });

/** The beginnings of files, as their formats' specifications have them. */
const MP4 = Buffer.from("\0\0\0\x18ftypisom\0\0\x02\0isomiso2", "latin1");
const named = (bytes: Uint8Array, type: string): File => new File([bytes], "a", { type });
const FILES: Readonly<Record<string, File>> = {
  "@png": file, "@jpeg": named(await picture({ width: 300, height: 300, format: "jpeg", seed: "refused" }), "image/jpeg"), "@webp": named(await picture({ width: 300, height: 300, format: "webp", seed: "refused" }), "image/webp"),
  "@mp4": named(MP4, "video/mp4"), "@mp4-as-png": named(MP4, "image/png"), "@text": named(Buffer.from("hello"), "text/plain"), "@html": named(Buffer.from("<!doctype html><html></html>"), "image/png"), "@pdf": named(Buffer.from("%PDF-1.7 "), "application/pdf"),
  "@6MB": named(Buffer.concat([png, Buffer.alloc(6 * 1024 * 1024)]), "image/png"), "@11MB": named(Buffer.concat([png, Buffer.alloc(11 * 1024 * 1024)]), "image/png"),
};
const base64 = async (width: number, height: number, format: "png" | "webp" = "png"): Promise<string> => Buffer.from(await picture({ width, height, format, seed: "refused" })).toString("base64");
/** In a body of JSON. */
const TEXTS: Readonly<Record<string, string>> = {
  "@base64": png.toString("base64"), "@data:png": URI, "@data:text": `data:image/png;base64,${Buffer.from("hello there, this is no picture").toString("base64")}`,
  "@small": await base64(299, 300), "@data:small": `data:image/png;base64,${await base64(300, 200)}`, "@long": await base64(300, 760), "@webp-base64": await base64(300, 300, "webp"),
};
function bodyOf(body: ValueBody): Body {
  if (!("form" in body)) return JSON.parse(JSON.stringify(body), (_, value: unknown) => (typeof value === "string" ? (TEXTS[value] ?? value) : value)) as Json;
  const form = new FormData();
  for (const [name, value] of Object.entries(body.form as Readonly<Record<string, string | readonly string[]>>)) for (const one of [value].flat()) form.append(name, FILES[one] ?? one);
  return form;
}

for (const { door, path, wrong } of VALUES)
  test(`${door}: ${path}: values that the vendor's documents do not know are refused in the family's form, which names the member`, async () => {
    for (const [member, body] of wrong) {
      const said = await send(path, bodyOf(body));
      expect([400, 422], `${JSON.stringify(body).slice(0, 300)} ${said.text}`).toContain(said.status);
      held(DOORS[door]?.error ?? z.never(), said, member);
      expect(said.text, JSON.stringify(body).slice(0, 300)).toContain(member);
    }
  });

test("of all these nothing was sent, no task is there, nothing is held or charged", async () => {
  expect(gateway.seen()).toEqual([]);
  expect(await gateway.db.selectFrom("tasks").select("id").where("user_id", "=", caller.userId).execute()).toEqual([]);
  // The relay notes a model that nobody has; the note may have reached the database by now.
  expect(await gateway.db.selectFrom("requests").select(["endpoint", "error_code"]).where("user_id", "=", caller.userId).where((row) => row.or([row("end_reason", "!=", "rejected"), row("charge_nano", "!=", "0")])).execute()).toEqual([]);
  expect((await gateway.db.selectFrom("budgets").select("held_nano").execute()).every(({ held_nano }) => held_nano === "0")).toBe(true);
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});

for (const [name, { path, good, fetch: asked, error }] of Object.entries(DOORS))
  if (asked)
    test(`K23, V12: ${name}: another's task is answered as one that never was, byte for byte but for the request's id`, async () => {
      const made = await send(path, good, stranger.apiKey);
      const id = String(asked.id(JSON.parse(made.text) as Json));
      expect([200, 201], made.text).toContain(made.status);
      expect((await send(asked.of(id), undefined, stranger.apiKey)).status).toBe(200);
      const never = id.replaceAll(/[0-9]/g, (digit) => String((Number(digit) + 1) % 10));
      const [foreign, unknown] = [await send(asked.of(id), undefined), await send(asked.of(never), undefined)];
      expect(foreign.status).toBe(404);
      held(asked.error ?? error, foreign, "another's task");
      const bare = ({ status, text }: { status: number; text: string }): object => ({ status, text: text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "…") });
      expect(bare(foreign)).toEqual(bare(unknown));
    });

for (const { door, path, taken } of VALUES)
  if (taken.length > 0)
    test(`${door}: ${path}: values at the ends of what is documented are taken, here and by the vendor`, async () => {
      for (const body of taken) {
        const made = await send(path, bodyOf(body), stranger.apiKey);
        expect([200, 201], `${JSON.stringify(body).slice(0, 300)} ${made.text}`).toContain(made.status);
        const asked = DOORS[door]?.fetch;
        if (!asked) continue;
        const id = String(asked.id(JSON.parse(made.text) as Json));
        const task = JSON.parse((await send(`/task/${id}?wait=30`, undefined, stranger.apiKey)).text) as Json;
        expect([body, task["status"], task["err_reason"]]).toEqual([body, "SUCCESS", undefined]);
      }
    });
