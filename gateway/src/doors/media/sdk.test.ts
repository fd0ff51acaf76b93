import { expect, test } from "bun:test";
import { createFalClient } from "@fal-ai/client";
import { createFal } from "@ai-sdk/fal";
import Replicate from "replicate";
import { sql } from "kysely";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { testGateway } from "../../testing/gateway.ts";

interface Page {
  previous: string | null;
  next: string | null;
  results: { id: string }[];
}

const gateway = await testGateway();
const caller = await gateway.newCaller("10");

test("@fal-ai/client: subscribe waits through the queue and gives the model's own output; status, result and cancel by themselves", async () => {
  const fal = createFalClient({ credentials: caller.apiKey, requestMiddleware: (request) => Promise.resolve({ ...request, url: request.url.replace("https://queue.fal.run", gateway.url) }), retry: { maxRetries: 0 } });
  const seen: string[] = [];
  const { data, requestId } = await fal.subscribe("fal-ai/recraft/v3/text-to-image", { input: { prompt: "a red stone" }, pollInterval: 100, onQueueUpdate: ({ status }) => seen.push(status) });
  expect((data as { images: { url: string }[] }).images[0]?.url).toStartWith("http");
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(seen.at(-1)).toBe("COMPLETED");
  const { request_id } = await fal.queue.submit("fal-ai/recraft/v3/text-to-image", { input: { prompt: "a stone" }, headers: { "x-sandbox-fault": "never-ends" } });
  expect(["IN_QUEUE", "IN_PROGRESS"]).toContain((await fal.queue.status("fal-ai/recraft/v3/text-to-image", { requestId: request_id })).status);
  await fal.queue.cancel("fal-ai/recraft/v3/text-to-image", { requestId: request_id });
});

test("@fal-ai/client: a status may be streamed, by itself and in subscribe, to the end", async () => {
  const fal = createFalClient({ credentials: caller.apiKey, requestMiddleware: (request) => Promise.resolve({ ...request, url: request.url.replace("https://queue.fal.run", gateway.url) }), retry: { maxRetries: 0 } });
  const MODEL = "fal-ai/recraft/v3/text-to-image";
  const { request_id } = await fal.queue.submit(MODEL, { input: { prompt: "a stone" }, headers: { "x-sandbox-fault": "queue-ms=50;run-ms=300" } });
  const stream = await fal.queue.streamStatus(MODEL, { requestId: request_id });
  const heard: string[] = [];
  for await (const { status } of stream) heard.push(status);
  expect(heard.at(-1)).toBe("COMPLETED");
  expect(heard[0]).not.toBe("COMPLETED");
  const { data } = await fal.subscribe(MODEL, { input: { prompt: "a stone" }, mode: "streaming" });
  expect((data as { images: unknown[] }).images).toHaveLength(1);
});

test("fal's direct calls, by its client and the AI SDK: the answer waits, and is the model's own output; a refusal is an error", async () => {
  const fal = createFalClient({ credentials: caller.apiKey, requestMiddleware: (request) => Promise.resolve({ ...request, url: request.url.replace("https://fal.run", gateway.url) }), retry: { maxRetries: 0 } });
  const { data } = await fal.run("fal-ai/recraft/v3/text-to-image", { input: { prompt: "a red stone" } });
  expect((data as { images: { url: string }[] }).images[0]?.url).toStartWith("http");
  // the SDK downloads from public hosts only: the vendor's files are told under its name
  const files = "https://v3.fal.media";
  const asVendor = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const answer = await fetch((url instanceof Request ? url.url : String(url)).replace(files, gateway.sandbox.url), init);
    return answer.headers.get("content-type")?.includes("json") ? new Response((await answer.text()).replaceAll(gateway.sandbox.url, files), { status: answer.status, headers: { "content-type": "application/json" } }) : answer;
  };
  const model = createFal({ apiKey: caller.apiKey, baseURL: gateway.url, fetch: Object.assign(asVendor, fetch) }).image("fal-ai/recraft/v3/text-to-image");
  const ask = { n: 1, size: undefined, aspectRatio: undefined, seed: undefined, files: undefined, mask: undefined, providerOptions: {} };
  expect((await model.doGenerate({ ...ask, prompt: "a red stone" })).images).toHaveLength(1);
  await expect(fal.run("fal-ai/recraft/v3/text-to-image", { input: { prompt: "a forbidden picture" } })).rejects.toThrow();
});

