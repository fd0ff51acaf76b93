import { describe, expect, test } from "bun:test";
import { decodeSound as decode } from "../../../simulators/src/testing/decode-sound.ts";
import OpenAI, { toFile } from "openai";
import { picture } from "../../../simulators/src/kit/media/picture.ts";
import { sound } from "../../../simulators/src/kit/media/sound.ts";
import { testGateway } from "../testing/gateway.ts";

const gateway = await testGateway((config, sandboxUrl) => {
  config.models.push(
    { id: "dall-e-3", retiredAt: null, prices: { images: "0.12", variants: [{ when: { quality: "standard", size: "1024x1024" }, images: "0.04" }, { when: { quality: "standard", size: ["1792x1024", "1024x1792"] }, images: "0.08" }, { when: { quality: "hd", size: "1024x1024" }, images: "0.08" }] } },
    { id: "mapped-image", vendor: "openai", prices: { input: "5", output: "40" }, modalities: { input: ["text"], output: ["image"] } },
  );
  config.channels.push({
    name: "mapping", vendor: "openai", baseUrl: `${sandboxUrl}/openai`, credentials: ["sk-mapping-1"], modelMapping: { "mapped-image": "gpt-image-1", "tts-1-hd": "tts-1" },
    priority: 1, weight: 1, timeouts: { firstByteMs: 5_000, idleMs: 5_000 }, enabled: true,
  });
});
const TEXT = "The quick brown fox jumps over the lazy dog, again and again.";

/** A caller with a client of its own, so that rows and sums are only its own. */
async function someone() {
  const caller = await gateway.newCaller("50");
  const client = new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  const charged = async (count = 1) =>
    (await gateway.rows(caller.userId, count)).map((row) => ({ nano: Number(row.charge_nano), estimated: row.estimated, usage: row.usage as Record<string, number>, end: row.end_reason, endpoint: row.endpoint, stream: row.stream }));
  return { caller, client, charged };
}
const wav = async (seconds: number) => toFile(sound(seconds, "wav"), "speech.wav", { type: "audio/wav" });
const png = async (seed: string) => toFile(await picture({ width: 64, height: 64, format: "png", seed }), `${seed}.png`, { type: "image/png" });
const status = (call: Promise<unknown>): Promise<unknown> => call.then(() => 200, (error: unknown) => (error instanceof OpenAI.APIError ? error.status : error));

