import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { decodeSound as decode } from "../../testing/decode-sound.ts";
import OpenAI, { toFile } from "openai";
import { picture } from "../../kit/media/picture.ts";
import { startSandbox, type Sandbox } from "../../server.ts";

let sandbox: Sandbox;
let client: OpenAI;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => Date.UTC(2026, 0, 1) });
  client = new OpenAI({ baseURL: `${sandbox.url}/openai/v1`, apiKey: "sk-test-1", maxRetries: 0 });
});
afterAll(() => sandbox.stop());

const TEXT = "The quick brown fox jumps over the lazy dog, again and again.";
const spoken = async (format: "mp3" | "wav") => {
  const response = await client.audio.speech.create({ model: "gpt-4o-mini-tts", voice: "alloy", input: TEXT, response_format: format });
  return { type: response.headers.get("content-type"), bytes: new Uint8Array(await response.arrayBuffer()) };
};

describe("sound", () => {
  test("speech is sound that lasts as long as the text, in the wished format", async () => {
    for (const format of ["mp3", "wav"] as const) {
      const { type, bytes } = await spoken(format);
      expect(type).toBe(format === "mp3" ? "audio/mpeg" : "audio/wav");
      const decoded = await decode(bytes);
      expect((decoded.channelData[0]?.length ?? 0) / decoded.sampleRate).toBeCloseTo(TEXT.length / 15, 0);
    }
  });

  test("events carry the same bytes and the usage", async () => {
    const response = await client.audio.speech.create({ model: "gpt-4o-mini-tts", voice: "alloy", input: TEXT, stream_format: "sse" });
    const events = (await response.text()).split("\n\n").filter(Boolean).map((event) => JSON.parse(event.slice("data: ".length)));
    const bytes = Buffer.concat(events.slice(0, -1).map((event) => Buffer.from(event.audio, "base64")));
    expect(Buffer.compare(bytes, Buffer.from((await spoken("mp3")).bytes))).toBe(0);
    expect(events.at(-1)).toMatchObject({ type: "speech.audio.done", usage: { output_tokens: Math.ceil((TEXT.length / 15) * 20.83) } });
  });

  test("what was said is understood again, in every form", async () => {
    const file = () => spoken("wav").then(({ bytes }) => toFile(bytes, "speech.wav"));
    const json = await client.audio.transcriptions.create({ model: "gpt-4o-transcribe", file: await file() });
    expect(json.text).toBe(TEXT);
    expect(json.usage).toMatchObject({ type: "tokens", input_token_details: { audio_tokens: 41 } });
    const whisper = { model: "whisper-1", file: await file() } as const;
    expect((await client.audio.transcriptions.create(whisper)).usage).toEqual({ type: "duration", seconds: 5 });
    const verbose = await client.audio.transcriptions.create({ ...whisper, response_format: "verbose_json", timestamp_granularities: ["word", "segment"] });
    expect(verbose).toMatchObject({ text: TEXT, language: "english" });
    expect(verbose.words?.map((word) => word.word).join(" ")).toContain("quick brown fox");
    const text = async (response_format: "text" | "srt" | "vtt") => String(await client.audio.transcriptions.create({ ...whisper, response_format }));
    expect(await text("text")).toBe(`${TEXT}\n`);
    expect(await text("srt")).toStartWith("1\n00:00:00,000 --> 00:00:04,");
    expect(await text("vtt")).toStartWith("WEBVTT\n\n00:00:00.000 --> ");
    const diarized = await client.audio.transcriptions.create({ model: "gpt-4o-transcribe-diarize", file: await file(), response_format: "diarized_json", known_speaker_names: ["Ann"] });
    expect(diarized).toMatchObject({ segments: [{ speaker: "Ann" }] });
    expect((await client.audio.translations.create({ model: "whisper-1", file: await file() })).text).toBe(TEXT);
    let [heard, done] = ["", ""];
    for await (const event of await client.audio.transcriptions.create({ model: "gpt-4o-transcribe", file: await file(), stream: true })) {
      if (event.type === "transcript.text.delta") heard += event.delta;
      if (event.type === "transcript.text.done") done = event.text;
    }
    expect([heard, done]).toEqual([TEXT, TEXT]);
  });

  test("what the API refuses", async () => {
    const refused = (call: Promise<unknown>) => call.then(() => "taken", (error: unknown) => (error instanceof OpenAI.APIError ? error.status : error));
    const speech = { model: "tts-1", voice: "alloy", input: "x" } as const;
    expect(await refused(client.audio.speech.create({ ...speech, input: "" }))).toBe(400);
    expect(await refused(client.audio.speech.create({ ...speech, voice: "nobody" }))).toBe(400);
    expect(await refused(client.audio.speech.create({ ...speech, speed: 9 }))).toBe(400);
    expect(await refused(client.audio.speech.create({ ...speech, model: "gpt-4.1-mini" }))).toBe(404);
    expect(await refused(client.audio.speech.create({ ...speech, stream_format: "sse" }))).toBe(400);
    expect(await refused(client.audio.transcriptions.create({ model: "whisper-1", file: await toFile(Buffer.from("x"), "a.txt") }))).toBe(400);
    expect(await refused(client.audio.transcriptions.create({ model: "gpt-4o-transcribe", response_format: "srt", file: await toFile(Buffer.from("x"), "a.wav") }))).toBe(400);
  });
});

