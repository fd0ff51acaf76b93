import { afterAll, expect, test } from "bun:test";
import { ElevenLabsClient, ElevenLabsError } from "@elevenlabs/elevenlabs-js";
import { startSandbox } from "../../server.ts";
import { decodeSound } from "../../testing/decode-sound.ts";

/** The vendor's own SDK against the music and the sound effects that are played here. */
const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const client = new ElevenLabsClient({ apiKey: "test-key", baseUrl: `${sandbox.url}/elevenlabs`, maxRetries: 0 });

async function seconds(stream: ReadableStream<Uint8Array>): Promise<number> {
  const { channelData, sampleRate } = await decodeSound(await new Response(stream).bytes());
  return (channelData[0]?.length ?? 0) / sampleRate;
}
/** Status and the vendor's word or the member at fault. */
const refused = (call: PromiseLike<unknown>) =>
  Promise.resolve(call).then(() => [200], (error: unknown) => {
    if (!(error instanceof ElevenLabsError)) throw error;
    const { detail } = error.body as { detail: { status: string } | { loc: string[] }[] };
    return [error.statusCode, Array.isArray(detail) ? detail[0]?.loc[1] : detail.status];
  });

test("music of a prompt is an MP3 of the length that was asked for, of a plan one of its parts' sum", async () => {
  expect(await seconds(await client.music.compose({ prompt: "a river", musicLengthMs: 7_000, modelId: "music_v2", forceInstrumental: true }))).toBeCloseTo(7, 1);
  const section = { sectionName: "Verse", positiveLocalStyles: [], negativeLocalStyles: [], durationMs: 4_000, lines: [] };
  expect(await seconds(await client.music.compose({ modelId: "music_v1", compositionPlan: { positiveGlobalStyles: [], negativeGlobalStyles: [], sections: [section, section] } }))).toBeCloseTo(8, 1);
  const { rawResponse } = await client.music.compose({ prompt: "a river", outputFormat: "opus_48000_128" }).withRawResponse();
  expect(rawResponse.headers.get("content-type")).toBe("audio/opus");
});

test("a sound effect lasts as long as was asked for, or as the vendor chooses", async () => {
  expect(await seconds(await client.textToSoundEffects.convert({ text: "a door", durationSeconds: 2.5, promptInfluence: 0.5, loop: true }))).toBeCloseTo(2.5, 1);
  expect(await seconds(await client.textToSoundEffects.convert({ text: "a door" }))).toBeCloseTo(4, 1);
});

test("what cannot be made is refused", async () => {
  expect(await refused(client.music.compose({ prompt: "a river", musicLengthMs: 2_999 }))).toEqual([422, "music_length_ms"]);
  expect(await refused(client.music.compose({ prompt: "a river", musicLengthMs: 600_001 }))).toEqual([422, "music_length_ms"]);
  expect(await refused(client.music.compose({ prompt: "a river", seed: 1 }))).toEqual([400, "invalid_request"]);
  expect(await refused(client.music.compose({}))).toEqual([400, "invalid_request"]);
  expect(await refused(client.music.compose({ prompt: "a forbidden song" }))).toEqual([400, "bad_prompt"]);
  expect(await refused(client.music.compose({ prompt: "[[fault:no-balance]]" }))).toEqual([401, "quota_exceeded"]);
  expect(await refused(client.textToSoundEffects.convert({ text: "a door", durationSeconds: 0.4 }))).toEqual([422, "duration_seconds"]);
  expect(await refused(client.textToSoundEffects.convert({ text: "a door", durationSeconds: 30.5 }))).toEqual([422, "duration_seconds"]);
  expect(await refused(client.textToSoundEffects.convert({ text: "a door", promptInfluence: 2 }))).toEqual([422, "prompt_influence"]);
  const unknown = await fetch(`${sandbox.url}/elevenlabs/v1/music?output_format=mp3_1`, { method: "POST", headers: { "xi-api-key": "k" }, body: '{"prompt":"a river"}' });
  expect([unknown.status, ((await unknown.json()) as { detail: { loc: string[] }[] }).detail[0]?.loc]).toEqual([422, ["query", "output_format"]]);
});
