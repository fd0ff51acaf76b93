import { describe, expect, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import { sound } from "../../../simulators/src/kit/media/sound.ts";
import { testGateway } from "../testing/gateway.ts";

const gateway = await testGateway((config) => {
  config.models.push({ id: "of-my-own", vendor: "openai", modalities: { input: ["text"], output: ["image"] }, prices: { input: "1", output: "1" } });
});
const caller = await gateway.newCaller("50");
const client = new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
const refused = (call: Promise<unknown>): Promise<unknown> => call.then(() => "taken", (error: unknown) => (error instanceof OpenAI.APIError ? `${error.status} ${error.code} ${error.param}: ${error.message.replace(/ \(request id.*/, "")}` : String(error)));
const said = (text: string): string => `400 invalid_request model: 400 ${text}`;
const messages = [{ role: "user" as const, content: "hello" }];
const speech = async (model: string) => refused(client.audio.speech.create({ model, voice: "alloy", input: "hello" }));
const transcript = async (model: string) => refused(client.audio.transcriptions.create({ model, file: await toFile(sound(1, "wav"), "a.wav") }));
const pictures = async (model: string) => refused(client.images.generate({ model, prompt: "x" }));
const generate = async (model: string, config: Record<string, unknown> = {}): Promise<string> => {
  const response = await fetch(`${gateway.url}/v1beta/models/${model}:generateContent`, { method: "POST", headers: { "x-goog-api-key": caller.apiKey, "content-type": "application/json" }, body: JSON.stringify({ contents: [{ parts: [{ text: "hello" }] }], generationConfig: config }) });
  return `${response.status} ${response.ok ? "" : ((await response.json()) as { error: { message: string } }).error.message}`;
};

describe("models of sound and pictures at addresses of conversation", () => {
  test.each([
    ["tts-1", "speech of a given text: call it at /v1/audio/speech"],
    ["eleven_v3", "speech of a given text: call it at /v1/audio/speech"],
    ["gemini-2.5-flash-preview-tts", "speech of a given text: call it at /v1/audio/speech"],
    ["whisper-1", "transcripts: call it at /v1/audio/transcriptions"],
    ["gpt-4o-mini-transcribe", "transcripts: call it at /v1/audio/transcriptions"],
    ["gpt-image-1", "pictures: call it at /v1/images/generations"],
    ["recraftv3", "pictures: call it at /v1/images/generations"],
    ["doubao-seedream-4-5-251128", "pictures: call it at /v1/images/generations"],
  ])("%s", async (model, makes) => {
    const text = `The model "${model}" makes ${makes}.`;
    gateway.sandbox.reset();
    expect(await refused(client.chat.completions.create({ model, messages }))).toBe(said(text));
    expect(await refused(client.chat.completions.create({ model, messages, stream: true }))).toBe(said(text));
    expect(await refused(client.responses.create({ model, input: "hello" }))).toBe(said(text));
    expect(await refused(client.completions.create({ model, prompt: "hello" }))).toBe(said(text));
    const anthropic = await fetch(`${gateway.url}/v1/messages`, { method: "POST", headers: { "x-api-key": caller.apiKey, "content-type": "application/json" }, body: JSON.stringify({ model, max_tokens: 10, messages }) });
    expect([anthropic.status, await anthropic.text()]).toEqual([400, expect.stringContaining(text.slice(-30)) as string]);
    if (!model.startsWith("gemini")) expect(await generate(model)).toContain(text);
    expect(gateway.seen()).toEqual([]);
  });

  test("not where it is their own: Google's speech by generateContent, pictures in a conversation, a model of the operator's own", async () => {
    expect(await generate("gemini-2.5-flash-preview-tts", { responseModalities: ["AUDIO"] })).toStartWith("200");
    expect(await generate("gemini-2.5-flash-image")).toStartWith("200");
    expect(await refused(client.chat.completions.create({ model: "of-my-own", messages }))).not.toContain("makes pictures");
  });
});

test("models of conversation, and of another purpose, at addresses of sound and pictures", async () => {
  expect(await speech("gpt-4.1-mini")).toBe(said('The model "gpt-4.1-mini" makes no speech of a given text.'));
  expect(await speech("gpt-4o-audio-preview")).toBe(said('The model "gpt-4o-audio-preview" makes no speech of a given text.'));
  expect(await speech("whisper-1")).toBe(said('The model "whisper-1" makes no speech of a given text, but transcripts: call it at /v1/audio/transcriptions.'));
  expect(await transcript("gemini-2.5-flash")).toBe(said('The model "gemini-2.5-flash" makes no transcripts.'));
  expect(await transcript("tts-1")).toBe(said('The model "tts-1" makes no transcripts, but speech of a given text: call it at /v1/audio/speech.'));
  expect(await pictures("claude-sonnet-4-5")).toBe(said('The model "claude-sonnet-4-5" makes no pictures.'));
  expect(await pictures("text-embedding-3-small")).toBe(said('The model "text-embedding-3-small" makes no pictures, but embeddings: call it at /v1/embeddings.'));
  expect(await refused(client.embeddings.create({ model: "gpt-image-1", input: "a" }))).toBe(said('The model "gpt-image-1" makes no embeddings, but pictures: call it at /v1/images/generations.'));
  expect([await speech("tts-1"), await transcript("whisper-1"), await pictures("gpt-image-1"), await pictures("gemini-2.5-flash-image")]).toEqual(["taken", "taken", "taken", "taken"]);
});

const PICTURES: ReadonlySet<string> = new Set(["nano-banana-2", "kling-v1", "flux-kontext-pro", "mj_imagine"]);

test("models that are made as tasks are refused where answers come at once; nothing is sent or charged", async () => {
  gateway.sandbox.reset();
  for (const model of ["veo3", "veo-3.1-generate-preview", "nano-banana-2", "kling-v1", "flux-kontext-pro", "mj_imagine", "fal-topaz-upscale-video"]) {
    const id = { veo3: "veo-3.0-generate-001" }[model] ?? model;
    const text = said(`The model "${id}" is made as a task, which this address does not take.`);
    expect(await refused(client.chat.completions.create({ model, messages }))).toBe(text);
    // Pictures that are made as tasks are waited for at OpenAI's address: doors/media shows it.
    if (!PICTURES.has(model)) expect(await pictures(model)).toBe(text);
    expect(await speech(model)).toBe(text);
  }
  expect(await refused(client.chat.completions.create({ model: "gen3a_turbo", messages }))).toContain('Use "gen4_turbo" instead.');
  expect(gateway.seen()).toEqual([]);
  // Listed all the same: OpenAI's list is where clients look for whatever can be made.
  const listed = (await client.models.list()).data.map((model) => model.id);
  expect(listed).toEqual(expect.arrayContaining(["gpt-image-1", "veo-3.1-generate-preview"]));
});