describe("pictures", () => {
  test("generations of gpt-image: base64, size, format and usage", async () => {
    const answer = await client.images.generate({ model: "gpt-image-1", prompt: "a red stone", n: 2, size: "1536x1024", quality: "low", output_format: "webp" });
    expect(answer).toMatchObject({ quality: "low", size: "1536x1024", output_format: "webp", usage: { output_tokens: 816, input_tokens: 3 } });
    expect(answer.data).toHaveLength(2);
    for (const { b64_json } of answer.data ?? [])
      expect(await new Bun.Image(Buffer.from(b64_json ?? "", "base64")).metadata()).toMatchObject({ width: 1536, height: 1024, format: "webp" });
  });

  test("dall-e: an address that gives the picture to anybody, or base64", async () => {
    const answer = await client.images.generate({ model: "dall-e-3", prompt: "a red stone", quality: "hd", size: "1792x1024" });
    const [image] = answer.data ?? [];
    expect(image?.revised_prompt).toBe("a red stone");
    expect(await new Bun.Image(await (await fetch(image?.url ?? "")).bytes()).metadata()).toMatchObject({ width: 1792, format: "png" });
    expect(answer.usage).toBeUndefined();
    expect((await client.images.generate({ model: "dall-e-2", prompt: "x", size: "256x256", response_format: "b64_json" })).data?.[0]?.b64_json).toBeString();
  });

  test("edits: several pictures and a mask; events with partial pictures", async () => {
    const file = async (name: string) => toFile(await picture({ width: 64, height: 64, format: "png", seed: name }), `${name}.png`, { type: "image/png" });
    const answer = await client.images.edit({ model: "gpt-image-1", prompt: "add a hat", image: [await file("a"), await file("b")], mask: await file("m") });
    expect(answer.usage?.input_tokens_details.image_tokens).toBe(646);
    const types: string[] = [];
    for await (const event of await client.images.edit({ model: "gpt-image-1", prompt: "add a hat", image: await file("a"), stream: true, partial_images: 2 })) types.push(event.type);
    expect(types).toEqual(["image_edit.partial_image", "image_edit.partial_image", "image_edit.completed"]);
    const seen: string[] = [];
    for await (const event of await client.images.generate({ model: "gpt-image-1", prompt: "x", stream: true, partial_images: 1 })) seen.push(event.type);
    expect(seen).toEqual(["image_generation.partial_image", "image_generation.completed"]);
  });

  test("what the API refuses", async () => {
    const refused = (call: Promise<unknown>) => call.then(() => "taken", (error: unknown) => (error instanceof OpenAI.APIError ? `${error.status} ${error.code}` : error));
    expect(await refused(client.images.generate({ model: "dall-e-3", prompt: "x", n: 2 }))).toBe("400 integer_above_max_value");
    expect(await refused(client.images.generate({ model: "gpt-image-1", prompt: "x", response_format: "url" }))).toBe("400 unknown_parameter");
    expect(await refused(client.images.generate({ model: "gpt-image-1", prompt: "a forbidden picture" }))).toBe("400 moderation_blocked");
    expect(await refused(client.images.edit({ model: "gpt-image-1", prompt: "x", image: await toFile(Buffer.from("no picture"), "a.png") }))).toBe("400 unsupported_file_mimetype");
  });
});
