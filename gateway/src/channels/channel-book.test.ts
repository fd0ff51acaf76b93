import { describe, expect, test } from "bun:test";
import { FakeClock } from "../clock/fake-clock.ts";
import { type Channel, channelId, DEFAULT_TIMEOUTS } from "./channel.ts";
import { ChannelBook } from "./channel-book.ts";

const channel = (source: Channel["source"], name: string, more: Partial<Channel> = {}): Channel => ({
  id: channelId(source, name), name, source, vendor: "openai", baseUrl: "http://x", credentials: ["k"], models: undefined, modelMapping: {}, groups: undefined,
  priority: 0, weight: 1, timeouts: DEFAULT_TIMEOUTS, proxy: undefined, enabled: true, simulated: false, servesLive: true, ...more,
});
const simulator = (vendor: string, servesLive = false): Channel => channel("sandbox", `sandbox-${vendor}`, { vendor, simulated: true, servesLive, priority: -1_000 });
const bookWith = (...sandbox: Channel[]): ChannelBook => {
  const book = new ChannelBook(new FakeClock(), () => 0.5);
  book.setSandbox(sandbox);
  return book;
};
const reached = (book: ChannelBook, sandbox: boolean, vendor = "openai"): string[] =>
  book
    .plan({ model: "m", vendor, dialect: vendor === "openai" ? "openai-chat" : "gemini", group: { name: "default", channels: "*" }, sandbox })
    .targets.map((target) => target.channel.name);

describe("a simulator stands in for a vendor only while no real channel has it", () => {
  test("a channel added to the database takes live keys from the simulator at once, and for good when it is disabled", () => {
    const book = bookWith(simulator("openai"), simulator("gemini"));
    expect(reached(book, false)).toEqual(["sandbox-openai"]);
    book.changed(1, channel("database", "real"));
    expect(reached(book, false)).toEqual(["real"]);
    // Off is not gone: a live key gets an error, never an answer that nobody thought and somebody pays.
    book.changed(1, channel("database", "real", { enabled: false }));
    expect(reached(book, false)).toEqual([]);
    expect(book.offers({ id: "m", vendor: "openai" }, { name: "default", channels: "*" }, false)).toBe(false);
    expect(reached(book, true)).toEqual(["sandbox-openai"]);
    expect(reached(book, false, "gemini")).toEqual(["sandbox-gemini"]);
    book.changed(1, undefined);
    expect(reached(book, false)).toEqual(["sandbox-openai"]);
  });

  test("the same for channels of the settings and for a reload of the database, in any order", () => {
    const book = bookWith(simulator("openai"));
    book.setFixed([channel("file", "a")]);
    expect(reached(book, false)).toEqual(["a"]);
    book.setFixed([]);
    expect(reached(book, false)).toEqual(["sandbox-openai"]);
    book.setStored(new Map([[1, channel("database", "b")]]));
    book.setSandbox([simulator("openai")]);
    expect(reached(book, false)).toEqual(["b"]);
  });

  test("a sandbox that is on serves live keys beside real channels, behind them", () => {
    const book = bookWith(simulator("openai", true));
    book.changed(1, channel("database", "real"));
    expect(reached(book, false)).toEqual(["real", "sandbox-openai"]);
  });

  test("V03: a test key never reaches a real channel", () => {
    const book = bookWith();
    book.setFixed([channel("file", "real")]);
    expect(reached(book, true)).toEqual([]);
  });
});

test("a changed channel begins with a clean health; the others keep theirs", () => {
  const book = bookWith();
  book.setFixed([channel("file", "a")]);
  book.setStored(new Map([[1, channel("database", "a")]]));
  for (const id of ["file:a#0", "database:a#0"]) book.health.failure(id, "m", "auth");
  expect(reached(book, false)).toEqual([]);
  book.changed(1, channel("database", "a"));
  expect(book.health.openCircuits().map((circuit) => circuit.target)).toEqual(["file:a#0"]);
});
