import { describe, expect, test } from "bun:test";
import { GoogleGenAI, type LiveServerMessage, Modality } from "@google/genai";
import OpenAI from "openai";
import { OpenAIRealtimeWebSocket } from "openai/realtime/websocket";
import { OpenAIRealtimeWebSocket as OpenAIBetaWebSocket } from "openai/beta/realtime/websocket";
import { loadCatalog, quote } from "../catalog/index.ts";
import { readRealtimeUsage } from "../dialects/openai-realtime/usage.ts";
import { evaluate } from "../catalog/evaluate.ts";
import { testGateway } from "../testing/gateway.ts";

const gateway = await testGateway();
const wsUrl = gateway.url.replace("http", "ws");
const catalog = loadCatalog();

/** A raw caller: Bun's WebSocket keeps its own rules, so codes and reasons are as they came. */
function dial(path: string, options: { headers?: Record<string, string>; protocols?: string[] } = {}) {
  const socket = new WebSocket(`${wsUrl}${path}`, options as never);
  const events: Record<string, unknown>[] = [];
  const closed = Promise.withResolvers<{ code: number; reason: string }>();
  const waiters: { type: string; resolve: (event: Record<string, unknown>) => void }[] = [];
  socket.binaryType = "nodebuffer" as never;
  socket.addEventListener("message", ({ data }) => {
    const event = JSON.parse(String(data)) as Record<string, unknown>;
    events.push(event);
    for (const waiter of waiters.splice(0)) {
      if (event["type"] === waiter.type || waiter.type in event) waiter.resolve(event);
      else waiters.push(waiter);
    }
  });
  socket.addEventListener("close", ({ code, reason }) => closed.resolve({ code, reason }));
  return {
    socket, events, closed: closed.promise,
    opened: new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      socket.addEventListener("close", () => reject(new Error("closed before it was open")));
    }),
    send: (event: unknown) => socket.send(typeof event === "string" ? event : JSON.stringify(event)),
    next: (type: string) => new Promise<Record<string, unknown>>((resolve) => void waiters.push({ type, resolve })),
  };
}

/** The answer to a handshake that is refused, which WebSocket clients hide. */
const handshake = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}${path}`, { headers: { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", ...headers } });
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const ask = (text: string) => [
  { type: "conversation.item.create", item: { type: "message", role: "user", content: [{ type: "input_text", text }] } },
  { type: "response.create", response: { output_modalities: ["text"] } },
];
/** Turns the sandbox has reported to a credential, in its own words. */
const turnsOf = (since: number) => (gateway.sandbox.requests() as unknown as { method: string; sequence: number; model: string; usage: Record<string, unknown> | null }[]).filter((one) => one.method === "TURN" && one.sequence > since);
const lastSequence = (): number => (gateway.sandbox.requests().at(-1)?.["sequence"] as number | undefined) ?? 0;

function nanoOf(model: string, usage: unknown): number {
  const { compiled } = catalog.find(model) ?? {};
  const report = readRealtimeUsage(usage);
  if (!compiled || !report) throw new Error("no price or no usage");
  return Number(evaluate({ prices: compiled, usage: report.usage, groupRatioMicro: 1_000_000n }).totalNano);
}

describe("OpenAI realtime, by the official SDK", () => {
  test("text and sound over several turns; each turn is a row whose charge is the vendor's own usage at list price", async () => {
    const caller = await gateway.newCaller("10");
    const since = lastSequence();
    const client = new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1` });
    const session = new OpenAIRealtimeWebSocket({ model: "gpt-realtime", onURL: (url: URL) => void (url.protocol = "ws") } as never, client);
    const done: OpenAI.Realtime.ResponseDoneEvent[] = [];
    const kinds = new Set<string>();
    const finished = Promise.withResolvers<void>();
    session.on("error", finished.reject);
    session.on("event", (event) => kinds.add(event.type));
    session.on("session.created", () => {
      session.send({ type: "session.update", session: { type: "realtime", instructions: "Be brief.", output_modalities: ["audio"], audio: { input: { transcription: { model: "gpt-4o-mini-transcribe" } } } } });
      session.send({ type: "input_audio_buffer.append", audio: Buffer.alloc(96_000).toString("base64") });
      session.send({ type: "input_audio_buffer.commit" });
      session.send({ type: "response.create" });
    });
    session.on("response.done", (event) => {
      done.push(event);
      if (done.length === 1) for (const next of ask("say the second answer")) session.send(next as never);
      else finished.resolve();
    });
    await finished.promise;
    session.close();
    expect([...kinds]).toContain("response.output_audio.delta");
    expect([...kinds]).toContain("conversation.item.input_audio_transcription.completed");
    expect([...kinds]).toContain("response.output_text.delta");
    expect(session.socket.protocol).toBe("realtime");

    const rows = await gateway.rows(caller.userId, 3);
    const turns = turnsOf(since);
    expect(rows.map((row) => row.model)).toEqual(["gpt-4o-mini-transcribe", "gpt-realtime", "gpt-realtime"]);
    expect(turns.map((turn) => turn.usage)).toEqual([expect.anything(), done[0]?.response.usage, done[1]?.response.usage] as never);
    expect(rows.map((row) => Number(row.charge_nano))).toEqual(rows.map((row, index) => nanoOf(row.model, turns[index]?.usage)));
    expect(rows.every((row) => row.end_reason === "complete" && !row.estimated && row.dialect === "openai-realtime")).toBe(true);
    expect(new Set(rows.map((row) => row.id)).size).toBe(3);
    expect(done[0]?.response.usage?.output_token_details?.audio_tokens).toBeGreaterThan(0);
    expect(await gateway.checkMoney()).toEqual([]);
  });
});
void [handshake, bearer, dial, quote, GoogleGenAI, OpenAIBetaWebSocket, Modality, null as unknown as LiveServerMessage];
