import { describe, expect, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import { picture } from "../../../simulators/src/kit/media/picture.ts";
import { testGateway } from "../testing/gateway.ts";

const gateway = await testGateway();
const png = async (seed: string) => toFile(await picture({ width: 64, height: 64, format: "png", seed }), `${seed}.png`, { type: "image/png" });

async function someone() {
  const caller = await gateway.newCaller("50");
  const client = new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  const charged = async (count = 1) => (await gateway.rows(caller.userId, count)).map((row) => ({ usd: Number(row.charge_nano) / 1e9, estimated: row.estimated, end: row.end_reason }));
  const post = async (body: Record<string, unknown>) => {
    const response = await fetch(`${gateway.url}/v1/images/generations`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body: JSON.stringify(body) });
    const { error, data } = (await response.json()) as { error?: { message: string; code: string; param: string | null }; data?: { url?: string; b64_json?: string }[] };
    return { status: response.status, dropped: response.headers.get("x-yescale-dropped"), said: error && `${error.code} ${error.param}: ${error.message}`, data };
  };
  return { client, charged, post };
}
const lastBody = (): Record<string, unknown> => JSON.parse(Buffer.from(gateway.seen().at(-1)?.body.base64 ?? "", "base64").toString()) as Record<string, unknown>;
const made = async (url: string | undefined) => new Bun.Image(await (await fetch(url ?? "")).bytes()).metadata();

describe("Seedream behind OpenAI's images", () => {
  test("an address of ours, OpenAI's size in the model's own scale, paid by the picture", async () => {
    const { client, charged } = await someone();
    const { data, response } = await client.images.generate({ model: "seedream-4.5", prompt: "a red stone", size: "1536x1024", quality: "high" }).withResponse();
    expect(data.data?.[0]?.url).toStartWith(`${gateway.url}/assets/`);
    expect(await made(data.data?.[0]?.url)).toMatchObject({ width: 2352, height: 1568, format: "jpeg" });
    expect(response.headers.get("x-yescale-dropped")).toBe("quality");
    expect(gateway.seen().at(-1)?.path).toBe("/api/v3/images/generations");
    expect(lastBody()).toEqual({ model: "doubao-seedream-4-5-251128", prompt: "a red stone", size: "2352x1568", watermark: false, response_format: "b64_json" });
    const fourth = await client.images.generate({ model: "seedream-4.0", prompt: "a red stone", size: "1024x1024", response_format: "b64_json" });
    expect(await new Bun.Image(Buffer.from(fourth.data?.[0]?.b64_json ?? "", "base64")).metadata()).toMatchObject({ width: 1024, height: 1024 });
    const fifth = await client.images.generate({ model: "seedream-5", prompt: "a red stone", output_format: "png" });
    expect(await made(fifth.data?.[0]?.url)).toMatchObject({ width: 2048, format: "png" });
    expect(await charged(3)).toEqual([0.04, 0.03, 0.065].map((usd) => ({ usd, estimated: false, end: "complete" })));
  });

  test("a series: what was made is paid, what was refused is not", async () => {
    const { charged, post } = await someone();
    const series = { model: "seedream-4.0", size: "1024x1024", sequential_image_generation: "auto", n: 4 };
    expect((await post({ ...series, prompt: "3 pictures of a stone" })).data).toHaveLength(3);
    expect(lastBody()).toMatchObject({ sequential_image_generation_options: { max_images: 4 } });
    expect((await post({ ...series, prompt: "2 pictures, the first refused" })).data).toHaveLength(1);
    expect((await charged(2)).map((row) => row.usd)).toEqual([0.09, 0.03]);
  });

  test("edits with files, and with addresses", async () => {
    const { client, charged, post } = await someone();
    await client.images.edit({ model: "seedream-4.0", prompt: "add a hat", image: [await png("a"), await png("b")], size: "1024x1024" });
    expect((lastBody()["image"] as string[]).map((one) => one.slice(0, 22))).toEqual(Array.from({ length: 2 }, () => "data:image/png;base64,"));
    await post({ model: "seedream-4.0", prompt: "add a hat", image: "https://example.com/a.png", seed: 7, watermark: true });
    expect(lastBody()).toMatchObject({ image: "https://example.com/a.png", seed: 7, watermark: true });
    expect((await charged(2)).map((row) => row.usd)).toEqual([0.03, 0.03]);
  });

  test("a picture that lies inside, is none or is too large is refused before anybody hears of it", async () => {
    const { client, charged, post } = await someone();
    const before = gateway.seen().length;
    const ask = { model: "seedream-4.0", prompt: "x" };
    const page = `data:image/png;base64,${Buffer.from("<html><body>no picture</body></html>").toString("base64")}`;
    const large = `data:image/png;base64,${Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(26 * 1024 * 1024)]).toString("base64")}`;
    for (const image of ["http://127.0.0.1:9/a.png", "http://169.254.169.254/latest", [`${gateway.url}/assets/none.png`, "http://10.0.0.1/a.png"], page, large]) {
      expect([(await post({ ...ask, image })).status, (await post({ ...ask, images: [image].flat() })).status], image.slice(0, 40).toString()).toEqual([400, 400]);
    }
    const file = await toFile(Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(26 * 1024 * 1024)]), "a.png", { type: "image/png" });
    expect(await client.images.edit({ ...ask, image: file }).catch(String)).toContain("larger than 25 MB");
    expect(gateway.seen()).toHaveLength(before);
    expect((await charged(11)).every((row) => row.usd === 0)).toBe(true);
  });

  test("refusals are precise and cost nothing", async () => {
    const { client, charged, post } = await someone();
    const ask = { model: "seedream-4.0", prompt: "x" };
    expect((await post({ ...ask, n: 2 })).said).toStartWith('invalid_request n: "n" may only be 1');
    expect((await post({ ...ask, n: 2, sequential_image_generation: "auto", sequential_image_generation_options: { max_images: 9 } })).said).toContain('greatest number of pictures in "n"');
    expect((await post({ ...ask, size: "4096x128" })).said).toStartWith("invalid_request size: One side");
    expect((await post({ ...ask, image: 3 })).said).toContain("invalid_request image");
    expect((await post({ ...ask, prompt: "a forbidden picture" })).said).toStartWith("content_policy_violation");
    expect((await post({ ...ask, prompt: "refused picture" })).said).toStartWith("content_policy_violation");
    expect(await post({ model: "dall-e-2", prompt: "x" })).toMatchObject({ status: 404, said: expect.stringContaining("gpt-image-1") as string });
    expect(await client.images.edit({ ...ask, image: await png("a"), mask: await png("m") }).catch(String)).toContain('"mask" cannot be used');
    expect((await post({ ...ask, prompt: "x [[fault:no-balance]]" })).status).toBe(503);
    expect((await charged(9)).every((row) => row.usd === 0)).toBe(true);
  });
});

