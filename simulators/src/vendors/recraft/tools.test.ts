import { afterAll, expect, test } from "bun:test";
import { picture } from "../../kit/media/picture.ts";
import { startSandbox } from "../../server.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());

interface Told {
  code?: string;
  credits?: number;
  image?: { url?: string; b64_json?: string };
  data?: { url: string }[];
  id?: string;
}
const headers = { authorization: "Bearer sandbox-token" };
async function told(answer: Response): Promise<Told & { status: number }> {
  return { status: answer.status, ...((await answer.json()) as Told) };
}
async function form(tool: string, fields: Record<string, string | Blob>): Promise<Told & { status: number }> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return told(await fetch(`${sandbox.url}/recraft/v1/${tool}`, { method: "POST", headers, body }));
}
const json = async (tool: string, body: object): Promise<Told & { status: number }> => told(await fetch(`${sandbox.url}/recraft/v1/images/${tool}`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) }));
const bytes = (width: number, height: number): Promise<Uint8Array> => picture({ width, height, format: "png", seed: "in" });
const blob = async (width: number, height: number): Promise<Blob> => new Blob([await bytes(width, height)], { type: "image/png" });
const at = async (url: string | undefined) => new Bun.Image(await (await fetch(url ?? "")).bytes()).metadata();

test("one picture makes another: its sides, its format, its price", async () => {
  const file = await blob(320, 256);
  const removed = await form("images/removeBackground", { file });
  expect([removed.credits, await at(removed.image?.url)]).toMatchObject([10, { width: 320, height: 256, format: "webp" }]);
  for (const [tool, credits] of [["crispUpscale", 4], ["clarityUpscale", 4], ["creativeUpscale", 250], ["generativeUpscale", 250]] as const) {
    const larger = await form(`images/${tool}`, { file, image_format: "png" });
    expect([larger.credits, await at(larger.image?.url)]).toMatchObject([credits, { width: 640, height: 512, format: "png" }]);
  }
  const drawing = await form("images/vectorize", { file });
  expect(await (await fetch(drawing.image?.url ?? "")).text()).toStartWith("<svg");
});

test("edits: with a prompt, with a mask, as vectors, several at once; by address and data URL", async () => {
  const image = await blob(320, 256);
  const edited = await form("images/imageToImage", { image, prompt: "x", strength: "0.3", n: "2" });
  expect([edited.credits, edited.data?.length]).toEqual([80, 2]);
  const masked = await form("images/inpaint", { image, mask: image, prompt: "x", model: "recraftv3_vector" });
  expect([masked.credits, await (await fetch(masked.data?.[0]?.url ?? "")).text()]).toEqual([80, expect.stringMatching(/^<svg/)]);
  const replaced = await json("replaceBackground", { image_url: "https://example.com/a.png", prompt: "the sea", response_format: "b64_json" });
  expect(replaced).toMatchObject({ status: 200, credits: 40, data: [{ b64_json: expect.any(String) }] });
  const sent = await json("removeBackground", { image_url: `data:image/png;base64,${Buffer.from(await bytes(300, 300)).toString("base64")}` });
  expect(await at(sent.image?.url)).toMatchObject({ width: 300, height: 300 });
  expect(await form("styles", { style: "digital_illustration", file: image })).toMatchObject({ status: 200, id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
});

test("what is wrong with an input", async () => {
  const image = await blob(320, 256);
  const answers = [
    await form("images/removeBackground", {}),
    await form("images/removeBackground", { file: await blob(200, 300) }),
    await form("images/vectorize", { file: new Blob(["no picture at all"]) }),
    await form("images/imageToImage", { image, prompt: "x" }),
    await form("images/imageToImage", { image, prompt: "x", strength: "1.5" }),
    await form("images/inpaint", { image, prompt: "x" }),
    await form("images/inpaint", { image, mask: await blob(300, 300), prompt: "x" }),
    await json("replaceBackground", { image_url: "https://example.com/nonexistent.png", prompt: "x" }),
    await form("images/replaceBackground", { image, prompt: "a forbidden picture" }),
    await form("styles", { style: "digital_illustration" }),
  ];
  expect(answers.map((one) => [one.status, one.code])).toEqual(answers.map(() => [400, "invalid_request_parameter"]));
  expect((await form("images/crispUpscale", { file: await blob(40, 40) })).status).toBe(200);
});
