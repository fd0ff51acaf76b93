import { describe, expect, test } from "bun:test";
import { FakeClock } from "../clock/fake-clock.ts";
import { type Channel, DEFAULT_TIMEOUTS } from "./channel.ts";
import { Health } from "./health.ts";
import { type Plan, planTargets, serversOf } from "./plan.ts";
import { RetryBudget } from "./retry-budget.ts";

const channel = (name: string, more: Partial<Channel> = {}): Channel => ({
  id: `file:${name}`, name, vendor: "openai", baseUrl: "http://x", credentials: ["a"], models: undefined, modelMapping: {}, groups: undefined, priority: 0, weight: 1,
  timeouts: DEFAULT_TIMEOUTS, proxy: undefined, enabled: true, simulated: false, servesLive: true, source: "file", ...more,
});
const want = { model: "m", vendor: "openai", dialectOf: (vendor: string) => (vendor === "openai" ? ("openai-chat" as const) : undefined), group: { name: "default", channels: "*" as const }, sandbox: false };
const plan = (channels: readonly Channel[], asked: Parameters<typeof serversOf>[1] & { healthModel?: string }, health: Health, random: () => number): Plan => planTargets(serversOf(channels, asked), asked.healthModel ?? asked.model, health, random);
const names = (channels: Channel[], health = new Health(new FakeClock()), random = (): number => 0.5): string[] =>
  plan(channels, want, health, random).targets.map((target) => `${target.channel.name}#${target.key}`);

describe("plan", () => {
  test("S05: highest priority first, each target once, no level skipped", () => {
    expect(names([channel("low"), channel("high", { priority: 2 }), channel("mid", { priority: 1, credentials: ["a", "b"] })])).toEqual(["high#0", "mid#0", "mid#1", "low#0"]);
  });

  test("S05: disabled, other vendors', other groups' and other models' channels are never asked", () => {
    const channels = [channel("off", { enabled: false }), channel("v", { vendor: "x" }), channel("g", { groups: ["vip"] }), channel("m", { models: ["n", "o*"] }), channel("ok", { models: ["m"] }), channel("sim", { simulated: true, servesLive: false })];
    expect(names(channels)).toEqual(["ok#0"]);
    expect(plan(channels, { ...want, sandbox: true }, new Health(new FakeClock()), Math.random).targets.map((t) => t.channel.name)).toEqual(["sim"]);
  });

  test("weights share the traffic", () => {
    let seed = 1;
    const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const first = Array.from({ length: 4_000 }, () => names([channel("a", { weight: 3 }), channel("b")], undefined, random)[0]);
    expect(first.filter((id) => id === "a#0").length / 4_000).toBeCloseTo(0.75, 1);
  });

  test("V31: a model that only the settings know goes to the channels that name it, never to every channel of its vendor", () => {
    const own = (channels: Channel[], more: object = {}) =>
      plan(channels, { ...want, own: true, ...more }, new Health(new FakeClock()), Math.random).targets.map((target) => target.channel.name).toSorted();
    const all = channel("all", { priority: 10 });
    const local = channel("local", { models: ["m"] });
    expect(own([all, local])).toEqual(["local"]);
    expect(own([all, channel("wild", { models: ["m*"] }), channel("mapped", { modelMapping: { m: "n" } })])).toEqual(["mapped", "wild"]);
    // Off is not gone: a prompt meant for one's own machine does not leave it because that is down.
    expect(own([all, channel("local", { models: ["m"], enabled: false })])).toEqual([]);
    // Nobody names it: a vendor's model newer than the catalog.
    expect(own([all, channel("other", { models: ["x"] })])).toEqual(["all"]);
    // A shipped model is its vendor's everywhere, so a channel that names it adds to the others.
    expect(own([all, local], { own: false })).toEqual(["all", "local"]);
    const simulator = channel("sim", { id: "sandbox:sim", source: "sandbox", simulated: true, servesLive: false });
    expect(own([all, local, simulator], { sandbox: true })).toEqual(["sim"]);
  });

  test("S05, V31: channels of one name from the environment, the file and the database are three, each with a health of its own", () => {
    const health = new Health(new FakeClock());
    const channels = (["environment", "file", "database"] as const).map((source) => channel("openai", { id: `${source}:openai`, source, credentials: [`key of the ${source}`] }));
    health.failure("environment:openai#0", "m", "auth");
    const { targets } = plan(channels, want, health, Math.random);
    expect(targets.map((target) => target.id).toSorted()).toEqual(["database:openai#0", "file:openai#0"]);
    for (const target of targets) expect(target.channel.credentials[target.key]).toBe(`key of the ${target.channel.source}`);
  });

  test("S05: a simulator has no health: its faults come on demand, and one caller's must not shut it for the others", () => {
    const health = new Health(new FakeClock());
    const simulator = channel("sim", { id: "sandbox:sim", source: "sandbox", simulated: true });
    for (const sandbox of [true, false]) {
      const ask = () => plan([simulator], { ...want, sandbox }, health, Math.random).targets;
      for (const target of ask()) health.failure(target.id, "m", "auth");
      expect(ask()).toHaveLength(1);
    }
  });

  test("a mapped model is followed as a chain", () => {
    const planned = plan([channel("a", { modelMapping: { m: "n", n: "o" } })], want, new Health(new FakeClock()), Math.random);
    expect(planned.targets[0]?.upstreamModel).toBe("o");
  });
});

