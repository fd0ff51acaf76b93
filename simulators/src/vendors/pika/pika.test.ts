import { afterAll, expect, test } from "bun:test";
import { picture } from "../../kit/media/picture.ts";
import { video } from "../../kit/media/video.ts";
import { startSandbox } from "../../server.ts";
import { HAS_FFPROBE, probe } from "../../testing/probe.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());

const headers = { "x-api-key": "sandbox-key" };
async function post(route: string, fields: Record<string, string | Blob | Blob[]>, encoded = false): Promise<{ status: number; video_id?: string; detail?: { loc: unknown[]; type: string }[] }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) form.append(name, one);
  const body = encoded ? new URLSearchParams(fields as Record<string, string>) : form;
  const answer = await fetch(`${sandbox.url}/pika/generate/${route}`, { method: "POST", headers, body });
  return { status: answer.status, ...((await answer.json()) as object) };
}
interface Told {
  status: string;
  progress: number;
  url?: string;
}
async function ended(id: string | undefined): Promise<{ last: Told; states: string[] }> {
  const states: string[] = [];
  for (;;) {
    const last = (await (await fetch(`${sandbox.url}/pika/videos/${id}`, { headers })).json()) as Told;
    if (states.at(-1) !== last.status) states.push(last.status);
    if (last.status === "finished" || last.status === "failed") return { last, states };
    await Bun.sleep(40);
  }
}
const still = new Blob([await picture({ width: 64, height: 64, format: "png", seed: "in" })]);
const clip = new Blob([video({ width: 64, height: 64, duration: 1, seed: "in" })]);

test("a clip from text, form-encoded: states, progress, sides and length", async () => {
  const { last, states } = await ended((await post("2.2/t2v", { promptText: "waves", aspectRatio: "1", duration: "10", resolution: "1080p" }, true)).video_id);
  expect(states).toEqual(["queued", "started", "finished"]);
  expect(last.progress).toBe(100);
  const bytes = await (await fetch(last.url ?? "")).bytes();
  if (HAS_FFPROBE) expect(probe(bytes)).toMatchObject({ width: 1080, height: 1080, duration: 10 });
});

test("the other ways take files", async () => {
  const made = [
    await post("2.2/i2v", { image: still, promptText: "waves" }),
    await post("2.2/pikaframes", { keyFrames: [still, still], promptText: "waves", duration: "7" }),
    await post("2.2/c2v", { images: [still], ingredientsMode: "creative", promptText: "waves" }),
    await post("pikadditions", { video: clip, image: still }),
    await post("pikaffects", { image: still, pikaffect: "Melt" }),
  ];
  expect(made.map((one) => one.status)).toEqual([200, 200, 200, 200, 200]);
  expect((await ended(made[1]?.video_id)).last).toMatchObject({ status: "finished" });
});

test("what is wrong with a form; refused; marks in an encoded body", async () => {
  const answers = [await post("2.2/t2v", {}, true), await post("2.2/t2v", { promptText: "x", aspectRatio: "3" }, true), await post("2.2/i2v", { image: clip }), await post("2.2/pikaframes", { keyFrames: [still] }), await post("2.2/c2v", { images: [still] })];
  expect(answers.map((one) => [one.status, one.detail?.[0]?.loc[1]])).toEqual([[422, "promptText"], [422, "aspectRatio"], [422, "image"], [422, "keyFrames"], [422, "ingredientsMode"]]);
  expect((await ended((await post("2.2/t2v", { promptText: "a forbidden video" }, true)).video_id)).last.status).toBe("failed");
  expect((await post("2.2/t2v", { promptText: "x [[fault:status=429]]" }, true)).status).toBe(429);
  expect((await fetch(`${sandbox.url}/pika/videos/nobody`, { headers })).status).toBe(404);
});
