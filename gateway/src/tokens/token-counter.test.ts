import { afterAll, describe, expect, test } from "bun:test";
import type { CanonicalRequest } from "../dialects/canonical/request.ts";
import { COUNTER_LIMITS, TokenCounter } from "./token-counter.ts";

const counter = new TokenCounter({ jobMs: 120_000, waitMs: 120_000 });
afterAll(() => counter.close());

const asking = (text: string, model = "gpt-4o"): CanonicalRequest => ({ model, stream: false, messages: [{ role: "user", parts: [{ type: "text", text }] }] });
/** Tokens around one message and before the answer. */
const AROUND = 7;
const tokensOf = async (text: string, model?: string): Promise<number> => (await counter.countTokens(1, asking(text, model))).tokens - AROUND;

describe("counts of OpenAI's cookbook", () => {
  test.each([
    ["antidisestablishmentarianism", 6, 6], ["2 + 2 = 4", 7, 7], ["お誕生日おめでとう", 8, 9],
  ])("%s", async (text, o200k, cl100k) => {
    expect(await tokensOf(text, "gpt-4o")).toBe(o200k);
    expect(await tokensOf(text, "gpt-4-turbo")).toBe(cl100k);
  });

  test("the example conversation: 124 tokens with GPT-4o, 129 with GPT-4", async () => {
    const message = (role: "system" | "user", text: string, name?: string): CanonicalRequest["messages"][number] => ({ role, parts: [{ type: "text", text }], ...(name === undefined ? {} : { name }) });
    const messages = [
      message("system", "You are a helpful, pattern-following assistant that translates corporate jargon into plain English."),
      message("system", "New synergies will help drive top-line growth.", "example_user"),
      message("system", "Things working well together will increase revenue.", "example_assistant"),
      message("system", "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.", "example_user"),
      message("system", "Let's talk later when we're less busy about how to do better.", "example_assistant"),
      message("user", "This late pivot means we don't have time to boil the ocean for the client deliverable."),
    ];
    expect(await counter.countTokens(1, { model: "gpt-4o", stream: false, messages })).toEqual({ tokens: 124, estimated: true });
    expect(await counter.countTokens(1, { model: "x", stream: false, messages }, "gpt-4")).toEqual({ tokens: 129, estimated: true });
  });
});

test("what looks like a control token is text", async () => expect(await tokensOf("<|endoftext|>")).toBe(7));

test("texts that the tokenizer alone would need minutes for", async () => {
  const began = performance.now();
  for (const unit of ["a", "中文字符测试", " ", "!", "😀", "\u0301"]) expect(await tokensOf(unit.repeat(100_000 / unit.length))).toBeGreaterThan(500);
  expect(performance.now() - began).toBeLessThan(60_000);
});

test("the greatest length that the worker gets; how long that holds the event loop is measured by the bench", async () => {
  for (const sentence of ["The quick brown fox jumps over the lazy dog. ", "敏捷的棕色狐狸跳过了懒狗。"]) expect(await tokensOf(sentence.repeat(COUNTER_LIMITS.charactersMax / sentence.length))).toBeGreaterThan(100_000);
});

describe("estimated by bytes instead", () => {
  const bytes = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4) + AROUND;

  test("a text beyond the limit, at once", async () => {
    const text = "word ".repeat(200_001);
    expect(await counter.countTokens(1, asking(text))).toEqual({ tokens: bytes(text), estimated: true });
    expect(counter.pending).toBe(0);
  });

  test("more requests than may wait; those that wait are counted", async () => {
    const small = new TokenCounter({ queueMax: 2, jobMs: 120_000, waitMs: 120_000 });
    const text = "antidisestablishmentarianism";
    const all = await Promise.all(Array.from({ length: 5 }, () => small.countTokens(1, asking(text))));
    expect(all.map(({ tokens }) => tokens)).toEqual([6 + AROUND, 6 + AROUND, 6 + AROUND, bytes(text), bytes(text)]);
    small.close();
  });

  test("who waits too long for its turn, while the one before it is counted", async () => {
    const slow = new TokenCounter({ waitMs: 1, jobMs: 120_000 });
    const text = "antidisestablishmentarianism";
    const [first, second] = await Promise.all([slow.countTokens(1, asking(text)), slow.countTokens(1, asking(text))]);
    expect([first?.tokens, second?.tokens]).toEqual([6 + AROUND, bytes(text)]);
    slow.close();
  });

  test("a worker that is late is ended, and all that waits is estimated, as it is after the end", async () => {
    const hurried = new TokenCounter({ jobMs: 1 });
    const text = "antidisestablishmentarianism";
    const [first, second] = await Promise.all([hurried.countTokens(1, asking(text)), hurried.countTokens(1, asking(text))]);
    expect([first?.tokens, second?.tokens]).toEqual([bytes(text), bytes(text)]);
    hurried.close();
    expect((await hurried.countTokens(1, asking(text))).tokens).toBe(bytes(text));
  });

  test("closing answers all that wait", async () => {
    const closing = new TokenCounter();
    const counts = [closing.countTokens(1, asking("a b c d")), closing.countTokens(1, asking("a b c d"))];
    closing.close();
    for (const { tokens } of await Promise.all(counts)) expect(tokens).toBe(2 + AROUND);
  });

  test("an idle worker is ended and started anew", async () => {
    const lazy = new TokenCounter({ idleMs: 5, jobMs: 120_000 });
    for (let n = 0; n < 2; n += 1) {
      expect((await lazy.countTokens(1, asking("2 + 2 = 4"))).tokens).toBe(7 + AROUND);
      await Bun.sleep(30);
    }
    lazy.close();
  });
});
