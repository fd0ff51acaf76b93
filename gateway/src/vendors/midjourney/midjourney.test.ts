import { afterAll, describe, expect, test } from "bun:test";
import { startSandbox } from "../../../../simulators/src/server.ts";
import type { MediaOrder, MediaReading } from "../_kit/media/adapter.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { midjourneyMedia } from "./media.ts";
import { readMidjourneyTask } from "./task.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string): Drive => new Drive({ vendor: "midjourney", baseUrl: `${sandbox.url}/midjourney`, credential: "secret-1", ...(fault ? { headers: { "x-sandbox-fault": fault } } : {}) });
const imagine = (prompt: string): Pick<MediaOrder, "input" | "model"> => ({ model: "imagine", input: { native: { path: "/submit/imagine", json: { prompt, unknown: 1 } } } });

describe("against midjourney-proxy as played", () => {
  test("imagine to its grid, then an upscale of it on the same account, and the same upscale again: the known task", async () => {
    const player = drive();
    const first = await player.submit(imagine("a stone by a river"));
    expect(first.state).toBe("QUEUED");
    expect(first.ref).toMatch(/^\d+$/);
    const { end, seen } = await player.untilEnd(first, "imagine");
    expect(seen.at(-1)).toBe("SUCCESS");
    expect(end.outputs?.map(({ kind, role }) => role ?? kind)).toEqual(["image", "single", "single", "single", "single"]);
    const change = (): Promise<MediaReading> =>
      player.submit({ model: "upscale", parent: { ref: first.ref ?? "", memo: {} }, input: { native: { path: "/submit/change", json: { taskId: "ours", action: "UPSCALE", index: 2 } } } });
    const upscale = await change();
    expect((await player.untilEnd(upscale, "upscale")).end.outputs).toHaveLength(1);
    // Two tasks of ours may be of one job, and each has a reference of its own.
    const again = await change();
    expect(again).toMatchObject({ ref: `${upscale.ref}~task-1`, memo: { id: upscale.ref } });
    expect((await player.untilEnd(again, "upscale")).end.outputs).toHaveLength(1);
    const simple = await player.submit({ model: "variation", parent: { ref: first.ref ?? "", memo: {} }, input: { native: { path: "/submit/simple-change", json: { content: "1234 V3" } } } });
    expect(simple.state).toBe("QUEUED");
  });

  test("a description is a text, a film is films with their picture", async () => {
    const picture = `data:image/png;base64,${Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64").toString("base64")}`;
    const player = drive();
    const described = await player.untilEnd(await player.submit({ model: "describe", input: { native: { path: "/submit/describe", json: { base64: picture } } } }), "describe");
    expect(described.end.outputs).toMatchObject([{ kind: "text" }]);
    const film = await player.untilEnd(await player.submit({ model: "video", input: { wish: { kind: "video", prompt: "it rolls", images: [{ url: picture, role: "first_frame" }], resolution: "720p", count: 2 } } }), "video");
    expect(film.end.outputs?.filter(({ kind }) => kind === "video")).toHaveLength(2);
  });

  test.each([
    ["refuse-submit", "caller", true],
    ["status=429", "rate_limited", undefined],
    ["no-balance", "overloaded", undefined],
    ["bad-key", "auth", undefined],
    ["status=500", "server", undefined],
    ["status=502", "server", undefined],
  ])("a submit under %s is a fault of %s", async (fault, kind, policy) => {
    const { state, fault: told } = await drive(fault).submit(imagine("a stone"));
    expect([state, told?.kind, told?.policy]).toEqual(["FAILURE", kind as never, policy]);
  });

  test.each([
    ["refuse", "caller"],
    ["fail", "server"],
  ])("work that ends by %s is a fault of %s", async (fault, kind) => {
    const player = drive(fault);
    const { end } = await player.untilEnd(await player.submit(imagine("a stone")), "imagine");
    expect([end.state, end.fault?.kind]).toEqual(["FAILURE", kind as never]);
  });

  test("K19: an order whose answer was lost is found by what it carried", async () => {
    const player = drive();
    const order: MediaOrder = { taskId: "task-lost", action: "imagine", ...imagine("a stone by a lake") };
    const { ref } = await player.submit(order);
    const answer = await player.send(midjourneyMedia.find?.call(order) ?? { method: "GET", path: "/" });
    const sent = { at: 0, taken: () => false };
    expect(midjourneyMedia.find?.read(answer, order, sent)).toEqual({ ref: ref ?? "" });
    expect(midjourneyMedia.find?.read(answer, { ...order, taskId: "task-never" }, sent)).toBeUndefined();
  });
});

test("the caller's hook and state never reach the proxy, unknown members do", () => {
  const { json } = midjourneyMedia.submit({ taskId: "task-9", action: "imagine", model: "imagine", callbackUrl: "https://gateway/callbacks/x", input: { native: { json: { prompt: "p", notifyHook: "https://caller", state: "theirs", botType: "NIJI_JOURNEY" } } } }).call;
  expect(json).toEqual({ prompt: "p", notifyHook: "https://gateway/callbacks/x", state: "task-9", botType: "NIJI_JOURNEY" });
});

test("a wish becomes a prompt with its signs; what Midjourney cannot be told is named", () => {
  const { call, dropped } = midjourneyMedia.submit({
    taskId: "t", action: "make", model: "imagine",
    input: { wish: { kind: "image", prompt: "a hill", negativePrompt: "snow", aspectRatio: "16:9", seed: 7, duration: 5, images: [{ url: "https://a.example/1.png", role: "reference" }, { url: "https://a.example/2.png", role: "style" }] } },
  });
  expect(call).toMatchObject({ path: "/submit/imagine", json: { prompt: "https://a.example/1.png a hill --no snow --ar 16:9 --seed 7 --sref https://a.example/2.png" } });
  expect(dropped).toEqual(["duration"]);
});

test.each([
  ["NOT_START", "QUEUED"], ["SUBMITTED", "QUEUED"], ["IN_PROGRESS", "IN_PROGRESS"], ["MODAL", "IN_PROGRESS"], ["SUCCESS", "SUCCESS"], ["FAILURE", "FAILURE"], ["CANCEL", "CANCELLED"], ["REVIEWING", "IN_PROGRESS"],
])("the proxy's %s is %s", (word, state) => {
  expect(readMidjourneyTask({ status: word })?.state).toBe(state as never);
});

test("K16: progress is the proxy's own while it works", () => {
  expect(readMidjourneyTask({ status: "IN_PROGRESS", progress: "37%" })?.progress).toBe(37);
  expect(readMidjourneyTask({ status: "IN_PROGRESS", progress: "Waiting" })?.progress).toBeUndefined();
  expect(readMidjourneyTask({})).toBeUndefined();
});
