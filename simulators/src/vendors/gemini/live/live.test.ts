import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { GoogleGenAI, type LiveConnectConfig, type LiveServerMessage, Modality, type Session } from "@google/genai";
import { startSandbox, type Sandbox } from "../../../server.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => Date.UTC(2026, 0, 1) });
});
afterAll(() => sandbox.stop());

/** Opens a session by the official SDK. */
async function open(config: LiveConnectConfig): Promise<{ session: Session; turn: () => Promise<LiveServerMessage[]> }> {
  const client = new GoogleGenAI({ apiKey: "test-key-1", httpOptions: { baseUrl: `${sandbox.url}/gemini` } });
  let heard: LiveServerMessage[] = [];
  let wake = (): void => undefined;
  const onmessage = (message: LiveServerMessage): void => {
    heard.push(message);
    if (message.usageMetadata ?? message.serverContent?.turnComplete) wake();
  };
  const session = await client.live.connect({ model: "gemini-live-2.5-flash", config, callbacks: { onmessage } });
  return {
    session,
    turn: async () => {
      if (!heard.some((message) => message.usageMetadata)) await new Promise<void>((resolve) => { wake = resolve; });
      const said = heard;
      heard = [];
      return said;
    },
  };
}
const textOf = (messages: LiveServerMessage[]): string => messages.flatMap((message) => message.serverContent?.modelTurn?.parts ?? []).map((part) => part.text ?? "").join("");

describe("live", () => {
  test("text: answered word by word, with usage that reads the whole talk again", async () => {
    const { session, turn } = await open({ responseModalities: [Modality.TEXT] });
    session.sendClientContent({ turns: "say three small words" });
    const first = await turn();
    session.sendClientContent({ turns: "say bye" });
    const second = await turn();
    session.close();
    expect([textOf(first), textOf(second)]).toEqual(["three small words", "bye"]);
    const [one, two] = [first, second].map((messages) => messages.at(-1)?.usageMetadata);
    expect(one).toMatchObject({ responseTokenCount: 3, responseTokensDetails: [{ modality: "TEXT", tokenCount: 3 }] });
    expect(two?.promptTokenCount).toBeGreaterThan(one?.totalTokenCount ?? 0);
  });

  test("sound: heard, and answered with sound and its transcript", async () => {
    const { session, turn } = await open({ responseModalities: [Modality.AUDIO], outputAudioTranscription: {} });
    session.sendRealtimeInput({ audio: { mimeType: "audio/pcm;rate=16000", data: Buffer.alloc(3_200).toString("base64") } });
    session.sendRealtimeInput({ text: "say yes" });
    const said = await turn();
    session.close();
    expect(said.map((message) => message.serverContent?.outputTranscription?.text ?? "").join("")).toBe("yes");
    expect(said.at(-1)?.usageMetadata).toMatchObject({ promptTokensDetails: expect.arrayContaining([{ modality: "AUDIO", tokenCount: 4 }]), responseTokensDetails: [{ modality: "AUDIO", tokenCount: 2 }] });
  });

  test("tools: called, and their results answered", async () => {
    const { session, turn } = await open({ responseModalities: [Modality.TEXT], tools: [{ functionDeclarations: [{ name: "get_weather", parametersJsonSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } }] }] });
    session.sendClientContent({ turns: "get_weather in Oslo" });
    const call = (await turn()).at(-1)?.toolCall?.functionCalls?.[0];
    expect(call).toMatchObject({ name: "get_weather", args: { city: "Oslo" } });
    session.sendToolResponse({ functionResponses: [{ id: call?.id ?? "", name: "get_weather", response: { output: "snow" } }] });
    expect(textOf(await turn())).toContain("snow");
    session.close();
  });

  test("an unknown model closes with 1008", async () => {
    const socket = new WebSocket(`${sandbox.url.replace("http", "ws")}/gemini/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=test-key-1`);
    socket.addEventListener("open", () => socket.send(JSON.stringify({ setup: { model: "models/gemini-unknown" } })));
    const code = await new Promise<number>((resolve) => socket.addEventListener("close", (event) => resolve(event.code)));
    expect(code).toBe(1008);
  });
});
