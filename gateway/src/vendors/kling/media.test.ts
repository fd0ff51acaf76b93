import { afterAll, describe, expect, test } from "bun:test";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { startSandbox } from "../../../../simulators/src/server.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { MediaOrder } from "../_kit/media/adapter.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { TokenCache } from "../_kit/token-cache.ts";
import { klingFault } from "./errors.ts";
import { klingAdapter } from "./index.ts";
import { klingMedia, readKlingTask } from "./media.ts";
import { klingToken } from "./token.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string, credential = "kling-test-0123"): Drive => new Drive({ vendor: "kling", baseUrl: `${sandbox.url}/kling`, credential, ...(fault ? { headers: { "x-sandbox-fault": `${fault};queue-ms=20;run-ms=40` } } : {}) });
const url = `data:image/png;base64,${Buffer.from(await picture({ width: 400, height: 400, format: "png", seed: "kling" })).toString("base64")}`;
let count = 0;
const film = () => ({ taskId: `task-${(count += 1)}`, model: "kling-v1", input: { native: { path: "/v1/videos/text2video", json: { prompt: "a stone", duration: "5" } } } });
const order = (wish: MediaWish, model: string): MediaOrder => ({ taskId: `wish-${(count += 1)}`, action: "a", model, input: { wish } });

test("a film: through its states to the file, known by our name for it", async () => {
  const player = drive();
  const asked = film();
  const { end, seen } = await player.untilEnd(await player.submit(asked), "kling-v1");
  expect(seen).toEqual(["QUEUED", "IN_PROGRESS", "SUCCESS"]);
  expect(end).toMatchObject({ outputs: [{ kind: "video", duration: 5.1 }], answer: { task_info: { external_task_id: asked.taskId } } });
});

test.each<[string, string, MediaWish]>([
  ["/v1/videos/text2video", "kling-v2-6", { kind: "video", prompt: "a stone", duration: 10, mode: "pro", sound: true, aspectRatio: "1:1", watermark: true }],
  ["/v1/videos/image2video", "kling-v1-6", { kind: "video", prompt: "a stone", images: [{ url, role: "first_frame" }, { url, role: "last_frame" }], guidance: 0.7 }],
  ["/v1/images/generations", "kling-v1-5", { kind: "image", prompt: "a stone", count: 2, resolution: "2K", aspectRatio: "4:3", images: [{ url, role: "input" }], strength: 0.4 }],
  ["/v1/images/kolors-virtual-try-on", "kolors-virtual-try-on-v1-5", { kind: "image", images: [{ url, role: "garment" }, { url, role: "person" }] }],
])("a wish becomes %s, and all of it is said", async (path, model, wish) => {
  const player = drive();
  const asked = order(wish, model);
  const { call, dropped } = klingMedia.submit(asked);
  expect([call.path, dropped]).toEqual([path, undefined]);
  const { end } = await player.untilEnd(await player.submit(asked), model);
  // A marked film comes beside the one without a mark.
  expect([end.state, end.outputs?.length]).toEqual(["SUCCESS", (wish.count ?? 1) + (wish.watermark ? 1 : 0)]);
});

test("what cannot be said is told; a picture's head is left away; a try-on needs two", () => {
  const { call, dropped } = klingMedia.submit(order({ kind: "video", prompt: "x", guidance: 0.5, sound: true, seed: 1, fps: 24, images: [{ url, role: "first_frame" }] }, "kling-v2-master"));
  expect(dropped?.toSorted()).toEqual(["fps", "guidance", "sound"]);
  expect((call.json as { image: string }).image).not.toStartWith("data:");
  expect(() => klingMedia.submit(order({ kind: "image", images: [{ url, role: "person" }] }, "kolors-virtual-try-on-v1"))).toThrow("Two pictures are needed");
});

