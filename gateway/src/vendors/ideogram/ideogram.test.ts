import { afterAll, expect, test } from "bun:test";
import { startSandbox } from "../../../../simulators/src/server.ts";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { ideogramMedia } from "./media.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string): Drive => new Drive({ vendor: "ideogram", baseUrl: `${sandbox.url}/ideogram`, credential: "ideogram-key-1", ...(fault ? { headers: { "x-sandbox-fault": fault } } : {}) });
const png = Buffer.from(await picture({ width: 512, height: 512, format: "png", seed: "a" }));
const uri = `data:image/png;base64,${png.toString("base64")}`;

test("pictures of a form in the caller's own words", async () => {
  const reading = await drive().submit({ model: "v3/generate", input: { native: { path: "/v1/ideogram-v3/generate", form: [{ name: "prompt", value: "a stone" }, { name: "num_images", value: "2" }, { name: "aspect_ratio", value: "16x9" }] } } });
  expect(reading).toMatchObject({ state: "SUCCESS", usage: { images: 2 } });
  expect(reading.outputs?.every(({ url, width }) => url?.startsWith("http") === true && (width ?? 0) > 0)).toBe(true);
});

test("a wish: remix, edit with its mask, upscale", async () => {
  const remix = await drive().submit({ model: "v3/remix", input: { wish: { kind: "image", prompt: "a hill", images: [{ url: uri, role: "input" }], strength: 0.3, quality: "high", aspectRatio: "1:1" } } });
  expect(remix.state).toBe("SUCCESS");
  const edit = await drive().submit({ model: "v3/edit", input: { wish: { kind: "image", prompt: "a tree", images: [{ url: uri, role: "input" }, { url: uri, role: "mask" }] } } });
  expect(edit.state).toBe("SUCCESS");
  const upscale = await drive().submit({ model: "upscale", input: { wish: { kind: "image", images: [{ url: uri, role: "input" }] } } });
  expect(upscale.state).toBe("SUCCESS");
});

test.each([["refuse", "caller", true], ["status=429", "rate_limited", undefined], ["bad-key", "auth", undefined], ["status=500", "server", undefined]])("under %s it is a fault of %s", async (fault, kind, policy) => {
  const reading = await drive(fault).submit({ model: "v3/generate", input: { wish: { kind: "image", prompt: "a stone" } } });
  expect([reading.state, reading.fault?.kind, reading.fault?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test("M24 K17: pictures held back are neither results nor billed; none left is a refusal", () => {
  const read = (data: object[]) => ideogramMedia.readSubmit({ status: 200, header: () => null, body: Buffer.from(JSON.stringify({ data })) }, { taskId: "t", action: "a", model: "v3/generate", input: { wish: { kind: "image" } } });
  const safe = { url: "https://a.example/1.png", is_image_safe: true, resolution: "1024x1024" };
  expect(read([safe, { url: null, is_image_safe: false }])).toMatchObject({ state: "SUCCESS", usage: { images: 1 } });
  expect(read([{ url: null, is_image_safe: false }])).toMatchObject({ state: "FAILURE", fault: { kind: "caller", policy: true } });
});

test("what is no picture is refused before anything is sent; what cannot be said is named", () => {
  const order = { taskId: "t", action: "a", model: "v3/generate" };
  expect(() => ideogramMedia.submit({ ...order, input: { wish: { kind: "image", prompt: "p", images: [{ url: "nothing", role: "style" }] } } })).toThrow("data: URI");
  expect(ideogramMedia.submit({ ...order, input: { wish: { kind: "image", prompt: "p", aspectRatio: "7:5", fps: 24 } } }).dropped).toEqual(["aspectRatio", "fps"]);
});
