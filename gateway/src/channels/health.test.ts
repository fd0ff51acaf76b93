import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FakeClock } from "../clock/fake-clock.ts";
import { Health, UNWATCHED } from "./health.ts";

const MODEL = "m";
const KINDS = ["caller", "auth", "no_balance", "rate_limited", "overloaded", "server", "no_model", "denied", "network", "timeout"] as const;
function healthy(): { clock: FakeClock; health: Health } {
  const clock = new FakeClock();
  return { clock, health: new Health(clock) };
}
const fail = (health: Health, times: number, kind: (typeof KINDS)[number], target = "file:a#0"): void => {
  for (let i = 0; i < times; i += 1) health.failure(target, MODEL, kind);
};

describe("what takes out what", () => {
  test.each(["auth", "no_balance"] as const)("%s: the credential, for all its models, 10 minutes long", (kind) => {
    const { clock, health } = healthy();
    fail(health, 1, kind);
    expect(health.availability("file:a#0", "other")).toMatchObject({ state: "open", reason: kind, retryInMs: 600_000 });
    expect(health.availability("file:a#1", MODEL)).toEqual({ state: "closed" });
    clock.advance(600_001);
    expect(health.availability("file:a#0", "other")).toEqual({ state: "trial" });
  });

  test("no_model: the model at that credential, and nothing else", () => {
    const { health } = healthy();
    fail(health, 1, "no_model");
    expect(health.availability("file:a#0", MODEL)).toMatchObject({ state: "open", reason: "no_model", retryInMs: 300_000 });
    expect(health.availability("file:a#0", "other")).toEqual({ state: "closed" });
  });

  test("F17: rate_limited: as long as the vendor asks, two seconds if it does not, never above ten minutes", () => {
    for (const [asked, ms] of [[undefined, 2_000], [1_500, 1_500], [86_400_000, 600_000]] as const) {
      const { health } = healthy();
      health.failure("file:a#0", MODEL, "rate_limited", asked);
      expect(health.availability("file:a#0", MODEL)).toMatchObject({ state: "open", retryInMs: ms });
    }
  });

  test.each(["auth", "no_balance", "rate_limited", "server"] as const)("F17: %s: an attempt that was under way before says nothing of the pause: its success does not end it", (kind) => {
    const { clock, health } = healthy();
    health.begin("file:a#0", MODEL);
    for (let i = 0; i < 5; i += 1) health.failure("file:a#0", MODEL, kind, kind === "rate_limited" ? 60_000 : undefined);
    health.success("file:a#0", MODEL);
    expect(health.availability("file:a#0", MODEL)).toMatchObject({ state: "open", reason: kind });
    clock.advance(600_001);
    health.begin("file:a#0", MODEL);
    health.success("file:a#0", MODEL);
    expect(health.availability("file:a#0", MODEL)).toEqual({ state: "closed" });
  });

  test.each(["server", "overloaded", "network", "timeout"] as const)("F16: %s: the fifth in a row, and a success begins the count anew", (kind) => {
    const { health } = healthy();
    fail(health, 4, kind);
    health.success("file:a#0", MODEL);
    fail(health, 4, kind);
    expect(health.availability("file:a#0", MODEL)).toEqual({ state: "closed" });
    fail(health, 1, kind);
    expect(health.availability("file:a#0", MODEL)).toMatchObject({ state: "open", reason: kind, retryInMs: 5_000 });
  });

  test("denied: a 403 of unknown reason takes no credential out; many in a row pause that model for five seconds, never longer", () => {
    const { clock, health } = healthy();
    fail(health, 4, "denied");
    expect(health.availability("file:a#0", MODEL)).toEqual({ state: "closed" });
    fail(health, 1, "denied");
    for (let trial = 0; trial < 10; trial += 1) {
      expect(health.availability("file:a#0", MODEL)).toMatchObject({ state: "open", retryInMs: 5_000 });
      expect(health.availability("file:a#0", "other")).toEqual({ state: "closed" });
      clock.advance(5_001);
      health.begin("file:a#0", MODEL);
      fail(health, 1, "denied");
    }
  });

  test("a vendor's Retry-After on an overload opens at once", () => {
    const { health } = healthy();
    health.failure("file:a#0", MODEL, "overloaded", 20_000);
    expect(health.availability("file:a#0", MODEL)).toMatchObject({ state: "open", retryInMs: 20_000 });
  });
});

describe("trials", () => {
  test("F16: after the pause one request tries, the others wait for its word; a trial that says nothing blocks two minutes at most", () => {
    const { clock, health } = healthy();
    fail(health, 5, "server");
    clock.advance(5_001);
    health.begin("file:a#0", MODEL);
    expect(health.availability("file:a#0", MODEL)).toMatchObject({ state: "open" });
    clock.advance(120_000);
    expect(health.availability("file:a#0", MODEL)).toEqual({ state: "trial" });
  });

  test("a trial whose caller left leaves the place to the next", () => {
    const { clock, health } = healthy();
    fail(health, 5, "server");
    clock.advance(5_001);
    health.begin("file:a#0", MODEL);
    health.neutral("file:a#0", MODEL);
    expect(health.availability("file:a#0", MODEL)).toEqual({ state: "trial" });
  });

  test("F16: failed trials double the pause up to five minutes, and a good one forgets all", () => {
    const { clock, health } = healthy();
    fail(health, 5, "timeout");
    const pauses: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      const now = health.availability("file:a#0", MODEL);
      pauses.push(now.state === "open" ? now.retryInMs : 0);
      clock.advance((pauses.at(-1) ?? 0) + 1);
      health.begin("file:a#0", MODEL);
      fail(health, 1, "timeout");
    }
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
    clock.advance(300_001);
    health.begin("file:a#0", MODEL);
    health.success("file:a#0", MODEL);
    expect(health.openCircuits()).toEqual([]);
    fail(health, 4, "timeout");
    expect(health.availability("file:a#0", MODEL)).toEqual({ state: "closed" });
  });
});

test("an unwatched target is always there and leaves no trace", () => {
  const { health } = healthy();
  for (const kind of KINDS) fail(health, 10, kind, UNWATCHED);
  health.begin(UNWATCHED, MODEL);
  expect(health.availability(UNWATCHED, MODEL)).toEqual({ state: "closed" });
  expect(health.openCircuits()).toEqual([]);
});

test("forgetting a channel forgets its credentials and models, and no channel whose name begins alike", () => {
  const { health } = healthy();
  for (const target of ["file:a#0", "file:a#1", "file:ab#0", "database:a#0"]) fail(health, 1, "auth", target);
  health.forget("file:a");
  expect(health.openCircuits().map((circuit) => circuit.target)).toEqual(["file:ab#0", "database:a#0"]);
});

test("F16: whatever happens, every target may be tried again within ten minutes", () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constantFrom(...KINDS), after: fc.option(fc.integer({ min: 0, max: 10_000_000 }), { nil: undefined }) }),
    fc.constantFrom("begin" as const, "success" as const, "neutral" as const),
    fc.integer({ min: 1, max: 400_000 }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const { clock, health } = healthy();
      for (const what of events) {
        if (typeof what === "number") clock.advance(what);
        else if (typeof what === "object") health.failure("file:a#0", MODEL, what.kind, what.after);
        else health[what]("file:a#0", MODEL);
      }
      clock.advance(600_001);
      return health.availability("file:a#0", MODEL).state !== "open";
    }),
  );
});
