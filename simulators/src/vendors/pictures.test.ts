import { afterAll, expect, test } from "bun:test";
import { GoogleGenAI } from "@google/genai";
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

test("Imagen: Google's SDK gets pictures from Vertex, those held back with their reason; the Gemini API has the same wire", async () => {
  const client = new GoogleGenAI({ vertexai: true, apiKey: "test-key-1", httpOptions: { baseUrl: `${sandbox.url}/vertex`, apiVersion: "v1" } });
  const model = "imagen-4.0-generate-001";
  const drawn = await client.models.generateImages({ model, prompt: "a stone", config: { numberOfImages: 2, aspectRatio: "16:9", imageSize: "2K", outputMimeType: "image/jpeg" } });
  expect(drawn.generatedImages).toHaveLength(2);
  expect(await new Bun.Image(Buffer.from(drawn.generatedImages?.[1]?.image?.imageBytes ?? "", "base64")).metadata()).toMatchObject({ width: 2816, height: 1536, format: "jpeg" });
  const partly = await client.models.generateImages({ model, prompt: "first refused", config: { numberOfImages: 3, includeRaiReason: true } });
  expect(partly.generatedImages?.map((one) => [one.image?.imageBytes !== undefined, one.raiFilteredReason !== undefined])).toEqual([[false, true], [true, false], [true, false]]);
  const predict = async (body: object, name = model) => {
    const response = await fetch(`${sandbox.url}/gemini/v1beta/models/${name}:predict`, { method: "POST", headers: { "x-goog-api-key": "test-key-1" }, body: JSON.stringify(body) });
    return { status: response.status, ...((await response.json()) as { predictions?: object[] }) };
  };
  expect((await predict({ instances: [{ prompt: "x" }], parameters: { sampleCount: 3 } })).predictions).toHaveLength(3);
  expect(await predict({ instances: [{ prompt: "a forbidden picture" }] })).toEqual({ status: 200 });
  for (const parameters of [{ sampleCount: 5 }, { aspectRatio: "2:1" }, { sampleImageSize: "4K" }, { personGeneration: "some" }, { outputOptions: { mimeType: "image/webp" } }])
    expect((await predict({ instances: [{ prompt: "x" }], parameters })).status).toBe(400);
  expect((await predict({ instances: [{ prompt: "x" }] }, "gemini-2.5-flash")).status).toBe(404);
});

test("DashScope: Qwen's pictures at once, its sizes with a star, and its refusals", async () => {
  const ask = async (body: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${sandbox.url}/dashscope/api/v1/services/aigc/multimodal-generation/generation`, { method: "POST", headers: { authorization: "Bearer sk-test", ...headers }, body: JSON.stringify(body) });
    return { status: response.status, ...((await response.json()) as { code?: string; request_id: string; usage?: object; output?: { choices: { message: { content: { image: string }[] } }[] } }) };
  };
  const asked = (text: string, model = "qwen-image", parameters: object = {}, images: string[] = []) => ({ model, input: { messages: [{ role: "user", content: [...images.map((image) => ({ image })), { text }] }] }, parameters });
  const drawn = await ask(asked("a stone", "qwen-image-plus", { size: "1664*928" }));
  expect(drawn).toMatchObject({ status: 200, usage: { width: 1664, height: 928, image_count: 1 } });
  expect(await new Bun.Image(await (await fetch(drawn.output?.choices[0]?.message.content[0]?.image ?? "")).bytes()).metadata()).toMatchObject({ width: 1664, height: 928, format: "png" });
  const edited = await ask(asked("make it red", "qwen-image-edit-plus", { n: 2 }, ["https://example.com/a.png"]));
  expect(edited.output?.choices[0]?.message.content).toHaveLength(2);
  const outcome = async (...from: Parameters<typeof ask>) => ask(...from).then(({ status, code }) => `${status} ${code ?? ""}`);
  expect(await outcome(asked("x", "qwen-image", { size: "1024x1024" }))).toBe("400 InvalidParameter");
  expect(await outcome(asked("x", "qwen-image", { n: 2 }))).toBe("400 InvalidParameter");
  expect(await outcome(asked("x", "qwen-image-edit"))).toBe("400 InvalidParameter");
  expect(await outcome(asked("a forbidden picture"))).toBe("400 DataInspectionFailed");
  expect(await outcome(asked("x", "qwen-nonexistent"))).toBe("404 ModelNotFound");
  expect(await outcome(asked("x"), { "x-dashscope-async": "enable" })).toBe("403 AccessDenied");
  expect(await outcome(asked("x"), { authorization: "Bearer x" })).toBe("401 InvalidApiKey");
  expect(await outcome(asked("x [[fault:no-balance]]"))).toBe("400 Arrearage");
  expect(await outcome(asked("x [[fault:status=429]]"))).toBe("429 Throttling.RateQuota");
});
