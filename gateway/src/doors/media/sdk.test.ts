import { expect, test } from "bun:test";
import { createFalClient } from "@fal-ai/client";
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

test("replicate: run gives the output, predictions are made, waited for and cancelled", async () => {
  const replicate = new Replicate({ auth: caller.apiKey, baseUrl: `${gateway.url}/replicate/v1`, useFileOutput: false });
  const output = await replicate.run("black-forest-labs/flux-kontext-pro", { input: { prompt: "a hill" } });
  expect(JSON.stringify(output)).toContain("/assets/");
  const prediction = await replicate.predictions.create({ model: "google/imagen-4", input: { prompt: "a lake" } });
  expect((await replicate.wait(prediction, { interval: 100 })).status).toBe("succeeded");
  await expect(replicate.predictions.get("nothing")).rejects.toThrow("404");
});
