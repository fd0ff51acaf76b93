import { describe, expect, test } from "bun:test";
import { loadCatalog } from "../../catalog/index.ts";
import { FakeClock } from "../../clock/fake-clock.ts";
import { SESSION_DIALECTS } from "../../dialects/registry.ts";
import { Deadlines } from "../../egress/deadlines.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { Hold } from "../../wallet/lease-book.ts";
import type { SettlementRecord } from "../../wallet/record.ts";
import { CALLER_STALL_MS_MAX, IDLE_MS_MAX, SESSION_MS_MAX, VENDOR_BACKLOG_BYTES_MAX, VENDOR_PING_MS, VENDOR_SILENCE_MS_MAX } from "./limits.ts";
import { Session } from "./session.ts";
import type { Opening, SessionCall, SessionServices } from "./session-call.ts";

/** A session whose sockets, wallet and time are in the test's hands. */
function scene() {
  const clock = new FakeClock();
  const deadlines = new Deadlines(clock);
  const told: string[] = [];
  const records: SettlementRecord[] = [];
  const openHolds = new Set<Hold>();
  const state = { sent: "sent" as "sent" | "full" | "gone", closed: undefined as { code: number; reason: string } | undefined, vendor: [] as string[], vendorClosed: false, paused: false, pings: 0, backlog: 0, journal: Promise.resolve(), refuse: undefined as GatewayError | undefined, over: 0 };
  const hold = (): Hold => {
    if (state.refuse) throw state.refuse;
    const made: Hold = { budgets: [1], expectedNano: 1_000_000, worstNano: 2_000_000, open: true };
    openHolds.add(made);
    return made;
  };
  const model = loadCatalog().find("gpt-realtime");
  if (!model) throw new Error("no model");
  const services = {
    clock,
    egress: { deadlines, clock },
    catalog: () => loadCatalog(),
    newRequestId: () => Bun.randomUUIDv7(),
    metrics: { requestEnded: () => undefined },
    log: { error: () => undefined },
    channels: { health: { failure: () => undefined } },
    wallet: {
      hold, emptyHold: hold,
      release: (one: Hold) => openHolds.delete(one),
      async settle(one: Hold, record: SettlementRecord) {
        await state.journal;
        openHolds.delete(one);
        records.push(record);
      },
    },
    limits: { of: () => undefined, ofChannel: () => undefined },
  } as unknown as SessionServices;
  const socket = {
    listen: () => undefined, send: (text: string) => state.vendor.push(text), pause: () => (state.paused = true), resume: () => (state.paused = false),
    ping: () => (state.pings += 1), close: () => (state.vendorClosed = true), get backlogBytes() { return state.backlog; },
  };
  const key = { id: 1, userId: 1, walletBudget: 1, caps: [], group: "default", sandbox: false };
  const call = { id: "s", at: 0, startedAt: 0, dialect: SESSION_DIALECTS["openai-realtime"], key, recheck: () => key, headers: {}, address: () => "" } as unknown as SessionCall;
  const opening = { model, asked: model.id, terms: { group: { name: "default", ratioMicro: 1_000_000n, own: new Map() }, model, ratioMicro: 1_000_000n }, priceVersion: "v", cost: { expectedNano: 1_000_000, worstNano: 2_000_000 }, reserved: { hold: hold(), pass: undefined }, target: { channel: { name: "c", baseUrl: "http://v.test", credentials: [] }, upstreamModel: model.id, id: "c#0" }, socket, passes: [], attempts: [] } as unknown as Opening;
  const session = new Session(call, opening, services, () => (state.over += 1));
  session.opened({ send: (data) => (told.push(String(data)), state.sent), close: (code, reason) => (state.closed ??= { code, reason }) });
  const heard = (event: object): void => session.heard(Buffer.from(JSON.stringify(event)), false);
  const begin = (id: string): void => heard({ type: "response.created", response: { id } });
  const done = (id: string): void => heard({ type: "response.done", response: { id, status: "completed", usage: { input_tokens: 10, output_tokens: 5 } } });
  const pass = (ms: number): void => {
    clock.advance(ms);
    deadlines.tick();
  };
  const types = (): unknown[] => told.map((text) => (JSON.parse(text) as { type: string }).type);
  return { session, state, records, openHolds, deadlines, told, heard, begin, done, pass, types };
}
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe("money before words", () => {
  test("promise 1: the message that ends a turn goes on only when the journal has its charge, and nothing overtakes it", async () => {
    const { state, records, openHolds, begin, done, heard, types } = scene();
    const journal = Promise.withResolvers<void>();
    state.journal = journal.promise;
    begin("r1");
    done("r1");
    heard({ type: "rate_limits.updated" });
    await settled();
    expect(types()).toEqual(["response.created"]);
    expect(state.paused).toBe(true);
    journal.resolve();
    await settled();
    expect(types()).toEqual(["response.created", "response.done", "rate_limits.updated"]);
    expect(records).toHaveLength(1);
    expect([openHolds.size, state.paused]).toEqual([1, false]);
  });

  test("a journal that cannot be written: the answer's end is withheld, 1011, and no hold stays", async () => {
    const { state, begin, done, types, openHolds } = scene();
    begin("r1");
    state.journal = Promise.reject(new Error("disk full"));
    done("r1");
    await settled();
    expect(types()).toEqual(["response.created", "error"]);
    expect(state.closed).toMatchObject({ code: 1011 });
    expect([openHolds.size, state.over, state.vendorClosed]).toEqual([0, 1, true]);
  });

  test("answers at once have a hold each; one that cannot be had ends the session, and both are billed once", async () => {
    const { state, begin, done, records, openHolds } = scene();
    begin("r1");
    begin("r2");
    await settled();
    expect(openHolds.size).toBe(2);
    state.refuse = new GatewayError("walletBusy");
    begin("r3");
    await settled();
    expect(state.closed).toMatchObject({ code: 1013 });
    done("r1");
    state.refuse = undefined;
    await settled();
    expect(openHolds.size).toBe(0);
    expect(records.map((record) => record.charge)).toEqual([0, 0]);
  });

  test("a caller who leaves while a turn is being charged: charged once, by its usage", async () => {
    const { session, state, begin, done, records, openHolds } = scene();
    const journal = Promise.withResolvers<void>();
    state.journal = journal.promise;
    begin("r1");
    done("r1");
    begin("r2");
    done("r2");
    session.left();
    journal.resolve();
    await settled();
    expect(records.map((record) => [record.end, record.estimated])).toEqual([["complete", false], ["complete", false]]);
    expect([openHolds.size, state.over]).toEqual([0, 1]);
  });
});

