import { describe, expect, test } from "bun:test";
import { WebSocket as PausingSocket } from "ws-client";
import { dial } from "../../testing/dial.ts";
import { eventually } from "../../testing/program.ts";
import { testGateway } from "../../testing/gateway.ts";
import { openWebSocket } from "../../egress/websocket.ts";
import { setKeyStatus } from "../../store/queries/keys.ts";
import { setLimitRule } from "../../store/queries/limits.ts";
import { MESSAGE_BYTES_MAX } from "./limits.ts";

const CREDENTIAL = "sk-upstream-0123456789abcdef";
const gateway = await testGateway((config, sandboxUrl) => {
  const common = { credentials: [CREDENTIAL], priority: 10, weight: 1, timeouts: {}, enabled: true };
  config.channels.push(
    { ...common, name: "voices", vendor: "openai", baseUrl: `${sandboxUrl}/openai/v1`, models: ["my-voice"], modelMapping: { "my-voice": "gpt-realtime-mini" } },
    { ...common, name: "live", vendor: "gemini", baseUrl: `${sandboxUrl}/gemini`, models: ["my-live"], modelMapping: { "my-live": "gemini-live-2.5-flash" } },
  );
  config.models.push(
    { id: "my-voice", vendor: "openai", contextTokens: 8_000, maxOutputTokens: 1_000, prices: { input: "1", output: "2", outputAudio: "4" } },
    { id: "my-live", vendor: "gemini", contextTokens: 8_000, maxOutputTokens: 1_000, prices: { input: "1", output: "2" } },
  );
});
const url = gateway.url.replace("http", "ws");
const LIVE = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const realtime = (key: string, more: Record<string, string> = {}, model = "my-voice") => dial(`${url}/v1/realtime?model=${model}`, { headers: { ...bearer(key), ...more } });
const ask = (text: string, more: object = { output_modalities: ["text"] }) => [
  { type: "conversation.item.create", item: { type: "message", role: "user", content: [{ type: "input_text", text }] } },
  { type: "response.create", response: more },
];
/** The answer to a handshake that is refused, which WebSocket clients hide. */
async function refused(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${gateway.url}${path}`, { headers: { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", ...headers } });
  return { status: response.status, error: ((await response.json()) as { error: Record<string, unknown> }).error, id: response.headers.get("x-request-id") };
}
const fault = (spec: string, vendor: string) => fetch(`${gateway.sandbox.url}/__sandbox/faults`, { method: "POST", body: JSON.stringify({ vendor, spec }) });
const noFaults = () => fetch(`${gateway.sandbox.url}/__sandbox/faults`, { method: "DELETE" });
const balanced = { totalNano: "0", wrongBalances: [], wrongCharges: [] };
const opened = async (session: ReturnType<typeof dial>): Promise<typeof session> => {
  await session.event("session.created");
  return session;
};
/** The sandbox's last session as it saw it. */
const lastSeen = () => gateway.seen().findLast((one) => (one as unknown as { method: string }).method === "GET") as { path: string; headers: [string, string][]; credential: string };

describe("before the upgrade a session is admitted like any request", () => {
  test("V25: no key, a wrong one, no model, an unknown one, one the key may not have, an empty wallet: HTTP status and body of the vendor", async () => {
    const rich = await gateway.newCaller("5", { models: ["my-voice"] });
    const poor = await gateway.newCaller("0.000001");
    expect(await refused("/v1/realtime?model=my-voice")).toMatchObject({ status: 401, error: { code: "invalid_api_key" } });
    expect(await refused("/v1/realtime?model=my-voice", { "sec-websocket-protocol": "realtime, openai-insecure-api-key.sk-nobody" })).toMatchObject({ status: 401 });
    expect(await refused("/v1/realtime", bearer(rich.apiKey))).toMatchObject({ status: 400, error: { code: "missing_model" } });
    expect(await refused("/v1/realtime?model=my-voice&model=other", bearer(rich.apiKey))).toMatchObject({ status: 400 });
    expect(await refused("/v1/realtime?model=nothing", bearer(rich.apiKey))).toMatchObject({ status: 404, error: { code: "model_not_found" } });
    expect(await refused("/v1/realtime?model=claude-sonnet-5", bearer(poor.apiKey))).toMatchObject({ status: 400, error: { param: "model" } });
    expect(await refused("/v1/realtime?model=gpt-realtime", bearer(rich.apiKey))).toMatchObject({ status: 403, error: { code: "access_denied" } });
    const dry = await refused("/v1/realtime?model=my-voice", bearer(poor.apiKey));
    expect(dry).toMatchObject({ status: 402, error: { code: "insufficient_user_quota" } });
    const row = (await gateway.rows(poor.userId, 2)).find((one) => one.id === dry.id);
    expect(row).toMatchObject({ status: 402, end_reason: "rejected", charge_nano: "0", dialect: "openai-realtime" });
  });

  test("V37: a session has one place among those at a time, and each of its turns counts as a request", async () => {
    const caller = await gateway.newCaller("5");
    await setLimitRule(gateway.db, { scope: "key", subject: caller.keyId, concurrency: 1, requestsPerMinute: 2 });
    await Bun.sleep(100);
    const session = await opened(realtime(caller.apiKey));
    const second = await refused("/v1/realtime?model=my-voice", bearer(caller.apiKey));
    expect(second).toMatchObject({ status: 429, error: { code: "rate_limit_exceeded" } });
    session.send(...ask("one"));
    await session.event("response.done");
    session.send(...ask("two"));
    await session.event("response.done", 2);
    // The third turn has no room, so the session ends before it.
    expect((await session.event("error"))["error"]).toMatchObject({ code: "rate_limit_exceeded" });
    await session.closed;
    await setLimitRule(gateway.db, { scope: "key", subject: caller.keyId, concurrency: 1 });
    await Bun.sleep(100);
    (await opened(realtime(caller.apiKey))).socket.close();
    expect(await gateway.checkMoney()).toMatchObject(balanced);
  });

  test("V37: an account's places are counted over all callers, and a session gives its own back", async () => {
    const [one, two] = [await gateway.newCaller("5"), await gateway.newCaller("5")];
    await setLimitRule(gateway.db, { scope: "channel", subject: "voices", concurrency: 1 });
    await Bun.sleep(100);
    const session = await opened(realtime(one.apiKey));
    expect(await refused("/v1/realtime?model=my-voice", bearer(two.apiKey))).toMatchObject({ status: 429 });
    session.socket.close();
    await session.closed;
    const opens = (): Promise<boolean> => {
      const next = realtime(two.apiKey);
      return next.opened.then(() => (next.socket.close(), true), () => false);
    };
    expect(await eventually(opens, 5_000)).toBe(true);
    await setLimitRule(gateway.db, { scope: "channel", subject: "voices" });
    await Bun.sleep(100);
  });

  test("an address that takes WebSockets only says so", async () => {
    const response = await fetch(`${gateway.url}/v1/realtime?model=my-voice`);
    expect([response.status, response.headers.get("upgrade")]).toEqual([426, "websocket"]);
  });

  test("a vendor that refuses the handshake: nothing of its account is told, and the row has the attempts", async () => {
    const caller = await gateway.newCaller("5");
    await fault("status=500;leak", "openai");
    const broken = await refused("/v1/realtime?model=my-voice", bearer(caller.apiKey));
    await noFaults();
    await fault("status=400", "openai");
    const bad = await refused("/v1/realtime?model=my-voice", bearer(caller.apiKey));
    await noFaults();
    expect(broken.status).toBe(502);
    expect(bad.status).toBe(400);
    expect(JSON.stringify([broken, bad])).not.toMatch(/leak|internal-vendor|127\.0\.0\.1|sk-up/);
    const rows = await gateway.rows(caller.userId, 2);
    expect(rows.map((row) => [row.status, row.end_reason, row.charge_nano, row.attempts.length])).toEqual([[502, "upstream_error", "0", 1], [400, "upstream_error", "0", 1]]);
  });

  test("a vendor that never answers the handshake: the socket gives up in time", async () => {
    await fault("hang", "openai");
    const headers = { authorization: "Bearer sk-test-key" };
    const opening = openWebSocket({ url: `${gateway.sandbox.url}/openai/v1/realtime?model=gpt-realtime`, headers, handshakeMs: 100 });
    expect(await opening.catch((error: unknown) => error)).toMatchObject({ reason: "timeout" });
    await noFaults();
    expect(await openWebSocket({ url: "http://127.0.0.1:1/", headers, handshakeMs: 1_000 }).catch((error: unknown) => error)).toMatchObject({ reason: "network" });
  });

  test("V03: no secret of the caller's goes upstream, however it was carried; the model's name is mapped", async () => {
    const caller = await gateway.newCaller("5");
    const ways = [
      realtime(caller.apiKey, { cookie: "a=b", origin: "http://x.test" }),
      dial(`${url}/v1/realtime?model=my-voice`, { protocols: ["realtime", `openai-insecure-api-key.${caller.apiKey}`] }),
      dial(`${url}/v1/realtime?model=my-voice&key=${caller.apiKey}`),
      dial(`${url}/v1/realtime?model=my-voice`, { headers: { "sec-websocket-protocol": `realtime, openai-insecure-api-key.${caller.apiKey}, openai-organization.org-mine` } }),
    ];
    for (const session of ways) {
      await opened(session);
      const seen = lastSeen();
      expect(JSON.stringify(seen)).not.toContain(caller.apiKey);
      expect(seen).toMatchObject({ path: "/v1/realtime?model=gpt-realtime-mini", credential: CREDENTIAL });
      expect(seen.headers.map(([name]) => name)).not.toContain("cookie");
      session.send({ type: "session.update", session: { type: "realtime", model: "my-voice" } });
      await session.event("session.updated");
      session.socket.close();
    }
    const live = dial(`${url}${LIVE}?key=${caller.apiKey}`);
    await live.opened;
    live.send({ setup: { model: "models/my-live", generationConfig: { responseModalities: ["TEXT"] } } });
    await live.event("setupComplete");
    expect(JSON.stringify(lastSeen())).not.toContain(caller.apiKey);
    expect(lastSeen().path).toBe(LIVE);
    live.socket.close();
  });
});

describe("a session", () => {
  test("ends with 1008 and an error event when the wallet runs dry; every turn until then is charged", async () => {
    // A turn is expected to cost about $0.005: the hold of the third is refused.
    const caller = await gateway.newCaller("0.0053");
    const session = await opened(realtime(caller.apiKey));
    let turns = 0;
    for (; session.socket.readyState === WebSocket.OPEN && turns < 20; turns += 1) {
      session.send(...ask("write 60 words"));
      await Promise.race([session.event("response.done", turns + 1), session.closed]);
    }
    expect(await session.closed).toMatchObject({ code: 1008, reason: expect.stringContaining("credit") });
    expect(session.events.at(-1)).toMatchObject({ type: "error", error: { code: "insufficient_user_quota", type: "insufficient_quota" } });
    const done = session.events.filter((event) => event["type"] === "response.done").length;
    expect(done).toBeGreaterThan(1);
    const rows = await gateway.rows(caller.userId, done);
    expect(rows.filter((row) => row.end_reason === "complete" && Number(row.charge_nano) > 0)).toHaveLength(done);
    expect(await gateway.checkMoney()).toMatchObject(balanced);
    expect((await refused("/v1/realtime?model=my-voice", bearer(caller.apiKey))).status).toBe(402);
  });

  test("ends with 1008 when its key is disabled, in the middle of silence", async () => {
    const caller = await gateway.newCaller("5");
    const session = await opened(realtime(caller.apiKey));
    await setKeyStatus(gateway.db, caller.keyId, 2);
    expect(await session.closed).toEqual({ code: 1008, reason: "The API key is disabled." });
    expect(session.events.at(-1)).toMatchObject({ type: "error", error: { code: "access_denied" } });
  });

  test("a caller who leaves ends the vendor's session, and what was delivered is charged as an estimate, once", async () => {
    const caller = await gateway.newCaller("5");
    const session = await opened(realtime(caller.apiKey));
    session.send(...ask("write 500 words", { output_modalities: ["audio"], instructions: "[[fault:pace=5]]" }));
    await session.event("response.output_audio.delta", 5);
    session.socket.terminate();
    const [row, ...others] = await gateway.rows(caller.userId);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ end_reason: "client_gone", estimated: true });
    expect(row?.usage["outputAudio"]).toBeGreaterThanOrEqual(10);
    expect(row?.usage["outputAudio"]).toBeLessThan(200);
    expect(Number(row?.charge_nano)).toBeGreaterThan(0);
    const turn = async (): Promise<{ contentTokensSent: number; finishedAt: unknown }> => gateway.seen().at(-1) as never;
    while ((await turn()).finishedAt === null) await Bun.sleep(5);
    expect((await turn()).contentTokensSent).toBeLessThan(300);
    expect(await gateway.checkMoney()).toMatchObject(balanced);
  });

  test("a vendor that breaks off: what was delivered is charged, and the caller is told", async () => {
    const caller = await gateway.newCaller("5");
    const session = await opened(realtime(caller.apiKey));
    session.send(...ask("count to 50", { output_modalities: ["text"], instructions: "[[fault:cut=6]]" }));
    expect(await session.closed).toMatchObject({ code: 1011 });
    expect(session.events.at(-1)).toMatchObject({ type: "error", error: { code: "upstream_stream_cut" } });
    const [row] = await gateway.rows(caller.userId);
    expect(row).toMatchObject({ end_reason: "upstream_cut", estimated: true, error_code: "upstream_stream_cut" });
    expect(row?.usage["output"]).toBeGreaterThan(0);
  });

  test("a response without usage is estimated, and an estimate is never more than what was held", async () => {
    const caller = await gateway.newCaller("5");
    const session = await opened(realtime(caller.apiKey));
    session.send(...ask("write 3000 words", { output_modalities: ["text"], instructions: "[[fault:no-usage]]" }));
    await session.event("response.done");
    session.socket.close();
    const [row] = await gateway.rows(caller.userId);
    expect(row).toMatchObject({ end_reason: "complete", estimated: true, anomaly: "estimate capped by the hold" });
  });

  test("messages that are not for the vendor are answered with an error event, and the session goes on", async () => {
    const caller = await gateway.newCaller("5", { models: ["my-voice"] });
    const session = await opened(realtime(caller.apiKey));
    session.send("no json", "[]", { type: "session.update", event_id: "mine", session: { model: "gpt-realtime" } });
    session.send({ type: "session.update", session: { input_audio_transcription: { model: "whisper-1" } } }, { type: "session.update", session: { audio: { input: { transcription: { model: "gpt-4o-transcribe" } } } } });
    await session.event("error", 5);
    session.send(...ask("say still here"));
    expect(await session.event("response.output_text.done")).toMatchObject({ text: "still here" });
    const errors = session.events.filter((event) => event["type"] === "error").map((event) => event["error"] as Record<string, unknown>);
    expect(errors.map(({ code, param, event_id: id }) => [code, param, id])).toEqual([
      ["invalid_json", null, null], ["invalid_json", null, null], ["invalid_request", "session.model", "mine"],
      ["invalid_request", "session.audio.input.transcription.model", null], ["access_denied", "session.audio.input.transcription.model", null],
    ]);
    session.socket.close();
  });

  test("the vendor's own error events and unknown fields pass through", async () => {
    const caller = await gateway.newCaller("5");
    const session = await opened(realtime(caller.apiKey));
    session.send({ type: "made.up", event_id: "e1" });
    expect(await session.event("error")).toMatchObject({ error: { code: "invalid_value", event_id: "e1" } });
    session.socket.close();
  });

  test("a message beyond the limit: 1009 and an error event", async () => {
    const caller = await gateway.newCaller("5");
    const session = await opened(realtime(caller.apiKey));
    session.socket.send("x".repeat(MESSAGE_BYTES_MAX + 1));
    expect(await session.closed).toMatchObject({ code: 1009 });
    expect(session.events.at(-1)).toMatchObject({ type: "error", error: { code: "request_too_large" } });
  });

  test("a cancelled response is charged by its own usage", async () => {
    const caller = await gateway.newCaller("5");
    const session = await opened(realtime(caller.apiKey));
    session.send(...ask("write 500 words", { output_modalities: ["text"], instructions: "[[fault:pace=3]]" }));
    await session.event("response.output_text.delta", 3);
    session.send({ type: "response.cancel" });
    const done = (await session.event("response.done"))["response"] as { status: string; usage: { output_tokens: number } };
    expect(done.status).toBe("cancelled");
    session.socket.close();
    const [row] = await gateway.rows(caller.userId);
    expect(row).toMatchObject({ estimated: false, usage: { output: done.usage.output_tokens } });
  });

  test("promise 5: a caller that does not read holds up the vendor; nothing is lost when it reads on", async () => {
    const caller = await gateway.newCaller("5");
    const slow = new PausingSocket(`${url}/v1/realtime?model=my-voice`, { headers: bearer(caller.apiKey) });
    const finished = Promise.withResolvers<void>();
    let heard = 0;
    slow.on("open", () => {
      slow.pause();
      for (const event of ask("write 8000 words", { output_modalities: ["audio"] })) slow.send(JSON.stringify(event));
    });
    slow.on("message", (data: Buffer) => {
      if (data.includes('"response.output_audio.delta"')) heard += 1;
      if (data.includes('"response.done"')) finished.resolve();
    });
    // What is under way fits into the sockets' buffers and ours: the rest is not even made.
    const known = gateway.seen().length + 1;
    const sent = (): number => (gateway.seen()[known] as unknown as { contentTokensSent: number } | undefined)?.contentTokensSent ?? 0;
    let before = 0;
    while (sent() !== before || before === 0) {
      before = sent();
      await Bun.sleep(150);
    }
    expect(before).toBeLessThan(20_000);
    slow.resume();
    await finished.promise;
    slow.close();
    expect(heard).toBe(8_000);
    const [row] = await gateway.rows(caller.userId);
    expect(row).toMatchObject({ end_reason: "complete", estimated: false, usage: { outputAudio: 16_000 } });
  });

  test("a sandbox key costs nothing", async () => {
    const caller = await gateway.newCaller("0", { sandbox: true });
    const session = await opened(realtime(caller.apiKey, {}, "gpt-realtime"));
    session.send(...ask("say hi"));
    await session.event("response.done");
    session.socket.close();
    expect((await gateway.rows(caller.userId))[0]).toMatchObject({ charge_nano: "0", sandbox: true });
  });
});

describe("Gemini Live", () => {
  const live = async (key: string, ...messages: unknown[]) => {
    const session = dial(`${url}${LIVE}`, { headers: { "x-goog-api-key": key } });
    await session.opened;
    session.send(...messages);
    return session;
  };
  const setup = (model: string) => ({ setup: { model: `models/${model}`, generationConfig: { responseModalities: ["TEXT"] } } });
  const say = (text: string) => ({ clientContent: { turns: [{ role: "user", parts: [{ text }] }], turnComplete: true } });

  test("a bad key is refused before the upgrade; what the first message asks for is refused by closing", async () => {
    expect(await refused(`${LIVE}?key=sk-nobody`)).toMatchObject({ status: 401, error: { status: "UNAUTHENTICATED" } });
    const caller = await gateway.newCaller("5", { models: ["my-live"] });
    const poor = await gateway.newCaller("0.000001");
    const ends = [
      [caller, setup("nothing"), 1008, "does not exist"], [caller, setup("gemini-live-2.5-flash"), 1008, "may not use"], [caller, { clientContent: {} }, 1007, "setup"], [caller, "{", 1007, "JSON"],
      [caller, { setup: {} }, 1007, "no model"], [poor, setup("my-live"), 1008, "credit"],
    ] as const;
    for (const [who, first, code, reason] of ends) expect(await (await live(who.apiKey, first)).closed).toMatchObject({ code, reason: expect.stringContaining(reason) });
    expect((await gateway.rows(poor.userId))[0]).toMatchObject({ status: 402, end_reason: "rejected", dialect: "gemini-live" });
  });

  test("messages sent before the setup was answered arrive; a second setup and what is no JSON close the session", async () => {
    const caller = await gateway.newCaller("5");
    const session = await live(caller.apiKey, setup("my-live"), say("say early"));
    await session.event("usageMetadata");
    session.send(setup("my-live"));
    expect(await session.closed).toMatchObject({ code: 1007 });
    const broken = await live(caller.apiKey, setup("my-live"));
    await broken.event("setupComplete");
    broken.send("not json");
    expect(await broken.closed).toMatchObject({ code: 1007 });
    expect(await gateway.rows(caller.userId)).toHaveLength(1);
  });

  test("a vendor's own closing reaches the caller, without its addresses", async () => {
    const caller = await gateway.newCaller("5");
    const session = await live(caller.apiKey, setup("my-live"));
    await session.event("setupComplete");
    session.send({ what: "is this" });
    expect(await session.closed).toEqual({ code: 1007, reason: "Unknown message." });
  });

  test("a turn that is cut is charged by what was delivered", async () => {
    const caller = await gateway.newCaller("5");
    const session = await live(caller.apiKey, setup("my-live"));
    await session.event("setupComplete");
    session.send(say("count to 50 [[fault:cut=8]]"));
    expect(await session.closed).toMatchObject({ code: 1011 });
    expect((await gateway.rows(caller.userId))[0]).toMatchObject({ end_reason: "upstream_cut", estimated: true });
    expect(await gateway.checkMoney()).toMatchObject(balanced);
  });
});
