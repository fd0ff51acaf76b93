import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { RealtimeClientEvent, RealtimeServerEvent, ResponseDoneEvent } from "openai/resources/realtime/realtime";
import { startSandbox, type Sandbox } from "../../../server.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => Date.UTC(2026, 0, 1) });
});
afterAll(() => sandbox.stop());

const send = (text: string, response: object = { output_modalities: ["text"] }): RealtimeClientEvent[] => [
  { type: "conversation.item.create", item: { type: "message", role: "user", content: [{ type: "input_text", text }] } },
  { type: "response.create", response },
];

/** Sends events, in rounds: the next one when a response is done. Gives all that was answered. (The SDK itself, which insists on TLS or on a key in the subprotocol, talks to it through the gateway: doors/realtime.test.ts.) */
async function talk(rounds: RealtimeClientEvent[][], model = "gpt-realtime"): Promise<RealtimeServerEvent[]> {
  const events: RealtimeServerEvent[] = [];
  const socket = new WebSocket(`${sandbox.url.replace("http", "ws")}/openai/v1/realtime?model=${model}`, { headers: { authorization: "Bearer sk-test-key-1" } } as never);
  const finished = Promise.withResolvers<void>();
  const left = [...rounds];
  const next = (): void => {
    const round = left.shift();
    if (!round) return finished.resolve();
    for (const event of round) socket.send(JSON.stringify(event));
  };
  socket.addEventListener("message", ({ data }) => {
    const event = JSON.parse(String(data)) as RealtimeServerEvent;
    events.push(event);
    if (event.type === "session.created" || event.type === "response.done" || event.type === "error") next();
  });
  socket.addEventListener("close", () => finished.resolve());
  await finished.promise;
  socket.close();
  return events;
}
const doneOf = (events: RealtimeServerEvent[]): ResponseDoneEvent[] => events.filter((event) => event.type === "response.done");

describe("realtime", () => {
  test("the whole chain of a spoken answer, in order, with usage by kind", async () => {
    const events = await talk([send("say two words", { output_modalities: ["audio"] })]);
    const kinds = events.map((event) => event.type).filter((type, index, all) => type !== all[index - 2] || !type.endsWith("delta"));
    expect(kinds).toEqual([
      "session.created", "conversation.item.added", "conversation.item.done", "response.created", "response.output_item.added", "conversation.item.added", "response.content_part.added",
      "response.output_audio_transcript.delta", "response.output_audio.delta", "response.output_audio.done", "response.output_audio_transcript.done",
      "response.content_part.done", "conversation.item.done", "response.output_item.done", "response.done",
    ]);
    expect(doneOf(events)[0]?.response.usage).toMatchObject({ input_token_details: { text_tokens: 3, audio_tokens: 0 }, output_token_details: { text_tokens: 2, audio_tokens: 4 } });
  });

  test("turns read what was said before, cached in steps; the same talk gets the same answers", async () => {
    const rounds = () => [send("write 100 words"), send("say more"), send("say most")];
    const [first, second] = [doneOf(await talk(rounds())), doneOf(await talk(rounds()))];
    expect(first.map((event) => event.response.usage)).toEqual(second.map((event) => event.response.usage));
    const [one, two, three] = first.map((event) => event.response.usage?.input_token_details);
    expect(two?.text_tokens).toBeGreaterThan(100 + (one?.text_tokens ?? 0));
    expect([one?.cached_tokens, two?.cached_tokens, three?.cached_tokens]).toEqual([0, 0, 64]);
  });

  test("tools are called and their results answered; a limit ends an answer", async () => {
    const tool = { type: "function", name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } };
    const update = { type: "session.update", session: { type: "realtime", tools: [tool] } } as RealtimeClientEvent;
    const call = doneOf(await talk([[update, ...send("get_weather in Paris")]]))[0]?.response.output?.[0];
    expect(call).toMatchObject({ type: "function_call", name: "get_weather", arguments: expect.stringContaining("Paris") });
    const limited = doneOf(await talk([send("write 50 words", { output_modalities: ["text"], max_output_tokens: 5 })]))[0]?.response;
    expect(limited).toMatchObject({ status: "incomplete", status_details: { reason: "max_output_tokens" }, usage: { output_tokens: 5 } });
  });

  test("what is wrong is told in an error event: an unknown type, an empty buffer, no JSON", async () => {
    const events = await talk([[{ type: "nothing" } as never], [{ type: "input_audio_buffer.commit" }]]);
    expect(events.filter((event) => event.type === "error").map((event) => event.error.code)).toEqual(["invalid_value", "input_audio_buffer_commit_empty"]);
  });

  test("a bad key or model is refused before the session; faults break it: cut, no usage", async () => {
    const status = async (path: string, headers: Record<string, string>) =>
      (await fetch(`${sandbox.url}/openai/v1/realtime${path}`, { headers: { ...headers, connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" } })).status;
    expect(await status("?model=gpt-realtime", {})).toBe(401);
    expect(await status("?model=gpt-unknown", { authorization: "Bearer sk-test-key-1" })).toBe(404);
    expect(await status("?model=gpt-realtime", { authorization: "Bearer sk-test-key-1", "x-sandbox-fault": "status=429" })).toBe(429);
    const cut = await talk([send("count to 20", { output_modalities: ["text"], instructions: "[[fault:cut=3]]" })]);
    expect(cut.filter((event) => event.type === "response.output_text.delta")).toHaveLength(3);
    expect(doneOf(cut)).toEqual([]);
    const silent = await talk([send("say x", { output_modalities: ["text"], instructions: "[[fault:no-usage]]" })]);
    expect(doneOf(silent)[0]?.response.usage).toBeNull();
  });

  test("each turn is an exchange of its own in the record, and counts in the totals", async () => {
    sandbox.reset();
    await talk([send("say one"), send("say two words")]);
    const turns = sandbox.requests().filter((one) => one["method"] === "TURN");
    expect(turns.map((turn) => [turn["status"] ?? (turn["answer"] as { status: number }).status, turn["contentTokensSent"], turn["model"]])).toEqual([[101, 1, "gpt-realtime"], [101, 2, "gpt-realtime"]]);
  });
});