test.each([["status=429", "rate_limited", undefined], ["no-balance", "no_balance", undefined], ["bad-key", "auth", undefined], ["status=500", "server", undefined], ["status=403", "denied", undefined], ["refuse-submit", "caller", true]])("a submit under %s is a fault of %s", async (fault, kind, policy) => {
  const { state, fault: told } = await drive(fault).submit(film());
  expect([state, told?.kind, told?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test.each([["refuse", "caller", true], ["fail", "server", undefined]])("a task that ends by %s is a fault of %s", async (fault, kind, policy) => {
  const player = drive(fault);
  const { end } = await player.untilEnd(await player.submit(film()), "kling-v1");
  expect([end.state, end.fault?.kind, end.fault?.policy]).toEqual(["FAILURE", kind as never, policy]);
});

test("K19: an order whose answer was lost is found by our name, and sent again becomes no second task", async () => {
  const player = drive();
  const lost = { ...film(), action: "a" };
  const search = async () => klingMedia.find?.read(await player.send(klingMedia.find.call(lost)), lost, { at: Date.now(), taken: () => false });
  expect(await search()).toBe("none");
  const { ref } = await player.submit(lost);
  expect(await search()).toEqual({ ref: ref ?? "", memo: { path: "/v1/videos/text2video" } });
  const again = await player.submit(lost);
  expect(again).toMatchObject({ state: "QUEUED", ref: lost.taskId });
  expect((await player.untilEnd(again, "kling-v1")).end.state).toBe("SUCCESS");
  const pictures = order({ kind: "image", prompt: "x" }, "kling-v1");
  expect(klingMedia.find?.read(await player.send(klingMedia.find.call(pictures)), pictures, { at: Date.now(), taken: () => false })).toBeUndefined();
});

test.each([["submitted", "QUEUED"], ["processing", "IN_PROGRESS"], ["succeed", "SUCCESS"], ["failed", "FAILURE"], ["reviewing", "IN_PROGRESS"]])("Kling's %s is %s", (word, state) => {
  expect(readKlingTask({ task_status: word })?.state).toBe(state as never);
});

test.each([
  [401, 1000, "auth"], [401, 1001, "auth"], [401, 1002, "auth"], [401, 1003, "auth"], [401, 1004, "auth"], [429, 1100, "no_balance"], [429, 1101, "no_balance"], [429, 1102, "no_balance"], [403, 1103, "denied"],
  [400, 1200, "caller"], [400, 1201, "caller"], [404, 1202, "server"], [404, 1203, "no_model"], [400, 1300, "caller"], [400, 1301, "caller"], [429, 1302, "rate_limited"], [429, 1303, "rate_limited"], [429, 1304, "auth"],
  [500, 5000, "server"], [503, 5001, "overloaded"], [504, 5002, "server"], [429, 9999, "rate_limited"],
])("%d with code %d is %s", (status, code, kind) => {
  expect(klingFault(status, JSON.stringify({ code, message: "x", request_id: "r" })).kind).toBe(kind as never);
});

test("K03: pages, overloads, codes and a task that is not known yet say nothing", () => {
  const job = { taskId: "t", model: "m", action: "a", ref: "r", memo: { path: "/v1/videos/text2video" } };
  const told = { code: 0, data: { task_status: "failed", task_status_msg: "task not found" } };
  for (const [status, text] of [[502, "<html>"], [200, ""], [429, '{"code":1302}'], [404, '{"code":1203,"message":"Task not found"}'], [401, '{"code":1004}'], [200, JSON.stringify(told)]] as const) expect(klingMedia.readPoll?.({ status, header: () => null, body: Buffer.from(text) }, job)).toBeUndefined();
});

test("K14: the caller's address and name never reach the vendor; unknown members do", () => {
  const { json } = klingMedia.submit({ taskId: "t", action: "a", model: "kling-v2-1", callbackUrl: "https://us", input: { native: { path: "/v1/videos/text2video", json: { prompt: "p", model_name: "public", callback_url: "https://caller", external_task_id: "theirs", camera_control: { type: "down_back" } } } } }).call;
  expect(json).toEqual({ prompt: "p", model_name: "kling-v2-1", callback_url: "https://us", external_task_id: "t", camera_control: { type: "down_back" } });
});

describe("credentials", () => {
  test("a pair of keys makes tokens that the vendor takes; a wrong secret is an auth fault", async () => {
    expect((await drive(undefined, "sandbox-access-key|sandbox-secret-key").submit(film())).state).toBe("QUEUED");
    expect((await drive(undefined, "sandbox-access-key|wrong").submit(film())).fault?.kind).toBe("auth");
  });

  test("a token is used again for 25 minutes, and names issuer, end and beginning", async () => {
    const tokens = new TokenCache();
    const start = Date.UTC(2026, 0, 1);
    const first = await klingToken("access|secret", start, tokens);
    expect(await klingToken("access|secret", start + 24 * 60_000, tokens)).toBe(first);
    await klingToken("access|secret", start + 26 * 60_000, tokens);
    // It is made in the background.
    for (let look = 0; look < 500 && (await klingToken("access|secret", start + 26 * 60_000, tokens)) === first; look += 1) await Bun.sleep(5);
    expect(await klingToken("access|secret", start + 26 * 60_000, tokens)).not.toBe(first);
    const [head = "", claims = ""] = first.split(".").map((part) => Buffer.from(part, "base64url").toString());
    expect(JSON.parse(head)).toEqual({ alg: "HS256", typ: "JWT" });
    expect(JSON.parse(claims)).toEqual({ iss: "access", exp: start / 1000 + 1_800, nbf: start / 1000 - 5 });
    expect(await klingToken("plain-key", start, tokens)).toBe("plain-key");
  });

  test("from the environment: an API key, or both halves of a pair", () => {
    const { environment } = klingAdapter();
    const read = (credential: string | undefined, variables: Record<string, string>) => environment.settle?.({ credential, baseUrl: undefined }, (name) => variables[name])?.credential;
    expect(read("key", { KLING_ACCESS_KEY: "a", KLING_SECRET_KEY: "s" })).toBe("key");
    expect(read(undefined, { KLING_ACCESS_KEY: "a", KLING_SECRET_KEY: "s" })).toBe("a|s");
    expect(read(undefined, { KLING_ACCESS_KEY: "a" })).toBeUndefined();
  });
});