describe("speech", () => {
  test("by the character: every format plays, the bytes are the vendor's, the charge is exact", async () => {
    const { client, charged } = await someone();
    const formats = ["mp3", "opus", "aac", "flac", "wav"] as const;
    for (const response_format of formats) {
      gateway.sandbox.reset();
      const response = await client.audio.speech.create({ model: "tts-1", voice: "alloy", input: TEXT, response_format });
      const bytes = new Uint8Array(await response.arrayBuffer());
      expect((await decode(bytes)).channelData[0]?.length).toBeGreaterThan(24_000);
      const [seen] = gateway.seen();
      if (seen?.answer.base64) expect(Buffer.compare(bytes, Buffer.from(seen.answer.base64, "base64"))).toBe(0);
      expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    }
    const rows = await charged(formats.length);
    for (const row of rows) expect(row).toMatchObject({ nano: Math.round(TEXT.length * 15 * 1000), estimated: false, end: "complete", endpoint: "speech" });
  });

  test("by the token: events tell the usage; sound alone is an estimate within the hold", async () => {
    const { client, charged } = await someone();
    const request = { model: "gpt-4o-mini-tts", voice: "alloy", input: TEXT } as const;
    const events = (await (await client.audio.speech.create({ ...request, stream_format: "sse" })).text()).split("\n\n").filter(Boolean).map((event) => JSON.parse(event.slice(6)) as { type: string; usage?: { input_tokens: number; output_tokens: number } });
    const usage = events.at(-1)?.usage;
    expect(events[0]?.type).toBe("speech.audio.delta");
    const [told] = await charged();
    expect(told).toMatchObject({ estimated: false, stream: true, nano: (usage?.input_tokens ?? 0) * 600 + (usage?.output_tokens ?? 0) * 12_000 });
    await (await client.audio.speech.create(request)).arrayBuffer();
    const rows = await charged(2);
    expect(rows[1]).toMatchObject({ estimated: true, stream: false });
    expect(Math.abs((rows[1]?.nano ?? 0) / (told?.nano ?? 1) - 1)).toBeLessThan(0.2);
  });

  test("a mapped model's name is replaced in the body, and nothing else", async () => {
    const { client } = await someone();
    gateway.sandbox.reset();
    await (await client.audio.speech.create({ model: "tts-1-hd", voice: "alloy", input: TEXT })).arrayBuffer();
    expect(JSON.parse(Buffer.from(gateway.seen()[0]?.body.base64 ?? "", "base64").toString())).toEqual({ model: "tts-1", voice: "alloy", input: TEXT });
  });

  test("sound that breaks off breaks the caller's connection too: half a file is not taken for a whole one", async () => {
    const { caller, charged } = await someone();
    const body = JSON.stringify({ model: "tts-1", voice: "alloy", input: `${"word ".repeat(800)}[[fault:cut=1]]`, response_format: "wav" });
    const whole = fetch(`${gateway.url}/v1/audio/speech`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body }).then((response) => response.arrayBuffer());
    expect(await whole.then(() => "whole", () => "broken")).toBe("broken");
    expect((await charged())[0]).toMatchObject({ end: "upstream_cut", nano: 4015 * 15 * 1000 });
  });

  test("a refusal of the vendor's and our own checks", async () => {
    const { client, charged } = await someone();
    const speech = { model: "tts-1", voice: "alloy", input: TEXT } as const;
    expect(await status(client.audio.speech.create({ ...speech, voice: "nobody" }))).toBe(400);
    expect(await status(client.audio.speech.create({ ...speech, input: "" }))).toBe(400);
    expect(await status(client.audio.speech.create({ ...speech, input: 5 as unknown as string }))).toBe(400);
    expect(await status(client.audio.speech.create({ ...speech, speed: "fast" as unknown as number }))).toBe(400);
    expect(await status(client.audio.speech.create({ ...speech, model: "no-such-model" }))).toBe(404);
    expect(await status(client.audio.speech.create({ ...speech, input: "x".repeat(300_000) }))).toBe(400);
    for (const row of await charged(6)) expect(row.nano).toBe(0);
  });
});

