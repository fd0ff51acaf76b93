import { afterAll, expect, test } from "bun:test";
import { startSandbox } from "../../../../simulators/src/server.ts";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { Drive } from "../_kit/media/testing/drive.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string): Drive => new Drive({ vendor: "recraft", baseUrl: `${sandbox.url}/recraft`, credential: "recraft-key-1", ...(fault ? { headers: { "x-sandbox-fault": fault } } : {}) });
const png = Buffer.from(await picture({ width: 512, height: 512, format: "png", seed: "a" }));

test.each(["removeBackground", "crispUpscale", "creativeUpscale", "clarityUpscale", "generativeUpscale", "vectorize"])("%s of a form of the caller's, and of a wish", async (tool) => {
  const native = await drive().submit({ model: tool, input: { native: { path: `/images/${tool}`, form: [{ name: "file", filename: "a.png", type: "image/png", bytes: png }] } } });
  expect(native).toMatchObject({ state: "SUCCESS", usage: { images: 1 }, outputs: [{ kind: "image" }] });
  const wished = await drive().submit({ model: tool, input: { wish: { kind: "image", images: [{ url: `data:image/png;base64,${png.toString("base64")}`, role: "input" }] } } });
  expect(wished.state).toBe("SUCCESS");
});

test("its own way to pictures, as JSON", async () => {
  const reading = await drive().submit({ model: "recraftv3", input: { native: { path: "/images/generations", json: { prompt: "a stone", n: 2 } } } });
  expect(reading).toMatchObject({ state: "SUCCESS", usage: { images: 2 } });
});

test.each([["status=429", "rate_limited"], ["bad-key", "auth"], ["status=500", "server"]])("under %s it is a fault of %s", async (fault, kind) => {
  const reading = await drive(fault).submit({ model: "vectorize", input: { native: { path: "/images/vectorize", form: [{ name: "file", filename: "a.png", type: "image/png", bytes: png }] } } });
  expect([reading.state, reading.fault?.kind]).toEqual(["FAILURE", kind as never]);
});