describe("health", () => {
  test("a bad key or an empty account is out at once, alone, and comes back by one trial", () => {
    const clock = new FakeClock();
    const health = new Health(clock);
    const channels = [channel("a", { credentials: ["k", "l"] })];
    health.failure("file:a#0", "m", "no_balance");
    expect(names(channels, health)).toEqual(["a#1"]);
    clock.advance(600_001);
    expect(names(channels, health).length).toBe(2);
    health.begin("file:a#0", "m");
    expect(names(channels, health)).toEqual(["a#1"]);
    health.success("file:a#0", "m");
    expect(names(channels, health).length).toBe(2);
  });

  test("F16: failures in a row open the circuit of that model only; the pause doubles when the trial fails", () => {
    const clock = new FakeClock();
    const health = new Health(clock);
    for (let i = 0; i < 5; i += 1) health.failure("file:a#0", "m", "server");
    expect(health.availability("file:a#0", "m")).toMatchObject({ state: "open" });
    expect(health.availability("file:a#0", "other")).toEqual({ state: "closed" });
    clock.advance(5_001);
    expect(health.availability("file:a#0", "m")).toEqual({ state: "trial" });
    health.begin("file:a#0", "m");
    health.failure("file:a#0", "m", "timeout");
    clock.advance(5_001);
    expect(health.availability("file:a#0", "m")).toMatchObject({ state: "open" });
    clock.advance(5_000);
    expect(health.availability("file:a#0", "m")).toEqual({ state: "trial" });
  });

  test("F17: Retry-After is honoured, and told when nothing else is left", () => {
    const clock = new FakeClock();
    const health = new Health(clock);
    health.failure("file:a#0", "m", "rate_limited", 30_000);
    expect(plan([channel("a")], want, health, Math.random)).toMatchObject({ targets: [], configured: 1, blocked: { reason: "rate_limited", retryInMs: 30_000 } });
    clock.advance(30_001);
    expect(names([channel("a")], health)).toEqual(["a#0"]);
  });

  test("F16: nothing left: what passes by itself is told before what only the operator can cure, and that before a missing model", () => {
    const clock = new FakeClock();
    const health = new Health(clock);
    const channels = ["a", "b", "c", "d"].map((name) => channel(name));
    const blocked = (upTo: number) => plan(channels.slice(0, upTo), want, health, Math.random).blocked;
    health.failure("file:a#0", "m", "no_model");
    clock.advance(299_000);
    expect(blocked(1)).toEqual({ reason: "no_model", retryInMs: 1_000, cure: "none" });
    health.failure("file:b#0", "m", "auth");
    expect(blocked(2)).toEqual({ reason: "auth", retryInMs: 600_000, cure: "operator" });
    health.failure("file:c#0", "m", "rate_limited", 30_000);
    health.failure("file:d#0", "m", "overloaded", 20_000);
    expect(blocked(4)).toEqual({ reason: "overloaded", retryInMs: 20_000, cure: "time" });
  });

  test("an endpoint with a health of its own takes nothing from the model's, but a bad credential is bad for both", () => {
    const health = new Health(new FakeClock());
    const ids = (more: object): string[] => plan([channel("a")], { ...want, ...more }, health, Math.random).targets.map((target) => target.id);
    health.failure("file:a#0", "m count_tokens", "no_model");
    expect(ids({ healthModel: "m count_tokens" })).toEqual([]);
    expect(ids({})).toEqual(["file:a#0"]);
    health.failure("file:a#0", "m count_tokens", "auth");
    expect(ids({})).toEqual([]);
  });

  test("a fault of the request says nothing about the channel", () => {
    const health = new Health(new FakeClock());
    for (let i = 0; i < 50; i += 1) health.failure("file:a#0", "m", "caller");
    expect(health.availability("file:a#0", "m")).toEqual({ state: "closed" });
  });
});

test("V44: when everything fails, retries stay a share of the traffic", () => {
  const budget = new RetryBudget();
  let retries = 0;
  for (let request = 0; request < 1_000; request += 1) {
    budget.firstAttempt();
    for (let attempt = 0; attempt < 5; attempt += 1) if (budget.retry()) retries += 1;
  }
  expect(retries).toBeLessThanOrEqual(260);
});