describe("transcriptions and translations", () => {
  test("all forms of the answer; the form reaches the vendor byte for byte; seconds are billed", async () => {
    const { client, charged } = await someone();
    const spoken = await toFile(new Uint8Array(await (await client.audio.speech.create({ model: "tts-1", voice: "alloy", input: TEXT, response_format: "wav" })).arrayBuffer()), "s.wav");
    const whisper = { model: "whisper-1", file: spoken };
    expect((await client.audio.transcriptions.create(whisper)).text).toBe(TEXT);
    expect(String(await client.audio.transcriptions.create({ ...whisper, response_format: "text" }))).toBe(`${TEXT}\n`);
    expect(String(await client.audio.transcriptions.create({ ...whisper, response_format: "srt" }))).toContain(TEXT);
    expect(String(await client.audio.transcriptions.create({ ...whisper, response_format: "vtt" }))).toStartWith("WEBVTT");
    // The wish for events is ignored for this model, and the answer is whole (openai SDK: TranscriptionCreateParams.stream).
    expect(await (await client.audio.transcriptions.create({ ...whisper, stream: true }).asResponse()).json()).toMatchObject({ text: TEXT });
    expect((await client.audio.transcriptions.create({ ...whisper, response_format: "verbose_json", timestamp_granularities: ["word"] })).words?.length).toBeGreaterThan(5);
    expect((await client.audio.translations.create({ model: "whisper-1", file: spoken })).text).toBe(TEXT);
    const rows = (await charged(8)).slice(1);
    // 61 characters take 4.07 seconds, of which the fifth has begun; a plain text and a translation tell nothing, and the file's head does.
    expect(rows.map((row) => [row.nano, row.estimated])).toEqual([[500_000, false], [500_000, true], [500_000, false], [500_000, false], [500_000, false], [500_000, false], [500_000, true]]);
  });

  test("by the token, whole and as events, and diarized", async () => {
    const { client, charged } = await someone();
    const file = await wav(10);
    const whole = await client.audio.transcriptions.create({ model: "gpt-4o-transcribe", file, prompt: "say one two three" });
    expect(whole.text).toBe("one two three");
    let text = "";
    for await (const event of await client.audio.transcriptions.create({ model: "gpt-4o-transcribe", file, prompt: "say one two three", stream: true })) if (event.type === "transcript.text.delta") text += event.delta;
    expect(text).toBe("one two three");
    const diarized = await client.audio.transcriptions.create({ model: "gpt-4o-transcribe-diarize", file, response_format: "diarized_json" });
    expect(diarized).toMatchObject({ segments: [{ speaker: "A" }] });
    const rows = await charged(3);
    const nano = 4 * 2_500 + 100 * 6_000 + 3 * 10_000;
    expect(rows.slice(0, 2).map((row) => [row.nano, row.estimated, row.stream])).toEqual([[nano, false, false], [nano, false, true]]);
  });

  test("the form's bytes go through untouched", async () => {
    const { caller } = await someone();
    gateway.sandbox.reset();
    const file = sound(1, "wav");
    const body = Buffer.concat([Buffer.from('preamble\r\n--B\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'), file, Buffer.from('\r\n--B\r\nContent-Disposition: form-data; name=model\r\n\r\nwhisper-1\r\n--B--\r\n')]);
    const response = await fetch(`${gateway.url}/v1/audio/transcriptions`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": 'multipart/form-data; boundary="B"' }, body });
    expect(response.status).toBe(200);
    const [seen] = gateway.seen();
    expect(Buffer.compare(Buffer.from(seen?.body.base64 ?? "", "base64"), body)).toBe(0);
    expect(seen?.headers.find(([name]) => name === "content-type")?.[1]).toBe('multipart/form-data; boundary="B"');
  });

  test("bad forms are refused at once, in OpenAI's words, and cost nothing", async () => {
    const { caller, charged } = await someone();
    const send = async (body: string | Uint8Array<ArrayBuffer>, type = "multipart/form-data; boundary=B") => {
      const response = await fetch(`${gateway.url}/v1/audio/transcriptions`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": type }, body });
      const { error } = (await response.json()) as { error: { message: string; type: string } };
      return `${response.status} ${error.message}`;
    };
    const field = (name: string, value: string) => `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const file = `--B\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nxxxx\r\n`;
    expect(await send("{}", "application/json")).toContain("415 Send the body as multipart/form-data");
    expect(await send("{}", "multipart/form-data")).toContain("400 The request body is not valid multipart/form-data: its content type names no boundary");
    expect(await send("--B\r\nnothing")).toContain("400");
    expect(await send(`${field("model", "whisper-1")}--B--`)).toContain('400 "file" is missing');
    expect(await send(`${file}--B--`)).toContain("400 The request names no model");
    expect(await send(`${field("model", "whisper-1")}${field("model", "gpt-4o-transcribe")}${file}--B--`)).toContain('400 "model" is given twice');
    expect(await send(`${field("model", "whisper-1")}${field("stream", "perhaps")}${file}--B--`)).toContain('400 "stream" must be true or false');
    expect(await send(`${field("model", "whisper-1")}${field("file", "text")}--B--`)).toContain('400 "file" must be a file');
    expect(await send(`${field("model", "whisper-1")}--B\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n\r\n--B--`)).toContain('400 "file" is empty');
    for (const row of await charged(9)) expect(row.nano).toBe(0);
  });
});

describe("pictures", () => {
  test("gpt-image: tokens of text and pictures; several, sizes, formats", async () => {
    const { client, charged } = await someone();
    const answer = await client.images.generate({ model: "gpt-image-1", prompt: "a red stone", n: 2, size: "1536x1024", quality: "low", output_format: "webp" });
    expect(answer.data?.length).toBe(2);
    expect(await new Bun.Image(Buffer.from(answer.data?.[1]?.b64_json ?? "", "base64")).metadata()).toMatchObject({ width: 1536, height: 1024, format: "webp" });
    const [row] = await charged();
    expect(row).toMatchObject({ nano: 3 * 5_000 + 816 * 40_000, estimated: false, endpoint: "images", usage: { images: 2, outputImage: 816, input: 3 } });
  });

  test("dall-e: by size and quality", async () => {
    const { client, charged } = await someone();
    const asks = [{}, { quality: "hd" }, { size: "1792x1024" }, { size: "1024x1792", quality: "hd" }, { quality: "auto", size: "auto" }] as const;
    for (const ask of asks.slice(0, 4)) expect((await client.images.generate({ model: "dall-e-3", prompt: "x", ...ask })).data?.[0]?.url).toStartWith("http");
    expect((await charged(4)).map((row) => row.nano / 1e9)).toEqual([0.04, 0.08, 0.08, 0.12]);
  });

  test("edits: several files and a mask, whole and as events; a mapped name is replaced in the form", async () => {
    const { client, charged } = await someone();
    const answer = await client.images.edit({ model: "gpt-image-1", prompt: "add a hat", image: [await png("a"), await png("b")], mask: await png("m"), quality: "low" });
    expect(answer.usage?.input_tokens_details.image_tokens).toBe(646);
    const types: string[] = [];
    for await (const event of await client.images.edit({ model: "gpt-image-1", prompt: "add a hat", image: await png("a"), stream: true, partial_images: 2, quality: "low" })) types.push(event.type);
    expect(types).toEqual(["image_edit.partial_image", "image_edit.partial_image", "image_edit.completed"]);
    gateway.sandbox.reset();
    await client.images.edit({ model: "mapped-image", prompt: "add a hat", image: await png("a"), quality: "low" });
    const sent = Buffer.from(gateway.seen()[0]?.body.base64 ?? "", "base64").toString("latin1");
    expect(sent).toContain('name="model"\r\n\r\ngpt-image-1\r\n');
    expect(sent).not.toContain("mapped-image");
    expect((await charged(3)).map((row) => row.nano)).toEqual([3 * 5_000 + 646 * 10_000 + 272 * 40_000, 3 * 5_000 + 323 * 10_000 + 472 * 40_000, (3 + 323) * 5_000 + 272 * 40_000]);
  });

  test("generations as events", async () => {
    const { client, charged } = await someone();
    const types: string[] = [];
    for await (const event of await client.images.generate({ model: "gpt-image-1", prompt: "x", stream: true, partial_images: 1 })) types.push(event.type);
    expect(types).toEqual(["image_generation.partial_image", "image_generation.completed"]);
    expect((await charged())[0]).toMatchObject({ stream: true, estimated: false, end: "complete" });
  });

  test("without usage what was expected is billed, and marked", async () => {
    const { caller, charged } = await someone();
    const response = await fetch(`${gateway.url}/v1/images/generations`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body: JSON.stringify({ model: "gpt-image-1", prompt: "x [[fault:no-usage]]", quality: "high", size: "1024x1024" }) });
    expect(response.status).toBe(200);
    const [row] = await charged();
    expect(row?.estimated).toBe(true);
    expect(row?.nano).toBeGreaterThanOrEqual(4_160 * 40_000);
  });

  test("refusals: the vendor's words, our own, a retired model", async () => {
    const { client, charged } = await someone();
    const refused = async (call: Promise<unknown>) => call.then(() => "taken", (error: unknown) => (error instanceof OpenAI.APIError ? `${error.status} ${error.code}` : String(error)));
    expect(await refused(client.images.generate({ model: "gpt-image-1", prompt: "a forbidden picture" }))).toBe("400 moderation_blocked");
    expect(await refused(client.images.generate({ model: "gpt-image-1", prompt: 3 as unknown as string }))).toBe("400 invalid_request");
    expect(await refused(client.images.generate({ model: "gpt-image-1", prompt: "x", n: 1000 }))).toBe("400 invalid_request");
    expect(await refused(client.images.generate({ model: "dall-e-2", prompt: "x" }))).toBe("404 model_not_found");
    expect(await refused(client.images.edit({ model: "gpt-image-1", prompt: "x", image: await toFile(Buffer.from("no picture"), "a.png") }))).toBe("400 unsupported_file_mimetype");
    for (const row of await charged(5)) expect(row.nano).toBe(0);
  });
});

test("all of it leaves the books in order", async () => {
  await Bun.sleep(100);
  expect(await gateway.checkMoney()).toMatchObject({});
});
