import { afterAll, expect, test } from "bun:test";
import { startSandbox } from "../../../../simulators/src/server.ts";
import { decodeSound } from "../../../../simulators/src/testing/decode-sound.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { Drive } from "../_kit/media/testing/drive.ts";
import { elevenlabsMedia } from "./media.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const drive = (fault?: string): Drive => new Drive({ vendor: "elevenlabs", baseUrl: `${sandbox.url}/elevenlabs/v1`, credential: "key-1", ...(fault ? { headers: { "x-sandbox-fault": fault } } : {}) });
const submitted = (model: string, wish: MediaWish) => elevenlabsMedia.submit({ taskId: "t", action: "a", model, input: { wish } });
const EFFECT = "eleven_text_to_sound_v2";

test.each<[string, MediaWish, number]>([
  ["music_v2", { kind: "music", prompt: "a river", duration: 4 }, 4],
  ["music_v2_5", { kind: "music", prompt: "a river", duration: 3, others: { instrumental: true } }, 3],
  [EFFECT, { kind: "audio", prompt: "a door", duration: 0.5, others: { loop: true, prompt_influence: 0.7 } }, 0.5],
])("%s of a wish: the answer is an MP3 of the length that is paid for", async (model, wish, seconds) => {
  const reading = await drive().submit({ model, input: { wish } });
  expect(reading).toMatchObject({ state: "SUCCESS", outputs: [{ kind: "audio", mime: "audio/mpeg" }] });
  const { channelData, sampleRate } = await decodeSound(new Uint8Array(reading.outputs?.[0]?.bytes ?? Buffer.alloc(0)));
  expect((channelData[0]?.length ?? 0) / sampleRate).toBeCloseTo(seconds, 1);
});

test("a request in the vendor's own words", async () => {
  expect(await drive().submit({ model: "music_v2", input: { native: { json: { prompt: "a river", music_length_ms: 3_000 } } } })).toMatchObject({ state: "SUCCESS" });
});

test("words, and what cannot be said", () => {
  expect(submitted("music_v2", { kind: "music", prompt: "p", duration: 30, seed: 7, negativePrompt: "drums", outputFormat: "opus", others: { instrumental: true } })).toMatchObject({
    call: { method: "POST", path: "/v1/music?output_format=opus_48000_128", json: { model_id: "music_v2", prompt: "p", music_length_ms: 30_000, force_instrumental: true } },
    dropped: ["seed", "negativePrompt"],
  });
  expect(submitted(EFFECT, { kind: "audio", prompt: "p", duration: 2.5, outputFormat: "flac", others: { loop: false, prompt_influence: 1 } })).toMatchObject({
    call: { path: "/v1/sound-generation?output_format=mp3_44100_128", json: { model_id: EFFECT, text: "p", duration_seconds: 2.5, loop: false, prompt_influence: 1 } },
    dropped: ["outputFormat"],
  });
  expect(() => submitted(EFFECT, { kind: "music", prompt: "p" })).toThrow("something else");
  expect(() => submitted("music_v2", { kind: "music" })).toThrow("missing");
});

test.each([["status=429", "rate_limited"], ["no-balance", "no_balance"], ["bad-key", "auth"], ["status=500", "server"]])("under %s it is a fault of %s", async (fault, kind) => {
  const reading = await drive(fault).submit({ model: EFFECT, input: { wish: { kind: "audio", prompt: "a door" } } });
  expect([reading.state, reading.fault?.kind]).toEqual(["FAILURE", kind as never]);
});

test("a prompt that the vendor refuses is its policy; a good status without sound is no result", async () => {
  expect(await drive().submit({ model: "music_v2", input: { wish: { kind: "music", prompt: "a forbidden song" } } })).toMatchObject({ state: "FAILURE", fault: { kind: "caller", policy: true } });
  const order = { taskId: "t", action: "a", model: EFFECT, input: { wish: { kind: "audio" as const } } };
  const read = (type: string, body: string) => elevenlabsMedia.readSubmit({ status: 200, header: () => type, body: Buffer.from(body) }, order);
  expect([read("application/json", "{}"), read("audio/mpeg", "")]).toEqual([undefined, undefined]);
});
