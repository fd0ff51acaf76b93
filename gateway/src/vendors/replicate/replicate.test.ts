import { afterAll, expect, test } from "bun:test";
import { startSandbox } from "../../../../simulators/src/server.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { readPrediction, replicateMedia } from "./media.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string): Drive => new Drive({ vendor: "replicate", baseUrl: `${sandbox.url}/replicate`, credential: "r8_key_123", ...(fault ? { headers: { "x-sandbox-fault": fault } } : {}) });
const flux = { model: "black-forest-labs/flux-kontext-pro", input: { native: { json: { input: { prompt: "a stone" } } } } };

test("a prediction to its picture, and one of a wish", async () => {
  const player = drive();
  const { end, seen } = await player.untilEnd(await player.submit(flux), flux.model);
  expect(seen.at(-1)).toBe("SUCCESS");
  expect(end.outputs).toMatchObject([{ kind: "image" }]);
  const wished = await player.submit({ model: "google/imagen-4", input: { wish: { kind: "image", prompt: "a hill", aspectRatio: "16:9", outputFormat: "png" } } });
  expect(wished.state).toBe("QUEUED");
});

test.each([["status=429", "rate_limited"], ["bad-key", "auth"], ["status=500", "server"], ["no-balance", "no_balance"]])("a submit under %s is a fault of %s", async (fault, kind) => {
  const reading = await drive(fault).submit(flux);
  expect([reading.state, reading.fault?.kind]).toEqual(["FAILURE", kind as never]);
});

test.each([["refuse", "caller", true], ["fail", "server", undefined]])("a prediction that ends by %s is a fault of %s", async (fault, kind, policy) => {
  const player = drive(fault);
  const { end } = await player.untilEnd(await player.submit(flux), flux.model);
  expect([end.state, end.fault?.kind, end.fault?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test.each([["starting", "QUEUED"], ["processing", "IN_PROGRESS"], ["succeeded", "SUCCESS"], ["failed", "FAILURE"], ["canceled", "CANCELLED"], ["aborted", "CANCELLED"], ["dreaming", undefined]])("the vendor's %s is %s", (word, state) => {
  expect(readPrediction({ id: "a", status: word })?.state).toBe(state as never);
});

test("outputs of every shape", () => {
  const of = (output: unknown) => readPrediction({ id: "a", status: "succeeded", output })?.outputs;
  expect(of("https://a/1.mp4")).toEqual([{ kind: "video", url: "https://a/1.mp4" }]);
  expect(of(["https://a/1.webp", "https://a/2.webp"])).toHaveLength(2);
  expect(of(["It ", "rains"])).toEqual([{ kind: "text", text: "It rains" }]);
  expect(of({ audio: "https://a/1.mp3", cover: "https://a/1.png" })).toMatchObject([{ kind: "audio" }, { kind: "image" }]);
  expect(of(null)).toEqual([]);
});

test("the caller's webhook never reaches the vendor", () => {
  const { json } = replicateMedia.submit({ taskId: "t", action: "a", model: "o/n", input: { native: { path: "/predictions", json: { version: "v", input: {}, webhook: "https://caller", webhook_events_filter: ["start"] } } } }).call;
  expect(json).toEqual({ version: "v", input: {} });
});
