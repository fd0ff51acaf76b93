import { afterAll, expect, test } from "bun:test";
import { startSandbox } from "../../../../simulators/src/server.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { falFault } from "./errors.ts";
import { falMedia } from "./media.ts";
import { falOutputs } from "./outputs.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string): Drive => new Drive({ vendor: "fal", baseUrl: `${sandbox.url}/fal`, credential: "fal-key-1", ...(fault ? { headers: { "x-sandbox-fault": fault } } : {}) });
const remix = { model: "fal-ai/recraft/v3/text-to-image", input: { native: { path: "/fal-ai/recraft/v3/text-to-image", json: { prompt: "a stone", image_size: "square" } } } };

test("queue, work, result; the result is the model's own output", async () => {
  const player = drive();
  const { end, seen } = await player.untilEnd(await player.submit(remix), remix.model);
  expect(seen).toEqual(["QUEUED", "IN_PROGRESS", "SUCCESS"]);
  expect(end.outputs?.map(({ kind }) => kind)).toEqual(["image"]);
  expect(Object.keys(end.answer as object)).toContain("images");
});

test.each([["status=429", "rate_limited"], ["bad-key", "auth"], ["status=500", "server"], ["no-balance", "no_balance"]])("a submit under %s is a fault of %s", async (fault, kind) => {
  const reading = await drive(fault).submit(remix);
  expect([reading.state, reading.fault?.kind]).toEqual(["FAILURE", kind as never]);
});

test.each([["refuse", "caller", true], ["fail", "server", undefined]])("a job that ends by %s is a fault of %s", async (fault, kind, policy) => {
  const player = drive(fault);
  const { end } = await player.untilEnd(await player.submit(remix), remix.model);
  expect([end.state, end.fault?.kind, end.fault?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test("K03: pages, overloads and odd bodies say nothing of a job", () => {
  const job = { taskId: "t", model: "m", action: "a", ref: "r", memo: { status: "s", response: "r" } };
  for (const ended of [false, true])
    for (const [status, body] of [[502, "<html>"], [200, ""], [200, "[]"], [429, '{"detail":"slow down"}'], [500, "oops"], [401, '{"detail":"no"}']] as const)
      expect(falMedia.readPoll?.({ status, header: () => null, body: Buffer.from(body) }, { ...job, memo: { ...job.memo, ended } })).toBeUndefined();
});

test("files of every shape", () => {
  expect(falOutputs({ image: { url: "https://a/1.png", content_type: "image/png", width: 4, height: 2 }, seed: 1 })).toEqual([{ kind: "image", url: "https://a/1.png", mime: "image/png", width: 4, height: 2 }]);
  expect(falOutputs({ audio: { url: "https://a/1.mp3" }, duration_ms: 1500 })).toEqual([{ kind: "audio", url: "https://a/1.mp3", duration: 1.5 }]);
  expect(falOutputs({ video: { url: "https://a/1.mp4" }, detail: "x" })).toMatchObject([{ kind: "video" }]);
});

test("errors: the model's, the queue's, an account without money", () => {
  expect(falFault('{"detail":[{"loc":["body","prompt"],"msg":"field required","type":"missing"}]}', 422)).toEqual({ kind: "caller", text: "prompt: field required" });
  expect(falFault('{"detail":"x","error_type":"runner_disconnected"}', 503)).toMatchObject({ kind: "server" });
  expect(falFault('{"detail":"User is locked. Reason: Exhausted balance"}', 403)).toMatchObject({ kind: "no_balance" });
  expect(falFault("<html>", 502)).toBeUndefined();
});