test("V03: @fal-ai/client with nothing but its proxyUrl set: subscribe, run, status, cancel; only fal's own hosts are taken for targets, and none is fetched", async () => {
  const fal = createFalClient({ credentials: caller.apiKey, proxyUrl: { url: `${gateway.url}/fal/proxy`, when: "always" }, retry: { maxRetries: 0 } });
  const { data, requestId } = await fal.subscribe("fal-ai/recraft/v3/text-to-image", { input: { prompt: "a red stone" }, pollInterval: 100 });
  const picture = (data as { images: { url: string }[] }).images[0]?.url ?? "";
  expect((await fetch(picture)).headers.get("content-type")).toStartWith("image/");
  expect((await fal.queue.result("fal-ai/recraft/v3/text-to-image", { requestId })).data).toEqual(data);
  expect(((await fal.run("fal-ai/recraft/v3/text-to-image", { input: { prompt: "a red stone" } })).data as { images: unknown[] }).images).toHaveLength(1);
  const { request_id, status_url } = await fal.queue.submit("fal-ai/recraft/v3/text-to-image", { input: { prompt: "a stone" }, headers: { "x-sandbox-fault": "never-ends" } });
  expect(status_url).toBe(`${gateway.url}/fal-ai/recraft/requests/${request_id}/status`);
  expect(["IN_QUEUE", "IN_PROGRESS"]).toContain((await fal.queue.status("fal-ai/recraft/v3/text-to-image", { requestId: request_id })).status);
  await fal.queue.cancel("fal-ai/recraft/v3/text-to-image", { requestId: request_id });
  const orders = (): number => gateway.seen().filter(({ path, answer }) => !path.includes("/requests/") && answer.status < 300).length;
  const asked = orders();
  const refused = async (target: string | undefined): Promise<unknown> => {
    const answer = await fetch(`${gateway.url}/fal/proxy`, { method: "POST", headers: { authorization: `Key ${caller.apiKey}`, "content-type": "application/json", ...(target === undefined ? {} : { "x-fal-target-url": target }) }, body: JSON.stringify({ prompt: "a stone" }) });
    return [answer.status, ((await answer.json()) as { error: string }).error.includes("x-fal-target-url")];
  };
  const targets = [undefined, "nonsense", "http://queue.fal.run/fal-ai/recraft", "https://queue.fal.run.example.com/x", "https://queue.fal.run@169.254.169.254/x", "https://user@queue.fal.run/x", "https://queue.fal.run:8443/x", `${gateway.url}/fal-ai/x`, "https://rest.fal.ai/storage/upload/initiate"];
  for (const target of targets) expect([target, await refused(target)]).toEqual([target, [400, true]]);
  expect((await fetch(`${gateway.url}/fal/proxy`, { method: "POST", headers: { "content-type": "application/json", "x-fal-target-url": "https://queue.fal.run/fal-ai/recraft/v3/text-to-image" }, body: "{}" })).status).toBe(401);
  expect(orders()).toBe(asked);
});

test("replicate: run gives the output, predictions are made, waited for and cancelled", async () => {
  const replicate = new Replicate({ auth: caller.apiKey, baseUrl: `${gateway.url}/replicate/v1`, useFileOutput: false });
  const output = await replicate.run("black-forest-labs/flux-kontext-pro", { input: { prompt: "a hill" } });
  expect(JSON.stringify(output)).toContain("/assets/");
  const prediction = await replicate.predictions.create({ model: "google/imagen-4", input: { prompt: "a lake" } });
  expect((await replicate.wait(prediction, { interval: 100 })).status).toBe("succeeded");
  await expect(replicate.predictions.get("nothing")).rejects.toThrow("404");
});

test("replicate: a run whose wait is over before its end goes on waiting for it; a file is taken; what runs is cancelled", async () => {
  const replicate = new Replicate({ auth: caller.apiKey, baseUrl: `${gateway.url}/replicate/v1`, useFileOutput: false, fetch: (url, init) => fetch(url as string, { ...init, headers: { ...(init?.headers as Record<string, string>), "x-sandbox-fault": "queue-ms=0;run-ms=3000" } }) });
  const stone = await picture({ width: 64, height: 64, format: "png", seed: "given" });
  const seen: string[] = [];
  const output = await replicate.run("black-forest-labs/flux-kontext-pro", { input: { prompt: "a hill", input_image: new Blob([new Uint8Array(stone)], { type: "image/png" }) }, wait: { mode: "block", timeout: 1 } }, ({ status }) => seen.push(status));
  expect([JSON.stringify(output), seen[0], seen.at(-1)]).toEqual([expect.stringContaining("/assets/"), "starting", "succeeded"]);
  const given = gateway.seen().map(({ body }) => /"input_image":"([^"]+)"/.exec(Buffer.from(body.base64, "base64").toString())?.[1]).find((url) => url !== undefined) ?? "";
  expect(given).toStartWith(`${gateway.url}/assets/`);
  expect(await (await fetch(given)).bytes()).toEqual(new Uint8Array(stone));
  await expect(replicate.files.create(new Blob(["#!/bin/sh"], { type: "image/png" }))).rejects.toThrow("no file of the kind");
  const { id } = await replicate.predictions.create({ model: "google/imagen-4", input: { prompt: "a lake" } });
  while ((await replicate.predictions.get(id)).status === "starting") await Bun.sleep(20);
  await replicate.predictions.cancel(id);
  expect((await replicate.wait(await replicate.predictions.get(id), { interval: 100 })).status).toBe("canceled");
}, 60_000);

