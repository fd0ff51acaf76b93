import { describe, expect, test } from "bun:test";
import { decodeSound as decode } from "../../../simulators/src/testing/decode-sound.ts";
import OpenAI, { toFile } from "openai";
import { picture } from "../../../simulators/src/kit/media/picture.ts";
import { testGateway } from "../testing/gateway.ts";

const gateway = await testGateway((config) => {
  config.models.push({ id: "imagen-4.0-generate-001", retiredAt: null });
  config.assets.days = 15;
});
const TEXT = "The quick brown fox jumps over the lazy dog, again and again.";
const png = async (seed: string) => toFile(await picture({ width: 64, height: 64, format: "png", seed }), `${seed}.png`, { type: "image/png" });

async function someone() {
  const caller = await gateway.newCaller("50");
  const client = new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  const charged = async (count = 1) => (await gateway.rows(caller.userId, count)).map((row) => ({ nano: Number(row.charge_nano), estimated: row.estimated, end: row.end_reason }));
  return { caller, client, charged };
}
const refused = (call: Promise<unknown>): Promise<unknown> => call.then(() => "taken", (error: unknown) => (error instanceof OpenAI.APIError ? `${error.status} ${error.code}: ${error.message}` : String(error)));
const lastBody = (): Record<string, unknown> => JSON.parse(Buffer.from(gateway.seen().at(-1)?.body.base64 ?? "", "base64").toString()) as Record<string, unknown>;

describe("speech of other vendors behind OpenAI's endpoint", () => {
  test("ElevenLabs: voice in the address, format in the query, paid by the character", async () => {
    const { client, charged } = await someone();
    for (const [response_format, asked] of [["mp3", "mp3_44100_128"], ["opus", "opus_48000_128"], ["wav", "wav_24000"]] as const) {
      const response = await client.audio.speech.create({ model: "eleven_flash_v2_5", voice: "my voice", input: TEXT, response_format });
      expect((await decode(new Uint8Array(await response.arrayBuffer()))).channelData[0]?.length).toBeGreaterThan(24_000);
      expect(gateway.seen().at(-1)?.path).toBe(`/v1/text-to-speech/my%20voice?output_format=${asked}`);
      expect(response.headers.get("x-yescale-dropped")).toBeNull();
    }
    expect(lastBody()).toEqual({ text: TEXT, model_id: "eleven_flash_v2_5" });
    expect(gateway.seen().at(-1)?.headers.map(([name]) => name)).not.toContain("authorization");
    for (const row of await charged(3)) expect(row).toEqual({ nano: TEXT.length * 50_000, estimated: false, end: "complete" });
  });

  test("MiniMax: hex becomes sound, errors inside a 200 are what they say", async () => {
    const { client, charged } = await someone();
    const response = await client.audio.speech.create({ model: "speech-2.6-hd", voice: "alloy", input: TEXT, speed: 1.5 });
    expect((await decode(new Uint8Array(await response.arrayBuffer()))).channelData[0]?.length).toBeGreaterThan(24_000);
    expect(lastBody()).toMatchObject({ voice_setting: { voice_id: "English_expressive_narrator", speed: 1.5 }, audio_setting: { format: "mp3" } });
    expect(await refused(client.audio.speech.create({ model: "speech-2.6-hd", voice: "alloy", input: "forbidden words" }))).toContain("400 content_policy_violation: 400 input new_sensitive");
    expect(await refused(client.audio.speech.create({ model: "speech-2.6-hd", voice: "nonexistent", input: TEXT }))).toContain("400 invalid_request: 400 invalid params, voice id not exist");
    expect(await refused(client.audio.speech.create({ model: "speech-2.6-hd", voice: "alloy", input: `${TEXT} [[fault:status=429]]` }))).toContain("429 rate_limit_exceeded");
    expect((await charged(4)).map((row) => row.nano)).toEqual([TEXT.length * 100_000, 0, 0, 0]);
  });

  test("Gemini: samples become a WAV, tokens are billed; what it cannot do is told", async () => {
    const { client, caller, charged } = await someone();
    const request = { model: "gemini-2.5-flash-preview-tts", voice: "alloy", input: TEXT } as const;
    const wav = await client.audio.speech.create({ ...request, response_format: "wav", instructions: "Say cheerfully" });
    expect(wav.headers.get("content-type")).toBe("audio/wav");
    expect((await decode(new Uint8Array(await wav.arrayBuffer()))).sampleRate).toBe(24_000);
    expect(wav.headers.get("x-yescale-dropped")).toBeNull();
    expect(lastBody()).toMatchObject({ contents: [{ parts: [{ text: `Say cheerfully:\n${TEXT}` }] }], generationConfig: { responseModalities: ["AUDIO"], speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } } } });
    const mp3 = await client.audio.speech.create({ ...request, speed: 2 });
    expect([mp3.headers.get("content-type"), mp3.headers.get("x-yescale-dropped")]).toEqual(["audio/wav", "response_format, speed"]);
    const pcm = Buffer.from(await (await client.audio.speech.create({ ...request, response_format: "pcm" })).arrayBuffer());
    const events = (await (await client.audio.speech.create({ ...request, response_format: "pcm", stream_format: "sse" })).text()).split("\n\n").filter(Boolean).map((event) => JSON.parse(event.slice(6)) as { audio?: string; usage?: { output_tokens: number } });
    expect(Buffer.compare(Buffer.concat(events.map((event) => Buffer.from(event.audio ?? "", "base64"))), pcm)).toBe(0);
    const tokens = Math.ceil((TEXT.length / 15) * 25);
    expect(events.at(-1)?.usage?.output_tokens).toBe(tokens);
    const strict = await fetch(`${gateway.url}/v1/audio/speech`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "x-yescale-strict": "1" }, body: JSON.stringify(request) });
    expect([strict.status, await strict.text()]).toEqual([400, expect.stringContaining('cannot be told \\"response_format\\"')]);
    const [, ...rows] = await charged(5);
    for (const row of rows.slice(0, 3)) expect(row).toMatchObject({ estimated: false, nano: Number(rows[0]?.nano) });
    expect(rows[0]?.nano).toBeGreaterThan(tokens * 10_000);
  });

  test("a vendor without money or with a bad key does not tell the caller so", async () => {
    const { client } = await someone();
    for (const model of ["eleven_v3", "speech-02-hd"]) for (const fault of ["no-balance", "bad-key"]) expect(await refused(client.audio.speech.create({ model, voice: "alloy", input: `a [[fault:${fault}]]` }))).toStartWith("503 ");
  });
});