describe("Recraft behind OpenAI's images", () => {
  test("style, size, n; raster and vector have prices of their own, by what was made", async () => {
    const { client, charged, post } = await someone();
    const answer = await client.images.generate({ model: "recraftv3", prompt: "a red stone", n: 2, size: "1792x1024", style: "digital_illustration" as "vivid" });
    expect(answer.data).toHaveLength(2);
    expect(await made(answer.data?.[1]?.url)).toMatchObject({ width: 1820, height: 1024, format: "webp" });
    expect(gateway.seen().at(-1)?.path).toBe("/v1/images/generations");
    expect(lastBody()).toEqual({ model: "recraftv3", prompt: "a red stone", n: 2, size: "1820x1024", style: "digital_illustration", response_format: "b64_json" });
    const vector = await post({ model: "recraftv3", prompt: "a red stone", style: "vector_illustration" });
    const file = await fetch(vector.data?.[0]?.url ?? "");
    expect([file.headers.get("content-type"), (await file.text()).slice(0, 4)]).toEqual(["image/svg+xml", "<svg"]);
    await post({ model: "recraftv3", prompt: "x", style_id: "00000000-1111-4111-8111-111111111111" });
    await post({ model: "recraftv3", prompt: "x", style_id: "11111111-1111-4111-8111-111111111111" });
    await post({ model: "recraftv4", prompt: "x", size: "1024x1792" });
    expect(lastBody()).toMatchObject({ size: "9:16" });
    expect(await charged(5)).toEqual([0.08, 0.08, 0.08, 0.04, 0.04].map((usd) => ({ usd, estimated: false, end: "complete" })));
  });

  test("events, and a style of dall-e's that it does not know", async () => {
    const { client, charged, post } = await someone();
    const types: string[] = [];
    for await (const event of await client.images.generate({ model: "recraftv2", prompt: "x", stream: true })) types.push(event.type);
    expect(types).toEqual(["image_generation.completed"]);
    expect((await post({ model: "recraftv3", prompt: "x", style: "vivid", quality: "hd" })).dropped).toBe("quality, style");
    expect((await charged(2)).map((row) => row.usd)).toEqual([0.022, 0.04]);
  });

  test("refusals are precise and cost nothing", async () => {
    const { client, charged, post } = await someone();
    const ask = { model: "recraftv3", prompt: "x" };
    expect((await post({ ...ask, n: 7 })).said).toStartWith('invalid_request n: "n" may be 6 at most');
    expect((await post({ ...ask, prompt: "x".repeat(1001) })).said).toStartWith('invalid_request prompt: "prompt" may have 1000');
    expect((await post({ ...ask, style: "icon", style_id: "a" })).said).toStartWith("invalid_request style_id");
    expect((await post({ ...ask, style: "nonsense" })).said).toContain("unknown style: nonsense");
    expect(await client.images.edit({ model: "recraftv4", prompt: "x", image: await png("a") }).catch(String)).toContain("does not edit any");
    for (const fault of ["no-balance", "bad-key"]) expect((await post({ ...ask, prompt: `x [[fault:${fault}]]` })).status).toBe(503);
    expect((await charged(7)).every((row) => row.usd === 0)).toBe(true);
  });
});
