import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { createReplicate } from "@ai-sdk/replicate";
import Replicate, { validateWebhook } from "replicate";
import { startSandbox } from "../../server.ts";
import { receiver } from "../../testing/receiver.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

const TOKEN = "r8_sandbox_token";
const client = (auth = TOKEN): Replicate => new Replicate({ auth, baseUrl: `${sandbox.url}/replicate/v1` });
const replicate = client();
const ULTRA = "black-forest-labs/flux-1.1-pro-ultra";
const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${sandbox.url}/replicate/v1/${path}`, { method: "POST", body: JSON.stringify(body), headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...headers } });
const refusal = (call: Promise<unknown>): Promise<string> => call.then(() => "taken", (error: Error) => error.message);

describe("the vendor's own SDK", () => {
  test("run waits for the picture; one address, a list for other models", async () => {
    const output = await replicate.run(ULTRA, { input: { prompt: "a stone", aspect_ratio: "21:9", output_format: "png" } });
    const size = await new Bun.Image(await (await fetch(output as unknown as string)).bytes()).metadata();
    expect(size).toMatchObject({ format: "png", width: 3136, height: 1344 });
    expect(await replicate.run("stability-ai/sdxl:39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b", { input: { prompt: "x", num_outputs: 3 } })).toHaveLength(3);
    const [first] = sandbox.requests();
    expect(first).toMatchObject({ path: `/v1/models/${ULTRA}/predictions`, answer: { status: 201 }, usage: { predict_time: expect.any(Number) }, task: sandbox.tasks()[0]?.["id"] });
  });

  test("created, polled to its end, listed, and shown again with what it took", async () => {
    const created = await replicate.predictions.create({ model: ULTRA, input: { prompt: "x" } });
    expect(created.id).toMatch(/^[0-9a-z]{26}$/);
    expect(created).toMatchObject({ status: "starting", output: null, version: "hidden", source: "api", data_removed: false, error: null });
    const states: string[] = [];
    const done = await replicate.wait(created, { interval: 60 }, async (one) => {
      if (states.at(-1) !== one.status) states.push(one.status);
      return false;
    });
    expect(states).toEqual(["starting", "processing"]);
    expect(done).toMatchObject({ status: "succeeded", metrics: { predict_time: expect.closeTo(0.45, 2), total_time: expect.closeTo(0.6, 2) }, logs: expect.stringContaining("Using seed") });
    const pages = [];
    for await (const page of replicate.paginate(() => replicate.predictions.list())) pages.push(...page);
    expect(pages.map((one) => one.id)).toEqual([created.id]);
    expect(await refusal(client("another_token").predictions.get(created.id))).toInclude("404");
  });

  test("a wait that runs out tells what began", async () => {
    const answer = await post(`models/${ULTRA}/predictions`, { input: { prompt: "x [[fault:never-ends]]" } }, { prefer: "wait=1" });
    expect([answer.status, await answer.json()]).toMatchObject([202, { status: "starting" }]);
  });

  test("cancelled: before its start, at work, after its end; given up at a deadline", async () => {
    const queued = await replicate.predictions.create({ model: ULTRA, input: { prompt: "x" } });
    expect(await replicate.predictions.cancel(queued.id)).toMatchObject({ status: "canceled", output: null, metrics: { predict_time: 0 } });
    const done = await replicate.predictions.create({ model: ULTRA, input: { prompt: "x [[fault:queue-ms=0;run-ms=0]]" } });
    expect(await replicate.predictions.cancel(done.id)).toMatchObject({ status: "succeeded" });
    const raced = await replicate.predictions.create({ model: ULTRA, input: { prompt: "x [[fault:cancel-ignored;queue-ms=0;run-ms=20]]" } });
    expect(await replicate.predictions.cancel(raced.id)).toMatchObject({ status: "processing" });
    await Bun.sleep(25);
    expect(await replicate.predictions.get(raced.id)).toMatchObject({ status: "succeeded" });
    const late = await (await post(`models/${ULTRA}/predictions`, { input: { prompt: "x [[fault:never-starts]]" } }, { "cancel-after": "0s" })).json() as { id: string };
    expect(await replicate.predictions.get(late.id)).toMatchObject({ status: "aborted", deadline: expect.any(String) });
    const cut = await (await post(`models/${ULTRA}/predictions`, { input: { prompt: "x [[fault:never-ends;queue-ms=0]]" } }, { "cancel-after": "1s" })).json() as { id: string };
    await Bun.sleep(1010);
    expect(await replicate.predictions.get(cut.id)).toMatchObject({ status: "canceled", metrics: { predict_time: 1 } });
  });

  test("refused and failed: a text is all that is told", async () => {
    expect(await refusal(replicate.run(ULTRA, { input: { prompt: "a forbidden picture" } }))).toInclude("flagged as sensitive");
    expect(await refusal(replicate.run(ULTRA, { input: { prompt: "x [[fault:fail-code=CUDA out of memory]]" } }))).toBe("Prediction failed: CUDA out of memory");
  });

  test("an upload is taken and used; the account", async () => {
    const output = await replicate.run("black-forest-labs/flux-kontext-pro", { input: { prompt: "x", input_image: new Blob(["picture"], { type: "image/png" }) } });
    expect(new URL(output as unknown as string).pathname).toEndWith(".png");
    expect(sandbox.requests().map((one) => one["path"])).toContain("/v1/files");
    expect(await replicate.accounts.current()).toMatchObject({ type: "user" });
    expect(await replicate.models.get("black-forest-labs", "flux-kontext-pro")).toMatchObject({ name: "flux-kontext-pro" });
  });

  test("webhooks: every event, signed as the SDK checks", async () => {
    const hook = receiver();
    const { id } = await replicate.predictions.create({ model: ULTRA, input: { prompt: "x" }, webhook: hook.url });
    const messages = await hook.waitFor(4);
    const told = messages.map((one) => JSON.parse(one.text) as { id: string; status: string; output: unknown });
    expect(told.map((one) => one.status)).toEqual(["processing", "processing", "succeeded", "succeeded"]);
    expect(told.at(-1)).toMatchObject({ id, output: expect.stringContaining("/__files/") });
    const secret = (await replicate.webhooks.default.secret.get()).key;
    const check = ({ headers, text }: (typeof messages)[number]): Promise<boolean> =>
      validateWebhook({ id: headers.get("webhook-id") ?? "", timestamp: headers.get("webhook-timestamp") ?? "", signature: headers.get("webhook-signature") ?? "", body: text, secret });
    expect(await Promise.all(messages.map(check))).toEqual([true, true, true, true]);
    await replicate.predictions.create({ model: ULTRA, input: { prompt: "x [[fault:callback-forged;queue-ms=0;run-ms=0]]" }, webhook: hook.url, webhook_events_filter: ["completed"] });
    expect(await check((await hook.waitFor(5))[4] as (typeof messages)[number])).toBe(false);
    await hook.stop();
  });

  test("webhooks out of order: what began is told after the end, and says so", async () => {
    const hook = receiver();
    await replicate.predictions.create({ model: ULTRA, input: { prompt: "x [[fault:callback-order;queue-ms=0;run-ms=20]]" }, webhook: hook.url, webhook_events_filter: ["start", "completed"] });
    expect((await hook.waitFor(2)).map((one) => (JSON.parse(one.text) as { status: string }).status)).toEqual(["succeeded", "processing"]);
    await hook.stop();
  });
});

describe("the AI SDK", () => {
  const provider = createReplicate({ apiToken: TOKEN, baseURL: `${sandbox.url}/replicate/v1` });

  test("a picture", async () => {
    const options = { prompt: "a stone", n: 1, size: undefined, aspectRatio: "16:9", seed: 5, providerOptions: {}, files: undefined, mask: undefined } as const;
    const drawn = await provider.image(ULTRA).doGenerate(options);
    expect(await new Bun.Image(drawn.images[0] as Uint8Array).metadata()).toMatchObject({ format: "jpeg", width: 2736, height: 1536 });
  });

  test("a film", async () => {
    const model = provider.video("minimax/video-01");
    const started = await model.doStart?.({ prompt: "waves", n: 1, aspectRatio: "16:9", duration: 6, providerOptions: {} } as never);
    for (;;) {
      const status = await model.doStatus?.({ operation: started?.operation } as never);
      if (status?.status === "completed") {
        expect(status.videos).toMatchObject([{ type: "url", mediaType: "video/mp4", url: expect.stringContaining(".mp4") }]);
        break;
      }
      await Bun.sleep(100);
    }
  });
});

describe("what goes wrong", () => {
  const body = async (answer: Promise<Response>): Promise<unknown> => (await answer).json();

  test("inputs are checked before anything is taken", async () => {
    expect(await body(post(`models/${ULTRA}/predictions`, { input: { safety_tolerance: 9, aspect_ratio: "7:1" } }))).toEqual({
      title: "Input validation failed",
      status: 422,
      detail: expect.stringContaining("- input.safety_tolerance: Must be less than or equal to 6"),
      invalid_fields: [
        { type: "required", field: "input", description: "prompt is required" },
        { type: "enum", field: "input.aspect_ratio", description: expect.stringContaining('"21:9"') },
        { type: "number_lte", field: "input.safety_tolerance", description: "Must be less than or equal to 6" },
      ],
    });
    expect((await post(`models/${ULTRA}/predictions`, { prompt: "x" })).status).toBe(422);
    expect((await post("models/nobody/nonexistent/predictions", { input: {} })).status).toBe(404);
    expect((await post("predictions", { input: {} })).status).toBe(422);
    expect((await post(`models/${ULTRA}/predictions`, { input: { prompt: "x" } }, { authorization: "" })).status).toBe(401);
    expect(sandbox.tasks()).toEqual([]);
  });

  test("no money, throttled", async () => {
    expect([(await post(`models/${ULTRA}/predictions`, {}, { "x-sandbox-fault": "no-balance" })).status]).toEqual([402]);
    const throttled = await post(`models/${ULTRA}/predictions`, {}, { "x-sandbox-fault": "retry-after=7" });
    expect([throttled.status, throttled.headers.get("retry-after"), await throttled.json()]).toMatchObject([429, "7", { detail: "Request was throttled. Your rate limit resets in ~7s." }]);
  });

  test("the output is gone, at once or after an hour", async () => {
    const gone = await (await post(`models/${ULTRA}/predictions`, { input: { prompt: "x [[fault:lost-result]]" } }, { prefer: "wait" })).json();
    expect(gone).toMatchObject({ status: "succeeded", output: null, data_removed: true, input: {}, logs: "" });
    let now = Date.now();
    const old = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => now });
    const base = `${old.url}/replicate/v1`;
    const { id } = await new Replicate({ auth: TOKEN, baseUrl: base }).predictions.create({ model: ULTRA, input: { prompt: "x" } });
    now += 10_000;
    const { output } = await new Replicate({ auth: TOKEN, baseUrl: base }).predictions.get(id);
    expect((await fetch(output as unknown as string)).status).toBe(200);
    now += 3_600_000;
    expect(await new Replicate({ auth: TOKEN, baseUrl: base }).predictions.get(id)).toMatchObject({ status: "succeeded", output: null, data_removed: true });
    expect((await fetch(output as unknown as string)).status).toBe(403);
    await old.stop();
  });
});