describe("pictures of other vendors behind OpenAI's endpoint", () => {
  test("Gemini: an address of ours by default, which anybody with it can open, and which says when it ends", async () => {
    const { client, charged } = await someone();
    const answer = await client.images.generate({ model: "gemini-2.5-flash-image", prompt: "a red stone", size: "1792x1024" });
    const [image] = answer.data ?? [];
    expect(image?.url).toMatch(new RegExp(`^${gateway.url}/assets/\\d{8}-[0-9a-v]{32}\\.png$`));
    expect((image as { expires_at?: number } | undefined)?.expires_at).toBeGreaterThan(Date.now() / 1000 + 14 * 86_400);
    const response = await fetch(image?.url ?? "");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await new Bun.Image(await response.bytes()).metadata()).toMatchObject({ width: 1344, height: 768, format: "png" });
    expect((await fetch((image?.url ?? "").replace(/.\.png$/, (end) => (end.startsWith("0") ? "1.png" : "0.png")))).status).toBe(404);
    expect(answer.usage).toMatchObject({ output_tokens: 1290, input_tokens: 3 });
    expect(await charged()).toEqual([{ nano: 3 * 300 + 1290 * 30_000, estimated: false, end: "complete" }]);
  });

  test("base64, edits with several pictures, events, what is dropped", async () => {
    const { client, charged } = await someone();
    const { data: generated, response } = await client.images.generate({ model: "gemini-2.5-flash-image", prompt: "x", response_format: "b64_json", quality: "high" }).withResponse();
    expect(Buffer.from(generated.data?.[0]?.b64_json ?? "", "base64").subarray(1, 4).toString()).toBe("PNG");
    expect(response.headers.get("x-yescale-dropped")).toBe("quality");
    const edited = await client.images.edit({ model: "gemini-2.5-flash-image", prompt: "add a hat", image: [await png("a"), await png("b")] });
    expect(edited.data?.[0]?.url).toContain("/assets/");
    expect(lastBody()).toMatchObject({ contents: [{ parts: [{ text: "add a hat" }, { inlineData: { mimeType: "image/png" } }, { inlineData: { mimeType: "image/png" } }] }] });
    const types: string[] = [];
    for await (const event of await client.images.generate({ model: "gemini-2.5-flash-image", prompt: "x", stream: true })) types.push(event.type);
    expect(types).toEqual(["image_generation.completed"]);
    expect((await charged(3)).every((row) => row.nano > 0 && !row.estimated)).toBe(true);
  });

  test("Imagen: several at once, paid by the picture", async () => {
    const { client, charged } = await someone();
    const answer = await client.images.generate({ model: "imagen-4.0-generate-001", prompt: "a red stone", n: 3, size: "1024x1792" });
    expect(answer.data).toHaveLength(3);
    expect(lastBody()).toEqual({ instances: [{ prompt: "a red stone" }], parameters: { sampleCount: 3, aspectRatio: "9:16" } });
    expect(gateway.seen().at(-1)?.path).toBe("/v1beta/models/imagen-4.0-generate-001:predict");
    expect(await charged()).toEqual([{ nano: 3 * 40_000_000, estimated: false, end: "complete" }]);
  });

  test("what the model cannot do, and its content policy, are refused in OpenAI's words and cost nothing", async () => {
    const { client, charged } = await someone();
    const gemini = { model: "gemini-2.5-flash-image", prompt: "x" };
    expect(await refused(client.images.generate({ ...gemini, prompt: "a forbidden picture" }))).toContain("400 content_policy_violation");
    expect(await refused(client.images.generate({ model: "imagen-4.0-generate-001", prompt: "a forbidden picture" }))).toContain("400 content_policy_violation");
    expect(await refused(client.images.generate({ ...gemini, n: 2 }))).toContain('400 invalid_request: 400 "n" may only be 1');
    expect(await refused(client.images.generate({ ...gemini, size: "big" as "auto" }))).toContain('400 invalid_request: 400 "size" must be');
    expect(await refused(client.images.edit({ ...gemini, image: await png("a"), mask: await png("m") }))).toContain('400 invalid_request: 400 "mask"');
    expect(await refused(client.images.edit({ ...gemini, image: await toFile(Buffer.from("no picture"), "a.png") }))).toContain("is no PNG, JPEG or WebP file");
    expect(await refused(client.images.generate({ model: "claude-sonnet-4-5", prompt: "x" }))).toContain("400");
    for (const row of await charged(7)) expect(row.nano).toBe(0);
  });
});
