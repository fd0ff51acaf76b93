import { afterAll, expect, test } from "bun:test";
import OpenAI from "openai";
import { startSandbox } from "../server.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
/** Both vendors document OpenAI's SDK as a client of theirs. */
const client = (path: string, apiKey = "key-123456"): OpenAI => new OpenAI({ baseURL: `${sandbox.url}${path}`, apiKey, maxRetries: 0 });
const refused = (call: Promise<unknown>): Promise<unknown> => call.then(() => "taken", (error: unknown) => (error instanceof OpenAI.APIError ? `${error.status} ${error.code ?? ""} ${error.message}` : String(error)));

test("Ark: a JPEG behind an address that anybody opens; sizes by generation; refusals in Ark's words", async () => {
  const ark = client("/doubao/api/v3");
  const answer = await ark.images.generate({ model: "doubao-seedream-4-0-250828", prompt: "a stone", size: "1K" as "auto" });
  expect(await new Bun.Image(await (await fetch(answer.data?.[0]?.url ?? "")).bytes()).metadata()).toMatchObject({ width: 1024, format: "jpeg" });
  expect(answer.usage as unknown).toEqual({ generated_images: 1, output_tokens: 4096, total_tokens: 4096 });
  expect(await refused(ark.images.generate({ model: "doubao-seedream-4-5-251128", prompt: "x", size: "1024x1024" }))).toStartWith("400 InvalidParameter");
  expect(await refused(ark.images.generate({ model: "doubao-seed-1-6", prompt: "x" }))).toStartWith("404 InvalidEndpointOrModel.NotFound");
  expect(await refused(client("/doubao/api/v3", "x").images.generate({ model: "doubao-seedream-4-0-250828", prompt: "x" }))).toStartWith("401 AuthenticationError");
});

test("Recraft: raster and vector, credits by the price list, a bare sentence for a bad key", async () => {
  const recraft = client("/recraft/v1");
  const raster = await recraft.images.generate({ model: "recraftv3", prompt: "x", n: 2, response_format: "b64_json" });
  expect(await new Bun.Image(Buffer.from(raster.data?.[1]?.b64_json ?? "", "base64")).metadata()).toMatchObject({ width: 1024, format: "webp" });
  const vector = await recraft.images.generate({ model: "recraftv3", prompt: "x", style: "vector_illustration" as "vivid" });
  expect([raster, vector].map((one) => (one as unknown as { credits: number }).credits)).toEqual([80, 80]);
  expect(await (await fetch(vector.data?.[0]?.url ?? "")).text()).toStartWith("<svg");
  // The SDK finds no "error" member in `{code, message}`.
  expect(await refused(recraft.images.generate({ model: "recraftv3", prompt: "x", size: "1000x1000" as "auto" }))).toStartWith("400");
  const unauthorized = await fetch(`${sandbox.url}/recraft/v1/users/me`);
  expect([unauthorized.status, await unauthorized.text()]).toEqual([401, "request unauthorized"]);
});
