import { describe, expect, test } from "bun:test";
import { GoogleGenAI, type LiveServerMessage, Modality } from "@google/genai";
import OpenAI from "openai";
import { OpenAIRealtimeWebSocket as OpenAIBetaWebSocket } from "openai/beta/realtime/websocket";
import { OpenAIRealtimeWebSocket } from "openai/realtime/websocket";
import { evaluate, loadCatalog } from "../catalog/index.ts";
import type { Usage } from "../dialects/canonical/usage.ts";
import { readLiveUsage } from "../dialects/gemini/live/usage.ts";
import { readRealtimeUsage } from "../dialects/openai-realtime/usage.ts";
import { testGateway } from "../testing/gateway.ts";

const gateway = await testGateway();
const catalog = loadCatalog();

interface Turn {
  method: string;
  sequence: number;
  usage: Record<string, unknown> | null;
}
/** The turns that the sandbox has reported since, in its own words. */
const turnsSince = (sequence: number): Turn[] => (gateway.sandbox.requests() as unknown as Turn[]).filter((one) => one.method === "TURN" && one.sequence > sequence);
const lastSequence = (): number => (gateway.sandbox.requests().at(-1)?.["sequence"] as number | undefined) ?? 0;

/** What a reported usage costs at list price, in nano-dollars. */
function nanoOf(model: string, report: { usage: Usage } | undefined): number {
  const prices = catalog.find(model)?.compiled;
  if (!prices || !report) throw new Error("no price or no usage");
  return Number(evaluate({ prices, usage: report.usage, groupRatioMicro: 1_000_000n }).totalNano);
}
/** The SDK's address without TLS, which it would always use. */
const plain = (url: URL): void => void (url.protocol = "ws:");
const message = (text: string): OpenAI.Realtime.ConversationItemCreateEvent => ({ type: "conversation.item.create", item: { type: "message", role: "user", content: [{ type: "input_text", text }] } });
const sound = (bytes: number) => ({ type: "input_audio_buffer.append", audio: Buffer.alloc(bytes).toString("base64") }) as const;

describe("OpenAI realtime, by the official SDK", () => {
  test("M39: text and sound over several turns; each turn is a row whose charge is the vendor's own usage at list price", async () => {
    const caller = await gateway.newCaller("10");
    const since = lastSequence();
    const session = new OpenAIRealtimeWebSocket({ model: "gpt-realtime", onURL: plain } as never, new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1` }));
    const done: OpenAI.Realtime.ResponseDoneEvent[] = [];
    const kinds = new Set<string>();
    const finished = Promise.withResolvers<void>();
    session.on("error", finished.reject);
    session.on("event", (event) => kinds.add(event.type));
    session.on("session.created", () => {
      session.send({ type: "session.update", session: { type: "realtime", model: "gpt-realtime", instructions: "Be brief.", audio: { input: { transcription: { model: "gpt-4o-mini-transcribe" } } } } });
      session.send(sound(96_000));
      session.send({ type: "input_audio_buffer.commit" });
      session.send({ type: "response.create" });
    });
    session.on("response.done", (event) => {
      done.push(event);
      if (done.length === 2) return finished.resolve();
      session.send(message("say the second answer"));
      session.send({ type: "response.create", response: { output_modalities: ["text"] } });
    });
    await finished.promise;
    session.close();
    for (const kind of ["response.output_audio.delta", "response.output_audio_transcript.delta", "response.output_text.delta", "conversation.item.input_audio_transcription.completed"]) expect(kinds).toContain(kind);
    expect(session.socket.protocol).toBe("realtime");

    const rows = await gateway.rows(caller.userId, 3);
    const turns = turnsSince(since);
    expect(rows.map((row) => row.model)).toEqual(["gpt-4o-mini-transcribe", "gpt-realtime", "gpt-realtime"]);
    expect(turns.slice(1).map((turn) => turn.usage)).toEqual(done.map((event) => event.response.usage) as never);
    expect(rows.map((row) => Number(row.charge_nano))).toEqual(rows.map((row, index) => nanoOf(row.model, readRealtimeUsage(turns[index]?.usage))));
    expect(rows.every((row) => row.end_reason === "complete" && !row.estimated && row.dialect === "openai-realtime" && row.endpoint === "realtime")).toBe(true);
    expect(rows[1]?.usage).toMatchObject({ inputAudio: 20 });
    expect(done[0]?.response.usage?.output_token_details?.audio_tokens).toBeGreaterThan(0);
    expect(await gateway.checkMoney()).toMatchObject({ totalNano: "0", wrongBalances: [], wrongCharges: [] });
  });

  test("the beta's names and its header by subprotocol", async () => {
    const caller = await gateway.newCaller("10");
    const session = new OpenAIBetaWebSocket({ model: "gpt-4o-mini-realtime-preview", onURL: plain } as never, new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1` }));
    const text: string[] = [];
    const finished = Promise.withResolvers<void>();
    session.on("error", finished.reject);
    session.on("response.text.delta", (event) => text.push(event.delta));
    session.on("response.done", () => finished.resolve());
    session.on("session.created", () => {
      session.send(message("say hello to the beta") as never);
      session.send({ type: "response.create", response: { modalities: ["text"] } });
    });
    await finished.promise;
    session.close();
    expect(text.join("")).toBe("hello to the beta");
    expect(await gateway.rows(caller.userId)).toHaveLength(1);
  });

  test("the `ws` variant of the SDK, in Node, by header", async () => {
    const caller = await gateway.newCaller("10");
    const { hostname, port } = new URL(gateway.url);
    // The SDK always says wss; the connection below it is made here, without TLS.
    const script = `
      import net from "node:net";
      import OpenAI from "openai";
      import { OpenAIRealtimeWS } from "openai/realtime/ws";
      const client = new OpenAI({ apiKey: ${JSON.stringify(caller.apiKey)}, baseURL: "http://${hostname}:${port}/v1" });
      const session = new OpenAIRealtimeWS({ model: "gpt-realtime-mini", options: { createConnection: () => net.connect(${port}, "${hostname}") } }, client);
      session.on("session.created", () => {
        session.send(${JSON.stringify(message("say it works"))});
        session.send({ type: "response.create", response: { output_modalities: ["text"] } });
      });
      session.on("response.output_text.done", (event) => console.log(event.text));
      session.on("response.done", (event) => { console.log(event.response.usage.total_tokens); session.close(); });`;
    const node = Bun.spawn(["node", "--input-type=module", "-e", script], { cwd: import.meta.dir, stdout: "pipe", stderr: "inherit" });
    const [answer, total] = (await new Response(node.stdout).text()).trim().split("\n");
    expect(answer).toBe("it works");
    const [row] = await gateway.rows(caller.userId);
    expect(Object.values(row?.usage ?? {}).reduce((sum, units) => sum + units, 0)).toBe(Number(total));
  });
});

