import { afterAll, expect, test } from "bun:test";
import { startSandbox } from "../../../../simulators/src/server.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { minimaxMedia, readFilm, readFilm2 } from "./media.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string): Drive => new Drive({ vendor: "minimax", baseUrl: `${sandbox.url}/minimax`, credential: "minimax-test-0123", ...(fault ? { headers: { "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` } } : {}) });
const PICTURE = "https://example.com/bunny.jpg";
const film = { model: "MiniMax-Hailuo-02", input: { native: { path: "/v1/video_generation", json: { prompt: "a stone", duration: 6, resolution: "768P" } } } };
const second = { model: "MiniMax-H3", input: { wish: { kind: "video", prompt: "a stone", duration: 4, resolution: "768p", aspectRatio: "16:9" } satisfies MediaWish } };

test("a film of the first version: through its states, and the file by a call of its own", async () => {
  const player = drive();
  const { end, seen } = await player.untilEnd(await player.submit(film), film.model);
  expect(seen).toEqual(["QUEUED", "IN_PROGRESS", "SUCCESS"]);
  expect(end).toMatchObject({ outputs: [{ kind: "video", width: 1366, height: 768, size: expect.any(Number) }], answer: { status: "Success", file_id: expect.any(String), download_url: expect.any(String) } });
});

test("a film of the second version, with its seconds", async () => {
  const player = drive();
  const { end, seen } = await player.untilEnd(await player.submit(second), second.model);
  expect(seen).toEqual(["QUEUED", "IN_PROGRESS", "SUCCESS"]);
  expect(end).toMatchObject({ outputs: [{ kind: "video", duration: 4 }], usage: { videoSeconds: 4 } });
});

test.each<[string, MediaWish]>([
  ["MiniMax-Hailuo-2.3", { kind: "video", prompt: "x", resolution: "720P", enhancePrompt: false, watermark: true, images: [{ url: PICTURE, role: "first_frame" }] }],
  ["MiniMax-Hailuo-02", { kind: "video", prompt: "x", images: [{ url: PICTURE, role: "first_frame" }, { url: PICTURE, role: "last_frame" }] }],
  ["S2V-01", { kind: "video", prompt: "x", images: [{ url: PICTURE, role: "input" }] }],
  ["MiniMax-H3", { kind: "video", prompt: "x", images: [{ url: PICTURE, role: "reference" }, { url: PICTURE, role: "reference" }] }],
])("a wish of %s is taken whole", async (model, wish) => {
  expect(minimaxMedia.submit({ taskId: "t", action: "a", model, input: { wish } }).dropped).toBeUndefined();
  expect((await drive().submit({ model, input: { wish } })).state).toBe("QUEUED");
});

test("what cannot be said is told", () => {
  const dropped = (model: string, wish: MediaWish) => minimaxMedia.submit({ taskId: "t", action: "a", model, input: { wish } }).dropped?.toSorted();
  expect(dropped("MiniMax-Hailuo-02", { kind: "video", prompt: "x", aspectRatio: "16:9", seed: 4, sound: true })).toEqual(["aspectRatio", "seed", "sound"]);
  expect(dropped("MiniMax-H3", { kind: "video", prompt: "x", aspectRatio: "3:1", images: [{ url: PICTURE, role: "first_frame" }, { url: PICTURE, role: "reference" }] })).toEqual(["aspectRatio", "images"]);
});

const FAULTS: [string, string, boolean | undefined][] = [["status=429", "rate_limited", undefined], ["no-balance", "no_balance", undefined], ["bad-key", "auth", undefined], ["status=500", "server", undefined], ["refuse-submit", "caller", true]];
test.each(FAULTS)("a submit under %s is a fault of %s, though it is a 200", async (fault, kind, policy) => {
  for (const order of [film, second]) {
    const { state, fault: told } = await drive(fault).submit(order);
    expect([state, told?.kind, told?.policy]).toEqual(["FAILURE", kind as never, policy]);
  }
});

test.each([["refuse", "caller", true], ["fail", "server", undefined]])("a film that ends by %s is a fault of %s", async (fault, kind, policy) => {
  for (const order of [film, second]) {
    const player = drive(fault);
    const { end } = await player.untilEnd(await player.submit(order), order.model);
    expect([end.state, end.fault?.kind, end.fault?.policy]).toEqual(["FAILURE", kind as never, policy]);
  }
});

test("a film whose file is gone counts as lost after some looks, and never as made", async () => {
  const player = drive("lost-result");
  const { end } = await player.untilEnd(await player.submit(film), film.model);
  expect(end).toMatchObject({ state: "FAILURE", fault: { kind: "server" } });
});

test("K20: only the second version can be stopped", async () => {
  const player = drive("never-ends");
  const first = await player.submit(second);
  const job = { taskId: "t", action: "a", model: "MiniMax-H3", ref: first.ref ?? "", memo: first.memo ?? {} };
  const call = minimaxMedia.cancel?.(job);
  expect((await player.send(call as NonNullable<typeof call>)).status).toBe(200);
  expect((await player.untilEnd(first, second.model)).end.state).toBe("CANCELLED");
  expect(minimaxMedia.cancel?.({ ...job, memo: { second: false } })).toBeUndefined();
});

test.each([["Preparing", "QUEUED"], ["Queueing", "QUEUED"], ["Processing", "IN_PROGRESS"], ["Fail", "FAILURE"], ["Rendering", "IN_PROGRESS"]])("MiniMax' %s is %s", (word, state) => {
  expect(readFilm({ status: word, base_resp: { status_code: 0 } }, {})?.state).toBe(state as never);
});
test.each([["queued", "QUEUED"], ["running", "IN_PROGRESS"], ["succeeded", "SUCCESS"], ["failed", "FAILURE"], ["cancelled", "CANCELLED"], ["rendering", "IN_PROGRESS"]])("the second version's %s is %s", (word, state) => {
  expect(readFilm2({ status: word })?.state).toBe(state as never);
});

test.each([[1000, "server", undefined], [1002, "rate_limited", undefined], [1008, "no_balance", undefined], [1026, "caller", true], [1027, "caller", true], [2013, "caller", undefined]])("a film that failed by code %d is a fault of %s", (code, kind, policy) => {
  const { fault } = readFilm({ status: "Fail", base_resp: { status_code: code, status_msg: "x" } }, {}) ?? {};
  expect([fault?.kind, fault?.policy]).toEqual([kind as never, policy]);
});

test("the number of a file becomes a text; done without one made nothing", () => {
  expect(readFilm({ status: "Success", file_id: 205258526306433 }, { second: false })).toMatchObject({ state: "IN_PROGRESS", again: true, memo: { second: false, file: "205258526306433" } });
  expect(readFilm({ status: "Success", file_id: "" }, {})).toMatchObject({ state: "SUCCESS", outputs: [] });
});

test("the word that is sent before an address is taken comes back; other notices name their film", () => {
  const hint = (body: object) => minimaxMedia.callback?.hint({ header: () => null, body: Buffer.from(JSON.stringify(body)) });
  expect(hint({ challenge: "abc" })).toEqual({ answer: { challenge: "abc" } });
  expect(hint({ task_id: "1", status: "success" })).toEqual({ ref: "1" });
  expect(hint({})).toBeUndefined();
});

test("K03: pages, overloads, codes and odd bodies say nothing of a film", () => {
  for (const memo of [{ second: false }, { second: true }, { second: false, file: "2" }])
    for (const [status, text] of [[502, "<html>"], [200, ""], [200, "[]"], [200, '{"base_resp":{"status_code":1002,"status_msg":"rate"}}'], [200, '{"base_resp":{"status_code":2049,"status_msg":"key"}}'], [500, "oops"]] as const)
      expect(minimaxMedia.readPoll?.({ status, header: () => null, body: Buffer.from(text) }, { taskId: "t", model: "m", action: "a", ref: "r", memo })).toBeUndefined();
});

test("K14: the caller's address never reaches the vendor; unknown members do", () => {
  const { json } = minimaxMedia.submit({ taskId: "t", action: "a", model: "T2V-01", input: { native: { path: "/v1/video_generation", json: { prompt: "p", model: "public", callback_url: "https://caller", fast_pretreatment: true } } } }).call;
  expect(json).toEqual({ prompt: "p", model: "T2V-01", fast_pretreatment: true });
});
