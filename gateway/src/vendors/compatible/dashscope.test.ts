import { afterAll, expect, test } from "bun:test";
import { startSandbox } from "../../../../simulators/src/server.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { MediaOrder, MediaReading } from "../_kit/media/adapter.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { dashscope, readDashscopeTask } from "./dashscope.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string): Drive => new Drive({ vendor: "qwen", baseUrl: `${sandbox.url}/qwen`, credential: "sk-test-1", ...(fault ? { headers: { "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` } } : {}) });
const PICTURE = "https://example.com/bunny.jpg";
const wish = (more: Partial<MediaWish> = {}): MediaOrder["input"] => ({ wish: { kind: "image", prompt: "a stone", ...more } });
const film = (more: Partial<MediaWish> = {}): MediaOrder["input"] => wish({ kind: "video", resolution: "480p", duration: 5, ...more });
const first: MediaWish["images"] = [{ url: PICTURE, role: "first_frame" }];
const jsonOf = (model: string, input: MediaOrder["input"]): unknown => dashscope.submit({ taskId: "t", action: "a", model, input }).call.json;

test("the media API stands beside the compatible one", () => {
  for (const base of ["https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "https://dashscope-intl.aliyuncs.com/api/v1/", "https://dashscope-intl.aliyuncs.com"]) expect(dashscope.baseUrl?.(base)).toBe("https://dashscope-intl.aliyuncs.com/api/v1");
});

test.each(["qwen-image", "qwen-image-plus", "wan2.5-t2i-preview", "wan2.2-t2i-flash"])("%s: pictures as a task, through its states", async (model) => {
  const player = drive();
  const { end, seen } = await player.untilEnd(await player.submit({ model, input: wish({ aspectRatio: "16:9", seed: 7, negativePrompt: "rain", enhancePrompt: false }) }), model);
  expect(seen).toEqual(["QUEUED", "IN_PROGRESS", "SUCCESS"]);
  expect([end.outputs?.map(({ kind }) => kind), end.usage]).toEqual([["image"], { images: 1 }]);
  const file = await fetch(end.outputs?.[0]?.url ?? "");
  expect([file.status, file.headers.get("content-type")]).toEqual([200, "image/png"]);
});

test.each([["qwen-image-max", {}], ["qwen-image-2.0", { count: 2 }], ["qwen-image-edit-plus", { images: [{ url: PICTURE, role: "input" }], count: 2 }], ["qwen-image-edit", { images: [{ url: PICTURE, role: "input" }] }]] as [string, Partial<MediaWish>][])("%s: pictures with the answer", async (model, more) => {
  const made = await drive().submit({ model, input: wish({ ...more, size: { width: 1024, height: 1024 } }) });
  expect([dashscope.atOnce?.(model), made.state, made.outputs?.length, made.usage]).toEqual([true, "SUCCESS", more.count ?? 1, { images: more.count ?? 1 }]);
});

test.each([["wan2.5-t2v-preview", film({ aspectRatio: "9:16", sound: false })], ["wan2.6-i2v", film({ resolution: "720P", images: first })], ["wan2.2-i2v-flash", film({ images: first, prompt: "" })]])("%s: films, with their seconds", async (model, input) => {
  const player = drive();
  const { end } = await player.untilEnd(await player.submit({ model, input }), model);
  expect(end).toMatchObject({ state: "SUCCESS", outputs: [{ kind: "video", duration: 5 }], usage: { videoSeconds: 5 } });
});

test("wishes in its words; what cannot be said is told or refused", () => {
  expect(jsonOf("wan2.5-t2v-preview", film({ aspectRatio: "9:16", resolution: "1080p", sound: true }))).toEqual({ model: "wan2.5-t2v-preview", input: { prompt: "a stone" }, parameters: { watermark: false, size: "1080*1920", duration: 5, audio: true } });
  expect(jsonOf("wan2.6-i2v", film({ resolution: "1080p", images: first }))).toMatchObject({ input: { img_url: PICTURE }, parameters: { resolution: "1080P" } });
  expect(jsonOf("qwen-image", wish({ size: { width: 1792, height: 1024 } }))).toMatchObject({ parameters: { size: "1664*928" } });
  expect(jsonOf("qwen-image-edit-plus", wish({ aspectRatio: "1:1", images: [{ url: PICTURE, role: "input" }] }))).toMatchObject({ input: { messages: [{ role: "user", content: [{ image: PICTURE }, { text: "a stone" }] }] }, parameters: { size: "1024*1024" } });
  expect(dashscope.submit({ taskId: "t", action: "a", model: "wan2.2-t2v-plus", input: film({ sound: true, style: "x", aspectRatio: "5:1" }) }).dropped?.toSorted()).toEqual(["aspectRatio", "sound", "style"]);
  for (const [model, input] of [["wan2.6-i2v", film()], ["wan2.6-t2v", film({ images: first })], ["wan2.6-t2v", film({ resolution: "8K" })], ["qwen-image", wish({ prompt: "" })], ["qwen-image", wish({ kind: "music" })]] as const) expect(() => jsonOf(model, input)).toThrow();
});

test.each([["status=429", "rate_limited", undefined], ["no-balance", "no_balance", undefined], ["bad-key", "auth", undefined], ["status=500", "server", undefined], ["refuse-submit", "caller", true]])("an order under %s is a fault of %s", async (fault, kind, policy) => {
  for (const model of ["qwen-image", "qwen-image-max"]) {
    const { state, fault: told } = await drive(fault).submit({ model, input: wish() });
    expect([state, told?.kind, told?.policy]).toEqual(["FAILURE", kind as never, policy]);
  }
});

test.each([["refuse", "caller", true], ["fail", "server", undefined], ["fail-code=InvalidParameter.DataInspection", "caller", undefined], ["lost-result", "server", undefined]])("a task that ends by %s is a fault of %s", async (fault, kind, policy) => {
  const player = drive(fault);
  const { end } = await player.untilEnd(await player.submit({ model: "qwen-image", input: wish() }), "qwen-image");
  expect([end.state, end.fault?.kind, end.fault?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test("a state that is not known goes on; of four pictures three are billed; what waits can be stopped", async () => {
  const player = drive("partial;new-state");
  const { end, seen } = await player.untilEnd(await player.submit({ model: "wan2.2-t2i-flash", input: wish({ count: 4 }) }), "wan2.2-t2i-flash");
  expect([seen, end.outputs?.length, end.usage]).toEqual([["QUEUED", "IN_PROGRESS", "SUCCESS"], 3, { images: 3 }]);
  const waiting = drive("queue-ms=60000");
  const job = await waiting.submit({ model: "qwen-image", input: wish() });
  await waiting.send(dashscope.cancel?.({ taskId: "t", model: "qwen-image", action: "a", ref: job.ref ?? "", memo: {} }) ?? { method: "GET", path: "/" });
  expect((await waiting.untilEnd(job, "qwen-image")).end.state).toBe("CANCELLED");
});

test("a task that is not found once is looked for again; four times is lost", () => {
  const said = { output: { task_id: "1", task_status: "UNKNOWN" } };
  let reading: MediaReading | undefined = readDashscopeTask(said, {});
  for (let look = 1; look < 4; look += 1) {
    expect(reading?.state).toBe("IN_PROGRESS");
    reading = readDashscopeTask(said, reading?.memo ?? {});
  }
  expect(reading?.state).toBe("FAILURE");
  expect(readDashscopeTask({ output: {} }, {})).toBeUndefined();
});
