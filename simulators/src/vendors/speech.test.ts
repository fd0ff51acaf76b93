import { afterAll, beforeAll, expect, test } from "bun:test";
import { ElevenLabsClient, ElevenLabsError } from "@elevenlabs/elevenlabs-js";
import { GoogleGenAI } from "@google/genai";
import { decodeSound as decode } from "../testing/decode-sound.ts";
import { startSandbox, type Sandbox } from "../server.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => Date.UTC(2026, 0, 1) });
});
afterAll(() => sandbox.stop());
const TEXT = "The quick brown fox jumps over the lazy dog.";

test("ElevenLabs: its SDK gets sound, and its errors", async () => {
  const client = new ElevenLabsClient({ apiKey: "test-key", baseUrl: `${sandbox.url}/elevenlabs`, maxRetries: 0 });
  const speech = { text: TEXT, modelId: "eleven_multilingual_v2" };
  const decoded = await decode(await new Response(await client.textToSpeech.convert("voice1", speech)).bytes());
  expect((decoded.channelData[0]?.length ?? 0) / decoded.sampleRate).toBeCloseTo(TEXT.length / 15, 0);
  const { rawResponse } = await client.textToSpeech.convert("voice1", { ...speech, outputFormat: "pcm_16000" }).withRawResponse();
  expect(rawResponse.headers.get("character-cost")).toBe(String(TEXT.length));
  const refused = (call: Promise<unknown>) => call.then(() => 200, (error: unknown) => (error instanceof ElevenLabsError ? error.statusCode : error));
  expect(await refused(client.textToSpeech.convert("nonexistent", speech))).toBe(404);
  expect(await refused(client.textToSpeech.convert("voice1", { ...speech, text: "x".repeat(10_001) }))).toBe(400);
  expect(await refused(client.textToSpeech.convert("voice1", { ...speech, text: `${TEXT} [[fault:no-balance]]` }))).toBe(401);
});

test("ElevenLabs: its SDK gets the times of characters, whole and as a stream whose pieces make the same sound", async () => {
  const client = new ElevenLabsClient({ apiKey: "test-key", baseUrl: `${sandbox.url}/elevenlabs`, maxRetries: 0 });
  const whole = await client.textToSpeech.convertWithTimestamps("voice1", { text: TEXT });
  expect(whole.alignment?.characters.join("")).toBe(TEXT);
  expect(whole.alignment?.characterEndTimesSeconds.at(-1)).toBeCloseTo(TEXT.length / 15, 5);
  const sounds: Buffer[] = [];
  let said = "";
  for await (const piece of await client.textToSpeech.streamWithTimestamps("voice1", { text: TEXT })) {
    sounds.push(Buffer.from(piece.audioBase64, "base64"));
    said += piece.alignment?.characters.join("") ?? "";
  }
  expect(said).toBe(TEXT);
  expect(sounds.length).toBeGreaterThan(1);
  expect(Buffer.concat(sounds).equals(Buffer.from(whole.audioBase64, "base64"))).toBe(true);
  const wrong = await fetch(`${sandbox.url}/elevenlabs/v1/text-to-speech/voice1`, { method: "POST", headers: { "xi-api-key": "test-key" }, body: JSON.stringify({ text: TEXT, seed: -1 }) });
  expect([wrong.status, ((await wrong.json()) as { detail: { loc: string[] }[] }).detail[0]?.loc]).toEqual([422, ["body", "seed"]]);
});

test("MiniMax: sound as hex, billed characters, and errors inside a 200", async () => {
  const say = async (body: object) => {
    const response = await fetch(`${sandbox.url}/minimax/v1/t2a_v2`, { method: "POST", headers: { authorization: "Bearer key" }, body: JSON.stringify({ model: "speech-2.6-hd", text: TEXT, voice_setting: { voice_id: "English_expressive_narrator" }, ...body }) });
    return { status: response.status, ...((await response.json()) as { data?: { audio: string }; extra_info?: { usage_characters: number }; base_resp: { status_code: number } }) };
  };
  const said = await say({});
  expect(said).toMatchObject({ status: 200, extra_info: { usage_characters: TEXT.length }, base_resp: { status_code: 0 } });
  expect((await decode(new Uint8Array(Buffer.from(said.data?.audio ?? "", "hex")))).sampleRate).toBe(24_000);
  const codes = [{ text: "" }, { text: "forbidden words" }, { voice_setting: {} }, { text: "a [[fault:status=429]]" }, { text: "a [[fault:no-balance]]" }, { text: "a [[fault:bad-key]]" }, { text: "a [[fault:status=500]]" }];
  expect(await Promise.all(codes.map(async (one) => (await say(one)).base_resp.status_code))).toEqual([2013, 1026, 2013, 1002, 1008, 2049, 1000]);
});

test("Gemini: its SDK gets sound and pictures, with tokens by modality", async () => {
  const client = new GoogleGenAI({ apiKey: "test-key-1", httpOptions: { baseUrl: `${sandbox.url}/gemini` } });
  const spoken = await client.models.generateContent({ model: "gemini-2.5-flash-preview-tts", contents: TEXT, config: { responseModalities: ["AUDIO"], speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } } } });
  const part = spoken.candidates?.[0]?.content?.parts?.[0]?.inlineData;
  expect(part?.mimeType).toBe("audio/L16;codec=pcm;rate=24000");
  expect(Buffer.from(part?.data ?? "", "base64").length / 48_000).toBeCloseTo(TEXT.length / 15, 1);
  expect(spoken.usageMetadata?.candidatesTokensDetails).toEqual([{ modality: "AUDIO" as never, tokenCount: Math.ceil((TEXT.length / 15) * 25) }]);
  const drawn = await client.models.generateContent({ model: "gemini-2.5-flash-image", contents: "a red stone", config: { responseModalities: ["TEXT", "IMAGE"], imageConfig: { aspectRatio: "16:9" } } });
  const image = drawn.candidates?.[0]?.content?.parts?.find((one) => one.inlineData)?.inlineData;
  expect(await new Bun.Image(Buffer.from(image?.data ?? "", "base64")).metadata()).toMatchObject({ width: 1344, height: 768, format: "png" });
  expect(drawn.usageMetadata).toMatchObject({ candidatesTokenCount: 1290 });
  const refused = await client.models.generateContent({ model: "gemini-2.5-flash-image", contents: "a forbidden picture" });
  expect(refused.candidates?.[0]?.finishReason).toBe("IMAGE_SAFETY" as never);
});
