import { createPublicKey, verify } from "node:crypto";
import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { createFal } from "@ai-sdk/fal";
import { ApiError, createFalClient, ValidationError } from "@fal-ai/client";
import { startSandbox } from "../../server.ts";
import { HAS_FFPROBE, probe } from "../../testing/probe.ts";
import { receiver } from "../../testing/receiver.ts";
import { picture } from "../../kit/media/picture.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

/** The vendor's hosts, each below the sandbox under its own name. */
const fromHost = (url: string | URL | Request): string => (url instanceof Request ? url.url : url.toString()).replace(/^https:\/\/((?:queue\.)?fal\.run|(?:rest|api)\.fal\.ai)/, `${sandbox.url}/fal/$1`);
const fal = createFalClient({ credentials: "key-id:key-secret", requestMiddleware: async (request) => ({ ...request, url: fromHost(request.url) }), retry: { maxRetries: 0 } });
const authorization = "Key key-id:key-secret";
const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${sandbox.url}/fal/${path}`, { method: "POST", body: JSON.stringify(body), headers: { authorization, "content-type": "application/json", ...headers } });
const refusal = (call: Promise<unknown>): Promise<unknown> => call.then(() => "taken", (error: unknown) => error);
const textOf = (answer: unknown): string => (answer as { text: string }).text;
const KONTEXT = "fal-ai/flux-pro/kontext/max";
const PICTURE = `data:image/png;base64,${Buffer.from(await picture({ width: 64, height: 64, format: "png", seed: "in" })).toString("base64")}`;

describe("the vendor's own SDK", () => {
  test("subscribe: queue, work, result; addresses keep owner and app only; the file opens", async () => {
    const states: string[] = [];
    const { data, requestId } = await fal.subscribe(KONTEXT, {
      input: { prompt: "a stone", image_url: PICTURE, aspect_ratio: "16:9", num_images: 2, output_format: "png" },
      pollInterval: 100,
      logs: true,
      onQueueUpdate: (update) => void (states.at(-1) === update.status || states.push(update.status)),
    });
    expect(states).toEqual(["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]);
    expect(data.images).toHaveLength(2);
    expect(await new Bun.Image(await (await fetch(data.images[0]?.url ?? "")).bytes()).metadata()).toMatchObject({ format: "png", width: data.images[0]?.width, height: data.images[0]?.height });
    expect(data).toMatchObject({ prompt: "a stone", has_nsfw_concepts: [false, false], seed: expect.any(Number) });
    const submitted = JSON.parse(textOf(sandbox.requests()[0]?.["answer"]));
    expect(submitted.status_url).toEndWith(`/fal/queue.fal.run/fal-ai/flux-pro/requests/${requestId}/status`);
    expect(sandbox.tasks()).toMatchObject([{ id: requestId, model: KONTEXT, state: "succeeded", usage: { billable_units: 2 }, downloads: 1 }]);
    // told once, however often the result is read
    await fal.queue.result(KONTEXT, { requestId });
    expect(sandbox.requests().map((one) => one["usage"]).filter(Boolean)).toEqual([{ billable_units: 2 }]);
  });

  test("the status as a stream", async () => {
    const { request_id: requestId } = await fal.queue.submit("fal-ai/minimax/speech-02-hd", { input: { text: "Hello there." } });
    const seen: string[] = [];
    const status = await fal.queue.subscribeToStatus("fal-ai/minimax/speech-02-hd", { requestId, mode: "streaming", onQueueUpdate: (update) => void seen.push(update.status) });
    expect([status.status as string, ...seen]).toEqual(["COMPLETED", "IN_QUEUE", "IN_PROGRESS", "COMPLETED"]);
    const { data } = await fal.queue.result("fal-ai/minimax/speech-02-hd", { requestId });
    expect(data.audio).toMatchObject({ content_type: "audio/mpeg", file_size: expect.any(Number) });
    expect(data.duration_ms).toBe(800);
  });

  test("run answers when it is done; an upload comes back as it was sent", async () => {
    const { data } = await fal.run("fal-ai/recraft/v3/text-to-image", { input: { prompt: "a logo", style: "vector_illustration" as "any" } });
    expect(await (await fetch(data.images[0]?.url ?? "")).text()).toStartWith("<svg");
    const address = await fal.storage.upload(new Blob(["film"], { type: "video/mp4" }));
    expect(await (await fetch(address)).text()).toBe("film");
  });

  test("a video has the shape that was asked for", async () => {
    const { data } = await fal.subscribe("fal-ai/pika/v2.2/text-to-video", { input: { prompt: "waves", aspect_ratio: "9:16", duration: "10", resolution: "1080p" as "720p" }, pollInterval: 100 });
    const bytes = await (await fetch(data.video.url)).bytes();
    expect(data.video).toMatchObject({ content_type: "video/mp4", file_size: bytes.length });
    if (HAS_FFPROBE) expect(probe(bytes)).toMatchObject({ codec: "h264", width: 1080, height: 1920, duration: 10 });
    expect(sandbox.tasks()[0]).toMatchObject({ usage: { billable_units: 10 } });
  });

  test("an input at fault is taken into the queue and refused by the run", async () => {
    const wrong = { prompt: "x", image_url: "data:image/png;base64,aGVsbG8gd29ybGQ=", aspect_ratio: "5:1" as "1:1", num_images: 9 };
    const error = await refusal(fal.subscribe(KONTEXT, { input: wrong, pollInterval: 50 }));
    expect(error).toBeInstanceOf(ValidationError);
    expect((error as ValidationError).fieldErrors.map((one) => [one.loc.at(-1), one.type])).toEqual([["image_url", "image_load_error"], ["aspect_ratio", "one_of"], ["num_images", "less_than_equal"]]);
    const direct = await refusal(fal.run(KONTEXT, { input: { image_url: PICTURE } as never }));
    expect((direct as ValidationError).fieldErrors).toMatchObject([{ loc: ["body", "prompt"], msg: "Field required", type: "missing" }]);
    expect(sandbox.tasks().map((task) => task["usage"])).toEqual([null, null]);
  });

  test("refused for its content; failed; cancelled in time and too late", async () => {
    const refused = await refusal(fal.subscribe(KONTEXT, { input: { prompt: "a forbidden picture", image_url: PICTURE }, pollInterval: 50 }));
    expect((refused as ValidationError).fieldErrors).toMatchObject([{ type: "content_policy_violation", loc: ["body", "prompt"] }]);
    const failed = await refusal(fal.subscribe(KONTEXT, { input: { prompt: "x [[fault:fail-code=runner_server_error]]", image_url: PICTURE }, pollInterval: 50 }));
    expect([failed instanceof ApiError, (failed as ApiError<unknown>).status]).toEqual([true, 500]);

    const { request_id: requestId } = await fal.queue.submit(KONTEXT, { input: { prompt: "x", image_url: PICTURE } });
    await fal.queue.cancel(KONTEXT, { requestId });
    const late = await refusal(fal.queue.cancel(KONTEXT, { requestId }));
    expect((late as ApiError<{ status: string }>).body).toEqual({ status: "ALREADY_COMPLETED" });
    expect(await fal.queue.status(KONTEXT, { requestId })).toMatchObject({ status: "COMPLETED", error_type: "client_cancelled" });
    expect((await refusal(fal.queue.result(KONTEXT, { requestId })) as ApiError<unknown>).status).toBe(499);
  });
});

describe("the AI SDK", () => {
  test("a picture and speech", async () => {
    const provider = createFal({ apiKey: "key-id:key-secret", baseURL: `${sandbox.url}/fal/fal.run`, fetch: Object.assign((url: string | URL | Request, init?: RequestInit) => fetch(fromHost(url), init), fetch) });
    const options = { prompt: "a stone", n: 1, size: undefined, aspectRatio: "16:9", seed: 5, providerOptions: {}, files: undefined, mask: undefined } as const;
    const drawn = await provider.image("fal-ai/flux/dev").doGenerate(options);
    expect(await new Bun.Image(drawn.images[0] as Uint8Array).metadata()).toMatchObject({ width: 1024, height: 576 });
    expect(drawn.providerMetadata?.["fal"]).toMatchObject({ seed: 5 });
  });

  test("a video by the queue", async () => {
    // the SDK holds the vendor's host to be the only one: what the sandbox says of itself is told under that name
    const asVendor = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const answer = await fetch(fromHost(url), init);
      const text = await answer.text();
      return new Response(text.replaceAll(`${sandbox.url}/fal/queue.fal.run`, "https://queue.fal.run"), { status: answer.status, headers: { "content-type": "application/json" } });
    };
    const model = createFal({ apiKey: "key-id:key-secret", fetch: Object.assign(asVendor, fetch) }).video("luma-dream-machine");
    const started = await model.doStart?.({ prompt: "waves", n: 1, aspectRatio: "16:9", resolution: undefined, duration: 6, fps: undefined, seed: undefined, image: undefined, providerOptions: {} } as never);
    const operation = started?.operation as never;
    for (;;) {
      const status = await model.doStatus?.({ operation } as never);
      if (status?.status === "completed") {
        expect(status.videos).toMatchObject([{ type: "url", mediaType: "video/mp4" }]);
        break;
      }
      expect(status?.status).toBe("pending");
      await Bun.sleep(100);
    }
  });
});

describe("what goes wrong", () => {
  const submit = async (mark: string): Promise<{ status_url: string; response_url: string; request_id: string }> =>
    (await post(KONTEXT, { prompt: `x [[fault:run-ms=0;queue-ms=0;${mark}]]`, image_url: PICTURE })).json() as never;
  const get = (url: string): Promise<Response> => fetch(url, { headers: { authorization } });

  test("keys and names: no key, another form, another's request, a name that does not exist", async () => {
    expect((await fetch(`${sandbox.url}/fal/${KONTEXT}`, { method: "POST", body: "{}" })).status).toBe(401);
    expect((await post(KONTEXT, {}, { authorization: "Bearer key-id:key-secret" })).status).toBe(401);
    const { status_url: url } = await submit("times=1");
    expect((await fetch(url, { headers: { authorization: "Key another-key" } })).status).toBe(404);
    expect((await get(url.replace("flux-pro", "flux-dev"))).status).toBe(404);
    expect((await post("fal-ai/nonexistent", {})).status).toBe(404);
    expect((await post(KONTEXT, { prompt: "[[fault:no-balance]]" })).status).toBe(403);
  });

  test("polls that are spoilt decide nothing: the next one is right", async () => {
    const { status_url: url } = await submit("poll-status=503;poll-times=1");
    expect([(await get(url)).status, (await get(url)).status]).toEqual([503, 200]);
    const page = await submit("poll-html");
    expect((await get(page.status_url)).headers.get("content-type")).toStartWith("text/html");
    const throttled = await submit("poll-retry-after=2");
    const answer = await get(throttled.status_url);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "2"]);
    const empty = await submit("poll-empty;poll-times=1");
    expect([await (await get(empty.status_url)).text(), (await get(empty.status_url)).status]).toEqual(["", 200]);
    const odd = await (await post(KONTEXT, { prompt: "[[fault:never-ends;queue-ms=0;new-state]]", image_url: PICTURE })).json() as { status_url: string };
    expect(await (await get(odd.status_url)).json()).toMatchObject({ status: "IN_REVIEW" });
  });

  test("not started by the caller's limit", async () => {
    const { response_url: url } = await (await post(KONTEXT, { prompt: "x [[fault:queue-ms=60000]]", image_url: PICTURE }, { "x-fal-request-timeout": "0.01" })).json() as { response_url: string };
    await Bun.sleep(15);
    const answer = await get(url);
    expect([answer.status, answer.headers.get("x-fal-request-timeout-type"), await answer.json()]).toEqual([504, "user", { detail: expect.any(String), error_type: "request_timeout" }]);
  });

  test("accepted, and the answer lost: the books know the task", async () => {
    const lost = await refusal(post(KONTEXT, { prompt: "x [[fault:lost-answer]]", image_url: PICTURE }));
    expect(lost).toBeInstanceOf(Error);
    expect(sandbox.tasks()).toMatchObject([{ model: KONTEXT, faults: "lost-answer", polls: 0 }]);
    expect(sandbox.requests()).toMatchObject([{ task: sandbox.tasks()[0]?.["id"], answer: { completed: false } }]);
  });

  test("results: fewer, lost, expired, broken off and taken up again", async () => {
    const fewer = await (await post(`fal.run/${KONTEXT}`, { prompt: "x [[fault:partial]]", image_url: PICTURE, num_images: 3 })).json() as { images: unknown[] };
    expect(fewer.images).toHaveLength(2);
    const lost = await submit("lost-result");
    expect([(await get(lost.status_url)).status, (await get(lost.response_url)).status]).toEqual([200, 404]);
    const expired = await (await get((await submit("expired-link")).response_url)).json() as { images: { url: string }[] };
    expect((await fetch(expired.images[0]?.url ?? "")).status).toBe(403);

    const cut = await (await get((await submit("file-cut")).response_url)).json() as { images: { url: string }[] };
    const url = cut.images[0]?.url ?? "";
    expect(await refusal(fetch(url).then((answer) => answer.bytes()))).toBeInstanceOf(Error);
    const whole = await fetch(url);
    const bytes = await whole.bytes();
    const rest = await fetch(url, { headers: { range: "bytes=100-", "if-range": whole.headers.get("etag") ?? "" } });
    expect([rest.status, rest.headers.get("content-range"), Buffer.compare(await rest.bytes(), bytes.subarray(100))]).toEqual([206, `bytes 100-${bytes.length - 1}/${bytes.length}`, 0]);
    expect((await fetch(url, { headers: { range: "bytes=99999999-" } })).status).toBe(416);
    const none = await (await get((await submit("no-usage")).response_url)).headers.get("x-fal-billable-units");
    expect(none).toBeNull();
  });
});

describe("webhooks", () => {
  async function isSigned({ headers, text }: { headers: Headers; text: string }): Promise<boolean> {
    const { keys } = await (await fetch(`${sandbox.url}/fal/rest.fal.ai/.well-known/jwks.json`)).json() as { keys: object[] };
    const part = (name: string): string => headers.get(`x-fal-webhook-${name}`) ?? "";
    const signed = Buffer.from([part("request-id"), part("user-id"), part("timestamp"), new Bun.CryptoHasher("sha256").update(text).digest("hex")].join("\n"));
    return keys.some((key) => verify(null, signed, createPublicKey({ key, format: "jwk" } as never), Buffer.from(part("signature"), "hex")));
  }

  test("signed with a key of the set; repeated until it is taken; the payload is the output or the error", async () => {
    const hook = receiver((index) => (index === 0 ? 500 : 200));
    const { request_id: id } = await fal.queue.submit(KONTEXT, { input: { prompt: "x", image_url: PICTURE }, webhookUrl: hook.url });
    const [first, second] = await hook.waitFor(2);
    expect(JSON.parse(first?.text ?? "")).toMatchObject({ request_id: id, status: "OK", payload: { images: [{ width: 1024 }] } });
    expect(second?.text).toBe(first?.text ?? "");
    expect(await isSigned(second as never)).toBe(true);
    await fal.queue.submit(KONTEXT, { input: { prompt: "forbidden picture", image_url: PICTURE }, webhookUrl: hook.url });
    expect(JSON.parse((await hook.waitFor(3))[2]?.text ?? "")).toMatchObject({ status: "ERROR", payload: { detail: [{ type: "content_policy_violation" }] } });
    await hook.stop();
  });

  test("lost, twice, forged", async () => {
    const hook = receiver();
    const send = (mark: string) => post(`${KONTEXT}?fal_webhook=${encodeURIComponent(hook.url)}`, { prompt: `x [[fault:run-ms=0;queue-ms=0;${mark}]]`, image_url: PICTURE });
    await send("no-callback");
    await send("callback-twice");
    const [one, two] = await hook.waitFor(2);
    expect([one?.text, await isSigned(one as never)]).toEqual([two?.text, true]);
    await send("callback-forged");
    expect(await isSigned((await hook.waitFor(3))[2] as never)).toBe(false);
    expect(sandbox.tasks().map((task) => (task["callbacks"] as unknown[]).length)).toEqual([0, 2, 1]);
    await hook.stop();
  });
});