test("replicate: stream reads the events of a run without a key, to the file itself; its address opens that one prediction, and nothing else", async () => {
  const replicate = new Replicate({ auth: caller.apiKey, baseUrl: `${gateway.url}/replicate/v1` });
  const heard: string[] = [];
  for await (const { event, data } of replicate.stream("black-forest-labs/flux-kontext-pro", { input: { prompt: "a hill" } })) {
    heard.push(event);
    if (event === "output") expect(((await (data as unknown as { blob(): Promise<Blob> }).blob()).type)).toStartWith("image/");
  }
  expect(heard).toEqual(["output", "done"]);
  const refusing = new Replicate({ auth: caller.apiKey, baseUrl: `${gateway.url}/replicate/v1`, fetch: (url, init) => fetch(url as string, { ...init, headers: { ...(init?.headers as Record<string, string>), "x-sandbox-fault": "refuse" } }) });
  const failing = refusing.stream("black-forest-labs/flux-kontext-pro", { input: { prompt: "a hill" } });
  await expect(failing.next()).rejects.toThrow("detail");

  const other = await gateway.newCaller("10");
  const [mine, theirs] = await Promise.all([caller, other].map(({ apiKey }) => new Replicate({ auth: apiKey, baseUrl: `${gateway.url}/replicate/v1` }).predictions.create({ model: "google/imagen-4", input: { prompt: "a lake" } })));
  const [address, foreign] = [mine?.urls?.stream ?? "", theirs?.urls?.stream ?? ""];
  const token = address.split("/").at(-1) ?? "";
  const texts = (at: string): string => at.replace("/v1/files/", "/replicate/v1/predictions/");
  for (const right of [address, texts(address)]) expect(await (await fetch(right)).text()).toEndWith("event: done\ndata: {}\n\n");
  const refused = await Promise.all([`${address}x`, address.replace(token, foreign.split("/").at(-1) ?? ""), address.replace(mine?.id ?? "", theirs?.id ?? ""), address.replace(mine?.id ?? "", "nothing")].flatMap((wrong) => [wrong, texts(wrong)]).map(async (wrong) => {
    const answer = await fetch(wrong, { headers: { authorization: `Bearer ${caller.apiKey}` } });
    return [answer.status, await answer.json()] as const;
  }));
  for (const answer of refused) expect(answer).toEqual([404, { title: "not_found", detail: "Task not found", status: 404 }]);
  // Neither the token nor its address is a key.
  for (const path of ["", "/stream", "/cancel"]) expect((await fetch(`${gateway.url}/replicate/v1/predictions/${mine?.id}${path}`, { method: path === "/cancel" ? "POST" : "GET", headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
  await fetch(`${gateway.url}/task/${mine?.id}`, { method: "DELETE", headers: { authorization: `Bearer ${caller.apiKey}` } });
  expect((await fetch(address)).status).toBe(404);
}, 20_000);

test("K23: replicate: an account's own predictions are listed, newest first, page by page, forth and back", async () => {
  const owner = await gateway.newCaller("10");
  const replicate = new Replicate({ auth: owner.apiKey, baseUrl: `${gateway.url}/replicate/v1`, useFileOutput: false });
  const empty = await replicate.predictions.list();
  expect(empty as object).toEqual({ previous: null, next: null, results: [] });
  const made: string[] = [];
  for (let index = 0; index < 3; index += 1) made.unshift((await replicate.predictions.create({ model: "google/imagen-4", input: { prompt: `lake ${index}` } })).id);
  await fetch(`${gateway.url}/task/submit`, { method: "POST", headers: { authorization: `Bearer ${owner.apiKey}`, "content-type": "application/json" }, body: JSON.stringify({ model: "grok-video", prompt: "a lake" }) });
  expect((await replicate.predictions.list()).results.map(({ id, input }) => [id, typeof input])).toEqual(made.map((id) => [id, "object"]));
  // 150 older ones, ten at a time in one moment: more than one page, and moments that lie across its end.
  await sql`insert into tasks select (jsonb_populate_record(t, jsonb_build_object('id', 'older' || n, 'request_id', gen_random_uuid(), 'callback_token', 'older' || n, 'vendor_ref', null, 'submitted_at', t.submitted_at - make_interval(secs => n / 10 + 1)))).* from tasks t, generate_series(0, 149) n where t.id = ${made[2]}`.execute(gateway.db);
  const pages: string[][] = [];
  for await (const page of replicate.paginate(() => replicate.predictions.list())) pages.push(page.map(({ id }) => id));
  expect(pages.map((page) => page.length)).toEqual([100, 53]);
  expect(pages[0]?.slice(0, 3)).toEqual(made);
  expect(new Set(pages.flat()).size).toBe(153);
  const first = await replicate.predictions.list();
  const follow = async (address: string | null | undefined): Promise<Page> => (await replicate.request(address ?? "", { method: "GET" })).json() as Promise<Page>;
  const second = await follow(first.next);
  const back = await follow(second.previous);
  expect([second.next, back.previous, back.results.map(({ id }) => id), back.next]).toEqual([null, null, pages[0] ?? [], first.next ?? ""]);
  await expect(replicate.request("/predictions?cursor=nonsense", { method: "GET" })).rejects.toThrow("422");
});
