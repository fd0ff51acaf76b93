import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { picture } from "../../kit/media/picture.ts";
import { startSandbox } from "../../server.ts";
import { HAS_FFPROBE, probe } from "../../testing/probe.ts";
import { receiver } from "../../testing/receiver.ts";
import { ACCESS_KEY, SECRET_KEY } from "./token.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
/** A token as the vendor's documentation makes it. */
function token(claims: object = {}, secret = SECRET_KEY, alg = "HS256"): string {
  const seconds = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg, typ: "JWT" })}.${part({ iss: ACCESS_KEY, exp: seconds + 1800, nbf: seconds - 5, ...claims })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

interface Told {
  code: number;
  message: string;
  request_id: string;
  data: { task_id: string; task_status: string; task_status_msg?: string; task_info: object; final_unit_deduction?: string; task_result?: { videos?: { url: string; duration: string }[]; images?: { index: number; url: string }[] } };
}
async function call(method: string, path: string, body?: object, bearer = token()): Promise<Told & { status: number }> {
  const answer = await fetch(`${sandbox.url}/kling${path}`, { method, headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: answer.status, ...((await answer.json()) as Told) };
}
const TEXT = "/v1/videos/text2video";
const IMAGE = "/v1/videos/image2video";
const base64 = async (width: number, height: number): Promise<string> => Buffer.from(await picture({ width, height, format: "png", seed: "in" })).toString("base64");

async function ended(path: string, id: string): Promise<{ last: Told["data"]; states: string[] }> {
  const states: string[] = [];
  for (;;) {
    const { data } = await call("GET", `${path}/${id}`);
    if (states.at(-1) !== data.task_status) states.push(data.task_status);
    if (data.task_status === "succeed" || data.task_status === "failed") return { last: data, states };
    await Bun.sleep(40);
  }
}

test("a film from text: states, result, what it cost, by either id and in the list", async () => {
  const made = await call("POST", TEXT, { model_name: "kling-v2-6", prompt: "waves", duration: "10", mode: "pro", aspect_ratio: "9:16", external_task_id: "mine-1" });
  expect(made).toMatchObject({ status: 200, code: 0, message: "SUCCEED", data: { task_status: "submitted", task_info: { external_task_id: "mine-1" } } });
  expect(made.data.task_id).toMatch(/^\d{18}$/);
  const { last, states } = await ended(TEXT, "mine-1");
  expect(states).toEqual(["submitted", "processing", "succeed"]);
  expect(last).toMatchObject({ task_id: made.data.task_id, final_unit_deduction: "5", task_result: { videos: [{ duration: "10.1" }] } });
  const bytes = await (await fetch(last.task_result?.videos?.[0]?.url ?? "")).bytes();
  if (HAS_FFPROBE) expect(probe(bytes)).toMatchObject({ width: 1080, height: 1920, duration: expect.closeTo(10.1, 1) as unknown as number });
  expect(await call("GET", `${TEXT}?pageNum=1&pageSize=5`)).toMatchObject({ data: [{ task_id: made.data.task_id }] });
  expect(await call("GET", `${IMAGE}/${made.data.task_id}`)).toMatchObject({ status: 404, code: 1203 });
  expect(await call("POST", TEXT, { prompt: "again", external_task_id: "mine-1" })).toMatchObject({ status: 400, code: 1201 });
  expect(sandbox.tasks()).toMatchObject([{ usage: { final_unit_deduction: 5 } }]);
});

test("pictures and a try-on, with raw base64 for input", async () => {
  const drawn = await call("POST", "/v1/images/generations", { model_name: "kling-v2", prompt: "a stone", n: 3, aspect_ratio: "1:1" });
  const { last } = await ended("/v1/images/generations", drawn.data.task_id);
  expect(last.task_result?.images?.map((one) => one.index)).toEqual([0, 1, 2]);
  expect(await new Bun.Image(await (await fetch(last.task_result?.images?.[2]?.url ?? "")).bytes()).metadata()).toMatchObject({ width: 1024, height: 1024 });
  const tried = await call("POST", "/v1/images/kolors-virtual-try-on", { human_image: await base64(400, 600), cloth_image: "https://example.com/coat.png" });
  expect((await ended("/v1/images/kolors-virtual-try-on", tried.data.task_id)).last.task_result?.images).toHaveLength(1);
});

test("a callback has the data alone, at each change", async () => {
  const hook = receiver();
  const { data } = await call("POST", IMAGE, { image: await base64(300, 400), callback_url: hook.url });
  const messages = (await hook.waitFor(2)).map((one) => JSON.parse(one.text) as Told["data"]);
  expect(messages.map((one) => [one.task_id, one.task_status])).toEqual([[data.task_id, "processing"], [data.task_id, "succeed"]]);
  await hook.stop();
});

describe("what goes wrong", () => {
  test("tokens: none, another secret, another way of signing, early, late, for too long; an API key is good", async () => {
    const seconds = Math.floor(Date.now() / 1000);
    const codes = [];
    for (const bearer of ["", token({}, "another"), token({}, SECRET_KEY, "none"), token({ iss: "nobody" }), token({ nbf: seconds + 60 }), token({ exp: seconds - 1 }), token({ exp: seconds + 9_999 })]) codes.push(await call("GET", TEXT, undefined, bearer));
    expect(codes.map((one) => [one.status, one.code])).toEqual([[401, 1001], [401, 1000], [401, 1002], [401, 1002], [401, 1003], [401, 1004], [401, 1002]]);
    expect(await call("GET", TEXT, undefined, "sk-sandbox-kling")).toMatchObject({ code: 0, data: [] });
  });

  test("bodies are checked", async () => {
    const wrong: [string, object][] = [
      [TEXT, {}],
      [TEXT, { prompt: "x", duration: 5 }],
      [TEXT, { prompt: "x", duration: "7" }],
      [TEXT, { prompt: "x", model_name: "kling-v2-6", cfg_scale: 0.5 }],
      [TEXT, { prompt: "x", mode: "4k" }],
      [TEXT, { prompt: "x", camera_control: { type: "simple", config: { zoom: 5, pan: 1 } } }],
      [IMAGE, { prompt: "x" }],
      [IMAGE, { image: `data:image/png;base64,${await base64(300, 300)}` }],
      [IMAGE, { image: await base64(200, 300) }],
      [IMAGE, { image: await base64(300, 900) }],
      [IMAGE, { image: "https://example.com/a.png", image_tail: "https://example.com/b.png", static_mask: "https://example.com/c.png" }],
      ["/v1/images/generations", { prompt: "x", n: 10 }],
    ];
    for (const [path, body] of wrong) expect(await call("POST", path, body)).toMatchObject({ status: 400, code: 1201 });
    expect(await call("POST", TEXT, { prompt: "x", model_name: "kling-v3", duration: "7", mode: "4k" })).toMatchObject({ code: 0 });
    expect(await call("POST", "/v1/videos/dance", {})).toMatchObject({ status: 404, code: 1202 });
  });

  test("refused at submit and at work; no money and too many at once have the same status", async () => {
    expect(await call("POST", TEXT, { prompt: "x [[fault:refuse-submit]]" })).toMatchObject({ status: 400, code: 1301 });
    const { data } = await call("POST", TEXT, { prompt: "a forbidden video" });
    expect((await ended(TEXT, data.task_id)).last).toMatchObject({ task_status: "failed", task_status_msg: expect.stringContaining("risk control"), final_unit_deduction: "0" });
    const codes = [];
    for (const fault of ["no-balance", "status=429", "retry-after=2", "status=500"]) codes.push(await call("POST", TEXT, { prompt: `x [[fault:${fault}]]` }));
    expect(codes.map((one) => [one.status, one.code])).toEqual([[429, 1102], [429, 1303], [429, 1302], [500, 5000]]);
    const lost = await call("POST", TEXT, { prompt: "x [[fault:lost-result;queue-ms=0;run-ms=0]]" });
    expect((await ended(TEXT, lost.data.task_id)).last.task_result).toEqual({ videos: [] });
  });
});