describe("Gemini Live, by the official SDK", () => {
  test("turns of text, a tool and sound are rows whose charges are the vendor's own usage at list price", async () => {
    const caller = await gateway.newCaller("10");
    const since = lastSequence();
    const client = new GoogleGenAI({ apiKey: caller.apiKey, httpOptions: { baseUrl: gateway.url } });
    const heard: LiveServerMessage[] = [];
    let wake = (): void => undefined;
    const session = await client.live.connect({
      model: "gemini-live-2.5-flash-preview",
      config: { responseModalities: [Modality.AUDIO], outputAudioTranscription: {}, tools: [{ functionDeclarations: [{ name: "get_weather", parametersJsonSchema: { type: "object", properties: { city: { type: "string" } } } }] }] },
      callbacks: { onmessage: (event) => { heard.push(event); wake(); } },
    });
    const until = async (fits: (event: LiveServerMessage) => boolean, count = 1): Promise<void> => {
      while (heard.filter(fits).length < count) await new Promise<void>((resolve) => { wake = resolve; });
    };
    session.sendClientContent({ turns: "say a word" });
    await until((event) => event.serverContent?.turnComplete === true);
    session.sendRealtimeInput({ audio: { mimeType: "audio/pcm;rate=16000", data: Buffer.alloc(32_000).toString("base64") } });
    session.sendRealtimeInput({ audioStreamEnd: true });
    await until((event) => event.serverContent?.turnComplete === true, 2);
    session.sendClientContent({ turns: "use get_weather for Paris" });
    await until((event) => event.toolCall !== undefined);
    session.sendToolResponse({ functionResponses: [{ id: "1", name: "get_weather", response: { output: "sunny" } }] });
    await until((event) => event.serverContent?.turnComplete === true, 3);
    session.close();

    expect(heard.some((event) => event.serverContent?.modelTurn?.parts?.[0]?.inlineData !== undefined)).toBe(true);
    const rows = await gateway.rows(caller.userId, 4);
    const turns = turnsSince(since);
    const told = heard.flatMap((event) => (event.usageMetadata ? [event.usageMetadata] : []));
    expect(turns.map((turn) => turn.usage)).toEqual(told as never);
    expect(rows.map((row) => Number(row.charge_nano))).toEqual(told.map((usage) => nanoOf("gemini-live-2.5-flash", readLiveUsage(usage))));
    expect(rows.every((row) => row.model === "gemini-live-2.5-flash" && !row.estimated && row.dialect === "gemini-live")).toBe(true);
    expect(rows[1]?.usage["inputAudio"]).toBeGreaterThan(0);
    expect(rows[0]?.usage["outputAudio"]).toBeGreaterThan(0);
    expect(await gateway.checkMoney()).toMatchObject({ totalNano: "0", wrongBalances: [], wrongCharges: [] });
  });
});

describe("many sessions", () => {
  test("M39: forty at once on one wallet: every turn charged exactly once", async () => {
    const caller = await gateway.newCaller("100");
    const since = lastSequence();
    const client = new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1` });
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const session = new OpenAIRealtimeWebSocket({ model: "gpt-realtime-mini", onURL: plain } as never, client);
        const finished = Promise.withResolvers<void>();
        let turns = 0;
        const next = (): void => {
          session.send(message(`say ${index} ${turns}`));
          session.send({ type: "response.create" });
        };
        session.on("error", finished.reject);
        session.on("session.created", next);
        session.on("response.done", () => {
          turns += 1;
          if (turns < 3) next();
          else finished.resolve();
        });
        await finished.promise;
        session.close();
      }),
    );
    const rows = await gateway.rows(caller.userId, 120);
    expect(rows).toHaveLength(120);
    const charged = rows.reduce((sum, row) => sum + Number(row.charge_nano), 0);
    expect(charged).toBe(turnsSince(since).reduce((sum, turn) => sum + nanoOf("gpt-realtime-mini", readRealtimeUsage(turn.usage)), 0));
    expect(await gateway.checkMoney()).toMatchObject({ totalNano: "0", wrongBalances: [], wrongCharges: [] });
  });
});
