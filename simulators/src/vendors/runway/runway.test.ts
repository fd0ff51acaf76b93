import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import RunwayML from "@runwayml/sdk";
import { startSandbox } from "../../server.ts";
import { HAS_FFPROBE, probe } from "../../testing/probe.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

const KEY = "key_sandbox0123";
const client = (apiKey = KEY): RunwayML => new RunwayML({ apiKey, baseURL: `${sandbox.url}/runway`, maxRetries: 0 });
const runway = client();
const PICTURE = "https://example.com/bunny.jpg";
const film = (promptText: string) => runway.imageToVideo.create({ model: "gen4_turbo", promptImage: PICTURE, ratio: "1280:720", duration: 3, promptText });
const refusal = (call: PromiseLike<unknown>): Promise<unknown> => Promise.resolve(call).then(() => "taken", (error: unknown) => (error instanceof RunwayML.APIError ? [error.status, error.error] : error));
const bytesAt = async (url: string | undefined): Promise<Uint8Array> => (await fetch(url ?? "")).bytes();

/** Asks until it has ended; gives the last answer and the states on the way. The SDK's own waiting asks every six seconds. */
async function ended(id: string): Promise<{ last: RunwayML.TaskRetrieveResponse; states: string[] }> {
  const states: string[] = [];
  for (;;) {
    const last = await runway.tasks.retrieve(id);
    if (states.at(-1) !== last.status) states.push(last.status);
    if (["SUCCEEDED", "FAILED", "CANCELLED"].includes(last.status)) return { last, states };
    await Bun.sleep(30);
  }
}

test("a film: every state on the way, progress, cost, a file of the length asked for", async () => {
  const { id, estimatedCost } = await film("x");
  expect(estimatedCost).toEqual({ credits: 15 });
  const { last, states } = await ended(id);
  expect(states).toEqual(["PENDING", "THROTTLED", "RUNNING", "SUCCEEDED"]);
  expect(last).toMatchObject({ id, status: "SUCCEEDED", cost: { credits: 15 } });
  const bytes = await bytesAt(last.status === "SUCCEEDED" ? last.output[0] : "");
  if (HAS_FFPROBE) expect(probe(bytes)).toEqual({ codec: "h264", width: 1280, height: 720, duration: 3 });
  expect(sandbox.tasks()).toMatchObject([{ id, model: "gen4_turbo", state: "succeeded", usage: { credits: 15 } }]);
});

test("the SDK's own waiting takes it", async () => {
  const { output } = await film("x").waitForTaskOutput();
  expect(output).toHaveLength(1);
}, 20_000);

test("a picture, speech, an upload as input, the balance", async () => {
  const { uri } = await runway.uploads.createEphemeral({ file: new File(["picture"], "a.png", { type: "image/png" }) });
  expect(uri).toStartWith("runway://");
  const { id } = await runway.textToImage.create({ model: "gen4_image_turbo", promptText: "x", ratio: "1920:1080", referenceImages: [{ uri, tag: "bunny" }] });
  const { last } = await ended(id);
  expect(await new Bun.Image(await bytesAt(last.status === "SUCCEEDED" ? last.output[0] : "")).metadata()).toMatchObject({ width: 1920, height: 1080 });
  const spoken = await ended((await runway.textToSpeech.create({ model: "eleven_multilingual_v2", promptText: "Hello.", voice: { type: "runway-preset", presetId: "Maya" } })).id);
  expect(spoken.last).toMatchObject({ output: [expect.stringContaining(".mp3")] });
  expect(await runway.organization.retrieve()).toMatchObject({ creditBalance: 10_000, usage: { models: { gen4_image_turbo: { dailyGenerations: 1 } } } });
});

describe("what goes wrong", () => {
  test("bodies are checked, each fault named", async () => {
    const wrong = { model: "gen4_turbo", promptImage: "data:image/png;base64,aGVsbG8gd29ybGQ=", ratio: "4:3", duration: 11, promptText: "" } as never;
    expect(await refusal(runway.imageToVideo.create(wrong))).toEqual([400, {
      error: "Validation of body failed",
      docUrl: expect.any(String),
      issues: [
        { code: "invalid_enum_value", path: ["ratio"], received: "4:3", options: expect.any(Array), message: expect.any(String) },
        { code: "custom", path: ["promptImage"], message: expect.any(String) },
        { code: "too_small", path: ["promptText"], minimum: 1, inclusive: true, type: "string", message: expect.any(String) },
        { code: "too_big", path: ["duration"], maximum: 10, inclusive: true, type: "number", message: expect.any(String) },
      ],
    }]);
    expect(await refusal(runway.imageToVideo.create({ model: "gen9" } as never))).toMatchObject([400, { issues: [{ code: "invalid_union_discriminator", path: ["model"] }] }]);
    expect(await refusal(client("x").tasks.retrieve("a"))).toMatchObject([401, {}]);
    expect((await fetch(`${sandbox.url}/runway/v1/organization`, { headers: { authorization: `Bearer ${KEY}` } })).status).toBe(400);
    expect(sandbox.tasks()).toEqual([]);
  });

  test("refused for its content, failed by a code; nothing is charged", async () => {
    const refused = await ended((await film("forbidden video")).id);
    expect(refused.last).toMatchObject({ status: "FAILED", failureCode: "SAFETY.INPUT.TEXT", cost: { credits: 0 } });
    const failed = await ended((await film("x [[fault:fail-code=INTERNAL.BAD_OUTPUT.CODE02;queue-ms=0;run-ms=0]]")).id);
    expect(failed.last).toMatchObject({ status: "FAILED", failureCode: "INTERNAL.BAD_OUTPUT.CODE02" });
    expect(await refusal(runway.organization.retrieve({ headers: { "x-sandbox-fault": "no-balance" } }))).toMatchObject([400, { error: expect.stringContaining("credits") }]);
  });

  test("deleted while it runs: cancelled, and nobody can ask again; a race goes on", async () => {
    const { id } = await film("x");
    await runway.tasks.delete(id);
    expect(await refusal(runway.tasks.retrieve(id))).toMatchObject([404, {}]);
    expect(sandbox.tasks()).toMatchObject([{ state: "cancelled", usage: { credits: 0 } }]);
    const raced = await film("x [[fault:cancel-ignored;queue-ms=0;run-ms=30]]");
    await runway.tasks.delete(raced.id);
    expect((await ended(raced.id)).last).toMatchObject({ status: "SUCCEEDED" });
    expect(await refusal(client("key_another1").tasks.retrieve(raced.id))).toMatchObject([404, {}]);
  });

  test("dead addresses are renewed by asking again", async () => {
    const { id } = await film("x [[fault:expired-link;queue-ms=0;run-ms=0]]");
    const first = await ended(id);
    const again = await ended(id);
    const status = async ({ last }: typeof first): Promise<number> => (await fetch(last.status === "SUCCEEDED" ? (last.output[0] ?? "") : "")).status;
    expect([await status(first), await status(again)]).toEqual([403, 200]);
  });
});
