/**
 * How long counting the prompt tokens of the longest text holds the event loop, in milliseconds, as JSON on the last line: `npm run bench` runs it. The least of several rounds: what another process takes from this one is not ours.
 */
import { COUNTER_LIMITS, TokenCounter } from "./token-counter.ts";

const ROUNDS = 5;
const SENTENCES = { prose: "The quick brown fox jumps over the lazy dog. ", chinese: "敏捷的棕色狐狸跳过了懒狗。" };

async function heldMs(counter: TokenCounter, sentence: string): Promise<number> {
  const text = sentence.repeat(COUNTER_LIMITS.charactersMax / sentence.length);
  const held: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    const counting = counter.countTokens(1, { model: "gpt-4o", stream: false, messages: [{ role: "user", parts: [{ type: "text", text }] }] });
    let longest = performance.now() - began;
    let turn = performance.now();
    const watch = setInterval(() => {
      longest = Math.max(longest, performance.now() - turn - 1);
      turn = performance.now();
    }, 1);
    await counting;
    clearInterval(watch);
    held.push(longest);
  }
  return Math.min(...held);
}

const counter = new TokenCounter({ jobMs: 120_000, waitMs: 120_000 });
await heldMs(counter, "started ");
const told = { prose: await heldMs(counter, SENTENCES.prose), chinese: await heldMs(counter, SENTENCES.chinese) };
counter.close();
process.stdout.write(`${JSON.stringify(told)}\n`);
