import { expect, test } from "bun:test";
import { createFalClient } from "@fal-ai/client";
import { createFal } from "@ai-sdk/fal";
import Replicate from "replicate";
import { testGateway } from "../../testing/gateway.ts";

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

test("replicate: run gives the output, predictions are made, waited for and cancelled", async () => {
  const replicate = new Replicate({ auth: caller.apiKey, baseUrl: `${gateway.url}/replicate/v1`, useFileOutput: false });
  const output = await replicate.run("black-forest-labs/flux-kontext-pro", { input: { prompt: "a hill" } });
  expect(JSON.stringify(output)).toContain("/assets/");
  const prediction = await replicate.predictions.create({ model: "google/imagen-4", input: { prompt: "a lake" } });
  expect((await replicate.wait(prediction, { interval: 100 })).status).toBe("succeeded");
  await expect(replicate.predictions.get("nothing")).rejects.toThrow("404");
});
