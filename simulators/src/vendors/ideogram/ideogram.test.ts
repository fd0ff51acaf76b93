import { afterAll, expect, test } from "bun:test";
import { picture } from "../../kit/media/picture.ts";
import { startSandbox } from "../../server.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());

interface Told {
  error?: string;
  data?: { url: string | null; is_image_safe: boolean; resolution: string; seed: number; prompt: string; style_type: string }[];
}
async function call(route: string, fields: Record<string, string | string[] | Blob>, headers: Record<string, string> = { "api-key": "sandbox-key" }): Promise<Told & { status: number }> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
  const answer = await fetch(`${sandbox.url}/ideogram${route}`, { method: "POST", headers, body });
  return { status: answer.status, ...((await answer.json()) as Told) };
}
const GENERATE = "/v1/ideogram-v3/generate";
const blob = async (width: number, height: number): Promise<Blob> => new Blob([await picture({ width, height, format: "png", seed: "in" })], { type: "image/png" });
const sizeAt = async (url: string | null | undefined) => {
  const { width, height } = await new Bun.Image(await (await fetch(url ?? "")).bytes()).metadata();
  return [width, height];
};

test("generate: a form without a file; sizes by resolution and by shape", async () => {
  const { status, data } = await call(GENERATE, { prompt: "a stone", num_images: "2", resolution: "1312x736", rendering_speed: "TURBO", seed: "7", style_preset: "OIL_PAINTING", color_palette: JSON.stringify({ members: [{ color_hex: "#aabbcc", color_weight: 0.5 }] }) });
  expect([status, data]).toMatchObject([200, [{ seed: 7, resolution: "1312x736", is_image_safe: true, prompt: "a stone", style_type: "GENERAL" }, { seed: 8 }]]);
  expect(await sizeAt(data?.[1]?.url)).toEqual([1312, 736]);
  const shaped = await call(GENERATE, { prompt: "x", aspect_ratio: "3x1" });
  expect(shaped.data?.[0]?.resolution).toBe("1776x592");
});

test("edit, remix, reframe, upscale: what they make of a picture", async () => {
  const image = await blob(320, 208);
  expect(await sizeAt((await call("/v1/ideogram-v3/edit", { image, mask: image, prompt: "x" })).data?.[0]?.url)).toEqual([320, 208]);
  expect((await call("/v1/ideogram-v3/remix", { image, prompt: "x", image_weight: "30", aspect_ratio: "1x1" })).data?.[0]?.resolution).toBe("1024x1024");
  expect((await call("/v1/ideogram-v3/reframe", { image, resolution: "512x1536" })).data?.[0]?.resolution).toBe("512x1536");
  expect((await call("/v1/ideogram-v3/replace-background", { image, prompt: "x" })).data?.[0]?.resolution).toBe("320x208");
  expect(await sizeAt((await call("/upscale", { image_file: image, image_request: JSON.stringify({ resemblance: 50, detail: 80 }) })).data?.[0]?.url)).toEqual([640, 416]);
});

test("forms are checked", async () => {
  const image = await blob(320, 208);
  const wrong: [string, Parameters<typeof call>[1]][] = [
    [GENERATE, {}],
    [GENERATE, { prompt: "x", num_images: "9" }],
    [GENERATE, { prompt: "x", num_images: "two" }],
    [GENERATE, { prompt: "x", aspect_ratio: "16:9" }],
    [GENERATE, { prompt: "x", aspect_ratio: "1x1", resolution: "1024x1024" }],
    [GENERATE, { prompt: "x", style_codes: ["0011aabb", "xyz"] }],
    [GENERATE, { prompt: "x", style_codes: "0011aabb", style_type: "DESIGN" }],
    [GENERATE, { prompt: "x", style_reference_images: new Blob(["no picture at all"]) }],
    [GENERATE, { prompt: "x", color_palette: "no json" }],
    ["/v1/ideogram-v3/edit", { image, mask: await blob(100, 100), prompt: "x" }],
    ["/v1/ideogram-v3/remix", { prompt: "x" }],
    ["/upscale", { image_file: image, image_request: JSON.stringify({ detail: 101 }) }],
  ];
  for (const [route, fields] of wrong) expect(await call(route, fields)).toMatchObject({ status: 400, error: expect.any(String) });
  expect((await fetch(`${sandbox.url}/ideogram${GENERATE}`, { method: "POST", headers: { "api-key": "sandbox-key", "content-type": "application/json" }, body: '{"prompt":"x"}' })).status).toBe(400);
  expect(await call(GENERATE, { prompt: "x" }, { authorization: "Bearer sandbox-key" })).toMatchObject({ status: 401 });
});

test("refused: the prompt, one picture, all; a dead address; slow down", async () => {
  expect(await call(GENERATE, { prompt: "a forbidden picture" })).toMatchObject({ status: 422, error: expect.stringContaining("safety") });
  const one = await call(GENERATE, { prompt: "first refused", num_images: "3" });
  expect(one.data?.map((image) => [image.is_image_safe, image.url === null])).toEqual([[false, true], [true, false], [true, false]]);
  expect((await call(GENERATE, { prompt: "x [[fault:refuse]]" })).data).toMatchObject([{ is_image_safe: false, url: null }]);
  const dead = await call(GENERATE, { prompt: "x [[fault:expired-link]]" });
  expect((await fetch(dead.data?.[0]?.url ?? "")).status).toBe(403);
  expect(await call(GENERATE, { prompt: "x [[fault:status=429]]" })).toMatchObject({ status: 429 });
});