describe("limits", () => {
  test("idle, as old as one may be, a vendor that does not answer, a caller that takes nothing, a caller that sends too fast", () => {
    const idle = scene();
    for (let passed = 0; passed < IDLE_MS_MAX - 10_000; passed += 10_000) {
      idle.pass(10_000);
      idle.session.alive();
    }
    expect(idle.state.closed).toBeUndefined();
    idle.pass(20_000);
    expect(idle.state.closed).toEqual({ code: 1000, reason: "Nothing was said for too long." });

    const old = scene();
    for (let passed = 0; passed <= SESSION_MS_MAX; passed += 60_000) {
      old.pass(60_000);
      old.heard({ type: "x" });
    }
    expect(old.state.closed).toMatchObject({ code: 1000, reason: expect.stringContaining("longest life") });

    const dead = scene();
    dead.pass(VENDOR_PING_MS + 1);
    expect(dead.state.pings).toBe(1);
    dead.pass(VENDOR_SILENCE_MS_MAX);
    expect(dead.state.closed).toMatchObject({ code: 1011 });

    const slow = scene();
    slow.state.sent = "full";
    slow.heard({ type: "x" });
    expect(slow.state.paused).toBe(true);
    slow.pass(CALLER_STALL_MS_MAX - 1);
    slow.session.drained();
    expect(slow.state.paused).toBe(false);
    slow.heard({ type: "x" });
    slow.pass(CALLER_STALL_MS_MAX + 1);
    expect(slow.state.closed).toMatchObject({ code: 1008 });

    const fast = scene();
    fast.state.backlog = VENDOR_BACKLOG_BYTES_MAX + 1;
    fast.session.message("{}");
    expect(fast.state.closed).toMatchObject({ code: 1008, reason: "More is sent than the model's vendor takes." });
    for (const one of [idle, old, dead, slow, fast]) expect([one.state.vendorClosed, one.deadlines.size]).toEqual([true, 0]);
  });
});

describe("shutdown", () => {
  test("a silent session ends at once, one with a turn after it; stopping waits for the bill", async () => {
    const silent = scene();
    silent.session.drain();
    expect(silent.state.closed).toMatchObject({ code: 1001 });

    const talking = scene();
    talking.begin("r1");
    talking.session.drain();
    expect(talking.state.closed).toBeUndefined();
    talking.done("r1");
    await settled();
    expect(talking.types()).toEqual(["response.created", "response.done", "error"]);
    expect(talking.state.closed).toMatchObject({ code: 1001 });

    const cut = scene();
    cut.begin("r1");
    cut.heard({ type: "response.output_text.delta", response_id: "r1", delta: "hello there" });
    await cut.session.stop();
    expect(cut.records.map((record) => [record.end, record.estimated, record.error])).toEqual([["upstream_cut", true, "service_unavailable"]]);
    expect(cut.openHolds.size).toBe(0);
  });
});
